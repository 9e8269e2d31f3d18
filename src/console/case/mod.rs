//! A case: all there is to know of it, and the form to decide it.

mod about;
mod deciding;
mod marks;
mod sent;
mod timeline;
mod unseen;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::care;
use super::form::Form;
use super::page::{self, Section};
use super::pages::{Pages, get, post};
use super::safeguarding;
use super::session::Visitor;
use super::when;
use crate::error::{Error, FieldError, Result};
use crate::extract::Path;
use crate::ids::CaseId;
use crate::moderation::{self, AuthorPost, Case, Outcome, Why, reviews};
use crate::posts::Posts;
use crate::staff::{Moderator, Role};
use marks::Marked;
use sent::Sent;

/// The routes of a case.
pub fn pages() -> Pages {
    Pages::new()
        .route("/console/cases/{id}", get(show))
        .route("/console/cases/{id}/decide", post(decide))
        .route("/console/cases/{id}/undo", post(undo))
        .route("/console/cases/{id}/author-posts", post(author_posts))
}

/// What stands on the page for this answer alone.
#[derive(Default)]
struct Extra {
    /// The decision that was sent and could not be done.
    sent: Sent,
    /// Why.
    problems: Vec<FieldError>,
    /// What the author wrote lately.
    author_posts: Option<Vec<AuthorPost>>,
}

async fn show(
    visitor: Visitor,
    Moderator(member): Moderator,
    State(posts): State<Posts>,
    Path(id): Path<CaseId>,
) -> Result<Markup> {
    reviews::stay_blind(&posts, &member, id).await?;
    let case = moderation::get(&posts, id).await?;
    whole(&posts, &visitor, case, Extra::default()).await
}

/// Decides; asks once more before a decline or an escalation. Where the form has to be mended, it
/// is shown again as it was sent.
async fn decide(
    visitor: Visitor,
    Moderator(member): Moderator,
    State(posts): State<Posts>,
    Path(id): Path<CaseId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let sent = Sent(fields);
    let case = moderation::get(&posts, id).await?;
    let problems = match sent.decision(&posts.policy, &case) {
        Ok(decision) => {
            let held = case.claimed_by.as_deref() == Some(&member.name);
            let hard = held && matches!(decision.decision, Outcome::Decline | Outcome::Escalate);
            let done = match moderation::told(&posts.policy, &decision) {
                Ok(told) if hard && sent.get("confirmed").is_none() => {
                    let about = (&sent, &decision);
                    let page = deciding::confirmation(&visitor, &case, about, told.as_deref());
                    let page = page::page(&visitor, Section::None, "Are you sure?", page);
                    return Ok(page.into_response());
                }
                Ok(_) => moderation::decide(&posts, &member, id, decision).await,
                Err(error) => Err(error),
            };
            match done {
                Ok(_) => return Ok(to(id).into_response()),
                Err(Error::Invalid(problems)) => problems,
                Err(error) => return Err(error),
            }
        }
        Err(Error::Invalid(problems)) => problems,
        Err(error) => return Err(error),
    };
    let extra = Extra {
        sent,
        problems,
        author_posts: None,
    };
    let page = whole(&posts, &visitor, case, extra).await?;
    Ok((StatusCode::BAD_REQUEST, page).into_response())
}

async fn undo(
    Moderator(member): Moderator,
    State(posts): State<Posts>,
    Path(id): Path<CaseId>,
) -> Result<Redirect> {
    moderation::undo(&posts, &member, id).await?;
    Ok(to(id))
}

/// Shows what the same author wrote lately, on this answer alone.
async fn author_posts(
    visitor: Visitor,
    Moderator(member): Moderator,
    State(posts): State<Posts>,
    Path(id): Path<CaseId>,
    Form(why): Form<Why>,
) -> Result<Markup> {
    let others = moderation::author_posts(&posts, &member, id, why).await?;
    let case = moderation::get(&posts, id).await?;
    let extra = Extra {
        author_posts: Some(others),
        ..Extra::default()
    };
    whole(&posts, &visitor, case, extra).await
}

fn to(id: CaseId) -> Redirect {
    Redirect::to(&format!("/console/cases/{id}"))
}

/// The whole page.
async fn whole(posts: &Posts, visitor: &Visitor, case: Case, extra: Extra) -> Result<Markup> {
    let now = posts.clock.now();
    let names = moderation::names(&posts.db, &timeline::actors(&case.timeline)).await?;
    let signpost = about::signpost(posts, &case).await?;
    let is_lead = visitor.member.role == Role::Lead;
    let held = case.claimed_by.as_deref() == Some(&visitor.member.name);
    let marked = Marked {
        text: &case.text,
        level: case.level,
        matches: &case.matches,
        hidden: &case.hidden,
        prefix: "",
    };
    let offer = care::offer(posts, visitor).await?;
    let safeguarding = safeguarding::on_case(posts, visitor, case.id).await?;
    let content = html! {
        h1 { "Case: " (page::level(case.level)) " in " (case.queue.as_str()) }
        (undoing(visitor, &case))
        (offer)
        p.row.small {
            a href="#decide-title" { "To the decision" }
            span data-blur-choice {}
        }
        div.columns {
            div {
                section.card aria-labelledby="words" {
                    h2 id="words" { "The words" }
                    @if case.text.is_empty() {
                        p.note { "The words are erased." }
                    } @else {
                        (marked.words())
                        (about::unmasked(&case))
                        h3 { "What the rules matched" }
                        (marked.reasons(held.then_some((deciding::FORM, &extra.sent))))
                    }
                }
                (about::earlier(&case))
                (about::reports(&case, now))
                (about::author(visitor, &case, held, extra.author_posts.as_deref(), now))
            }
            div {
                section.card aria-labelledby="decide-title" {
                    h2 id="decide-title" { "Decide" }
                    (about::facts(&case, now))
                    @if held {
                        (deciding::form(visitor, &posts.policy, &case, (&extra.sent, &extra.problems)))
                        form method="post" action={ "/console/cases/" (case.id) "/release" } {
                            (page::token(visitor))
                            button.quiet type="submit" { "Give it back" }
                        }
                    } @else {
                        (deciding::no_form(visitor, &case, is_lead))
                    }
                }
                (safeguarding)
                section.card aria-labelledby="signpost" {
                    h2 id="signpost" { "The support that was shown" }
                    (signpost)
                }
                section.card aria-labelledby="timeline" {
                    h2 id="timeline" { "What was done" }
                    (timeline::told(&case.timeline, &names, now))
                }
            }
        }
    };
    Ok(page::page(visitor, Section::None, "Case", content))
}

/// The button that takes back what was decided a moment ago.
fn undoing(visitor: &Visitor, case: &Case) -> Markup {
    let mut made = case.decisions.iter().rev();
    let last = made.find_map(|made| Some((made, made.undo_until?)));
    html! {
        @if let Some((made, until)) = last && made.decided_by == visitor.member.name {
            form.said.row method="post" action={ "/console/cases/" (case.id) "/undo" } role="status" {
                (page::token(visitor))
                span {
                    "You decided: " (timeline::decision(made.decision.0.as_str()))
                    ". The author is told."
                }
                button type="submit" { "Undo" }
                span.note.small { "until " (when::to_the_second(until)) }
                a href="/console" { "Go on" }
            }
        }
    }
}
