//! Making a decision about many cases, one after the other.

use super::{Bulk, ItemState, is_grave, made, store};
use crate::clock::Time;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{BulkId, CaseId};
use crate::moderation::store::CaseRow;
use crate::moderation::{claims, decide};
use crate::posts::{self, Posts};
use crate::staff::Member;

/// Cases that are read at once.
const BATCH: i64 = 25;

/// It stopped before its end: what is left can be gone on with.
#[derive(Debug)]
pub struct Broken(pub Error);

/// Decides about every case that is left: claims it, decides it, and notes what became of it. A
/// case that cannot be decided any more is skipped. Whoever calls it twice at once decides about
/// nothing twice.
///
/// # Errors
/// Where the database does not play along; what is done is done.
pub async fn carry_out(posts: &Posts, member: &Member, bulk: &Bulk) -> Result<(), Broken> {
    loop {
        let waiting = store::items(&posts.db, bulk.id, Some(ItemState::Waiting), BATCH).await;
        let waiting = waiting.map_err(|error| Broken(error.into()))?;
        if waiting.is_empty() {
            return Ok(());
        }
        for item in waiting {
            match one(posts, member, bulk, item.case_id).await {
                Ok(()) => {}
                Err(error) => match why_skipped(&error) {
                    Some(why) => skip(posts, bulk.id, item.case_id, &why).await?,
                    None => return Err(Broken(error)),
                },
            }
        }
    }
}

async fn one(posts: &Posts, member: &Member, bulk: &Bulk, case: CaseId) -> Result<()> {
    claims::claim(posts, member, case).await?;
    let decision = made(bulk.decision, bulk.reason.clone(), Some(bulk.id));
    if let Err(error) = decide::decide(posts, member, case, decision).await {
        // Nobody works on it now. Where it cannot be given back, the claim ends by itself.
        let released = claims::release(posts, member, case).await;
        released.map(|_| ()).unwrap_or_default();
        return Err(error);
    }
    Ok(())
}

/// What is said of a case that is skipped; `None` where the whole breaks off.
fn why_skipped(error: &Error) -> Option<String> {
    match error {
        Error::Conflict(why) => Some(why.to_string()),
        Error::NotFound => Some("The post is gone.".into()),
        Error::Forbidden => Some("It waits for a lead.".into()),
        _ => None,
    }
}

async fn skip(posts: &Posts, bulk: BulkId, case: CaseId, why: &str) -> Result<(), Broken> {
    let skipped = async {
        let mut tx = posts.db.begin().await?;
        store::skip(&mut tx, bulk, case, why).await?;
        tx.commit().await
    };
    skipped.await.map_err(|error| Broken(error.into()))
}

/// Notes, in the transaction of a decision, that it is a part of one about many, and how the post
/// was before.
///
/// # Errors
/// A conflict where the case is not as it was looked at.
pub async fn decided(
    tx: &mut Tx,
    bulk: BulkId,
    case: &CaseRow,
    before: &posts::Row,
    now: Time,
) -> Result<()> {
    if is_grave(case.level.0.max(before.level.0)) {
        return Err(Error::Conflict("It is red or crisis now.".into()));
    }
    if store::is_reported_since(tx, bulk, case.id).await? {
        return Err(Error::Conflict("Somebody has reported it since.".into()));
    }
    let revision = (case.id, case.revision);
    match store::note_done(tx, bulk, revision, before, now).await? {
        true => Ok(()),
        false => Err(Error::Conflict(
            "The words have changed since you looked.".into(),
        )),
    }
}
