//! The HTTP of the live socket: tickets, and the upgrade.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRef, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tungstenite::handshake::server::create_response_with_body;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::upgrade::OnUpgrade;
use super::{Live, session};
use crate::accounts::{Accounts, Person};
use crate::error::{Error, Problem, Result};
use crate::extract::{Query, bearer};
use crate::limits::Gate;

/// The routes of the live socket.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Arc<Live>: FromRef<S>,
    Accounts: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(ticket))
        .routes(routes!(upgrade))
}

/// A ticket to open one socket with.
#[derive(Serialize, ToSchema)]
struct Ticket {
    /// Works once.
    ticket: String,
    /// Seconds for which it works.
    #[schema(example = 30)]
    expires_in: u64,
}

/// Get a ticket for the live socket
///
/// For browsers, which cannot send an Authorization header with an upgrade.
#[utoipa::path(
    post, path = "/v1/live/tickets", tag = "Live", security(("person" = [])),
    responses(
        (status = 201, body = Ticket),
        (status = 401, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn ticket(
    State(accounts): State<Accounts>,
    Person(person): Person,
) -> Result<(StatusCode, axum::Json<Ticket>)> {
    let (ticket, lifetime) = accounts.issue_ticket(person.id).await?;
    let expires_in = lifetime.as_secs();
    Ok((
        StatusCode::CREATED,
        axum::Json(Ticket { ticket, expires_in }),
    ))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UpgradeQuery {
    /// A ticket, in place of the Authorization header.
    ticket: Option<String>,
}

/// Open the live socket
///
/// Upgrades to a WebSocket. The first message is
/// `{"type": "subscribe", "topics"?: [..], "since"?: seq}`; the server answers with
/// `{"type": "ready", "seq"}`, then with everything after `seq`.
#[utoipa::path(
    get, path = "/v1/live", tag = "Live", security((), ("person" = [])),
    params(UpgradeQuery),
    responses(
        (status = 101, description = "The socket is open."),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn upgrade(
    State(live): State<Arc<Live>>,
    State(accounts): State<Accounts>,
    Query(query): Query<UpgradeQuery>,
    gate: Gate,
    mut request: Request,
) -> Result<Response> {
    // A ticket is not spent on a request that is no upgrade.
    let no_upgrade = || Error::Malformed("This address is a WebSocket.".into());
    let response = create_response_with_body(&request, Body::empty).map_err(|_| no_upgrade())?;
    let upgrade = request.extensions_mut().remove::<OnUpgrade>();
    let upgrade = upgrade.ok_or_else(no_upgrade)?;
    let account = match query.ticket {
        Some(ticket) => accounts.redeem_ticket(&ticket).await?,
        None => accounts.authenticate(bearer(request.headers())?).await?,
    };
    gate.admit(account.id.as_bytes()).await?;
    session::open(live, upgrade, &account)?;
    Ok(response)
}
