//! The SQL of what a person changes about a post.

use super::super::Earlier;
use super::Before;
use crate::db::{Name, Tx, on_tx};
use crate::ids::PostId;
use crate::triage::{Level, Topic};

/// What a post is about, inside a transaction.
pub async fn topics(tx: &mut Tx, post: PostId) -> sqlx::Result<Vec<Topic>> {
    let rows: Vec<(Name<Topic>,)> = on_tx!(tx, |c| sqlx::query_as(
        "SELECT topic FROM post_topics WHERE post_id = $1"
    )
    .bind(post)
    .fetch_all(c)
    .await)?;
    let mut topics: Vec<Topic> = rows.into_iter().map(|(topic,)| topic.0).collect();
    topics.sort();
    Ok(topics)
}

/// Has a post be about nothing.
pub async fn delete_topics(tx: &mut Tx, post: PostId) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM post_topics WHERE post_id = $1"
    )
    .bind(post)
    .execute(c)
    .await
    .map(|_| ()))
}

/// The earlier words of a post, inside a transaction.
pub async fn earlier(tx: &mut Tx, post: PostId) -> sqlx::Result<Vec<Earlier>> {
    on_tx!(tx, |c| sqlx::query_as(
        "SELECT post_id, revision, text, verdict FROM earlier_words
         WHERE post_id = $1 ORDER BY revision"
    )
    .bind(post)
    .fetch_all(c)
    .await)
}

/// Sets how a post is read: how much risk there is in it, and how others see it.
pub async fn set_reading(
    tx: &mut Tx,
    post: PostId,
    level: Level,
    masked: Option<&str>,
) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE posts SET level = $2, masked = $3 WHERE id = $1"
    )
    .bind(post)
    .bind(level.as_str())
    .bind(masked)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Has a post be as it was, but for its topics and its earlier words.
pub async fn restore(tx: &mut Tx, post: PostId, before: &Before) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE posts SET state = $2, published_at = $3, decline_reason = $4,
                          decline_message = $5, review_by = $6, level = $7, masked = $8
         WHERE id = $1"
    )
    .bind(post)
    .bind(before.state.as_str())
    .bind(before.published_at)
    .bind(&before.decline_reason)
    .bind(&before.decline_message)
    .bind(before.review_by)
    .bind(before.level.as_str())
    .bind(&before.masked)
    .execute(c)
    .await
    .map(|_| ()))
}
