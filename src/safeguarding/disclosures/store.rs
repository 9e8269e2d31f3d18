//! The SQL of looking behind anonymity.

use sqlx::QueryBuilder;

use crate::clock::Time;
use crate::db::{Db, Tx, on_db, on_tx};
use crate::ids::{CaseId, DisclosureId, PostId, StaffId};

/// A request as it is stored, with the names of who asked and who answered.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub id: DisclosureId,
    pub case_id: CaseId,
    pub state: String,
    pub requester: StaffId,
    pub requested_by: String,
    pub requested_at: Time,
    pub sealed: Vec<u8>,
    pub answered_by: Option<String>,
    pub answered_at: Option<Time>,
    pub looked_at: Option<Time>,
    pub told_sealed: Option<Vec<u8>>,
}

const SELECT: &str = "SELECT d.id, d.case_id, d.state, d.requested_by AS requester,
           r.name AS requested_by, d.requested_at, d.sealed, a.name AS answered_by,
           d.answered_at, d.looked_at, d.told_sealed
    FROM disclosures d JOIN staff r ON r.id = d.requested_by
    LEFT JOIN staff a ON a.id = d.answered_by";

pub async fn list(
    db: &Db,
    after: Option<(i64, DisclosureId)>,
    limit: i64,
) -> sqlx::Result<Vec<Row>> {
    let (at, id) = after.unwrap_or((i64::MAX, DisclosureId::MAX));
    on_db!(db, |c| QueryBuilder::new(SELECT)
        .push(" WHERE (d.requested_at, d.id) < (")
        .push_bind(at)
        .push(", ")
        .push_bind(id)
        .push(") ORDER BY d.requested_at DESC, d.id DESC LIMIT ")
        .push_bind(limit)
        .build_query_as()
        .fetch_all(c)
        .await)
}

/// Where a step is still to be taken, whether or not it has run out.
pub async fn unfinished(db: &Db) -> sqlx::Result<Vec<Row>> {
    on_db!(db, |c| QueryBuilder::new(SELECT)
        .push(
            " WHERE d.state IN ('requested', 'approved', 'looked')
              ORDER BY d.requested_at, d.id"
        )
        .build_query_as()
        .fetch_all(c)
        .await)
}

/// What others asked after `asked_after`, and what this person has to say more about.
pub async fn waiting_for(
    db: &Db,
    staff: StaffId,
    asked_after: Time,
) -> sqlx::Result<Vec<DisclosureId>> {
    on_db!(db, |c| sqlx::query_scalar(
        "SELECT id FROM disclosures
         WHERE state IN ('requested', 'approved', 'looked')
           AND (state = 'requested' AND requested_by <> $1 AND requested_at > $2
                OR state = 'looked' AND requested_by = $1)
         ORDER BY requested_at, id"
    )
    .bind(staff)
    .bind(asked_after)
    .fetch_all(c)
    .await)
}

pub async fn find(db: &Db, id: DisclosureId) -> sqlx::Result<Option<Row>> {
    on_db!(db, |c| QueryBuilder::new(SELECT)
        .push(" WHERE d.id = ")
        .push_bind(id)
        .build_query_as()
        .fetch_optional(c)
        .await)
}

pub async fn post_of_case(db: &Db, case: CaseId) -> sqlx::Result<Option<PostId>> {
    on_db!(db, |c| sqlx::query_scalar(
        "SELECT post_id FROM cases WHERE id = $1"
    )
    .bind(case)
    .fetch_optional(c)
    .await)
}

pub async fn insert(
    tx: &mut Tx,
    (id, case): (DisclosureId, CaseId),
    staff: StaffId,
    now: Time,
    sealed: &[u8],
) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO disclosures (id, case_id, state, requested_by, requested_at, sealed)
         VALUES ($1, $2, 'requested', $3, $4, $5)"
    )
    .bind(id)
    .bind(case)
    .bind(staff)
    .bind(now)
    .bind(sealed)
    .execute(c)
    .await
    .map(|_| ()))
}

/// `false`: it is this person's own, was not asked after `asked_after`, or has an answer.
pub async fn answer(
    tx: &mut Tx,
    id: DisclosureId,
    answer: &str,
    staff: StaffId,
    now: Time,
    asked_after: Time,
) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE disclosures SET state = $2, answered_by = $3, answered_at = $4
         WHERE id = $1 AND state = 'requested' AND requested_by <> $3 AND requested_at > $5"
    )
    .bind(id)
    .bind(answer)
    .bind(staff)
    .bind(now)
    .bind(asked_after)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// `false`: somebody else asked, or nobody has agreed after `agreed_after`, or it was looked.
pub async fn look(
    tx: &mut Tx,
    id: DisclosureId,
    staff: StaffId,
    now: Time,
    agreed_after: Time,
) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE disclosures SET state = 'looked', looked_at = $3
         WHERE id = $1 AND state = 'approved' AND requested_by = $2 AND answered_at > $4"
    )
    .bind(id)
    .bind(staff)
    .bind(now)
    .bind(agreed_after)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// `false`: it is somebody else's, or nobody has looked, or it was said before.
pub async fn tell(
    tx: &mut Tx,
    id: DisclosureId,
    staff: StaffId,
    now: Time,
    sealed: &[u8],
) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE disclosures SET state = 'complete', told_sealed = $3, told_at = $4
         WHERE id = $1 AND state = 'looked' AND requested_by = $2"
    )
    .bind(id)
    .bind(staff)
    .bind(sealed)
    .bind(now)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}
