//! How a post comes to be: accepted, triaged, and stored with its case and its event at once.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use utoipa::ToSchema;

use super::{PostState, Posts, Row, store, text};
use crate::accounts;
use crate::bus::{self, EventKind, Nudge};
use crate::cases;
use crate::clock::Time;
use crate::db::Name;
use crate::error::{Error, Result};
use crate::ids::{AccountId, PostId};
use crate::keys::Tag;
use crate::triage::{Topic, Treatment, Verdict};

/// Topics that an author may name for one post.
const MAX_TOPICS: usize = 5;
/// Days for which a request may be repeated with the same idempotency key.
const IDEMPOTENCY_DAYS: i64 = 2;

/// What a young person sends.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// 1 to 1,000 characters.
    #[schema(min_length = 1, max_length = 1000)]
    pub text: String,
    /// What the author says it is about; what triage finds is added.
    #[serde(default)]
    #[schema(max_items = 5)]
    pub topics: Vec<Topic>,
}

/// What a repeated request is known by.
#[derive(Clone, Copy)]
struct Repeat {
    tag: Tag,
    fingerprint: Tag,
}

impl Posts {
    /// Accepts, triages and stores a post. It is durable when this returns.
    ///
    /// # Errors
    /// Where the text or the topics cannot be accepted, or the idempotency key came with
    /// another request before.
    pub async fn create(
        &self,
        author: AccountId,
        draft: Draft,
        idempotency_key: Option<&str>,
    ) -> Result<Row> {
        let repeat = idempotency_key.map(|key| Repeat {
            tag: self.keys.idempotency_tag(author, key),
            fingerprint: self.keys.fingerprint(
                author,
                key,
                &serde_json::to_vec(&draft).expect("a draft is plain JSON"),
            ),
        });
        if let Some(earlier) = self.earlier(repeat).await? {
            return Ok(earlier);
        }
        let text = text::accept("text", &draft.text)?;
        if draft.topics.len() > MAX_TOPICS {
            return Err(Error::field(
                "topics",
                format!("Expected {MAX_TOPICS} at the most."),
            ));
        }
        let verdict = self.triage.verdict(&text);
        let topics = verdict.topics.iter().copied().chain(draft.topics).collect();
        let stored = self.store(author, text, verdict, topics, repeat).await?;
        let Some(row) = stored else {
            // The same request came twice at once, and the other one was first.
            return self.earlier(repeat).await?.ok_or(Error::Unavailable);
        };
        let labels = [
            ("level", row.level.0.as_str()),
            ("state", row.state.0.as_str()),
        ];
        metrics::counter!("hearth_posts_total", &labels).increment(1);
        Ok(row)
    }

    /// What an earlier request with the same idempotency key made.
    async fn earlier(&self, repeat: Option<Repeat>) -> Result<Option<Row>> {
        let Some(repeat) = repeat else {
            return Ok(None);
        };
        match store::find_idempotent(&self.db, repeat.tag).await? {
            None => Ok(None),
            Some((earlier, _)) if earlier != repeat.fingerprint => Err(Error::IdempotencyKeyReused),
            Some((_, post)) => Ok(store::find(&self.db, post).await?),
        }
    }

    /// Stores the post as the policy wants it. `None`: its idempotency key is taken.
    async fn store(
        &self,
        author: AccountId,
        text: String,
        verdict: Verdict,
        topics: BTreeSet<Topic>,
        repeat: Option<Repeat>,
    ) -> Result<Option<Row>> {
        let now = self.clock.now();
        let treatment = self
            .policy
            .treatment(&verdict, self.policy.is_staffed(&now.in_uk()));
        let mut row = self.row(author, text, verdict, &treatment, now);
        let mut n = self.count(author).await?;

        let mut tx = self.db.begin().await?;
        if !accounts::hold(&mut tx, author).await? {
            return Err(Error::Unauthenticated);
        }
        // Another request of the same author may have taken the number meanwhile.
        while !store::insert(&mut tx, self.keys.post_tag(author, n), &row).await? {
            n += 1;
        }
        if let Some(Repeat { tag, fingerprint }) = repeat {
            let expires_on = now.day() + IDEMPOTENCY_DAYS;
            if !store::insert_idempotent(&mut tx, tag, fingerprint, row.id, expires_on).await? {
                return Ok(None);
            }
        }
        store::insert_topics(&mut tx, row.id, topics).await?;
        if matches!(treatment, Treatment::Review | Treatment::Hold) {
            let (queue, level) = (self.policy.queue(&row.verdict), row.level.0);
            let post = (row.id, row.revision);
            let case = cases::open(&mut tx, &self.policy, post, queue, level, now).await?;
            row.review_by = Some(case.due_at);
            store::set_review_by(&mut tx, row.id, row.review_by).await?;
        }
        if row.state.0 == PostState::Live {
            bus::append(&mut tx, EventKind::Post, row.id, now).await?;
        }
        self.bus.commit(tx, Nudge::LogGrew).await?;
        Ok(Some(row))
    }

    fn row(
        &self,
        author: AccountId,
        text: String,
        verdict: Verdict,
        treatment: &Treatment,
        now: Time,
    ) -> Row {
        let (state, decline_reason) = match treatment {
            Treatment::Publish | Treatment::Review => (PostState::Live, None),
            Treatment::Hold => (PostState::Held, None),
            Treatment::Decline { reason } => (PostState::Declined, Some(reason.clone())),
        };
        let id = PostId::random();
        Row {
            id,
            author_sealed: self.keys.seal_author(author, id),
            text,
            created_at: now,
            published_at: (state == PostState::Live).then_some(now),
            state: Name(state),
            revision: 1,
            level: Name(verdict.level),
            verdict: Json(verdict),
            review_by: None,
            decline_reason,
        }
    }
}
