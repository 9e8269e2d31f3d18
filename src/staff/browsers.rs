//! Browsers that are known: each has signed in as a member of staff before, and shows what it was
//! given then. It opens nothing. It only has its owner guess apart from strangers, so that no
//! stranger who guesses wrong can make the owner wait.
//!
//! These are the device cookies of OWASP's "Slow Down Online Guessing Attacks with Device
//! Cookies" (<https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies>).

use data_encoding::HEXLOWER;

use super::Staff;
use crate::keys;

/// How many days a browser is known after it was last used to sign in.
pub const KNOWN_FOR_DAYS: i64 = 180;

impl Staff {
    /// What a browser is given that has signed in under this name.
    pub fn remember_browser(&self, name: &str) -> String {
        let (day, nonce) = (self.clock.now().day(), keys::random_bytes::<16>());
        let tag = self.keys.browser_tag(name, day, &nonce);
        format!(
            "{day}.{}.{}",
            HEXLOWER.encode(&nonce),
            HEXLOWER.encode(&tag)
        )
    }

    /// What tells this browser from others, where it was given `shown` for this name.
    pub fn recognise_browser(&self, name: &str, shown: &str) -> Option<Vec<u8>> {
        let mut parts = shown.splitn(3, '.');
        let day: i64 = parts.next()?.parse().ok()?;
        let nonce = HEXLOWER.decode(parts.next()?.as_bytes()).ok()?;
        let tag = HEXLOWER.decode(parts.next()?.as_bytes()).ok()?;
        let age = self.clock.now().day().checked_sub(day)?;
        let right = tag == self.keys.browser_tag(name, day, &nonce);
        (right && age <= KNOWN_FOR_DAYS).then_some(nonce)
    }
}
