//! The SQL of alarms.

use crate::clock::Time;
use crate::db::{Db, Name, Tx, on_db, on_tx};
use crate::ids::CaseId;
use crate::triage::{Level, Queue};

/// A case past its deadline, over which no alarm was raised.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Breached {
    pub id: CaseId,
    pub level: Name<Level>,
    pub queue: Name<Queue>,
    pub due_at: Time,
}

/// The cases past their deadline over which no alarm was raised, the longest overdue first; not
/// all of them where there are many. The index is for exactly this.
pub async fn unalarmed(db: &Db, now: Time) -> sqlx::Result<Vec<Breached>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT id, level, queue, due_at FROM cases
         WHERE state <> 'decided' AND (alarmed_for IS NULL OR alarmed_for <> due_at)
           AND due_at < $1
         ORDER BY due_at, id LIMIT 200"
    )
    .bind(now)
    .fetch_all(c)
    .await)
}

/// Marks that the alarm is raised over this deadline. `false`: it was, or there is no more need.
pub async fn mark(tx: &mut Tx, breached: &Breached) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE cases SET alarmed_for = $2
         WHERE id = $1 AND due_at = $2 AND state <> 'decided'
           AND (alarmed_for IS NULL OR alarmed_for <> $2)"
    )
    .bind(breached.id)
    .bind(breached.due_at)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}
