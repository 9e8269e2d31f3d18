//! The queue: which cases wait, how many of each kind, and which a filter leaves out.

mod store;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) use store::list;
pub use store::{Tally, Urgent, tally, urgent};

use super::cases::CaseState;
use crate::ids::StaffId;
use crate::staff::Member;
use crate::triage::{Level, Queue, Topic};

/// Which cases are wanted; undecided ones where no state is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Only this queue.
    pub queue: Option<Queue>,
    /// Only this level.
    pub level: Option<Level>,
    /// Only cases in this state.
    pub state: Option<CaseState>,
    /// Only cases about a post with this topic.
    pub topic: Option<Topic>,
    /// Only cases that are with somebody, or with nobody.
    pub with: Option<With>,
    /// Only cases past their deadline, or only those before it.
    pub breached: Option<bool>,
}

/// With whom a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum With {
    /// Claimed by this member of staff, or assigned to them and claimed by nobody else.
    Member(StaffId),
    /// Neither claimed by anybody nor assigned to anybody.
    Nobody,
}

/// With whom a case is, as a member of staff says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WithWhom {
    /// With whoever asks.
    Me,
    /// With nobody.
    Nobody,
}

impl WithWhom {
    /// What it means when this member says it.
    pub fn said_by(self, member: &Member) -> With {
        match self {
            WithWhom::Me => With::Member(member.id),
            WithWhom::Nobody => With::Nobody,
        }
    }
}
