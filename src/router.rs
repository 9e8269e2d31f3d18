//! Every route under one roof: limits, headers, figures, and the description made from them.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{FromRef, MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

use crate::app::App;
use crate::clock::Clock;
use crate::console::Desk;
use crate::error::Error;
use crate::limits::{self, Limits};
use crate::posts::Posts;
use crate::staff::Staff;
use crate::{
    accounts, console, directory, figures, live, moderation, operations, posts, privacy, reactions,
    safeguarding, staff, transparency,
};

/// The largest body that is read, in bytes: a post of 1,000 characters, each escaped, and more.
const MAX_BODY: usize = 64 * 1024;
/// How much of a larger body is read and thrown away, in bytes, before the connection is closed.
const MAX_DISCARDED: usize = 4 * 1024 * 1024;
/// How long a request may take before we say that we are too busy.
const PATIENCE: Duration = Duration::from_secs(30);
/// Requests that are worked on at once.
const MAX_AT_WORK: usize = 512;
/// How long a request may wait for its turn: who waits longer is better off with another process,
/// or a little later.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// The description of the API, before the routes are added to it.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Hearth",
        description = "Anonymous peer support for people aged 11 to 19.\n\n\
            Errors are [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problems \
            (`application/problem+json`). Unknown fields and parameters are refused. \
            Lists page by an opaque cursor: `?after=` takes the `next` of the page before.",
        license(name = "AGPL-3.0-or-later", identifier = "AGPL-3.0-or-later"),
    ),
    tags(
        (name = "A person", description = "An anonymous account, and all that is held about it."),
        (name = "Posts", description = "Secrets, and the support that goes with each."),
        (name = "Reactions", description = "Heart, me2 and hug. Nothing else exists."),
        (name = "Live", description = "What happens, as it happens."),
        (name = "Directory", description = "Who can help. No token is needed."),
        (name = "Moderation", description = "For staff."),
        (name = "Safeguarding", description = "For staff."),
        (name = "Operations", description = "For whoever runs it."),
    ),
    modifiers(&Tokens, &Problems),
)]
struct Description;

struct Tokens;

impl Modify for Tokens {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        for (name, description) in [
            (
                "person",
                "The access token of a person: `POST /v1/accounts` or `/v1/tokens`.",
            ),
            (
                "staff",
                "The access token of a member of staff: `POST /v1/staff/sessions`.",
            ),
        ] {
            let bearer = HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .description(Some(description))
                .build();
            components.add_security_scheme(name, SecurityScheme::Http(bearer));
        }
    }
}

struct Problems;

impl Modify for Problems {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        if let Some(description) = &mut openapi.info.description {
            description.push_str(&format!(
                "\n\n{}\n\nWho sends too much has to wait; the fields `RateLimit-Policy` and \
                 `RateLimit` say how things stand. {}",
                Error::catalogue(),
                limits::table()
            ));
        }
    }
}

/// All routes, with what is common to them. Without `limits`, nobody is told to wait.
pub fn router(app: App, limits: Option<Limits>) -> Router {
    let (mut routes, mut description) = OpenApiRouter::with_openapi(Description::openapi())
        .merge(accounts::routes())
        .merge(privacy::routes())
        .merge(posts::routes())
        .merge(reactions::routes())
        .merge(live::routes())
        .merge(directory::routes())
        .merge(staff::routes())
        .merge(safeguarding::routes())
        .merge(moderation::routes())
        .merge(figures::routes())
        .merge(transparency::routes())
        .merge(moderation::reviews::routes())
        .split_for_parts();
    describe_common_answers(&mut description);
    routes = routes.merge(console::routes(Desk {
        clock: Clock::from_ref(&app),
        staff: Staff::from_ref(&app),
        posts: Posts::from_ref(&app),
        stop: CancellationToken::from_ref(&app),
    }));
    if let Some(limits) = limits {
        routes = routes.layer(from_fn_with_state(limits, limits::limited));
    }
    let at_work = Arc::new(Semaphore::new(MAX_AT_WORK));
    let routes = routes.layer(from_fn_with_state(at_work, in_turn));
    // Whoever looks after the process is answered however busy it is.
    let (operations, of_operations) = operations::routes().split_for_parts();
    description.merge(of_operations);
    // A scrape of the figures finds them all, from the first on.
    operations::recorder();
    routes
        .merge(operations)
        .merge(docs(description))
        .fallback(async || Error::NotFound)
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        // A body is awaited before its request takes its turn: who sends slowly keeps nobody
        // waiting.
        .layer(from_fn(with_body))
        .layer(from_fn(in_time))
        .layer(CatchPanicLayer::custom(|_| {
            Error::internal("a handler panicked").into_response()
        }))
        .layer(map_response(with_headers))
        .layer(from_fn(measured))
        .with_state(app)
}

/// Adds what any operation may answer, where it does not say more of it itself.
fn describe_common_answers(description: &mut utoipa::openapi::OpenApi) {
    let problem = |what: &str| {
        let problem = Ref::from_schema_name("Problem");
        let content = ContentBuilder::new().schema(Some(problem)).build();
        ResponseBuilder::new()
            .description(what)
            .content("application/problem+json", content)
            .build()
    };
    let of_all = [
        (
            "429",
            "Too much in a short time; Retry-After says when to go on.",
        ),
        (
            "503",
            "Too busy, or it took too long; it may be sent again.",
        ),
    ];
    let of_bodies = [
        ("413", "The body is larger than is read."),
        ("415", "The body is not JSON."),
    ];
    for (path, item) in &mut description.paths.paths {
        let operations = [
            ("GET", &mut item.get),
            ("PUT", &mut item.put),
            ("POST", &mut item.post),
            ("PATCH", &mut item.patch),
            ("DELETE", &mut item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            let quotas: Vec<String> = (limits::names(method, path).iter())
                .map(|name| format!("`{name}`"))
                .collect();
            let described = operation.description.get_or_insert_default();
            described.push_str(&format!("\n\nLimited by {}.", quotas.join(" and ")));
            let bodies = of_bodies
                .iter()
                .filter(|_| operation.request_body.is_some());
            for (status, what) in of_all.iter().chain(bodies) {
                let responses = &mut operation.responses.responses;
                let said = responses.entry((*status).to_owned());
                said.or_insert_with(|| problem(what).into());
            }
        }
    }
}

/// The description, and pages to read it in, from this host alone.
fn docs(description: utoipa::openapi::OpenApi) -> Router<App> {
    Router::from(SwaggerUi::new("/docs").url("/openapi.json", description))
        .layer(map_response(with_docs_policy))
}

/// The pages run their own scripts and no others, and reach this host alone.
async fn with_docs_policy(mut response: Response) -> Response {
    let policy = HeaderValue::from_static(
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// Reads the whole body before a handler sees the request. One that is too large is read to its
/// end as well, within reason, and thrown away: a client that is still sending when the
/// connection closes never sees why.
async fn with_body(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let (mut read, mut size) = (Vec::new(), 0);
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let Ok(chunk) = chunk else {
            return Error::Malformed("The request broke off before its end.".into())
                .into_response();
        };
        size += chunk.len();
        if size <= MAX_BODY {
            read.extend_from_slice(&chunk);
        } else if size > MAX_DISCARDED {
            break;
        }
    }
    if size > MAX_BODY {
        return Error::TooLarge.into_response();
    }
    next.run(Request::from_parts(parts, Body::from(read))).await
}

/// Lets no more requests be worked on than can be done in good time.
async fn in_turn(State(at_work): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    match timeout(MAX_WAIT, at_work.acquire()).await {
        Ok(Ok(_place)) => next.run(request).await,
        _ => {
            metrics::counter!("hearth_overload_total").increment(1);
            Error::Unavailable.into_response()
        }
    }
}

async fn in_time(request: Request, next: Next) -> Response {
    match timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Error::Unavailable.into_response(),
    }
}

/// What is in an answer may be a young person's words: no cache keeps it, no browser guesses
/// what it is, no other site hears of its address.
async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers
        .entry(header::REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("no-referrer"));
    response
}

/// Counts requests by the pattern of their path: the path itself may hold a receipt.
async fn measured(request: Request, next: Next) -> Response {
    let method = request.method().as_str().to_owned();
    let path = request.extensions().get::<MatchedPath>();
    let path = path.map_or("none", MatchedPath::as_str).to_owned();
    let start = Instant::now();
    let response = next.run(request).await;
    let (status, seconds) = (response.status().as_u16(), start.elapsed().as_secs_f64());
    tracing::debug!(method, path, status, seconds, "answered");
    metrics::histogram!("hearth_http_request_seconds", "method" => method.clone(),
        "path" => path.clone())
    .record(seconds);
    metrics::counter!("hearth_http_requests_total", "method" => method, "path" => path,
        "status" => status.to_string())
    .increment(1);
    response
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::routing::get;
    use tokio::sync::Notify;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn who_waits_too_long_for_a_turn_is_told_to_come_back() {
        let at_work = Arc::new(Semaphore::new(1));
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (begins, goes_on) = (begun.clone(), go_on.clone());
        let work = async move || {
            begins.notify_one();
            goes_on.notified().await;
        };
        let app: Router = Router::new()
            .route("/", get(work))
            .layer(from_fn_with_state(at_work, in_turn));
        let request = || Request::get("/").body(Body::empty()).expect("a request");
        let first = tokio::spawn(app.clone().oneshot(request()));
        begun.notified().await;

        let refused = app.clone().oneshot(request()).await.unwrap();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(refused.headers().contains_key(header::RETRY_AFTER));

        let next = tokio::spawn(app.oneshot(request()));
        go_on.notify_one();
        assert_eq!(first.await.unwrap().unwrap().status(), StatusCode::OK);
        begun.notified().await;
        go_on.notify_one();
        assert_eq!(next.await.unwrap().unwrap().status(), StatusCode::OK);
    }
}
