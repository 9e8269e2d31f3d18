//! Signing in and out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::form::Form;
use super::page;
use super::session::{self, Visitor};
use crate::error::{Error, Result};
use crate::staff::Staff;

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
    headers: HeaderMap,
    Form(sign_in): Form<SignIn>,
) -> Result<Response> {
    let name = sign_in.name.trim();
    match staff
        .sign_in(name, sign_in.password, sign_in.code.trim())
        .await
    {
        Ok(session) => {
            let cookie = session::keep(&session.access_token, &headers);
            Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/console")).into_response())
        }
        Err(Error::Unauthenticated) => {
            let why = "One of the three is not right. A code works once: wait for the next one.";
            Ok((StatusCode::UNAUTHORIZED, show(Some(why))).into_response())
        }
        Err(error) => Err(error),
    }
}

/// Ends the session.
pub async fn sign_out(State(staff): State<Staff>, visitor: Visitor) -> Result<Response> {
    staff
        .sign_out(&visitor.member, &visitor.access_token)
        .await?;
    let cookie = [(header::SET_COOKIE, session::forget())];
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
