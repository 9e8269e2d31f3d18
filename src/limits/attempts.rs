//! Attempts to sign in as staff, which are slowed where they fail and lock nobody out.
//!
//! Each is counted under its name together with where it comes from: a network, or a browser that
//! has signed in under this name before. So a stranger's failures slow that stranger down, and
//! nobody who signs in from elsewhere, or from a browser of their own in the stranger's very
//! network. An attempt is counted before it is looked at, because many at once would all be looked
//! at before the first has failed; one that is right takes back what was counted.

use super::layer::{Counting, Gate};
use super::work::ATTEMPTS;
use super::{Count, Work};
use crate::error::Result;

/// An attempt that was let through.
#[must_use = "an attempt that is right has to be taken back"]
pub struct Attempt(Option<(Counting, Vec<u8>)>);

impl Gate {
    /// Counts an attempt to sign in under a name; `known_browser` is what tells a browser from
    /// others that has done so before.
    ///
    /// # Errors
    /// Too many attempts.
    pub async fn attempt(&self, name: &str, known_browser: Option<&[u8]>) -> Result<Attempt> {
        let Some(counting) = &self.0 else {
            return Ok(Attempt(None));
        };
        let network = counting.network.bytes();
        let (kind, place) = match known_browser {
            Some(browser) => (b'b', browser),
            None => (b'n', network.as_slice()),
        };
        let length = (place.len() as u64).to_be_bytes();
        let caller = [&[kind], &length[..], place, name.as_bytes()].concat();
        let mut counts = counts(&caller);
        // Who tries many names is slowed as well. The layer has counted what comes to the API.
        let counted = counting.work == Work::StaffSigningIn || known_browser.is_some();
        let of_network = Work::StaffSigningIn.per_network().filter(|_| !counted);
        counts.extend(of_network.map(|quota| Count {
            quota,
            caller: &network,
        }));
        let why = "There were many attempts to sign in from where you are.";
        counting.count(&counts, why).await?;
        Ok(Attempt(Some((counting.clone(), caller))))
    }
}

impl Attempt {
    /// It was right: whoever it was has used up nothing.
    pub async fn succeeded(self) {
        if let Some((counting, caller)) = self.0 {
            counting.limits.forget(&counts(&caller)).await;
        }
    }
}

fn counts(caller: &[u8]) -> Vec<Count<'_>> {
    ATTEMPTS
        .iter()
        .map(|quota| Count { quota, caller })
        .collect()
}
