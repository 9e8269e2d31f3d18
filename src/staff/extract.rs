//! Which member of staff is asking, as an argument of a handler: one without [`Moderator`]
//! cannot moderate.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;

use super::{Member, Role, Staff};
use crate::error::Error;
use crate::extract::bearer;
use crate::limits::Gate;

/// A moderator or a lead.
pub struct Moderator(pub Member);

/// A safeguarding lead.
pub struct Lead(pub Member);

/// Whoever may read the record: a moderator, a lead, an analyst or an admin.
pub struct Auditor(pub Member);

/// A safeguarding lead, or whoever runs the installation.
pub struct LeadOrAdmin(pub Member);

/// Whoever runs the installation, and looks after the accounts of staff.
pub struct Admin(pub Member);

impl<S> FromRequestParts<S> for Member
where
    Staff: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Member, Error> {
        // The console has found out already, from a cookie.
        if let Some(member) = parts.extensions.get::<Member>() {
            return Ok(member.clone());
        }
        let token = bearer(&parts.headers)?;
        let member = Staff::from_ref(state).authenticate(token).await?;
        Gate::of(parts).admit(member.id.as_bytes()).await?;
        Ok(member)
    }
}

impl<S> FromRequestParts<S> for Moderator
where
    Staff: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Moderator, Error> {
        one_of(&[Role::Moderator, Role::Lead], parts, state)
            .await
            .map(Moderator)
    }
}

impl<S> FromRequestParts<S> for Lead
where
    Staff: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Lead, Error> {
        one_of(&[Role::Lead], parts, state).await.map(Lead)
    }
}

impl<S> FromRequestParts<S> for LeadOrAdmin
where
    Staff: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<LeadOrAdmin, Error> {
        one_of(&[Role::Lead, Role::Admin], parts, state)
            .await
            .map(LeadOrAdmin)
    }
}

impl<S> FromRequestParts<S> for Admin
where
    Staff: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Admin, Error> {
        one_of(&[Role::Admin], parts, state).await.map(Admin)
    }
}

impl<S> FromRequestParts<S> for Auditor
where
    Staff: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Auditor, Error> {
        const ROLES: [Role; 4] = [Role::Moderator, Role::Lead, Role::Analyst, Role::Admin];
        one_of(&ROLES, parts, state).await.map(Auditor)
    }
}

/// 401 for nobody, 403 for somebody with another role.
async fn one_of<S>(roles: &[Role], parts: &mut Parts, state: &S) -> Result<Member, Error>
where
    Staff: FromRef<S>,
    S: Send + Sync,
{
    let member = Member::from_request_parts(parts, state).await?;
    if roles.contains(&member.role) {
        Ok(member)
    } else {
        Err(Error::Forbidden)
    }
}
