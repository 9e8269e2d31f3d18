//! What changes over many texts, counted.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Action, Change, Exchange, Turn};
use crate::triage::{Concern, Level, Policy, RuleMatch, Topic, Verdict};

/// Something, and in how many texts it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counted<T> {
    /// What.
    pub what: T,
    /// In how many texts.
    pub texts: u64,
}

/// Texts that the rules call a person to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Alerts {
    /// Those there were.
    pub before: u64,
    /// Those there are after.
    pub after: u64,
    /// Those there are only after.
    pub extra: u64,
    /// Those there were only before.
    pub fewer: u64,
    /// The rules that the extra ones are owed to; a text counts for each of its rules.
    pub extra_by_rule: Vec<Counted<String>>,
    /// The rules that called people before and do not after; likewise.
    pub fewer_by_rule: Vec<Counted<String>>,
}

/// What changes over many texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// How many texts there are.
    pub texts: u64,
    /// Of how many somebody would notice another verdict.
    pub changed: u64,
    /// How the level changes.
    pub levels: Vec<Counted<Turn<Level>>>,
    /// How what becomes of the text changes.
    pub actions: Vec<Counted<Turn<Action>>>,
    /// Concerns that are found besides, and those that are not any more.
    pub concerns: Exchange<Counted<Concern>>,
    /// Topics likewise.
    pub topics: Exchange<Counted<Topic>>,
    /// Texts of which other parts are hidden.
    pub hides_other_words: u64,
    /// Calls to people.
    pub alerts: Alerts,
}

/// Counts what changes, text by text.
#[derive(Debug, Default)]
pub struct Tally {
    texts: u64,
    changed: u64,
    levels: BTreeMap<Turn<Level>, u64>,
    actions: BTreeMap<Turn<Action>, u64>,
    /// Gained, and lost.
    concerns: [BTreeMap<Concern, u64>; 2],
    topics: [BTreeMap<Topic, u64>; 2],
    hides_other_words: u64,
    alerts: Alerts,
    /// Extra, and fewer.
    by_rule: [BTreeMap<String, u64>; 2],
}

impl Tally {
    /// Counts one text; answers what changes of it.
    pub fn add(&mut self, policy: &Policy, before: &Verdict, after: &Verdict) -> Option<Change> {
        let is_alert = |verdict| Action::of(policy, verdict).is_alert();
        let (was, is) = (is_alert(before), is_alert(after));
        let (extra, fewer) = (is && !was, was && !is);
        self.texts += 1;
        self.alerts.before += u64::from(was);
        self.alerts.after += u64::from(is);
        self.alerts.extra += u64::from(extra);
        self.alerts.fewer += u64::from(fewer);
        let change = Change::between(policy, before, after)?;
        self.changed += 1;
        if change.level.is_turn() {
            *self.levels.entry(change.level).or_default() += 1;
        }
        if change.action.is_turn() {
            *self.actions.entry(change.action).or_default() += 1;
        }
        count(&mut self.concerns, &change.concerns);
        count(&mut self.topics, &change.topics);
        self.hides_other_words += u64::from(change.hides_other_words);
        if extra {
            count_rules(&mut self.by_rule[0], &change.after);
        } else if fewer {
            count_rules(&mut self.by_rule[1], &change.before);
        }
        Some(change)
    }

    /// What was counted; of each kind the most frequent first.
    pub fn totals(self) -> Totals {
        let [extra_by_rule, fewer_by_rule] = self.by_rule.map(most_first);
        Totals {
            texts: self.texts,
            changed: self.changed,
            levels: most_first(self.levels),
            actions: most_first(self.actions),
            concerns: exchange(self.concerns),
            topics: exchange(self.topics),
            hides_other_words: self.hides_other_words,
            alerts: Alerts {
                extra_by_rule,
                fewer_by_rule,
                ..self.alerts
            },
        }
    }
}

fn count<T: Copy + Ord>(counts: &mut [BTreeMap<T, u64>; 2], exchange: &Exchange<T>) {
    for (counts, names) in counts.iter_mut().zip([&exchange.gained, &exchange.lost]) {
        for name in names {
            *counts.entry(*name).or_default() += 1;
        }
    }
}

fn count_rules(counts: &mut BTreeMap<String, u64>, matches: &[RuleMatch]) {
    let rules: BTreeSet<&String> = matches.iter().map(|found| &found.rule).collect();
    for rule in rules {
        *counts.entry(rule.clone()).or_default() += 1;
    }
}

fn exchange<T>(counts: [BTreeMap<T, u64>; 2]) -> Exchange<Counted<T>> {
    let [gained, lost] = counts.map(most_first);
    Exchange { gained, lost }
}

fn most_first<T>(counts: BTreeMap<T, u64>) -> Vec<Counted<T>> {
    let counts = counts.into_iter();
    let mut counts: Vec<Counted<T>> = counts
        .map(|(what, texts)| Counted { what, texts })
        .collect();
    counts.sort_by_key(|counted| Reverse(counted.texts));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::Engine;

    fn engine(rules: &[(&str, &str, &str)]) -> Engine {
        let mut text = "schema = 1\npack = 'p'\n".to_owned();
        for (id, says, words) in rules {
            text += &format!(
                "[[rule]]\nid = 'p.{id}'\nrev = 1\nstatus = 'live'\n{says}\nwhy = 'w'\n\
                 match = ['{words}']\nhit = ['{words}', '{words} a', 'a {words}']\n\
                 miss = ['x', 'y', 'z']\n"
            );
        }
        Engine::from_files(&[("p.toml", &text)]).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    #[test]
    fn calls_to_people_are_owed_to_their_rules() {
        let before = engine(&[("cold", "level = 'amber'", "cold"), ("old", "", "old")]);
        let after = engine(&[
            ("cold", "topics = ['sleep']", "cold"),
            ("old", "level = 'red'", "old"),
            ("gold", "concern = 'spam'", "gold"),
        ]);
        let mut tally = Tally::default();
        for text in [
            "cold and cold",
            "old",
            "gold",
            "old gold",
            "cold gold",
            "mould",
        ] {
            let (before, after) = (before.verdict(text), after.verdict(text));
            tally.add(&Policy::shipped(), &before, &after);
        }
        let totals = tally.totals();
        assert_eq!((totals.texts, totals.changed), (6, 5));
        let counted = |counted: &[Counted<String>]| -> Vec<String> {
            let counted = counted.iter();
            counted
                .map(|one| format!("{} {}", one.what, one.texts))
                .collect()
        };
        let alerts = &totals.alerts;
        assert_eq!((alerts.before, alerts.after), (2, 4));
        assert_eq!((alerts.extra, alerts.fewer), (3, 1));
        assert_eq!(counted(&alerts.extra_by_rule), ["p.gold 2", "p.old 2"]);
        assert_eq!(counted(&alerts.fewer_by_rule), ["p.cold 1"]);
        let levels = totals.levels.iter();
        let levels: Vec<String> = levels
            .map(|one| format!("{} {}", one.what, one.texts))
            .collect();
        assert_eq!(levels, ["green → red 2", "amber → green 2"]);
        assert_eq!(totals.concerns.gained[0].texts, 3);
        assert_eq!(totals.topics.gained[0].texts, 2);
    }
}
