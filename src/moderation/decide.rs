//! Deciding a case, and what that does to the post.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use super::bulk;
use super::cases::{self, Case};
use super::decision::{self, Decision, Outcome, Reasoned};
use super::decisions::{self, CaseBefore, New};
use super::store::{self, CaseRow};
use super::{admission, reviews};
use crate::audit::{self, Actor};
use crate::bus::Nudge;
use crate::care;
use crate::clock::Time;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::CaseId;
use crate::posts::{self, Amendment, PostState, Posts};
use crate::safeguarding::{self, escalations};
use crate::staff::{Member, Role};
use crate::triage::{Level, Queue, Span, Topic, joined, masked};

/// Decides a case that `member` holds. All that the decision says is done, or nothing is.
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
    let reason = decision::check(&posts.policy, &decision)?;
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
    let mut post = posts::lock(&mut tx, case.post_id)
        .await?
        .ok_or(Error::NotFound)?;
    check_post(&case, &post, &decision)?;
    if let Some(bulk) = decision.bulk {
        bulk::decided(&mut tx, bulk, &case, &post, now).await?;
    }
    let before = posts::before(&mut tx, &post).await?;
    let (amendment, hidden) = amendment(&mut tx, &post, &decision).await?;
    let topics = (before.topics().to_vec(), amendment.topics.clone());
    posts::amend(&mut tx, &mut post, amendment, now).await?;
    let level = decision.level.unwrap_or(case.level.0);
    if level != case.level.0 {
        store::set_level(&mut tx, id, level).await?;
    }
    let again_by = looked_at_again_by(posts, &decision, level, now);
    let state = apply(&mut tx, &post, (&decision, reason.as_ref()), again_by, now).await?;
    let mut rung = None;
    match (decision.decision, again_by) {
        (Outcome::Escalate, Some(by)) => {
            store::set_escalated(&mut tx, id, by).await?;
            rung = Some(escalations::open(&mut tx, member, id, level, now).await?);
        }
        (_, Some(by)) => store::set_waiting(&mut tx, id, by).await?,
        (outcome, None) => {
            store::set_decided(&mut tx, id, member.id, outcome.as_str(), now).await?;
            escalations::resolve(&mut tx, id, outcome.as_str(), now).await?;
        }
    }
    let (topics_before, new_topics) = topics;
    let made = New {
        case: id,
        revision: case.revision,
        by: member.id,
        at: now,
        decision: decision.decision,
        reason: reason.as_ref(),
        policy: posts.policy.hash(),
        levels: (case.level.0, level),
        topics: (
            &topics_before,
            new_topics.as_deref().unwrap_or(&topics_before),
        ),
        hidden: &hidden,
        review_by: again_by,
    };
    let undo = match decision.decision {
        // The words are gone.
        Outcome::Close => None,
        _ => {
            let after = store::lock(&mut tx, id).await?.ok_or(Error::NotFound)?;
            let cases = (CaseBefore::from(&case), CaseBefore::from(&after));
            Some(((before, state), cases))
        }
    };
    decisions::record(&mut tx, posts, made, undo).await?;
    let exposure = (id, case.level.0);
    care::expose(&mut tx, posts.policy.care(), member.id, exposure, now).await?;
    let mut details = json!({
        "decision": decision.decision, "reason": decision.reason, "note": decision.note,
        "post": case.post_id, "revision": case.revision, "level": case.level.0,
        "version": reason.as_ref().map(|reason| reason.version), "policy": posts.policy.hash(),
        "new_level": decision.level, "new_topics": new_topics, "hidden": hidden.len(),
        "review_by": again_by,
    });
    if let Some(bulk) = decision.bulk {
        details["bulk"] = json!(bulk);
    }
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
    let told = [Nudge::LogGrew, Nudge::CasesChanged];
    posts.bus.commit_telling(tx, told).await?;
    if let Some(rung) = rung {
        safeguarding::ring(&rung);
    }
    let labels = [
        ("decision", decision.decision.as_str()),
        ("level", level.as_str()),
    ];
    metrics::counter!("hearth_decisions_total", &labels).increment(1);
    posts
        .rules
        .count_decision(&post.verdict, decision.decision.as_str());
    cases::get(posts, id).await
}

/// Whether a decision fits how the post is now.
fn check_post(case: &CaseRow, post: &posts::Row, decision: &Decision) -> Result<()> {
    let withdrawn = post.state.0 == PostState::Withdrawn;
    match decision.decision {
        Outcome::Close if !withdrawn => {
            return Err(Error::Conflict(
                "The post is still there. Approve, decline or escalate.".into(),
            ));
        }
        Outcome::Approve | Outcome::Decline | Outcome::Hold if withdrawn => {
            return Err(Error::Conflict(
                "Its author took the post back. Close the case, or escalate it.".into(),
            ));
        }
        Outcome::Close => {}
        _ if post.revision != case.revision => {
            return Err(Error::Conflict(
                "The words have changed since this case was opened.".into(),
            ));
        }
        _ => {}
    }
    if decision.level.is_some_and(|level| level < case.level.0)
        && (decision.note.as_deref()).is_none_or(|note| note.trim().is_empty())
    {
        let message = "Say why there is less risk in it than the case says.";
        return Err(Error::field("note", message));
    }
    Ok(())
}

/// What a decision changes about the post itself, and the stretches of it that it hides.
async fn amendment(
    tx: &mut Tx,
    post: &posts::Row,
    decision: &Decision,
) -> Result<(Amendment, Vec<Span>)> {
    let topics: Option<BTreeSet<Topic>> =
        (decision.topics.as_ref()).map(|topics| topics.iter().copied().collect());
    let mut amendment = Amendment {
        level: decision.level,
        topics: topics.map(|topics| topics.into_iter().collect()),
        masked: None,
    };
    let Some(mask) = &decision.mask else {
        return Ok((amendment, Vec::new()));
    };
    let hidden = mask.spans(&post.text, &post.verdict)?;
    let mut all = decisions::hidden_within(tx, (post.id, post.revision)).await?;
    if post.masked.is_some() {
        all.extend(&post.verdict.masks);
    }
    all.extend(&hidden);
    amendment.masked = Some(masked(&post.text, &joined(all)));
    Ok((amendment, hidden))
}

/// Does to the post what was decided; answers where it stands then.
async fn apply(
    tx: &mut Tx,
    post: &posts::Row,
    (decision, reason): (&Decision, Option<&Reasoned>),
    again_by: Option<Time>,
    now: Time,
) -> Result<PostState> {
    let stays = post.state.0;
    Ok(match (decision.decision, reason, again_by) {
        (Outcome::Approve, ..) => {
            posts::publish(tx, post, now).await?;
            PostState::Live
        }
        (Outcome::Decline, Some(reason), _) => {
            let why = (reason.code.as_str(), reason.message.as_str());
            posts::decline(tx, post, why, now).await?;
            PostState::Declined
        }
        (Outcome::Hold, _, Some(by)) => {
            posts::hold(tx, post, by, now).await?;
            match stays {
                PostState::Live => PostState::Held,
                other => other,
            }
        }
        (Outcome::Escalate, _, Some(by)) => {
            posts::defer(tx, post, by, now).await?;
            stays
        }
        (Outcome::Close, ..) => {
            posts::erase_words(tx, post).await?;
            stays
        }
        // Checked before: a decline has a reason, and what waits has a deadline.
        (Outcome::Decline | Outcome::Hold | Outcome::Escalate, ..) => {
            return Err(Error::internal("a decision is not whole"));
        }
    })
}

/// By when a person looks again at what is escalated or held longer. A lead decides no later than
/// about a red case.
fn looked_at_again_by(posts: &Posts, decision: &Decision, level: Level, now: Time) -> Option<Time> {
    let within = match decision.decision {
        Outcome::Escalate => {
            let level = level.max(Level::Red);
            posts.policy.review_within(Queue::Safeguarding, level)
        }
        Outcome::Hold => Duration::from_secs(3_600 * u64::from(decision.hours?)),
        Outcome::Approve | Outcome::Decline | Outcome::Close => return None,
    };
    Some(now.plus(within))
}
