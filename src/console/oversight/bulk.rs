//! One decision about many cases: chosen, looked at, counted, done, and taken back.

use std::str::FromStr;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use maud::Markup;
use serde::Deserialize;
use tokio::time::timeout;

use super::bulk_page;
use crate::console::form::Form;
use crate::console::page::{self, Section};
use crate::console::session::Visitor;
use crate::error::{Error, Result};
use crate::extract::{Path, Query};
use crate::ids::BulkId;
use crate::moderation::Outcome;
use crate::moderation::bulk::{self, Bulk, ItemState};
use crate::posts::{self, Posts};
use crate::staff::{Member, Moderator, Role};
use crate::triage::{Level, Queue, Topic};

/// How long a page waits for the work to be done; it goes on without the page.
const PATIENCE: Duration = Duration::from_secs(8);
/// How many cases are shown before they are decided about.
pub const SHOWN: i64 = 20;
/// How many skipped ones are listed.
const LISTED: i64 = 200;

/// Which cases, as the form says it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Choice {
    pub queue: String,
    pub level: String,
    pub topic: String,
    pub rule: String,
    pub hours: String,
    pub decision: String,
    pub reason: String,
}

impl Choice {
    fn query(&self) -> Result<bulk::Query> {
        let level = Level::ALL
            .into_iter()
            .find(|level| level.as_str() == self.level);
        if level.is_none() && !self.level.is_empty() {
            return Err(Error::field("level", "There is no such level."));
        }
        let rule = self.rule.trim();
        Ok(bulk::Query {
            queue: named::<Queue>("queue", &self.queue)?,
            level,
            topic: named::<Topic>("topic", &self.topic)?,
            rule: (!rule.is_empty()).then(|| rule.to_owned()),
            hours: named::<u32>("hours", self.hours.trim())?,
        })
    }
}

/// What a field of a form names; nothing where it is empty.
fn named<T: FromStr>(field: &str, text: &str) -> Result<Option<T>> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |_| Error::field(field, "This value cannot be used here.");
    text.parse().map(Some).map_err(wrong)
}

/// What to choose by, and what was done lately.
pub async fn form(
    visitor: Visitor,
    Moderator(member): Moderator,
    State(posts): State<Posts>,
    Query(choice): Query<Choice>,
) -> Result<Markup> {
    let by = (member.role != Role::Lead).then_some(member.id);
    let mut recent = Vec::new();
    for id in bulk::recent(&posts.db, by, 10).await? {
        recent.push(bulk::get(&posts, &member, id).await?);
    }
    let content = bulk_page::form(&visitor, &posts, &choice, &recent);
    Ok(page::page(&visitor, Section::Bulk, "Many at once", content))
}

/// Finds the cases.
pub async fn choose(
    Moderator(member): Moderator,
    State(posts): State<Posts>,
    Form(choice): Form<Choice>,
) -> Result<Redirect> {
    let decision = match choice.decision.as_str() {
        "approve" => Outcome::Approve,
        "decline" => Outcome::Decline,
        _ => return Err(Error::field("decision", "Expected approve or decline.")),
    };
    // The reason stands in the form all the time, and counts for a decline alone.
    let reason = (decision == Outcome::Decline).then(|| choice.reason.clone());
    let id = bulk::choose(&posts, &member, choice.query()?, decision, reason).await?;
    Ok(there(id))
}

/// What is to be decided about, or what became of it.
pub async fn show(
    visitor: Visitor,
    Moderator(member): Moderator,
    State(posts): State<Posts>,
    Path(id): Path<BulkId>,
) -> Result<Response> {
    let bulk = bulk::get(&posts, &member, id).await?;
    let now = posts.clock.now();
    let mut headers = HeaderMap::new();
    let content = match bulk.confirmed_at {
        None => {
            let items = bulk::items(&posts, id, None, SHOWN).await?;
            let ids: Vec<_> = items.iter().map(|item| item.post_id).collect();
            let found = posts::find_all(&posts.db, &ids).await?;
            bulk_page::preview(&visitor, &bulk, &items, &found, now)
        }
        Some(_) => {
            if bulk.in_state(ItemState::Waiting) > 0 {
                headers.insert("refresh", axum::http::HeaderValue::from_static("3"));
            }
            let mut left = bulk::items(&posts, id, Some(ItemState::Skipped), LISTED).await?;
            left.extend(bulk::items(&posts, id, Some(ItemState::Kept), LISTED).await?);
            bulk_page::result(&visitor, &bulk, &left, now)
        }
    };
    let page = page::page(&visitor, Section::Bulk, "Many at once", content);
    Ok((headers, page).into_response())
}

/// The number of cases, typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    count: String,
}

/// Does it.
pub async fn confirm(
    Moderator(member): Moderator,
    State(posts): State<Posts>,
    Path(id): Path<BulkId>,
    Form(Count { count }): Form<Count>,
) -> Result<Redirect> {
    bulk::confirm(&posts, &member, id, &count).await?;
    let bulk = bulk::get(&posts, &member, id).await?;
    work(posts, member, bulk).await;
    Ok(there(id))
}

/// Goes on with what broke off.
pub async fn go_on(
    Moderator(member): Moderator,
    State(posts): State<Posts>,
    Path(id): Path<BulkId>,
) -> Result<Redirect> {
    let bulk = bulk::get(&posts, &member, id).await?;
    if bulk.made_by != member.id {
        return Err(Error::Forbidden);
    }
    if bulk.confirmed_at.is_none() {
        return Err(Error::Conflict("Nobody has confirmed this yet.".into()));
    }
    work(posts, member, bulk).await;
    Ok(there(id))
}

/// Takes it back.
pub async fn undo(
    Moderator(member): Moderator,
    State(posts): State<Posts>,
    Path(id): Path<BulkId>,
) -> Result<Redirect> {
    bulk::undo(&posts, &member, id).await?;
    Ok(there(id))
}

/// Works through the cases. A page waits for it only so long; what is not done then goes on.
async fn work(posts: Posts, member: Member, bulk: Bulk) {
    let working = tokio::spawn(async move {
        if let Err(bulk::Broken(error)) = bulk::carry_out(&posts, &member, &bulk).await {
            tracing::warn!(%error, "a decision about many cases broke off");
        }
    });
    // Whatever is not done by then, the page says so.
    let _ = timeout(PATIENCE, working).await;
}

fn there(id: BulkId) -> Redirect {
    Redirect::to(&format!("/console/bulk/{id}"))
}
