//! The pages of staff, under `/console`: made here as HTML, whole without a script; a script of
//! ours makes them live. They call the same functions as the API, with the same extractors.
//!
//! `session` finds out who is asking and refuses what another site sends, `page` is the frame of
//! every page, `problem` tells as a page why something was not done, and each page has a module.

mod assets;
mod care;
mod form;
mod home;
mod page;
mod problem;
mod reviews;
mod session;
mod sign_in;
mod when;

use axum::Router;
use axum::extract::FromRef;
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{any, get, post};

use crate::clock::Clock;
use crate::error::Error;
use crate::posts::Posts;
use crate::staff::Staff;

/// What the pages are made from.
#[derive(Clone, FromRef)]
pub struct Desk {
    /// When it is.
    pub clock: Clock,
    /// Who may see what.
    pub staff: Staff,
    /// What it is all about.
    pub posts: Posts,
}

/// The routes of the console.
pub fn routes<S: Clone + Send + Sync + 'static>(desk: Desk) -> Router<S> {
    Router::new()
        .route("/console", get(home::home))
        .route("/console/sign-out", post(sign_in::sign_out))
        .route("/console/care", get(care::show))
        .route("/console/care/break", post(care::take_break))
        .route("/console/care/back", post(care::come_back))
        .route("/console/care/cases/{id}/claim", post(care::claim_anyway))
        .merge(reviews::routes())
        .route("/console/{*path}", any(async || Error::NotFound))
        // Whatever stands above is for whoever has signed in.
        .layer(from_fn(session::required))
        .route(
            "/console/sign-in",
            get(sign_in::form).post(sign_in::sign_in),
        )
        .layer(from_fn_with_state(desk.staff.clone(), session::opened))
        .layer(from_fn(problem::as_page))
        .merge(assets::routes())
        .layer(map_response(with_policy))
        .with_state(desk)
}

/// Pages run our own script and no other, from this host alone, and stand in no other site's
/// frame.
async fn with_policy(mut response: Response) -> Response {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
        img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; \
        base-uri 'none'";
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    // A form sent without it would not say where it comes from.
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    response
}
