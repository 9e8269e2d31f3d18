//! The SQL of moderation.

use std::collections::HashMap;

use sqlx::QueryBuilder;

use super::cases::CaseState;
use crate::clock::Time;
use crate::db::{Db, Name, Tx, on_db, on_tx, push_list};
use crate::ids::{CaseId, PostId, StaffId};
use crate::triage::{Level, Queue};

/// A case as it is stored, with the name of who claimed it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CaseRow {
    pub id: CaseId,
    pub post_id: PostId,
    pub revision: i64,
    pub queue: Name<Queue>,
    pub level: Name<Level>,
    state: String,
    pub opened_at: Time,
    pub due_at: Time,
    pub claimed_by: Option<StaffId>,
    pub claim_until: Option<Time>,
    pub claimant: Option<String>,
    pub assignee: Option<String>,
    pub decision: Option<String>,
}

impl CaseRow {
    /// The name of who holds the case now.
    pub fn holder(&self, now: Time) -> Option<&str> {
        let holds = self.state != "decided" && self.claim_until.is_some_and(|until| until > now);
        self.claimant.as_deref().filter(|_| holds)
    }

    /// Whether only a lead may take it.
    pub fn is_escalated(&self) -> bool {
        self.state == "escalated"
    }

    /// Where the case stands, as the database says it.
    pub fn stored_state(&self) -> &str {
        &self.state
    }

    /// Whether a person has decided.
    pub fn is_decided(&self) -> bool {
        self.state == "decided"
    }

    /// Where the case stands now: a claim that has run out is none.
    pub fn state(&self, now: Time) -> CaseState {
        match self.state.as_str() {
            "decided" => CaseState::Decided,
            "escalated" => CaseState::Escalated,
            _ if self.holder(now).is_some() => CaseState::Claimed,
            _ => CaseState::Open,
        }
    }
}

pub(super) const SELECT: &str =
    "SELECT k.id, k.post_id, k.revision, k.queue, k.level, k.state, k.opened_at,
           k.due_at, k.claimed_by, k.claim_until, s.name AS claimant, a.name AS assignee, k.decision
    FROM cases k LEFT JOIN staff s ON s.id = k.claimed_by LEFT JOIN staff a ON a.id = k.assigned_to";

/// One case.
pub async fn find(db: &Db, id: CaseId) -> sqlx::Result<Option<CaseRow>> {
    on_db!(db, |c| QueryBuilder::new(SELECT)
        .push(" WHERE k.id = ")
        .push_bind(id)
        .build_query_as()
        .fetch_optional(c)
        .await)
}

/// One case, inside a transaction; on PostgreSQL it is locked until the end of it.
pub async fn lock(tx: &mut Tx, id: CaseId) -> sqlx::Result<Option<CaseRow>> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE cases SET revision = revision WHERE id = $1"
    )
    .bind(id)
    .execute(c)
    .await
    .map(|_| ()))?;
    on_tx!(tx, |c| QueryBuilder::new(SELECT)
        .push(" WHERE k.id = ")
        .push_bind(id)
        .build_query_as()
        .fetch_optional(c)
        .await)
}

/// Cases that nobody has taken: crises, and red ones that would be late at `until`.
pub async fn urgent(db: &Db, now: Time, until: Time) -> sqlx::Result<Vec<CaseRow>> {
    on_db!(db, |c| QueryBuilder::new(SELECT)
        .push(" WHERE k.state <> 'decided' AND coalesce(k.claim_until, 0) <= ")
        .push_bind(now)
        .push(" AND (k.level = 'crisis' OR (k.level = 'red' AND k.due_at < ")
        .push_bind(until)
        .push(")) ORDER BY k.due_at, k.id LIMIT 20")
        .build_query_as()
        .fetch_all(c)
        .await)
}

/// The names of members of staff.
pub async fn names(db: &Db, staff: &[StaffId]) -> sqlx::Result<HashMap<StaffId, String>> {
    if staff.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(StaffId, String)> = on_db!(db, |c| {
        let mut query = QueryBuilder::new("SELECT id, name FROM staff WHERE id IN (");
        push_list(&mut query, staff.iter().copied())
            .push(")")
            .build_query_as()
            .fetch_all(c)
            .await
    })?;
    Ok(rows.into_iter().collect())
}

/// Takes a case, where nobody else holds it. `false`: somebody does, or it is decided, or it
/// waits for a lead, and this is none.
pub async fn claim(
    tx: &mut Tx,
    id: CaseId,
    staff: StaffId,
    is_lead: bool,
    now: Time,
    until: Time,
) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE cases SET claimed_by = $2, claim_until = $5,
                          assigned_to = CASE WHEN assigned_to = $2 THEN assigned_to END
         WHERE id = $1 AND (state = 'open' OR (state = 'escalated' AND $3))
           AND (claimed_by IS NULL OR claimed_by = $2 OR claim_until <= $4)"
    )
    .bind(id)
    .bind(staff)
    .bind(is_lead)
    .bind(now)
    .bind(until)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Gives a case back. `false`: this member of staff did not hold it.
pub async fn release(tx: &mut Tx, id: CaseId, staff: StaffId, now: Time) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE cases SET claimed_by = NULL, claim_until = NULL, assigned_to = NULL
         WHERE id = $1 AND claimed_by = $2 AND claim_until > $3 AND state <> 'decided'"
    )
    .bind(id)
    .bind(staff)
    .bind(now)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Gives back all that a member of staff holds, and what is assigned to them and held by nobody;
/// answers which cases.
pub async fn release_all(tx: &mut Tx, staff: StaffId, now: Time) -> sqlx::Result<Vec<CaseId>> {
    on_tx!(tx, |c| sqlx::query_scalar(
        "UPDATE cases SET claimed_by = NULL, claim_until = NULL, assigned_to = NULL
         WHERE state <> 'decided'
           AND ((claimed_by = $1 AND claim_until > $2)
                OR (assigned_to = $1 AND coalesce(claim_until, 0) <= $2))
         RETURNING id"
    )
    .bind(staff)
    .bind(now)
    .fetch_all(c)
    .await)
}

/// Who hands a case to whom.
pub struct Assigned {
    pub by: StaffId,
    pub by_lead: bool,
    pub to: StaffId,
    pub to_lead: bool,
}

/// Hands a case to a member of staff, where nobody else than the two holds it, or a lead says so.
/// `false`: somebody does, or it is decided, or it waits for a lead, and they are none.
pub async fn assign(
    tx: &mut Tx,
    id: CaseId,
    assigned: &Assigned,
    now: Time,
    until: Time,
) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE cases SET claimed_by = $2, claim_until = $7, assigned_to = $2
         WHERE id = $1 AND (state = 'open' OR (state = 'escalated' AND $3))
           AND (claimed_by IS NULL OR claimed_by IN ($2, $4) OR claim_until <= $6 OR $5)"
    )
    .bind(id)
    .bind(assigned.to)
    .bind(assigned.to_lead)
    .bind(assigned.by)
    .bind(assigned.by_lead)
    .bind(now)
    .bind(until)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Ends a case with a decision.
pub async fn set_decided(
    tx: &mut Tx,
    id: CaseId,
    staff: StaffId,
    decision: &str,
    now: Time,
) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE cases SET state = 'decided', decision = $3, decided_by = $2, decided_at = $4,
                          claim_until = NULL
         WHERE id = $1"
    )
    .bind(id)
    .bind(staff)
    .bind(decision)
    .bind(now)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Hands a case to the leads, with a new deadline.
pub async fn set_escalated(tx: &mut Tx, id: CaseId, due_at: Time) -> sqlx::Result<()> {
    on_tx!(tx, |c| {
        sqlx::query(
        "UPDATE cases SET state = 'escalated', claimed_by = NULL, claim_until = NULL, assigned_to = NULL,
                          due_at = $2
         WHERE id = $1"
    )
    .bind(id)
    .bind(due_at)
    .execute(c)
    .await
    .map(|_| ())
    })
}

/// Gives a case another level, where a person sees another risk than the rules.
pub async fn set_level(tx: &mut Tx, id: CaseId, level: Level) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE cases SET level = $2 WHERE id = $1"
    )
    .bind(id)
    .bind(level.as_str())
    .execute(c)
    .await
    .map(|_| ()))
}

/// Has a case wait until another deadline; whoever holds it gives it back.
pub async fn set_waiting(tx: &mut Tx, id: CaseId, due_at: Time) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE cases SET claimed_by = NULL, claim_until = NULL, due_at = $2 WHERE id = $1"
    )
    .bind(id)
    .bind(due_at)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Ends the cases of a post that was erased with its author's account.
pub async fn close_erased(tx: &mut Tx, post: PostId, now: Time) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE cases SET state = 'decided', decision = 'erased', decided_at = $2,
                          claimed_by = NULL, claim_until = NULL
         WHERE post_id = $1 AND state <> 'decided'"
    )
    .bind(post)
    .bind(now)
    .execute(c)
    .await
    .map(|_| ()))?;
    // What colleagues told each other of these cases goes with the post.
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM handover_notes
         WHERE case_id IN (SELECT id FROM cases WHERE post_id = $1)"
    )
    .bind(post)
    .execute(c)
    .await
    .map(|_| ()))
}

/// The undecided cases of one level.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Backlog {
    /// The level.
    pub level: Name<Level>,
    /// How many are undecided.
    pub open: i64,
    /// How many of them are past their deadline.
    pub breached: i64,
    /// When the oldest of them was opened.
    pub oldest: Time,
}

/// The undecided cases by level; a level without any is missing.
pub async fn backlog(db: &Db, now: Time) -> sqlx::Result<Vec<Backlog>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT level, count(*) AS open, count(CASE WHEN due_at < $1 THEN 1 END) AS breached,
                min(opened_at) AS oldest
         FROM cases WHERE state <> 'decided' GROUP BY level"
    )
    .bind(now)
    .fetch_all(c)
    .await)
}
