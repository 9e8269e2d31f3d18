//! Other words for a post: its author takes out what was hidden, or why it is held.

mod store;

use std::collections::BTreeSet;

use serde::Deserialize;
use sqlx::types::Json;
use utoipa::ToSchema;

pub(super) use store::keep;
pub use store::{Earlier, earlier, erase_earlier};

use super::store as posts_store;
use super::{Post, PostState, Posts, Row, text};
use crate::bus::{self, EventKind, Nudge};
use crate::cases;
use crate::db::{Name, Tx};
use crate::error::{Error, Result};
use crate::ids::{AccountId, PostId};
use crate::surge;
use crate::triage::{Level, Topic, Treatment, Verdict};

/// Other words for a post.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// 1 to 1,000 characters.
    #[schema(min_length = 1, max_length = 1000)]
    pub text: String,
}

impl Posts {
    /// Gives a post other words, which are triaged like those of a new one. A post that waits for
    /// a person goes on waiting: a cry for help is not lost by changing it, and whoever looks sees
    /// what was there before.
    ///
    /// # Errors
    /// Not found where `author` may not see the post, forbidden where it is somebody else's, a
    /// conflict where there is nothing to mend: it is live as it was written, declined, or gone.
    pub async fn change(&self, author: AccountId, id: PostId, change: Change) -> Result<Post> {
        let row = self.visible(author, id).await?;
        if self.author(&row) != Some(author) {
            return Err(Error::Forbidden);
        }
        let text = text::accept("text", &change.text)?;
        let verdict = self.rules.engine().verdict(&text);
        let now = self.clock.now();
        let staffed = self.policy.is_staffed(&now.in_uk());
        let treatment = self.policy.treatment(&verdict, staffed);

        let mut tx = self.db.begin().await?;
        let treatment = match surge::holds_all(&mut tx).await? {
            true => treatment.max(Treatment::Hold),
            false => treatment,
        };
        let old = posts_store::lock(&mut tx, id)
            .await?
            .ok_or(Error::NotFound)?;
        let waits = cases::is_undecided(&mut tx, id).await?;
        let live = match (old.state.0, &old.masked) {
            (PostState::Live, Some(_)) => true,
            (PostState::Held, _) => false,
            (PostState::Live, None) => {
                return Err(Error::Conflict(
                    "This post is already up as you wrote it. To say it in another way, take it \
                     back and write a new one."
                        .into(),
                ));
            }
            (PostState::Declined | PostState::Withdrawn, _) => {
                return Err(Error::Conflict(
                    "This post cannot be changed any more. You can write a new one.".into(),
                ));
            }
        };
        // What a person has hidden may stand in the new words, too: no rule would know it.
        let by_a_person = old.masked != self.policy.masked(&old.text, &old.verdict);
        let treatment = match by_a_person {
            true => treatment.max(Treatment::Hold),
            false => treatment,
        };
        let held = !live || treatment == Treatment::Hold;
        let new = self.revised(&old, text, verdict, waits);
        store::keep(&mut tx, id, old.revision, &old.text, old.verdict.0.clone()).await?;
        store::set_words(&mut tx, &new).await?;
        let topics: BTreeSet<Topic> = new.verdict.topics.iter().copied().collect();
        let topics: Vec<(PostId, Topic)> = topics.into_iter().map(|topic| (id, topic)).collect();
        // What the author named stays; what was found in the words that are gone does not.
        store::drop_topics(&mut tx, id, &old.verdict.topics).await?;
        posts_store::insert_topics(&mut tx, &topics).await?;
        if waits || treatment != Treatment::Publish {
            self.look_again(&mut tx, &new, now).await?;
        }
        let events = match (live, held) {
            (true, false) => vec![(EventKind::Post, id)],
            (true, true) => {
                posts_store::set_state(&mut tx, id, PostState::Held, None, None).await?;
                vec![(EventKind::Gone, id), (EventKind::Notice, id)]
            }
            (false, _) => vec![(EventKind::Notice, id)],
        };
        bus::append_all(&mut tx, &events, now).await?;
        let told = [Nudge::LogGrew, Nudge::CasesChanged];
        self.bus.commit_telling(tx, told).await?;
        self.get(author, id).await
    }

    /// The row with other words. While a person has yet to look, its level never falls.
    fn revised(&self, old: &Row, text: String, verdict: Verdict, waits: bool) -> Row {
        let least = if waits { old.level.0 } else { Level::Green };
        Row {
            masked: self.policy.masked(&text, &verdict),
            text,
            revision: old.revision + 1,
            level: Name(verdict.level.max(least)),
            verdict: Json(verdict),
            ..old.clone()
        }
    }

    /// Opens a case for the new words, or has the one that is open be about them.
    async fn look_again(
        &self,
        tx: &mut Tx,
        new: &Row,
        now: crate::clock::Time,
    ) -> sqlx::Result<()> {
        let queue = self.policy.queue(&new.verdict);
        let post = (new.id, new.revision);
        let opened = cases::open(tx, &self.policy, post, queue, new.level.0, now).await?;
        cases::revise(tx, opened.id, new.revision).await?;
        posts_store::set_review_by(tx, new.id, Some(opened.due_at)).await
    }
}
