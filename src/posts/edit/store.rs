//! The SQL of other words for a post, and of those that it had before.

use sqlx::QueryBuilder;
use sqlx::types::Json;

use super::super::Row;
use crate::db::{Db, Tx, on_db, on_tx, push_list};
use crate::ids::PostId;
use crate::triage::{Topic, Verdict};

/// What a post said before its author changed it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Earlier {
    /// The post.
    pub post_id: PostId,
    /// Which of the texts it has had, from 1.
    pub revision: i64,
    /// The words.
    pub text: String,
    /// All that triage said of them.
    pub verdict: Json<Verdict>,
}

/// Keeps words that a post has no longer.
pub async fn keep(
    tx: &mut Tx,
    post: PostId,
    revision: i64,
    text: &str,
    verdict: Verdict,
) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO earlier_words (post_id, revision, text, verdict) VALUES ($1, $2, $3, $4)
         ON CONFLICT (post_id, revision) DO NOTHING"
    )
    .bind(post)
    .bind(revision)
    .bind(text)
    .bind(Json(verdict))
    .execute(c)
    .await
    .map(|_| ()))
}

/// The earlier words of these posts, the oldest first.
pub async fn earlier(db: &Db, posts: &[PostId]) -> sqlx::Result<Vec<Earlier>> {
    if posts.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut query = QueryBuilder::new(
            "SELECT post_id, revision, text, verdict FROM earlier_words WHERE post_id IN (",
        );
        push_list(&mut query, posts.iter().copied())
            .push(") ORDER BY post_id, revision")
            .build_query_as()
            .fetch_all(c)
            .await
    })
}

/// Has a post be about these topics no longer.
pub async fn drop_topics(tx: &mut Tx, post: PostId, topics: &[Topic]) -> sqlx::Result<()> {
    if topics.is_empty() {
        return Ok(());
    }
    on_tx!(tx, |c| {
        let mut query = QueryBuilder::new("DELETE FROM post_topics WHERE post_id = ");
        query.push_bind(post).push(" AND topic IN (");
        push_list(&mut query, topics.iter().map(|topic| topic.as_str()))
            .push(")")
            .build()
            .execute(c)
            .await
            .map(|_| ())
    })
}

/// Gives a post other words.
pub async fn set_words(tx: &mut Tx, row: &Row) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE posts SET text = $2, masked = $3, revision = $4, level = $5, verdict = $6
         WHERE id = $1"
    )
    .bind(row.id)
    .bind(&row.text)
    .bind(&row.masked)
    .bind(row.revision)
    .bind(row.level.0.as_str())
    .bind(&row.verdict)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Erases the earlier words of a post.
pub async fn erase_earlier(tx: &mut Tx, post: PostId) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM earlier_words WHERE post_id = $1"
    )
    .bind(post)
    .execute(c)
    .await
    .map(|_| ()))
}
