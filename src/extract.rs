//! Axum's extractors with our problem answers in place of axum's plain text.

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::error::Error;

/// A JSON body. What is wrong with it is said with the path of the field.
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Json<T>, Error> {
        if !request.headers().get(CONTENT_TYPE).is_some_and(is_json) {
            return Err(Error::UnsupportedMediaType);
        }
        let body = axum::body::Bytes::from_request(request, state)
            .await
            .map_err(|_| Error::Malformed("The request broke off before its end.".into()))?;
        parse(&body).map(Json)
    }
}

fn is_json(value: &axum::http::HeaderValue) -> bool {
    let essence = value
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// Reads JSON, and says which field is at fault where one is.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    // serde would take the fields of an object in their order, too.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(Error::Malformed("Expected a JSON object.".into()));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        match cause.classify() {
            serde_json::error::Category::Data => {
                Error::field(path, expectation(&cause.to_string()))
            }
            // For what cannot name a member of a closed set, such as `null`, serde says the same
            // as for what is no JSON at all.
            _ if serde_json::from_slice::<IgnoredAny>(body).is_ok() => {
                Error::field(path, "This value cannot be used here.")
            }
            _ => Error::Malformed(
                format!(
                    "This is not JSON that we can read (line {}, column {}).",
                    cause.line(),
                    cause.column()
                )
                .into(),
            ),
        }
    })?;
    json.end()
        .map_err(|_| Error::Malformed("There is more after the end of the JSON.".into()))?;
    Ok(value)
}

/// What serde says was expected. It repeats what was sent ("invalid type: string \"…\""), which
/// may be a young person's words: only what was expected is passed on.
fn expectation(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or_default();
    if message.starts_with("unknown field") {
        return match message.rsplit_once("expected ") {
            Some((_, expected)) => format!("There is no such field; expected {expected}."),
            None => "There is no such field here.".into(),
        };
    }
    if message.starts_with("missing field") || message.starts_with("duplicate field") {
        return format!("{message}.");
    }
    match message.rsplit_once("expected ") {
        Some((_, expected)) => format!("Expected {expected}."),
        None => "This value cannot be used here.".into(),
    }
}

/// The query string.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Query<T>, Error> {
        axum::extract::Query::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Query(value)| Query(value))
            .map_err(|rejection: QueryRejection| {
                // The innermost error reads "parameter: what is wrong with it".
                let reason = reason(&rejection);
                let (parameter, message) = reason.split_once(": ").unwrap_or(("", &reason));
                Error::field(parameter, expectation(message))
            })
    }
}

/// The variable parts of the path. One that cannot name anything is not found.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Path<T>, Error> {
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(value)| Path(value))
            .map_err(|_: PathRejection| Error::NotFound)
    }
}

/// The `Idempotency-Key` header, where the request has one.
pub struct IdempotencyKey(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<IdempotencyKey, Error> {
        const HEADER: &str = "Idempotency-Key";
        let Some(value) = parts.headers.get(HEADER) else {
            return Ok(IdempotencyKey(None));
        };
        match value.to_str() {
            Ok(key) if (1..=255).contains(&key.len()) => Ok(IdempotencyKey(Some(key.to_owned()))),
            _ => Err(Error::field(
                HEADER,
                "Expected 1 to 255 visible ASCII characters.",
            )),
        }
    }
}

/// The bearer token of a request (RFC 6750).
pub fn bearer(headers: &HeaderMap) -> Result<&str, Error> {
    headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(Error::Unauthenticated)
}

fn reason(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Draft {
        #[allow(dead_code)]
        text: String,
        #[allow(dead_code)]
        #[serde(default)]
        topics: Vec<u8>,
    }

    fn fault(json: &str) -> (String, String) {
        match parse::<Draft>(json.as_bytes()).unwrap_err() {
            Error::Invalid(errors) => (errors[0].field.clone(), errors[0].message.clone()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_fault_names_its_field_and_never_repeats_what_was_sent() {
        assert_eq!(
            fault(r#"{"text": 5}"#),
            ("text".into(), "Expected a string.".into())
        );
        let (field, message) = fault(r#"{"text": "x", "topics": ["my secret"]}"#);
        assert_eq!(
            (field.as_str(), message.as_str()),
            ("topics[0]", "Expected u8.")
        );
        let (field, message) = fault(r#"{"text": "x", "name": "y"}"#);
        assert_eq!(field, "name");
        assert!(message.contains("no such field"), "{message}");
    }

    #[test]
    fn a_million_levels_are_refused() {
        let deep = "[".repeat(1_000_000);
        assert!(matches!(
            parse::<serde_json::Value>(deep.as_bytes()),
            Err(Error::Malformed(_))
        ));
    }
}
