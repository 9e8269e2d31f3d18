//! The SQL of requests that are sent again.

use std::collections::HashSet;

use sqlx::QueryBuilder;

use super::Repeat;
use crate::db::{Db, Tx, on_db, on_tx, push_rows};
use crate::ids::PostId;
use crate::keys::Tag;

/// What a request with this idempotency tag made, and what it said.
pub async fn find_idempotent(db: &Db, tag: Tag) -> sqlx::Result<Option<(Vec<u8>, PostId)>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT fingerprint, post_id FROM idempotency_keys WHERE tag = $1"
    )
    .bind(tag.to_vec())
    .fetch_optional(c)
    .await)
}

/// Remembers what requests made; answers the posts of those that are new.
pub async fn insert_idempotent(
    tx: &mut Tx,
    requests: &[(Repeat, PostId)],
) -> sqlx::Result<HashSet<PostId>> {
    if requests.is_empty() {
        return Ok(HashSet::new());
    }
    let new: Vec<PostId> = on_tx!(tx, |c| {
        let mut query = QueryBuilder::new(
            "INSERT INTO idempotency_keys (tag, fingerprint, post_id, expires_on) ",
        );
        push_rows(&mut query, requests, |row, (repeat, post)| {
            row.push_bind(repeat.tag.to_vec())
                .push_bind(repeat.fingerprint.to_vec())
                .push_bind(*post)
                .push_bind(repeat.expires_on);
        })
        .push(" ON CONFLICT (tag) DO NOTHING RETURNING post_id")
        .build_query_scalar()
        .fetch_all(c)
        .await
    })?;
    Ok(new.into_iter().collect())
}

/// Forgets the requests that are too old to be repeated.
pub async fn prune_idempotent(tx: &mut Tx, today: i64) -> sqlx::Result<u64> {
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM idempotency_keys WHERE expires_on < $1"
    )
    .bind(today)
    .execute(c)
    .await
    .map(|done| done.rows_affected()))
}
