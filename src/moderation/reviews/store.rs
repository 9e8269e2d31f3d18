//! The SQL of second opinions.

use sqlx::QueryBuilder;

use super::{ReviewState, Ruling, Said};
use crate::clock::Time;
use crate::db::{Db, Name, Tx, on_db, on_tx};
use crate::ids::{CaseId, PostId, ReviewId, StaffId};
use crate::moderation::decision::Outcome;
use crate::moderation::store::CaseRow;
use crate::triage::{Level, Queue};

/// A second opinion as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ReviewRow {
    pub id: ReviewId,
    pub case_id: CaseId,
    pub post_id: PostId,
    pub revision: i64,
    pub queue: Name<Queue>,
    pub level: Name<Level>,
    pub state: Name<ReviewState>,
    pub decision: Name<Outcome>,
    pub reason: Option<String>,
    pub decided_at: Time,
    pub claimed_by: Option<StaffId>,
    pub claim_until: Option<Time>,
    pub opinion: Option<Name<Outcome>>,
    pub opinion_reason: Option<String>,
    pub reviewed_by: Option<StaffId>,
    pub ruling: Option<Name<Ruling>>,
    standing: i64,
}

impl ReviewRow {
    /// Whether everything is still as the first decision left it.
    pub fn stands(&self) -> bool {
        self.standing != 0
    }
}

/// The case is decided as it was, and the post is as that left it.
const STANDS: &str = "EXISTS (SELECT 1 FROM cases k JOIN posts p ON p.id = k.post_id
    WHERE k.id = r.case_id AND k.state = 'decided' AND k.decision = r.decision
      AND k.decided_by = r.decided_by AND k.decided_at = r.decided_at
      AND p.revision = r.revision
      AND p.state = CASE r.decision WHEN 'approve' THEN 'live' ELSE 'declined' END)";
const COLUMNS: &str = "SELECT r.id, r.case_id, r.post_id, r.revision, r.queue, r.level, r.state,
    r.decision, r.reason, r.decided_at, r.claimed_by, r.claim_until, r.opinion, r.opinion_reason,
    r.reviewed_by, r.ruling, CAST(CASE WHEN ";
const FROM: &str = " THEN 1 ELSE 0 END AS BIGINT) AS standing FROM reviews r";

fn select<DB: sqlx::Database>(condition: &str) -> QueryBuilder<DB> {
    QueryBuilder::new(format!("{COLUMNS}{STANDS}{FROM} WHERE {condition}"))
}

/// A decision that is drawn.
pub struct New<'a> {
    pub id: ReviewId,
    pub case: &'a CaseRow,
    pub decision: Outcome,
    pub reason: Option<&'a str>,
    pub by: StaffId,
    pub at: Time,
}

/// Stores a decision that is drawn.
pub async fn insert(tx: &mut Tx, new: &New<'_>) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO reviews (id, case_id, post_id, revision, queue, level, state, decision,
                              reason, decided_by, decided_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9, $10)"
    )
    .bind(new.id)
    .bind(new.case.id)
    .bind(new.case.post_id)
    .bind(new.case.revision)
    .bind(new.case.queue.0.as_str())
    .bind(new.case.level.0.as_str())
    .bind(new.decision.as_str())
    .bind(new.reason)
    .bind(new.by)
    .bind(new.at)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Whoever did something to a case, as the record names them.
pub async fn actors(tx: &mut Tx, case: CaseId) -> sqlx::Result<Vec<String>> {
    on_tx!(tx, |c| sqlx::query_scalar(
        "SELECT DISTINCT actor FROM audit WHERE subject = $1"
    )
    .bind(case.to_string())
    .fetch_all(c)
    .await)
}

/// Keeps somebody out of a second opinion.
pub async fn recuse(tx: &mut Tx, id: ReviewId, staff: StaffId) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO review_recusals (review_id, staff_id) VALUES ($1, $2)"
    )
    .bind(id)
    .bind(staff)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Whoever is kept out of a second opinion.
pub async fn recused(tx: &mut Tx, id: ReviewId) -> sqlx::Result<Vec<StaffId>> {
    on_tx!(tx, |c| sqlx::query_scalar(
        "SELECT staff_id FROM review_recusals WHERE review_id = $1"
    )
    .bind(id)
    .fetch_all(c)
    .await)
}

/// Whether somebody is kept out of a second opinion.
pub async fn is_recused(db: &Db, id: ReviewId, staff: StaffId) -> sqlx::Result<bool> {
    let rows: i64 = on_db!(db, |c| sqlx::query_scalar(
        "SELECT count(*) FROM review_recusals WHERE review_id = $1 AND staff_id = $2"
    )
    .bind(id)
    .bind(staff)
    .fetch_one(c)
    .await)?;
    Ok(rows > 0)
}

/// One second opinion.
pub async fn find(db: &Db, id: ReviewId) -> sqlx::Result<Option<ReviewRow>> {
    on_db!(db, |c| select("r.id = ")
        .push_bind(id)
        .build_query_as()
        .fetch_optional(c)
        .await)
}

/// One second opinion, inside a transaction.
pub async fn find_within(tx: &mut Tx, id: ReviewId) -> sqlx::Result<Option<ReviewRow>> {
    on_tx!(tx, |c| select("r.id = ")
        .push_bind(id)
        .build_query_as()
        .fetch_optional(c)
        .await)
}

/// Second opinions that wait for somebody, to be given or to be settled, the oldest first.
pub async fn waiting(
    db: &Db,
    staff: StaffId,
    to_settle: bool,
    now: Time,
    (after, limit): (Option<(i64, ReviewId)>, i64),
) -> sqlx::Result<Vec<ReviewRow>> {
    on_db!(db, |c| {
        let mut query = select(STANDS);
        match to_settle {
            true => query.push(" AND r.state = 'differs' AND r.reviewed_by <> "),
            false => query
                .push(" AND r.state = 'open' AND (coalesce(r.claim_until, 0) <= ")
                .push_bind(now)
                .push(" OR r.claimed_by = "),
        };
        query.push_bind(staff);
        if !to_settle {
            query.push(")");
        }
        query
            .push(
                " AND NOT EXISTS (SELECT 1 FROM review_recusals x
                  WHERE x.review_id = r.id AND x.staff_id = ",
            )
            .push_bind(staff)
            .push(")");
        if let Some((decided_at, id)) = after {
            query
                .push(" AND (r.decided_at, r.id) > (")
                .push_bind(decided_at)
                .push(", ")
                .push_bind(id)
                .push(")");
        }
        query
            .push(" ORDER BY r.decided_at, r.id LIMIT ")
            .push_bind(limit);
        query.build_query_as().fetch_all(c).await
    })
}

/// Takes a second opinion on. `false`: somebody else has it, or it is given, or it is not theirs
/// to give.
pub async fn claim(
    tx: &mut Tx,
    id: ReviewId,
    staff: StaffId,
    now: Time,
    until: Time,
) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE reviews SET claimed_by = $2, claim_until = $4
         WHERE id = $1 AND state = 'open'
           AND (claimed_by IS NULL OR claimed_by = $2 OR claim_until <= $3)
           AND NOT EXISTS (SELECT 1 FROM review_recusals x
                           WHERE x.review_id = $1 AND x.staff_id = $2)"
    )
    .bind(id)
    .bind(staff)
    .bind(now)
    .bind(until)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// The cases of which somebody is giving a second opinion.
pub async fn held_cases(db: &Db, staff: StaffId, now: Time) -> sqlx::Result<Vec<CaseId>> {
    on_db!(db, |c| sqlx::query_scalar(
        "SELECT case_id FROM reviews
         WHERE state = 'open' AND claimed_by = $1 AND claim_until > $2"
    )
    .bind(staff)
    .bind(now)
    .fetch_all(c)
    .await)
}

/// Stores a second opinion, beside the first. `false`: it was not claimed by whoever gives it.
pub async fn give(
    tx: &mut Tx,
    id: ReviewId,
    (staff, now): (StaffId, Time),
    said: &Said,
) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE reviews SET opinion = $4, opinion_reason = $5, reviewed_by = $2,
                reviewed_at = $3, claimed_by = NULL, claim_until = NULL,
                state = CASE WHEN decision = $4 THEN 'agreed' ELSE 'differs' END
         WHERE id = $1 AND state = 'open' AND claimed_by = $2 AND claim_until > $3
           AND NOT EXISTS (SELECT 1 FROM review_recusals x
                           WHERE x.review_id = $1 AND x.staff_id = $2)"
    )
    .bind(id)
    .bind(staff)
    .bind(now)
    .bind(said.decision.as_str())
    .bind(&said.reason)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Settles two decisions that differ. `false`: they do not, or are settled, or whoever wants to
/// has a part in one of them.
pub async fn settle(
    tx: &mut Tx,
    id: ReviewId,
    (staff, now): (StaffId, Time),
    ruling: Ruling,
) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE reviews SET state = 'settled', ruling = $4, settled_by = $2, settled_at = $3
         WHERE id = $1 AND state = 'differs' AND reviewed_by <> $2
           AND NOT EXISTS (SELECT 1 FROM review_recusals x
                           WHERE x.review_id = $1 AND x.staff_id = $2)"
    )
    .bind(id)
    .bind(staff)
    .bind(now)
    .bind(ruling.as_str())
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// How many decisions differ that no lead there is may settle.
pub async fn unsettled(db: &Db) -> sqlx::Result<i64> {
    on_db!(db, |c| {
        let mut query = QueryBuilder::new("SELECT count(*) FROM reviews r WHERE ");
        query
            .push(STANDS)
            .push(
                " AND r.state = 'differs' AND NOT EXISTS (SELECT 1 FROM staff s
                  WHERE s.role = 'lead' AND s.state = 'active' AND s.id <> r.reviewed_by AND NOT EXISTS (
                      SELECT 1 FROM review_recusals x
                      WHERE x.review_id = r.id AND x.staff_id = s.id))",
            )
            .build_query_scalar()
            .fetch_one(c)
            .await
    })
}

/// How often a first and a second decision came together in a queue.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Pairs {
    pub queue: Name<Queue>,
    pub first: Name<Outcome>,
    pub second: Name<Outcome>,
    pub count: i64,
}

/// How many second opinions of a period were the same as the first, and how many there were.
pub async fn agreed(db: &Db, from: Time, to: Time) -> sqlx::Result<(i64, i64)> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT count(CASE WHEN decision = opinion THEN 1 END), count(*) FROM reviews
         WHERE reviewed_at >= $1 AND reviewed_at < $2 AND opinion IS NOT NULL"
    )
    .bind(from)
    .bind(to)
    .fetch_one(c)
    .await)
}

/// The pairs of decisions since a moment.
pub async fn pairs(db: &Db, since: Time) -> sqlx::Result<Vec<Pairs>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT queue, decision AS first, opinion AS second, count(*) AS count FROM reviews
         WHERE reviewed_at > $1 AND opinion IS NOT NULL GROUP BY queue, decision, opinion"
    )
    .bind(since)
    .fetch_all(c)
    .await)
}
