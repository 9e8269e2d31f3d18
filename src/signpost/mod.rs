//! Signposts: the services matched to a post, each with the reasons for it.
//!
//! Support is always there: whatever the post, the person and the hour, the services hold a
//! national one that is open day and night, and a way to text or chat day and night. Nothing
//! here reads the database or the clock: the same question has the same answer.

mod matching;
mod reasons;
mod words;

use std::ops::RangeInclusive;

use serde::Serialize;
use utoipa::ToSchema;

pub use words::{UrgentOption, urgent, while_waiting};

use crate::accounts::Account;
use crate::clock::Time;
use crate::directory::{Service, Snapshot};
use crate::triage::{Level, Topic};

/// The person who looks for support, as far as they have said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// The ages, in years, that they may have: their age band.
    pub ages: RangeInclusive<u8>,
    /// The GSS code of their area. One that does not exist counts as none.
    pub area: Option<String>,
    /// Their own words for their gender.
    pub gender: Option<String>,
}

impl From<&Account> for Asker {
    fn from(account: &Account) -> Asker {
        Asker {
            ages: account.age_band.ages(),
            area: account.area.clone(),
            gender: account.gender.clone(),
        }
    }
}

/// Who looks at the post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Its author, who may know its level.
    Author,
    /// Anybody else. Nothing they see depends on the level.
    Other,
}

/// The support that goes with a post.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Support {
    /// How serious triage thought it; for its author alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// A few kind words.
    pub message: &'static str,
    /// People to turn to at once, in a fixed order.
    pub urgent: &'static [UrgentOption],
    /// Services for this post and this person, the best first; at most six.
    pub services: Vec<Match>,
}

/// A service that suits a post and a person.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Match {
    /// The service.
    pub service: Service,
    /// Why it is here, in plain words.
    #[schema(example = json!(["Helps with being bullied", "Open now", "Free to call"]))]
    pub why: Vec<String>,
    /// Whether it is surely open now, by at least one way.
    pub open_now: bool,
    /// Whether the person can ask us to pass their details on to it.
    pub handoff: bool,
}

/// The support for a post about `topics` that triage gave `level`, for `asker`, at `now`.
pub fn support(
    snapshot: &Snapshot,
    asker: &Asker,
    topics: &[Topic],
    level: Level,
    audience: Audience,
    now: Time,
) -> Support {
    let serious = level >= Level::Red;
    // Others see what they would see beside any post about the same topics.
    let (level, serious, at_once) = match audience {
        Audience::Author => (Some(level), serious, serious),
        Audience::Other => (None, false, true),
    };
    Support {
        level,
        message: words::message(level.unwrap_or_default(), audience),
        urgent: if at_once { urgent() } else { &[] },
        services: matching::services(snapshot, asker, topics, serious, now),
    }
}

#[cfg(test)]
mod tests;
