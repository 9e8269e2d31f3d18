//! Access tokens that were good a moment ago, so that not each request pays for a signature and
//! for a look into the database.
//!
//! A signature stays good for as long as the token. What is known of the account is forgotten
//! as soon as any account changes, here or in a process that the bus reaches, and after
//! [`FRESH`] in any case: for as long may a process that no nudge reaches believe what was.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;

use super::Account;
use super::store::Living;
use super::tokens::Claims;
use crate::clock::Time;
use crate::keys;

/// For how long it is believed that an account is as it was.
const FRESH: Duration = Duration::from_secs(2);
/// Tokens that are remembered: some 500 bytes each.
const CAPACITY: usize = 50_000;

/// What a token is remembered by; the token itself is not kept.
pub(super) type Key = [u8; 32];

/// The key of a token.
pub(super) fn key(access_token: &str) -> Key {
    keys::secret_digest(access_token)
}

/// What is known of one token.
pub(super) struct Known {
    /// What it says.
    pub claims: Claims,
    /// Whose it is, as they were when this was read.
    pub account: Account,
    /// The day on which its family dies.
    family_ends: i64,
    read_at: Time,
    /// How often accounts had changed when this was read.
    changes: u64,
}

impl Known {
    /// Whether it need not be read again.
    pub fn is_fresh(&self, now: Time, changes: u64) -> bool {
        self.changes == changes
            && (self.read_at..self.read_at.plus(FRESH)).contains(&now)
            && self.claims.are_good_at(now)
            && now.day() < self.family_ends
    }
}

/// The tokens that are remembered.
pub(super) struct KnownTokens(Cache<Key, Arc<Known>>);

impl Default for KnownTokens {
    fn default() -> KnownTokens {
        KnownTokens(Cache::new(CAPACITY))
    }
}

impl KnownTokens {
    pub fn get(&self, key: &Key) -> Option<Arc<Known>> {
        self.0.get(key)
    }

    /// Remembers a token that is good. `read_at` and `changes` are from before it was read.
    pub fn keep(&self, key: Key, claims: Claims, living: Living, read_at: Time, changes: u64) {
        let known = Known {
            claims,
            account: living.account,
            family_ends: living.expires_on,
            read_at,
            changes,
        };
        self.0.insert(key, Arc::new(known));
    }
}
