//! The SQL of opening cases.

use crate::clock::Time;
use crate::db::{Tx, on_tx};
use crate::ids::{CaseId, PostId};
use crate::triage::{Level, Policy, Queue};

/// A case, as it was opened or found open.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Opened {
    /// The case.
    pub id: CaseId,
    /// By when a person looks.
    pub due_at: Time,
}

/// Opens a case for a revision of a post, or joins the one that is open already: there is at
/// most one undecided case for a post. Where the new reason is the more urgent one, the open
/// case takes its level, queue and deadline.
pub async fn open(
    tx: &mut Tx,
    policy: &Policy,
    (post, revision): (PostId, i64),
    queue: Queue,
    level: Level,
    now: Time,
) -> sqlx::Result<Opened> {
    let due_at = super::due_at(policy, queue, level, now);
    on_tx!(tx, |c| sqlx::query_as(
        "INSERT INTO cases (id, post_id, revision, queue, level, state, opened_at, due_at)
         VALUES ($1, $2, $3, $4, $5, 'open', $6, $7)
         ON CONFLICT (post_id) WHERE state <> 'decided' DO UPDATE SET
            queue = CASE WHEN excluded.due_at < cases.due_at
                    THEN excluded.queue ELSE cases.queue END,
            level = CASE WHEN excluded.due_at < cases.due_at
                    THEN excluded.level ELSE cases.level END,
            due_at = CASE WHEN excluded.due_at < cases.due_at
                     THEN excluded.due_at ELSE cases.due_at END
         RETURNING id, due_at"
    )
    .bind(CaseId::random())
    .bind(post)
    .bind(revision)
    .bind(queue.as_str())
    .bind(level.as_str())
    .bind(now)
    .bind(due_at)
    .fetch_one(c)
    .await)
}

/// Has an undecided case be about another revision of its post. Whoever holds it has read other
/// words, so their claim ends.
pub async fn revise(tx: &mut Tx, case: CaseId, revision: i64) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE cases SET revision = $2, claimed_by = NULL, claim_until = NULL
         WHERE id = $1 AND revision <> $2"
    )
    .bind(case)
    .bind(revision)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Whether a person has yet to decide about a post.
pub async fn is_undecided(tx: &mut Tx, post: PostId) -> sqlx::Result<bool> {
    let cases: i64 = on_tx!(tx, |c| sqlx::query_scalar(
        "SELECT count(*) FROM cases WHERE post_id = $1 AND state <> 'decided'"
    )
    .bind(post)
    .fetch_one(c)
    .await)?;
    Ok(cases > 0)
}
