//! `/v1/safeguarding/records`.

use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Action, Concern, Decided, Entry, NewRecord, Outcome, Record, RecordState, Told};
use crate::error::{Problem, Result};
use crate::extract::{Json, Path, Query};
use crate::ids::RecordId;
use crate::page::{self, Page};
use crate::posts::Posts;
use crate::staff::{Admin, Lead, Moderator, Staff};

/// The routes of safeguarding records.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Posts: FromRef<S>,
    Staff: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(open))
        .routes(routes!(get_record))
        .routes(routes!(erase))
        .routes(routes!(add_concern))
        .routes(routes!(add_action))
        .routes(routes!(add_decision))
        .routes(routes!(add_outcome))
        .routes(routes!(add_told))
        .routes(routes!(close))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RecordQuery {
    /// Open ones where nothing is said.
    state: Option<RecordState>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many records, 1 to 100; 20 where nothing is said.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
}

/// List safeguarding records
///
/// The oldest first. Moderators see those that they opened.
#[utoipa::path(
    get, path = "/v1/safeguarding/records", tag = "Safeguarding", security(("staff" = [])),
    params(RecordQuery),
    responses(
        (status = 200, body = Page<Record>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn list(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Query(query): Query<RecordQuery>,
) -> Result<axum::Json<Page<Record>>> {
    let state = query.state.unwrap_or(RecordState::Open);
    let after = page::after(query.after.as_deref())?;
    let limit = page::limit(query.limit)?;
    Ok(axum::Json(
        super::list(&posts, &member, state, after, limit).await?,
    ))
}

/// Open a safeguarding record
#[utoipa::path(
    post, path = "/v1/safeguarding/records", tag = "Safeguarding", security(("staff" = [])),
    request_body = NewRecord,
    responses(
        (status = 201, body = Record),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn open(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Json(new): Json<NewRecord>,
) -> Result<(StatusCode, axum::Json<Record>)> {
    let record = super::open(&posts, &member, new.case_id, new.into()).await?;
    Ok((StatusCode::CREATED, axum::Json(record)))
}

/// Read a safeguarding record
#[utoipa::path(
    get, path = "/v1/safeguarding/records/{id}", tag = "Safeguarding", security(("staff" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Record),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn get_record(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<RecordId>,
) -> Result<axum::Json<Record>> {
    Ok(axum::Json(super::get(&posts, &member, id).await?))
}

/// Erase a safeguarding record
///
/// For admins, when it has been kept for long enough.
#[utoipa::path(
    delete, path = "/v1/safeguarding/records/{id}", tag = "Safeguarding", security(("staff" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn erase(
    Admin(member): Admin,
    State(posts): State<Posts>,
    Path(id): Path<RecordId>,
) -> Result<StatusCode> {
    super::erase(&posts, &member, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Add to the concern of a safeguarding record
///
/// The concern as it is seen now; those of before stay in the record.
#[utoipa::path(
    post, path = "/v1/safeguarding/records/{id}/concerns", tag = "Safeguarding", security(("staff" = [])),
    params(("id" = String, Path)),
    request_body = Concern,
    responses(
        (status = 200, body = Record),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn add_concern(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<RecordId>,
    Json(entry): Json<Concern>,
) -> Result<axum::Json<Record>> {
    Ok(axum::Json(
        super::add(&posts, &member, id, Entry::Concern(entry)).await?,
    ))
}

/// Add an action to a safeguarding record
#[utoipa::path(
    post, path = "/v1/safeguarding/records/{id}/actions", tag = "Safeguarding", security(("staff" = [])),
    params(("id" = String, Path)),
    request_body = Action,
    responses(
        (status = 200, body = Record),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn add_action(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<RecordId>,
    Json(entry): Json<Action>,
) -> Result<axum::Json<Record>> {
    Ok(axum::Json(
        super::add(&posts, &member, id, Entry::Action(entry)).await?,
    ))
}

/// Add a decision to a safeguarding record
///
/// For leads. The last one is in force; those of before stay in the record.
#[utoipa::path(
    post, path = "/v1/safeguarding/records/{id}/decisions", tag = "Safeguarding", security(("staff" = [])),
    params(("id" = String, Path)),
    request_body = Decided,
    responses(
        (status = 200, body = Record),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn add_decision(
    State(posts): State<Posts>,
    Lead(member): Lead,
    Path(id): Path<RecordId>,
    Json(entry): Json<Decided>,
) -> Result<axum::Json<Record>> {
    Ok(axum::Json(
        super::add(&posts, &member, id, Entry::Decision(entry)).await?,
    ))
}

/// Add an outcome to a safeguarding record
///
/// For leads. The last one is in force; those of before stay in the record.
#[utoipa::path(
    post, path = "/v1/safeguarding/records/{id}/outcomes", tag = "Safeguarding", security(("staff" = [])),
    params(("id" = String, Path)),
    request_body = Outcome,
    responses(
        (status = 200, body = Record),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn add_outcome(
    State(posts): State<Posts>,
    Lead(member): Lead,
    Path(id): Path<RecordId>,
    Json(entry): Json<Outcome>,
) -> Result<axum::Json<Record>> {
    Ok(axum::Json(
        super::add(&posts, &member, id, Entry::Outcome(entry)).await?,
    ))
}

/// Say in a safeguarding record whether the young person was told
#[utoipa::path(
    post, path = "/v1/safeguarding/records/{id}/told", tag = "Safeguarding", security(("staff" = [])),
    params(("id" = String, Path)),
    request_body = Told,
    responses(
        (status = 200, body = Record),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn add_told(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<RecordId>,
    Json(entry): Json<Told>,
) -> Result<axum::Json<Record>> {
    Ok(axum::Json(
        super::add(&posts, &member, id, Entry::Told(entry)).await?,
    ))
}

/// Close a safeguarding record
///
/// For leads. The conflict names what is still to be written.
#[utoipa::path(
    post, path = "/v1/safeguarding/records/{id}/close", tag = "Safeguarding", security(("staff" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Record),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn close(
    State(posts): State<Posts>,
    Lead(member): Lead,
    Path(id): Path<RecordId>,
) -> Result<axum::Json<Record>> {
    Ok(axum::Json(super::close(&posts, &member, id).await?))
}
