//! One decision about many cases: asked for by a query, looked at, its count typed in, and then
//! made case by case, as every other decision is, each with its own line on the record.
//!
//! What is decided about is fixed when it is looked at. A case that has changed since is skipped,
//! and the page says which and why. Red and crisis are never part of it, whoever asks.

mod carry_out;
mod store;
mod undo;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

pub(super) use carry_out::decided;
pub use carry_out::{Broken, carry_out};
pub use store::{Item, ItemState, Tally, prune, recent};
pub use undo::{UNDO_WITHIN, undo};

use super::decision::{self, Decision, Outcome};
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::error::{Error, Result};
use crate::ids::{BulkId, StaffId};
use crate::posts::{PostState, Posts};
use crate::staff::{Member, Role};
use crate::triage::{Level, Queue, Topic};
use store::Candidate;

/// The most cases that one decision is about.
pub const MOST: usize = 500;
/// The most cases that are looked through for it.
const LOOKED_THROUGH: i64 = 5_000;
/// How long what was looked at may be confirmed.
const CONFIRM_WITHIN: Duration = Duration::from_secs(30 * 60);

/// Which cases. Words are no part of it: nobody is to search in what young people write.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// That wait in this queue.
    pub queue: Option<Queue>,
    /// Of this level.
    pub level: Option<Level>,
    /// Of posts about this.
    pub topic: Option<Topic>,
    /// Of posts that this rule matched.
    pub rule: Option<String>,
    /// That have waited for so many hours at least.
    pub hours: Option<u32>,
}

/// Why a case that fits the query is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// Red or crisis.
    Grave,
    /// It waits for a lead.
    Escalated,
    /// An author asked for a second look.
    Appeal,
    /// A colleague works on it.
    Taken,
    /// Its author changed the words, and somebody has to see what was there before.
    Changed,
    /// Its author took the post back.
    Withdrawn,
    /// The rules say that something is wrong with it as a publication, and a moderator asks.
    Concern,
    /// There are more than one decision is about.
    Rest,
}

/// A decision about many cases, and how it stands.
#[derive(Clone, Debug)]
pub struct Bulk {
    /// Names it.
    pub id: BulkId,
    /// Who asked for it.
    pub made_by: StaffId,
    /// Their name.
    pub name: String,
    /// When.
    pub made_at: Time,
    /// Which cases.
    pub query: Query,
    /// Approve or decline.
    pub decision: Outcome,
    /// Why they are declined.
    pub reason: Option<String>,
    /// How many cases are left out, and why.
    pub left_out: BTreeMap<LeftOut, u32>,
    /// When its count was typed in.
    pub confirmed_at: Option<Time>,
    /// When it was taken back.
    pub undone_at: Option<Time>,
    /// How many cases it is about, by level and by what became of them.
    pub tallies: Vec<Tally>,
    /// When the last of them was decided.
    pub decided_at: Option<Time>,
}

impl Bulk {
    /// How many cases it is about.
    pub fn count(&self) -> i64 {
        self.tallies.iter().map(|tally| tally.count).sum()
    }

    /// How many of them are in this state.
    pub fn in_state(&self, state: ItemState) -> i64 {
        let of_state = self.tallies.iter().filter(|tally| tally.state.0 == state);
        of_state.map(|tally| tally.count).sum()
    }

    /// How many of them are of this level.
    pub fn of_level(&self, level: Level) -> i64 {
        let of_level = self.tallies.iter().filter(|tally| tally.level.0 == level);
        of_level.map(|tally| tally.count).sum()
    }

    /// Until when it can be taken back; never where nothing was done.
    pub fn undo_until(&self) -> Option<Time> {
        self.decided_at.map(|at| at.plus(UNDO_WITHIN))
    }
}

/// Finds the cases of a query, and keeps which they are, for whoever asks to look at.
///
/// # Errors
/// Forbidden where `member` may not decide so about many; a field where the decision cannot be.
pub async fn choose(
    posts: &Posts,
    member: &Member,
    query: Query,
    decision: Outcome,
    reason: Option<String>,
) -> Result<BulkId> {
    match decision {
        Outcome::Decline if member.role != Role::Lead => return Err(Error::Forbidden),
        Outcome::Approve | Outcome::Decline => {}
        Outcome::Escalate | Outcome::Hold | Outcome::Close => {
            return Err(Error::field("decision", "Expected approve or decline."));
        }
    }
    decision::check(&posts.policy, &made(decision, reason.clone(), None))?;
    let now = posts.clock.now();
    let found = store::candidates(&posts.db, &query, now, LOOKED_THROUGH).await?;
    let (mut chosen, mut left_out) = (Vec::new(), BTreeMap::new());
    for case in found {
        let why = case.left_out(member, now);
        match why.or((chosen.len() == MOST).then_some(LeftOut::Rest)) {
            None => chosen.push(case),
            Some(why) => *left_out.entry(why).or_default() += 1,
        }
    }
    let id = BulkId::random();
    let mut tx = posts.db.begin().await?;
    let new = store::New {
        id,
        by: member.id,
        now,
        query: &query,
        decision,
        reason: reason.as_deref(),
        left_out: &left_out,
    };
    store::insert(&mut tx, &new, &chosen).await?;
    tx.commit().await?;
    Ok(id)
}

/// A decision about many cases, for whoever asked for it, or a lead.
pub async fn get(posts: &Posts, member: &Member, id: BulkId) -> Result<Bulk> {
    let bulk = store::find(&posts.db, id).await?.ok_or(Error::NotFound)?;
    match bulk.made_by == member.id || member.role == Role::Lead {
        true => Ok(bulk),
        false => Err(Error::Forbidden),
    }
}

/// The cases that it is about, in the order in which they are decided, at most `limit`; of one
/// state where one is named.
pub async fn items(
    posts: &Posts,
    id: BulkId,
    state: Option<ItemState>,
    limit: i64,
) -> Result<Vec<Item>> {
    Ok(store::items(&posts.db, id, state, limit).await?)
}

/// Confirms it with its count; from then on [`carry_out()`] makes it.
///
/// # Errors
/// A field where the count is not right; a conflict where it was confirmed before, or was looked
/// at too long ago.
pub async fn confirm(posts: &Posts, member: &Member, id: BulkId, count: &str) -> Result<()> {
    let bulk = get(posts, member, id).await?;
    if bulk.made_by != member.id {
        return Err(Error::Forbidden);
    }
    if count.trim().parse() != Ok(bulk.count()) || bulk.count() == 0 {
        let message = format!("Type the number of cases: {}.", bulk.count());
        return Err(Error::field("count", message));
    }
    let now = posts.clock.now();
    if bulk.made_at.plus(CONFIRM_WITHIN) < now {
        return Err(Error::Conflict(
            "It is too long since you looked at these cases. Choose them again.".into(),
        ));
    }
    let mut tx = posts.db.begin().await?;
    if !store::confirm(&mut tx, id, now).await? {
        return Err(Error::Conflict("This is under way already.".into()));
    }
    let details = json!({
        "decision": bulk.decision, "reason": bulk.reason, "query": bulk.query,
        "cases": bulk.count(),
    });
    let actor = Actor::Staff(member.id);
    audit::record(&mut tx, now, actor, "bulk.confirm", id, details).await?;
    Ok(tx.commit().await?)
}

/// What is decided about each case.
fn made(decision: Outcome, reason: Option<String>, bulk: Option<BulkId>) -> Decision {
    Decision {
        reason,
        bulk,
        ..Decision::new(decision)
    }
}

/// Whether a level is too grave to be decided about with many others.
fn is_grave(level: Level) -> bool {
    level >= Level::Red
}

impl Candidate {
    fn left_out(&self, by: &Member, now: Time) -> Option<LeftOut> {
        let taken = self.claimed_by.is_some_and(|id| id != by.id)
            && self.claim_until.is_some_and(|until| until > now);
        let has_concerns = !self.verdict.concerns.is_empty();
        match () {
            () if is_grave(self.level.0.max(self.post_level.0)) => Some(LeftOut::Grave),
            () if self.state == "escalated" => Some(LeftOut::Escalated),
            () if self.queue.0 == Queue::Appeals => Some(LeftOut::Appeal),
            () if taken => Some(LeftOut::Taken),
            () if self.post_state.0 == PostState::Withdrawn => Some(LeftOut::Withdrawn),
            () if self.earlier_words > 0 => Some(LeftOut::Changed),
            () if has_concerns && by.role != Role::Lead => Some(LeftOut::Concern),
            () => None,
        }
    }
}
