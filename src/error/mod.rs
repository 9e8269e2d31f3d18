//! Every error that leaves the program over HTTP, as RFC 9457 problem details.
//!
//! Young people read the titles and details: plain words, no blame, and nothing that another
//! person may not know. What went wrong inside is logged, never answered.

mod database;

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

pub use database::Hindrance;

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
    /// 403: the right role, and another reason why it is for somebody else; the detail says it.
    #[error("excluded: {0}")]
    Excluded(Cow<'static, str>),
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
    /// 429: more than one may do in a while.
    #[error("too many requests")]
    TooManyRequests {
        /// When to go on, and where to turn until then.
        detail: Cow<'static, str>,
        /// Seconds until it may be sent again.
        retry_after: u64,
    },
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
#[derive(Clone, Debug, Serialize, ToSchema)]
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
            Error::TooManyRequests {
                detail: "".into(),
                retry_after: 0,
            },
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
            Error::Excluded(detail) => (
                S::FORBIDDEN,
                "not-allowed",
                "That is not open to you",
                detail.clone(),
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
            Error::TooManyRequests { detail, .. } => (
                S::TOO_MANY_REQUESTS,
                "too-many-requests",
                "Please wait a moment",
                detail.clone(),
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
        match Hindrance::of(&error) {
            // Nothing of it was done.
            Some(hindrance) => {
                tracing::error!(%error, "{hindrance}");
                Error::Unavailable
            }
            None => match error {
                // What a row hangs on was erased while it was written.
                sqlx::Error::Database(error) if error.is_foreign_key_violation() => Error::NotFound,
                error => Error::Internal(error.into()),
            },
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Error::Internal(source) = &self {
            tracing::error!(error = %source, "a request failed");
        }
        let (status, kind, title, detail) = self.parts();
        let retry_after = match self {
            Error::TooManyRequests { retry_after, .. } => Some(retry_after),
            Error::Unavailable => Some(2),
            _ => None,
        };
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
        let mut response = (status, axum::Json(&problem)).into_response();
        // Where a page is asked for, the problem is told as a page.
        response.extensions_mut().insert(problem);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection, SqliteConnection};

    use super::*;

    /// What a statement is answered with, after another.
    async fn answer(before: &'static str, statement: &'static str) -> StatusCode {
        let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        sqlx::raw_sql("CREATE TABLE t (x TEXT UNIQUE)")
            .execute(&mut db)
            .await
            .unwrap();
        sqlx::raw_sql(before).execute(&mut db).await.unwrap();
        let error = sqlx::query(statement).execute(&mut db).await.unwrap_err();
        Error::from(error).into_response().status()
    }

    #[tokio::test]
    async fn a_full_disk_is_no_fault_of_ours_and_passes() {
        const BUSY: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
        let fill = "INSERT INTO t SELECT hex(zeroblob(1000000))";
        assert_eq!(answer("PRAGMA max_page_count = 10", fill).await, BUSY);
        let insert = "INSERT INTO t VALUES ('a')";
        assert_eq!(answer("PRAGMA query_only = on", insert).await, BUSY);
        let twice = "INSERT INTO t VALUES ('a'), ('a')";
        let ours = StatusCode::INTERNAL_SERVER_ERROR;
        assert_eq!(answer("SELECT 1", twice).await, ours);
    }
}
