//! What other rules would have done to posts of the past.

use std::collections::BTreeMap;

use serde::Serialize;

use super::decided::{Decided, decided};
use super::{Minutes, Past, Window, store};
use crate::clock::Time;
use crate::db::Db;
use crate::ids::PostId;
use crate::triage::compare::{Action, Change, Tally, Totals};
use crate::triage::{Engine, Policy};

/// Posts that the rules let pass, that readers reported, and that people then acted on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Caught {
    /// How many there are.
    pub misses: u64,
    /// To how many of them these rules would have called a person.
    pub found: u64,
}

/// What other rules would have done.
#[derive(Debug, Serialize)]
pub struct Replay {
    /// From then on.
    pub since: Time,
    /// Until then.
    pub until: Time,
    /// What "a day" was divided by.
    pub days: f64,
    /// The rules that were tried.
    pub rules_hash: String,
    /// Posts that could not be read again, because their words are erased.
    pub erased: u64,
    /// What would have changed.
    #[serde(flatten)]
    pub totals: Totals,
    /// Posts a day to which people would have been called besides.
    pub extra_per_day: f64,
    /// Posts a day to which they would not have been called.
    pub fewer_per_day: f64,
    /// How long a person takes over a case.
    pub minutes: Minutes,
    /// Whether a person reads every post anyway, so that an alert is no more work, only sooner.
    pub everything_is_read: bool,
    /// Hours of people's work that these rules would have cost besides, in all; less than
    /// nothing where they would have spared some.
    pub hours: f64,
    /// The same, a day.
    pub hours_per_day: f64,
    /// What the rules missed, and people caught.
    pub caught: Caught,
}

/// Why posts cannot be read again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The database does not do what was asked.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// Nobody listens any more.
    #[error(transparent)]
    Output(#[from] std::io::Error),
}

/// Reads every post of a window again with the rules of `engine`; `noticed` hears of each whose
/// verdict would have been another.
///
/// What was is the stored verdict, whatever rules made it. What would have become of a post is
/// what `policy` says for its verdict alone, then and now, while moderators are at work.
///
/// # Errors
/// Where the database does not answer, or `noticed` fails.
pub async fn replay(
    db: &Db,
    window: Window,
    (engine, policy): (&Engine, &Policy),
    minutes: Minutes,
    mut noticed: impl FnMut(&Past, &Change) -> std::io::Result<()>,
) -> Result<Replay, ReplayError> {
    let (mut tally, mut caught, mut erased) = (Tally::default(), Caught::default(), 0);
    let (mut first, mut after) = (None, None);
    loop {
        let page = store::page(db, window, after).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.created_at, last.id));
        first = first.or(page.first().map(|post| post.created_at));
        let mut passed = BTreeMap::new();
        for post in &page {
            if post.text.is_empty() {
                erased += 1;
                continue;
            }
            let verdict = engine.verdict(&post.text);
            if let Some(change) = tally.add(policy, &post.verdict, &verdict) {
                noticed(post, &change)?;
            }
            if !Action::of(policy, &post.verdict).is_alert() {
                passed.insert(post.id, Action::of(policy, &verdict).is_alert());
            }
        }
        caught.add(db, passed).await?;
    }
    let (totals, days) = (tally.totals(), window.days(first));
    let everything_is_read = policy.pre_moderates_all();
    let (extra, fewer) = (totals.alerts.extra as f64, totals.alerts.fewer as f64);
    let hours = match everything_is_read {
        true => 0.0,
        false => (extra - fewer) * minutes.per_case / 60.0,
    };
    Ok(Replay {
        since: window.since,
        until: window.until,
        days,
        rules_hash: engine.rules_hash().to_owned(),
        erased,
        totals,
        extra_per_day: extra / days,
        fewer_per_day: fewer / days,
        minutes,
        everything_is_read,
        hours,
        hours_per_day: hours / days,
        caught,
    })
}

impl Caught {
    /// Adds those of the posts that the rules let pass which readers reported and people acted
    /// on. With each stands whether these rules would have called a person.
    async fn add(&mut self, db: &Db, passed: BTreeMap<PostId, bool>) -> sqlx::Result<()> {
        let ids: Vec<PostId> = passed.keys().copied().collect();
        let reported = store::reported(db, &ids).await?;
        let reported: Vec<PostId> = reported.into_iter().collect();
        for (post, decided) in decided(db, &reported).await? {
            if Decided::is_acted_on(decided) {
                self.misses += 1;
                self.found += u64::from(passed[&post]);
            }
        }
        Ok(())
    }
}
