//! Deciding a case, and what that does to the post.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::cases::{self, Case};
use super::store::{self, CaseRow};
use super::{admission, reviews};
use crate::audit::{self, Actor};
use crate::bus::Nudge;
use crate::care;
use crate::clock::Time;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::CaseId;
use crate::posts::{self, PostState, Posts};
use crate::staff::{Member, Role};
use crate::triage::{Level, Queue};

/// The most characters that a note may have.
const MAX_NOTE: usize = 2_000;

/// What a person can decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The post is live, or stays so.
    Approve,
    /// The post is taken down, or stays down, for a reason that its author is told.
    Decline,
    /// A lead has to decide.
    Escalate,
    /// There is nothing left to decide: the author took the post back.
    Close,
}

impl Outcome {
    /// The name in JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Approve => "approve",
            Outcome::Decline => "decline",
            Outcome::Escalate => "escalate",
            Outcome::Close => "close",
        }
    }
}

impl std::str::FromStr for Outcome {
    type Err = ();
    fn from_str(name: &str) -> std::result::Result<Outcome, ()> {
        [
            Outcome::Approve,
            Outcome::Decline,
            Outcome::Escalate,
            Outcome::Close,
        ]
        .into_iter()
        .find(|outcome| outcome.as_str() == name)
        .ok_or(())
    }
}

/// A decision as it is sent.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// What is decided.
    pub decision: Outcome,
    /// The policy's code; needed to decline.
    pub reason: Option<String>,
    /// For the record: at most 2,000 characters, and not the young person's words.
    #[schema(max_length = 2000)]
    pub note: Option<String>,
}

/// Decides a case that `member` holds.
///
/// # Errors
/// A conflict without the claim, on a text that has changed since, or where the author took
/// the post back; forbidden where the case waits for a lead.
pub async fn decide(
    posts: &Posts,
    member: &Member,
    id: CaseId,
    decision: Decision,
) -> Result<Case> {
    check(posts, &decision)?;
    cases::find(&posts.db, id).await?;
    let now = posts.clock.now();
    let mut tx = posts.db.begin().await?;
    let case = store::lock(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if case.is_escalated() && member.role != Role::Lead {
        return Err(Error::Forbidden);
    }
    if case.holder(now).is_none() || case.claimed_by != Some(member.id) {
        return Err(Error::Conflict(
            "You do not hold this case. Claim it first.".into(),
        ));
    }
    admission::allow(&mut tx, posts, member, id).await?;
    let post = apply(&mut tx, posts, &case, &decision, now).await?;
    match decision.decision {
        Outcome::Escalate => {
            store::set_escalated(&mut tx, id, lead_decides_by(posts, &case, now)).await?;
        }
        outcome => store::set_decided(&mut tx, id, member.id, outcome.as_str(), now).await?,
    }
    care::expose(
        &mut tx,
        posts.policy.care(),
        member.id,
        (id, case.level.0),
        now,
    )
    .await?;
    let details = json!({
        "decision": decision.decision, "reason": decision.reason, "note": decision.note,
        "post": case.post_id, "revision": case.revision, "level": case.level.0,
    });
    audit::record(
        &mut tx,
        now,
        Actor::Staff(member.id),
        "case.decide",
        id,
        details,
    )
    .await?;
    let decided = (decision.decision, decision.reason.as_deref());
    reviews::draw(&mut tx, posts, &case, member.id, decided, now).await?;
    posts.bus.commit(tx, Nudge::LogGrew).await?;
    let labels = [
        ("decision", decision.decision.as_str()),
        ("level", case.level.0.as_str()),
    ];
    metrics::counter!("hearth_decisions_total", &labels).increment(1);
    posts
        .rules
        .count_decision(&post.verdict, decision.decision.as_str());
    cases::get(posts, id).await
}

fn check(posts: &Posts, decision: &Decision) -> Result<()> {
    if decision
        .note
        .as_ref()
        .is_some_and(|note| note.chars().count() > MAX_NOTE)
    {
        return Err(Error::field(
            "note",
            format!("Expected at most {MAX_NOTE} characters."),
        ));
    }
    let hidden = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if decision.note.iter().any(|note| note.contains(hidden)) {
        return Err(Error::field(
            "note",
            "There is a hidden sign in here that we cannot keep.",
        ));
    }
    match (decision.decision, decision.reason.as_deref()) {
        (Outcome::Decline, Some(code)) if posts.policy.decline_reason(code).is_some() => Ok(()),
        (Outcome::Decline, _) => {
            let codes: Vec<&str> = posts
                .policy
                .decline_reasons()
                .iter()
                .map(|reason| reason.code.as_str())
                .collect();
            Err(Error::field(
                "reason",
                format!("Expected one of {}.", codes.join(", ")),
            ))
        }
        (_, None) => Ok(()),
        (_, Some(_)) => Err(Error::field("reason", "Only a decline has a reason.")),
    }
}

/// Does to the post what was decided; answers the post as it was before.
async fn apply(
    tx: &mut Tx,
    posts: &Posts,
    case: &CaseRow,
    decision: &Decision,
    now: Time,
) -> Result<posts::Row> {
    let post = posts::lock(tx, case.post_id)
        .await?
        .ok_or(Error::NotFound)?;
    let withdrawn = post.state.0 == PostState::Withdrawn;
    match decision.decision {
        Outcome::Close if !withdrawn => {
            return Err(Error::Conflict(
                "The post is still there. Approve, decline or escalate.".into(),
            ));
        }
        Outcome::Close => posts::erase_words(tx, &post).await?,
        Outcome::Approve | Outcome::Decline if withdrawn => {
            return Err(Error::Conflict(
                "Its author took the post back. Close the case, or escalate it.".into(),
            ));
        }
        _ if post.revision != case.revision => {
            return Err(Error::Conflict(
                "The words have changed since this case was opened.".into(),
            ));
        }
        Outcome::Approve => posts::publish(tx, &post, now).await?,
        Outcome::Decline => {
            let reason = decision.reason.as_deref().unwrap_or_default();
            posts::decline(tx, &post, reason, now).await?;
        }
        Outcome::Escalate => {
            let due_at = lead_decides_by(posts, case, now);
            posts::defer(tx, &post, due_at, now).await?;
        }
    }
    Ok(post)
}

/// By when a lead decides about a case that is escalated now: no later than about a red one.
fn lead_decides_by(posts: &Posts, case: &CaseRow, now: Time) -> Time {
    let level = case.level.0.max(Level::Red);
    now.plus(posts.policy.review_within(Queue::Safeguarding, level))
}
