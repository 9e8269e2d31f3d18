//! `/v1/accounts`, `/v1/tokens` and `/v1/me`.

use axum::Json;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Account, Accounts, Changes, NewAccount, Person, Tokens};
use crate::error::{Error, Problem, Result};
use crate::extract;

/// The routes of this module.
pub fn routes<S>() -> OpenApiRouter<S>
where
    Accounts: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(exchange))
        .routes(routes!(show, change))
}

/// The first tokens of a new account, and the way back in without them.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountCreated)]
struct Created {
    #[serde(flatten)]
    tokens: Tokens,
    /// Opens the account again on another device; shown once, for the person to write down.
    #[schema(example = "7Q3K-0M9T-ZX4A-PB2E-HW8C")]
    recovery_code: String,
}

/// What tokens are given for: exactly one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TokenRequest, min_properties = 1, max_properties = 1)]
struct Grant {
    /// From the last answer; good once.
    refresh_token: Option<String>,
    /// As it was written down; case, spaces and dashes do not matter.
    recovery_code: Option<String>,
}

/// Makes an anonymous account.
#[utoipa::path(
    post,
    path = "/v1/accounts",
    tag = "A person",
    request_body = NewAccount,
    responses(
        (status = 201, description = "The account is there", body = Created),
        (status = 400, description = "A field is at fault", body = Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "Not JSON", body = Problem,
            content_type = "application/problem+json"),
    ),
)]
async fn create(
    State(accounts): State<Accounts>,
    extract::Json(new): extract::Json<NewAccount>,
) -> Result<(StatusCode, Json<Created>)> {
    let (tokens, recovery_code) = accounts.create(&new).await?;
    let created = Created {
        tokens,
        recovery_code,
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Gives new tokens for a refresh token, which works once, or for a recovery code.
///
/// A refresh token that comes a second time ends every token that descends from the same
/// sign-in.
#[utoipa::path(
    post,
    path = "/v1/tokens",
    tag = "A person",
    request_body = Grant,
    responses(
        (status = 200, description = "New tokens", body = Tokens),
        (status = 400, description = "Not exactly one of the two", body = Problem,
            content_type = "application/problem+json"),
        (status = 401, description = "The token or the code is no good", body = Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "Not JSON", body = Problem,
            content_type = "application/problem+json"),
    ),
)]
async fn exchange(
    State(accounts): State<Accounts>,
    extract::Json(grant): extract::Json<Grant>,
) -> Result<Json<Tokens>> {
    let tokens = match (grant.refresh_token, grant.recovery_code) {
        (Some(token), None) => accounts.refresh(&token).await?,
        (None, Some(code)) => accounts.recover(&code).await?,
        _ => {
            let message = "Send refresh_token or recovery_code, one of the two.";
            return Err(Error::field("refresh_token", message));
        }
    };
    Ok(Json(tokens))
}

/// What we know of the person who asks.
#[utoipa::path(
    get,
    path = "/v1/me",
    tag = "A person",
    security(("person" = [])),
    responses(
        (status = 200, description = "All that the person told us of themself", body = Account),
        (status = 401, description = "Not signed in", body = Problem,
            content_type = "application/problem+json"),
    ),
)]
async fn show(Person(account): Person) -> Json<Account> {
    Json(account)
}

/// Changes what the person tells us of themself.
#[utoipa::path(
    patch,
    path = "/v1/me",
    tag = "A person",
    security(("person" = [])),
    request_body = Changes,
    responses(
        (status = 200, description = "How it is now", body = Account),
        (status = 400, description = "A field is at fault", body = Problem,
            content_type = "application/problem+json"),
        (status = 401, description = "Not signed in", body = Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "Not JSON", body = Problem,
            content_type = "application/problem+json"),
    ),
)]
async fn change(
    State(accounts): State<Accounts>,
    Person(account): Person,
    extract::Json(changes): extract::Json<Changes>,
) -> Result<Json<Account>> {
    Ok(Json(accounts.change(account.id, changes).await?))
}
