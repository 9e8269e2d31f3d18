//! Many changes of reactions, written at once.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::{Change, store};
use crate::accounts;
use crate::bus::{self, Bus, EventKind};
use crate::clock::Clock;
use crate::db::{Tx, Writer};
use crate::error::{Error, Result};
use crate::ids::{AccountId, PostId};
use crate::keys::{Keys, Tag};
use crate::posts::{self, PostState, Reaction, Reactions};

/// Writes changes of reactions.
pub struct Changes {
    /// When it is.
    pub clock: Clock,
    /// Who wrote what.
    pub keys: Arc<Keys>,
    /// Who is told.
    pub bus: Bus,
}

/// One change of one reaction.
pub struct Job {
    person: AccountId,
    post: PostId,
    kind: Reaction,
    change: Change,
    /// The tags of all that this person can give to this post, in the order of
    /// [`Reaction::ALL`].
    tags: [Tag; Reaction::ALL.len()],
}

impl Job {
    pub(super) fn new(
        keys: &Keys,
        person: AccountId,
        post: PostId,
        kind: Reaction,
        change: Change,
    ) -> Job {
        Job {
            person,
            post,
            kind,
            change,
            tags: Reaction::ALL.map(|kind| keys.reaction_tag(person, post, kind.as_str())),
        }
    }

    /// All that this person can give to this post.
    fn all(&self) -> impl Iterator<Item = Given> {
        let given = |(kind, tag)| Given {
            post: self.post,
            kind,
            tag,
        };
        Reaction::ALL.into_iter().zip(self.tags).map(given)
    }

    /// What is given or taken back.
    fn given(&self) -> Option<Given> {
        self.all().find(|given| given.kind == self.kind)
    }
}

/// What a person gave to a post: the key of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Given {
    pub post: PostId,
    pub kind: Reaction,
    pub tag: Tag,
}

/// How things are after a change.
pub struct Now {
    pub reactions: Reactions,
    /// Whether they were another way before.
    pub changed: bool,
}

impl Writer for Changes {
    const NAME: &'static str = "reactions";
    type Job = Job;
    type Answer = Now;

    async fn write(&self, tx: &mut Tx, jobs: &[Job]) -> sqlx::Result<Vec<Result<Now>>> {
        let refusals = self.refusals(tx, jobs).await?;
        let allowed = || {
            let pairs = jobs.iter().zip(&refusals);
            pairs
                .filter(|(_, refusal)| refusal.is_none())
                .map(|(job, _)| job)
        };

        // What these people gave before, and of several changes of one reaction the last. All in
        // one order, so that of two processes which change the same rows none waits for the
        // other crosswise.
        let all: BTreeSet<Given> = allowed().flat_map(Job::all).collect();
        let mut own = store::standing(tx, &all).await?;
        let last: BTreeMap<Given, Change> = allowed()
            .filter_map(|job| Some((job.given()?, job.change)))
            .collect();
        let changes: Vec<(Given, Change)> = last
            .into_iter()
            .filter(|(given, change)| own.contains(&given.tag) == (*change == Change::TakeBack))
            .collect();
        let to = |wanted| {
            let wanted = changes.iter().filter(move |(_, change)| *change == wanted);
            wanted.map(|(given, _)| *given).collect::<Vec<Given>>()
        };
        let (given, taken_back) = (to(Change::Give), to(Change::TakeBack));
        store::delete(tx, &taken_back).await?;
        store::insert(tx, &given).await?;
        own.extend(given.iter().map(|given| given.tag));
        for given in &taken_back {
            own.remove(&given.tag);
        }

        let of: BTreeSet<PostId> = allowed().map(|job| job.post).collect();
        let counts = store::counts(tx, &of).await?;
        let mut events: Vec<(EventKind, PostId)> = changes
            .iter()
            .map(|(given, _)| (EventKind::Reactions, given.post))
            .collect();
        events.dedup();
        bus::append_all(tx, &events, self.clock.now()).await?;

        let mut changed: HashSet<Tag> = changes.iter().map(|(given, _)| given.tag).collect();
        let answer = |(job, refusal): (&Job, Option<Error>)| {
            if let Some(refusal) = refusal {
                return Err(refusal);
            }
            let own = job.all().filter(|given| own.contains(&given.tag));
            let mut my_reactions: Vec<Reaction> = own.map(|given| given.kind).collect();
            my_reactions.sort_by_key(|kind| kind.as_str());
            Ok(Now {
                reactions: Reactions {
                    reactions: counts.get(&job.post).copied().unwrap_or_default(),
                    my_reactions,
                },
                changed: job.given().is_some_and(|given| changed.remove(&given.tag)),
            })
        };
        Ok(jobs.iter().zip(refusals).map(answer).collect())
    }

    fn after_commit(&self) {
        self.bus.nudge();
    }
}

impl Changes {
    /// Why each change cannot be, where it cannot.
    async fn refusals(&self, tx: &mut Tx, jobs: &[Job]) -> sqlx::Result<Vec<Option<Error>>> {
        let people = accounts::hold_all(tx, jobs.iter().map(|job| job.person)).await?;
        let posts = posts::standing(tx, jobs.iter().map(|job| job.post)).await?;
        let refusal = |job: &Job| {
            if !people.contains(&job.person) {
                return Some(Error::Unauthenticated);
            }
            let Some(post) = posts.get(&job.post) else {
                return Some(Error::NotFound);
            };
            if self.keys.open_author(&post.author_sealed, job.post) == Some(job.person) {
                return Some(Error::Conflict(
                    "This is your own post. Reactions come from others.".into(),
                ));
            }
            (post.state.0 != PostState::Live).then_some(Error::NotFound)
        };
        Ok(jobs.iter().map(refusal).collect())
    }
}
