//! Giving a second opinion: claimed like a case, and said once.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Review, ReviewState, find, get, store};
use crate::audit::{self, Actor};
use crate::care;
use crate::error::{Error, Result};
use crate::ids::ReviewId;
use crate::moderation::decision::{Outcome, check_note, known_reason};
use crate::posts::Posts;
use crate::staff::Member;
use crate::triage::Policy;

/// What somebody decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Said {
    /// `approve`, `decline` or `escalate`.
    pub decision: Outcome,
    /// The policy's code, of a decline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A second opinion as it is sent.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SecondOpinion)]
pub struct Opinion {
    /// What they would have decided: `approve`, `decline` or `escalate`.
    pub decision: Outcome,
    /// The policy's code; needed to decline.
    pub reason: Option<String>,
    /// For whoever settles it: at most 2,000 characters, and not the young person's words.
    #[schema(max_length = 2000)]
    pub note: Option<String>,
}

const CHANGED: &str = "What there was to look at has changed since: its author took it back, or \
    somebody decided again. There is nothing to do here any more.";

/// Takes a second opinion on, or renews one's claim on it. It weighs as much as a case.
///
/// # Errors
/// Not found for whoever has a part in the decision; a conflict where somebody else is at it, and
/// where one needs a break.
pub async fn claim(posts: &Posts, member: &Member, id: ReviewId) -> Result<Review> {
    find(posts, member, id).await?;
    let now = posts.clock.now();
    let until = now.plus(posts.policy.lease());
    let mut tx = posts.db.begin().await?;
    if !store::claim(&mut tx, id, member.id, now, until).await? {
        return Err(Error::Conflict("Somebody else is at this one.".into()));
    }
    let row = store::find_within(&mut tx, id).await?;
    let row = row.filter(|row| row.stands());
    let row = row.ok_or(Error::Conflict(CHANGED.into()))?;
    let recused = store::recused(&mut tx, id).await?;
    let claim = care::Claim {
        case: row.case_id,
        level: row.level.0,
        due_at: None,
        leads_only: false,
        recused: &recused,
        anyway: false,
    };
    care::admit(&mut tx, posts.policy.care(), member, &claim, now).await?;
    let actor = Actor::Staff(member.id);
    audit::record(&mut tx, now, actor, "review.claim", id, json!({})).await?;
    tx.commit().await?;
    get(posts, member, id).await
}

/// Gives a second opinion that `member` has claimed; answers both.
///
/// # Errors
/// A conflict without the claim, or where what was decided has changed meanwhile.
pub async fn give(
    posts: &Posts,
    member: &Member,
    id: ReviewId,
    opinion: Opinion,
) -> Result<Review> {
    if matches!(opinion.decision, Outcome::Close | Outcome::Hold) {
        let message = "Expected approve, decline or escalate.";
        return Err(Error::field("decision", message));
    }
    let is_decline = opinion.decision == Outcome::Decline;
    check_reason(&posts.policy, is_decline, opinion.reason.as_deref())?;
    check_note("note", opinion.note.as_deref().unwrap_or_default())?;
    find(posts, member, id).await?;
    let now = posts.clock.now();
    let mut tx = posts.db.begin().await?;
    let said = Said {
        decision: opinion.decision,
        reason: opinion.reason,
    };
    if !store::give(&mut tx, id, (member.id, now), &said).await? {
        return Err(Error::Conflict("Claim it first.".into()));
    }
    let row = store::find_within(&mut tx, id).await?;
    let row = row.filter(|row| row.stands());
    let row = row.ok_or(Error::Conflict(CHANGED.into()))?;
    let agrees = row.state.0 == ReviewState::Agreed;
    let details = json!({
        "decision": said.decision, "reason": said.reason, "note": opinion.note, "agrees": agrees,
    });
    let actor = Actor::Staff(member.id);
    audit::record(&mut tx, now, actor, "review.opinion", id, details).await?;
    tx.commit().await?;
    let agrees = if agrees { "yes" } else { "no" };
    metrics::counter!("hearth_second_opinions_total", "agrees" => agrees).increment(1);
    get(posts, member, id).await
}

/// A decline has a reason that the policy knows, and nothing else has one.
pub(super) fn check_reason(policy: &Policy, is_decline: bool, reason: Option<&str>) -> Result<()> {
    match (is_decline, reason) {
        (true, code) => known_reason(policy, code).map(|_| ()),
        (false, None) => Ok(()),
        (false, Some(_)) => Err(Error::field("reason", "Only a decline has a reason.")),
    }
}
