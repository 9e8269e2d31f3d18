//! The pages of staff, under `/console`: made here as HTML, whole without a script; a script of
//! ours makes them live. They call the same functions as the API, with the same extractors.
//!
//! `session` finds out who is asking and refuses what another site sends, `page` is the frame of
//! every page, `problem` tells as a page why something was not done, and each page has a module.

mod assets;
mod browser;
mod care;
mod case;
mod chart;
mod form;
mod home;
mod oversight;
mod page;
mod pages;
mod problem;
mod queue;
mod reviews;
mod safeguarding;
mod session;
mod sign_in;
mod staff;
mod when;

use axum::Router;
use axum::extract::FromRef;
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::any;
use tokio_util::sync::CancellationToken;

pub use pages::Route;
use pages::{Pages, get, post};

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
    /// Cancelled when the program is asked to stop.
    pub stop: CancellationToken,
}

/// What is there for whoever has signed in.
fn inside() -> Pages {
    Pages::new()
        .route("/console", get(home::home))
        .route("/console/sign-out", post(sign_in::sign_out))
        .merge(case::pages())
        .merge(care::pages())
        .merge(oversight::pages())
        .merge(reviews::pages())
        .merge(queue::pages())
        .merge(safeguarding::pages())
        .merge(staff::pages())
}

/// What is there for whoever has not.
fn outside() -> Pages {
    Pages::new()
        .route(
            "/console/sign-in",
            get(sign_in::form).post(sign_in::sign_in),
        )
        .merge(staff::pages_outside())
}

/// Every page of the console, and everything that a form can be sent to, in their order. Each has
/// its row in `tests/suite/roles.rs`, which says for whom it is.
pub fn all_routes() -> Vec<Route> {
    let mut all = inside().merge(outside()).merge(assets::files()).list;
    all.sort();
    all
}

/// The routes of the console.
pub fn routes<S: Clone + Send + Sync + 'static>(desk: Desk) -> Router<S> {
    inside()
        .router
        .route("/console/{*path}", any(async || Error::NotFound))
        .layer(from_fn_with_state(
            desk.posts.clone(),
            safeguarding::with_ringing,
        ))
        .layer(from_fn(session::required))
        .layer(from_fn_with_state(desk.clone(), session::opened))
        .merge(outside().router)
        .layer(from_fn(session::from_here))
        .layer(from_fn(problem::as_page))
        .merge(assets::files().router)
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
