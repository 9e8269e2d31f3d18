//! `/v1/staff/sessions`.

use axum::Json;
use axum::extract::{FromRef, State};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Place, Session, Staff};
use crate::error::{Problem, Result};
use crate::extract;
use crate::limits::Gate;

/// The routes of this module.
pub fn routes<S>() -> OpenApiRouter<S>
where
    Staff: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    OpenApiRouter::new().routes(routes!(sign_in))
}

/// What a member of staff signs in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StaffSignIn)]
struct SignIn {
    /// Their name.
    name: String,
    /// Their password.
    password: String,
    /// The six digits that their authenticator app shows; good once.
    #[schema(example = "492039")]
    totp: String,
}

/// Signs a member of staff in.
///
/// Whoever gets it wrong waits before they may try that name again, longer each time: they and
/// those in their network, nobody else.
#[utoipa::path(
    post,
    path = "/v1/staff/sessions",
    tag = "Moderation",
    request_body = SignIn,
    responses(
        (status = 200, description = "A session", body = Session),
        (status = 400, description = "A field is at fault", body = Problem,
            content_type = "application/problem+json"),
        (status = 401, description = "One of the three is wrong", body = Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "Not JSON", body = Problem,
            content_type = "application/problem+json"),
    ),
)]
async fn sign_in(
    State(staff): State<Staff>,
    gate: Gate,
    extract::Json(request): extract::Json<SignIn>,
) -> Result<Json<Session>> {
    let SignIn {
        name,
        password,
        totp,
    } = request;
    let attempt = gate.attempt(&name, None).await?;
    let session = staff.sign_in(&name, password, &totp, Place::Api).await?;
    attempt.succeeded().await;
    Ok(Json(session))
}
