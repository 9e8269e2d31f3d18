//! The HTTP of what the public is told: pages, and the same as JSON. No token is needed.

use axum::extract::{FromRef, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::Markup;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Published, Yearly, page};
use crate::error::{Problem, Result};
use crate::extract::Path;

/// The routes of what the public is told.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Published: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(years))
        .routes(routes!(year))
        .route("/transparency", get(years_page))
        .route("/transparency/{year}", get(year_page))
}

/// The years there is something to tell of.
#[derive(Serialize, ToSchema)]
struct Years {
    /// The newest first; each is over.
    years: Vec<i16>,
}

/// List the years that the public is told of
#[utoipa::path(
    get, path = "/v1/transparency", tag = "Operations",
    responses((status = 200, body = Years)),
)]
async fn years(State(published): State<Published>) -> Result<axum::Json<Years>> {
    let years = published.years().await?;
    Ok(axum::Json(Years { years }))
}

/// Read what the public is told of a year
///
/// There is one once the year is over. `null` stands for a count under ten, or one that would
/// tell such a count.
#[utoipa::path(
    get, path = "/v1/transparency/{year}", tag = "Operations",
    params(("year" = i16, Path)),
    responses(
        (status = 200, body = Yearly),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn year(
    State(published): State<Published>,
    Path(year): Path<i16>,
) -> Result<axum::Json<Yearly>> {
    Ok(axum::Json((*published.year(year).await?).clone()))
}

async fn years_page(State(published): State<Published>) -> Result<Response> {
    Ok(shown(page::years(&published.years().await?)))
}

async fn year_page(State(published): State<Published>, Path(year): Path<i16>) -> Result<Response> {
    Ok(shown(page::year(&*published.year(year).await?)))
}

/// A page without a script, in no other site's frame.
fn shown(page: Markup) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; \
        form-action 'none'; frame-ancestors 'none'; base-uri 'none'";
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], page).into_response()
}
