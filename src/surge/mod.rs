//! Surge mode: while it is on, every new post waits for a person, whatever the rules say of it.
//!
//! A lead or an admin switches it on and off. It also begins by itself when nobody is on shift,
//! and ends by itself when somebody is. Where it stands is a row of the database, so that all
//! processes agree: what publishes a post asks for it in its own transaction ([`holds_all`]), and
//! whoever switches it on waits for every transaction that asked before. Once the switch is
//! acknowledged, nothing that was judged earlier is published any more. A copy in memory, a second
//! old at the most, is for all else.

mod store;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::audit::{self, Actor};
use crate::clock::{Clock, Time};
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::staff::{self, Member};
use crate::triage::Policy;

/// How often each process looks where it stands.
const EVERY: Duration = Duration::from_secs(1);
/// The most characters that a reason may have.
const MAX_REASON: usize = 200;
/// What it is called on the record.
const SUBJECT: &str = "surge";
/// What every transaction shares that may publish a post: see [`Tx::share`].
const PUBLISHERS: i64 = 0x0073_7572_6765;

/// Why nobody is on shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unattended {
    /// It is outside the hours that the policy names.
    Hours,
    /// Within them, no moderator and no lead was seen for as long as the policy says.
    Nobody,
}

impl Unattended {
    /// The name in the database and on the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Unattended::Hours => "hours",
            Unattended::Nobody => "nobody",
        }
    }
}

impl std::str::FromStr for Unattended {
    type Err = ();
    fn from_str(name: &str) -> Result<Unattended, ()> {
        [Unattended::Hours, Unattended::Nobody]
            .into_iter()
            .find(|why| why.as_str() == name)
            .ok_or(())
    }
}

/// That somebody switched it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switched {
    /// When.
    pub at: Time,
    /// Who, by name.
    pub by: String,
    /// Why, in their words.
    pub reason: String,
}

/// Where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Whether somebody switched it on.
    pub switched: Option<Switched>,
    /// Whether nobody is on shift, and since when.
    pub unattended: Option<(Unattended, Time)>,
}

impl Status {
    /// Whether every new post waits for a person.
    pub fn is_on(&self) -> bool {
        self.switched.is_some() || self.unattended.is_some()
    }

    /// Whether it holds what the policy by itself would not: the policy knows the hours, to the
    /// moment.
    fn holds(&self) -> bool {
        self.switched.is_some() || matches!(self.unattended, Some((Unattended::Nobody, _)))
    }
}

/// The switch. Cheap to clone.
#[derive(Clone)]
pub struct Surge(Arc<Shared>);

struct Shared {
    db: Db,
    clock: Clock,
    policy: Arc<Policy>,
    status: ArcSwap<Status>,
}

impl Surge {
    /// The switch as it stands in `db`.
    pub async fn new(db: Db, clock: Clock, policy: Arc<Policy>) -> sqlx::Result<Surge> {
        let status = ArcSwap::from_pointee(store::status(&db).await?);
        Ok(Surge(Arc::new(Shared {
            db,
            clock,
            policy,
            status,
        })))
    }

    /// Where it stands, as this process knows it.
    pub fn status(&self) -> Arc<Status> {
        self.0.status.load_full()
    }

    /// Whether a new post has to wait, as this process knows it; [`holds_all`] has the last word.
    pub fn holds_all(&self) -> bool {
        self.0.status.load().holds()
    }

    /// Switches it on. When this returns, nothing is published any more that a person has not
    /// looked at.
    ///
    /// # Errors
    /// Where the reason cannot be one; a conflict where somebody has switched it on.
    pub async fn switch_on(&self, member: &Member, reason: &str) -> Result<()> {
        let reason = reason.trim();
        let length = reason.chars().count();
        if length == 0 || length > MAX_REASON || reason.chars().any(char::is_control) {
            return Err(Error::field(
                "reason",
                format!("Say why, in at most {MAX_REASON} characters."),
            ));
        }
        let now = self.0.clock.now();
        let mut tx = self.0.db.begin().await?;
        after_publishers(&mut tx).await?;
        if !store::switch_on(&mut tx, member.id, reason, now).await? {
            return Err(Error::Conflict("Somebody has switched it on.".into()));
        }
        let (actor, details) = (Actor::Staff(member.id), json!({ "reason": reason }));
        audit::record(&mut tx, now, actor, "surge.on", SUBJECT, details).await?;
        tx.commit().await?;
        Ok(self.refresh().await?)
    }

    /// Switches it off. What is held stays so, until a person has looked at it.
    ///
    /// # Errors
    /// A conflict where nobody has switched it on.
    pub async fn switch_off(&self, member: &Member) -> Result<()> {
        let now = self.0.clock.now();
        let mut tx = self.0.db.begin().await?;
        if !store::switch_off(&mut tx).await? {
            return Err(Error::Conflict("Nobody has switched it on.".into()));
        }
        let actor = Actor::Staff(member.id);
        audit::record(&mut tx, now, actor, "surge.off", SUBJECT, json!({})).await?;
        tx.commit().await?;
        Ok(self.refresh().await?)
    }

    /// Looks where it stands, until `stop` is cancelled, and whether anybody is on shift.
    pub async fn run(self, stop: CancellationToken) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "nobody knows whether surge mode is on; looking again");
            }
        }
    }

    /// Looks once: where it stands, and whether anybody is on shift. It begins or ends by itself
    /// here, on the record.
    pub async fn look(&self) -> sqlx::Result<()> {
        self.refresh().await?;
        let now = self.0.clock.now();
        let why = self.unattended(now).await?;
        let known = self.status().unattended.map(|(why, _)| why);
        if why == known {
            return Ok(());
        }
        let mut tx = self.0.db.begin().await?;
        if why.is_some() {
            after_publishers(&mut tx).await?;
        }
        // Another process may have seen it first.
        if store::set_unattended(&mut tx, why, now).await? {
            let action = if why.is_some() {
                "surge.on"
            } else {
                "surge.off"
            };
            let details = json!({ "cause": why.or(known).map(Unattended::as_str) });
            audit::record(&mut tx, now, Actor::System, action, SUBJECT, details).await?;
            tx.commit().await?;
            tracing::warn!(action, "surge mode changed by itself");
        }
        self.refresh().await
    }

    async fn unattended(&self, now: Time) -> sqlx::Result<Option<Unattended>> {
        if !self.0.policy.is_staffed(&now.in_uk()) {
            return Ok(Some(Unattended::Hours));
        }
        let Some(long) = self.0.policy.nobody_for() else {
            return Ok(None);
        };
        let seen = staff::moderators_seen_at(&self.0.db, now).await?;
        let somebody = seen.is_some_and(|seen| seen > now.minus(long));
        Ok((!somebody).then_some(Unattended::Nobody))
    }

    async fn refresh(&self) -> sqlx::Result<()> {
        let status = store::status(&self.0.db).await?;
        metrics::gauge!("hearth_surge").set(f64::from(u8::from(status.is_on())));
        self.0.status.store(Arc::new(status));
        Ok(())
    }
}

/// Whether a post that is published in this transaction has to wait instead. The answer holds
/// until the transaction ends.
pub async fn holds_all(tx: &mut Tx) -> sqlx::Result<bool> {
    tx.share(PUBLISHERS).await?;
    store::holds_all(tx).await
}

/// Waits for whoever asked [`holds_all`] and has not committed yet. Whoever asks later waits for
/// the end of `tx`, and then sees what it wrote.
async fn after_publishers(tx: &mut Tx) -> sqlx::Result<()> {
    tx.after_all(PUBLISHERS).await
}
