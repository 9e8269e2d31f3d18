//! The HTTP of limits: every request is counted, and every answer says how the caller stands.
//!
//! The header fields are those of the IETF's draft-ietf-httpapi-ratelimit-headers-11.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::network::{self, Network};
use super::quota::{Standing, seconds};
use super::{Count, EVERYTHING, Limits, Work};
use crate::error::{Error, Result};

/// Counts a request against what its person may do; there is nothing to count where limits are
/// off.
#[derive(Clone)]
pub struct Gate(pub(super) Option<Counting>);

/// Goes with a request: what kind of work it is, and how its callers stand.
#[derive(Clone)]
pub(super) struct Counting {
    pub limits: Limits,
    pub work: Work,
    /// Whom the request comes from; it goes with the request, and is written down nowhere.
    pub network: Network,
    standings: Arc<Mutex<Vec<Standing>>>,
}

/// Counts the request against what its network may send, and lets a [`Gate`] count it
/// against what its person may do.
pub async fn limited(State(limits): State<Limits>, mut request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let work = Work::of(
        request.method().as_str(),
        path.map_or("", MatchedPath::as_str),
    );
    let network = Network::of(client(&request, &limits));
    let counting = Counting {
        limits,
        work,
        network,
        standings: Arc::default(),
    };
    let quotas = [Some(&EVERYTHING), work.per_network()];
    let network = network.bytes();
    let caller = network.as_slice();
    let counts: Vec<Count<'_>> = quotas
        .into_iter()
        .flatten()
        .map(|quota| Count { quota, caller })
        .collect();
    let counted = counting.count(
        &counts,
        "Many people where you are are using this right now.",
    );
    let mut response = match counted.await {
        Ok(()) => {
            request.extensions_mut().insert(counting.clone());
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    };
    counting.show(response.headers_mut());
    response
}

impl Gate {
    /// The gate of a request.
    pub fn of(parts: &Parts) -> Gate {
        Gate(parts.extensions.get().cloned())
    }

    /// Counts the request against what `person`, by their identifier, may do of its kind.
    ///
    /// # Errors
    /// Too many requests.
    pub async fn admit(&self, person: &[u8]) -> Result<()> {
        let Some(counting) = &self.0 else {
            return Ok(());
        };
        let Some(quota) = counting.work.per_person() else {
            return Ok(());
        };
        let count = Count {
            quota,
            caller: person,
        };
        counting
            .count(&[count], "That was a lot in a short time.")
            .await
    }
}

impl<S: Sync> FromRequestParts<S> for Gate {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Gate, Infallible> {
        Ok(Gate::of(parts))
    }
}

fn client(request: &Request, limits: &Limits) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    let forwarded_for = request.headers().get_all("x-forwarded-for");
    let lines: Vec<&str> = forwarded_for
        .iter()
        .map(|line| line.to_str().unwrap_or_default())
        .collect();
    network::client(peer, lines.into_iter(), &limits.0.trusted)
}

impl Counting {
    pub async fn count(&self, counts: &[Count<'_>], why: &str) -> Result<()> {
        let verdict = self.limits.count(counts).await;
        let full = |standing: &&Standing| standing.remaining() == 0;
        let refused = verdict
            .standings
            .iter()
            .filter(full)
            .max_by_key(|standing| standing.until_more())
            .filter(|_| !verdict.admitted);
        let refusal = refused.map(|standing| {
            metrics::counter!("hearth_refused_requests_total", "quota" => standing.quota.name)
                .increment(1);
            self.refusal(why, standing.until_more())
        });
        let mut standings = self
            .standings
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        standings.extend(verdict.standings);
        refusal.map_or(Ok(()), Err)
    }

    fn refusal(&self, why: &str, wait: Duration) -> Error {
        let wait = seconds(wait);
        let when = match wait {
            0..=1 => "in a second".to_owned(),
            2..=90 => format!("in {wait} seconds"),
            _ => format!("in {} minutes", wait.div_ceil(60)),
        };
        let what = match self.work {
            Work::Posting => "post",
            _ => "go on",
        };
        let mut detail = format!("{why} You can {what} again {when}.");
        if self.work == Work::Posting {
            detail = format!("{detail} {}", self.limits.0.support);
        }
        Error::TooManyRequests {
            detail: detail.into(),
            retry_after: wait,
        }
    }

    /// Says how the caller stands.
    fn show(&self, headers: &mut HeaderMap) {
        let standings = self
            .standings
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let list = |item: &dyn Fn(&Standing) -> String| {
            let items: Vec<String> = standings.iter().map(item).collect();
            HeaderValue::try_from(items.join(", ")).ok()
        };
        let policy = |standing: &Standing| {
            let quota = standing.quota;
            let window = quota.window.as_secs();
            format!("\"{}\";q={};w={window}", quota.name, quota.count)
        };
        let limit = |standing: &Standing| {
            let (remaining, more) = (standing.remaining(), seconds(standing.until_more()));
            format!("\"{}\";r={remaining};t={more}", standing.quota.name)
        };
        for (name, value) in [
            ("ratelimit-policy", list(&policy)),
            ("ratelimit", list(&limit)),
        ] {
            if let Some(value) = value {
                headers.insert(header::HeaderName::from_static(name), value);
            }
        }
    }
}
