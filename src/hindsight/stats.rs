//! What each rule did, and how often people agreed with it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::decided::{Decided, decided};
use super::{Past, Window, store};
use crate::clock::Time;
use crate::db::Db;
use crate::ids::PostId;
use crate::triage::{ABUSE_SIGNAL, Engine, Level, Verdict};

/// What the figures mean, in words that stand beside them.
pub const AGREEMENT: &str = "\
A rule counts once for a post, however often its words stand there.
decided:    posts that it matched about which a person decided (approve, decline or escalate),
            whatever the case was opened for. A case that was closed or erased decided nothing.
            The last decision counts, and an escalation whatever followed it but a decline.
agreement:  of these, the share that was declined or escalated.
  concern   The rule says that something is wrong with a text as a publication. The share says how
            often people found it, too.
  level     The rule says amber or more. Only posts in which it did so are counted as decided, and
            the share is the least that it can be: nobody is declined for their distress, so that
            most true alarms end as approved. A low share alone is no reason to soften a rule.
  topic     The rule only says what a text is about. There is nothing to agree with.";

/// What a rule is about, and therefore what agreeing with it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something wrong with a text as a publication.
    Concern,
    /// Risk: amber or more.
    Level,
    /// What a text is about, and no more.
    Topic,
    /// It is not loaded any more, and its matches tell of no risk.
    Unknown,
}

/// What one rule did, live or as a shadow.
#[derive(Clone, Debug, Serialize)]
pub struct RuleStats {
    /// Its id.
    pub rule: String,
    /// Whether it was a shadow when it matched.
    pub shadow: bool,
    /// What it is about.
    pub kind: Kind,
    /// Posts that it matched.
    pub posts: u64,
    /// Posts that it matched, a day.
    pub per_day: f64,
    /// Posts about which a person decided.
    pub decided: u64,
    /// Of these, approved.
    pub approved: u64,
    /// Of these, declined.
    pub declined: u64,
    /// Of these, escalated.
    pub escalated: u64,
    /// The share of the decided ones that was declined or escalated; absent where nothing is
    /// decided, or there is nothing to agree with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<f64>,
}

/// What the rules did in a window.
#[derive(Debug, Serialize)]
pub struct Stats {
    /// From then on.
    pub since: Time,
    /// Until then.
    pub until: Time,
    /// What "a day" was divided by.
    pub days: f64,
    /// Posts of which the verdict is known.
    pub posts: u64,
    /// Posts that are left out, because their words are erased, and what matched with them.
    pub erased: u64,
    /// What agreement means.
    pub agreement: &'static str,
    /// The rules that matched, those that matched most first.
    pub rules: Vec<RuleStats>,
}

#[derive(Default)]
struct Tally {
    /// The highest level that it ever matched at.
    level: Level,
    posts: u64,
    /// Decided posts: approved, declined, escalated; all of them, and those where it saw risk.
    all: [u64; 3],
    at_risk: [u64; 3],
}

/// What each rule did in a window. `named` are the rules that the settings name: they say what a
/// rule is about.
pub async fn stats(db: &Db, window: Window, named: &Engine) -> sqlx::Result<Stats> {
    let mut tallies: BTreeMap<(String, bool), Tally> = BTreeMap::new();
    let (mut posts, mut erased, mut first, mut after) = (0, 0, None, None);
    loop {
        let page = store::page(db, window, after).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.created_at, last.id));
        first = first.or(page.first().map(|post| post.created_at));
        let matched: Vec<PostId> = (page.iter())
            .filter(|post| !post.verdict.matches.is_empty())
            .map(|post| post.id)
            .collect();
        let decided = decided(db, &matched).await?;
        for Past {
            id, text, verdict, ..
        } in page
        {
            match text.is_empty() {
                true => erased += 1,
                false => {
                    posts += 1;
                    count(&mut tallies, &verdict, decided.get(&id).copied());
                }
            }
        }
    }
    let days = window.days(first);
    let mut rules: Vec<RuleStats> = (tallies.into_iter())
        .map(|((rule, shadow), tally)| tally.stats(rule, shadow, named, days))
        .collect();
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.posts));
    Ok(Stats {
        since: window.since,
        until: window.until,
        days,
        posts,
        erased,
        agreement: AGREEMENT,
        rules,
    })
}

fn count(
    tallies: &mut BTreeMap<(String, bool), Tally>,
    verdict: &Verdict,
    decided: Option<Decided>,
) {
    let mut levels: BTreeMap<(&str, bool), Level> = BTreeMap::new();
    for found in &verdict.matches {
        let level = levels.entry((&found.rule, found.shadow)).or_default();
        *level = found.level.max(*level);
    }
    for ((rule, shadow), level) in levels {
        let tally = tallies.entry((rule.to_owned(), shadow)).or_default();
        tally.posts += 1;
        tally.level = tally.level.max(level);
        if let Some(decided) = decided {
            tally.all[decided as usize] += 1;
            tally.at_risk[decided as usize] += u64::from(level >= Level::Amber);
        }
    }
}

impl Tally {
    fn stats(self, rule: String, shadow: bool, named: &Engine, days: f64) -> RuleStats {
        let kind = match named.facts(&rule) {
            _ if rule == ABUSE_SIGNAL => Kind::Concern,
            Some(facts) if facts.concern.is_some() => Kind::Concern,
            Some(facts) if facts.level >= Level::Amber => Kind::Level,
            Some(_) => Kind::Topic,
            None if self.level >= Level::Amber => Kind::Level,
            None => Kind::Unknown,
        };
        let [approved, declined, escalated] = match kind {
            Kind::Level => self.at_risk,
            _ => self.all,
        };
        let decided = approved + declined + escalated;
        let measured = decided > 0 && matches!(kind, Kind::Concern | Kind::Level);
        RuleStats {
            rule,
            shadow,
            kind,
            posts: self.posts,
            per_day: self.posts as f64 / days,
            decided,
            approved,
            declined,
            escalated,
            agreement: measured.then(|| (declined + escalated) as f64 / decided as f64),
        }
    }
}
