//! The HTTP of moderation: reports, appeals and receipts for young people, cases for staff.

use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::appeals::{self, Appeal};
use super::author::{self, AuthorPost, Why};
use super::cases::{self, Case, CaseState};
use super::claims::{self, Assignment};
use super::decide;
use super::decision::Decision;
use super::decisions;
use super::queue::{CaseFilter, WithWhom};
use super::receipts::{self, Progress, Receipt};
use super::reports::{ReportDraft, Reporting};
use super::reviews;
use crate::accounts::{Accounts, Person};
use crate::audit::{self, Line};
use crate::error::{Problem, Result};
use crate::extract::{Json, Path, Query};
use crate::ids::{CaseId, PostId};
use crate::page::{self, Page, PageQuery};
use crate::posts::Posts;
use crate::staff::{Auditor, Moderator, Staff};
use crate::triage::{Level, Queue, Topic};

/// The routes of moderation.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Posts: FromRef<S>,
    Reporting: FromRef<S>,
    Accounts: FromRef<S>,
    Staff: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(report))
        .routes(routes!(appeal))
        .routes(routes!(receipt))
        .routes(routes!(list))
        .routes(routes!(get_case))
        .routes(routes!(claim))
        .routes(routes!(claim_anyway))
        .routes(routes!(release))
        .routes(routes!(assign))
        .routes(routes!(decide_case))
        .routes(routes!(undo))
        .routes(routes!(author_posts))
        .routes(routes!(audit_lines))
}

/// Report a post
#[utoipa::path(
    post, path = "/v1/posts/{id}/reports", tag = "Posts", security(("person" = [])),
    params(("id" = String, Path)),
    request_body = ReportDraft,
    responses(
        (status = 202, body = Receipt),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn report(
    State(reporting): State<Reporting>,
    Person(person): Person,
    Path(id): Path<PostId>,
    Json(draft): Json<ReportDraft>,
) -> Result<(StatusCode, axum::Json<Receipt>)> {
    let receipt = reporting.report(person.id, id, draft).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(receipt)))
}

/// Ask to have a decision looked at again
#[utoipa::path(
    post, path = "/v1/posts/{id}/appeals", tag = "Posts", security(("person" = [])),
    params(("id" = String, Path)),
    request_body = Appeal,
    responses(
        (status = 202, body = Receipt),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn appeal(
    State(posts): State<Posts>,
    Person(person): Person,
    Path(id): Path<PostId>,
    Json(appeal): Json<Appeal>,
) -> Result<(StatusCode, axum::Json<Receipt>)> {
    let receipt = appeals::appeal(&posts, person.id, id, appeal).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(receipt)))
}

/// See what became of a report or an appeal
///
/// No token is needed: the receipt is.
#[utoipa::path(
    get, path = "/v1/receipts/{receipt}", tag = "Posts",
    params(("receipt" = String, Path)),
    responses(
        (status = 200, body = Progress),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn receipt(
    State(posts): State<Posts>,
    Path(receipt): Path<String>,
) -> Result<axum::Json<Progress>> {
    Ok(axum::Json(receipts::progress(&posts, &receipt).await?))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CaseQuery {
    /// Only this queue.
    queue: Option<Queue>,
    /// Only cases in this state; undecided ones where nothing is said.
    state: Option<CaseState>,
    /// Only this level.
    level: Option<Level>,
    /// Only cases about a post with this topic.
    topic: Option<Topic>,
    /// `me`: only what you hold or was assigned to you; `nobody`: only what is with nobody.
    with: Option<WithWhom>,
    /// `true`: only what is past its deadline; `false`: only what is not.
    breached: Option<bool>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many cases, 1 to 100; 20 where nothing is said.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
}

/// List cases
///
/// The nearest deadline first.
#[utoipa::path(
    get, path = "/v1/moderation/cases", tag = "Moderation", security(("staff" = [])),
    params(CaseQuery),
    responses(
        (status = 200, body = Page<Case>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn list(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Query(query): Query<CaseQuery>,
) -> Result<axum::Json<Page<Case>>> {
    let filter = CaseFilter {
        queue: query.queue,
        level: query.level,
        state: query.state,
        topic: query.topic,
        with: query.with.map(|with| with.said_by(&member)),
        breached: query.breached,
    };
    let (after, limit) = (
        page::after(query.after.as_deref())?,
        page::limit(query.limit)?,
    );
    let mut page = cases::list(&posts, filter, after, limit).await?;
    reviews::leave_out(&posts, &member, &mut page.items).await?;
    Ok(axum::Json(page))
}

/// Read a case
#[utoipa::path(
    get, path = "/v1/moderation/cases/{id}", tag = "Moderation", security(("staff" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Case),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn get_case(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<CaseId>,
) -> Result<axum::Json<Case>> {
    reviews::stay_blind(&posts, &member, id).await?;
    Ok(axum::Json(cases::get(&posts, id).await?))
}

/// Claim a case
///
/// The claim is a lease: it ends by itself. Claiming again renews it.
#[utoipa::path(
    post, path = "/v1/moderation/cases/{id}/claim", tag = "Moderation",
    security(("staff" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Case),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn claim(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<CaseId>,
) -> Result<axum::Json<Case>> {
    Ok(axum::Json(claims::claim(&posts, &member, id).await?))
}

/// Claim a case though one needs a break
///
/// For a crisis, or what would be late otherwise, where nobody else is here who could take it.
#[utoipa::path(
    post, path = "/v1/moderation/cases/{id}/claim_anyway", tag = "Moderation",
    security(("staff" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Case),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn claim_anyway(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<CaseId>,
) -> Result<axum::Json<Case>> {
    Ok(axum::Json(claims::claim_anyway(&posts, &member, id).await?))
}

/// Give a case back
#[utoipa::path(
    post, path = "/v1/moderation/cases/{id}/release", tag = "Moderation",
    security(("staff" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Case),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn release(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<CaseId>,
) -> Result<axum::Json<Case>> {
    Ok(axum::Json(claims::release(&posts, &member, id).await?))
}

/// Assign a case to a colleague
///
/// They hold it as after a claim of their own. What somebody else works on, only a lead hands on.
#[utoipa::path(
    post, path = "/v1/moderation/cases/{id}/assign", tag = "Moderation",
    security(("staff" = [])),
    params(("id" = String, Path)),
    request_body = Assignment,
    responses(
        (status = 200, body = Case),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn assign(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<CaseId>,
    Json(assignment): Json<Assignment>,
) -> Result<axum::Json<Case>> {
    let case = claims::assign(&posts, &member, id, &assignment).await?;
    Ok(axum::Json(case))
}

/// Decide a case
///
/// All that the decision says is done together, or nothing is. The author is told at once.
#[utoipa::path(
    post, path = "/v1/moderation/cases/{id}/decide", tag = "Moderation",
    security(("staff" = [])),
    params(("id" = String, Path)),
    request_body = Decision,
    responses(
        (status = 200, body = Case),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "Without the claim, or on an old revision."),
    ),
)]
async fn decide_case(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<CaseId>,
    Json(decision): Json<Decision>,
) -> Result<axum::Json<Case>> {
    Ok(axum::Json(
        decide::decide(&posts, &member, id, decision).await?,
    ))
}

/// Undo a decision
///
/// The last decision about the case, by who made it, within a minute, and only where nothing has
/// happened since. The post and the case are as they were before; the case is claimed again.
#[utoipa::path(
    post, path = "/v1/moderation/cases/{id}/undo", tag = "Moderation",
    security(("staff" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Case),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn undo(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<CaseId>,
) -> Result<axum::Json<Case>> {
    Ok(axum::Json(decisions::undo(&posts, &member, id).await?))
}

/// Look at what the same author wrote lately
///
/// For whoever holds the case. The reason, and that they looked, goes on the record.
#[utoipa::path(
    post, path = "/v1/moderation/cases/{id}/author-posts", tag = "Moderation",
    security(("staff" = [])),
    params(("id" = String, Path)),
    request_body = Why,
    responses(
        (status = 200, body = Vec<AuthorPost>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn author_posts(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<CaseId>,
    Json(why): Json<Why>,
) -> Result<axum::Json<Vec<AuthorPost>>> {
    Ok(axum::Json(
        author::author_posts(&posts, &member, id, why).await?,
    ))
}

/// Read the record of every staff act
///
/// Oldest first. Each line holds the hash of the one before it.
#[utoipa::path(
    get, path = "/v1/moderation/audit", tag = "Moderation", security(("staff" = [])),
    params(PageQuery),
    responses(
        (status = 200, body = Page<Line>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn audit_lines(
    State(posts): State<Posts>,
    _: Auditor,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<Page<Line>>> {
    let (after, limit) = (query.after()?.unwrap_or(0), query.limit()?);
    let lines = audit::lines(&posts.db, after, limit as i64 + 1).await?;
    Ok(axum::Json(Page::new(lines, limit, |line| line.seq)))
}
