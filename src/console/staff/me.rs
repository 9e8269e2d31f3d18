//! One's own account: where one is signed in, and the password.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use crate::clock::Clock;
use crate::console::form::Form;
use crate::console::page::{self, Section, token};
use crate::console::session::Visitor;
use crate::console::when;
use crate::error::{Error, Result};
use crate::extract::Query;
use crate::limits::Gate;
use crate::staff::{PASSWORD_MIN_CHARS, Place, Staff};

/// What was just done.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arrival {
    done: Option<Done>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Done {
    Password,
    Session,
    Others,
}

/// What is said above the page.
enum Said {
    Nothing,
    Done(&'static str),
    Problem(String),
}

/// One's own account.
pub async fn me(
    visitor: Visitor,
    State(staff): State<Staff>,
    State(clock): State<Clock>,
    Query(Arrival { done }): Query<Arrival>,
) -> Result<Markup> {
    let said = match done {
        None => Said::Nothing,
        Some(Done::Password) => {
            Said::Done("Your password is changed, and you are signed out everywhere else.")
        }
        Some(Done::Session) => Said::Done("That session has ended."),
        Some(Done::Others) => Said::Done("You are signed out everywhere else."),
    };
    show(&visitor, &staff, &clock, said).await
}

/// A new password, and what proves that its owner wants it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    password: String,
    code: String,
    new_password: String,
    again: String,
}

/// Changes the password.
pub async fn change_password(
    visitor: Visitor,
    State(staff): State<Staff>,
    State(clock): State<Clock>,
    gate: Gate,
    Form(form): Form<ChangePassword>,
) -> Result<Response> {
    let why = if form.new_password != form.again {
        "The two new passwords are not the same.".to_owned()
    } else {
        let member = &visitor.member;
        // Whoever sits down at somebody's open session guesses no more often than others do.
        let attempt = gate.attempt(&member.name, Some(member.id.as_bytes()));
        let attempt = attempt.await?;
        let code = form.code.replace(' ', "");
        let shown = (form.password, code.as_str());
        let token = &visitor.access_token;
        let done = staff.change_password(member, token, shown, form.new_password);
        match done.await {
            Ok(()) => {
                attempt.succeeded().await;
                return Ok(Redirect::to("/console/me?done=password").into_response());
            }
            Err(Error::Unauthenticated) => {
                "Your password now or the code is not right. A code works once: wait for the \
                 next one."
                    .into()
            }
            Err(Error::Invalid(faults)) => {
                let faults: Vec<String> = faults.into_iter().map(|f| f.message).collect();
                faults.join(" ")
            }
            Err(error) => return Err(error),
        }
    };
    let page = show(&visitor, &staff, &clock, Said::Problem(why)).await?;
    Ok((StatusCode::BAD_REQUEST, page).into_response())
}

/// Names a session.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndSession {
    session: String,
}

/// Ends one of one's own sessions.
pub async fn end_session(
    visitor: Visitor,
    State(staff): State<Staff>,
    Form(form): Form<EndSession>,
) -> Result<Redirect> {
    staff.end_session(&visitor.member, &form.session).await?;
    Ok(Redirect::to("/console/me?done=session"))
}

/// Ends all of one's own sessions but this one.
pub async fn end_others(visitor: Visitor, State(staff): State<Staff>) -> Result<Redirect> {
    let Visitor {
        member,
        access_token,
        ..
    } = &visitor;
    staff.end_other_sessions(member, access_token).await?;
    Ok(Redirect::to("/console/me?done=others"))
}

async fn show(visitor: &Visitor, staff: &Staff, clock: &Clock, said: Said) -> Result<Markup> {
    let sessions = staff.open_sessions(visitor.member.id).await?;
    let now = clock.now();
    let content = html! {
        h1 { "Your account" }
        @match &said {
            Said::Nothing => {}
            Said::Done(what) => p.said role="status" { (what) },
            Said::Problem(why) => p.problem role="alert" { (why) },
        }
        section.card {
            h2 { "Where you are signed in" }
            p.note {
                "A session ends by itself when nobody uses it for a while, and after 12 hours at \
                 the latest. End one that you do not know, and change your password."
            }
            div.scrolls tabindex="0" {
                table {
                    caption.visually-hidden { "Your sessions" }
                    thead {
                        tr {
                            th scope="col" { "Where" }
                            th scope="col" { "Since" }
                            th scope="col" { "Last used" }
                            th scope="col" { span.visually-hidden { "End it" } }
                        }
                    }
                    tbody {
                        @for session in &sessions {
                            tr {
                                td {
                                    @match session.place {
                                        Place::Console => "A browser",
                                        Place::Api => "A program (API)",
                                    }
                                }
                                td { (when::moment(session.started_at, now)) }
                                td { (when::moment(session.last_used_at, now)) }
                                td {
                                    @if session.is_of(&visitor.access_token) {
                                        span.tag { "this one" }
                                    } @else {
                                        form method="post" action="/console/me/sessions/end" {
                                            (token(visitor))
                                            input type="hidden" name="session" value=(session.id());
                                            button.quiet type="submit" { "End" }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            @if sessions.len() > 1 {
                form method="post" action="/console/me/sessions/end-others" {
                    (token(visitor))
                    button type="submit" { "End all others" }
                }
            }
        }
        section.card {
            h2 { "Your password" }
            form.stacked method="post" action="/console/me/password" {
                (token(visitor))
                label for="new_password" { "New password" }
                input id="new_password" name="new_password" type="password"
                    minlength=(PASSWORD_MIN_CHARS) autocomplete="new-password"
                    aria-describedby="advice" required;
                p.note.small id="advice" {
                    "At least " (PASSWORD_MIN_CHARS) " characters. Three or four words that do \
                     not belong together are good."
                }
                label for="again" { "The new password again" }
                input id="again" name="again" type="password" autocomplete="new-password"
                    minlength=(PASSWORD_MIN_CHARS) required;
                label for="password" { "Your password now" }
                input id="password" name="password" type="password"
                    autocomplete="current-password" required;
                label for="code" { "Code from your authenticator app" }
                input id="code" name="code" inputmode="numeric" autocomplete="one-time-code"
                    pattern="[0-9 ]{6,7}" required;
                button.primary type="submit" { "Change the password" }
            }
            p.note.small { "Do you have a new phone? An admin can send you a link to set it up." }
        }
    };
    Ok(page::page(visitor, Section::None, "Your account", content))
}
