//! Handover: what one shift tells the next, and giving back all that it still holds.
//!
//! A note is for colleagues, and forgotten after a month. It never holds a young person's words:
//! whoever takes over reads those in the case.

mod store;

use std::time::Duration;

use serde_json::json;

pub use store::Note;

use super::decision::check_note;
use super::store::release_all;
use crate::audit::{self, Actor};
use crate::bus::Nudge;
use crate::clock::Time;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{CaseId, NoteId};
use crate::posts::Posts;
use crate::staff::Member;

/// How long a note is news to whoever has not read it: a shift.
pub const FRESH: Duration = Duration::from_secs(12 * 60 * 60);
/// How long a note is kept.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How many notes are shown.
const SHOWN: i64 = 50;

/// A note as it is written.
#[derive(Clone, Debug)]
pub struct NoteDraft {
    /// 1 to 2,000 characters.
    pub text: String,
    /// Which case it is about, where it is about one.
    pub case: Option<CaseId>,
    /// Whether whoever writes it gives back all that they hold.
    pub release: bool,
}

/// Leaves a note; answers which cases were given back.
///
/// # Errors
/// A field error where there is nothing in it, or too much; not found where the case is none.
pub async fn write(posts: &Posts, member: &Member, draft: &NoteDraft) -> Result<Vec<CaseId>> {
    let text = draft.text.trim();
    if text.is_empty() {
        let message = "Please write what your colleagues should know.";
        return Err(Error::field("text", message));
    }
    check_note("text", text)?;
    if let Some(case) = draft.case {
        super::cases::find(&posts.db, case).await?;
    }
    let (now, id) = (posts.clock.now(), NoteId::random());
    let actor = Actor::Staff(member.id);
    let mut tx = posts.db.begin().await?;
    // Cases before all else, as everywhere.
    let released = match draft.release {
        true => release_all(&mut tx, member.id, now).await?,
        false => Vec::new(),
    };
    store::insert(&mut tx, id, member.id, draft.case, text, now).await?;
    for case in &released {
        let details = json!({ "handover": id });
        audit::record(&mut tx, now, actor, "case.release", case, details).await?;
    }
    let details = json!({ "case": draft.case, "released": released.len() });
    audit::record(&mut tx, now, actor, "handover.write", id, details).await?;
    posts.bus.commit(tx, Nudge::CasesChanged).await?;
    Ok(released)
}

/// The last notes, newest first, as `member` finds them.
pub async fn latest(posts: &Posts, member: &Member) -> sqlx::Result<Vec<Note>> {
    store::latest(&posts.db, member.id, SHOWN).await
}

/// How many notes of colleagues are news to `member`.
pub async fn unread(posts: &Posts, member: &Member) -> sqlx::Result<i64> {
    let since = posts.clock.now().minus(FRESH);
    store::unread(&posts.db, member.id, since).await
}

/// Says that `member` has read every note up to `until`, on the record: a shift was taken over.
pub async fn read(posts: &Posts, member: &Member, until: Time) -> Result<()> {
    let now = posts.clock.now();
    let mut tx = posts.db.begin().await?;
    let notes = store::mark_read(&mut tx, member.id, until).await?;
    if notes > 0 {
        let (actor, details) = (Actor::Staff(member.id), json!({ "notes": notes }));
        audit::record(&mut tx, now, actor, "handover.read", member.id, details).await?;
    }
    Ok(tx.commit().await?)
}

/// Erases the notes of long ago.
pub async fn prune(tx: &mut Tx, now: Time) -> sqlx::Result<()> {
    store::delete_before(tx, now.minus(KEPT)).await
}
