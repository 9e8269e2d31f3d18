//! Second opinions: what waits for one, giving one, settling two that differ, and how often they
//! agree.

mod figures;
mod list;
mod one;

use super::pages::{Pages, get, post};

/// The routes of these pages.
pub(super) fn pages() -> Pages {
    Pages::new()
        .route("/console/reviews", get(list::show))
        .route("/console/reviews/{id}", get(one::show))
        .route("/console/reviews/{id}/claim", post(one::claim))
        .route("/console/reviews/{id}/opinion", post(one::give))
        .route("/console/reviews/{id}/settle", post(one::settle))
}
