//! Becoming a member of staff: a password of one's own, and an authenticator app.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::qr;
use crate::console::form::Form;
use crate::console::page;
use crate::console::sign_in::let_in;
use crate::error::{Error, Result};
use crate::extract::Path;
use crate::staff::{EnrolError, Invitation, PASSWORD_MIN_CHARS, Staff};

/// The page behind a link. To look at it uses nothing up: programs that check links in messages
/// look at them, too.
pub async fn form(State(staff): State<Staff>, Path(token): Path<String>) -> Result<Response> {
    match staff.invitation(&token, None).await {
        Ok(invitation) => Ok(show(&token, &invitation, None).into_response()),
        Err(error) => gone(error),
    }
}

/// What somebody chooses.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrol {
    secret: String,
    password: String,
    again: String,
    code: String,
}

/// Makes somebody a member, and signs them in.
pub async fn enrol(
    State(staff): State<Staff>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(enrol): Form<Enrol>,
) -> Result<Response> {
    let why = match enrol.password == enrol.again {
        false => "The two passwords are not the same.".to_owned(),
        true => {
            let code = enrol.code.replace(' ', "");
            let done = staff.enrol(&token, &enrol.secret, enrol.password, &code);
            match done.await {
                Ok((member, session)) => {
                    return Ok(let_in(&staff, &member.name, &session, &headers));
                }
                Err(EnrolError::Failed(error)) => return gone(error),
                Err(EnrolError::Code) => {
                    "The code is not right. Wait for the next one, and check that your phone shows \
                     the right time."
                        .into()
                }
                Err(EnrolError::Password(fault)) => fault.into(),
            }
        }
    };
    match staff.invitation(&token, Some(&enrol.secret)).await {
        Ok(invitation) => {
            let page = show(&token, &invitation, Some(&why));
            Ok((StatusCode::BAD_REQUEST, page).into_response())
        }
        Err(error) => gone(error),
    }
}

/// A link that is no good says so, and what to do.
fn gone(error: Error) -> Result<Response> {
    let Error::NotFound = error else {
        return Err(error);
    };
    let page = page::outside(
        "Link",
        html! {
            section.narrow {
                h1 { "This link does not work any more" }
                p {
                    "A link works once, and for 72 hours. If you have used it, "
                    a href="/console/sign-in" { "sign in" }
                    ". If not, ask whoever sent it to you for another one."
                }
            }
        },
    );
    Ok((StatusCode::NOT_FOUND, page).into_response())
}

fn show(token: &str, invitation: &Invitation, why: Option<&str>) -> Markup {
    let member = &invitation.member;
    let secret = invitation.totp_secret.as_bytes().chunks(4);
    let groups: Vec<_> = secret.map(String::from_utf8_lossy).collect();
    let min = PASSWORD_MIN_CHARS;
    page::outside(
        "Your account",
        html! {
            section.narrow {
                h1 { "Hello " (member.name) }
                p {
                    "You are going to be here as " strong { (page::role_name(member.role)) }
                    ". You will sign in with your name, a password and a code from your phone."
                }
                @if let Some(why) = why {
                    p.problem role="alert" { (why) }
                }
                form.stacked method="post" action={ "/console/enrol/" (token) } {
                    input type="hidden" name="secret" value=(invitation.sealed_secret);
                    // For whatever keeps passwords.
                    input type="hidden" value=(member.name) autocomplete="username";
                    h2 { "1. Your password" }
                    p.note id="advice" {
                        "At least " (min) " characters. Three or four words that do not belong \
                         together are good, and easy to remember."
                    }
                    label for="password" { "Password" }
                    input id="password" name="password" type="password" minlength=(min)
                        autocomplete="new-password" aria-describedby="advice" required;
                    label for="again" { "The same password again" }
                    input id="again" name="again" type="password" minlength=(min)
                        autocomplete="new-password" required;
                    h2 { "2. Your authenticator app" }
                    p.note {
                        "Any app for one-time codes will do, for example Aegis, Google \
                         Authenticator, 2FAS or a password manager. Let it read this picture:"
                    }
                    (qr::picture(&invitation.totp_uri, "The picture for your authenticator app"))
                    p.note { "Are you reading this on your phone? "
                        a href=(invitation.totp_uri) { "Open it in the app" }
                        ", or type this in:"
                    }
                    p.secret { code { (groups.join(" ")) } }
                    label for="code" { "The code that the app shows now" }
                    input id="code" name="code" inputmode="numeric" autocomplete="one-time-code"
                        pattern="[0-9 ]{6,7}" required;
                    button.primary type="submit" { "Finish, and sign in" }
                }
            }
        },
    )
}
