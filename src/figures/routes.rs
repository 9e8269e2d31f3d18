//! The HTTP of the figures.

use axum::extract::{FromRef, State};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::All;
use crate::error::{Problem, Result};
use crate::extract::Query;
use crate::period::Period;
use crate::posts::Posts;
use crate::staff::{Auditor, Staff};

/// The routes of the figures.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Posts: FromRef<S>,
    Staff: FromRef<S>,
{
    OpenApiRouter::new().routes(routes!(figures))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Between {
    /// The first day, in UTC.
    #[param(example = "2026-01-01")]
    from: String,
    /// The last day; a year later at the most.
    #[param(example = "2026-01-31")]
    to: String,
}

/// Read how moderation does
///
/// About the cases that were opened in the period, as they stand now. No figure is about a member
/// of staff, and none is a share or a percentile of fewer than five.
#[utoipa::path(
    get, path = "/v1/moderation/figures", tag = "Moderation", security(("staff" = [])),
    params(Between),
    responses(
        (status = 200, body = All),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn figures(
    State(posts): State<Posts>,
    _: Auditor,
    Query(Between { from, to }): Query<Between>,
) -> Result<axum::Json<All>> {
    let period = Period::between(&from, &to)?;
    let figures = super::figures(&posts.db, period, posts.clock.now()).await?;
    let rules = super::rules(&posts, period).await?;
    Ok(axum::Json(All { figures, rules }))
}
