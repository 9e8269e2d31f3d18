//! Who works on a case: claimed with a lease, given back, or handed to a colleague by name.
//!
//! Each of these is one conditional update: of two who ask at once, one wins, and the other is
//! told who has it.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::admission;
use super::cases::{self, Case, get};
use super::store;
use crate::audit::{self, Actor};
use crate::bus::Nudge;
use crate::clock::Time;
use crate::error::{Error, Result};
use crate::ids::CaseId;
use crate::posts::Posts;
use crate::safeguarding::escalations;
use crate::staff::{self, Member, Role};

/// Takes a case to work on, or renews the lease of one's own claim.
///
/// # Errors
/// A conflict where another holds it or it is decided, and where one needs a break; forbidden
/// where it waits for a lead, and for whoever decided what it appeals against.
pub async fn claim(posts: &Posts, member: &Member, id: CaseId) -> Result<Case> {
    take(posts, member, id, false).await
}

/// Takes a case that cannot wait for one's break, because nobody else is here who could take it;
/// on the record.
///
/// # Errors
/// As [`claim`], and a conflict where somebody else is here.
pub async fn claim_anyway(posts: &Posts, member: &Member, id: CaseId) -> Result<Case> {
    take(posts, member, id, true).await
}

async fn take(posts: &Posts, member: &Member, id: CaseId, anyway: bool) -> Result<Case> {
    let now = posts.clock.now();
    let until = now.plus(posts.policy.lease());
    let mut tx = posts.db.begin().await?;
    let is_lead = member.role == Role::Lead;
    admission::admit(&mut tx, posts, member, id, anyway, now).await?;
    if !store::claim(&mut tx, id, member.id, is_lead, now, until).await? {
        drop(tx);
        return Err(refused(posts, id, is_lead, now).await?);
    }
    let actor = Actor::Staff(member.id);
    audit::record(&mut tx, now, actor, "case.claim", id, json!({})).await?;
    escalations::acknowledge_claimed(&mut tx, member, id, now).await?;
    posts.bus.commit(tx, Nudge::CasesChanged).await?;
    get(posts, id).await
}

/// Why a case could not be taken: who has it, and until when.
async fn refused(posts: &Posts, id: CaseId, by_lead: bool, now: Time) -> Result<Error> {
    let row = cases::find(&posts.db, id).await?;
    if row.is_escalated() && !by_lead {
        return Ok(Error::Forbidden);
    }
    let detail = match (row.holder(now), row.claim_until) {
        (Some(name), Some(until)) => {
            let until = until.in_uk().strftime("%H:%M");
            format!("{name} is working on this case. Their claim ends at {until}.").into()
        }
        _ if row.is_decided() => "This case is decided already.".into(),
        _ => "Somebody took this case just now. Please look again.".into(),
    };
    Ok(Error::Conflict(detail))
}

/// Gives a claimed case back.
///
/// # Errors
/// A conflict without the claim.
pub async fn release(posts: &Posts, member: &Member, id: CaseId) -> Result<Case> {
    let now = posts.clock.now();
    cases::find(&posts.db, id).await?;
    let mut tx = posts.db.begin().await?;
    if !store::release(&mut tx, id, member.id, now).await? {
        return Err(Error::Conflict("You do not hold this case.".into()));
    }
    let actor = Actor::Staff(member.id);
    audit::record(&mut tx, now, actor, "case.release", id, json!({})).await?;
    posts.bus.commit(tx, Nudge::CasesChanged).await?;
    get(posts, id).await
}

/// Who is to look at a case.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CaseAssignment)]
pub struct Assignment {
    /// The name of a moderator or a lead.
    pub to: String,
}

/// Hands a case to a colleague by name: they hold it for the length of a lease, and it stays
/// theirs to look at until somebody else takes it. A case that another works on can only be
/// handed on by a lead.
///
/// # Errors
/// A field error where nobody of that name may take it; else as [`claim`].
pub async fn assign(
    posts: &Posts,
    member: &Member,
    id: CaseId,
    assignment: &Assignment,
) -> Result<Case> {
    let row = cases::find(&posts.db, id).await?;
    let to = staff::moderators(&posts.db)
        .await?
        .into_iter()
        .find(|colleague| colleague.name == assignment.to)
        .filter(|colleague| !row.is_escalated() || colleague.role == Role::Lead)
        .ok_or_else(|| Error::field("to", "Nobody of that name can take this case."))?;
    let now = posts.clock.now();
    let until = now.plus(posts.policy.lease());
    let by_lead = member.role == Role::Lead;
    let mut tx = posts.db.begin().await?;
    let assigned = store::Assigned {
        by: member.id,
        by_lead,
        to: to.id,
        to_lead: to.role == Role::Lead,
    };
    store::lock(&mut tx, id).await?.ok_or(Error::NotFound)?;
    admission::allow(&mut tx, posts, &to, id).await?;
    if !store::assign(&mut tx, id, &assigned, now, until).await? {
        drop(tx);
        return Err(refused(posts, id, by_lead, now).await?);
    }
    let (actor, details) = (Actor::Staff(member.id), json!({ "to": to.id }));
    audit::record(&mut tx, now, actor, "case.assign", id, details).await?;
    posts.bus.commit(tx, Nudge::CasesChanged).await?;
    get(posts, id).await
}
