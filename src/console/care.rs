//! One's own shift: what it held so far, and breaks. There is no such page about anybody else.

use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};

use super::page::{self, Section, level, token};
use super::pages::{Pages, get, post};
use super::session::Visitor;
use super::when;
use crate::care::{self, Shift};
use crate::clock::Time;
use crate::error::Result;
use crate::extract::Path;
use crate::ids::CaseId;
use crate::moderation::{self, Urgent};
use crate::posts::Posts;
use crate::staff::{Moderator, Role};
use crate::triage::{Care, Level};

/// How high the bars of the picture are, and how wide one is.
const HEIGHT: u32 = 100;
const WIDTH: u32 = 40;

/// The routes of these pages.
pub fn pages() -> Pages {
    Pages::new()
        .route("/console/care", get(show))
        .route("/console/care/break", post(take_break))
        .route("/console/care/back", post(come_back))
        .route("/console/care/cases/{id}/claim", post(claim_anyway))
}

/// One's own shift.
pub async fn show(
    visitor: Visitor,
    Moderator(member): Moderator,
    State(posts): State<Posts>,
) -> Result<Markup> {
    let (care, now) = (posts.policy.care(), posts.clock.now());
    let shift = care::own(&posts.db, care, &member, now).await?;
    let mut urgent = match shift.closed_until() {
        Some(until) => moderation::urgent(&posts, until).await?,
        None => Vec::new(),
    };
    urgent.retain(|case| !case.leads_only || member.role == Role::Lead);
    let content = html! {
        h1 { "Your shift" }
        p { "Reading this does something to whoever reads it. This page is for you alone: nobody "
            "else can see it, it is no measure of your work, and it is forgotten after two days." }
        (state(&visitor, &shift, care, now))
        section.card aria-labelledby="picture" {
            h2 #picture { "What you had to read" }
            (meters(&shift, care))
            (picture(&shift))
            p.note.small {
                "A crisis case weighs " (care.points(Level::Crisis)) ", a red one "
                (care.points(Level::Red)) ", amber "
                (care.points(Level::Amber)) ", green "
                (care.points(Level::Green)) "."
            }
        }
        (anyway(&visitor, &urgent, now))
    };
    Ok(page::page(&visitor, Section::Care, "Your shift", content))
}

/// Begins a break.
pub async fn take_break(
    Moderator(member): Moderator,
    State(posts): State<Posts>,
) -> Result<Redirect> {
    care::take_break(&posts.db, &member, posts.clock.now()).await?;
    Ok(Redirect::to("/console/care"))
}

/// Ends it.
pub async fn come_back(
    Moderator(member): Moderator,
    State(posts): State<Posts>,
) -> Result<Redirect> {
    let care = posts.policy.care();
    care::come_back(&posts.db, care, &member, posts.clock.now()).await?;
    Ok(Redirect::to("/console/care"))
}

/// Takes a case that cannot wait, though one needs a break.
pub async fn claim_anyway(
    Moderator(member): Moderator,
    State(posts): State<Posts>,
    Path(id): Path<CaseId>,
) -> Result<Redirect> {
    moderation::claim_anyway(&posts, &member, id).await?;
    Ok(Redirect::to(&format!("/console/cases/{id}")))
}

/// What stands on the pages where cases are taken: that a break is due, or has begun. Nothing
/// where all is well, and for whoever takes no cases.
pub async fn offer(posts: &Posts, visitor: &Visitor) -> Result<Markup> {
    let member = &visitor.member;
    if !matches!(member.role, Role::Moderator | Role::Lead) {
        return Ok(Markup::default());
    }
    let (care, now) = (posts.policy.care(), posts.clock.now());
    let shift = care::own(&posts.db, care, member, now).await?;
    let says_something =
        shift.break_is_due() || shift.on_break_since().is_some() || shift.is_over();
    Ok(match says_something {
        true => state(visitor, &shift, care, now),
        false => Markup::default(),
    })
}

/// How it stands with breaks, and what can be done about it.
fn state(visitor: &Visitor, shift: &Shift<'_>, care: &Care, now: Time) -> Markup {
    let minutes = care.rest().as_secs() / 60;
    let begin = html! {
        form method="post" action="/console/care/break" {
            (token(visitor))
            button.primary[shift.break_is_due()] type="submit" { "Take a break" }
        }
    };
    let again = |until: Time| html! { "Red and crisis are open to you again at " (when::moment(until, now)) ". " };
    html! {
        section.card aria-label="Breaks" {
            @if let Some(until) = shift.break_until() {
                @if until > now {
                    p { "You are on a break until " (when::moment(until, now)) ". Take your time." }
                } @else {
                    p { "Your break has lasted long enough. There is no hurry." }
                }
                form method="post" action="/console/care/back" {
                    (token(visitor))
                    button type="submit" { "I am back" }
                }
            } @else if shift.is_over() {
                p {
                    strong { "That is enough for this shift. " }
                    @if let Some(until) = shift.closed_until() { (again(until)) }
                    "Green and amber are open to you, and so is going home."
                }
                (begin)
            } @else if let Some(until) = shift.closed_until() {
                p {
                    strong { "Please take a break now. " }
                    "You have read a lot that is hard. If you begin it now: "
                    (again(until))
                    "Green and amber are open to you."
                }
                (begin)
            } @else if shift.break_is_due() {
                p {
                    "You have read a lot that is hard. A break of " (minutes)
                    " minutes would do you good. The others are here for the cases."
                }
                (begin)
            } @else {
                p { "You can take a break whenever you like. One of " (minutes) " minutes counts." }
                (begin)
            }
            @if shift.closed_until().is_some() {
                p.small { a href="/console/care" { "Your shift" } }
            }
        }
    }
}

fn meters(shift: &Shift<'_>, care: &Care) -> Markup {
    html! {
        p {
            label for="since-break" { "Since your last break" } br;
            meter #since-break min="0" max=(care.require_break_at) high=(care.offer_break_at)
                value=(shift.since_break()) {}
            " " (shift.since_break()) " of " (care.require_break_at)
        }
        p {
            label for="in-shift" { "In the last " (care.shift().as_secs() / 3_600) " hours" } br;
            meter #in-shift min="0" max=(care.shift_points) value=(shift.in_shift()) {}
            " " (shift.in_shift()) " of " (care.shift_points)
        }
    }
}

/// A bar for each hour of the shift.
fn picture(shift: &Shift<'_>) -> Markup {
    let hours = shift.by_hour();
    let most = hours.iter().copied().max().unwrap_or_default();
    if most == 0 {
        return html! { p { "Nothing yet." } };
    }
    let width = WIDTH * hours.len() as u32;
    let said: Vec<String> = hours.iter().map(u32::to_string).collect();
    let said = format!("Hour by hour, the present one last: {}", said.join(", "));
    html! {
        svg.chart viewBox=(format!("0 0 {width} {HEIGHT}")) role="img" aria-label=(said) {
            @for (n, points) in (0u32..).zip(&hours) {
                @let height = HEIGHT * points / most;
                rect x=(n * WIDTH + 4) y=(HEIGHT - height) width=(WIDTH - 8) height=(height)
                    fill="currentColor" opacity="0.4" {}
            }
        }
    }
}

/// What cannot wait, for whoever should have a break and is alone.
fn anyway(visitor: &Visitor, urgent: &[Urgent], now: Time) -> Markup {
    html! {
        @if !urgent.is_empty() {
            section.card aria-labelledby="anyway" {
                h2 #anyway { "What cannot wait" }
                p { "Children come first: where nobody else is here who can take one of these, you "
                    "can. It is on the record that you did, and that nobody else was here." }
                div.scrolls tabindex="0" {
                    table {
                        caption.visually-hidden { "Cases that cannot wait" }
                        thead { tr {
                            th scope="col" { "Level" }
                            th scope="col" { "Time" }
                            th scope="col" { "Take it" }
                        } }
                        tbody {
                            @for case in urgent {
                                tr {
                                    td { (level(case.level)) }
                                    td.breached[case.due_at < now] { (when::left(case.due_at, now)) }
                                    td {
                                        form method="post"
                                            action={ "/console/care/cases/" (case.id) "/claim" } {
                                            (token(visitor))
                                            button.quiet type="submit" {
                                                "Nobody else is here: take it anyway"
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
