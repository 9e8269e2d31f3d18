//! What a person who looks at a post changes about it, beside where it stands, and how it was
//! before, for as long as that can be undone.

mod store;

use serde::{Deserialize, Serialize};

use super::store as posts_store;
use super::{PostState, Row, edit};
use crate::bus::{self, EventKind};
use crate::clock::Time;
use crate::db::{Name, Tx};
use crate::triage::{Level, Topic, Verdict};

/// What a person changes about a post. What the rules said of it stays as they said it.
#[derive(Clone, Debug, Default)]
pub struct Amendment {
    /// How much risk they see in it.
    pub level: Option<Level>,
    /// What it is about, in place of all that was said before.
    pub topics: Option<Vec<Topic>>,
    /// The words as others see them from now on.
    pub masked: Option<String>,
}

/// All about a post that a decision can change. It holds words: it is kept sealed, and not for
/// long.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Before {
    state: PostState,
    published_at: Option<Time>,
    decline_reason: Option<String>,
    decline_message: Option<String>,
    review_by: Option<Time>,
    level: Level,
    topics: Vec<Topic>,
    masked: Option<String>,
    earlier: Vec<(i64, String, Verdict)>,
}

impl Before {
    /// What the post was about.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }
}

/// How a post is, before something is decided about it.
pub async fn before(tx: &mut Tx, row: &Row) -> sqlx::Result<Before> {
    let earlier = store::earlier(tx, row.id).await?.into_iter();
    Ok(Before {
        state: row.state.0,
        published_at: row.published_at,
        decline_reason: row.decline_reason.clone(),
        decline_message: row.decline_message.clone(),
        review_by: row.review_by,
        level: row.level.0,
        topics: store::topics(tx, row.id).await?,
        masked: row.masked.clone(),
        earlier: earlier
            .map(|earlier| (earlier.revision, earlier.text, earlier.verdict.0))
            .collect(),
    })
}

/// Changes a post. Where others see it, they are told.
pub async fn amend(
    tx: &mut Tx,
    row: &mut Row,
    amendment: Amendment,
    now: Time,
) -> sqlx::Result<()> {
    let Amendment {
        level,
        topics,
        masked,
    } = amendment;
    let is_seen = topics.is_some() || masked.is_some();
    row.level = level.map_or(row.level, Name);
    row.masked = masked.or(row.masked.take());
    store::set_reading(tx, row.id, row.level.0, row.masked.as_deref()).await?;
    if let Some(topics) = topics {
        set_topics(tx, row, &topics).await?;
    }
    if is_seen && row.state.0 == PostState::Live {
        bus::append(tx, EventKind::Post, row.id, now).await?;
    }
    Ok(())
}

/// Has a post be as it was before; everybody who saw it change is told.
pub async fn restore(tx: &mut Tx, row: &Row, before: Before, now: Time) -> sqlx::Result<()> {
    let topics = store::topics(tx, row.id).await?;
    let (is_live, was_live) = (
        row.state.0 == PostState::Live,
        before.state == PostState::Live,
    );
    let looks_other = !is_live || topics != before.topics || row.masked != before.masked;
    store::restore(tx, row.id, &before).await?;
    set_topics(tx, row, &before.topics).await?;
    for (revision, text, verdict) in before.earlier {
        edit::keep(tx, row.id, revision, &text, verdict).await?;
    }
    let mut events = Vec::new();
    if is_live && !was_live {
        events.push((EventKind::Gone, row.id));
    }
    if was_live && looks_other {
        events.push((EventKind::Post, row.id));
    }
    events.push((EventKind::Notice, row.id));
    bus::append_all(tx, &events, now).await
}

async fn set_topics(tx: &mut Tx, row: &Row, topics: &[Topic]) -> sqlx::Result<()> {
    store::delete_topics(tx, row.id).await?;
    let topics: Vec<_> = topics.iter().map(|topic| (row.id, *topic)).collect();
    posts_store::insert_topics(tx, &topics).await
}
