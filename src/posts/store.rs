//! The SQL of posts.

use std::collections::{HashMap, HashSet};

use sqlx::types::Json;
use sqlx::{Database, QueryBuilder};

use super::PostState;
use super::view::Reaction;
use crate::clock::Time;
use crate::db::{Db, Name, Tx, on_db, on_tx, push_list, push_rows};
use crate::ids::PostId;
use crate::keys::Tag;
use crate::triage::{Level, Topic, Verdict};

/// A post as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    /// Names the post.
    pub id: PostId,
    /// The author, sealed.
    pub author_sealed: Vec<u8>,
    /// The words; empty once erased.
    pub text: String,
    /// The words as others see them, where something in them is hidden.
    pub masked: Option<String>,
    /// When it was written.
    pub created_at: Time,
    /// When it last became live.
    pub published_at: Option<Time>,
    /// Where it stands.
    pub state: Name<PostState>,
    /// Counts the texts it has had, from 1.
    pub revision: i64,
    /// How much risk triage saw.
    pub level: Name<Level>,
    /// All that triage said.
    pub verdict: Json<Verdict>,
    /// By when a person looks, while one has to.
    pub review_by: Option<Time>,
    /// The policy's code, where it was declined.
    pub decline_reason: Option<String>,
    /// What its author was told then.
    pub decline_message: Option<String>,
}

fn select<DB: Database>(condition: &str) -> QueryBuilder<DB> {
    QueryBuilder::new(format!(
        "SELECT p.id, p.author_sealed, p.text, p.masked, p.created_at, p.published_at, p.state, p.revision,
                p.level, p.verdict, p.review_by, p.decline_reason, p.decline_message
         FROM posts p WHERE {condition}"
    ))
}

/// One post.
pub async fn find(db: &Db, id: PostId) -> sqlx::Result<Option<Row>> {
    on_db!(db, |c| select("p.id = ")
        .push_bind(id)
        .build_query_as()
        .fetch_optional(c)
        .await)
}

/// One post, inside a transaction; on PostgreSQL it is locked until the end of it.
pub async fn lock(tx: &mut Tx, id: PostId) -> sqlx::Result<Option<Row>> {
    // A write that changes nothing takes the lock on both engines.
    on_tx!(tx, |c| sqlx::query(
        "UPDATE posts SET revision = revision WHERE id = $1"
    )
    .bind(id)
    .execute(c)
    .await
    .map(|_| ()))?;
    on_tx!(tx, |c| select("p.id = ")
        .push_bind(id)
        .build_query_as()
        .fetch_optional(c)
        .await)
}

/// Where a post stands, and whose it is.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Standing {
    /// The post.
    pub id: PostId,
    /// The author, sealed.
    pub author_sealed: Vec<u8>,
    /// Where it stands.
    pub state: Name<PostState>,
}

/// Where these posts stand, inside a transaction; those that are not there are missing.
pub async fn standing(
    tx: &mut Tx,
    posts: impl IntoIterator<Item = PostId>,
) -> sqlx::Result<HashMap<PostId, Standing>> {
    let posts: HashSet<PostId> = posts.into_iter().collect();
    if posts.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Standing> = on_tx!(tx, |c| {
        let mut query =
            QueryBuilder::new("SELECT id, author_sealed, state FROM posts WHERE id IN (");
        push_list(&mut query, posts)
            .push(")")
            .build_query_as()
            .fetch_all(c)
            .await
    })?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The posts with these ids, in no order.
pub async fn find_all(db: &Db, ids: &[PostId]) -> sqlx::Result<Vec<Row>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut query = select("p.id IN (");
        push_list(&mut query, ids.iter().copied())
            .push(")")
            .build_query_as()
            .fetch_all(c)
            .await
    })
}

/// The posts with these tags, in no order.
pub async fn find_tagged(db: &Db, tags: &[Tag]) -> sqlx::Result<Vec<Row>> {
    if tags.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut query = select("p.author_tag IN (");
        push_list(&mut query, tags.iter().map(|tag| tag.to_vec()))
            .push(")")
            .build_query_as()
            .fetch_all(c)
            .await
    })
}

/// How many posts have one of these tags.
pub async fn count_tagged(db: &Db, tags: &[Tag]) -> sqlx::Result<i64> {
    on_db!(db, |c| {
        let mut query = QueryBuilder::new("SELECT count(*) FROM posts WHERE author_tag IN (");
        push_list(&mut query, tags.iter().map(|tag| tag.to_vec()))
            .push(")")
            .build_query_scalar()
            .fetch_one(c)
            .await
    })
}

/// Which part of the feed is wanted.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    /// Only posts about this.
    pub topic: Option<Topic>,
    /// No posts about these.
    pub muted: Vec<Topic>,
    /// Only posts that come after this one: when it became live, and its id.
    pub after: Option<(i64, PostId)>,
}

impl Feed {
    /// `topic` alone, or all, less what is muted. Who asks for a topic by its name wants it,
    /// muted or not.
    pub fn new(topic: Option<Topic>, mut muted: Vec<Topic>, after: Option<(i64, PostId)>) -> Feed {
        muted.retain(|muted| Some(*muted) != topic);
        Feed {
            topic,
            muted,
            after,
        }
    }

    /// Whether a post about `topics` belongs to it.
    pub fn wants(&self, topics: &[Topic]) -> bool {
        self.topic.is_none_or(|topic| topics.contains(&topic))
            && !topics.iter().any(|topic| self.muted.contains(topic))
    }
}

/// A part of the feed, newest first.
pub async fn feed(db: &Db, feed: &Feed, limit: i64) -> sqlx::Result<Vec<Row>> {
    on_db!(db, |c| {
        let mut query = select("p.state = 'live'");
        if let Some(topic) = feed.topic {
            query
                .push(" AND EXISTS (SELECT 1 FROM post_topics t WHERE t.post_id = p.id AND t.topic = ")
                .push_bind(topic.as_str())
                .push(")");
        }
        if !feed.muted.is_empty() {
            query.push(
                " AND NOT EXISTS (SELECT 1 FROM post_topics t WHERE t.post_id = p.id AND t.topic IN (",
            );
            push_list(&mut query, feed.muted.iter().map(|topic| topic.as_str())).push("))");
        }
        if let Some((published_at, id)) = feed.after {
            query
                .push(" AND (p.published_at, p.id) < (")
                .push_bind(published_at)
                .push(", ")
                .push_bind(id)
                .push(")");
        }
        query
            .push(" ORDER BY p.published_at DESC, p.id DESC LIMIT ")
            .push_bind(limit);
        query.build_query_as().fetch_all(c).await
    })
}

/// What each post is about.
pub async fn topics(db: &Db, posts: &[PostId]) -> sqlx::Result<HashMap<PostId, Vec<Topic>>> {
    let mut all: HashMap<PostId, Vec<Topic>> = HashMap::new();
    if posts.is_empty() {
        return Ok(all);
    }
    let rows: Vec<(PostId, Name<Topic>)> = on_db!(db, |c| {
        let mut query =
            QueryBuilder::new("SELECT post_id, topic FROM post_topics WHERE post_id IN (");
        push_list(&mut query, posts.iter().copied())
            .push(")")
            .build_query_as()
            .fetch_all(c)
            .await
    })?;
    for (post, Name(topic)) in rows {
        all.entry(post).or_default().push(topic);
    }
    all.values_mut().for_each(|topics| topics.sort());
    Ok(all)
}

/// How many of one reaction a post has.
#[derive(Debug, sqlx::FromRow)]
pub struct ReactionCount {
    /// The post.
    pub post_id: PostId,
    /// The reaction.
    pub kind: Name<Reaction>,
    /// How many people gave it.
    pub count: i64,
    /// How many of them have one of the tags asked for.
    pub mine: i64,
}

/// The reactions to each post, and which of them have one of `tags`.
pub async fn reactions(
    db: &Db,
    posts: &[PostId],
    tags: &[Vec<u8>],
) -> sqlx::Result<Vec<ReactionCount>> {
    if posts.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut query = QueryBuilder::new("SELECT post_id, kind, count(*) AS count, ");
        if tags.is_empty() {
            query.push("CAST(0 AS BIGINT)");
        } else {
            query.push("count(CASE WHEN tag IN (");
            push_list(&mut query, tags.iter().cloned()).push(") THEN 1 END)");
        }
        query.push(" AS mine FROM reactions WHERE post_id IN (");
        push_list(&mut query, posts.iter().copied())
            .push(") GROUP BY post_id, kind")
            .build_query_as()
            .fetch_all(c)
            .await
    })
}

/// The tag of every reaction to these posts.
pub async fn given(db: &Db, posts: &[PostId]) -> sqlx::Result<Vec<(PostId, Tag)>> {
    if posts.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(PostId, Vec<u8>)> = on_db!(db, |c| {
        let mut query = QueryBuilder::new("SELECT post_id, tag FROM reactions WHERE post_id IN (");
        push_list(&mut query, posts.iter().copied())
            .push(")")
            .build_query_as()
            .fetch_all(c)
            .await
    })?;
    let tagged = rows
        .into_iter()
        .filter_map(|(post, tag)| Some((post, tag.try_into().ok()?)));
    Ok(tagged.collect())
}

/// Those of these reactions that are there.
pub async fn found(
    db: &Db,
    reactions: &[(PostId, Reaction, Tag)],
) -> sqlx::Result<Vec<(PostId, Name<Reaction>)>> {
    if reactions.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut query = QueryBuilder::new(
            "SELECT post_id, kind FROM reactions WHERE (post_id, kind, tag) IN (",
        );
        push_rows(&mut query, reactions, |row, (post, kind, tag)| {
            row.push_bind(*post)
                .push_bind(kind.as_str())
                .push_bind(tag.to_vec());
        })
        .push(")")
        .build_query_as()
        .fetch_all(c)
        .await
    })
}

/// Stores new posts; answers which are stored. A post whose tag is taken is not.
pub async fn insert(tx: &mut Tx, posts: &[(Tag, &Row)]) -> sqlx::Result<HashSet<PostId>> {
    if posts.is_empty() {
        return Ok(HashSet::new());
    }
    let stored: Vec<PostId> = on_tx!(tx, |c| {
        let mut query = QueryBuilder::new(
            "INSERT INTO posts (id, author_tag, author_sealed, text, created_at, published_at,
                                state, revision, level, verdict, review_by, decline_reason,
                                masked) ",
        );
        push_rows(&mut query, posts, |values, (tag, row)| {
            values
                .push_bind(row.id)
                .push_bind(tag.to_vec())
                .push_bind(&row.author_sealed)
                .push_bind(&row.text)
                .push_bind(row.created_at)
                .push_bind(row.published_at)
                .push_bind(row.state.0.as_str())
                .push_bind(row.revision)
                .push_bind(row.level.0.as_str())
                .push_bind(&row.verdict)
                .push_bind(row.review_by)
                .push_bind(&row.decline_reason)
                .push_bind(&row.masked);
        })
        .push(" ON CONFLICT DO NOTHING RETURNING id")
        .build_query_scalar()
        .fetch_all(c)
        .await
    })?;
    Ok(stored.into_iter().collect())
}

/// Stores what new posts are about.
pub async fn insert_topics(tx: &mut Tx, topics: &[(PostId, Topic)]) -> sqlx::Result<()> {
    if topics.is_empty() {
        return Ok(());
    }
    on_tx!(tx, |c| {
        let mut query = QueryBuilder::new("INSERT INTO post_topics (post_id, topic) ");
        push_rows(&mut query, topics, |row, (post, topic)| {
            row.push_bind(*post).push_bind(topic.as_str());
        })
        .push(" ON CONFLICT (post_id, topic) DO NOTHING")
        .build()
        .execute(c)
        .await
        .map(|_| ())
    })
}

/// Sets by when a person looks. While the post is live, an event has to tell of it.
pub async fn set_review_by(tx: &mut Tx, post: PostId, at: Option<Time>) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE posts SET review_by = $2 WHERE id = $1"
    )
    .bind(post)
    .bind(at)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Sets where a post stands: since when it is live, and why it was declined: the policy's code,
/// and what its author is told.
pub async fn set_state(
    tx: &mut Tx,
    post: PostId,
    state: PostState,
    published_at: Option<Time>,
    decline: Option<(&str, &str)>,
) -> sqlx::Result<()> {
    let (reason, message) = decline.unzip();
    on_tx!(tx, |c| sqlx::query(
        "UPDATE posts SET state = $2, published_at = $3, decline_reason = $4,
                          decline_message = $5
         WHERE id = $1"
    )
    .bind(post)
    .bind(state.as_str())
    .bind(published_at)
    .bind(reason)
    .bind(message)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Erases the words of a post and what was found in them.
pub async fn erase_text(tx: &mut Tx, post: PostId, verdict: &Json<Verdict>) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE posts SET text = '', masked = NULL, verdict = $2 WHERE id = $1"
    )
    .bind(post)
    .bind(verdict)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Deletes a post and all that hangs on it but its cases.
pub async fn delete(tx: &mut Tx, post: PostId) -> sqlx::Result<()> {
    delete_all(tx, &HashSet::from([post])).await
}

/// Deletes posts and all that hangs on them but their cases.
pub async fn delete_all(tx: &mut Tx, posts: &HashSet<PostId>) -> sqlx::Result<()> {
    if posts.is_empty() {
        return Ok(());
    }
    on_tx!(tx, |c| {
        let mut query = QueryBuilder::new("DELETE FROM posts WHERE id IN (");
        push_list(&mut query, posts.iter().copied())
            .push(")")
            .build()
            .execute(c)
            .await
            .map(|_| ())
    })
}

/// The ids of the posts that come after `after`, oldest first.
pub async fn ids(
    db: &Db,
    after: Option<(Time, PostId)>,
    limit: i64,
) -> sqlx::Result<Vec<(Time, PostId)>> {
    let (at, id) = after.unwrap_or((Time::from_micros(i64::MIN), PostId::MAX));
    on_db!(db, |c| sqlx::query_as(
        "SELECT created_at, id FROM posts WHERE (created_at, id) > ($1, $2)
         ORDER BY created_at, id LIMIT $3"
    )
    .bind(at)
    .bind(id)
    .bind(limit)
    .fetch_all(c)
    .await)
}
