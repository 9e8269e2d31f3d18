//! Who is asking, as an argument of a handler.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;

use super::{Account, Accounts};
use crate::error::Error;
use crate::extract::bearer;
use crate::limits::Gate;

/// The person who asks: a handler that takes one answers 401 to anybody else.
pub struct Person(pub Account);

impl<S> FromRequestParts<S> for Person
where
    Accounts: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Person, Error> {
        let token = bearer(&parts.headers)?;
        let account = Accounts::from_ref(state).authenticate(token).await?;
        Gate::of(parts).admit(account.id.as_bytes()).await?;
        Ok(Person(account))
    }
}
