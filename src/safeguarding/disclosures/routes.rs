//! `/v1/safeguarding/disclosures`.

use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, Disclosure, Request, Revealed, Told};
use crate::error::{Problem, Result};
use crate::extract::{Json, Path, Query};
use crate::ids::DisclosureId;
use crate::page::{Page, PageQuery};
use crate::posts::Posts;
use crate::staff::{LeadOrAdmin, Staff};

/// The routes of looking behind anonymity.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Posts: FromRef<S>,
    Staff: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(request))
        .routes(routes!(get_disclosure))
        .routes(routes!(answer))
        .routes(routes!(look))
        .routes(routes!(tell))
}

/// List requests to look behind anonymity
///
/// The newest first. For leads and admins.
#[utoipa::path(
    get, path = "/v1/safeguarding/disclosures", tag = "Safeguarding", security(("staff" = [])),
    params(PageQuery),
    responses(
        (status = 200, body = Page<Disclosure>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn list(
    State(posts): State<Posts>,
    LeadOrAdmin(member): LeadOrAdmin,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<Page<Disclosure>>> {
    let (after, limit) = (query.after()?, query.limit()?);
    Ok(axum::Json(
        super::list(&posts, &member, after, limit).await?,
    ))
}

/// Ask to look behind anonymity
///
/// Nothing is seen until another lead or admin has agreed, within 24 hours.
#[utoipa::path(
    post, path = "/v1/safeguarding/disclosures", tag = "Safeguarding", security(("staff" = [])),
    request_body = Request,
    responses(
        (status = 201, body = Disclosure),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn request(
    State(posts): State<Posts>,
    LeadOrAdmin(member): LeadOrAdmin,
    Json(request): Json<Request>,
) -> Result<(StatusCode, axum::Json<Disclosure>)> {
    let disclosure = super::request(&posts, &member, request).await?;
    Ok((StatusCode::CREATED, axum::Json(disclosure)))
}

/// Read a request to look behind anonymity
#[utoipa::path(
    get, path = "/v1/safeguarding/disclosures/{id}", tag = "Safeguarding", security(("staff" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Disclosure),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn get_disclosure(
    State(posts): State<Posts>,
    LeadOrAdmin(member): LeadOrAdmin,
    Path(id): Path<DisclosureId>,
) -> Result<axum::Json<Disclosure>> {
    Ok(axum::Json(super::get(&posts, &member, id).await?))
}

/// Answer a request to look behind anonymity
///
/// For anybody but whoever made it.
#[utoipa::path(
    post, path = "/v1/safeguarding/disclosures/{id}/answer", tag = "Safeguarding", security(("staff" = [])),
    params(("id" = String, Path)),
    request_body = Answer,
    responses(
        (status = 200, body = Disclosure),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn answer(
    State(posts): State<Posts>,
    LeadOrAdmin(member): LeadOrAdmin,
    Path(id): Path<DisclosureId>,
    Json(answer): Json<Answer>,
) -> Result<axum::Json<Disclosure>> {
    Ok(axum::Json(
        super::answer(&posts, &member, id, answer).await?,
    ))
}

/// Look behind anonymity
///
/// Once, within an hour of the answer, and only for whoever asked.
#[utoipa::path(
    post, path = "/v1/safeguarding/disclosures/{id}/look", tag = "Safeguarding", security(("staff" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Revealed),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn look(
    State(posts): State<Posts>,
    LeadOrAdmin(member): LeadOrAdmin,
    Path(id): Path<DisclosureId>,
) -> Result<axum::Json<Revealed>> {
    Ok(axum::Json(super::look(&posts, &member, id).await?))
}

/// Say whether the young person was told
///
/// Whoever looked has to; until then the request stays unfinished.
#[utoipa::path(
    post, path = "/v1/safeguarding/disclosures/{id}/told", tag = "Safeguarding", security(("staff" = [])),
    params(("id" = String, Path)),
    request_body = Told,
    responses(
        (status = 200, body = Disclosure),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn tell(
    State(posts): State<Posts>,
    LeadOrAdmin(member): LeadOrAdmin,
    Path(id): Path<DisclosureId>,
    Json(told): Json<Told>,
) -> Result<axum::Json<Disclosure>> {
    Ok(axum::Json(super::tell(&posts, &member, id, told).await?))
}
