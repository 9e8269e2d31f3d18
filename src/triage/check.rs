//! The packs' own tests: every example, and disguises of every hit, through the whole pipeline.

use std::fmt;

use serde::Serialize;

use super::Level;
use super::composite::Quiet;
use super::disguise::disguises;
use super::engine::{Engine, Examined, Finding};
use super::pack::{HitTable, MissTable};
use super::rule::{Rule, RuleId};
use super::second_opinion;

/// What a pack holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackFacts {
    /// Its file.
    pub file: String,
    /// Rules that act.
    pub live: usize,
    /// Rules that are recorded only.
    pub shadow: usize,
    /// Building blocks.
    pub parts: usize,
    /// Hits and misses.
    pub examples: usize,
}

/// What each pack holds, in the order of their files.
pub(super) fn packs(engine: &Engine) -> Vec<PackFacts> {
    let files = engine.sources().iter().map(|(file, _)| file);
    let files = files.filter(|file| *file != second_opinion::FILE);
    let of_pack = |file: &String| {
        let rules: Vec<&Rule> = (engine.rules().iter())
            .filter(|rule| rule.file == *file)
            .collect();
        let count = |counts: fn(&&&Rule) -> bool| rules.iter().filter(counts).count();
        PackFacts {
            file: file.clone(),
            live: count(|rule| rule.live && !rule.part),
            shadow: count(|rule| !rule.live && !rule.part),
            parts: count(|rule| rule.part),
            examples: (rules.iter())
                .map(|rule| rule.hits.len() + rule.misses.len())
                .sum(),
        }
    };
    files.map(of_pack).collect()
}

/// An example that did not go as its pack says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExampleFailure {
    /// The pack's file.
    pub file: String,
    /// The rule whose example it is.
    pub rule: String,
    /// The text that was tried.
    pub text: String,
    /// What was expected, and what came.
    pub problem: String,
}

impl fmt::Display for ExampleFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ExampleFailure {
            file,
            rule,
            text,
            problem,
        } = self;
        write!(f, "{file}: {rule}: {text:?}: {problem}")
    }
}

/// Runs every example of every rule that is loaded.
pub(super) fn check(engine: &Engine) -> Vec<ExampleFailure> {
    let mut failures = Vec::new();
    for (id, rule) in engine.rules().iter().enumerate() {
        let mut fail = |text: &str, problem: String| {
            failures.push(ExampleFailure {
                file: rule.file.clone(),
                rule: rule.id.clone(),
                text: text.to_owned(),
                problem,
            });
        };
        for hit in &rule.hits {
            match check_hit(engine, id, hit) {
                Err(problem) => fail(&hit.text, problem),
                Ok(found) => {
                    for (name, text) in disguises(&hit.text, found.place.span, rule.fold) {
                        let level = hit.level.unwrap_or(rule.level);
                        let examined = engine.examine(&text);
                        if !hits(&examined, id).any(|found| found.outcome.level == level) {
                            fail(&text, format!("not seen through this disguise ({name})"));
                        }
                    }
                }
            }
        }
        for miss in &rule.misses {
            if let Err(problem) = check_miss(engine, id, miss) {
                fail(&miss.text, problem);
            }
        }
    }
    failures
}

/// The matches that count as this rule's.
fn hits(examined: &Examined, rule: RuleId) -> impl Iterator<Item = &Finding> {
    examined
        .findings
        .iter()
        .filter(move |found| found.outcome.rule == rule && !found.outcome.dropped)
}

fn check_hit(engine: &Engine, id: RuleId, hit: &HitTable) -> Result<Finding, String> {
    let rule = &engine.rules()[id];
    let examined = engine.examine(&hit.text);
    let level = hit.level.unwrap_or(rule.level);
    if hits(&examined, id).next().is_none() {
        let own: Vec<&Finding> = examined
            .findings
            .iter()
            .filter(|found| found.source == id)
            .collect();
        return Err(match own.first() {
            Some(found) => format!(
                "it matched, and was turned away by {}",
                acting(engine, found)
            ),
            None => why_not(&examined, id).map_or_else(
                || format!("no match; others: {}", others(engine, &examined)),
                |quiet| format!("no match, because of `{quiet}`"),
            ),
        });
    }
    let Some(first) = hits(&examined, id).find(|found| found.outcome.level == level) else {
        let levels: Vec<String> = hits(&examined, id)
            .map(|found| format!("{} by {}", found.outcome.level, acting(engine, found)))
            .collect();
        return Err(format!("wanted at {level}, came at {}", levels.join(", ")));
    };
    let Some(wanted) = &hit.span else {
        return Ok(*first);
    };
    let text_of = |found: &Finding| -> String {
        let span = found.place.span;
        hit.text
            .chars()
            .skip(span.from)
            .take(span.to - span.from)
            .collect()
    };
    hits(&examined, id)
        .find(|found| text_of(found) == *wanted)
        .copied()
        .ok_or_else(|| {
            let spans: Vec<String> = hits(&examined, id).map(text_of).collect();
            format!("wanted the span {wanted:?}, came {spans:?}")
        })
}

fn check_miss(engine: &Engine, id: RuleId, miss: &MissTable) -> Result<(), String> {
    let rule = &engine.rules()[id];
    let examined = engine.examine(&miss.text);
    let own: Vec<&Finding> = examined
        .findings
        .iter()
        .filter(|found| found.source == id)
        .collect();
    let quiet = why_not(&examined, id);
    match miss.by.as_str() {
        "no-match" => match own.first() {
            None if quiet.is_none() => Ok(()),
            None => Err(format!(
                "quiet, but because of `{}`",
                quiet.unwrap_or_default()
            )),
            Some(found) => Err(format!(
                "matched {:?} at {} (contexts: {})",
                miss.text
                    .chars()
                    .skip(found.place.span.from)
                    .take(found.place.span.to - found.place.span.from)
                    .collect::<String>(),
                found.outcome.level,
                acting(engine, found)
            )),
        },
        "none" | "within" => match (own.first(), quiet) {
            (None, Some(quiet)) if quiet == miss.by => Ok(()),
            (None, quiet) => Err(format!(
                "quiet, but because of {}",
                quiet.unwrap_or("no match")
            )),
            (Some(found), _) => Err(format!("it matched, at {}", found.outcome.level)),
        },
        name => {
            let Some(context) = engine
                .context_names()
                .iter()
                .position(|known| known == name)
            else {
                return Err(format!("`by` names no context: `{name}`"));
            };
            let listed = rule
                .effects
                .iter()
                .position(|(listed, _)| *listed == context);
            let Some(bit) = listed else {
                return Err(format!("this rule does not list the context `{name}`"));
            };
            if own.is_empty() {
                return Err(format!("nothing matched, so `{name}` turned nothing away"));
            }
            match own.iter().find(|found| found.acting.all() & 1 << bit == 0) {
                None => Ok(()),
                Some(found) => Err(format!(
                    "a match at {} was not touched by `{name}` (contexts: {})",
                    found.outcome.level,
                    acting(engine, found)
                )),
            }
        }
    }
}

fn why_not(examined: &Examined, id: RuleId) -> Option<&'static str> {
    examined
        .quiet
        .iter()
        .find(|(rule, _)| *rule == id)
        .map(|(_, quiet)| match quiet {
            Quiet::Vetoed => "none",
            Quiet::TooFar => "within",
        })
}

fn acting(engine: &Engine, found: &Finding) -> String {
    let names: Vec<String> = engine.acted(found).map(|context| context.name).collect();
    if names.is_empty() {
        "no context".to_owned()
    } else {
        names.join(", ")
    }
}

fn others(engine: &Engine, examined: &Examined) -> String {
    let rule = |found: &Finding| -> &Rule { &engine.rules()[found.outcome.rule] };
    let names: Vec<&str> = (examined.findings.iter())
        .filter(|found| found.outcome.level >= Level::Green)
        .map(|found| rule(found).id.as_str())
        .collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
