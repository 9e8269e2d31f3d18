//! Appeals: an author asks to have a decision looked at again.

mod judges;
mod store;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) use judges::refuse as refuse_recused;
pub use judges::{Unjudged, raise_alarm_over_appeals, unjudged};
pub use store::appeals_about;
pub(super) use store::{of_cases, recuse_alike, recused};

use super::receipts::{self, Receipt, ReceiptKind};
use crate::accounts;
use crate::bus::Nudge;
use crate::cases;
use crate::clock::Time;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{AccountId, PostId};
use crate::keys::{self, Keys};
use crate::posts::{self, PostState, Posts};
use crate::triage::Queue;

/// An appeal as it is sent.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Appeal {
    /// Why the author thinks the post is all right: 1 to 1,000 characters, for staff alone.
    #[schema(min_length = 1, max_length = 1000)]
    pub text: String,
}

/// An appeal that somebody made.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct MadeAppeal {
    /// About which post of theirs.
    #[schema(value_type = String)]
    pub post_id: PostId,
    /// In their words.
    pub text: String,
    /// When.
    #[sqlx(rename = "made_at")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
}

/// Stores an appeal and opens its case. There is one appeal for a decision; the same one again
/// answers with the same receipt.
///
/// # Errors
/// A conflict where the post is not declined, or the author has said something else already;
/// not found or forbidden where it is not theirs.
pub async fn appeal(
    posts: &Posts,
    author: AccountId,
    id: PostId,
    appeal: Appeal,
) -> Result<Receipt> {
    let row = posts.visible(author, id).await?;
    if posts.author(&row) != Some(author) {
        return Err(Error::Forbidden);
    }
    let text = posts::accept("text", &appeal.text)?;
    let post = (id, row.revision);
    let receipt = posts
        .keys
        .receipt(author, ReceiptKind::Appeal.as_str(), post);
    if let Some((earlier, case)) = store::find_appeal(&posts.db, post).await? {
        if earlier != text {
            return Err(Error::Conflict(
                "You have asked us already. A person will look.".into(),
            ));
        }
        let case = super::cases::find(&posts.db, case).await?;
        return Ok(Receipt {
            receipt,
            review_by: case.due_at,
        });
    }
    let now = posts.clock.now();
    let mut tx = posts.db.begin().await?;
    if !accounts::hold(&mut tx, author).await? {
        return Err(Error::Unauthenticated);
    }
    let row = posts::lock(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if row.state.0 != PostState::Declined {
        return Err(Error::Conflict("Nobody has taken this post down.".into()));
    }
    let level = row.level.0;
    let case = cases::open(&mut tx, &posts.policy, post, Queue::Appeals, level, now).await?;
    if !store::insert_appeal(&mut tx, post, case.id, &text, now).await? {
        return Err(Error::Conflict(
            "You have asked us already. A person will look.".into(),
        ));
    }
    store::recuse_deciders(&mut tx, case.id, id).await?;
    let hash = keys::hash_secret(&receipt);
    receipts::keep(&mut tx, &hash, ReceiptKind::Appeal, case.id).await?;
    posts::set_review_by(&mut tx, id, Some(case.due_at)).await?;
    posts.bus.commit(tx, Nudge::CasesChanged).await?;
    Ok(Receipt {
        receipt,
        review_by: case.due_at,
    })
}

/// Deletes the receipts for what an author said against decisions on a post, up to its present
/// revision.
pub async fn delete_appeal_receipts(
    tx: &mut Tx,
    keys: &Keys,
    author: AccountId,
    (post, revision): (PostId, i64),
) -> sqlx::Result<()> {
    let kind = ReceiptKind::Appeal.as_str();
    let hashes: Vec<Vec<u8>> = (1..=revision)
        .map(|revision| keys::hash_secret(&keys.receipt(author, kind, (post, revision))))
        .collect();
    receipts::delete(tx, &hashes).await
}
