//! Looking behind anonymity, for what little there is to see.
//!
//! It takes two people: one asks, and says why, who is to be told, and why nothing less will do;
//! another, a lead or an admin, agrees within a day. Whoever asked can then look, once, within
//! the hour. They have to write down afterwards whether the young person was told; until they
//! have, the request stays on top of everybody's list.
//!
//! Each step is one conditional `UPDATE`: of two people at once one is heard, and nothing is seen
//! twice. What was seen is stored nowhere.

mod request;
mod reveal;
mod routes;
mod store;

use std::time::Duration;

use serde_json::json;

pub use request::{Answer, Ask, Disclosure, Request, State, Told};
pub use reveal::{AuthorPost, Revealed};
pub use routes::routes;

use super::sealed;
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::error::{Error, Result};
use crate::ids::DisclosureId;
use crate::page::Page;
use crate::posts::Posts;
use crate::staff::Member;
use store::Row;

/// How long a second person has to answer.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(24 * 60 * 60);
/// How long it can be looked, from the moment that a second person agreed.
pub const LOOK_WITHIN: Duration = Duration::from_secs(60 * 60);

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
