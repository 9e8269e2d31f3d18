//! Signing in and out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::browser;
use super::form::Form;
use super::page;
use super::session::{self, Visitor};
use crate::error::{Error, Result};
use crate::limits::Gate;
use crate::staff::{Place, Session, Staff};

/// The page to sign in on.
pub async fn form() -> Markup {
    show(None)
}

/// What a member of staff signs in with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    name: String,
    password: String,
    code: String,
}

/// Signs in, with a cookie.
pub async fn sign_in(
    State(staff): State<Staff>,
    gate: Gate,
    headers: HeaderMap,
    Form(sign_in): Form<SignIn>,
) -> Result<Response> {
    let (name, code) = (sign_in.name.trim(), sign_in.code.replace(' ', ""));
    let browser = browser::recognise(&staff, name, &headers);
    let attempt = gate.attempt(name, browser.as_deref()).await?;
    let session = match staff
        .sign_in(name, sign_in.password, &code, Place::Console)
        .await
    {
        Ok(session) => session,
        Err(Error::Unauthenticated) => {
            let why = "One of the three is not right. A code works once: wait for the next one.";
            return Ok((StatusCode::UNAUTHORIZED, show(Some(why))).into_response());
        }
        Err(error) => return Err(error),
    };
    attempt.succeeded().await;
    // Whoever was signed in here before is not any more.
    if let Some(before) = session::access_token(&headers)
        && let Ok(member) = staff.authenticate_without_use(&before).await
    {
        staff.sign_out(&member, &before).await?;
    }
    Ok(let_in(&staff, name, &session, &headers))
}

/// To the start, with the cookies of whoever has just signed in.
pub fn let_in(staff: &Staff, name: &str, session: &Session, headers: &HeaderMap) -> Response {
    let cookies = AppendHeaders([
        (
            header::SET_COOKIE,
            session::keep(&session.access_token, headers),
        ),
        (header::SET_COOKIE, browser::remember(staff, name, headers)),
    ]);
    (cookies, Redirect::to("/console")).into_response()
}

/// Ends the session.
pub async fn sign_out(
    State(staff): State<Staff>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response> {
    staff
        .sign_out(&visitor.member, &visitor.access_token)
        .await?;
    let cookie = [(header::SET_COOKIE, session::forget(&headers))];
    Ok((cookie, Redirect::to("/console/sign-in")).into_response())
}

fn show(why: Option<&str>) -> Markup {
    page::outside(
        "Sign in",
        html! {
            section.narrow {
                h1 { "Sign in" }
                @if let Some(why) = why {
                    p.problem role="alert" { (why) }
                }
                form.stacked method="post" action="/console/sign-in" {
                    label for="name" { "Name" }
                    input id="name" name="name" autocomplete="username" required autofocus;
                    label for="password" { "Password" }
                    input id="password" name="password" type="password"
                        autocomplete="current-password" required;
                    label for="code" { "Code from your authenticator app" }
                    input id="code" name="code" inputmode="numeric" autocomplete="one-time-code"
                        pattern="[0-9 ]{6,7}" required;
                    button.primary type="submit" { "Sign in" }
                }
            }
        },
    )
}
