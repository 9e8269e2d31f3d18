//! Second opinions: a share of decisions is looked at by somebody else, who does not know what
//! was decided.
//!
//! Which decisions are drawn, nobody can foresee, and nothing tells that one was. Whoever did
//! anything to the case never sees that it is looked at again; whoever gives the second opinion
//! sees the words, and neither decision nor name. Then both are compared: where they differ, a
//! lead who had no part in either settles it. A decision that was changed meanwhile, or whose
//! words are gone, is looked at no more.

pub mod agreement;
mod blind;
mod opinion;
mod routes;
mod settle;
mod store;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use blind::{leave_out, stay_blind};
pub use opinion::{Opinion, Said, claim, give};
pub use routes::routes;
pub use settle::{Ruling, Settlement, settle};
use store::{New, ReviewRow};
pub use store::{agreed, unsettled};

use super::cases::Report;
use super::decision::Outcome;
use super::store::CaseRow;
use super::{appeals, reports};
use crate::clock::Time;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{ReviewId, StaffId};
use crate::page::Page;
use crate::posts::{self, Posts};
use crate::staff::{Member, Role};
use crate::triage::{Level, Queue, RuleMatch};

/// Where a second opinion stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// Nobody has given it yet.
    Open,
    /// Both decided alike.
    Agreed,
    /// They did not: a lead looks at both.
    Differs,
    /// A lead has looked at both.
    Settled,
}

impl ReviewState {
    /// The name in JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            ReviewState::Open => "open",
            ReviewState::Agreed => "agreed",
            ReviewState::Differs => "differs",
            ReviewState::Settled => "settled",
        }
    }
}

impl std::str::FromStr for ReviewState {
    type Err = ();
    fn from_str(name: &str) -> std::result::Result<ReviewState, ()> {
        [
            ReviewState::Open,
            ReviewState::Agreed,
            ReviewState::Differs,
            ReviewState::Settled,
        ]
        .into_iter()
        .find(|state| state.as_str() == name)
        .ok_or(())
    }
}

/// A second opinion, as somebody may see it who has no part in the decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Review {
    /// Names it; the case has another name.
    #[schema(value_type = String)]
    pub id: ReviewId,
    /// Where it stands.
    pub state: ReviewState,
    /// Which queue the case waited in.
    pub queue: Queue,
    /// How urgent the case was.
    pub level: Level,
    /// Since when it waits.
    #[schema(value_type = String, format = DateTime)]
    pub since: Time,
    /// Until when the one who asks holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub claimed_until: Option<Time>,
    /// What there is to decide about: for whoever holds it, or has to settle it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<Words>,
    /// What both decided, once both have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
}

/// What there is to decide about.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ReviewWords)]
pub struct Words {
    /// The words of the post.
    pub text: String,
    /// What triage found in them.
    pub matches: Vec<RuleMatch>,
    /// What others said of the post.
    pub reports: Vec<Report>,
    /// What its author said against an earlier decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appeal: Option<String>,
}

/// What two people decided about the same words. It does not say who.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Compared {
    /// What was decided at first.
    pub first: Said,
    /// What somebody decided who did not know it.
    pub second: Said,
    /// What a lead made of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruling: Option<Ruling>,
}

/// Draws a decision that has just been made for a second opinion, or not: it is the last thing in
/// the transaction of the decision, and it leaves no trace where whoever decided could see it.
pub(super) async fn draw(
    tx: &mut Tx,
    posts: &Posts,
    case: &CaseRow,
    by: StaffId,
    (decision, reason): (Outcome, Option<&str>),
    now: Time,
) -> sqlx::Result<()> {
    let share = posts.policy.second_opinion().share;
    let can_differ = matches!(decision, Outcome::Approve | Outcome::Decline);
    if !can_differ || !posts.keys.is_drawn(case.id, case.revision, share) {
        return Ok(());
    }
    let id = ReviewId::random();
    let new = New {
        id,
        case,
        decision,
        reason,
        by,
        at: now,
    };
    store::insert(tx, &new).await?;
    let actors = store::actors(tx, case.id).await?;
    let actors = actors
        .iter()
        .filter_map(|actor| actor.strip_prefix("staff:"));
    let acted = actors.filter_map(|id| id.parse().ok()).chain([by]);
    for member in acted.collect::<std::collections::BTreeSet<StaffId>>() {
        store::recuse(tx, id, member).await?;
    }
    appeals::recuse_alike(tx, id, case.id).await
}

/// Second opinions that wait for `member`: to be given, or, for a lead, to be settled. The oldest
/// first.
///
/// # Errors
/// Forbidden where somebody else than a lead asks for what is to be settled.
pub async fn list(
    posts: &Posts,
    member: &Member,
    state: ReviewState,
    after: Option<(i64, ReviewId)>,
    limit: usize,
) -> Result<Page<Review>> {
    let now = posts.clock.now();
    let to_settle = match state {
        ReviewState::Open => false,
        ReviewState::Differs if member.role == Role::Lead => true,
        ReviewState::Differs => return Err(Error::Forbidden),
        ReviewState::Agreed | ReviewState::Settled => {
            return Err(Error::field("state", "Expected open or differs."));
        }
    };
    let place = (after, limit as i64 + 1);
    let rows = store::waiting(&posts.db, member.id, to_settle, now, place).await?;
    let Page { items, next } = Page::new(rows, limit, |row| (row.decided_at.micros(), row.id));
    let items = items.iter().map(|row| row.shown(member, now)).collect();
    Ok(Page { items, next })
}

/// One second opinion. Whoever has a part in the decision does not find it.
///
/// # Errors
/// Not found.
pub async fn get(posts: &Posts, member: &Member, id: ReviewId) -> Result<Review> {
    let now = posts.clock.now();
    let row = find(posts, member, id).await?;
    let mut review = row.shown(member, now);
    if row.shows_words(member, now) {
        review.words = words(posts, &row).await?;
    }
    Ok(review)
}

/// One that `member` may know of.
async fn find(posts: &Posts, member: &Member, id: ReviewId) -> Result<ReviewRow> {
    let row = store::find(&posts.db, id).await?.ok_or(Error::NotFound)?;
    let knows = store::is_recused(&posts.db, id, member.id).await?;
    match knows || !row.is_for(member) {
        true => Err(Error::NotFound),
        false => Ok(row),
    }
}

async fn words(of: &Posts, row: &ReviewRow) -> Result<Option<Words>> {
    let Some(post) = posts::find(&of.db, row.post_id).await? else {
        return Ok(None);
    };
    if post.revision != row.revision {
        return Ok(None);
    }
    let case = [row.case_id];
    let mut reports = reports::of_cases(&of.db, &case).await?;
    let mut appeals = appeals::of_cases(&of.db, &case).await?;
    Ok(Some(Words {
        text: post.text.clone(),
        matches: post.verdict.matches.clone(),
        reports: reports.remove(&row.case_id).unwrap_or_default(),
        appeal: appeals.remove(&row.case_id),
    }))
}

impl ReviewRow {
    /// Whether somebody who had no part in the decision may know of it.
    fn is_for(&self, member: &Member) -> bool {
        match self.state.0 {
            ReviewState::Open => self.stands(),
            _ => member.role == Role::Lead || self.reviewed_by == Some(member.id),
        }
    }

    fn held_until(&self, member: &Member, now: Time) -> Option<Time> {
        let holds = self.state.0 == ReviewState::Open && self.claimed_by == Some(member.id);
        self.claim_until.filter(|until| holds && *until > now)
    }

    fn shows_words(&self, member: &Member, now: Time) -> bool {
        match self.state.0 {
            ReviewState::Open => self.held_until(member, now).is_some(),
            ReviewState::Differs => self.stands() && member.role == Role::Lead,
            ReviewState::Agreed | ReviewState::Settled => false,
        }
    }

    fn shown(&self, member: &Member, now: Time) -> Review {
        let compared = self.opinion.as_ref().map(|opinion| Compared {
            first: Said {
                decision: self.decision.0,
                reason: self.reason.clone(),
            },
            second: Said {
                decision: opinion.0,
                reason: self.opinion_reason.clone(),
            },
            ruling: self.ruling.map(|ruling| ruling.0),
        });
        Review {
            id: self.id,
            state: self.state.0,
            queue: self.queue.0,
            level: self.level.0,
            since: self.decided_at,
            claimed_until: self.held_until(member, now),
            words: None,
            compared,
        }
    }
}
