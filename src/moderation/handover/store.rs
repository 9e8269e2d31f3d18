//! The SQL of handover notes.

use crate::clock::Time;
use crate::db::{Db, Tx, on_db, on_tx};
use crate::ids::{CaseId, NoteId, StaffId};

/// A note, as somebody finds it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Note {
    /// Who wrote it.
    pub writer: String,
    /// When.
    pub written_at: Time,
    /// Which case it is about, where it is about one.
    pub case_id: Option<CaseId>,
    /// What it says.
    pub text: String,
    /// Whether whoever looks has read it, or wrote it.
    #[sqlx(rename = "is_read")]
    pub read: bool,
}

/// Keeps a note.
pub async fn insert(
    tx: &mut Tx,
    id: NoteId,
    by: StaffId,
    case: Option<CaseId>,
    text: &str,
    now: Time,
) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO handover_notes (id, written_by, written_at, case_id, text)
         VALUES ($1, $2, $3, $4, $5)"
    )
    .bind(id)
    .bind(by)
    .bind(now)
    .bind(case)
    .bind(text)
    .execute(c)
    .await
    .map(|_| ()))
}

/// The last notes, newest first.
pub async fn latest(db: &Db, reader: StaffId, limit: i64) -> sqlx::Result<Vec<Note>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT s.name AS writer, n.written_at, n.case_id, n.text,
                (n.written_by = $1 OR EXISTS (SELECT 1 FROM handover_reads r
                    WHERE r.note_id = n.id AND r.staff_id = $1)) AS is_read
         FROM handover_notes n JOIN staff s ON s.id = n.written_by
         ORDER BY n.written_at DESC, n.id LIMIT $2"
    )
    .bind(reader)
    .bind(limit)
    .fetch_all(c)
    .await)
}

/// How many notes of others were written since, and not read.
pub async fn unread(db: &Db, reader: StaffId, since: Time) -> sqlx::Result<i64> {
    on_db!(db, |c| sqlx::query_scalar(
        "SELECT count(*) FROM handover_notes n
         WHERE n.written_at > $2 AND n.written_by <> $1
           AND NOT EXISTS (SELECT 1 FROM handover_reads r
                           WHERE r.note_id = n.id AND r.staff_id = $1)"
    )
    .bind(reader)
    .bind(since)
    .fetch_one(c)
    .await)
}

/// Marks the notes of others up to `until` as read; answers how many were not before.
pub async fn mark_read(tx: &mut Tx, reader: StaffId, until: Time) -> sqlx::Result<u64> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO handover_reads (note_id, staff_id)
         SELECT id, $1 FROM handover_notes WHERE written_by <> $1 AND written_at <= $2
         ON CONFLICT (note_id, staff_id) DO NOTHING"
    )
    .bind(reader)
    .bind(until)
    .execute(c)
    .await
    .map(|done| done.rows_affected()))
}

/// Deletes the notes that were written before.
pub async fn delete_before(tx: &mut Tx, before: Time) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM handover_notes WHERE written_at < $1"
    )
    .bind(before)
    .execute(c)
    .await
    .map(|_| ()))
}
