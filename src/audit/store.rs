//! The SQL of looking things up on the record.

use sqlx::QueryBuilder;

use super::Line;
use crate::db::{Db, on_db};
use crate::period::Period;

/// Which lines are wanted; all where nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// `staff:ID`, `operator` or `system`.
    pub actor: Option<String>,
    /// An action, or what several begin with, such as `case.`.
    pub action: Option<String>,
    /// What it was done to.
    pub subject: Option<String>,
    /// When.
    pub period: Option<Period>,
    /// Only lines before this number.
    pub before: Option<i64>,
}

/// The lines that fit, newest first, at most `limit`.
pub async fn search(db: &Db, filter: &Filter, limit: i64) -> sqlx::Result<Vec<Line>> {
    on_db!(db, |c| {
        let mut query = QueryBuilder::new(
            "SELECT seq, made_at, actor, action, subject, details, prev_hash, hash
             FROM audit WHERE seq > 0",
        );
        if let Some(actor) = &filter.actor {
            query.push(" AND actor = ").push_bind(actor);
        }
        if let Some(action) = &filter.action {
            let length = i64::try_from(action.chars().count()).unwrap_or(i64::MAX);
            query
                .push(" AND substr(action, 1, CAST(")
                .push_bind(length)
                .push(" AS INTEGER)) = ")
                .push_bind(action);
        }
        if let Some(subject) = &filter.subject {
            query.push(" AND subject = ").push_bind(subject);
        }
        if let Some(Period { from, until }) = filter.period {
            query.push(" AND made_at >= ").push_bind(from);
            query.push(" AND made_at < ").push_bind(until);
        }
        if let Some(before) = filter.before {
            query.push(" AND seq < ").push_bind(before);
        }
        query.push(" ORDER BY seq DESC LIMIT ").push_bind(limit);
        query.build_query_as().fetch_all(c).await
    })
}

/// The number and the hash of the last line.
pub async fn head(db: &Db) -> sqlx::Result<(i64, Vec<u8>)> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT seq, hash FROM audit_head WHERE id = 1"
    )
    .fetch_one(c)
    .await)
}

/// The numbers of the first and the last line of a period; none where there is no line.
pub async fn range(db: &Db, period: Period, head: i64) -> sqlx::Result<Option<(i64, i64)>> {
    let (first, last): (Option<i64>, Option<i64>) = on_db!(db, |c| {
        sqlx::query_as(
        "SELECT min(seq), max(seq) FROM audit WHERE made_at >= $1 AND made_at < $2 AND seq <= $3"
    )
    .bind(period.from)
    .bind(period.until)
    .bind(head)
    .fetch_one(c)
    .await
    })?;
    Ok(first.zip(last))
}

/// The hash of a line; none where it is not there.
pub async fn hash(db: &Db, seq: i64) -> sqlx::Result<Vec<u8>> {
    let hash: Option<Vec<u8>> = on_db!(db, |c| sqlx::query_scalar(
        "SELECT hash FROM audit WHERE seq = $1"
    )
    .bind(seq)
    .fetch_optional(c)
    .await)?;
    Ok(hash.unwrap_or_default())
}
