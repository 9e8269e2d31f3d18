//! A request to look behind anonymity: what is asked, and where it can stand.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::choices;
use super::super::words::{Words, blank_is_none};
use crate::clock::Time;
use crate::ids::{CaseId, DisclosureId};

choices! {
    /// What there is to see.
    #[schema(as = DisclosureAsk)]
    Ask {
        Posts = "posts", "The other posts of whoever wrote this one";
        AgeBand = "age_band", "Their age band";
        Area = "area", "Their area, where they gave one";
    }
}

/// A request to look behind anonymity.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DisclosureRequest)]
pub struct Request {
    /// The case about a post of the young person.
    #[schema(value_type = String)]
    pub case_id: CaseId,
    /// What is asked for; no more is shown.
    pub asks: Vec<Ask>,
    /// Why.
    #[schema(value_type = String, max_length = 2000)]
    pub reason: Words<2000>,
    /// Who will be told: a police force, a council's social care.
    #[schema(value_type = String, max_length = 200)]
    pub recipient: Words<200>,
    /// What the recipient calls it: an incident or referral number.
    #[serde(default, deserialize_with = "blank_is_none")]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub reference: Option<Words<200>>,
    /// Why nothing less will do.
    #[schema(value_type = String, max_length = 2000)]
    pub necessity: Words<2000>,
}

/// Whether the young person was told that somebody looked.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DisclosureTold)]
pub struct Told {
    /// Whether they were.
    pub told: bool,
    /// How and by whom; or why not.
    #[schema(value_type = String, max_length = 2000)]
    pub words: Words<2000>,
}

/// The answer of the second person.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DisclosureAnswer)]
pub struct Answer {
    /// Whether they agree.
    pub approve: bool,
}

choices! {
    /// Where a request stands.
    #[schema(as = DisclosureState)]
    State {
        Requested = "requested", "Waits for a second person";
        Approved = "approved", "Agreed: it can be looked, once";
        Refused = "refused", "Refused";
        Expired = "expired", "Ran out";
        Looked = "looked", "Looked: was the young person told?";
        Complete = "complete", "Complete";
    }
}

/// A request, and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Disclosure {
    /// Names the request.
    #[schema(value_type = String)]
    pub id: DisclosureId,
    /// Where it stands.
    pub state: State,
    /// The name of whoever asks.
    pub requested_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Time,
    /// Until when the next step can be taken, where one runs out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Time>,
    /// What is asked for, and why.
    pub request: Request,
    /// The name of the second person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<String>,
    /// When they answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<Time>,
    /// When it was looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub looked_at: Option<Time>,
    /// Whether the young person was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
    /// Whether it is the asker's own.
    #[serde(skip)]
    pub own: bool,
}
