//! Cases as staff see them: listed by deadline, claimed with a lease, released.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::store::{self, CaseFilter, CaseRow};
use super::{admission, appeals, reports};
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::{CaseId, PostId};
use crate::page::Page;
use crate::posts::{self, PostState, Posts};
use crate::staff::{Member, Role};
use crate::triage::{Level, Queue, RuleMatch};

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Nobody works on it.
    Open,
    /// Somebody works on it; the claim ends by itself when its lease does.
    Claimed,
    /// A person has decided.
    Decided,
    /// It waits for a lead.
    Escalated,
}

/// A unit of human review.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Case {
    /// Names the case.
    #[schema(value_type = String)]
    pub id: CaseId,
    /// The post.
    #[schema(value_type = String)]
    pub post_id: PostId,
    /// The revision of the post that is looked at.
    pub revision: i64,
    /// Where the case stands.
    pub state: CaseState,
    /// Where the post stands; absent where it was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_state: Option<PostState>,
    /// Which queue it waits in.
    pub queue: Queue,
    /// How urgent it is.
    pub level: Level,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Time,
    /// By when a person decides.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Time,
    /// Whether nobody decided in time.
    pub breached: bool,
    /// The name of the member of staff who works on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_by: Option<String>,
    /// Until when the claim holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub claimed_until: Option<Time>,
    /// What was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// The words; empty once they are erased.
    pub text: String,
    /// The words as others see them, where something in them is hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masked: Option<String>,
    /// What triage found in them.
    pub matches: Vec<RuleMatch>,
    /// What the post said before its author changed it, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<EarlierWords>,
    /// What others said of the post.
    pub reports: Vec<Report>,
    /// What the author said against the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appeal: Option<String>,
    /// What was done so far, oldest first; only where one case is asked for.
    pub timeline: Vec<Step>,
}

/// What a post said before its author changed it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EarlierWords {
    /// Which of its texts, from 1.
    pub revision: i64,
    /// The words.
    pub text: String,
    /// How much risk triage saw in them.
    pub level: Level,
    /// What triage found in them.
    pub matches: Vec<RuleMatch>,
}

impl From<&posts::Earlier> for EarlierWords {
    fn from(earlier: &posts::Earlier) -> EarlierWords {
        EarlierWords {
            revision: earlier.revision,
            text: earlier.text.clone(),
            level: earlier.verdict.level,
            matches: earlier.verdict.matches.clone(),
        }
    }
}

/// What somebody else said of the post.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Report {
    /// Why.
    pub reason: super::ReportReason,
    /// In their words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
}

/// Something that was done to a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Step {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// `staff:ID`, `operator` or `system`.
    pub actor: String,
    /// What, such as `case.claim`.
    pub action: String,
    /// More about it.
    #[schema(value_type = Object)]
    pub details: serde_json::Value,
}

impl From<audit::Line> for Step {
    fn from(line: audit::Line) -> Step {
        Step {
            at: line.at,
            actor: line.actor,
            action: line.action,
            details: serde_json::from_str(&line.details).unwrap_or_default(),
        }
    }
}

/// The cases that fit the filter, the nearest deadline first.
pub async fn list(
    posts: &Posts,
    filter: CaseFilter,
    after: Option<(i64, CaseId)>,
    limit: usize,
) -> Result<Page<Case>> {
    let now = posts.clock.now();
    let rows = store::list(&posts.db, &filter, now, after, limit as i64 + 1).await?;
    let Page { items, next } = Page::new(rows, limit, |row| (row.due_at.micros(), row.id));
    Ok(Page {
        items: show(posts, items, now).await?,
        next,
    })
}

/// One case with its timeline.
pub async fn get(posts: &Posts, id: CaseId) -> Result<Case> {
    let row = find(&posts.db, id).await?;
    let mut case = show(posts, vec![row], posts.clock.now())
        .await?
        .pop()
        .ok_or(Error::NotFound)?;
    case.timeline = audit::about(&posts.db, id)
        .await?
        .into_iter()
        .map(Step::from)
        .collect();
    Ok(case)
}

/// One case as it is stored; not found where there is none.
pub(super) async fn find(db: &Db, id: CaseId) -> Result<CaseRow> {
    store::find(db, id).await?.ok_or(Error::NotFound)
}

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
    let row = find(&posts.db, id).await?;
    if row.is_escalated() && member.role != Role::Lead {
        return Err(Error::Forbidden);
    }
    let mut tx = posts.db.begin().await?;
    admission::admit(&mut tx, posts, member, id, anyway, now).await?;
    if !store::claim(&mut tx, id, member.id, now, until).await? {
        return Err(Error::Conflict(match row.holder(now) {
            Some(name) => format!("{name} is working on this case.").into(),
            None => "This case is decided already, or was taken just now.".into(),
        }));
    }
    audit::record(
        &mut tx,
        now,
        Actor::Staff(member.id),
        "case.claim",
        id,
        json!({}),
    )
    .await?;
    tx.commit().await?;
    get(posts, id).await
}

/// Gives a claimed case back.
///
/// # Errors
/// A conflict without the claim.
pub async fn release(posts: &Posts, member: &Member, id: CaseId) -> Result<Case> {
    let now = posts.clock.now();
    find(&posts.db, id).await?;
    let mut tx = posts.db.begin().await?;
    if !store::release(&mut tx, id, member.id, now).await? {
        return Err(Error::Conflict("You do not hold this case.".into()));
    }
    audit::record(
        &mut tx,
        now,
        Actor::Staff(member.id),
        "case.release",
        id,
        json!({}),
    )
    .await?;
    tx.commit().await?;
    get(posts, id).await
}

async fn show(of: &Posts, rows: Vec<CaseRow>, now: Time) -> Result<Vec<Case>> {
    let (ids, of_posts): (Vec<CaseId>, Vec<PostId>) =
        rows.iter().map(|row| (row.id, row.post_id)).unzip();
    let mut reports = reports::of_cases(&of.db, &ids).await?;
    let mut appeals = appeals::of_cases(&of.db, &ids).await?;
    let earlier = posts::earlier(&of.db, &of_posts).await?;
    let of_posts = posts::find_all(&of.db, &of_posts).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let post = of_posts.iter().find(|post| post.id == row.post_id);
            let held = row.holder(now).map(str::to_owned);
            Case {
                id: row.id,
                post_id: row.post_id,
                revision: row.revision,
                state: row.state(now),
                post_state: post.map(|post| post.state.0),
                queue: row.queue.0,
                level: row.level.0,
                opened_at: row.opened_at,
                due_at: row.due_at,
                breached: row.state(now) != CaseState::Decided && row.due_at < now,
                claimed_until: row.claim_until.filter(|_| held.is_some()),
                claimed_by: held,
                decision: row.decision,
                text: post.map(|post| post.text.clone()).unwrap_or_default(),
                masked: post.and_then(|post| post.masked.clone()),
                earlier: (earlier.iter())
                    .filter(|earlier| earlier.post_id == row.post_id)
                    .map(EarlierWords::from)
                    .collect(),
                matches: post
                    .map(|post| post.verdict.matches.clone())
                    .unwrap_or_default(),
                reports: reports.remove(&row.id).unwrap_or_default(),
                appeal: appeals.remove(&row.id),
                timeline: Vec::new(),
            }
        })
        .collect())
}
