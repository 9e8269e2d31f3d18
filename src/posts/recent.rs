//! The newest live posts in memory, kept by the one reader of the log.
//!
//! A page that is made of them shows all that was committed before it was asked for, whichever
//! process committed it: whoever asks first learns how far the log goes, and waits until it is
//! read that far. Where that takes too long, the database answers, as it does for older pages.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::timeout;
use uuid::Uuid;

use super::Posts;
use super::public::{Known, PublicPost};
use super::store::{self, Feed};
use crate::bus::{EventKind, Head};
use crate::ids::PostId;

/// Posts that one process keeps in memory.
const CAPACITY: usize = 1_000;
/// How long a page waits for the reader of the log, before it is asked of the database.
const PATIENCE: Duration = Duration::from_millis(250);

/// Where a post stands in the feed, the greatest first: when it became live, and its id.
pub(super) type Place = (i64, Uuid);
/// Newer than any post.
const BEFORE_ALL: Place = (i64::MAX, Uuid::max());

/// How far the log was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// The number of the last event.
    pub seq: i64,
    /// How often this process had said that the log grew, when it was read; see
    /// [`Bus::growths`](crate::bus::Bus::growths).
    pub growths: u64,
}

/// The newest live posts. Clones share them.
#[derive(Clone, Debug)]
pub struct Recent(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    capacity: usize,
    window: RwLock<Window>,
    reached: watch::Sender<Reached>,
    /// Wakes the reader of the log where a page waits for it.
    wanted: Notify,
    head: Head,
}

/// All live posts from a place on.
#[derive(Debug)]
struct Window {
    posts: BTreeMap<Place, Arc<PublicPost>>,
    places: HashMap<PostId, Place>,
    /// The place; none where all live posts there are stand here.
    from: Option<Place>,
}

impl Default for Recent {
    fn default() -> Recent {
        Recent::holding(CAPACITY)
    }
}

impl Recent {
    /// None yet; `capacity` at the most, which is 1 or more.
    pub fn holding(capacity: usize) -> Recent {
        let window = Window {
            posts: BTreeMap::new(),
            places: HashMap::new(),
            from: Some(BEFORE_ALL),
        };
        Recent(Arc::new(Shared {
            capacity: capacity.max(1),
            window: RwLock::new(window),
            reached: watch::Sender::default(),
            wanted: Notify::new(),
            head: Head::default(),
        }))
    }

    /// Whether the newest posts have been read.
    pub fn is_loaded(&self) -> bool {
        self.window().from != Some(BEFORE_ALL)
    }

    /// How far the log was read.
    pub fn reached(&self) -> Reached {
        *self.0.reached.borrow()
    }

    /// Whether there may be posts here that come after `after`.
    pub(super) fn goes_on(&self, after: Option<Place>) -> bool {
        match self.window().from {
            Some(BEFORE_ALL) => false,
            Some(from) => after.is_none_or(|after| from < after),
            None => true,
        }
    }

    /// The `limit` posts after `after` that are wanted, and one more where there is one; none
    /// where not all that is needed for it is here.
    pub(super) fn page(
        &self,
        after: Option<Place>,
        limit: usize,
        wanted: impl Fn(&PublicPost) -> bool,
    ) -> Option<Vec<Arc<PublicPost>>> {
        let before = after.map_or(Bound::Unbounded, Bound::Excluded);
        let window = self.window();
        let found: Vec<Arc<PublicPost>> = window
            .posts
            .range((Bound::Unbounded, before))
            .rev()
            .map(|(_, public)| public)
            .filter(|public| wanted(public))
            .take(limit + 1)
            .cloned()
            .collect();
        (found.len() > limit || window.from.is_none()).then_some(found)
    }

    fn window(&self) -> RwLockReadGuard<'_, Window> {
        self.0.window.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn window_mut(&self) -> RwLockWriteGuard<'_, Window> {
        self.0
            .window
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a page waits for the log to be read; there is one waiter, who reads it.
    pub async fn wanted(&self) {
        self.0.wanted.notified().await;
    }

    /// Waits until the log was read far enough; `false` where that takes too long.
    async fn wait_for(&self, enough: impl Fn(&Reached) -> bool) -> bool {
        let mut reached = self.0.reached.subscribe();
        if enough(&reached.borrow_and_update()) {
            return true;
        }
        self.0.wanted.notify_one();
        matches!(timeout(PATIENCE, reached.wait_for(enough)).await, Ok(Ok(_)))
    }
}

impl Window {
    fn put(&mut self, public: Arc<PublicPost>, capacity: usize) {
        let id = public.post.id;
        self.remove(id);
        let place = (public.published_at.micros(), id.uuid());
        if self.from.is_some_and(|from| place < from) {
            return;
        }
        self.places.insert(id, place);
        self.posts.insert(place, public);
        if self.posts.len() > capacity {
            let gone = self.posts.pop_first();
            gone.map(|(_, public)| self.places.remove(&public.post.id));
            self.from = self.posts.keys().next().copied().or(Some(place));
        }
    }

    fn remove(&mut self, id: PostId) {
        if let Some(place) = self.places.remove(&id) {
            self.posts.remove(&place);
        }
    }

    fn get(&self, id: PostId) -> Option<&Arc<PublicPost>> {
        self.posts.get(self.places.get(&id)?)
    }
}

impl Posts {
    /// Reads the newest live posts. `reached` is how far the log went before.
    pub async fn load_recent(&self, reached: Reached) -> sqlx::Result<()> {
        let capacity = self.recent.0.capacity;
        let rows = store::feed(&self.db, &Feed::default(), capacity as i64).await?;
        let is_all = rows.len() < capacity;
        let known = self.know_rows(rows).await?;
        let mut window = self.recent.window_mut();
        window.from = None;
        for public in known.into_values().filter_map(|known| known.public) {
            window.put(public, capacity);
        }
        if !is_all {
            window.from = window.posts.keys().next().copied();
        }
        self.recent.0.reached.send_replace(reached);
        Ok(())
    }

    /// Reads the posts that events tell of, and keeps the newest live ones; answers what there
    /// is to know of each, where it was not erased. `reached` is how far the log is read then.
    pub async fn follow(
        &self,
        events: &[(EventKind, PostId)],
        reached: Reached,
    ) -> sqlx::Result<HashMap<PostId, Known>> {
        let ids: HashSet<PostId> = events.iter().map(|(_, id)| *id).collect();
        let mut changed: HashSet<PostId> = events
            .iter()
            .filter(|(kind, _)| *kind != EventKind::Reactions)
            .map(|(_, id)| *id)
            .collect();
        let mut recounted = Vec::new();
        {
            let window = self.recent.window();
            for id in &ids {
                match window.get(*id) {
                    Some(public) if !changed.contains(id) => recounted.push(public.clone()),
                    _ => {
                        changed.insert(*id);
                    }
                }
            }
        }
        let changed: Vec<PostId> = changed.into_iter().collect();
        let mut known = self.know(&changed).await?;
        known.extend(self.recount(&recounted).await?);
        {
            let mut window = self.recent.window_mut();
            for id in ids {
                match known.get(&id).and_then(|known| known.public.clone()) {
                    Some(public) => window.put(public, self.recent.0.capacity),
                    None => window.remove(id),
                }
            }
        }
        self.recent.0.reached.send_replace(reached);
        Ok(known)
    }

    /// Waits until what is in memory has all that was committed before this was called;
    /// `false` where that takes too long.
    pub(super) async fn is_up_to_date(&self) -> sqlx::Result<bool> {
        let recent = &self.recent;
        if self.db.is_embedded() {
            // Nobody else writes, and whoever writes says so before it answers.
            let growths = self.bus.growths();
            return Ok(recent.wait_for(|reached| reached.growths >= growths).await);
        }
        let seq = recent.0.head.ask(&self.db).await?;
        Ok(recent.wait_for(|reached| reached.seq >= seq).await)
    }
}
