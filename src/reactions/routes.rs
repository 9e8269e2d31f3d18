//! The HTTP of reactions.

use axum::extract::{FromRef, State};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Change, Reacting};
use crate::accounts::{Accounts, Person};
use crate::error::{Problem, Result};
use crate::extract::Path;
use crate::ids::PostId;
use crate::posts::{Reaction, Reactions};

/// The routes of reactions.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Reacting: FromRef<S>,
    Accounts: FromRef<S>,
{
    OpenApiRouter::new().routes(routes!(give, take_back))
}

/// Where a reaction goes. A name that is not a reaction is no path of ours.
#[derive(Deserialize)]
struct Target {
    id: PostId,
    kind: Reaction,
}

/// Give a reaction
#[utoipa::path(
    put, path = "/v1/posts/{id}/reactions/{kind}", tag = "Reactions", security(("person" = [])),
    params(("id" = String, Path), ("kind" = Reaction, Path)),
    responses(
        (status = 200, body = Reactions),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "It is the person's own post."),
    ),
)]
async fn give(
    State(reacting): State<Reacting>,
    Person(person): Person,
    Path(Target { id, kind }): Path<Target>,
) -> Result<axum::Json<Reactions>> {
    let now = reacting.change(person.id, id, kind, Change::Give).await?;
    Ok(axum::Json(now))
}

/// Take a reaction back
#[utoipa::path(
    delete, path = "/v1/posts/{id}/reactions/{kind}", tag = "Reactions",
    security(("person" = [])),
    params(("id" = String, Path), ("kind" = Reaction, Path)),
    responses(
        (status = 200, body = Reactions),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "It is the person's own post."),
    ),
)]
async fn take_back(
    State(reacting): State<Reacting>,
    Person(person): Person,
    Path(Target { id, kind }): Path<Target>,
) -> Result<axum::Json<Reactions>> {
    let now = reacting.change(person.id, id, kind, Change::TakeBack);
    Ok(axum::Json(now.await?))
}
