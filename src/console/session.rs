//! Who is at the console: found out from a cookie that no script can read, and whether what
//! changes something was sent from a page of ours.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use cookie::{Cookie, SameSite};

use super::safeguarding::Ringing;
use crate::error::{Error, Result};
use crate::limits::Gate;
use crate::staff::{Member, Staff};

/// The cookie with the access token of a session.
const COOKIE: &str = "hearth_staff";
/// Where the cookie is sent: to the console alone, never to the API.
const PATH: &str = "/console";
/// The field of a form, and the header of a script, that hold the session's form token.
pub const TOKEN_FIELD: &str = "form_token";
const TOKEN_HEADER: &str = "x-form-token";

/// Somebody who has signed in to the console.
#[derive(Clone)]
pub struct Visitor {
    /// Who it is.
    pub member: Member,
    /// What every form on their pages brings along.
    pub form_token: String,
    /// The access token of the session.
    pub access_token: String,
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

/// Finds out who is asking, where somebody has signed in, and refuses what would change
/// something and does not come from a page of ours.
pub async fn opened(State(staff): State<Staff>, request: Request, next: Next) -> Response {
    match admit(&staff, request).await {
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

async fn admit(staff: &Staff, request: Request) -> Result<Request> {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && !is_of_this_site(request.headers()) {
        return Err(Error::Forbidden);
    }
    let Some(access_token) = access_token(request.headers()) else {
        return Ok(request);
    };
    let member = match staff.authenticate(&access_token).await {
        Ok(member) => member,
        Err(Error::Unauthenticated) => return Ok(request),
        Err(error) => return Err(error),
    };
    let (mut parts, body) = request.into_parts();
    Gate::of(&parts).admit(member.id.as_bytes()).await?;
    let form_token = staff.form_token(&access_token);
    let body = match changes {
        true => check_token(&parts, body, &form_token).await?,
        false => body,
    };
    parts.extensions.insert(member.clone());
    parts.extensions.insert(Visitor {
        member,
        form_token,
        access_token,
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

fn access_token(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter();
    let cookies = lines.filter_map(|line| line.to_str().ok());
    cookies
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == COOKIE)
        .map(|cookie| cookie.value().to_owned())
}

/// The header that has a browser keep a session's access token until the browser is closed.
/// Where the page came over TLS, the cookie goes over nothing else.
pub fn keep(access_token: &str, headers: &HeaderMap) -> HeaderValue {
    let origin = headers.get(header::ORIGIN);
    let over_tls = origin.is_some_and(|origin| origin.as_bytes().starts_with(b"https://"));
    set(Cookie::build((COOKIE, access_token.to_owned())).secure(over_tls))
}

/// The header that has a browser forget it.
pub fn forget() -> HeaderValue {
    set(Cookie::build((COOKIE, "")).max_age(cookie::time::Duration::ZERO))
}

fn set(cookie: cookie::CookieBuilder<'_>) -> HeaderValue {
    let cookie = cookie
        .path(PATH)
        .http_only(true)
        .same_site(SameSite::Strict)
        .build();
    HeaderValue::try_from(cookie.to_string()).expect("a token is plain ASCII")
}
