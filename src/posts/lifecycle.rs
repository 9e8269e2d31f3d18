//! What can become of a post after it is stored: each step with the events that tell of it.

use super::{PostState, Posts, Row, edit, store};
use crate::bus::{self, EventKind, Nudge};
use crate::cases;
use crate::clock::Time;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{AccountId, PostId};

/// Lets everybody see a post, from now on; its author is told.
pub async fn publish(tx: &mut Tx, row: &Row, now: Time) -> sqlx::Result<()> {
    if row.state.0 != PostState::Live {
        store::set_state(tx, row.id, PostState::Live, Some(now), None).await?;
        bus::append(tx, EventKind::Post, row.id, now).await?;
    }
    store::set_review_by(tx, row.id, None).await?;
    edit::erase_earlier(tx, row.id).await?;
    bus::append(tx, EventKind::Notice, row.id, now).await
}

/// Takes a post down, or keeps it down, with a reason, by its code, and what its author is told.
pub async fn decline(
    tx: &mut Tx,
    row: &Row,
    (reason, message): (&str, &str),
    now: Time,
) -> sqlx::Result<()> {
    let why = Some((reason, message));
    store::set_state(tx, row.id, PostState::Declined, None, why).await?;
    store::set_review_by(tx, row.id, None).await?;
    edit::erase_earlier(tx, row.id).await?;
    if row.state.0 == PostState::Live {
        bus::append(tx, EventKind::Gone, row.id, now).await?;
    }
    bus::append(tx, EventKind::Notice, row.id, now).await
}

/// Has a post wait for another person, who looks by `review_by`; its author is told.
pub async fn defer(tx: &mut Tx, row: &Row, review_by: Time, now: Time) -> sqlx::Result<()> {
    store::set_review_by(tx, row.id, Some(review_by)).await?;
    bus::append(tx, EventKind::Notice, row.id, now)
        .await
        .map(|_| ())
}

/// Puts a post back to where it stood before a decision that is taken back; its author is told.
/// One that is live again is so from now on; none is put back to having been declined.
pub async fn put_back(
    tx: &mut Tx,
    row: &Row,
    state: PostState,
    review_by: Option<Time>,
    now: Time,
) -> sqlx::Result<()> {
    match (row.state.0, state) {
        (is, was) if is == was => {}
        (_, PostState::Live) => {
            store::set_state(tx, row.id, state, Some(now), None).await?;
            bus::append(tx, EventKind::Post, row.id, now).await?;
        }
        (is, _) => {
            store::set_state(tx, row.id, state, None, None).await?;
            if is == PostState::Live {
                bus::append(tx, EventKind::Gone, row.id, now).await?;
            }
        }
    }
    store::set_review_by(tx, row.id, review_by).await?;
    bus::append(tx, EventKind::Notice, row.id, now).await
}

/// Keeps a post from everybody but its author until a person has looked at it, by `review_by`;
/// its author is told. One that was declined stays so.
pub async fn hold(tx: &mut Tx, row: &Row, review_by: Time, now: Time) -> sqlx::Result<()> {
    if row.state.0 == PostState::Live {
        store::set_state(tx, row.id, PostState::Held, None, None).await?;
        bus::append(tx, EventKind::Gone, row.id, now).await?;
    }
    defer(tx, row, review_by, now).await
}

/// Erases the words of a post and which of them triage matched. How much risk there was stays.
pub async fn erase_words(tx: &mut Tx, row: &Row) -> sqlx::Result<()> {
    let mut verdict = row.verdict.clone();
    verdict.matches.clear();
    verdict.masks.clear();
    edit::erase_earlier(tx, row.id).await?;
    store::erase_text(tx, row.id, &verdict).await
}

impl Posts {
    /// Takes a post back for its author: nobody else sees it from now on.
    ///
    /// The words are erased at once, unless a person has yet to look at them: a cry for help
    /// is not lost by taking it back. They are erased when that person has decided.
    ///
    /// # Errors
    /// Not found where `author` may not see the post, forbidden where it is somebody else's.
    pub async fn withdraw(&self, author: AccountId, id: PostId) -> Result<()> {
        let row = self.visible(author, id).await?;
        if self.author(&row) != Some(author) {
            return Err(Error::Forbidden);
        }
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let row = store::lock(&mut tx, id).await?.ok_or(Error::NotFound)?;
        if row.state.0 == PostState::Withdrawn {
            return Ok(());
        }
        store::set_state(&mut tx, id, PostState::Withdrawn, None, None).await?;
        if row.state.0 == PostState::Live {
            bus::append(&mut tx, EventKind::Gone, id, now).await?;
        }
        if !cases::is_undecided(&mut tx, id).await? {
            erase_words(&mut tx, &row).await?;
        }
        let told = [Nudge::LogGrew, Nudge::CasesChanged];
        Ok(self.bus.commit_telling(tx, told).await?)
    }
}
