//! The SQL of giving and taking back reactions.

use std::collections::{BTreeSet, HashMap, HashSet};

use sqlx::QueryBuilder;

use super::changes::Given;
use crate::db::{Tx, on_tx, push_list, push_rows};
use crate::ids::PostId;
use crate::keys::Tag;
use crate::posts::Counts;

/// Gives reactions.
pub async fn insert(tx: &mut Tx, all: &[Given]) -> sqlx::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    on_tx!(tx, |c| {
        let mut query = QueryBuilder::new("INSERT INTO reactions (post_id, kind, tag) ");
        push_rows(&mut query, all, |row, given| {
            row.push_bind(given.post)
                .push_bind(given.kind.as_str())
                .push_bind(given.tag.to_vec());
        })
        .push(" ON CONFLICT (post_id, kind, tag) DO NOTHING")
        .build()
        .execute(c)
        .await
        .map(|_| ())
    })
}

/// Takes reactions back.
pub async fn delete(tx: &mut Tx, all: &[Given]) -> sqlx::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    on_tx!(tx, |c| {
        let mut query = QueryBuilder::new("DELETE FROM reactions WHERE (post_id, kind, tag) IN (");
        push_rows(&mut query, all, |row, given| {
            row.push_bind(given.post)
                .push_bind(given.kind.as_str())
                .push_bind(given.tag.to_vec());
        })
        .push(")")
        .build()
        .execute(c)
        .await
        .map(|_| ())
    })
}

/// The tags of those that are there.
pub async fn standing(tx: &mut Tx, all: &BTreeSet<Given>) -> sqlx::Result<HashSet<Tag>> {
    if all.is_empty() {
        return Ok(HashSet::new());
    }
    let tags = on_tx!(tx, |c| {
        let mut query =
            QueryBuilder::new("SELECT tag FROM reactions WHERE (post_id, kind, tag) IN (");
        push_rows(&mut query, all, |row, given| {
            row.push_bind(given.post)
                .push_bind(given.kind.as_str())
                .push_bind(given.tag.to_vec());
        })
        .push(")")
        .build_query_scalar()
        .fetch_all(c)
        .await
    })?;
    let tags: Vec<Vec<u8>> = tags;
    let tags = tags.into_iter();
    Ok(tags.filter_map(|tag| tag.try_into().ok()).collect())
}

/// How many of each reaction posts have.
///
/// Three counts by the key of the rows are much cheaper than one walk over them that looks at the
/// kind of each.
pub async fn counts(
    tx: &mut Tx,
    posts: &BTreeSet<PostId>,
) -> sqlx::Result<HashMap<PostId, Counts>> {
    if posts.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(PostId, i64, i64, i64)> = on_tx!(tx, |c| {
        let mut query = QueryBuilder::new("WITH asked (id) AS (");
        push_rows(&mut query, posts, |row, post| {
            row.push_bind(*post);
        })
        .push(
            ") SELECT id,
                (SELECT count(*) FROM reactions WHERE post_id = id AND kind = 'heart'),
                (SELECT count(*) FROM reactions WHERE post_id = id AND kind = 'me2'),
                (SELECT count(*) FROM reactions WHERE post_id = id AND kind = 'hug')
             FROM (SELECT DISTINCT id FROM asked) AS each",
        )
        .build_query_as()
        .fetch_all(c)
        .await
    })?;
    let counts = |(post, heart, me2, hug)| (post, Counts { heart, me2, hug });
    Ok(rows.into_iter().map(counts).collect())
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
