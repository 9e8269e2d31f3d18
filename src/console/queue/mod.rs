//! The queue: what waits for a person, the nearest deadline first, live on the screen; claims;
//! and the handover at the end of a shift.
//!
//! A filter never hides anything silently: the page says what it leaves out.

mod board;
mod claims;
mod handover;
mod live;
mod page;
mod view;

use axum::Router;
use axum::routing::{get, post};

use super::Desk;

/// The routes of the queue.
pub fn routes() -> Router<Desk> {
    Router::new()
        .route("/console/queue", get(page::show))
        .route("/console/queue/live", get(live::stream))
        .route("/console/queue/views", post(view::save))
        .route("/console/queue/views/delete", post(view::delete))
        .route("/console/cases/{id}/claim", post(claims::claim))
        .route("/console/cases/{id}/release", post(claims::release))
        .route(
            "/console/cases/{id}/assign",
            get(claims::choose).post(claims::assign),
        )
        .route(
            "/console/handover",
            get(handover::show).post(handover::write),
        )
        .route("/console/handover/read", post(handover::read))
}
