//! Why something was not done, told as a page.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::html;

use super::page::{self, Section};
use super::session::Visitor;
use crate::error::Problem;

/// Tells problems as pages; whoever asks for JSON gets them as the API tells them.
pub async fn as_page(request: Request, next: Next) -> Response {
    let accept = request.headers().get("accept");
    let wants_json =
        accept.is_some_and(|accept| accept.as_bytes().starts_with(b"application/json"));
    let response = next.run(request).await;
    let Some(problem) = response.extensions().get::<Problem>().cloned() else {
        return response;
    };
    if wants_json {
        return response;
    }
    let visitor = response.extensions().get::<Visitor>().cloned();
    let body = html! {
        h1 { (problem.title) }
        p { (problem.detail) }
        @if !problem.errors.is_empty() {
            ul {
                @for error in &problem.errors {
                    li { strong { (error.field) } " " (error.message) }
                }
            }
        }
        p { a href="/console" { "Go to the start" } }
    };
    let page = match &visitor {
        Some(visitor) => page::page(visitor, Section::None, &problem.title, body),
        None => page::outside(&problem.title, body),
    };
    let mut told = (response.status(), page).into_response();
    if let Some(wait) = response.headers().get("retry-after") {
        told.headers_mut().insert("retry-after", wait.clone());
    }
    told
}
