//! What triage says of a text.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::work;
use super::{Concern, Level, Topic};

/// Of one rule, so many matches are reported.
const MOST_MATCHES: usize = 8;

/// A stretch of the original text, in Unicode scalar values, half-open. Serialises as `[from, to]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(usize, usize)", into = "(usize, usize)")]
pub struct Span {
    /// The first character.
    pub from: usize,
    /// One past the last character.
    pub to: usize,
}

impl Span {
    pub(super) fn overlaps(self, other: Span) -> bool {
        self.from < other.to && other.from < self.to
    }

    pub(super) fn join(self, other: Span) -> Span {
        Span {
            from: self.from.min(other.from),
            to: self.to.max(other.to),
        }
    }
}

impl From<(usize, usize)> for Span {
    fn from((from, to): (usize, usize)) -> Span {
        Span { from, to }
    }
}

impl From<Span> for (usize, usize) {
    fn from(span: Span) -> (usize, usize) {
        (span.from, span.to)
    }
}

/// The view of the text in which a rule matched: evidence of disguise, not of higher risk.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// As written, but for case, width, accents and invisible characters.
    V0,
    /// Look-alike letters, digits and signs read as letters.
    V1,
    /// Stretched words shortened.
    V2,
    /// Single letters joined.
    V3,
}

impl View {
    /// Every view, the most faithful first.
    pub const ALL: [View; 4] = [View::V0, View::V1, View::V2, View::V3];

    /// The name in JSON: "v0" to "v3".
    pub fn as_str(self) -> &'static str {
        match self {
            View::V0 => "v0",
            View::V1 => "v1",
            View::V2 => "v2",
            View::V3 => "v3",
        }
    }
}

/// One rule that matched, with the words that it matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleMatch {
    /// The rule's permanent id.
    pub rule: String,
    /// The rule's revision.
    pub rev: u32,
    /// What the rule says to a moderator.
    pub why: String,
    /// The words that matched.
    #[schema(value_type = [usize; 2])]
    pub span: Span,
    /// The view in which they matched.
    pub view: View,
    /// The level that this match carries, after context.
    pub level: Level,
    /// Recorded only; it changed nothing.
    pub shadow: bool,
}

/// What triage says of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verdict {
    /// The highest level of any live match.
    pub level: Level,
    /// What the text is about, in the order of [`Topic::ALL`], each once.
    pub topics: Vec<Topic>,
    /// What is wrong with it as a publication, in the order of [`Concern::ALL`], each once.
    pub concerns: Vec<Concern>,
    /// What matched, the most serious first, live and shadow.
    pub matches: Vec<RuleMatch>,
    /// What is hidden from others so that nobody can be found by it: in order, and apart. Empty
    /// where the text holds nothing personal, or something that cannot be hidden.
    #[serde(default)]
    #[schema(value_type = Vec<[usize; 2]>)]
    pub masks: Vec<Span>,
    /// The hash of the rules that said so.
    pub rules_hash: String,
}

/// What stands in a text where something was hidden.
const HIDDEN: &str = "[hidden]";

/// A text with these stretches hidden. They are in order, and apart.
pub fn masked(text: &str, masks: &[Span]) -> String {
    let mut masks = masks.iter().peekable();
    let mut shown = String::with_capacity(text.len());
    for (at, ch) in text.chars().enumerate() {
        while masks.next_if(|mask| mask.to <= at).is_some() {}
        match masks.peek() {
            Some(mask) if mask.from == at => shown.push_str(HIDDEN),
            Some(mask) if mask.from < at => {}
            _ => shown.push(ch),
        }
    }
    shown
}

/// Stretches in order, those that touch or overlap made one.
pub fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut apart: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match apart.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => apart.push(span),
        }
    }
    apart
}

/// The most serious first, of each rule no two that overlap, and not too many.
pub(super) fn worth_reporting(mut matches: Vec<RuleMatch>) -> Vec<RuleMatch> {
    matches.sort_by(|one, other| {
        let key = |found: &RuleMatch| (Reverse(found.level), found.span);
        key(one)
            .cmp(&key(other))
            .then_with(|| one.rule.cmp(&other.rule))
    });
    let mut kept: HashMap<&str, Vec<Span>> = HashMap::new();
    let worth: Vec<bool> = (matches.iter())
        .map(|found| {
            let kept = kept.entry(&found.rule).or_default();
            work::done(1 + kept.len());
            let worth =
                kept.len() < MOST_MATCHES && !kept.iter().any(|other| other.overlaps(found.span));
            if worth {
                kept.push(found.span);
            }
            worth
        })
        .collect();
    let mut worth = worth.into_iter();
    matches.retain(|_| worth.next() == Some(true));
    matches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_gone() {
        let spans = |spans: &[(usize, usize)]| joined(spans.iter().map(|s| (*s).into()).collect());
        assert_eq!(
            masked("call 07é00 now", &spans(&[(5, 10)])),
            "call [hidden] now"
        );
        assert_eq!(
            masked("abcdef", &spans(&[(4, 6), (0, 2), (1, 3)])),
            "[hidden]d[hidden]"
        );
        assert_eq!(masked("abc", &[]), "abc");
    }
}
