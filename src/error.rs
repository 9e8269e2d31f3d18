//! Every error that leaves the program over HTTP, as RFC 9457 problem details.
//!
//! Young people read the titles and details: plain words, no blame, and nothing that another
//! person may not know. What went wrong inside is logged, never answered.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// What the `type` of every problem begins with.
const TYPE: &str = "/docs#";

/// What a handler answers where it cannot do what was asked.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 400: fields of the request are at fault.
    #[error("invalid request")]
    Invalid(Vec<FieldError>),
    /// 400: the request as a whole cannot be read.
    #[error("malformed request: {0}")]
    Malformed(Cow<'static, str>),
    /// 401: no token, or one that is not good.
    #[error("unauthenticated")]
    Unauthenticated,
    /// 403: a good token, for another role.
    #[error("forbidden")]
    Forbidden,
    /// 404: there is no such thing, or the asker may not see it; they cannot tell which.
    #[error("not found")]
    NotFound,
    /// 405: the path is there, the method is not.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// 409: what is there now does not allow it; the detail says why.
    #[error("conflict: {0}")]
    Conflict(Cow<'static, str>),
    /// 413: the body is larger than is read.
    #[error("content too large")]
    TooLarge,
    /// 415: the body is not JSON.
    #[error("unsupported media type")]
    UnsupportedMediaType,
    /// 422: the idempotency key was used for another request.
    #[error("idempotency key reused")]
    IdempotencyKeyReused,
    /// 503: too busy, or the request took too long; it may be sent again.
    #[error("unavailable")]
    Unavailable,
    /// 500: our own fault.
    #[error("internal error: {0}")]
    Internal(#[from] Box<dyn std::error::Error + Send + Sync>),
}

/// A field of the request that is at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The path of the field, such as `text` or `consent.fields[0]`.
    pub field: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// An RFC 9457 problem.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem: a fragment of this server's documentation.
    #[serde(rename = "type")]
    #[schema(example = "/docs#invalid-request")]
    pub kind: String,
    /// The same for every problem of this kind.
    pub title: String,
    /// The HTTP status code.
    pub status: u16,
    /// What happened here, and what to do.
    pub detail: String,
    /// The fields at fault, where a field is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Error {
    /// One field is at fault.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Error {
        Error::Invalid(vec![FieldError {
            field: field.into(),
            message: message.into(),
        }])
    }

    /// Something inside went wrong that no caller can mend.
    pub fn internal(message: impl Into<String>) -> Error {
        Error::Internal(message.into().into())
    }

    /// Every kind of problem, as a table in Markdown.
    pub fn catalogue() -> String {
        let all = [
            Error::Invalid(Vec::new()),
            Error::Malformed("".into()),
            Error::Unauthenticated,
            Error::Forbidden,
            Error::NotFound,
            Error::MethodNotAllowed,
            Error::Conflict("".into()),
            Error::TooLarge,
            Error::UnsupportedMediaType,
            Error::IdempotencyKeyReused,
            Error::Unavailable,
            Error::internal(""),
        ];
        let rows = all.iter().map(|error| {
            let (status, kind, title, _) = error.parts();
            format!("| {} | `{TYPE}{kind}` | {title} |\n", status.as_u16())
        });
        format!(
            "| status | type | title |\n|---|---|---|\n{}",
            rows.collect::<String>()
        )
    }

    fn parts(&self) -> (StatusCode, &'static str, &'static str, Cow<'static, str>) {
        use StatusCode as S;
        match self {
            Error::Invalid(_) => (
                S::BAD_REQUEST,
                "invalid-request",
                "Something needs changing",
                "Have a look at the parts named in errors, and try again.".into(),
            ),
            Error::Malformed(detail) => (
                S::BAD_REQUEST,
                "malformed-request",
                "We could not read that",
                detail.clone(),
            ),
            Error::Unauthenticated => (
                S::UNAUTHORIZED,
                "sign-in-needed",
                "Please sign in again",
                "What you signed in with is missing, too old or not right.".into(),
            ),
            Error::Forbidden => (
                S::FORBIDDEN,
                "not-allowed",
                "That is not open to you",
                "Your account does not have the role for this.".into(),
            ),
            Error::NotFound => (
                S::NOT_FOUND,
                "not-found",
                "We could not find that",
                "It may have been taken down, or the address may be wrong.".into(),
            ),
            Error::MethodNotAllowed => (
                S::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "That cannot be done here",
                "This address does not take that method.".into(),
            ),
            Error::Conflict(detail) => (
                S::CONFLICT,
                "conflict",
                "That does not fit how things are now",
                detail.clone(),
            ),
            Error::TooLarge => (
                S::PAYLOAD_TOO_LARGE,
                "too-large",
                "That is too big",
                "The request is larger than we can take.".into(),
            ),
            Error::UnsupportedMediaType => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "json-needed",
                "We only read JSON",
                "Send JSON, with the header Content-Type: application/json.".into(),
            ),
            Error::IdempotencyKeyReused => (
                S::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "That key was used before",
                "This Idempotency-Key came with a different request. Use a new key.".into(),
            ),
            Error::Unavailable => (
                S::SERVICE_UNAVAILABLE,
                "try-again",
                "We are very busy",
                "That did not work just now. Please try again in a moment.".into(),
            ),
            Error::Internal(_) => (
                S::INTERNAL_SERVER_ERROR,
                "our-fault",
                "Something went wrong on our side",
                "This is our fault, not yours. Please try again in a little while.".into(),
            ),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Error {
        match error {
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::PoolClosed => {
                tracing::warn!(%error, "the database does not answer");
                Error::Unavailable
            }
            // What a row hangs on was erased while it was written.
            sqlx::Error::Database(error) if error.is_foreign_key_violation() => Error::NotFound,
            sqlx::Error::Database(error) if gives_way(error.code().as_deref()) => {
                tracing::warn!(%error, "a transaction gave way");
                Error::Unavailable
            }
            error => Error::Internal(error.into()),
        }
    }
}

/// Whether an engine did nothing of what was asked, and may do it the next time.
fn gives_way(code: Option<&str>) -> bool {
    matches!(
        code,
        // PostgreSQL: of two that wait for each other, one has to give way (deadlock,
        // serialization failure).
        Some("40P01" | "40001")
        // PostgreSQL is stopping or starting.
        | Some("57P01" | "57P02" | "57P03")
        // SQLite: another process writes for longer than we wait.
        | Some("5")
    )
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Error::Internal(source) = &self {
            tracing::error!(error = %source, "a request failed");
        }
        let (status, kind, title, detail) = self.parts();
        let errors = match self {
            Error::Invalid(errors) => errors,
            _ => Vec::new(),
        };
        let problem = Problem {
            kind: format!("{TYPE}{kind}"),
            title: title.into(),
            status: status.as_u16(),
            detail: detail.into(),
            errors,
        };
        let mut response = (status, axum::Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            }
            _ => {}
        }
        response
    }
}
