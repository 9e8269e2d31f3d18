//! Care for moderators: reading this all day does something to whoever reads it.
//!
//! Each case that somebody takes weighs on them by its level. After so much, a break is offered;
//! after more, red and crisis wait until there was one, or until the shift is over. What anybody
//! has read is for themself alone: nothing here answers about another person, nothing of it goes
//! into the record of staff acts, and it is forgotten after two days. It says how somebody is,
//! and never how much they get done.
//!
//! Children come first all the same: what nobody else could take in time can be taken anyway, by
//! somebody who says so.

mod shift;
mod store;

use std::time::Duration;

use serde_json::json;

pub use shift::Shift;
use shift::ended;
pub use store::prune;
use store::{Rest, Seen};

use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::ids::{CaseId, StaffId};
use crate::staff::{self, Member, Role};
use crate::triage::{Care, Level};

/// How long it is kept what somebody has read: the longest shift that there can be, and another.
const KEPT: Duration = Duration::from_secs(48 * 60 * 60);

/// What `member` has had to read: for nobody but themself.
pub async fn own<'a>(db: &Db, care: &'a Care, member: &Member, now: Time) -> Result<Shift<'a>> {
    Ok(Shift {
        care,
        now,
        seen: store::seen(db, member.id, now.minus(care.shift())).await?,
        rest: store::rest(db, member.id).await?,
    })
}

/// Begins a break; one that has begun goes on. It is not on the record: whether somebody rests is
/// nobody else's business.
pub async fn take_break(db: &Db, member: &Member, now: Time) -> Result<()> {
    let mut tx = db.begin().await?;
    let rest = store::lock(&mut tx, member.id).await?;
    if rest.began_at.is_none() {
        let began_at = Some(now);
        store::set(&mut tx, member.id, Rest { began_at, ..rest }).await?;
    }
    Ok(tx.commit().await?)
}

/// Ends a break. One that was shorter than a break has to be counts for nothing.
pub async fn come_back(db: &Db, care: &Care, member: &Member, now: Time) -> Result<()> {
    let mut tx = db.begin().await?;
    let rest = store::lock(&mut tx, member.id).await?;
    store::set(&mut tx, member.id, ended(rest, care, now)).await?;
    Ok(tx.commit().await?)
}

/// A case that somebody wants to take.
pub struct Claim<'a> {
    /// Which.
    pub case: CaseId,
    /// How heavy it is.
    pub level: Level,
    /// By when it has to be decided; none where it can wait.
    pub due_at: Option<Time>,
    /// Whether it is for leads alone.
    pub leads_only: bool,
    /// Who may not take it at all.
    pub recused: &'a [StaffId],
    /// Whether they say that nobody else is here who could.
    pub anyway: bool,
}

/// Notes in the transaction of a claim that `member` has a case to read, and refuses it where
/// they had enough for now. A claim that is renewed weighs nothing.
///
/// # Errors
/// A conflict that says until when, and who else is here.
pub async fn admit(
    tx: &mut Tx,
    care: &Care,
    member: &Member,
    claim: &Claim<'_>,
    now: Time,
) -> Result<()> {
    // Of two claims of one person at once, the second sees what the first one weighs.
    let rest = store::lock(tx, member.id).await?;
    let shift = load(tx, care, member.id, rest, now).await?;
    if shift.has_seen(claim.case) {
        return Ok(());
    }
    if claim.level >= Level::Red
        && let Some(until) = shift.closed_until()
    {
        let others = others(tx, care, member, claim, now).await?;
        let is_urgent = |due| claim.level == Level::Crisis || due < until;
        let cannot_wait = others.is_empty() && claim.due_at.is_some_and(is_urgent);
        if !(claim.anyway && cannot_wait) {
            let why = enough(&shift, until, &others, cannot_wait);
            return Err(Error::Conflict(why.into()));
        }
        let actor = Actor::Staff(member.id);
        audit::record(tx, now, actor, "case.claim_anyway", claim.case, json!({})).await?;
    }
    if rest.began_at.is_some() {
        store::set(tx, member.id, ended(rest, care, now)).await?;
    }
    Ok(expose(tx, care, member.id, (claim.case, claim.level), now).await?)
}

/// Notes that somebody has read a case, once in a shift.
pub async fn expose(
    tx: &mut Tx,
    care: &Care,
    staff: StaffId,
    (case, level): (CaseId, Level),
    now: Time,
) -> sqlx::Result<()> {
    let seen = Seen::new(case, now, care.points(level));
    store::insert(tx, staff, &seen, now.minus(care.shift())).await
}

async fn load<'a>(
    tx: &mut Tx,
    care: &'a Care,
    staff: StaffId,
    rest: Rest,
    now: Time,
) -> sqlx::Result<Shift<'a>> {
    Ok(Shift {
        care,
        now,
        seen: store::seen_within(tx, staff, now.minus(care.shift())).await?,
        rest,
    })
}

/// The names of those who are here, and could take the case. Whoever is not among them may be on
/// a break, or elsewhere: it is not said why.
async fn others(
    tx: &mut Tx,
    care: &Care,
    member: &Member,
    claim: &Claim<'_>,
    now: Time,
) -> sqlx::Result<Vec<String>> {
    let mut names = Vec::new();
    for other in staff::present(tx, now).await? {
        let may = other.id != member.id
            && !claim.recused.contains(&other.id)
            && (!claim.leads_only || other.role == Role::Lead);
        if !may {
            continue;
        }
        let rest = store::rest_within(tx, other.id).await?;
        let shift = load(tx, care, other.id, rest, now).await?;
        if shift.on_break_since().is_none() && shift.closed_until().is_none() {
            names.push(other.name);
        }
    }
    Ok(names)
}

fn enough(shift: &Shift<'_>, until: Time, others: &[String], cannot_wait: bool) -> String {
    let until = until.in_uk().strftime("%H:%M");
    let why = match (shift.is_over(), shift.on_break_since()) {
        (true, _) => format!(
            "You have read a lot that is hard, and it is enough for this shift. Green and amber \
             are open to you; red and crisis are again at {until}."
        ),
        (false, Some(_)) => format!("Your break lasts until {until}. Take your time."),
        (false, None) => format!(
            "You have read a lot that is hard without a break. Please take one now: red and \
             crisis are open to you again at {until}."
        ),
    };
    let who = match (others, cannot_wait) {
        ([], true) => {
            "Nobody else is here who can take this one. If it cannot wait for you, you can take \
             it anyway: see /console/care."
                .to_owned()
        }
        ([], false) => "This one can wait until then.".to_owned(),
        ([one], _) => format!("{one} is here and can take this one."),
        ([first @ .., last], _) => {
            format!(
                "{} and {last} are here and can take this one.",
                first.join(", ")
            )
        }
    };
    format!("{why} {who}")
}
