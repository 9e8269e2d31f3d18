//! What operators look at: whether it is alive, whether it is ready, and its figures.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::clock::Time;
use crate::live::Live;
use crate::moderation::{self, Backlog};
use crate::posts::Posts;
use crate::rules::RulesError;
use crate::triage::Level;

/// The bounds of the latency histograms, in seconds.
const LATENCY_BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// How long the database may take to answer an operator.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process's recorder of figures, installed on first use.
///
/// # Panics
/// Where something else in the process has installed a recorder before.
pub fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &LATENCY_BUCKETS)
            .expect("there are buckets")
            .install_recorder()
            .expect("there is one recorder in the process")
    })
}

/// The routes of operations.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Posts: FromRef<S>,
    Arc<Live>: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(healthz))
        .routes(routes!(readyz))
        .routes(routes!(metrics))
}

/// Whether the process is alive
#[utoipa::path(get, path = "/healthz", tag = "Operations",
    responses((status = 200, body = str, content_type = "text/plain")))]
async fn healthz() -> &'static str {
    "alive\n"
}

/// Whether it can serve, and with what.
#[derive(Serialize, ToSchema)]
struct Readiness {
    /// `ready`, or what is missing.
    status: &'static str,
    /// The engine of the database.
    database: &'static str,
    /// Whether the database answers and every migration is applied.
    migrated: bool,
    /// What carries events between processes. Without Redis they take up to a second, and all
    /// else goes on: the process stays ready.
    bus: &'static str,
    /// How many rules are loaded.
    rules: usize,
    /// How many packs they come from.
    packs: usize,
    /// The hash of the rules; every verdict keeps it.
    rules_hash: String,
    /// Since when these rules are in force in this process.
    #[schema(value_type = String, format = DateTime)]
    rules_since: Time,
    /// Why newer rules are not in force, or why these should not be relied on; absent where all
    /// is well. It serves on the last good rules, and stays ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<RulesError>,
}

/// Whether it can serve
#[utoipa::path(get, path = "/readyz", tag = "Operations",
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
async fn readyz(State(posts): State<Posts>) -> (StatusCode, axum::Json<Readiness>) {
    let migrated = matches!(timeout(PATIENCE, posts.db.ready()).await, Ok(Ok(true)));
    let (code, status) = match migrated {
        true => (StatusCode::OK, "ready"),
        false => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer",
        ),
    };
    let rules = posts.rules.status();
    let readiness = Readiness {
        status,
        database: posts.db.engine_name(),
        migrated,
        bus: posts.bus.carrier().as_str(),
        rules: rules.engine.rule_count(),
        packs: rules.engine.pack_count(),
        rules_hash: rules.engine.rules_hash().to_owned(),
        rules_since: rules.since,
        last_error: rules.last_error,
    };
    (code, axum::Json(readiness))
}

/// The figures of this process, for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "Operations",
    responses((status = 200, body = str, content_type = "text/plain; version=0.0.4")))]
async fn metrics(State(posts): State<Posts>, State(live): State<Arc<Live>>) -> Response {
    metrics::gauge!("hearth_live_sockets").set(live.open_sockets() as f64);
    posts.rules.set_gauges();
    let unverified = posts.directory.unverified_count();
    metrics::gauge!("hearth_directory_unverified_services").set(unverified as f64);
    let now = posts.clock.now();
    match timeout(PATIENCE, moderation::backlog(&posts.db, now)).await {
        Ok(Ok(backlog)) => {
            for level in Level::ALL {
                set_backlog(level, &backlog, now.micros());
            }
        }
        Ok(Err(error)) => tracing::warn!(%error, "the backlog cannot be read"),
        Err(_) => tracing::warn!("the backlog cannot be read in time"),
    }
    let content_type = [("content-type", "text/plain; version=0.0.4")];
    (content_type, recorder().render()).into_response()
}

fn set_backlog(level: Level, backlog: &[Backlog], now: i64) {
    let of_level = backlog.iter().find(|line| line.level.0 == level);
    let open = of_level.map_or(0, |line| line.open);
    let breached = of_level.map_or(0, |line| line.breached);
    let oldest = of_level.map_or(0, |line| now - line.oldest.micros());
    let level = level.as_str();
    metrics::gauge!("hearth_cases_open", "level" => level).set(open as f64);
    metrics::gauge!("hearth_cases_breached", "level" => level).set(breached as f64);
    metrics::gauge!("hearth_cases_oldest_seconds", "level" => level).set(oldest as f64 / 1e6);
}
