//! The SQL of appeals.

use std::collections::HashMap;

use sqlx::QueryBuilder;

use super::MadeAppeal;
use crate::clock::Time;
use crate::db::{Db, Tx, on_db, on_tx, push_list};
use crate::ids::{CaseId, PostId};

/// Stores what an author says against a decision. `false`: they said something already.
pub async fn insert_appeal(
    tx: &mut Tx,
    (post, revision): (PostId, i64),
    case: CaseId,
    text: &str,
    now: Time,
) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO appeals (post_id, revision, case_id, text, made_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (post_id, revision) DO NOTHING"
    )
    .bind(post)
    .bind(revision)
    .bind(case)
    .bind(text)
    .bind(now)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// What the author of a post said against the decision on a revision, and the case it went to.
pub async fn find_appeal(
    db: &Db,
    (post, revision): (PostId, i64),
) -> sqlx::Result<Option<(String, CaseId)>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT text, case_id FROM appeals WHERE post_id = $1 AND revision = $2"
    )
    .bind(post)
    .bind(revision)
    .fetch_optional(c)
    .await)
}

/// What was said against decisions about these posts.
pub async fn appeals_about(db: &Db, posts: &[PostId]) -> sqlx::Result<Vec<MadeAppeal>> {
    if posts.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut query =
            QueryBuilder::new("SELECT post_id, text, made_at FROM appeals WHERE post_id IN (");
        push_list(&mut query, posts.iter().copied())
            .push(") ORDER BY made_at")
            .build_query_as()
            .fetch_all(c)
            .await
    })
}

/// The words of the appeal that went to each case.
pub async fn of_cases(db: &Db, cases: &[CaseId]) -> sqlx::Result<HashMap<CaseId, String>> {
    if cases.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(CaseId, String)> = on_db!(db, |c| {
        let mut query = QueryBuilder::new("SELECT case_id, text FROM appeals WHERE case_id IN (");
        push_list(&mut query, cases.iter().copied())
            .push(")")
            .build_query_as()
            .fetch_all(c)
            .await
    })?;
    Ok(rows.into_iter().collect())
}
