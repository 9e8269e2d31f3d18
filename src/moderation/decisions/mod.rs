//! The record of decisions: what was decided, by which policy, and how everything was before, for
//! the minute in which it can be undone.

mod store;
mod undo;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use utoipa::ToSchema;

pub use store::forget_about;
pub(super) use store::{hidden, hidden_within, of_case, undo_last};
pub use undo::undo;

use super::decision::{Outcome, Reasoned};
use super::store::CaseRow;
use crate::clock::Time;
use crate::db::{Name, Tx};
use crate::ids::{CaseId, StaffId};
use crate::posts::{Before, PostState, Posts};
use crate::triage::{Level, Queue, Span, Topic};

/// For how long a decision can be undone.
pub const UNDO_WITHIN: Duration = Duration::from_secs(60);

/// A decision that was made about a case.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Made {
    /// Counts the decisions about the case, from 1.
    pub number: i64,
    /// The revision of the post that was looked at.
    pub revision: i64,
    /// The name of who decided.
    pub decided_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub decided_at: Time,
    /// What.
    #[serde(serialize_with = "as_member")]
    #[schema(value_type = Outcome)]
    pub decision: Name<Outcome>,
    /// The policy's code, where it is a decline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The version of the reason's message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_version: Option<i64>,
    /// The hash of the policy that was in force.
    pub policy: String,
    /// How urgent the case was.
    #[serde(serialize_with = "as_member")]
    #[schema(value_type = Level)]
    pub level_before: Name<Level>,
    /// How urgent it was from then on.
    #[serde(serialize_with = "as_member")]
    #[schema(value_type = Level)]
    pub level_after: Name<Level>,
    /// What the post was about.
    #[schema(value_type = Vec<Topic>)]
    pub topics_before: Json<Vec<Topic>>,
    /// What it was about from then on.
    #[schema(value_type = Vec<Topic>)]
    pub topics_after: Json<Vec<Topic>>,
    /// By when a person looks again, where one has to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub review_by: Option<Time>,
    /// When it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub undone_at: Option<Time>,
    /// Until when it can be undone by who decided, as far as that is known now.
    #[sqlx(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub undo_until: Option<Time>,
}

fn as_member<T: Serialize, S: serde::Serializer>(
    name: &Name<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    name.0.serialize(serializer)
}

impl Made {
    /// Notes until when it can be undone, where it is the last one.
    pub(super) fn set_undo(&mut self, now: Time) {
        let until = self.decided_at.plus(UNDO_WITHIN);
        let can = self.undone_at.is_none() && self.decision.0 != Outcome::Close && now <= until;
        self.undo_until = can.then_some(until);
    }
}

/// A decision that is being made.
pub(super) struct New<'a> {
    pub case: CaseId,
    pub revision: i64,
    pub by: StaffId,
    pub at: Time,
    pub decision: Outcome,
    pub reason: Option<&'a Reasoned>,
    pub policy: &'a str,
    /// Before and after.
    pub levels: (Level, Level),
    /// Before and after.
    pub topics: (&'a [Topic], &'a [Topic]),
    pub hidden: &'a [Span],
    pub review_by: Option<Time>,
}

/// How a case was before it was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CaseBefore {
    pub state: String,
    pub queue: Queue,
    pub level: Level,
    pub due_at: Time,
}

impl From<&CaseRow> for CaseBefore {
    fn from(row: &CaseRow) -> CaseBefore {
        CaseBefore {
            state: row.stored_state().to_owned(),
            queue: row.queue.0,
            level: row.level.0,
            due_at: row.due_at,
        }
    }
}

/// How everything was before a decision, and what it left behind: whatever is not so any more
/// has changed since.
#[derive(Serialize, Deserialize)]
struct Undo {
    post: Before,
    case: CaseBefore,
    left: Left,
}

/// What a decision leaves behind.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Left {
    post: PostState,
    case: CaseBefore,
}

/// Records a decision that has just been done. `undo` is how the post was, and where it stands
/// now; how the case was, and how it is now.
pub(super) async fn record(
    tx: &mut Tx,
    posts: &Posts,
    new: New<'_>,
    undo: Option<((Before, PostState), (CaseBefore, CaseBefore))>,
) -> sqlx::Result<()> {
    let undo = undo.map(|((before, post), (case, after))| {
        let undo = Undo {
            post: before,
            case,
            left: Left { post, case: after },
        };
        let undo = serde_json::to_vec(&undo).expect("what is kept for an undo is plain JSON");
        posts.keys.seal(&undo, new.case.as_bytes())
    });
    store::keep_policy(tx, &posts.policy, new.at).await?;
    store::insert(tx, &new, undo.as_deref()).await
}

/// Forgets how things were before decisions that can no longer be undone.
pub async fn forget_undo(tx: &mut Tx, now: Time) -> sqlx::Result<()> {
    store::forget(tx, now.minus(UNDO_WITHIN)).await
}
