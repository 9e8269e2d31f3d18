//! The HTTP of second opinions, for staff.

use axum::extract::{FromRef, State};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::agreement::{self, Agreement};
use super::{Opinion, Review, ReviewState, Settlement};
use crate::error::{Problem, Result};
use crate::extract::{Json, Path, Query};
use crate::ids::ReviewId;
use crate::page::{self, Page};
use crate::posts::Posts;
use crate::staff::{Auditor, Lead, Moderator, Staff};

/// The routes of second opinions.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Posts: FromRef<S>,
    Staff: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get_review))
        .routes(routes!(claim))
        .routes(routes!(give))
        .routes(routes!(settle))
        .routes(routes!(agreed))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReviewQuery {
    /// `open` (where nothing is said), or, for a lead, `differs`.
    state: Option<ReviewState>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, 1 to 100; 20 where nothing is said.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
}

/// List second opinions that wait for you
///
/// The oldest first, without the words. Decisions of your own, and cases that you worked on, are
/// not among them.
#[utoipa::path(
    get, path = "/v1/moderation/reviews", tag = "Moderation", security(("staff" = [])),
    params(ReviewQuery),
    responses(
        (status = 200, body = Page<Review>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn list(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Query(query): Query<ReviewQuery>,
) -> Result<axum::Json<Page<Review>>> {
    let state = query.state.unwrap_or(ReviewState::Open);
    let (after, limit) = (
        page::after(query.after.as_deref())?,
        page::limit(query.limit)?,
    );
    let page = super::list(&posts, &member, state, after, limit).await?;
    Ok(axum::Json(page))
}

/// Read a second opinion
///
/// The words are there while you hold it; what both decided, once both have.
#[utoipa::path(
    get, path = "/v1/moderation/reviews/{id}", tag = "Moderation", security(("staff" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Review),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn get_review(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<ReviewId>,
) -> Result<axum::Json<Review>> {
    Ok(axum::Json(super::get(&posts, &member, id).await?))
}

/// Take a second opinion on
///
/// The claim is a lease: it ends by itself. Claiming again renews it.
#[utoipa::path(
    post, path = "/v1/moderation/reviews/{id}/claim", tag = "Moderation",
    security(("staff" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Review),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn claim(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<ReviewId>,
) -> Result<axum::Json<Review>> {
    Ok(axum::Json(super::claim(&posts, &member, id).await?))
}

/// Give a second opinion
///
/// It changes nothing by itself. Where it differs from the first decision, a lead settles it.
#[utoipa::path(
    post, path = "/v1/moderation/reviews/{id}/opinion", tag = "Moderation",
    security(("staff" = [])),
    params(("id" = String, Path)),
    request_body = Opinion,
    responses(
        (status = 200, body = Review),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn give(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<ReviewId>,
    Json(opinion): Json<Opinion>,
) -> Result<axum::Json<Review>> {
    Ok(axum::Json(super::give(&posts, &member, id, opinion).await?))
}

/// Settle what two people decided differently
///
/// Overturning publishes what was declined, or takes down what was approved; its author is told.
#[utoipa::path(
    post, path = "/v1/moderation/reviews/{id}/settle", tag = "Moderation",
    security(("staff" = [])),
    params(("id" = String, Path)),
    request_body = Settlement,
    responses(
        (status = 200, body = Review),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn settle(
    State(posts): State<Posts>,
    Lead(lead): Lead,
    Path(id): Path<ReviewId>,
    Json(settlement): Json<Settlement>,
) -> Result<axum::Json<Review>> {
    Ok(axum::Json(
        super::settle(&posts, &lead, id, settlement).await?,
    ))
}

/// See how often second opinions agree with first ones
///
/// Over all of them and by queue, never by person.
#[utoipa::path(
    get, path = "/v1/moderation/agreement", tag = "Moderation", security(("staff" = [])),
    responses(
        (status = 200, body = Agreement),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn agreed(State(posts): State<Posts>, _: Auditor) -> Result<axum::Json<Agreement>> {
    Ok(axum::Json(agreement::agreement(&posts).await?))
}
