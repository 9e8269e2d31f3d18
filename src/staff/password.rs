//! Passwords of staff, hashed with argon2id.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use data_encoding::BASE32_NOPAD;
use tokio::sync::Semaphore;

use crate::error::{Error, Result};
use crate::keys::random_bytes;

/// Each computation fills [`MEMORY_KIB`]: more at once would let sign-ins take the machine.
const AT_ONCE: usize = 2;
/// With [`PASSES`] and [`LANES`] the first choice of the OWASP Password Storage Cheat Sheet:
/// "Argon2id with a minimum configuration of 19 MiB of memory, an iteration count of 2, and
/// 1 degree of parallelism".
/// <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A new password: 80 random bits that can be read out, such as `k4tq-x2bd-wzfm-h7ay`.
pub(super) fn generate() -> String {
    let symbols = BASE32_NOPAD.encode(&random_bytes::<10>()).to_lowercase();
    let groups = symbols.as_bytes().chunks(4);
    groups
        .map(String::from_utf8_lossy)
        .collect::<Vec<_>>()
        .join("-")
}

/// Hashes and verifies, a few at a time. Cheap to clone.
#[derive(Clone)]
pub(super) struct Hasher(Arc<Semaphore>);

impl Hasher {
    pub fn new() -> Hasher {
        Hasher(Arc::new(Semaphore::new(AT_ONCE)))
    }

    /// The hash of a password, as a PHC string.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.run(move || hash(&password)).await
    }

    /// Whether the password is the one that was hashed. Where there is no hash it takes as
    /// long, so that the time does not tell which names exist.
    pub async fn verify(&self, password: String, hashed: Option<String>) -> Result<bool> {
        self.run(move || match hashed {
            Some(hashed) => {
                let hashed = PasswordHash::new(&hashed)?;
                match argon2()?.verify_password(password.as_bytes(), &hashed) {
                    Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
                    verified => verified.map(|()| true),
                }
            }
            None => hash(&password).map(|_| false),
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        compute: impl FnOnce() -> Result<T, argon2::password_hash::Error> + Send + 'static,
    ) -> Result<T> {
        let permit = Arc::clone(&self.0)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        tokio::task::spawn_blocking(move || {
            // Held by the computation, which goes on where the request is dropped.
            let _permit = permit;
            compute()
        })
        .await
        .map_err(|error| Error::Internal(error.into()))?
        .map_err(|error| Error::Internal(error.into()))
    }
}

fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    let salt = random_bytes::<16>();
    let hashed = argon2()?.hash_password_with_salt(password.as_bytes(), &salt)?;
    Ok(hashed.to_string())
}

fn argon2() -> Result<Argon2<'static>, argon2::Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}
