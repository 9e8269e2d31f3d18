//! The queue on an open screen: a stream of server-sent events. `board` holds the board anew
//! where it has changed, `announce` says in plain words that a red or crisis case has come.
//!
//! Whatever a filter leaves out of sight is announced all the same.

use std::collections::{HashSet, VecDeque};
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::unfold;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::board::board;
use super::view::View;
use crate::bus::Carrier;
use crate::clock::Time;
use crate::console::form::Choices;
use crate::console::session::Visitor;
use crate::console::{Desk, when};
use crate::error::{Error, Result};
use crate::ids::CaseId;
use crate::moderation::queue::{self, Urgent};
use crate::staff::Moderator;

/// The least time between two looks: whatever changes meanwhile is shown at once.
const GATHER: Duration = Duration::from_millis(250);
/// How often it is looked where nobody says that something changed: time goes on.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// The same, where another process may have changed something and cannot say so.
const LOOK_FOR_OTHERS: Duration = Duration::from_secs(1);
/// How often something is said on a stream, so that nobody on the way takes it for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Of how many cases at once each is announced by itself.
const APART: usize = 5;

/// The stream of one screen.
pub async fn stream(
    visitor: Visitor,
    _: Moderator,
    State(desk): State<Desk>,
    headers: HeaderMap,
    Choices(view): Choices<View>,
) -> Result<impl IntoResponse> {
    view.after()?;
    // Whoever was cut off says when they were last told, and whoever opens a page, when it was
    // made: what has come since is new to them.
    let told = headers.get("last-event-id").and_then(read_number);
    let since = told.or(view.since).map(Time::from_micros);
    let screen = Screen {
        changes: desk.posts.bus.case_changes(),
        since: since.unwrap_or_else(|| desk.clock.now()),
        desk,
        visitor,
        view,
        looked: None,
        board: String::new(),
        known: HashSet::new(),
        waiting: VecDeque::new(),
    };
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    let events = Sse::new(unfold(screen, Screen::next)).keep_alive(keep_alive);
    // A proxy that gathers what it passes on would hold up a cry for help.
    let unbuffered = (
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    Ok(([unbuffered], events))
}

fn read_number(value: &HeaderValue) -> Option<i64> {
    value.to_str().ok()?.parse().ok()
}

/// What somebody has on their screen.
struct Screen {
    desk: Desk,
    visitor: Visitor,
    view: View,
    changes: watch::Receiver<u64>,
    /// Cases that were opened later are news.
    since: Time,
    /// When it was last looked.
    looked: Option<Instant>,
    board: String,
    /// The urgent cases that were there, or were announced.
    known: HashSet<CaseId>,
    waiting: VecDeque<Event>,
}

impl Screen {
    /// The next event, until the program stops or the session ends.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Screen)> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some((Ok(event), self));
            }
            let stop = self.desk.stop.clone();
            tokio::select! {
                () = self.due() => {}
                () = stop.cancelled() => return None,
            }
            // What is said to have changed by now is what is read.
            self.changes.mark_unchanged();
            self.looked = Some(Instant::now());
            // A screen that is left alone must not keep its session alive.
            let token = &self.visitor.access_token;
            match self.desk.staff.authenticate_without_use(token).await {
                Ok(_) => {}
                Err(Error::Unauthenticated) => return None,
                Err(error) => {
                    tracing::warn!(%error, "a session cannot be looked up; trying again");
                    continue;
                }
            }
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "the queue cannot be read; trying again");
            }
        }
    }

    /// Waits until it is time to look.
    async fn due(&mut self) {
        let Some(looked) = self.looked else { return };
        let bus = &self.desk.posts.bus;
        let patience = match bus.carrier() {
            Carrier::Redis => LOOK_AGAIN,
            Carrier::InProcess if self.desk.posts.db.is_embedded() => LOOK_AGAIN,
            Carrier::InProcess | Carrier::RedisGone => LOOK_FOR_OTHERS,
        };
        // Changed, or not in time: it is looked either way.
        let _ = timeout(patience, self.changes.changed()).await;
        sleep_until(looked + GATHER).await;
    }

    async fn look(&mut self) -> Result<()> {
        let posts = &self.desk.posts;
        let now = posts.clock.now();
        let urgent = queue::urgent(&posts.db, now).await?;
        let shown = board(posts, &self.visitor, &self.view, now)
            .await?
            .into_string();
        let (known, since) = (&self.known, self.since);
        let is_first = known.is_empty() && self.board.is_empty();
        let news: Vec<Urgent> = (urgent.iter().copied())
            .filter(|case| !known.contains(&case.id))
            .filter(|case| !is_first || case.opened_at > since)
            .collect();
        if shown != self.board {
            let event = Event::default().id(now.micros().to_string());
            self.waiting.push_back(event.event("board").data(&shown));
            self.board = shown;
        }
        let announced = announced(&news, now);
        let events = announced
            .iter()
            .map(|text| Event::default().event("announce").data(text));
        self.waiting.extend(events);
        self.known = urgent.into_iter().map(|case| case.id).collect();
        Ok(())
    }
}

/// What is said of the cases that have come.
fn announced(news: &[Urgent], now: Time) -> Vec<String> {
    let one = |case: &Urgent| {
        let (level, queue) = (case.level.0.as_str(), case.queue.0.as_str());
        format!(
            "New {level} case in {queue}: {}.",
            when::left(case.due_at, now)
        )
    };
    match news {
        [first, ..] if news.len() > APART => {
            let left = when::left(first.due_at, now);
            vec![format!(
                "{} new urgent cases. The nearest deadline: {left}.",
                news.len()
            )]
        }
        _ => news.iter().map(one).collect(),
    }
}
