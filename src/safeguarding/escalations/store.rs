//! The SQL of escalations.

use serde::Serialize;
use sqlx::QueryBuilder;

use super::Rung;
use crate::clock::Time;
use crate::db::{Db, Name, Tx, on_db, on_tx};
use crate::ids::{CaseId, EscalationId, PostId, StaffId};
use crate::staff::Member;
use crate::triage::Level;

/// Where an escalation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EscalationState {
    /// It rings.
    Ringing,
    /// A lead has taken it.
    Acknowledged,
    /// The case is decided.
    Resolved,
}

impl std::str::FromStr for EscalationState {
    type Err = ();
    fn from_str(name: &str) -> Result<EscalationState, ()> {
        match name {
            "ringing" => Ok(EscalationState::Ringing),
            "acknowledged" => Ok(EscalationState::Acknowledged),
            "resolved" => Ok(EscalationState::Resolved),
            _ => Err(()),
        }
    }
}

/// A case that rings, or rang until a lead took it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Escalation {
    /// Names the escalation.
    pub id: EscalationId,
    /// The case that it is about.
    pub case_id: CaseId,
    /// How urgent the case is.
    pub level: Name<Level>,
    /// Where it stands.
    pub state: Name<EscalationState>,
    /// The name of whoever escalated the case.
    pub opened_by: String,
    /// When.
    pub opened_at: Time,
    /// How often it has rung.
    pub rings: i64,
    /// The name of the lead for whom it rings, or rang last; for every lead where nobody is named.
    pub rung: Option<String>,
    /// By when somebody has to answer.
    pub answer_by: Time,
    /// The name of the lead who has taken it.
    pub acknowledged_by: Option<String>,
    /// When.
    pub acknowledged_at: Option<Time>,
}

const SELECT: &str = "SELECT e.id, e.case_id, e.level, e.state, o.name AS opened_by, e.opened_at,
           e.rings, r.name AS rung, e.answer_by, a.name AS acknowledged_by, e.acknowledged_at
    FROM escalations e JOIN staff o ON o.id = e.opened_by
    LEFT JOIN staff r ON r.id = e.rung LEFT JOIN staff a ON a.id = e.acknowledged_by";

/// Every escalation whose case is undecided, what rings first and then the oldest.
pub async fn unresolved(db: &Db) -> sqlx::Result<Vec<Escalation>> {
    on_db!(db, |c| QueryBuilder::new(SELECT)
        .push(" WHERE e.state <> 'resolved' ORDER BY e.state DESC, e.opened_at, e.id")
        .build_query_as()
        .fetch_all(c)
        .await)
}

/// What rings for this member of staff now, the oldest first.
pub async fn ringing_for(db: &Db, member: &Member) -> sqlx::Result<Vec<Escalation>> {
    on_db!(db, |c| QueryBuilder::new(SELECT)
        .push(" WHERE e.state = 'ringing' AND (e.rung IS NULL OR e.rung = ")
        .push_bind(member.id)
        .push(") ORDER BY e.opened_at, e.id")
        .build_query_as()
        .fetch_all(c)
        .await)
}

/// The newest escalation of a case.
pub async fn of_case(db: &Db, case: CaseId) -> sqlx::Result<Option<Escalation>> {
    on_db!(db, |c| QueryBuilder::new(SELECT)
        .push(" WHERE e.case_id = ")
        .push_bind(case)
        .push(" ORDER BY e.opened_at DESC, e.id LIMIT 1")
        .build_query_as()
        .fetch_optional(c)
        .await)
}

pub(super) async fn find(db: &Db, id: EscalationId) -> sqlx::Result<Option<Escalation>> {
    on_db!(db, |c| QueryBuilder::new(SELECT)
        .push(" WHERE e.id = ")
        .push_bind(id)
        .build_query_as()
        .fetch_optional(c)
        .await)
}

pub(super) async fn insert(tx: &mut Tx, rung: &Rung, by: StaffId, now: Time) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO escalations (id, case_id, level, state, opened_by, opened_at, rings, rung,
                                  answer_by)
         VALUES ($1, $2, $3, 'ringing', $4, $5, $6, $7, $8)"
    )
    .bind(rung.escalation)
    .bind(rung.case)
    .bind(rung.level.as_str())
    .bind(by)
    .bind(now)
    .bind(rung.rings)
    .bind(rung.lead)
    .bind(rung.answer_by)
    .execute(c)
    .await
    .map(|_| ()))
}

pub(super) async fn insert_ring(tx: &mut Tx, rung: &Rung, now: Time) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO escalation_rings (escalation_id, n, staff_id, rung_at)
         VALUES ($1, $2, $3, $4)"
    )
    .bind(rung.escalation)
    .bind(rung.rings)
    .bind(rung.lead)
    .bind(now)
    .execute(c)
    .await
    .map(|_| ()))
}

pub(super) async fn resolve(
    tx: &mut Tx,
    case: CaseId,
    decision: &str,
    now: Time,
) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE escalations SET state = 'resolved', decision = $2, resolved_at = $3
         WHERE case_id = $1 AND state <> 'resolved'"
    )
    .bind(case)
    .bind(decision)
    .bind(now)
    .execute(c)
    .await
    .map(|_| ()))
}

pub(super) async fn resolve_erased(tx: &mut Tx, post: PostId, now: Time) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE escalations SET state = 'resolved', decision = 'erased', resolved_at = $2
         WHERE state <> 'resolved' AND case_id IN (SELECT id FROM cases WHERE post_id = $1)"
    )
    .bind(post)
    .bind(now)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Answers the case, where it still rang.
pub(super) async fn acknowledge(
    tx: &mut Tx,
    id: EscalationId,
    staff: StaffId,
    now: Time,
) -> sqlx::Result<Option<CaseId>> {
    on_tx!(tx, |c| sqlx::query_scalar(
        "UPDATE escalations SET state = 'acknowledged', acknowledged_by = $2,
                                acknowledged_at = $3
         WHERE id = $1 AND state = 'ringing' RETURNING case_id"
    )
    .bind(id)
    .bind(staff)
    .bind(now)
    .fetch_optional(c)
    .await)
}

/// `false`: it does not ring.
pub(super) async fn acknowledge_case(
    tx: &mut Tx,
    case: CaseId,
    staff: StaffId,
    now: Time,
) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE escalations SET state = 'acknowledged', acknowledged_by = $2,
                                acknowledged_at = $3
         WHERE case_id = $1 AND state = 'ringing'"
    )
    .bind(case)
    .bind(staff)
    .bind(now)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// An escalation that nobody has answered in time.
#[derive(sqlx::FromRow)]
pub(super) struct Due {
    pub id: EscalationId,
    pub case_id: CaseId,
    pub level: Name<Level>,
    pub opened_by: StaffId,
    pub rings: i64,
    pub rung: Option<StaffId>,
}

pub(super) async fn due(db: &Db, now: Time) -> sqlx::Result<Vec<Due>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT id, case_id, level, opened_by, rings, rung FROM escalations
         WHERE state = 'ringing' AND answer_by <= $1 ORDER BY answer_by, id"
    )
    .bind(now)
    .fetch_all(c)
    .await)
}

/// Those for whom it has rung so far.
pub(super) async fn rung(tx: &mut Tx, id: EscalationId) -> sqlx::Result<Vec<StaffId>> {
    on_tx!(tx, |c| sqlx::query_scalar(
        "SELECT staff_id FROM escalation_rings WHERE escalation_id = $1 AND staff_id IS NOT NULL"
    )
    .bind(id)
    .fetch_all(c)
    .await)
}

/// `false`: it rings no more, or has rung again meanwhile.
pub(super) async fn ring_next(tx: &mut Tx, rung: &Rung) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE escalations SET rings = $2, rung = $3, answer_by = $4
         WHERE id = $1 AND state = 'ringing' AND rings = $2 - 1"
    )
    .bind(rung.escalation)
    .bind(rung.rings)
    .bind(rung.lead)
    .bind(rung.answer_by)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// How many ring for every lead.
pub(super) async fn count_unacknowledged(db: &Db) -> sqlx::Result<i64> {
    on_db!(db, |c| sqlx::query_scalar(
        "SELECT count(*) FROM escalations WHERE state = 'ringing' AND rung IS NULL"
    )
    .fetch_one(c)
    .await)
}
