//! The SQL of the queue.

use sqlx::{Database, Encode, QueryBuilder, Type};

use super::{CaseFilter, With};
use crate::clock::Time;
use crate::db::{Db, Name, on_db};
use crate::ids::CaseId;
use crate::moderation::cases::CaseState;
use crate::moderation::store::{CaseRow, SELECT};
use crate::triage::{Level, Queue};

/// Writes what a case has to fulfil to fit.
fn push_conditions<DB: Database>(query: &mut QueryBuilder<DB>, filter: &CaseFilter, now: Time)
where
    &'static str: for<'t> Encode<'t, DB> + Type<DB>,
    Time: for<'t> Encode<'t, DB> + Type<DB>,
    crate::ids::StaffId: for<'t> Encode<'t, DB> + Type<DB>,
{
    query.push(match filter.state {
        None => " WHERE k.state <> 'decided'",
        Some(CaseState::Decided) => " WHERE k.state = 'decided'",
        Some(CaseState::Escalated) => " WHERE k.state = 'escalated'",
        Some(CaseState::Open) => " WHERE k.state = 'open' AND coalesce(k.claim_until, 0) <= ",
        Some(CaseState::Claimed) => " WHERE k.state = 'open' AND coalesce(k.claim_until, 0) > ",
    });
    if let Some(CaseState::Open | CaseState::Claimed) = filter.state {
        query.push_bind(now);
    }
    if let Some(queue) = filter.queue {
        query.push(" AND k.queue = ").push_bind(queue.as_str());
    }
    if let Some(level) = filter.level {
        query.push(" AND k.level = ").push_bind(level.as_str());
    }
    if let Some(topic) = filter.topic {
        query
            .push(" AND EXISTS (SELECT 1 FROM post_topics t WHERE t.post_id = k.post_id AND t.topic = ")
            .push_bind(topic.as_str())
            .push(")");
    }
    match filter.with {
        None => {}
        Some(With::Member(id)) => {
            query
                .push(" AND ((k.claimed_by = ")
                .push_bind(id)
                .push(" AND k.claim_until > ")
                .push_bind(now)
                .push(") OR (k.assigned_to = ")
                .push_bind(id)
                .push(" AND coalesce(k.claim_until, 0) <= ")
                .push_bind(now)
                .push("))");
        }
        Some(With::Nobody) => {
            query
                .push(" AND k.assigned_to IS NULL AND coalesce(k.claim_until, 0) <= ")
                .push_bind(now);
        }
    }
    if let Some(breached) = filter.breached {
        let side = if breached { "<" } else { ">=" };
        query.push(format!(" AND k.due_at {side} ")).push_bind(now);
    }
}

/// The cases that fit, the nearest deadline first.
pub async fn list(
    db: &Db,
    filter: &CaseFilter,
    now: Time,
    after: Option<(i64, CaseId)>,
    limit: i64,
) -> sqlx::Result<Vec<CaseRow>> {
    on_db!(db, |c| {
        let mut query = QueryBuilder::new(SELECT);
        push_conditions(&mut query, filter, now);
        if let Some((due_at, id)) = after {
            query
                .push(" AND (k.due_at, k.id) > (")
                .push_bind(due_at)
                .push(", ")
                .push_bind(id)
                .push(")");
        }
        query
            .push(" ORDER BY k.due_at, k.id LIMIT ")
            .push_bind(limit);
        query.build_query_as().fetch_all(c).await
    })
}

/// The cases of one level in one queue.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Tally {
    /// The queue.
    pub queue: Name<Queue>,
    /// The level.
    pub level: Name<Level>,
    /// How many there are.
    pub cases: i64,
    /// How many of them are past their deadline.
    pub breached: i64,
    /// When the oldest of them was opened.
    pub oldest: Time,
}

/// How many cases fit, by queue and level.
pub async fn tally(db: &Db, filter: &CaseFilter, now: Time) -> sqlx::Result<Vec<Tally>> {
    on_db!(db, |c| {
        let mut query = QueryBuilder::new(
            "SELECT k.queue, k.level, count(*) AS cases, min(k.opened_at) AS oldest,
                    count(CASE WHEN k.due_at < ",
        );
        query
            .push_bind(now)
            .push(" THEN 1 END) AS breached FROM cases k");
        push_conditions(&mut query, filter, now);
        query.push(" GROUP BY k.queue, k.level");
        query.build_query_as().fetch_all(c).await
    })
}

/// A red or crisis case that has just come.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Urgent {
    /// The case.
    pub id: CaseId,
    /// Its queue.
    pub queue: Name<Queue>,
    /// Its level.
    pub level: Name<Level>,
    /// When it was opened.
    pub opened_at: Time,
    /// By when a person decides.
    pub due_at: Time,
}

/// The undecided red and crisis cases with time left, the nearest deadline first: whatever has
/// just come is among them.
pub async fn urgent(db: &Db, now: Time) -> sqlx::Result<Vec<Urgent>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT id, queue, level, opened_at, due_at FROM cases
         WHERE state <> 'decided' AND due_at >= $1 AND level IN ('red', 'crisis')
         ORDER BY due_at, id LIMIT 1000"
    )
    .bind(now)
    .fetch_all(c)
    .await)
}
