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
