//! The SQL of giving and taking back reactions.

use std::collections::{BTreeSet, HashMap, HashSet};

use sqlx::QueryBuilder;

use super::changes::Given;
use crate::db::{Name, Tx, on_tx, push_list, push_rows};
use crate::ids::PostId;
use crate::keys::Tag;
use crate::posts::{Counts, Reaction};

/// Gives reactions; answers the tags of those that were not there before.
pub async fn insert(tx: &mut Tx, all: &[Given]) -> sqlx::Result<HashSet<Tag>> {
    if all.is_empty() {
        return Ok(HashSet::new());
    }
    let tags = on_tx!(tx, |c| {
        let mut query = QueryBuilder::new("INSERT INTO reactions (post_id, kind, tag) ");
        push_rows(&mut query, all, |row, given| {
            row.push_bind(given.post)
                .push_bind(given.kind.as_str())
                .push_bind(given.tag.to_vec());
        })
        .push(" ON CONFLICT (post_id, kind, tag) DO NOTHING RETURNING tag")
        .build_query_scalar()
        .fetch_all(c)
        .await
    })?;
    Ok(set_of(tags))
}

/// Takes reactions back; answers the tags of those that were there.
pub async fn delete(tx: &mut Tx, all: &[Given]) -> sqlx::Result<HashSet<Tag>> {
    if all.is_empty() {
        return Ok(HashSet::new());
    }
    let tags = on_tx!(tx, |c| {
        let mut query = QueryBuilder::new("DELETE FROM reactions WHERE (post_id, kind, tag) IN (");
        push_rows(&mut query, all, |row, given| {
            row.push_bind(given.post)
                .push_bind(given.kind.as_str())
                .push_bind(given.tag.to_vec());
        })
        .push(") RETURNING tag")
        .build_query_scalar()
        .fetch_all(c)
        .await
    })?;
    Ok(set_of(tags))
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
    Ok(set_of(tags))
}

fn set_of(tags: Vec<Vec<u8>>) -> HashSet<Tag> {
    let tags = tags.into_iter();
    tags.filter_map(|tag| tag.try_into().ok()).collect()
}

/// How many of each reaction posts have; posts without any are missing.
pub async fn counts(
    tx: &mut Tx,
    posts: &BTreeSet<PostId>,
) -> sqlx::Result<HashMap<PostId, Counts>> {
    let mut all: HashMap<PostId, Counts> = HashMap::new();
    if posts.is_empty() {
        return Ok(all);
    }
    let rows: Vec<(PostId, Name<Reaction>, i64)> = on_tx!(tx, |c| {
        let mut query =
            QueryBuilder::new("SELECT post_id, kind, count(*) FROM reactions WHERE post_id IN (");
        push_list(&mut query, posts.iter().copied())
            .push(") GROUP BY post_id, kind")
            .build_query_as()
            .fetch_all(c)
            .await
    })?;
    for (post, Name(kind), count) in rows {
        all.entry(post).or_default().set(kind, count);
    }
    Ok(all)
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
