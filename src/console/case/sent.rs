//! The form of a decision as it was sent: what it decides, and what to show again where it cannot
//! be done.

use crate::error::{Error, Result};
use crate::moderation::{Case, Decision, Mask, Outcome};
use crate::triage::{Policy, Span, Topic};

/// The fields, in their order; each may stand there several times.
#[derive(Clone, Debug, Default)]
pub struct Sent(pub Vec<(String, String)>);

impl Sent {
    /// The first value of a field that is not empty.
    pub fn get(&self, field: &str) -> Option<&str> {
        let values = self.0.iter().filter(|(name, _)| name == field);
        let mut values = values.map(|(_, value)| value.trim());
        values.find(|value| !value.is_empty())
    }

    /// Every value of a field.
    pub fn all<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a str> {
        let fields = self.0.iter().filter(move |(name, _)| name == field);
        fields.map(|(_, value)| value.trim())
    }

    /// Whether a field has this value, among others.
    pub fn has(&self, field: &str, value: &str) -> bool {
        self.all(field).any(|one| one == value)
    }

    /// The decision. What stands in the form as it is already is no part of it.
    pub fn decision(&self, policy: &Policy, case: &Case) -> Result<Decision> {
        let outcome: Outcome = (self.get("decision"))
            .and_then(|outcome| outcome.parse().ok())
            .ok_or_else(|| Error::field("decision", "Choose what is to be done."))?;
        let mut decision = Decision::new(outcome);
        let owned = |field: &str| self.get(field).map(str::to_owned);
        decision.note = owned("note");
        decision.policy = owned("policy");
        if outcome == Outcome::Decline {
            decision.reason = owned("reason");
            let known = (decision.reason.as_deref()).and_then(|code| policy.decline_reason(code));
            for gap in known.iter().flat_map(|reason| reason.gaps()) {
                let field = gap_field(decision.reason.as_deref().unwrap_or_default(), gap);
                if let Some(words) = self.get(&field) {
                    decision.fill.insert(gap.to_owned(), words.to_owned());
                }
            }
        }
        if outcome == Outcome::Hold {
            decision.hours = number("hours", self.get("hours"))?;
        }
        if let Some(level) = self.get("level") {
            let level =
                (level.parse()).map_err(|_| Error::field("level", "Choose one of the levels."))?;
            decision.level = Some(level).filter(|level| *level != case.level);
        }
        if self.get("topics_shown").is_some() {
            let topics: Result<Vec<Topic>, _> = self.all("topics").map(str::parse).collect();
            let mut topics =
                topics.map_err(|_| Error::field("topics", "Choose from the topics."))?;
            topics.sort();
            decision.topics = Some(topics).filter(|topics| *topics != case.topics);
        }
        decision.mask = self.mask()?;
        Ok(decision)
    }

    fn mask(&self) -> Result<Option<Mask>> {
        let spans: Result<Vec<Span>> = self.all("mask_span").map(span).collect();
        let words = self.all("mask_words").flat_map(str::lines);
        let mask = Mask {
            found: self.get("mask_found").is_some(),
            spans: spans?,
            words: words
                .map(|words| words.trim().to_owned())
                .filter(|w| !w.is_empty())
                .collect(),
        };
        let is_empty = !mask.found && mask.spans.is_empty() && mask.words.is_empty();
        Ok((!is_empty).then_some(mask))
    }
}

/// The field with the words for a gap in the message of a reason.
pub fn gap_field(reason: &str, gap: &str) -> String {
    format!("fill_{reason}_{gap}")
}

fn number(field: &str, value: Option<&str>) -> Result<Option<u32>> {
    let number = value.map(str::parse).transpose();
    number.map_err(|_| Error::field(field, "Expected a number."))
}

fn span(text: &str) -> Result<Span> {
    let parts = text.split_once('-');
    let span = parts.and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?).into()));
    span.ok_or_else(|| Error::field("mask_span", "Expected places in the text."))
}
