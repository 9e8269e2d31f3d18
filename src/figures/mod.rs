//! How moderation does: response times, deadlines, appeals, agreement, and what each rule raised.
//!
//! A figure is about the cases that were opened in a period, as they stand now. None is about a
//! member of staff, and there never is one: people who are counted by the case decide quickly
//! instead of well. A share or a percentile of fewer than five is not made.

mod agreement;
mod csv;
mod routes;
mod share;
mod store;
mod tally;

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

pub use agreement::Agreement;
pub use csv::{Table, csv};
pub use routes::routes;
pub use share::{FEWEST, Percentiles, Share};
pub use store::{PastCase, cases, first_opened};
pub use tally::{Counts, Tally};

use crate::clock::Time;
use crate::db::Db;
use crate::hindsight::{self, Window};
use crate::period::{self, Period};
use crate::posts::Posts;
use crate::triage::{Level, Queue};

/// A period longer than this is told week by week.
const DAY_BY_DAY: i64 = 35;

/// What became of the cases of a level, in a queue or in all.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfCases {
    /// The queue; absent where it is all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<Queue>,
    /// The level.
    pub level: Level,
    /// What became of them.
    #[serde(flatten)]
    pub counts: Counts,
}

/// What became of the cases that were opened on one day, or in the week that begins with it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Step {
    /// The day.
    #[schema(example = "2026-01-20")]
    pub day: String,
    /// How many were opened of each level: green, amber, red, crisis.
    pub by_level: [u64; 4],
    /// What became of them.
    #[serde(flatten)]
    pub counts: Counts,
}

/// What became of appeals.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct Appeals {
    /// How many were made.
    pub made: u64,
    /// How many of these are decided.
    pub decided: u64,
    /// In how many the post came back.
    pub overturned: u64,
    /// The share that came back of those that are decided; absent where these are too few.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
}

/// What one rule raised, and how often people agreed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfRule {
    /// Its id.
    pub rule: String,
    /// Whether it was a shadow.
    pub shadow: bool,
    /// Posts that it matched.
    pub posts: u64,
    /// Of these, those about which a person decided.
    pub decided: u64,
    /// Of these, those that were declined or escalated.
    pub agreed: u64,
    /// The share of the two; absent where too few are decided, or there is nothing to agree with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Share>,
}

/// The figures of a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Figures {
    /// From then on.
    #[schema(value_type = String, format = DateTime)]
    pub from: Time,
    /// Until just before then.
    #[schema(value_type = String, format = DateTime)]
    pub until: Time,
    /// As things stood then.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Time,
    /// How many days each step has: 1 or 7.
    pub days_in_a_step: i64,
    /// All cases by their level, the gravest first.
    pub levels: Vec<OfCases>,
    /// The cases of each queue, by their level; those without any are missing.
    pub queues: Vec<OfCases>,
    /// Day by day, or week by week.
    pub steps: Vec<Step>,
    /// Appeals.
    pub appeals: Appeals,
    /// How often two who decided about the same text, each without seeing the other's decision,
    /// agreed; absent where nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Agreement>,
}

/// All figures of a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct All {
    /// All but those of the rules.
    #[serde(flatten)]
    pub figures: Figures,
    /// What each rule raised, those that raised most first.
    pub rules: Vec<OfRule>,
}

/// The figures of a period, as things stand at `now`.
pub async fn figures(db: &Db, period: Period, now: Time) -> sqlx::Result<Figures> {
    let days_in_a_step = if period.days() > DAY_BY_DAY { 7 } else { 1 };
    let mut levels: BTreeMap<Level, Tally> = Level::ALL.map(|l| (l, Tally::default())).into();
    let mut queues: BTreeMap<(Queue, Level), Tally> = BTreeMap::new();
    let mut steps: Vec<(Time, [u64; 4], Tally)> = (period.each_day())
        .step_by(days_in_a_step as usize)
        .map(|day| (day, [0; 4], Tally::default()))
        .collect();
    let mut appeals = Appeals::default();
    let mut after = None;
    loop {
        let page = store::cases(db, period, after).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.opened_at, last.id));
        for case in &page {
            let level = case.level.0;
            levels.entry(level).or_default().add(case, now);
            queues
                .entry((case.queue.0, level))
                .or_default()
                .add(case, now);
            let step = (case.opened_at.day() - period.from.day()) / days_in_a_step;
            if let Some((_, by_level, tally)) = steps.get_mut(step as usize) {
                by_level[level as usize] += 1;
                tally.add(case, now);
            }
            if case.queue.0 == Queue::Appeals {
                appeals.add(case);
            }
        }
    }
    appeals.share = Share::of(appeals.overturned, appeals.decided);
    let of_level = |(level, tally): (Level, Tally)| OfCases {
        queue: None,
        level,
        counts: tally.counts(),
    };
    let of_queue = |((queue, level), tally): ((Queue, Level), Tally)| OfCases {
        queue: Some(queue),
        level,
        counts: tally.counts(),
    };
    let step = |(day, by_level, tally): (Time, [u64; 4], Tally)| Step {
        day: period::date(day),
        by_level,
        counts: tally.counts(),
    };
    Ok(Figures {
        from: period.from,
        until: period.until,
        as_of: now,
        days_in_a_step,
        levels: levels.into_iter().rev().map(of_level).collect(),
        queues: queues.into_iter().map(of_queue).collect(),
        steps: steps.into_iter().map(step).collect(),
        appeals,
        agreement: agreement::agreement(db, period).await?,
    })
}

impl Appeals {
    fn add(&mut self, case: &PastCase) {
        self.made += 1;
        let decided = case.decided_at.is_some() && !case.is_erased();
        self.decided += u64::from(decided);
        self.overturned += u64::from(case.decision.as_deref() == Some("approve"));
    }
}

/// What each rule raised in a period, those that raised most first.
pub async fn rules(posts: &Posts, period: Period) -> sqlx::Result<Vec<OfRule>> {
    let window = Window {
        since: period.from,
        until: Time::from_micros(period.until.micros() - 1),
    };
    let stats = hindsight::stats(&posts.db, window, &posts.rules.engine()).await?;
    let of_rule = |rule: hindsight::RuleStats| {
        let agreed = rule.declined + rule.escalated;
        OfRule {
            agreement: (rule.agreement).and_then(|_| Share::of(agreed, rule.decided)),
            rule: rule.rule,
            shadow: rule.shadow,
            posts: rule.posts,
            decided: rule.decided,
            agreed,
        }
    };
    Ok(stats.rules.into_iter().map(of_rule).collect())
}
