//! One shift: how much it held, whether a break is due, and until when red and crisis wait.

use std::time::Duration;

use super::store::{Rest, Seen};
use crate::clock::Time;
use crate::ids::CaseId;
use crate::triage::Care;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// What one member of staff has had to read in this shift, and their breaks.
#[derive(Clone, Debug)]
pub struct Shift<'a> {
    pub(super) care: &'a Care,
    pub(super) now: Time,
    /// In the order in which it was read.
    pub(super) seen: Vec<Seen>,
    pub(super) rest: Rest,
}

impl Shift<'_> {
    /// Since when they are on a break.
    pub fn on_break_since(&self) -> Option<Time> {
        self.rest.began_at
    }

    /// When the break that they are on will have lasted.
    pub fn break_until(&self) -> Option<Time> {
        let began = self.rest.began_at?;
        Some(began.plus(self.care.rest()))
    }

    /// Points since their last break; the case that ended it counts.
    pub fn since_break(&self) -> u32 {
        let has_lasted = self.break_until().is_some_and(|until| until <= self.now);
        let rested = match has_lasted {
            true => Some(self.now),
            false => self.rest.rested_at,
        };
        let since = |seen: &&Seen| rested.is_none_or(|rested| seen.seen_at >= rested);
        self.seen.iter().filter(since).map(Seen::points).sum()
    }

    /// Points in this shift.
    pub fn in_shift(&self) -> u32 {
        self.seen.iter().map(Seen::points).sum()
    }

    /// Points in each hour of the shift, the present one last.
    pub fn by_hour(&self) -> Vec<u32> {
        let hours = self.care.shift().as_secs().div_ceil(HOUR.as_secs());
        let mut by_hour = vec![0; usize::try_from(hours).unwrap_or_default()];
        for seen in &self.seen {
            let ago = self.now.micros().saturating_sub(seen.seen_at.micros());
            let hours_ago = usize::try_from(ago / 3_600_000_000).unwrap_or_default();
            if let Some(hour) = by_hour.iter_mut().rev().nth(hours_ago) {
                *hour += seen.points();
            }
        }
        by_hour
    }

    /// Whether it is time to offer a break.
    pub fn break_is_due(&self) -> bool {
        self.since_break() >= self.care.offer_break_at
    }

    /// Until when red and crisis wait for them: the end of a break that begins now, where they
    /// are on none.
    pub fn closed_until(&self) -> Option<Time> {
        self.after_break().max(self.after_shift())
    }

    /// Whether it is the shift that is full: no break makes it longer.
    pub fn is_over(&self) -> bool {
        self.after_shift().is_some()
    }

    fn after_break(&self) -> Option<Time> {
        let due = self.since_break() >= self.care.require_break_at;
        let began = self.rest.began_at.unwrap_or(self.now);
        due.then(|| began.plus(self.care.rest()))
    }

    fn after_shift(&self) -> Option<Time> {
        let mut left = self.in_shift();
        if left < self.care.shift_points {
            return None;
        }
        // The shift is counted back from any moment: what was read first falls out of it first.
        self.seen.iter().find_map(|seen| {
            left -= seen.points();
            (left < self.care.shift_points).then(|| seen.seen_at.plus(self.care.shift()))
        })
    }

    pub(super) fn has_seen(&self, case: CaseId) -> bool {
        self.seen.iter().any(|seen| seen.case_id == case)
    }
}

/// How it stands with breaks when somebody goes on working.
pub(super) fn ended(rest: Rest, care: &Care, now: Time) -> Rest {
    let has_lasted = (rest.began_at).is_some_and(|began| began.plus(care.rest()) <= now);
    Rest {
        began_at: None,
        rested_at: if has_lasted {
            Some(now)
        } else {
            rest.rested_at
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::Policy;

    const NOW: i64 = 1_768_924_800_000_000;

    fn at(minutes: i64) -> Time {
        Time::from_micros(NOW + minutes * 60_000_000)
    }

    /// Somebody who has read so many points at each of these minutes from now.
    fn shift<'a>(care: &'a Care, read: &[(i64, u32)], rest: Rest) -> Shift<'a> {
        let seen = read.iter();
        Shift {
            care,
            now: at(0),
            seen: seen
                .map(|(m, p)| Seen::new(CaseId::random(), at(*m), *p))
                .collect(),
            rest,
        }
    }

    fn rest(began: Option<i64>, rested: Option<i64>) -> Rest {
        Rest {
            began_at: began.map(at),
            rested_at: rested.map(at),
        }
    }

    #[test]
    fn a_break_is_offered_and_then_required() {
        let policy = Policy::shipped();
        let care = policy.care();
        let read = |points| shift(care, &[(-30, points)], Rest::default());
        assert!(!read(39).break_is_due());
        assert!(read(40).break_is_due() && read(40).closed_until().is_none());
        assert_eq!(read(60).closed_until(), Some(at(10)));
        let resting = shift(care, &[(-30, 60)], rest(Some(-4), None));
        assert_eq!(resting.closed_until(), Some(at(6)));
        let rested = shift(care, &[(-30, 60)], rest(Some(-10), None));
        assert_eq!((rested.closed_until(), rested.since_break()), (None, 0));
        let again = shift(
            care,
            &[(-30, 60), (-10, 8), (-5, 51)],
            rest(None, Some(-10)),
        );
        assert_eq!((again.closed_until(), again.since_break()), (None, 59));
    }

    #[test]
    fn a_full_shift_is_over_until_enough_of_it_is_long_ago() {
        let policy = Policy::shipped();
        let care = policy.care();
        let read = [(-470, 8), (-400, 8), (-300, 104)];
        let full = shift(care, &read, rest(None, Some(-1)));
        assert!(full.is_over());
        assert_eq!(full.closed_until(), Some(at(10)));
        let fuller = shift(
            care,
            &[(-470, 8), (-400, 8), (-300, 112)],
            rest(None, Some(-1)),
        );
        assert_eq!(fuller.closed_until(), Some(at(80)));
        assert_eq!(fuller.by_hour(), [8, 8, 112, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_break_that_is_broken_off_counts_for_nothing() {
        let policy = Policy::shipped();
        let (care, short) = (policy.care(), rest(Some(-9), Some(-100)));
        assert_eq!(ended(short, care, at(0)), rest(None, Some(-100)));
        assert_eq!(ended(short, care, at(1)), rest(None, Some(1)));
        assert_eq!(ended(Rest::default(), care, at(1)), Rest::default());
    }
}
