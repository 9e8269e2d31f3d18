//! The HTTP of what is held about a person.

use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Export;
use crate::accounts::{Accounts, Person};
use crate::error::{Problem, Result};
use crate::posts::Posts;

/// The routes of what is held about a person.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Posts: FromRef<S>,
    Accounts: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(export))
        .routes(routes!(erase))
}

/// Get all that is held about you
#[utoipa::path(
    get, path = "/v1/me/export", tag = "A person", security(("person" = [])),
    responses(
        (status = 200, body = Export),
        (status = 401, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn export(State(posts): State<Posts>, Person(person): Person) -> Result<axum::Json<Export>> {
    Ok(axum::Json(super::export(&posts, person.id).await?))
}

/// Leave, and take everything with you
#[utoipa::path(
    delete, path = "/v1/me", tag = "A person", security(("person" = [])),
    responses(
        (status = 204, description = "Everything of theirs is gone."),
        (status = 401, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn erase(State(posts): State<Posts>, Person(person): Person) -> Result<StatusCode> {
    super::erase(&posts, person.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
