//! One rule, the generic cell rate algorithm: what somebody has used runs off at a steady pace,
//! and what has not run off yet must fit into the quota. All that is kept is how long it takes
//! until everything has run off.

use std::time::Duration;

/// How much somebody may do: `count` at once, and then as many again spread over `window`.
#[derive(Debug, PartialEq, Eq)]
pub struct Quota {
    /// What it is called in the headers and the figures.
    pub name: &'static str,
    /// How many requests fit.
    pub count: u32,
    /// How long it takes until all of them have run off.
    pub window: Duration,
}

impl Quota {
    pub(super) const fn new(name: &'static str, count: u32, seconds: u64) -> Quota {
        let window = Duration::from_secs(seconds);
        Quota {
            name,
            count,
            window,
        }
    }

    /// How long it takes until one request has run off.
    pub fn pace(&self) -> Duration {
        self.window / self.count
    }

    /// Counts one more request of somebody whose last ones have run off in `left`: how long it
    /// takes from then on; how long they have to wait, where it does not fit.
    pub fn admit(&self, left: Duration) -> Result<Duration, Duration> {
        // A clock that was put back must not keep anybody out for longer than a window.
        let after = left.min(self.window) + self.pace();
        match after.checked_sub(self.window) {
            None | Some(Duration::ZERO) => Ok(after),
            Some(wait) => Err(wait),
        }
    }
}

/// How somebody stands with a quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The quota.
    pub quota: &'static Quota,
    /// How long it takes until everything that they used has run off.
    pub left: Duration,
}

impl Standing {
    /// How many requests fit now.
    pub fn remaining(&self) -> u32 {
        let free = self.quota.window.saturating_sub(self.left);
        let remaining = free.as_nanos() / self.quota.pace().as_nanos();
        u32::try_from(remaining).unwrap_or(u32::MAX)
    }

    /// How long it takes until one more fits: until then, no more than [`Standing::remaining`]
    /// requests are taken.
    pub fn until_more(&self) -> Duration {
        let next = self.quota.pace() * (self.remaining() + 1);
        self.left
            .saturating_sub(self.quota.window.saturating_sub(next))
    }
}

/// Whole seconds, rounded up: who comes back then is not told to wait again.
pub fn seconds(duration: Duration) -> u64 {
    duration.as_millis().div_ceil(1_000) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    static TEN: Quota = Quota::new("ten", 10, 600);

    fn standing(left: Duration) -> Standing {
        Standing { quota: &TEN, left }
    }

    #[test]
    fn ten_fit_at_once_and_then_one_a_minute() {
        let mut left = Duration::ZERO;
        for used in 1..=10 {
            left = TEN.admit(left).unwrap();
            assert_eq!(standing(left).remaining(), 10 - used);
            assert_eq!(standing(left).until_more(), Duration::from_secs(60));
        }
        assert_eq!(TEN.admit(left), Err(Duration::from_secs(60)));
        let later = left - Duration::from_millis(59_999);
        assert_eq!(TEN.admit(later), Err(Duration::from_millis(1)));
        assert_eq!(seconds(standing(later).until_more()), 1);
        assert!(TEN.admit(left - Duration::from_secs(60)).is_ok());
    }

    #[test]
    fn a_clock_that_was_put_back_keeps_nobody_out_for_long() {
        let wait = TEN.admit(Duration::from_secs(1_000_000)).unwrap_err();
        assert_eq!(wait, Duration::from_secs(60));
    }

    proptest! {
        /// Whatever they do, over any stretch of time no more is taken than the quota and what
        /// runs off in that time; and who waits as long as they are told is taken.
        #[test]
        fn no_more_is_taken_than_fits(pauses in prop::collection::vec(0_u64..120_000, 1..200)) {
            let (mut left, mut taken, mut passed) = (Duration::ZERO, 0, Duration::ZERO);
            for pause in pauses.into_iter().map(Duration::from_millis) {
                left = left.saturating_sub(pause);
                passed += pause;
                match TEN.admit(left) {
                    Ok(after) => (left, taken) = (after, taken + 1),
                    Err(wait) => {
                        prop_assert_eq!(standing(left).remaining(), 0);
                        prop_assert_eq!(standing(left).until_more(), wait);
                        prop_assert!(TEN.admit(left.saturating_sub(wait)).is_ok());
                    }
                }
                prop_assert!(taken <= 10 + passed.as_secs() / 60);
            }
        }
    }
}
