//! Settling what two people decided differently: a lead sees both, and one of them stands.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::opinion::check_reason;
use super::store::{self, ReviewRow};
use super::{Review, find, get};
use crate::audit::{self, Actor};
use crate::bus::Nudge;
use crate::cases;
use crate::clock::Time;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::ReviewId;
use crate::moderation::decision::{self, Decision, Outcome, check_note};
use crate::moderation::store as moderation_store;
use crate::posts::{self, Posts};
use crate::staff::Member;

/// What a lead makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// What was decided at first stays.
    Stands,
    /// The opposite is done: what was declined is published, what was approved is taken down.
    Overturned,
}

impl Ruling {
    /// The name in JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Ruling::Stands => "stands",
            Ruling::Overturned => "overturned",
        }
    }
}

impl std::str::FromStr for Ruling {
    type Err = ();
    fn from_str(name: &str) -> std::result::Result<Ruling, ()> {
        [Ruling::Stands, Ruling::Overturned]
            .into_iter()
            .find(|ruling| ruling.as_str() == name)
            .ok_or(())
    }
}

/// What a lead decides, as it is sent.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// What becomes of the first decision.
    pub ruling: Ruling,
    /// The policy's code; needed to take down what was approved.
    pub reason: Option<String>,
    /// For the record: at most 2,000 characters, and not the young person's words.
    #[schema(max_length = 2000)]
    pub note: Option<String>,
}

/// Settles what two people decided differently. Where the first decision is overturned, the post
/// and its case are from now on as the lead decides, and the author is told.
///
/// # Errors
/// Not found for whoever has a part in either decision; a conflict where it is settled, where the
/// post has changed since, and where somebody has asked for another look: that case decides.
pub async fn settle(
    posts: &Posts,
    lead: &Member,
    id: ReviewId,
    settlement: Settlement,
) -> Result<Review> {
    check_note("note", settlement.note.as_deref().unwrap_or_default())?;
    let known = find(posts, lead, id).await?;
    if known.reviewed_by == Some(lead.id) {
        return Err(Error::Excluded(
            "The second opinion is yours, so another lead settles this.".into(),
        ));
    }
    let now = posts.clock.now();
    let overturns = settlement.ruling == Ruling::Overturned;
    let new_outcome = match (overturns, known.decision.0) {
        (false, _) => None,
        (true, Outcome::Decline) => Some(Outcome::Approve),
        (true, _) => Some(Outcome::Decline),
    };
    let is_decline = new_outcome == Some(Outcome::Decline);
    check_reason(&posts.policy, is_decline, settlement.reason.as_deref())?;
    let message = match new_outcome {
        Some(outcome) => {
            let mut decision = Decision::new(outcome);
            decision.reason = settlement.reason.clone();
            decision::told(&posts.policy, &decision)?
        }
        None => None,
    };
    let mut tx = posts.db.begin().await?;
    if !store::settle(&mut tx, id, (lead.id, now), settlement.ruling).await? {
        return Err(Error::Conflict("There is nothing to settle here.".into()));
    }
    if let Some(outcome) = new_outcome {
        let reason = settlement.reason.as_deref().zip(message.as_deref());
        overturn(&mut tx, lead, &known, (outcome, reason), now).await?;
    }
    let details = json!({
        "ruling": settlement.ruling, "reason": settlement.reason, "note": settlement.note,
        "case": known.case_id,
    });
    let actor = Actor::Staff(lead.id);
    audit::record(&mut tx, now, actor, "review.settle", id, details).await?;
    let told = [Nudge::LogGrew, Nudge::CasesChanged];
    posts.bus.commit_telling(tx, told).await?;
    get(posts, lead, id).await
}

/// Does the opposite of what was decided, to the post and to its case.
async fn overturn(
    tx: &mut Tx,
    lead: &Member,
    review: &ReviewRow,
    (outcome, reason): (Outcome, Option<(&str, &str)>),
    now: Time,
) -> Result<()> {
    let case = review.case_id;
    moderation_store::lock(tx, case)
        .await?
        .ok_or(Error::NotFound)?;
    let post = posts::lock(tx, review.post_id).await?;
    let gone = || {
        Error::Conflict(
            "The post is not any more as it was decided: its author took it back, or somebody \
             decided again. There is nothing to overturn."
                .into(),
        )
    };
    let post = post.ok_or_else(gone)?;
    // With both locked, nothing of this changes until the end.
    let still = store::find_within(tx, review.id).await?;
    if !still.is_some_and(|row| row.stands()) {
        return Err(gone());
    }
    if cases::is_undecided(tx, review.post_id).await? {
        return Err(Error::Conflict(
            "Somebody has asked for another look at this post since. That case decides: it is in \
             the queue."
                .into(),
        ));
    }
    match (outcome, reason) {
        (Outcome::Decline, Some(reason)) => posts::decline(tx, &post, reason, now).await?,
        _ => posts::publish(tx, &post, now).await?,
    }
    moderation_store::set_decided(tx, case, lead.id, outcome.as_str(), now).await?;
    let details = json!({
        "decision": outcome, "reason": reason.map(|(code, _)| code), "before": review.decision.0,
        "post": review.post_id, "revision": review.revision, "level": review.level.0,
    });
    let actor = Actor::Staff(lead.id);
    Ok(audit::record(tx, now, actor, "case.overturn", case, details).await?)
}
