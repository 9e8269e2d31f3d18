//! The SQL of giving and taking back reactions.

use sqlx::QueryBuilder;

use crate::db::{Tx, on_tx, push_list};
use crate::ids::PostId;
use crate::keys::Tag;
use crate::posts::Reaction;

/// Gives a reaction, where the post is live. `false`: nothing changed.
pub async fn insert(tx: &mut Tx, post: PostId, kind: Reaction, tag: Tag) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO reactions (post_id, kind, tag)
         SELECT id, $2, $3 FROM posts WHERE id = $1 AND state = 'live'
         ON CONFLICT (post_id, kind, tag) DO NOTHING"
    )
    .bind(post)
    .bind(kind.as_str())
    .bind(tag.to_vec())
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Takes a reaction back. `false`: there was none.
pub async fn delete(tx: &mut Tx, post: PostId, kind: Reaction, tag: Tag) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM reactions WHERE post_id = $1 AND kind = $2 AND tag = $3"
    )
    .bind(post)
    .bind(kind.as_str())
    .bind(tag.to_vec())
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Deletes the reactions to `posts` that carry one of `tags`, and says which posts had one.
pub async fn delete_tagged(
    tx: &mut Tx,
    posts: &[PostId],
    tags: &[Tag],
) -> sqlx::Result<Vec<PostId>> {
    if posts.is_empty() || tags.is_empty() {
        return Ok(Vec::new());
    }
    on_tx!(tx, |c| {
        let mut query = QueryBuilder::new("DELETE FROM reactions WHERE post_id IN (");
        push_list(&mut query, posts.iter().copied()).push(") AND tag IN (");
        push_list(&mut query, tags.iter().map(|tag| tag.to_vec()))
            .push(") RETURNING post_id")
            .build_query_scalar()
            .fetch_all(c)
            .await
    })
}
