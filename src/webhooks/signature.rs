//! The signature of a message: HMAC-SHA256 over its id, its time and its body.

use std::str::FromStr;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What a secret begins with.
const PREFIX: &str = "whsec_";
/// How many bytes a secret has.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// What the messages to one receiver are signed with. It is never printed.
pub struct Secret(Zeroizing<Vec<u8>>);

/// The text is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a secret: {PREFIX} and 24 to 64 bytes in base 64")]
pub struct BadSecret;

impl FromStr for Secret {
    type Err = BadSecret;

    fn from_str(text: &str) -> Result<Secret, BadSecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(BadSecret)?;
        let bytes = BASE64.decode(encoded.as_bytes()).map_err(|_| BadSecret)?;
        let secret = Secret(Zeroizing::new(bytes));
        match BYTES.contains(&secret.0.len()) {
            true => Ok(secret),
            false => Err(BadSecret),
        }
    }
}

impl Secret {
    /// What stands in the header `webhook-signature`.
    pub fn sign(&self, id: &str, seconds: i64, body: &str) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_signs_as_the_libraries_of_the_standard_do() {
        let secret: Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        assert_eq!(
            secret.sign(id, 1_614_265_330, r#"{"test": 2432232314}"#),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn what_is_too_short_or_no_base_64_is_no_secret() {
        for text in ["", "whsec_", "whsec_AAAA", "whsec_!!!!", "MfKQ9r8GKYqrTwjU"] {
            assert_eq!(text.parse::<Secret>().err(), Some(BadSecret), "{text}");
        }
    }
}
