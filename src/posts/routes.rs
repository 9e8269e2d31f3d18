//! The HTTP of posts.

use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Change, Draft, Feed, Post, Posts, Row};
use crate::accounts::{Account, Accounts, Person};
use crate::error::{Problem, Result};
use crate::extract::{IdempotencyKey, Json, Path, Query};
use crate::ids::PostId;
use crate::page::{self, Page, PageQuery};
use crate::signpost::{self, Asker, Audience, Support};
use crate::triage::Topic;

/// The routes of posts.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Posts: FromRef<S>,
    Accounts: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(create, feed))
        .routes(routes!(get_one, change, withdraw))
        .routes(routes!(support))
        .routes(routes!(own))
}

/// A new post, and the support that fits it.
#[derive(Serialize, ToSchema)]
struct Created {
    post: Post,
    support: Support,
}

/// Post a secret
///
/// What is safe is live when this answers; what is not waits for a person, and its author sees
/// by when. Support that fits comes with either.
#[utoipa::path(
    post, path = "/v1/posts", tag = "Posts", security(("person" = [])),
    params(("Idempotency-Key" = Option<String>, Header,
        description = "Makes it safe to send the request again: the same post is answered.")),
    request_body = Draft,
    responses(
        (status = 201, body = Created),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json",
            description = "The idempotency key came with another request before."),
    ),
)]
async fn create(
    State(posts): State<Posts>,
    Person(person): Person,
    IdempotencyKey(key): IdempotencyKey,
    Json(draft): Json<Draft>,
) -> Result<(StatusCode, axum::Json<Created>)> {
    let (row, post) = posts.create(person.id, draft, key.as_deref()).await?;
    let support = posts.support(&person, &row, &post.topics);
    Ok((StatusCode::CREATED, axum::Json(Created { post, support })))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FeedQuery {
    /// Only posts about this.
    topic: Option<Topic>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many posts, 1 to 100; 20 where nothing is said.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
}

/// Read the feed
///
/// Live posts, newest first, without the topics that the reader muted.
#[utoipa::path(
    get, path = "/v1/posts", tag = "Posts", security(("person" = [])),
    params(FeedQuery),
    responses(
        (status = 200, body = Page<Post>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn feed(
    State(posts): State<Posts>,
    Person(person): Person,
    Query(query): Query<FeedQuery>,
) -> Result<impl IntoResponse> {
    let limit = page::limit(query.limit)?;
    let after = page::after(query.after.as_deref())?;
    let feed = Feed::new(query.topic, person.muted_topics, after);
    let page = posts.feed(person.id, feed, limit).await?;
    Ok(([(CONTENT_TYPE, "application/json")], page))
}

/// Read a post
///
/// Not found where the asker may not see it.
#[utoipa::path(
    get, path = "/v1/posts/{id}", tag = "Posts", security(("person" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Post),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn get_one(
    State(posts): State<Posts>,
    Person(person): Person,
    Path(id): Path<PostId>,
) -> Result<axum::Json<Post>> {
    Ok(axum::Json(posts.get(person.id, id).await?))
}

/// Change the words of a post
///
/// Where something in it is hidden from others, or while it waits for a person. The new words are
/// read like those of a new post; who waits for a person goes on waiting.
#[utoipa::path(
    patch, path = "/v1/posts/{id}", tag = "Posts", security(("person" = [])),
    params(("id" = String, Path)),
    request_body = Change,
    responses(
        (status = 200, body = Created),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "It is live as it was written, declined, or gone."),
        (status = 413, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn change(
    State(posts): State<Posts>,
    Person(person): Person,
    Path(id): Path<PostId>,
    Json(change): Json<Change>,
) -> Result<axum::Json<Created>> {
    let post = posts.change(person.id, id, change).await?;
    let row = posts.visible(person.id, id).await?;
    let support = posts.support(&person, &row, &post.topics);
    Ok(axum::Json(Created { post, support }))
}

/// Take a post back
#[utoipa::path(
    delete, path = "/v1/posts/{id}", tag = "Posts", security(("person" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 204, description = "Nobody else sees it any more."),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn withdraw(
    State(posts): State<Posts>,
    Person(person): Person,
    Path(id): Path<PostId>,
) -> Result<StatusCode> {
    posts.withdraw(person.id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Get support
///
/// The organisations that fit the post, with the reasons, for whoever asks. The level is there
/// for its author alone.
#[utoipa::path(
    get, path = "/v1/posts/{id}/support", tag = "Posts", security(("person" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Support),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn support(
    State(posts): State<Posts>,
    Person(person): Person,
    Path(id): Path<PostId>,
) -> Result<axum::Json<Support>> {
    let row = posts.visible(person.id, id).await?;
    let topics = posts.topics(&[id]).await?.remove(&id).unwrap_or_default();
    Ok(axum::Json(posts.support(&person, &row, &topics)))
}

/// Read your own posts
///
/// In every state, newest first.
#[utoipa::path(
    get, path = "/v1/me/posts", tag = "A person", security(("person" = [])),
    params(PageQuery),
    responses(
        (status = 200, body = Page<Post>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn own(
    State(posts): State<Posts>,
    Person(person): Person,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<Page<Post>>> {
    Ok(axum::Json(
        posts.own(person.id, query.after()?, query.limit()?).await?,
    ))
}

impl Posts {
    /// The support that fits a post about `topics`, for the one who asks.
    fn support(&self, asker: &Account, row: &Row, topics: &[Topic]) -> Support {
        let audience = match self.author(row) == Some(asker.id) {
            true => Audience::Author,
            false => Audience::Other,
        };
        let (level, now) = (row.level.0, self.clock.now());
        let asker = Asker::from(asker);
        signpost::support(
            &self.directory.snapshot(),
            &asker,
            topics,
            level,
            audience,
            now,
        )
    }
}
