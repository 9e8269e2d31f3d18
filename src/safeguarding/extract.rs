//! Who may stand in for the other of the two people that looking behind anonymity needs.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;

use crate::error::Error;
use crate::staff::{Member, Role, Staff};

/// A safeguarding lead or an admin.
pub struct LeadOrAdmin(pub Member);

impl<S> FromRequestParts<S> for LeadOrAdmin
where
    Staff: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<LeadOrAdmin, Error> {
        let member = Member::from_request_parts(parts, state).await?;
        match member.role {
            Role::Lead | Role::Admin => Ok(LeadOrAdmin(member)),
            _ => Err(Error::Forbidden),
        }
    }
}
