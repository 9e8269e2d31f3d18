//! How a post comes to be: accepted, triaged, and stored with its case and its event at once.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use utoipa::ToSchema;

use super::new::{Job, Outcome};
use super::repeats::Repeat;
use super::{Post, PostState, Posts, Reactions, Row, text};
use crate::cases;
use crate::clock::Time;
use crate::db::Name;
use crate::error::{Error, Result};
use crate::ids::{AccountId, PostId};
use crate::rules;
use crate::triage::{Queue, Topic, Treatment, Verdict};

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

impl Posts {
    /// Accepts, triages and stores a post, together with those of others. It is durable when
    /// this returns: as it is stored, and as its author sees it.
    ///
    /// # Errors
    /// Where the text or the topics cannot be accepted, or the idempotency key came with
    /// another request before.
    pub async fn create(
        &self,
        author: AccountId,
        draft: Draft,
        idempotency_key: Option<&str>,
    ) -> Result<(Row, Post)> {
        let now = self.clock.now();
        let repeat = idempotency_key.map(|key| Repeat {
            tag: self.keys.idempotency_tag(author, key),
            fingerprint: self.keys.fingerprint(
                author,
                key,
                &serde_json::to_vec(&draft).expect("a draft is plain JSON"),
            ),
            expires_on: now.day() + IDEMPOTENCY_DAYS,
        });
        if let Some(earlier) = self.earlier(author, repeat).await? {
            return Ok(earlier);
        }
        let text = text::accept("text", &draft.text)?;
        if draft.topics.len() > MAX_TOPICS {
            return Err(Error::field(
                "topics",
                format!("Expected {MAX_TOPICS} at the most."),
            ));
        }
        let verdict = self.rules.engine().verdict(&text);
        let topics: BTreeSet<Topic> = verdict.topics.iter().copied().chain(draft.topics).collect();
        let staffed = self.policy.is_staffed(&now.in_uk()) && !self.surge.holds_all();
        let treatment = self.policy.treatment(&verdict, staffed);
        let (mut row, mut queue) = self.row(author, text, verdict, &treatment, now);
        loop {
            let job = Job {
                author,
                count: self.count(author).await?,
                row: row.clone(),
                topics: topics.clone(),
                queue,
                repeat,
            };
            match self.new_posts.write(job).await? {
                Outcome::Stored => break,
                // The same request came twice at once, and the other one was first.
                Outcome::Repeated => {
                    let earlier = self.earlier(author, repeat).await?;
                    return earlier.ok_or(Error::Unavailable);
                }
                // It is, from now on: it cannot come here again.
                Outcome::ToBeHeld => {
                    let Row { text, verdict, .. } = row;
                    (row, queue) = self.row(author, text, verdict.0, &Treatment::Hold, now);
                }
            }
        }
        let labels = [
            ("level", row.level.0.as_str()),
            ("state", row.state.0.as_str()),
        ];
        metrics::counter!("hearth_posts_total", &labels).increment(1);
        rules::count_matches(&row.verdict);
        // Nobody can have reacted to what nobody has seen.
        let topics = topics.into_iter().collect();
        let post = self.view(row.clone(), topics, Reactions::default(), true);
        Ok((row, post))
    }

    fn row(
        &self,
        author: AccountId,
        text: String,
        verdict: Verdict,
        treatment: &Treatment,
        now: Time,
    ) -> (Row, Option<Queue>) {
        let queue = matches!(treatment, Treatment::Review | Treatment::Hold)
            .then(|| self.policy.queue(&verdict));
        let due_at = |queue| cases::due_at(&self.policy, queue, verdict.level, now);
        let (state, decline_reason) = match treatment {
            Treatment::Publish | Treatment::Review => (PostState::Live, None),
            Treatment::Hold => (PostState::Held, None),
            Treatment::Decline { reason } => (PostState::Declined, Some(reason.clone())),
        };
        let id = PostId::random();
        let row = Row {
            id,
            author_sealed: self.keys.seal_author(author, id),
            masked: self.policy.masked(&text, &verdict),
            text,
            review_by: queue.map(due_at),
            created_at: now,
            published_at: (state == PostState::Live).then_some(now),
            state: Name(state),
            revision: 1,
            level: Name(verdict.level),
            verdict: Json(verdict),
            decline_reason,
            decline_message: None,
        };
        (row, queue)
    }
}
