//! Passwords of staff, hashed with argon2id.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use data_encoding::BASE32_NOPAD;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

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

/// The least characters of a password that somebody chooses. There is a second factor, and no rule
/// about what they have to be (NIST SP 800-63B-4, 3.1.1.2).
pub const MIN_CHARS: usize = 12;
const MAX_CHARS: usize = 256;
/// What the commonest passwords are made of: the words and runs of keys of lists that were stolen
/// and published, as far as they can make up twelve characters.
const COMMON: &str = include_str!("common_passwords.txt");

/// What is wrong with a password that somebody of this name chooses, and what would be right.
pub(super) fn fault(password: &str, name: &str) -> Option<&'static str> {
    let length = password.chars().count();
    if length < MIN_CHARS {
        return Some("Choose a password of at least 12 characters.");
    }
    if length > MAX_CHARS {
        return Some("Choose a password of at most 256 characters.");
    }
    if is_easily_guessed(password, name) {
        return Some(
            "This is among the first that anybody would try. Three or four words that do not \
             belong together are a good password.",
        );
    }
    None
}

/// Whether a password is made of the commonest ones with digits and signs around them, or of one
/// piece over and over, or of keys or letters in their order.
fn is_easily_guessed(password: &str, name: &str) -> bool {
    let password = password.to_lowercase();
    let chars: Vec<char> = password.chars().collect();
    let repeats = |period| chars.iter().zip(&chars[period..]).all(|(a, b)| a == b);
    let follows = |pair: &&[char]| (pair[0] as u32).abs_diff(pair[1] as u32) <= 1;
    let in_order = chars.windows(2).filter(follows).count();
    if (1..=chars.len() / 2).any(repeats) || in_order * 3 >= chars.len() * 2 {
        return true;
    }
    let name = name.to_lowercase();
    let own = name.split_whitespace().chain(["hearth"]);
    let words: Vec<&str> = COMMON.split_whitespace().chain(own).collect();
    let letters = |text: &str| text.replace(|c: char| !c.is_alphabetic(), "");
    let end = password.trim_end_matches(|c: char| !c.is_alphabetic());
    let without_disguise: String = (end.chars())
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            c => c,
        })
        .collect();
    [
        password.clone(),
        letters(&password),
        letters(&without_disguise),
    ]
    .iter()
    .any(|text| is_made_of(text, &words))
}

/// Whether a text is nothing but these words, one after the other.
fn is_made_of(text: &str, words: &[&str]) -> bool {
    // Where a text ends that is made of them.
    let mut ends = vec![0];
    for at in 0..text.len() {
        if ends.contains(&at) {
            let next = words.iter().filter(|word| text[at..].starts_with(**word));
            ends.extend(next.map(|word| at + word.len()));
        }
    }
    !text.is_empty() && ends.contains(&text.len())
}

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
        let password = normal(&password);
        self.run(move || hash(&password)).await
    }

    /// Whether the password is the one that was hashed. Where there is no hash it takes as
    /// long, so that the time does not tell which names exist.
    pub async fn verify(&self, password: String, hashed: Option<String>) -> Result<bool> {
        let password = normal(&password);
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

/// The same characters, however a keyboard writes them.
fn normal(password: &str) -> String {
    password.nfkc().collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anybody_would_try_first_is_refused() {
        for bad in [
            "short",
            "elevenchars",
            "password1234",
            "Password2026!",
            "P@ssw0rd!!!!!",
            "passwordpassword",
            "letmeinletmein",
            "qwertyuiop123",
            "qwerty123456",
            "123456789012",
            "1q2w3e4r5t6y",
            "aaaaaaaaaaaa",
            "ab12ab12ab12",
            "abcdefghijkl",
            "iloveyou2026",
            "Welcome12345",
            "Hearth2026!!",
            "Samantha Green 1",
            "moderator2026",
        ] {
            assert!(fault(bad, "Samantha Green").is_some(), "{bad}");
        }
        for good in [
            "otter lamp friday",
            "k4tq-x2bd-wzfm-h7ay",
            "vier Schritte zurück",
            "837261940582",
            "пароль никому не скажу",
            "the password of my cat",
        ] {
            assert_eq!(fault(good, "Samantha Green"), None, "{good}");
        }
        assert!(fault(&"otter lamp ".repeat(30), "Sam").is_some());
    }

    #[tokio::test]
    async fn a_password_is_the_same_however_a_keyboard_writes_it() {
        let hasher = Hasher::new();
        let hashed = hasher.hash("café au lait".into()).await.unwrap();
        let other = "cafe\u{301} au lait".to_owned();
        assert!(hasher.verify(other, Some(hashed)).await.unwrap());
    }
}
