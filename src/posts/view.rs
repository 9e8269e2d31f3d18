//! A post as it is shown: to its author in every state, to everybody else only while it is live.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::{self, Row};
use super::{PostState, Posts};
use crate::clock::Time;
use crate::ids::{AccountId, PostId};
use crate::keys::ReactionTags;
use crate::triage::Topic;

/// The closed set of answers to a post.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// "I see you."
    Heart,
    /// "It is the same for me."
    Me2,
    /// "I am with you."
    Hug,
}

impl Reaction {
    /// All there are, and all there will be.
    pub const ALL: [Reaction; 3] = [Reaction::Heart, Reaction::Me2, Reaction::Hug];

    /// The name in addresses, JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Reaction::Heart => "heart",
            Reaction::Me2 => "me2",
            Reaction::Hug => "hug",
        }
    }
}

impl std::str::FromStr for Reaction {
    type Err = ();
    fn from_str(name: &str) -> Result<Reaction, ()> {
        Reaction::ALL
            .into_iter()
            .find(|reaction| reaction.as_str() == name)
            .ok_or(())
    }
}

/// How many people gave each reaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Hearts.
    pub heart: i64,
    /// Me2s.
    pub me2: i64,
    /// Hugs.
    pub hug: i64,
}

impl Counts {
    fn set(&mut self, reaction: Reaction, count: i64) {
        match reaction {
            Reaction::Heart => self.heart = count,
            Reaction::Me2 => self.me2 = count,
            Reaction::Hug => self.hug = count,
        }
    }
}

/// What became of the reactions to a post.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Reactions {
    /// From everybody.
    pub reactions: Counts,
    /// From the one who asks.
    pub my_reactions: Vec<Reaction>,
}

/// A post. No field says who wrote it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Post {
    /// Names the post.
    #[schema(value_type = String)]
    pub id: PostId,
    /// The words; empty once withdrawn. To others, `[hidden]` stands for what could show who or
    /// where somebody is.
    pub text: String,
    /// What others see instead of `text`, and why: for its author, where something is hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Hidden>,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// Where it stands.
    pub state: PostState,
    /// What it is about.
    pub topics: Vec<Topic>,
    /// From everybody, and from the one who asks.
    #[serde(flatten)]
    pub reactions: Reactions,
    /// Whether the one who asks wrote it.
    pub mine: bool,
    /// By when a person looks at it: for its author, while one has to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub review_by: Option<Time>,
    /// Why it was declined: for its author.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// What others see of a post in which something is hidden.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Hidden {
    /// The words as others see them.
    pub text: String,
    /// Why, as a kind adult would say it, and what its author can do.
    pub message: &'static str,
}

impl Hidden {
    /// These words are seen by others.
    pub(super) fn new(text: String) -> Hidden {
        Hidden {
            text,
            message: HIDDEN_MESSAGE,
        }
    }
}

/// What the author of a post reads in which something is hidden.
const HIDDEN_MESSAGE: &str = "We hid a bit of this, so that nobody can find out who or where you \
    or someone else is. You did nothing wrong. Other people see the rest. You can change the \
    words if you like.";

/// Why a post was declined, as a kind adult would say it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Reason {
    /// The policy's code.
    pub code: String,
    /// The words for the author.
    pub message: String,
}

impl Posts {
    /// Shows rows to `viewer`: rows they may not see are left out.
    pub async fn show(&self, rows: Vec<Row>, viewer: Option<AccountId>) -> sqlx::Result<Vec<Post>> {
        let seen: Vec<(Row, bool)> = rows
            .into_iter()
            .map(|row| {
                let mine = viewer.is_some() && self.author(&row) == viewer;
                (row, mine)
            })
            .filter(|(row, mine)| *mine || row.state.0 == PostState::Live)
            .collect();
        let ids: Vec<PostId> = seen.iter().map(|(row, _)| row.id).collect();
        let mut topics = store::topics(&self.db, &ids).await?;
        let mut reactions = self.reactions(&ids, viewer).await?;
        Ok(seen
            .into_iter()
            .map(|(row, mine)| {
                let topics = topics.remove(&row.id).unwrap_or_default();
                let reactions = reactions.remove(&row.id).unwrap_or_default();
                self.view(row, topics, reactions, mine)
            })
            .collect())
    }

    /// A row as its author sees it, or as everybody else does while it is live.
    pub(super) fn view(
        &self,
        row: Row,
        topics: Vec<Topic>,
        reactions: Reactions,
        mine: bool,
    ) -> Post {
        let withdrawn = row.state.0 == PostState::Withdrawn;
        let masked = row.masked.filter(|_| !withdrawn);
        let (text, hidden) = match masked {
            // The words may be kept for a person who has yet to look; nobody else reads them.
            _ if withdrawn => (String::new(), None),
            Some(masked) if mine => (row.text, Some(Hidden::new(masked))),
            Some(masked) => (masked, None),
            None => (row.text, None),
        };
        Post {
            id: row.id,
            created_at: row.created_at,
            state: row.state.0,
            topics,
            reactions,
            mine,
            review_by: row.review_by.filter(|_| mine),
            reason: row
                .decline_reason
                .filter(|_| mine)
                .map(|code| self.reason(code, row.decline_message)),
            text,
            hidden,
        }
    }

    /// The reactions to each post; posts without any may be missing.
    pub async fn reactions(
        &self,
        posts: &[PostId],
        viewer: Option<AccountId>,
    ) -> sqlx::Result<HashMap<PostId, Reactions>> {
        let tags: Vec<Vec<u8>> = viewer
            .map(|viewer| self.reaction_tags(viewer))
            .iter()
            .flatten()
            .flat_map(|(_, tags)| tags.of_each(posts.iter().copied()))
            .map(|tag| tag.to_vec())
            .collect();
        let mut all: HashMap<PostId, Reactions> = HashMap::new();
        for row in store::reactions(&self.db, posts, &tags).await? {
            let of_post = all.entry(row.post_id).or_default();
            of_post.reactions.set(row.kind.0, row.count);
            if row.mine > 0 {
                of_post.my_reactions.push(row.kind.0);
            }
        }
        for of_post in all.values_mut() {
            of_post.my_reactions.sort_by_key(|kind| kind.as_str());
        }
        Ok(all)
    }

    /// What the reactions of `viewer` are found by.
    pub(super) fn reaction_tags(&self, viewer: AccountId) -> [(Reaction, ReactionTags); 3] {
        Reaction::ALL.map(|kind| (kind, self.keys.reaction_tags(viewer, kind.as_str())))
    }

    fn reason(&self, code: String, told: Option<String>) -> Reason {
        let known = self.policy.decline_reason(&code);
        let message = match (told, known.filter(|known| known.gaps().is_empty())) {
            (Some(told), _) => told,
            (None, Some(known)) => known.message.clone(),
            (None, None) => "This one does not fit here. You can ask us to look again.".into(),
        };
        Reason { code, message }
    }
}
