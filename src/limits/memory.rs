//! What is counted within this process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::quota::Standing;
use super::{Count, Secret, Verdict};
use crate::clock::Time;
use crate::keys::{self, Tag};

/// Callers that are counted at the most; beyond, nobody is refused whom we do not know.
const MOST: usize = 500_000;
/// Callers below which nothing is tidied up.
const FEW: usize = 1_000;

/// When everything that a caller used has run off, by the caller's tag.
#[derive(Debug)]
pub(super) struct Memory(Mutex<Counts>);

#[derive(Debug)]
struct Counts {
    secret: Secret,
    free_at: HashMap<Tag, Time>,
    /// How many there may be before those that say nothing any more are forgotten.
    tidy_at: usize,
}

impl Memory {
    pub fn new(now: Time) -> Memory {
        Memory(Mutex::new(Counts {
            secret: Secret::random(now),
            free_at: HashMap::new(),
            tidy_at: FEW,
        }))
    }

    /// Counts one request against each quota, or against none where one of them is used up.
    pub fn count(&self, counts: &[Count<'_>], keys: &keys::Keys, now: Time) -> Verdict {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.secret.day != now.day() {
            all.secret = Secret::random(now);
        }
        let tags: Vec<Tag> = counts
            .iter()
            .map(|count| count.tag(keys, &all.secret))
            .collect();
        let left = |tag: &Tag| {
            let free_at = all.free_at.get(tag).map_or(0, |time| time.micros());
            Duration::from_micros(u64::try_from(free_at - now.micros()).unwrap_or(0))
        };
        let before: Vec<Duration> = tags.iter().map(left).collect();
        let after: Result<Vec<Duration>, Duration> = counts
            .iter()
            .zip(&before)
            .map(|(count, left)| count.quota.admit(*left))
            .collect();
        let (admitted, left) = match after {
            Ok(after) => {
                all.tidy(now);
                for (tag, left) in tags.into_iter().zip(&after) {
                    if all.free_at.len() < MOST || all.free_at.contains_key(&tag) {
                        all.free_at.insert(tag, now.plus(*left));
                    }
                }
                (true, after)
            }
            Err(_) => (false, before),
        };
        let standings = counts.iter().zip(left).map(|(count, left)| Standing {
            quota: count.quota,
            left,
        });
        Verdict {
            admitted,
            standings: standings.collect(),
        }
    }

    /// Takes back everything that these callers have used.
    pub fn forget(&self, counts: &[Count<'_>], keys: &keys::Keys) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for count in counts {
            let tag = count.tag(keys, &all.secret);
            all.free_at.remove(&tag);
        }
    }
}

impl Counts {
    /// Forgets whoever has used nothing for so long that it all ran off; seldom enough that a
    /// request pays next to nothing for it.
    fn tidy(&mut self, now: Time) {
        if self.free_at.len() >= self.tidy_at {
            self.free_at.retain(|_, free_at| *free_at > now);
            self.tidy_at = FEW.max(2 * self.free_at.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Keys;
    use crate::limits::work::Work;

    fn count(memory: &Memory, caller: &[u8], at: u64) -> Verdict {
        let quota = Work::Posting.per_person().unwrap();
        let keys = Keys::from_root([1; 32]);
        let now = Time::from_micros(0).plus(Duration::from_secs(at));
        memory.count(&[Count { quota, caller }], &keys, now)
    }

    #[test]
    fn each_caller_is_counted_alone_and_forgotten_when_it_ran_off() {
        let memory = Memory::new(Time::from_micros(0));
        for _ in 0..10 {
            assert!(count(&memory, b"mia", 0).admitted);
        }
        assert!(!count(&memory, b"mia", 59).admitted);
        assert!(count(&memory, b"mia", 60).admitted);
        assert!(count(&memory, b"tom", 60).admitted);
        for n in 0..5_000_u32 {
            count(&memory, &n.to_be_bytes(), 100 + u64::from(n) * 10);
        }
        assert!(memory.0.lock().unwrap().free_at.len() <= FEW);
    }

    #[test]
    fn at_midnight_the_secret_is_forgotten_and_the_tags_with_it() {
        let memory = Memory::new(Time::from_micros(0));
        let day = 24 * 60 * 60;
        for _ in 0..10 {
            assert!(count(&memory, b"mia", day - 1).admitted);
        }
        assert!(!count(&memory, b"mia", day - 1).admitted);
        let before = memory.0.lock().unwrap().secret.bytes.clone();
        assert!(count(&memory, b"mia", day).admitted);
        assert_ne!(before, memory.0.lock().unwrap().secret.bytes);
    }
}
