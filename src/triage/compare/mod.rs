//! Two verdicts about one text: what differs, and which rules it is owed to.
//!
//! [`Change`] is what somebody would notice: the level, the topics, the concerns, what becomes of
//! the text; [`Tally`] counts it over many texts. [`differences`] is every last letter.

mod tally;

use std::fmt;

use serde::Serialize;
use serde_json::Value;

pub use tally::{Alerts, Counted, Tally, Totals};

use super::{Concern, Level, Moderation, Policy, RuleMatch, Topic, Treatment, Verdict};

/// What becomes of a text, level and concerns together, while moderators are at work and only
/// what is flagged waits for them. Ordered by how strict it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is published.
    Publish,
    /// It is published, and what is personal in it is hidden.
    Mask,
    /// It is published, and a person looks at it.
    Review,
    /// Nobody but its author sees it until a person has looked at it.
    Hold,
    /// It is declined unread; no shipped policy does that.
    Decline,
}

impl Action {
    /// What a policy does with a text for the sake of its verdict alone: the hours, and a policy
    /// that lets everything wait, would hide what the rules change.
    pub fn of(policy: &Policy, verdict: &Verdict) -> Action {
        let moderation = policy.moderation(verdict);
        match policy.level_action(verdict.level).max(moderation.into()) {
            Treatment::Publish if moderation == Moderation::Mask => Action::Mask,
            Treatment::Publish => Action::Publish,
            Treatment::Review => Action::Review,
            Treatment::Hold => Action::Hold,
            Treatment::Decline { .. } => Action::Decline,
        }
    }

    /// Whether the rules call a person to look at it.
    pub fn is_alert(self) -> bool {
        matches!(self, Action::Review | Action::Hold)
    }

    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Publish => "publish",
            Action::Mask => "mask",
            Action::Review => "review",
            Action::Hold => "hold",
            Action::Decline => "decline",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something before, and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Turn<T> {
    /// Before.
    pub from: T,
    /// After.
    pub to: T,
}

impl<T: PartialEq> Turn<T> {
    /// Whether it is another.
    pub fn is_turn(&self) -> bool {
        self.from != self.to
    }
}

impl<T: fmt::Display> fmt::Display for Turn<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}", self.from, self.to)
    }
}

/// What came, and what went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exchange<T> {
    /// What is there only after.
    pub gained: Vec<T>,
    /// What was there only before.
    pub lost: Vec<T>,
}

impl<T: Copy + PartialEq> Exchange<T> {
    fn between(before: &[T], after: &[T]) -> Exchange<T> {
        let only = |these: &[T], others: &[T]| -> Vec<T> {
            let these = these.iter().filter(|one| !others.contains(one));
            these.copied().collect()
        };
        Exchange {
            gained: only(after, before),
            lost: only(before, after),
        }
    }

    /// Whether nothing came and nothing went.
    pub fn is_empty(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty()
    }
}

impl<T: fmt::Display> fmt::Display for Exchange<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signed = |sign: char| move |one: &T| format!("{sign}{one}");
        let gained = self.gained.iter().map(signed('+'));
        let all: Vec<String> = gained.chain(self.lost.iter().map(signed('-'))).collect();
        f.write_str(&all.join(" "))
    }
}

/// What somebody would notice of another verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// How much risk.
    pub level: Turn<Level>,
    /// What becomes of the text.
    pub action: Turn<Action>,
    /// What it is about.
    pub topics: Exchange<Topic>,
    /// What is wrong with it as a publication.
    pub concerns: Exchange<Concern>,
    /// Whether other parts of it are hidden.
    pub hides_other_words: bool,
    /// What matched before and not after, or not alike: the rules that the verdict was owed to.
    pub before: Vec<RuleMatch>,
    /// What matches after and did not before, or not alike.
    pub after: Vec<RuleMatch>,
}

impl Change {
    /// What changes; nothing where nobody would notice. Shadows change nothing.
    pub fn between(policy: &Policy, before: &Verdict, after: &Verdict) -> Option<Change> {
        let change = Change {
            level: Turn {
                from: before.level,
                to: after.level,
            },
            action: Turn {
                from: Action::of(policy, before),
                to: Action::of(policy, after),
            },
            topics: Exchange::between(&before.topics, &after.topics),
            concerns: Exchange::between(&before.concerns, &after.concerns),
            hides_other_words: before.masks != after.masks,
            before: responsible(before, after),
            after: responsible(after, before),
        };
        let noticed = change.level.is_turn()
            || change.action.is_turn()
            || !change.topics.is_empty()
            || !change.concerns.is_empty()
            || change.hides_other_words;
        noticed.then_some(change)
    }
}

/// The live matches of one verdict that the other does not have; all of them where both have the
/// same, and a rule says something else of them now.
fn responsible(of: &Verdict, other: &Verdict) -> Vec<RuleMatch> {
    let alike = |one: &RuleMatch, two: &RuleMatch| {
        (&one.rule, one.rev, one.span, one.level) == (&two.rule, two.rev, two.span, two.level)
    };
    let live = |verdict: &Verdict| -> Vec<RuleMatch> {
        let live = verdict.matches.iter().filter(|found| !found.shadow);
        live.cloned().collect()
    };
    let (own, others) = (live(of), live(other));
    let missing = |from: &[RuleMatch], other: &[RuleMatch]| -> Vec<RuleMatch> {
        let missing = from
            .iter()
            .filter(|one| !other.iter().any(|two| alike(one, two)));
        missing.cloned().collect()
    };
    let only = missing(&own, &others);
    match only.is_empty() && missing(&others, &own).is_empty() {
        true => own,
        false => only,
    }
}

/// One place where two values are not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where it stands, such as `matches[1].level`.
    pub at: String,
    /// What stands there before; `null` where nothing does.
    pub before: Value,
    /// What stands there after; `null` where nothing does.
    pub after: Value,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} → {}", self.at, self.before, self.after)
    }
}

/// Every place where two verdicts are not the same; none where they are, to the last letter.
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    walk("", before, after, &mut found);
    found
}

fn walk(at: &str, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    match (before, after) {
        (Value::Object(one), Value::Object(two)) => {
            let new = two.keys().filter(|key| !one.contains_key(*key));
            for key in one.keys().chain(new) {
                let at = match at {
                    "" => key.clone(),
                    at => format!("{at}.{key}"),
                };
                let side = |map: &serde_json::Map<String, Value>| map.get(key).cloned();
                let (before, after) = (side(one), side(two));
                // `null` is a value, and not the same as nothing.
                if before.is_some() != after.is_some() {
                    found.push(Difference {
                        at,
                        before: before.unwrap_or_default(),
                        after: after.unwrap_or_default(),
                    });
                } else if let (Some(before), Some(after)) = (before, after) {
                    walk(&at, &before, &after, found);
                }
            }
        }
        (Value::Array(one), Value::Array(two)) if one.len() == two.len() => {
            for (n, (before, after)) in one.iter().zip(two).enumerate() {
                walk(&format!("{at}[{n}]"), before, after, found);
            }
        }
        _ if before != after => found.push(Difference {
            at: at.to_owned(),
            before: before.clone(),
            after: after.clone(),
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::triage::Engine;

    fn engine(rules: &str) -> Engine {
        let text = format!("schema = 1\npack = 'p'\n{rules}");
        Engine::from_files(&[("p.toml", &text)]).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    fn rule(id: &str, status: &str, says: &str, words: &str) -> String {
        format!(
            "[[rule]]\nid = 'p.{id}'\nrev = 1\nstatus = '{status}'\n{says}\nwhy = 'w'\n\
             match = ['{words}']\nhit = ['{words}', '{words} a', 'a {words}']\nmiss = ['x', 'y', 'z']\n"
        )
    }

    fn change(before: &str, after: &str, text: &str) -> Option<Change> {
        let (before, after) = (engine(before).verdict(text), engine(after).verdict(text));
        Change::between(&Policy::shipped(), &before, &after)
    }

    #[test]
    fn the_rules_that_a_change_is_owed_to_are_named() {
        let amber = rule("cold", "live", "level = 'amber'", "so cold");
        let red = rule(
            "dark",
            "live",
            "level = 'red'\ntopics = ['sleep']",
            "so dark",
        );
        let both = format!("{amber}{red}");
        let change = change(&amber, &both, "so cold and so dark").unwrap();
        assert_eq!(change.level.to_string(), "amber → red");
        assert_eq!(change.action.to_string(), "review → hold");
        assert_eq!(change.topics.to_string(), "+sleep");
        assert!(change.before.is_empty(), "{change:?}");
        assert_eq!(change.after[0].rule, "p.dark");
        assert_eq!(change.after.len(), 1);
    }

    #[test]
    fn a_rule_that_says_something_else_of_the_same_words_is_named() {
        let one = rule("cold", "live", "topics = ['sleep']", "so cold");
        let two = rule("cold", "live", "topics = ['school']", "so cold");
        let change = change(&one, &two, "so cold").unwrap();
        assert_eq!(change.topics.to_string(), "+school -sleep");
        assert_eq!((change.before.len(), change.after.len()), (1, 1));
    }

    #[test]
    fn a_shadow_is_no_change() {
        let live = rule("cold", "live", "level = 'amber'", "so cold");
        let shadow = rule("dark", "shadow", "level = 'crisis'", "so dark");
        let both = format!("{live}{shadow}");
        let texts = "so cold and so dark";
        assert_eq!(change(&live, &both, texts), None);
        let matched = |rules: &str| engine(rules).verdict(texts).matches.len();
        assert_eq!((matched(&live), matched(&both)), (1, 2));
    }

    #[test]
    fn every_letter_that_differs_is_found() {
        let one = json!({ "level": "red", "matches": [{ "rev": 1, "why": "a" }], "masks": [] });
        assert_eq!(differences(&one, &one), []);
        let two = json!({ "level": "red", "matches": [{ "rev": 2, "why": "a" }], "topics": null });
        let found: Vec<String> = differences(&one, &two)
            .iter()
            .map(Difference::to_string)
            .collect();
        assert_eq!(
            found,
            [
                "masks: [] → null",
                "matches[0].rev: 1 → 2",
                "topics: null → null"
            ]
        );
    }
}
