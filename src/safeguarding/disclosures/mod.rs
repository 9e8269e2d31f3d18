//! Looking behind anonymity, for what little there is to see.
//!
//! It takes two people: one asks, and says why, who is to be told, and why nothing less will do;
//! another, a lead or an admin, agrees within a day. Whoever asked can then look, once, within
//! the hour. They have to write down afterwards whether the young person was told; until they
//! have, the request stays on top of everybody's list.
//!
//! Each step is one conditional `UPDATE`: of two people at once one is heard, and nothing is seen
//! twice. What was seen is stored nowhere.

mod reveal;
mod routes;
mod store;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

pub use reveal::{AuthorPost, Revealed};
pub use routes::routes;

use super::words::{Words, blank_is_none};
use super::{choices, sealed};
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::error::{Error, Result};
use crate::ids::{CaseId, DisclosureId};
use crate::page::Page;
use crate::posts::Posts;
use crate::staff::Member;
use store::Row;

/// How long a second person has to answer.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(24 * 60 * 60);
/// How long it can be looked, from the moment that a second person agreed.
pub const LOOK_WITHIN: Duration = Duration::from_secs(60 * 60);

choices! {
    /// What there is to see.
    #[schema(as = DisclosureAsk)]
    Ask {
        Posts = "posts", "The other posts of whoever wrote this one";
        AgeBand = "age_band", "Their age band";
        Area = "area", "Their area, where they gave one";
    }
}

/// A request to look behind anonymity.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DisclosureRequest)]
pub struct Request {
    /// The case about a post of the young person.
    #[schema(value_type = String)]
    pub case_id: CaseId,
    /// What is asked for; no more is shown.
    pub asks: Vec<Ask>,
    /// Why.
    #[schema(value_type = String, max_length = 2000)]
    pub reason: Words<2000>,
    /// Who will be told: a police force, a council's social care.
    #[schema(value_type = String, max_length = 200)]
    pub recipient: Words<200>,
    /// What the recipient calls it: an incident or referral number.
    #[serde(default, deserialize_with = "blank_is_none")]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub reference: Option<Words<200>>,
    /// Why nothing less will do.
    #[schema(value_type = String, max_length = 2000)]
    pub necessity: Words<2000>,
}

/// Whether the young person was told that somebody looked.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DisclosureTold)]
pub struct Told {
    /// Whether they were.
    pub told: bool,
    /// How and by whom; or why not.
    #[schema(value_type = String, max_length = 2000)]
    pub words: Words<2000>,
}

/// The answer of the second person.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DisclosureAnswer)]
pub struct Answer {
    /// Whether they agree.
    pub approve: bool,
}

choices! {
    /// Where a request stands.
    #[schema(as = DisclosureState)]
    State {
        Requested = "requested", "Waits for a second person";
        Approved = "approved", "Agreed: it can be looked, once";
        Refused = "refused", "Refused";
        Expired = "expired", "Ran out";
        Looked = "looked", "Looked: was the young person told?";
        Complete = "complete", "Complete";
    }
}

/// A request, and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Disclosure {
    /// Names the request.
    #[schema(value_type = String)]
    pub id: DisclosureId,
    /// Where it stands.
    pub state: State,
    /// The name of whoever asks.
    pub requested_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Time,
    /// Until when the next step can be taken, where one runs out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Time>,
    /// What is asked for, and why.
    pub request: Request,
    /// The name of the second person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<String>,
    /// When they answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<Time>,
    /// When it was looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub looked_at: Option<Time>,
    /// Whether the young person was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
    /// Whether it is the asker's own.
    #[serde(skip)]
    pub own: bool,
}

/// Every request, the newest first.
pub async fn list(
    posts: &Posts,
    member: &Member,
    after: Option<(i64, DisclosureId)>,
    limit: usize,
) -> Result<Page<Disclosure>> {
    let rows = store::list(&posts.db, after, limit as i64 + 1).await?;
    let Page { items, next } = Page::new(rows, limit, |row| (row.requested_at.micros(), row.id));
    Ok(Page {
        items: show_all(posts, member, items)?,
        next,
    })
}

/// The requests in which somebody has something to do, the oldest first.
pub async fn unfinished(posts: &Posts, member: &Member) -> Result<Vec<Disclosure>> {
    let now = posts.clock.now();
    let rows = store::unfinished(&posts.db).await?;
    let waits = |row: &Row| !matches!(state(row, now), State::Expired);
    show_all(posts, member, rows.into_iter().filter(waits).collect())
}

/// The requests that wait for this lead or admin, the oldest first: those of others that need an
/// answer, and their own that they have looked into without saying whether the young person was
/// told.
pub async fn waiting_for(posts: &Posts, member: &Member) -> sqlx::Result<Vec<DisclosureId>> {
    let asked_after = posts.clock.now().minus(ANSWER_WITHIN);
    store::waiting_for(&posts.db, member.id, asked_after).await
}

/// One request.
pub async fn get(posts: &Posts, member: &Member, id: DisclosureId) -> Result<Disclosure> {
    show(posts, member, find(posts, id).await?)
}

/// Asks to look. Nothing is seen until another person agrees.
///
/// # Errors
/// Names the field at fault; not found where there is no such case, a conflict where its post is
/// erased.
pub async fn request(posts: &Posts, member: &Member, request: Request) -> Result<Disclosure> {
    if request.asks.is_empty() || request.asks.len() > Ask::ALL.len() {
        return Err(Error::field(
            "asks",
            "Expected one or more of what there is to see.",
        ));
    }
    reveal::post_of_case(posts, request.case_id).await?;
    let (now, id) = (posts.clock.now(), DisclosureId::random());
    let sealed = sealed::seal(&posts.keys, &request, &sealed::place("disclosure", id, 0))?;
    let mut tx = posts.db.begin().await?;
    store::insert(&mut tx, (id, request.case_id), member.id, now, &sealed).await?;
    let details = json!({ "disclosure": id, "asks": request.asks });
    let actor = Actor::Staff(member.id);
    audit::record(
        &mut tx,
        now,
        actor,
        "disclosure.request",
        request.case_id,
        details,
    )
    .await?;
    tx.commit().await?;
    get(posts, member, id).await
}

/// A second person agrees, or refuses.
///
/// # Errors
/// A conflict where it is one's own request, has run out, or has an answer.
pub async fn answer(
    posts: &Posts,
    member: &Member,
    id: DisclosureId,
    answer: Answer,
) -> Result<Disclosure> {
    let row = find(posts, id).await?;
    let now = posts.clock.now();
    let name = if answer.approve {
        "approved"
    } else {
        "refused"
    };
    let mut tx = posts.db.begin().await?;
    let asked_after = now.minus(ANSWER_WITHIN);
    if !store::answer(&mut tx, id, name, member.id, now, asked_after).await? {
        return Err(Error::Conflict(match state(&row, now) {
            State::Requested if row.requester == member.id => {
                "This is your own request. It needs a second person.".into()
            }
            State::Expired => "This request has run out. It has to be made again.".into(),
            _ => "This request has an answer already.".into(),
        }));
    }
    let details = json!({ "disclosure": id, "approve": answer.approve });
    let actor = Actor::Staff(member.id);
    audit::record(
        &mut tx,
        now,
        actor,
        "disclosure.answer",
        row.case_id,
        details,
    )
    .await?;
    tx.commit().await?;
    get(posts, member, id).await
}

/// Looks, once.
///
/// # Errors
/// A conflict where nobody has agreed, it has run out, somebody else asked, or it was looked
/// before; and where the post is erased, which leaves nothing to see.
pub async fn look(posts: &Posts, member: &Member, id: DisclosureId) -> Result<Revealed> {
    let row = find(posts, id).await?;
    let now = posts.clock.now();
    let mut tx = posts.db.begin().await?;
    let agreed_after = now.minus(LOOK_WITHIN);
    if !store::look(&mut tx, id, member.id, now, agreed_after).await? {
        return Err(Error::Conflict(match state(&row, now) {
            _ if row.requester != member.id => "Only whoever asked can look.".into(),
            State::Requested => "A second person has to agree first.".into(),
            State::Refused => "This request was refused.".into(),
            State::Expired => "This request has run out. It has to be made again.".into(),
            State::Approved | State::Looked | State::Complete => {
                "It was shown once. To look again, ask again.".into()
            }
        }));
    }
    let details = json!({ "disclosure": id });
    let actor = Actor::Staff(member.id);
    audit::record(&mut tx, now, actor, "disclosure.look", row.case_id, details).await?;
    // What cannot be shown was not looked at; what cannot be put on the record is not shown.
    let revealed = reveal::reveal(posts, &opened(posts, &row)?).await?;
    tx.commit().await?;
    Ok(revealed)
}

/// Whoever looked says whether the young person was told.
///
/// # Errors
/// A conflict where nobody has looked, somebody else has, or it was said before.
pub async fn tell(
    posts: &Posts,
    member: &Member,
    id: DisclosureId,
    told: Told,
) -> Result<Disclosure> {
    let row = find(posts, id).await?;
    let now = posts.clock.now();
    let sealed = sealed::seal(&posts.keys, &told, &sealed::place("told", id, 0))?;
    let mut tx = posts.db.begin().await?;
    if !store::tell(&mut tx, id, member.id, now, &sealed).await? {
        return Err(Error::Conflict(match state(&row, now) {
            _ if row.requester != member.id => "Only whoever looked can say so.".into(),
            State::Complete => "This was written down before.".into(),
            _ => "Nobody has looked yet.".into(),
        }));
    }
    let details = json!({ "disclosure": id, "told": told.told });
    let actor = Actor::Staff(member.id);
    audit::record(&mut tx, now, actor, "disclosure.tell", row.case_id, details).await?;
    tx.commit().await?;
    get(posts, member, id).await
}

async fn find(posts: &Posts, id: DisclosureId) -> Result<Row> {
    store::find(&posts.db, id).await?.ok_or(Error::NotFound)
}

/// Where a request stands now: a step that nobody took in time cannot be taken any more.
fn state(row: &Row, now: Time) -> State {
    match (row.state.as_str(), until(row)) {
        ("requested" | "approved", Some(until)) if until <= now => State::Expired,
        ("requested", _) => State::Requested,
        ("approved", _) => State::Approved,
        ("refused", _) => State::Refused,
        ("looked", _) => State::Looked,
        _ => State::Complete,
    }
}

fn until(row: &Row) -> Option<Time> {
    match row.state.as_str() {
        "requested" => Some(row.requested_at.plus(ANSWER_WITHIN)),
        "approved" => row.answered_at.map(|at| at.plus(LOOK_WITHIN)),
        _ => None,
    }
}

fn opened(posts: &Posts, row: &Row) -> Result<Request> {
    let place = sealed::place("disclosure", row.id, 0);
    sealed::open(&posts.keys, &row.sealed, &place)
}

fn show_all(posts: &Posts, member: &Member, rows: Vec<Row>) -> Result<Vec<Disclosure>> {
    let shown = rows.into_iter().map(|row| show(posts, member, row));
    shown.collect()
}

fn show(posts: &Posts, member: &Member, row: Row) -> Result<Disclosure> {
    let told = row
        .told_sealed
        .as_ref()
        .map(|sealed| sealed::open(&posts.keys, sealed, &sealed::place("told", row.id, 0)));
    Ok(Disclosure {
        id: row.id,
        state: state(&row, posts.clock.now()),
        until: until(&row),
        request: opened(posts, &row)?,
        told: told.transpose()?,
        own: row.requester == member.id,
        requested_by: row.requested_by,
        requested_at: row.requested_at,
        answered_by: row.answered_by,
        answered_at: row.answered_at,
        looked_at: row.looked_at,
    })
}
