//! What the pages are made of beside themselves: one style sheet and one script, both ours.

use axum::http::header;
use axum::response::IntoResponse;

use super::pages::{Pages, get};

/// The style sheet and the script.
pub fn files() -> Pages {
    Pages::new()
        .route(
            "/console/assets/console.css",
            get(async || file("text/css; charset=utf-8", include_str!("console.css"))),
        )
        .route(
            "/console/assets/console.js",
            get(async || file("text/javascript; charset=utf-8", include_str!("console.js"))),
        )
}

/// Nothing in a file of the program is anybody's; a new program is seen within five minutes.
fn file(kind: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, text)
}
