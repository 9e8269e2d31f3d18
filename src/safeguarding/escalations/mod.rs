//! Escalations: a case that needs a lead rings for the lead on call until somebody has taken it.
//!
//! Who does not answer in time is passed over, and the next on the rota is rung. When nobody on
//! it has answered, or nobody is on it, the alarm is raised, and it rings for every lead.

mod store;

use std::time::Duration;

use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use self::store::Due;
pub use store::{Escalation, EscalationState, of_case, ringing_for, unresolved};

use super::rota;
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{CaseId, EscalationId, PostId, StaffId};
use crate::posts::Posts;
use crate::staff::Member;
use crate::triage::Level;

/// How often it is looked whether somebody has not answered in time.
const EVERY: Duration = Duration::from_secs(2);

/// How long a lead has to answer, before the next is rung.
pub const fn acknowledge_within(level: Level) -> Duration {
    match level {
        Level::Crisis => Duration::from_secs(10 * 60),
        _ => Duration::from_secs(30 * 60),
    }
}

/// A bell that was just rung.
#[derive(Clone, Debug)]
#[must_use = "ring it when the transaction is committed"]
pub struct Rung {
    /// The escalation.
    pub escalation: EscalationId,
    /// The case that it is about.
    pub case: CaseId,
    /// How urgent the case is.
    pub level: Level,
    /// For whom it rings; for every lead where nobody is named.
    pub lead: Option<StaffId>,
    /// How often it has rung, with this one.
    pub rings: i64,
    /// By when somebody has to answer.
    pub answer_by: Time,
}

/// Rings: says outside the pages, too, that a lead is needed. Called after the commit; the pages
/// show it of themselves.
pub fn ring(rung: &Rung) {
    let to = match rung.lead {
        Some(_) => "lead",
        None => "everybody",
    };
    let labels = [("level", rung.level.as_str()), ("to", to)];
    metrics::counter!("hearth_escalation_rings_total", &labels).increment(1);
    let (escalation, level) = (rung.escalation, rung.level.as_str());
    match rung.lead {
        Some(lead) => tracing::warn!(%escalation, level, %lead, "a case rings for a lead"),
        None => tracing::error!(
            %escalation,
            level,
            "nobody on call has acknowledged an escalated case: it rings for every lead"
        ),
    }
}

/// Has a case ring, in the transaction that escalates it; one that rang before rings afresh, and
/// not for whoever escalates it. Call [`ring`] after the commit.
pub async fn open(
    tx: &mut Tx,
    by: &Member,
    case: CaseId,
    level: Level,
    now: Time,
) -> sqlx::Result<Rung> {
    resolve(tx, case, "escalate", now).await?;
    let on_call = rota::on_call(tx, now).await?;
    let rung = Rung {
        escalation: EscalationId::random(),
        case,
        level,
        lead: on_call.into_iter().find(|lead| *lead != by.id),
        rings: 1,
        answer_by: now.plus(acknowledge_within(level)),
    };
    store::insert(tx, &rung, by.id, now).await?;
    note(tx, &rung, now).await?;
    Ok(rung)
}

/// Puts a ring on the record, where the next one is chosen by it.
async fn note(tx: &mut Tx, rung: &Rung, now: Time) -> sqlx::Result<()> {
    store::insert_ring(tx, rung, now).await?;
    let details = json!({
        "escalation": rung.escalation, "ring": rung.rings, "lead": rung.lead,
        "answer_by": rung.answer_by,
    });
    let actor = Actor::System;
    audit::record(tx, now, actor, "escalation.ring", rung.case, details).await
}

/// Ends the ringing of a case, where it rings or somebody has taken it: a person has decided, or
/// escalated it again. Call it in the transaction of the decision.
pub async fn resolve(tx: &mut Tx, case: CaseId, decision: &str, now: Time) -> sqlx::Result<()> {
    store::resolve(tx, case, decision, now).await
}

/// Ends the ringing of the cases of a post that was erased with its author's account.
pub async fn resolve_erased(tx: &mut Tx, post: PostId, now: Time) -> sqlx::Result<()> {
    store::resolve_erased(tx, post, now).await
}

/// A lead takes an escalation: it rings no more.
///
/// # Errors
/// Not found where there is none; a conflict where somebody was quicker.
pub async fn acknowledge(posts: &Posts, member: &Member, id: EscalationId) -> Result<CaseId> {
    let now = posts.clock.now();
    let mut tx = posts.db.begin().await?;
    let Some(case) = store::acknowledge(&mut tx, id, member.id, now).await? else {
        drop(tx);
        let found = store::find(&posts.db, id).await?.ok_or(Error::NotFound)?;
        return Err(Error::Conflict(match found.acknowledged_by {
            Some(name) => format!("{name} has acknowledged this already.").into(),
            None => "This does not ring any more.".into(),
        }));
    };
    acknowledged(&mut tx, member, case, now).await?;
    tx.commit().await?;
    Ok(case)
}

/// Whoever claims a case that rings has taken it, in the transaction of the claim.
pub async fn acknowledge_claimed(
    tx: &mut Tx,
    member: &Member,
    case: CaseId,
    now: Time,
) -> sqlx::Result<()> {
    match store::acknowledge_case(tx, case, member.id, now).await? {
        true => acknowledged(tx, member, case, now).await,
        false => Ok(()),
    }
}

async fn acknowledged(tx: &mut Tx, member: &Member, case: CaseId, now: Time) -> sqlx::Result<()> {
    let actor = Actor::Staff(member.id);
    audit::record(tx, now, actor, "escalation.acknowledge", case, json!({})).await
}

/// Rings the next where somebody has not answered in time, until `stop` is cancelled.
pub async fn run(posts: Posts, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = once(&posts).await {
            tracing::warn!(%error, "escalations cannot be looked at; trying again in a moment");
        }
    }
}

/// Rings the next, once for each escalation that nobody has answered in time. However many
/// processes look, one of them does it.
pub async fn once(posts: &Posts) -> sqlx::Result<()> {
    let now = posts.clock.now();
    for due in store::due(&posts.db, now).await? {
        if let Some(rung) = ring_next(posts, &due, now).await? {
            ring(&rung);
        }
    }
    let unacknowledged = store::count_unacknowledged(&posts.db).await?;
    metrics::gauge!("hearth_escalations_unacknowledged").set(unacknowledged as f64);
    Ok(())
}

/// `None`: somebody has answered meanwhile, or another process has rung.
async fn ring_next(posts: &Posts, due: &Due, now: Time) -> sqlx::Result<Option<Rung>> {
    let mut tx = posts.db.begin().await?;
    let on_call = rota::on_call(&mut tx, now).await?;
    let passed_over = store::rung(&mut tx, due.id).await?;
    // Once it rings for every lead, it goes on doing so.
    let next = on_call
        .into_iter()
        .filter(|_| due.rung.is_some())
        .find(|lead| *lead != due.opened_by && !passed_over.contains(lead));
    let rung = Rung {
        escalation: due.id,
        case: due.case_id,
        level: due.level.0,
        lead: next,
        rings: due.rings + 1,
        answer_by: now.plus(acknowledge_within(due.level.0)),
    };
    if !store::ring_next(&mut tx, &rung).await? {
        return Ok(None);
    }
    note(&mut tx, &rung, now).await?;
    tx.commit().await?;
    Ok(Some(rung))
}
