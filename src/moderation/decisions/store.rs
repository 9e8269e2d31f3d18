//! The SQL of the record of decisions.

use sqlx::types::Json;

use super::{CaseBefore, Made, New};
use crate::clock::Time;
use crate::db::{Db, Tx, on_db, on_tx};
use crate::ids::{CaseId, PostId, StaffId};
use crate::triage::{Policy, Span};

/// Keeps the policy that decisions cite.
pub async fn keep_policy(tx: &mut Tx, policy: &Policy, now: Time) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO policies (hash, text, first_used_at) VALUES ($1, $2, $3)
         ON CONFLICT (hash) DO NOTHING"
    )
    .bind(policy.hash())
    .bind(policy.text())
    .bind(now)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Records a decision; the case is locked, so that its number is free.
pub async fn insert(tx: &mut Tx, new: &New<'_>, undo: Option<&[u8]>) -> sqlx::Result<()> {
    let (code, version) = match new.reason {
        Some(reason) => (Some(reason.code.as_str()), Some(i64::from(reason.version))),
        None => (None, None),
    };
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO decisions (case_id, number, revision, decided_by, decided_at, decision,
                                reason, reason_version, policy, level_before, level_after,
                                topics_before, topics_after, hidden, review_by, undo)
         SELECT $1, 1 + coalesce(max(number), 0), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
                $13, $14, $15
         FROM decisions WHERE case_id = $1"
    )
    .bind(new.case)
    .bind(new.revision)
    .bind(new.by)
    .bind(new.at)
    .bind(new.decision.as_str())
    .bind(code)
    .bind(version)
    .bind(new.policy)
    .bind(new.levels.0.as_str())
    .bind(new.levels.1.as_str())
    .bind(Json(new.topics.0))
    .bind(Json(new.topics.1))
    .bind(Json(new.hidden))
    .bind(new.review_by)
    .bind(undo)
    .execute(c)
    .await
    .map(|_| ()))
}

/// What was decided about a case, in its order.
pub async fn of_case(db: &Db, case: CaseId) -> sqlx::Result<Vec<Made>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT d.number, d.revision, s.name AS decided_by, d.decided_at, d.decision, d.reason,
                d.reason_version, d.policy, d.level_before, d.level_after, d.topics_before,
                d.topics_after, d.review_by, d.undone_at
         FROM decisions d JOIN staff s ON s.id = d.decided_by
         WHERE d.case_id = $1 ORDER BY d.number"
    )
    .bind(case)
    .fetch_all(c)
    .await)
}

/// The last decision about a case that stands.
#[derive(Debug, sqlx::FromRow)]
pub struct Last {
    pub number: i64,
    pub revision: i64,
    pub decided_by: StaffId,
    pub decided_at: Time,
    pub decision: String,
    pub undo: Option<Vec<u8>>,
}

/// The last decision about a case that stands, inside a transaction.
pub async fn last(tx: &mut Tx, case: CaseId) -> sqlx::Result<Option<Last>> {
    on_tx!(tx, |c| sqlx::query_as(
        "SELECT number, revision, decided_by, decided_at, decision, undo FROM decisions
         WHERE case_id = $1 AND undone_at IS NULL ORDER BY number DESC LIMIT 1"
    )
    .bind(case)
    .fetch_optional(c)
    .await)
}

/// Notes that a decision was taken back. `false`: it was before.
pub async fn set_undone(
    tx: &mut Tx,
    (case, number): (CaseId, i64),
    now: Time,
) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE decisions SET undone_at = $3, undo = NULL
         WHERE case_id = $1 AND number = $2 AND undone_at IS NULL"
    )
    .bind(case)
    .bind(number)
    .bind(now)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Notes that the last decision about a case was taken back with many others.
pub async fn undo_last(tx: &mut Tx, case: CaseId, now: Time) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE decisions SET undone_at = $2, undo = NULL
         WHERE case_id = $1 AND undone_at IS NULL
           AND number = (SELECT max(number) FROM decisions WHERE case_id = $1)"
    )
    .bind(case)
    .bind(now)
    .execute(c)
    .await
    .map(|_| ()))
}

const HIDDEN: &str = "SELECT d.hidden FROM decisions d JOIN cases k ON k.id = d.case_id
    WHERE k.post_id = $1 AND d.revision = $2 AND d.undone_at IS NULL";

/// What people have hidden of a revision of a post.
pub async fn hidden(db: &Db, (post, revision): (PostId, i64)) -> sqlx::Result<Vec<Span>> {
    let rows: Vec<(Json<Vec<Span>>,)> = on_db!(db, |c| sqlx::query_as(HIDDEN)
        .bind(post)
        .bind(revision)
        .fetch_all(c)
        .await)?;
    Ok(rows.into_iter().flat_map(|(spans,)| spans.0).collect())
}

/// The same, inside a transaction.
pub async fn hidden_within(
    tx: &mut Tx,
    (post, revision): (PostId, i64),
) -> sqlx::Result<Vec<Span>> {
    let rows: Vec<(Json<Vec<Span>>,)> = on_tx!(tx, |c| sqlx::query_as(HIDDEN)
        .bind(post)
        .bind(revision)
        .fetch_all(c)
        .await)?;
    Ok(rows.into_iter().flat_map(|(spans,)| spans.0).collect())
}

/// Whether something came after a decision about a post in another of its cases.
pub async fn went_on(
    tx: &mut Tx,
    (post, case): (PostId, CaseId),
    since: Time,
) -> sqlx::Result<bool> {
    let cases: i64 = on_tx!(tx, |c| sqlx::query_scalar(
        "SELECT count(*) FROM cases WHERE post_id = $1 AND id <> $2
           AND (state <> 'decided' OR opened_at > $3 OR decided_at > $3)"
    )
    .bind(post)
    .bind(case)
    .bind(since)
    .fetch_one(c)
    .await)?;
    Ok(cases > 0)
}

/// Has a case be as it was, in the hands of who decided it.
pub async fn restore_case(
    tx: &mut Tx,
    case: CaseId,
    before: &CaseBefore,
    (staff, until): (StaffId, Time),
) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE cases SET state = $2, queue = $3, level = $4, due_at = $5, claimed_by = $6,
                          claim_until = $7, decision = NULL, decided_by = NULL, decided_at = NULL
         WHERE id = $1"
    )
    .bind(case)
    .bind(&before.state)
    .bind(before.queue.as_str())
    .bind(before.level.as_str())
    .bind(before.due_at)
    .bind(staff)
    .bind(until)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Forgets how things were before decisions that were made before a moment.
pub async fn forget(tx: &mut Tx, before: Time) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE decisions SET undo = NULL WHERE undo IS NOT NULL AND decided_at < $1"
    )
    .bind(before)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Forgets how things were before the decisions about a post.
pub async fn forget_about(tx: &mut Tx, post: PostId) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE decisions SET undo = NULL
         WHERE undo IS NOT NULL AND case_id IN (SELECT id FROM cases WHERE post_id = $1)"
    )
    .bind(post)
    .execute(c)
    .await
    .map(|_| ()))
}
