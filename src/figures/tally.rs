//! Counting cases.

use serde::Serialize;
use utoipa::ToSchema;

use super::share::{Percentiles, Share};
use super::store::PastCase;
use crate::clock::Time;

/// What became of some cases.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Counts {
    /// How many were opened.
    pub opened: u64,
    /// About how many of these a person has decided.
    pub decided: u64,
    /// How many of these still wait.
    pub waiting: u64,
    /// How many of these ended by themselves, because the author left.
    pub erased: u64,
    /// How long it took from opening to deciding; absent where too few are decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<Percentiles>,
    /// How many of these were decided too late, or wait and are late.
    pub breached: u64,
    /// The share of late ones among those that did not end by themselves; absent where these
    /// are too few.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breach_rate: Option<Share>,
}

/// Counts while cases are read.
#[derive(Debug, Default)]
pub struct Tally {
    counts: Counts,
    times: Vec<i64>,
}

impl Tally {
    /// Counts one case, as it stands at `now`.
    pub fn add(&mut self, case: &PastCase, now: Time) {
        let counts = &mut self.counts;
        counts.opened += 1;
        match case.decided_at {
            Some(_) if case.is_erased() => counts.erased += 1,
            Some(at) => {
                counts.decided += 1;
                counts.breached += u64::from(at > case.due_at);
                self.times.push(at.seconds() - case.opened_at.seconds());
            }
            None => {
                counts.waiting += 1;
                counts.breached += u64::from(now > case.due_at);
            }
        }
    }

    /// All that was counted.
    pub fn counts(mut self) -> Counts {
        Counts {
            seconds: Percentiles::of(&mut self.times),
            breach_rate: Share::of(
                self.counts.breached,
                self.counts.decided + self.counts.waiting,
            ),
            ..self.counts
        }
    }
}
