//! What people decided about posts.

use std::collections::HashMap;

use serde::Deserialize;

use super::store;
use crate::db::Db;
use crate::ids::PostId;
use crate::moderation::Outcome;

/// What people decided about one post, over all its cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It may be there.
    Approved,
    /// It may not, in the end.
    Declined,
    /// Somebody called a lead, and it was not declined in the end.
    Escalated,
}

impl Decided {
    /// Whether people did more about it than to let it be.
    pub fn is_acted_on(self) -> bool {
        self != Decided::Approved
    }
}

/// As much of a line of the record as is needed here.
#[derive(Deserialize)]
struct Details {
    decision: Outcome,
}

/// What people decided about these posts. The last decision counts, and an escalation whatever
/// came after it but a decline; what was undone, held longer, or closed because its author took the
/// post back or left, decided nothing.
pub async fn decided(db: &Db, posts: &[PostId]) -> sqlx::Result<HashMap<PostId, Decided>> {
    let mut all = HashMap::new();
    for (post, details) in store::decisions(db, posts).await? {
        let Ok(Details { decision }) = serde_json::from_str(&details) else {
            continue;
        };
        let before = all.get(&post).copied();
        let after = match (decision, before) {
            (Outcome::Close | Outcome::Hold, _) => continue,
            (Outcome::Decline, _) => Decided::Declined,
            (Outcome::Escalate, _) | (Outcome::Approve, Some(Decided::Escalated)) => {
                Decided::Escalated
            }
            (Outcome::Approve, _) => Decided::Approved,
        };
        all.insert(post, after);
    }
    Ok(all)
}
