//! Who is at the console: found out from a cookie that no script can read, and whether what
//! changes something was sent from a page of ours.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use cookie::{Cookie, SameSite};

use super::Desk;
use super::safeguarding::Ringing;
use crate::error::{Error, Result};
use crate::limits::Gate;
use crate::staff::Member;
use crate::surge;

/// The cookie with the access token of a session.
const COOKIE: &str = "hearth_staff";
/// Where the cookie is sent: to the console alone, never to the API.
const PATH: &str = "/console";
/// The field of a form, and the header of a script, that hold the session's form token.
pub const TOKEN_FIELD: &str = "form_token";
const TOKEN_HEADER: &str = "x-form-token";
/// The header of what our script asks for by itself, with nobody at the keys.
const UNATTENDED_HEADER: &str = "x-unattended";

/// Somebody who has signed in to the console.
#[derive(Clone)]
pub struct Visitor {
    /// Who it is.
    pub member: Member,
    /// What every form on their pages brings along.
    pub form_token: String,
    /// The access token of the session.
    pub access_token: String,
    /// Whether every new post waits for a person: every page says so.
    pub surge: Arc<surge::Status>,
    /// What needs them at once, where they are a lead or an admin.
    pub ringing: Ringing,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visitor> {
        let visitor = parts.extensions.get::<Visitor>();
        visitor.cloned().ok_or(Error::Unauthenticated)
    }
}

/// Refuses what would change something and was sent by another site.
pub async fn from_here(request: Request, next: Next) -> Response {
    match reads(request.method()) || is_of_this_site(request.headers()) {
        true => next.run(request).await,
        false => Error::Forbidden.into_response(),
    }
}

/// Finds out who is asking, where somebody has signed in, and refuses what would change
/// something and does not come from a page that was made for them.
pub async fn opened(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    match admit(&desk, request).await {
        Ok(request) => {
            let visitor = request.extensions().get::<Visitor>().cloned();
            let mut response = next.run(request).await;
            // For the frame of the page that tells a problem.
            if let Some(visitor) = visitor {
                response.extensions_mut().get_or_insert_with(|| visitor);
            }
            response
        }
        Err(error) => error.into_response(),
    }
}

/// Sends whoever has not signed in to where they can.
pub async fn required(request: Request, next: Next) -> Response {
    match request.extensions().get::<Visitor>() {
        Some(_) => next.run(request).await,
        None => Redirect::to("/console/sign-in").into_response(),
    }
}

async fn admit(desk: &Desk, request: Request) -> Result<Request> {
    let staff = &desk.staff;
    let Some(access_token) = access_token(request.headers()) else {
        return Ok(request);
    };
    let found = match is_unattended(request.headers()) {
        true => staff.authenticate_without_use(&access_token).await,
        false => staff.authenticate(&access_token).await,
    };
    let member = match found {
        Ok(member) => member,
        Err(Error::Unauthenticated) => return Ok(request),
        Err(error) => return Err(error),
    };
    let (mut parts, body) = request.into_parts();
    Gate::of(&parts).admit(member.id.as_bytes()).await?;
    let form_token = staff.form_token(&access_token);
    let body = match reads(&parts.method) {
        true => body,
        false => check_token(&parts, body, &form_token).await?,
    };
    parts.extensions.insert(member.clone());
    parts.extensions.insert(Visitor {
        member,
        form_token,
        access_token,
        surge: desk.posts.surge.status(),
        ringing: Ringing::default(),
    });
    Ok(Request::from_parts(parts, body))
}

/// What is left of a form without the token, which has to be there and right.
async fn check_token(parts: &Parts, body: Body, expected: &str) -> Result<Body> {
    if let Some(token) = parts.headers.get(TOKEN_HEADER) {
        return (token == expected).then_some(body).ok_or(Error::Forbidden);
    }
    let body = Bytes::from_request(Request::new(body), &())
        .await
        .map_err(|_| Error::Malformed("The form broke off before its end.".into()))?;
    let is_token = |field: &&[u8]| field.starts_with(format!("{TOKEN_FIELD}=").as_bytes());
    let fields = || body.split(|byte| *byte == b'&');
    let token = fields().find(is_token).ok_or(Error::Forbidden)?;
    if token[TOKEN_FIELD.len() + 1..] != *expected.as_bytes() {
        return Err(Error::Forbidden);
    }
    let others: Vec<&[u8]> = fields().filter(|field| !is_token(field)).collect();
    Ok(Body::from(others.join(&b'&')))
}

fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Whether it is the browser that opens a stream of events, and opens it again whenever it ends:
/// nobody has to be there for that, and so it keeps no session alive. A stream that stays open
/// asks [`crate::staff::Staff::authenticate_without_use`] from time to time whether the session is still good.
fn is_unattended(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    headers.contains_key(UNATTENDED_HEADER)
        || accept.is_some_and(|accept| accept.as_bytes().starts_with(b"text/event-stream"))
}

/// Browsers say where a request comes from; what says nothing is no browser, and brings no
/// cookie that it was not given.
fn is_of_this_site(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site")
        && site != "same-origin"
    {
        return false;
    }
    match (text("origin"), text("host")) {
        (None, _) => true,
        (Some(origin), Some(host)) => {
            origin.split_once("://").map(|(_, origin)| origin) == Some(host)
        }
        (Some(_), None) => false,
    }
}

/// The access token of whoever's browser this is, good or not.
pub fn access_token(headers: &HeaderMap) -> Option<String> {
    cookie(headers, COOKIE)
}

/// The value of a cookie.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter();
    let cookies = lines.filter_map(|line| line.to_str().ok());
    cookies
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

/// The header that has a browser keep a session's access token until the browser is closed.
pub fn keep(access_token: &str, headers: &HeaderMap) -> HeaderValue {
    set(
        Cookie::build((COOKIE, access_token.to_owned())).path(PATH),
        headers,
    )
}

/// The header that has a browser forget it.
pub fn forget(headers: &HeaderMap) -> HeaderValue {
    let nothing = Cookie::build((COOKIE, "")).path(PATH);
    set(nothing.max_age(cookie::time::Duration::ZERO), headers)
}

/// The header for a cookie that no script reads and no other site has sent. Where the page came
/// over TLS, the cookie goes over nothing else.
pub fn set(cookie: cookie::CookieBuilder<'_>, headers: &HeaderMap) -> HeaderValue {
    let origin = headers.get(header::ORIGIN);
    let over_tls = origin.is_some_and(|origin| origin.as_bytes().starts_with(b"https://"));
    let cookie = cookie
        .secure(over_tls)
        .http_only(true)
        .same_site(SameSite::Strict)
        .build();
    HeaderValue::try_from(cookie.to_string()).expect("a token is plain ASCII")
}
