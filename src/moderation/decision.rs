//! A decision as it is sent, and what has to be right about it whatever it is about.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::mask::Mask;
use crate::error::{Error, Result};
use crate::ids::BulkId;
use crate::triage::{DeclineReason, Level, Policy, Topic};

/// The most characters that a note may have.
const MAX_NOTE: usize = 2_000;
/// The most topics that a post can be given.
const MAX_TOPICS: usize = 10;
/// The most hours for which a post can be held longer.
const MAX_HOURS: u32 = 72;

/// What a person can decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The post is live, or stays so.
    Approve,
    /// The post is taken down, or stays down, for a reason that its author is told.
    Decline,
    /// A lead has to decide.
    Escalate,
    /// Nobody but its author sees the post for some more hours; then a person looks again.
    Hold,
    /// There is nothing left to decide: the author took the post back.
    Close,
}

impl Outcome {
    /// Everything that can be decided.
    pub const ALL: [Outcome; 5] = [
        Outcome::Approve,
        Outcome::Decline,
        Outcome::Escalate,
        Outcome::Hold,
        Outcome::Close,
    ];

    /// The name in JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Approve => "approve",
            Outcome::Decline => "decline",
            Outcome::Escalate => "escalate",
            Outcome::Hold => "hold",
            Outcome::Close => "close",
        }
    }
}

impl std::str::FromStr for Outcome {
    type Err = ();
    fn from_str(name: &str) -> std::result::Result<Outcome, ()> {
        let mut all = Outcome::ALL.into_iter();
        all.find(|outcome| outcome.as_str() == name).ok_or(())
    }
}

/// A decision as it is sent. Whatever stands in it is done together, or nothing is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// What is decided.
    pub decision: Outcome,
    /// The policy's code; needed to decline.
    pub reason: Option<String>,
    /// The version of the reason's message that was read; another one is refused.
    pub version: Option<u32>,
    /// Words for the gaps in the reason's message, by their names: 1 to 200 characters each.
    #[serde(default)]
    pub fill: BTreeMap<String, String>,
    /// For the record: at most 2,000 characters, and not the young person's words.
    #[schema(max_length = 2000)]
    pub note: Option<String>,
    /// For how many hours a post is held longer: 1 to 72; needed to hold.
    #[schema(minimum = 1, maximum = 72)]
    pub hours: Option<u32>,
    /// What the post is about, in place of what was said before: at most 10.
    pub topics: Option<Vec<Topic>>,
    /// How much risk there is in it, where it is not what the rules say. A lower one than it has
    /// needs a note.
    pub level: Option<Level>,
    /// What of the words is hidden from others; only of a post that is approved.
    pub mask: Option<Mask>,
    /// The hash of the policy that was read; another one than that in force is refused.
    pub policy: Option<String>,
    /// The decision about many cases that this one is a part of.
    #[serde(skip)]
    pub bulk: Option<BulkId>,
}

impl Decision {
    /// This, and nothing more.
    pub fn new(decision: Outcome) -> Decision {
        Decision {
            decision,
            reason: None,
            version: None,
            fill: BTreeMap::new(),
            note: None,
            hours: None,
            topics: None,
            level: None,
            mask: None,
            policy: None,
            bulk: None,
        }
    }
}

/// Why a post is declined: what the policy says, and what its author is told.
#[derive(Clone, Debug)]
pub struct Reasoned {
    /// The policy's code.
    pub code: String,
    /// The version of the message.
    pub version: u32,
    /// The message, with words in all its gaps.
    pub message: String,
}

/// What the author would be told of why their post is declined, where this declines it.
///
/// # Errors
/// What is wrong with the decision, as far as it can be known without the case.
pub fn told(policy: &Policy, decision: &Decision) -> Result<Option<String>> {
    Ok(check(policy, decision)?.map(|reason| reason.message))
}

/// Checks what can be checked without the case; answers why a post is declined, where it is.
pub(super) fn check(policy: &Policy, decision: &Decision) -> Result<Option<Reasoned>> {
    check_note("note", decision.note.as_deref().unwrap_or_default())?;
    if (decision.policy.as_deref()).is_some_and(|read| read != policy.hash()) {
        return Err(Error::Conflict(
            "The policy has changed since you read it. Look at the case again.".into(),
        ));
    }
    match (decision.decision, decision.hours) {
        (Outcome::Hold, Some(1..=MAX_HOURS)) => {}
        (Outcome::Hold, _) => {
            let message = format!("Expected 1 to {MAX_HOURS}: by then a person looks again.");
            return Err(Error::field("hours", message));
        }
        (_, None) => {}
        (_, Some(_)) => return Err(Error::field("hours", "Only a hold has hours.")),
    }
    if (decision.topics.as_ref()).is_some_and(|topics| topics.len() > MAX_TOPICS) {
        let message = format!("Expected {MAX_TOPICS} at the most.");
        return Err(Error::field("topics", message));
    }
    if decision.mask.is_some() && decision.decision != Outcome::Approve {
        return Err(Error::field("mask", "Only an approved post can be masked."));
    }
    if decision.decision == Outcome::Close {
        let gone = "There is nothing left of the post to change.";
        for (field, is_there) in [
            ("topics", decision.topics.is_some()),
            ("level", decision.level.is_some()),
        ] {
            if is_there {
                return Err(Error::field(field, gone));
            }
        }
    }
    reason(policy, decision)
}

/// What the policy says of a reason to decline, which it has to know.
pub(super) fn known_reason<'a>(
    policy: &'a Policy,
    code: Option<&str>,
) -> Result<&'a DeclineReason> {
    let known = policy.decline_reason(code.unwrap_or_default());
    known.ok_or_else(|| {
        let codes: Vec<&str> = (policy.decline_reasons().iter())
            .map(|reason| reason.code.as_str())
            .collect();
        Error::field("reason", format!("Expected one of {}.", codes.join(", ")))
    })
}

fn reason(policy: &Policy, decision: &Decision) -> Result<Option<Reasoned>> {
    if decision.decision != Outcome::Decline {
        for (field, is_there) in [
            ("reason", decision.reason.is_some()),
            ("version", decision.version.is_some()),
            ("fill", !decision.fill.is_empty()),
        ] {
            if is_there {
                return Err(Error::field(field, "Only a decline has a reason."));
            }
        }
        return Ok(None);
    }
    let known = known_reason(policy, decision.reason.as_deref())?;
    if decision.version.is_some_and(|read| read != known.version) {
        let message = format!("This reason is at version {} now.", known.version);
        return Err(Error::field("version", message));
    }
    let message = (known.told(&decision.fill))
        .map_err(|unfilled| Error::field("fill", format!("In this message, {unfilled}.")))?;
    Ok(Some(Reasoned {
        code: known.code.clone(),
        version: known.version,
        message,
    }))
}

/// Refuses what staff cannot have meant to write for the record.
pub(super) fn check_note(field: &str, note: &str) -> Result<()> {
    let hidden = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if note.chars().count() > MAX_NOTE {
        let message = format!("Expected at most {MAX_NOTE} characters.");
        return Err(Error::field(field, message));
    }
    if note.contains(hidden) {
        let message = "There is a hidden sign in here that we cannot keep.";
        return Err(Error::field(field, message));
    }
    Ok(())
}
