//! Many new posts, stored at once: each with its topics, its case, its event, and the key of
//! the request that made it.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::PostState;
use super::repeats::{self, Repeat};
use super::store::{self, Row};
use crate::accounts;
use crate::bus::{self, Bus, EventKind};
use crate::cases;
use crate::clock::Clock;
use crate::db::{Tx, Writer};
use crate::error::{Error, Result};
use crate::ids::{AccountId, PostId};
use crate::keys::Keys;
use crate::surge;
use crate::triage::{Policy, Queue, Topic};

/// Stores new posts.
pub struct NewPosts {
    /// When it is.
    pub clock: Clock,
    /// Whose n-th post it is.
    pub keys: Arc<Keys>,
    /// By when a person looks.
    pub policy: Arc<Policy>,
    /// Who is told.
    pub bus: Bus,
    /// Whether a case may have been opened since the last commit. Most posts open none, and
    /// whoever has the queue open need not look after each of them.
    pub with_cases: AtomicBool,
}

/// One new post.
pub struct Job {
    pub author: AccountId,
    /// How many posts the author had: this one's number, or less.
    pub count: u32,
    pub row: Row,
    pub topics: BTreeSet<Topic>,
    /// Where it waits for a person, if one has to look.
    pub queue: Option<Queue>,
    pub repeat: Option<Repeat>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is stored.
    Stored,
    /// The same request was stored before, and this one is not.
    Repeated,
    /// It was to be live, and every new post is held since it was judged: it is not stored.
    ToBeHeld,
}

impl Writer for NewPosts {
    const NAME: &'static str = "posts";
    type Job = Job;
    type Answer = Outcome;

    async fn write(&self, tx: &mut Tx, jobs: &[Job]) -> sqlx::Result<Vec<Result<Outcome>>> {
        let authors = accounts::hold_all(tx, jobs.iter().map(|job| job.author)).await?;
        let is_live = |job: &Job| job.row.state.0 == PostState::Live;
        let all_wait = jobs.iter().any(is_live) && surge::holds_all(tx).await?;
        let too_late = |job: &Job| all_wait && is_live(job);
        let welcome: Vec<&Job> = jobs
            .iter()
            .filter(|job| authors.contains(&job.author) && !too_late(job))
            .collect();
        let stored = self.store(tx, &welcome).await?;

        let new = || welcome.iter().filter(|job| stored.contains(&job.row.id));
        let topics: Vec<(PostId, Topic)> = new()
            .flat_map(|job| job.topics.iter().map(|topic| (job.row.id, *topic)))
            .collect();
        store::insert_topics(tx, &topics).await?;
        for job in new() {
            if let Some(queue) = job.queue {
                let (post, level) = ((job.row.id, job.row.revision), job.row.level.0);
                let at = job.row.created_at;
                cases::open(tx, &self.policy, post, queue, level, at).await?;
                // Where this is undone, somebody looks in vain.
                self.with_cases.store(true, Ordering::Relaxed);
            }
        }
        let events: Vec<(EventKind, PostId)> = new()
            .filter(|job| is_live(job))
            .map(|job| (EventKind::Post, job.row.id))
            .collect();
        bus::append_all(tx, &events, self.clock.now()).await?;

        let answer = |job: &Job| match authors.contains(&job.author) {
            false => Err(Error::Unauthenticated),
            true if too_late(job) => Ok(Outcome::ToBeHeld),
            true if stored.contains(&job.row.id) => Ok(Outcome::Stored),
            true => Ok(Outcome::Repeated),
        };
        Ok(jobs.iter().map(answer).collect())
    }

    fn after_commit(&self) {
        self.bus.nudge();
        if self.with_cases.swap(false, Ordering::Relaxed) {
            self.bus.cases_changed();
        }
    }
}

impl NewPosts {
    /// Stores the rows, and the keys of the requests; answers which are stored. The others are
    /// repeated requests.
    ///
    /// The posts of one author are stored one after another, whatever others do at the same
    /// time: their numbers have no gap, not even where one turns out to be a repeated request.
    /// A number that is taken, by this author in another process, leads to the next one.
    async fn store(&self, tx: &mut Tx, jobs: &[&Job]) -> sqlx::Result<HashSet<PostId>> {
        let mut stored = HashSet::new();
        // Authors in one order, so that no two processes wait for each other crosswise.
        let mut by_author: BTreeMap<AccountId, (u32, VecDeque<&Job>)> = BTreeMap::new();
        for job in jobs {
            let (n, waiting) = by_author.entry(job.author).or_default();
            *n = job.count.max(*n);
            waiting.push_back(job);
        }
        while !by_author.is_empty() {
            let next: Vec<_> = by_author
                .iter()
                .filter_map(|(author, (n, waiting))| {
                    Some((self.keys.post_tag(*author, *n), *waiting.front()?))
                })
                .collect();
            let rows: Vec<_> = next.iter().map(|(tag, job)| (*tag, &job.row)).collect();
            let inserted = store::insert(tx, &rows).await?;

            let done = next
                .iter()
                .filter(|(_, job)| inserted.contains(&job.row.id));
            let (mut keyed, mut repeated) = (Vec::new(), HashSet::new());
            for (_, job) in done {
                stored.insert(job.row.id);
                keyed.extend(job.repeat.map(|repeat| (repeat, job.row.id)));
            }
            let kept = repeats::insert_idempotent(tx, &keyed).await?;
            repeated.extend(
                keyed
                    .iter()
                    .map(|(_, post)| *post)
                    .filter(|post| !kept.contains(post)),
            );
            store::delete_all(tx, &repeated).await?;
            stored.retain(|post| !repeated.contains(post));

            by_author.retain(|_, (n, waiting)| {
                let post = waiting.front().map(|job| job.row.id);
                let is_in = |set: &HashSet<PostId>| post.is_some_and(|post| set.contains(&post));
                if !is_in(&repeated) {
                    *n += 1;
                }
                if is_in(&inserted) {
                    waiting.pop_front();
                }
                !waiting.is_empty()
            });
        }
        Ok(stored)
    }
}
