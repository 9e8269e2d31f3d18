//! The SQL of safeguarding records.

use sqlx::QueryBuilder;

use super::{Kept, RecordState};
use crate::clock::Time;
use crate::db::{Db, Tx, on_db, on_tx, push_list};
use crate::ids::{CaseId, RecordId, StaffId};

/// A record as it is stored, with the names of who opened and closed it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RecordRow {
    pub id: RecordId,
    pub case_id: CaseId,
    pub opener: StaffId,
    pub opened_by: String,
    pub opened_at: Time,
    pub closed_by: Option<String>,
    pub closed_at: Option<Time>,
}

/// An entry as it is stored, with the name of who wrote it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct EntryRow {
    pub record_id: RecordId,
    pub n: i64,
    pub kind: String,
    pub made_by: String,
    pub made_at: Time,
    pub sealed: Vec<u8>,
}

const SELECT: &str = "SELECT r.id, r.case_id, r.opened_by AS opener, o.name AS opened_by,
           r.opened_at, c.name AS closed_by, r.closed_at
    FROM safeguarding_records r JOIN staff o ON o.id = r.opened_by
    LEFT JOIN staff c ON c.id = r.closed_by";

pub async fn list(
    db: &Db,
    state: RecordState,
    opener: Option<StaffId>,
    after: Option<(i64, RecordId)>,
    limit: i64,
) -> sqlx::Result<Vec<RecordRow>> {
    on_db!(db, |c| {
        let mut query = QueryBuilder::new(SELECT);
        query.push(match state {
            RecordState::Open => " WHERE r.closed_at IS NULL",
            RecordState::Closed => " WHERE r.closed_at IS NOT NULL",
        });
        if let Some(opener) = opener {
            query.push(" AND r.opened_by = ").push_bind(opener);
        }
        if let Some((opened_at, id)) = after {
            query
                .push(" AND (r.opened_at, r.id) > (")
                .push_bind(opened_at)
                .push(", ")
                .push_bind(id)
                .push(")");
        }
        query
            .push(" ORDER BY r.opened_at, r.id LIMIT ")
            .push_bind(limit);
        query.build_query_as().fetch_all(c).await
    })
}

pub async fn find(db: &Db, id: RecordId) -> sqlx::Result<Option<RecordRow>> {
    on_db!(db, |c| QueryBuilder::new(SELECT)
        .push(" WHERE r.id = ")
        .push_bind(id)
        .build_query_as()
        .fetch_optional(c)
        .await)
}

/// The records of a case, the oldest first, and whether each is open.
pub async fn of_case(db: &Db, case: CaseId) -> sqlx::Result<Vec<(RecordId, bool)>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT id, closed_at IS NULL FROM safeguarding_records WHERE case_id = $1
         ORDER BY opened_at, id"
    )
    .bind(case)
    .fetch_all(c)
    .await)
}

/// The entries of these records, in the order in which they were written.
pub async fn entries(db: &Db, records: &[RecordId]) -> sqlx::Result<Vec<EntryRow>> {
    if records.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut query = QueryBuilder::new(
            "SELECT e.record_id, e.n, e.kind, s.name AS made_by, e.made_at, e.sealed
             FROM safeguarding_entries e JOIN staff s ON s.id = e.made_by
             WHERE e.record_id IN (",
        );
        push_list(&mut query, records.iter().copied())
            .push(") ORDER BY e.record_id, e.n")
            .build_query_as()
            .fetch_all(c)
            .await
    })
}

pub async fn insert(
    tx: &mut Tx,
    id: RecordId,
    case: CaseId,
    staff: StaffId,
    now: Time,
) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO safeguarding_records (id, case_id, opened_by, opened_at, entries)
         VALUES ($1, $2, $3, $4, 0)"
    )
    .bind(id)
    .bind(case)
    .bind(staff)
    .bind(now)
    .execute(c)
    .await
    .map(|_| ()))
}

/// The case of an open record, and the number of its next entry.
pub async fn next_entry(tx: &mut Tx, id: RecordId) -> sqlx::Result<Option<(CaseId, i64)>> {
    on_tx!(tx, |c| sqlx::query_as(
        "UPDATE safeguarding_records SET entries = entries + 1
         WHERE id = $1 AND closed_at IS NULL RETURNING case_id, entries"
    )
    .bind(id)
    .fetch_optional(c)
    .await)
}

pub async fn insert_entry(tx: &mut Tx, entry: &EntryRow, staff: StaffId) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO safeguarding_entries (record_id, n, kind, made_by, made_at, sealed)
         VALUES ($1, $2, $3, $4, $5, $6)"
    )
    .bind(entry.record_id)
    .bind(entry.n)
    .bind(&entry.kind)
    .bind(staff)
    .bind(entry.made_at)
    .bind(&entry.sealed)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Which kinds of entries a record has.
pub async fn kinds(tx: &mut Tx, id: RecordId) -> sqlx::Result<Vec<String>> {
    on_tx!(tx, |c| sqlx::query_scalar(
        "SELECT DISTINCT kind FROM safeguarding_entries WHERE record_id = $1"
    )
    .bind(id)
    .fetch_all(c)
    .await)
}

/// The case of a record that was open until now.
pub async fn close(
    tx: &mut Tx,
    id: RecordId,
    staff: StaffId,
    now: Time,
) -> sqlx::Result<Option<CaseId>> {
    on_tx!(tx, |c| sqlx::query_scalar(
        "UPDATE safeguarding_records SET closed_by = $2, closed_at = $3
         WHERE id = $1 AND closed_at IS NULL RETURNING case_id"
    )
    .bind(id)
    .bind(staff)
    .bind(now)
    .fetch_optional(c)
    .await)
}

/// What was closed by then, the oldest first.
pub async fn closed_by(db: &Db, then: Time) -> sqlx::Result<Vec<Kept>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT id, opened_at, closed_at FROM safeguarding_records
         WHERE closed_at <= $1 ORDER BY closed_at, id"
    )
    .bind(then)
    .fetch_all(c)
    .await)
}

/// `false`: it was not closed by then.
pub async fn erase(tx: &mut Tx, id: RecordId, closed_by: Time) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM safeguarding_records WHERE id = $1 AND closed_at <= $2"
    )
    .bind(id)
    .bind(closed_by)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}
