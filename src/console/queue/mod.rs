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

use super::pages::{Pages, get, post};

/// The routes of the queue.
pub fn pages() -> Pages {
    Pages::new()
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
