//! What the public is told of moderation, once a year is over: how much there was to look at, how
//! soon people looked, what they took down and why, and what became of appeals.
//!
//! Nobody can be found in it. A count under ten is not told, nor one from which such a count could
//! be worked out; and all of it is made from cases and the record of staff acts, which stay when
//! somebody leaves, so that the same page read twice does not tell who left in between.

mod page;
mod routes;
mod suppression;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use utoipa::ToSchema;

pub use routes::routes;
use suppression::{FEWEST, suppress};

use crate::audit;
use crate::clock::{Clock, Time};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::figures::{self, PastCase, Tally};
use crate::moderation::Outcome;
use crate::period::Period;
use crate::triage::{Level, Policy, Queue};

/// A page that was made is shown for so long: anybody may ask for it, as often as they like.
const FRESH: Duration = Duration::from_secs(3_600);
/// Lines of the record that are read at once.
const LINES: i64 = 1_000;

/// A count, where it is not too small to be told; `null` says fewer than ten, or that telling it
/// would tell another one.
pub type Count = Option<u64>;

/// What became of the cases of a level.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfLevel {
    /// The level.
    pub level: Level,
    /// About how many of the cases of the year a person decided.
    pub decided: Count,
    /// Half of these were decided within so many minutes; absent where they are too few.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_minutes: Option<i64>,
    /// At least so many of a hundred were decided in the time that the rules of this place set,
    /// in steps of five; absent where they are too few.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_time_percent: Option<u64>,
}

/// Why posts were declined.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfReason {
    /// The policy's code.
    pub reason: String,
    /// How many, in the year.
    pub declined: Count,
}

/// What the public is told of a year.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Yearly {
    /// Which.
    pub year: i16,
    /// The cases that were opened in it, the gravest first.
    pub levels: Vec<OfLevel>,
    /// What people decided: the post may be there,
    pub approved: Count,
    /// or it may not.
    pub declined: Count,
    /// Why.
    pub reasons: Vec<OfReason>,
    /// Cases that began with a report.
    pub reports: Count,
    /// Appeals that were made.
    pub appeals: Count,
    /// Appeals after which the post came back,
    pub appeals_granted: Count,
    /// and those after which it stayed down.
    pub appeals_refused: Count,
    /// Counts below this are not told.
    pub fewest: u64,
}

/// What was made of each year, and when.
type Made = HashMap<i16, (Time, Arc<Yearly>)>;

/// What the public is told. Cheap to clone.
#[derive(Clone)]
pub struct Published {
    db: Db,
    clock: Clock,
    policy: Arc<Policy>,
    made: Arc<Mutex<Made>>,
}

impl Published {
    /// Out of this database.
    pub fn new(db: Db, clock: Clock, policy: Arc<Policy>) -> Published {
        Published {
            db,
            clock,
            policy,
            made: Arc::default(),
        }
    }

    /// The years that are over and in which there was anything, the newest first.
    pub async fn years(&self) -> Result<Vec<i16>> {
        let first = figures::first_opened(&self.db).await?.map(year_of);
        let now = year_of(self.clock.now());
        Ok(first.map_or_else(Vec::new, |first| (first..now).rev().collect()))
    }

    /// A year.
    ///
    /// # Errors
    /// Not found where it is not over, or there was nothing in it or before it.
    pub async fn year(&self, year: i16) -> Result<Arc<Yearly>> {
        if !self.years().await?.contains(&year) {
            return Err(Error::NotFound);
        }
        let now = self.clock.now();
        // Whoever asks at the same time waits for the one that is made, instead of making another.
        let mut made = self.made.lock().await;
        if let Some((at, yearly)) = made.get(&year)
            && at.plus(FRESH) > now
            && *at <= now
        {
            return Ok(yearly.clone());
        }
        let yearly = Arc::new(self.make(year, now).await?);
        made.insert(year, (now, yearly.clone()));
        Ok(yearly)
    }

    async fn make(&self, year: i16, now: Time) -> Result<Yearly> {
        let period = Period::year(year)?;
        let mut levels: BTreeMap<Level, Tally> = Level::ALL.map(|l| (l, Tally::default())).into();
        let mut counted = Counted::default();
        let mut after = None;
        loop {
            let page = figures::cases(&self.db, period, after).await?;
            let Some(last) = page.last() else { break };
            after = Some((last.opened_at, last.id));
            for case in &page {
                levels.entry(case.level.0).or_default().add(case, now);
                counted.add(case);
            }
        }
        let levels: Vec<_> = (levels.into_iter().rev())
            .map(|(level, tally)| (level, tally.counts()))
            .collect();
        let decided = suppress(levels.iter().map(|(_, counts)| counts.decided));
        let levels = levels
            .into_iter()
            .zip(decided)
            .map(|((level, counts), decided)| {
                let told = decided.is_some();
                let all = counts.decided + counts.waiting;
                OfLevel {
                    level,
                    decided,
                    median_minutes: counts.seconds.filter(|_| told).map(|s| s.p50 / 60),
                    in_time_percent: told.then(|| (all - counts.breached) * 100 / all / 5 * 5),
                }
            });
        let [approved, declined] = pair(counted.approved, counted.declined);
        let [appeals_granted, appeals_refused] = pair(counted.granted, counted.refused);
        Ok(Yearly {
            year,
            levels: levels.collect(),
            approved,
            declined,
            reasons: self.reasons(period).await?,
            reports: told(counted.reports),
            appeals: told(counted.appeals),
            appeals_granted,
            appeals_refused,
            fewest: FEWEST,
        })
    }

    /// Why posts were declined in a period, by the last decision about each case.
    async fn reasons(&self, period: Period) -> Result<Vec<OfReason>> {
        let codes = self
            .policy
            .decline_reasons()
            .iter()
            .map(|reason| &reason.code);
        let mut reasons: BTreeMap<String, u64> = codes.map(|code| (code.clone(), 0)).collect();
        let mut seen = HashSet::new();
        let mut filter = audit::Filter {
            action: Some("case.".into()),
            period: Some(period),
            ..Default::default()
        };
        loop {
            let lines = audit::search(&self.db, &filter, LINES).await?;
            let Some(last) = lines.last() else { break };
            filter.before = Some(last.seq);
            for line in lines {
                let decides = matches!(line.action.as_str(), "case.decide" | "case.undo");
                if decides && seen.insert(line.subject) && line.action == "case.decide" {
                    let details = serde_json::from_str(&line.details);
                    if let Ok(Details {
                        decision: Outcome::Decline,
                        reason: Some(reason),
                    }) = details
                    {
                        *reasons.entry(reason).or_default() += 1;
                    }
                }
            }
        }
        let told = suppress(reasons.values().copied());
        let of_reason = |(reason, declined)| OfReason { reason, declined };
        Ok(reasons.into_keys().zip(told).map(of_reason).collect())
    }
}

/// As much of a line of the record as is needed here.
#[derive(Deserialize)]
struct Details {
    decision: Outcome,
    reason: Option<String>,
}

#[derive(Default)]
struct Counted {
    approved: u64,
    declined: u64,
    reports: u64,
    appeals: u64,
    granted: u64,
    refused: u64,
}

impl Counted {
    fn add(&mut self, case: &PastCase) {
        let is = |decision: &str| u64::from(case.decision.as_deref() == Some(decision));
        let (approved, declined) = (is("approve"), is("decline"));
        if case.queue.0 == Queue::Appeals {
            self.appeals += 1;
            self.granted += approved;
            self.refused += declined;
        } else {
            self.reports += u64::from(case.queue.0 == Queue::Reports);
            self.approved += approved;
            self.declined += declined;
        }
    }
}

/// Two counts whose sum may be known.
fn pair(a: u64, b: u64) -> [Count; 2] {
    let told = suppress([a, b].into_iter());
    [told[0], told[1]]
}

fn told(count: u64) -> Count {
    (count >= FEWEST).then_some(count)
}

fn year_of(time: Time) -> i16 {
    time.in_utc().year()
}
