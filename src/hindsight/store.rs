//! The SQL of looking back. It reads the tables of several domains, and writes none.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use sqlx::QueryBuilder;
use sqlx::types::Json;

use super::{PAGE, Window};
use crate::clock::Time;
use crate::db::{Db, on_db, push_list};
use crate::ids::{CaseId, PostId};
use crate::triage::Verdict;

/// A post of the past.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Past {
    /// Names the post.
    pub id: PostId,
    /// When it was written.
    pub created_at: Time,
    /// The words; empty once erased.
    pub text: String,
    /// What triage said of it then.
    pub verdict: Json<Verdict>,
}

/// The posts of a window that come after `after`, oldest first; none where there are no more.
pub async fn page(
    db: &Db,
    window: Window,
    after: Option<(Time, PostId)>,
) -> sqlx::Result<Vec<Past>> {
    let before = Time::from_micros(window.since.micros().saturating_sub(1));
    let (at, id) = after.unwrap_or((before, PostId::MAX));
    on_db!(db, |c| sqlx::query_as(
        "SELECT id, created_at, text, verdict FROM posts
         WHERE (created_at, id) > ($1, $2) AND created_at <= $3
         ORDER BY created_at, id LIMIT $4"
    )
    .bind(at)
    .bind(id)
    .bind(window.until)
    .bind(PAGE)
    .fetch_all(c)
    .await)
}

/// A post as it is stored, with its verdict to the last letter.
#[derive(Debug, sqlx::FromRow)]
pub struct Stored {
    pub created_at: Time,
    pub text: String,
    pub verdict: Json<Value>,
}

/// One post.
pub async fn find(db: &Db, id: PostId) -> sqlx::Result<Option<Stored>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT created_at, text, verdict FROM posts WHERE id = $1"
    )
    .bind(id)
    .fetch_optional(c)
    .await)
}

/// What the record says of decisions about these posts: each with its details, as they were made;
/// those that were undone are left out.
pub async fn decisions(db: &Db, posts: &[PostId]) -> sqlx::Result<Vec<(PostId, String)>> {
    if posts.is_empty() {
        return Ok(Vec::new());
    }
    let cases: Vec<(CaseId, PostId)> = on_db!(db, |c| {
        let mut query = QueryBuilder::new("SELECT id, post_id FROM cases WHERE post_id IN (");
        push_list(&mut query, posts.iter().copied())
            .push(")")
            .build_query_as()
            .fetch_all(c)
            .await
    })?;
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let cases: HashMap<String, PostId> = (cases.into_iter())
        .map(|(case, post)| (case.to_string(), post))
        .collect();
    let lines: Vec<(String, String, String)> = on_db!(db, |c| {
        let mut query = QueryBuilder::new(
            "SELECT subject, action, details FROM audit
             WHERE action IN ('case.decide', 'case.overturn', 'case.undo') AND subject IN (",
        );
        push_list(&mut query, cases.keys().cloned())
            .push(") ORDER BY seq")
            .build_query_as()
            .fetch_all(c)
            .await
    })?;
    let mut standing: Vec<(String, String)> = Vec::new();
    for (case, action, details) in lines {
        if action == "case.decide" {
            standing.push((case, details));
        } else if let Some(undone) = standing.iter().rposition(|(about, _)| *about == case) {
            standing.remove(undone);
        }
    }
    let of_posts = standing
        .into_iter()
        .filter_map(|(case, details)| Some((*cases.get(&case)?, details)));
    Ok(of_posts.collect())
}

/// Those of these posts that somebody reported.
pub async fn reported(db: &Db, posts: &[PostId]) -> sqlx::Result<HashSet<PostId>> {
    if posts.is_empty() {
        return Ok(HashSet::new());
    }
    let reported: Vec<PostId> = on_db!(db, |c| {
        let mut query =
            QueryBuilder::new("SELECT DISTINCT post_id FROM reports WHERE post_id IN (");
        push_list(&mut query, posts.iter().copied())
            .push(")")
            .build_query_scalar()
            .fetch_all(c)
            .await
    })?;
    Ok(reported.into_iter().collect())
}

/// What somebody did to a case.
#[derive(Debug, sqlx::FromRow)]
pub struct Act {
    pub seq: i64,
    pub made_at: Time,
    pub actor: String,
    pub action: String,
    pub subject: String,
}

/// Claims, releases and decisions in a window that come after number `after`, at most a page.
pub async fn acts(db: &Db, window: Window, after: i64) -> sqlx::Result<Vec<Act>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT seq, made_at, actor, action, subject FROM audit
         WHERE seq > $1 AND made_at >= $2 AND made_at <= $3
           AND action IN ('case.claim', 'case.release', 'case.decide')
         ORDER BY seq LIMIT $4"
    )
    .bind(after)
    .bind(window.since)
    .bind(window.until)
    .bind(PAGE)
    .fetch_all(c)
    .await)
}
