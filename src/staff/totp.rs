//! One-time codes of staff (RFC 6238), as every authenticator app makes them.

use totp_rs::{Algorithm, Builder, Totp};

use crate::clock::Time;
use crate::error::{Error, Result};

/// The length of a secret, in bytes: what RFC 4226 recommends.
pub(super) const SECRET_BYTES: usize = 20;

/// The step of time for which `code` is right, where it is: this one, the one before or the
/// one after, of 30 seconds each since the Unix epoch.
pub(super) fn check(secret: Vec<u8>, code: &str, now: Time) -> Result<Option<i64>> {
    let seconds = u64::try_from(now.seconds()).unwrap_or_default();
    let step = generator(secret)?.check(code, seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// What makes the codes of a secret.
pub(super) fn generator(secret: Vec<u8>) -> Result<Totp> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_skew(1)
        .with_secret(secret)
        .build()
        .map_err(|error| Error::internal(error.to_string()))
}

/// A secret as authenticator apps read it from a picture.
/// <https://github.com/google/google-authenticator/wiki/Key-Uri-Format>
pub(super) fn uri(name: &str, secret: &str) -> String {
    let mut label = String::new();
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                label.push(char::from(byte));
            }
            _ => label.push_str(&format!("%{byte:02X}")),
        }
    }
    format!(
        "otpauth://totp/Hearth:{label}?secret={secret}&issuer=Hearth&algorithm=SHA1&digits=6&period=30"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_as_a_uri_has_it() {
        let uri = uri("Zoë & Co/?", "ABC");
        assert!(uri.starts_with("otpauth://totp/Hearth:Zo%C3%AB%20%26%20Co%2F%3F?secret=ABC&"));
    }
}
