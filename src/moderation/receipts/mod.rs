//! Receipts: what became of a report or an appeal, for whoever holds the receipt.

mod store;

use serde::Serialize;
use utoipa::ToSchema;

pub(super) use store::{delete, insert as keep};

use super::cases::CaseState;
use crate::clock::Time;
use crate::error::{Error, Result};
use crate::keys;
use crate::posts::Posts;

/// What a receipt was given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptKind {
    /// A report of somebody else's post.
    Report,
    /// An appeal against a decision on one's own.
    Appeal,
}

impl ReceiptKind {
    /// The name in JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            ReceiptKind::Report => "report",
            ReceiptKind::Appeal => "appeal",
        }
    }
}

impl std::str::FromStr for ReceiptKind {
    type Err = ();
    fn from_str(name: &str) -> std::result::Result<ReceiptKind, ()> {
        [ReceiptKind::Report, ReceiptKind::Appeal]
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or(())
    }
}

/// What one gets for a report or an appeal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Receipt {
    /// Opens `GET /v1/receipts/{receipt}`, with no token. It is worth keeping.
    pub receipt: String,
    /// By when a person looks.
    #[schema(value_type = String, format = DateTime)]
    pub review_by: Time,
}

/// What became of a report or an appeal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Progress {
    /// What it was.
    pub kind: ReceiptKind,
    /// `waiting` or `decided`.
    pub state: &'static str,
    /// By when a person looks, while one has to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub review_by: Option<Time>,
    /// `taken_down`, `kept_up` or `closed`, once a person has decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// The same in words.
    pub message: &'static str,
}

/// What became of what `receipt` was given for.
///
/// # Errors
/// Not found where the receipt is not one of ours.
pub async fn progress(posts: &Posts, receipt: &str) -> Result<Progress> {
    let hash = keys::hash_secret(receipt);
    let (kind, case) = store::find(&posts.db, &hash)
        .await?
        .ok_or(Error::NotFound)?;
    let case = super::cases::find(&posts.db, case).await?;
    let kind = kind.0;
    if case.state(posts.clock.now()) != CaseState::Decided {
        let message = match kind {
            ReceiptKind::Report => "Thank you for telling us. A person will look at it.",
            ReceiptKind::Appeal => "A person will look at your post again.",
        };
        let review_by = Some(case.due_at);
        return Ok(Progress {
            kind,
            state: "waiting",
            review_by,
            outcome: None,
            message,
        });
    }
    let (outcome, message) = match (case.decision.as_deref(), kind) {
        (Some("approve"), ReceiptKind::Report) => (
            "kept_up",
            "A person looked at it. The post can stay up. You did the right thing by telling us.",
        ),
        (Some("approve"), ReceiptKind::Appeal) => {
            ("kept_up", "A person looked again. Your post is up now.")
        }
        (Some("decline"), ReceiptKind::Report) => (
            "taken_down",
            "A person looked at it and took the post down. Thank you for telling us.",
        ),
        (Some("decline"), ReceiptKind::Appeal) => (
            "taken_down",
            "A person looked again. Your post stays down. You can still get support.",
        ),
        _ => (
            "closed",
            "The post is gone now, so there is nothing left to decide.",
        ),
    };
    Ok(Progress {
        kind,
        state: "decided",
        review_by: None,
        outcome: Some(outcome),
        message,
    })
}
