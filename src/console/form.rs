//! A form that a page sends.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
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
