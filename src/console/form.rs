//! A form that a page sends.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::Error;

/// The fields of a form; a field that may stand in it several times is a list. The token that
/// every form brings along was checked and taken out before: see [`super::session`].
pub struct Form<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Form<T>, Error> {
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|_| Error::Malformed("The form broke off before its end.".into()))?;
        let fields = serde_html_form::Deserializer::from_bytes(&body);
        serde_path_to_error::deserialize(fields)
            .map(Form)
            .map_err(|error| {
                Error::field(error.path().to_string(), "This value cannot be used here.")
            })
    }
}

/// What a form asks for in the address of a page. A field that was left empty is not there.
pub struct Choices<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Choices<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Choices<T>, Error> {
        read_query(parts.uri.query().unwrap_or_default()).map(Choices)
    }
}

/// Reads the query of a page's address.
pub fn read_query<T: DeserializeOwned>(query: &str) -> Result<T, Error> {
    let chosen = |field: &&str| !field.is_empty() && !field.ends_with('=');
    let fields: Vec<&str> = query.split('&').filter(chosen).collect();
    let fields = fields.join("&");
    let fields = serde_html_form::Deserializer::from_bytes(fields.as_bytes());
    serde_path_to_error::deserialize(fields)
        .map_err(|error| Error::field(error.path().to_string(), "This value cannot be used here."))
}
