//! The plain handlers that Hearth is measured against: what somebody would write in an hour.
//!
//! `POST /insert` puts one row into one table with one `sqlx` query; `GET /constant` answers
//! bytes that were made once. They check nobody's token, read no row, and tell nobody.

use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};
use tokio::net::TcpListener;

/// Serves the plain handlers until the process is ended. Without a database only the constant
/// is there.
pub async fn serve(
    listen: SocketAddr,
    database: Option<&str>,
    constant_bytes: usize,
) -> Result<()> {
    let constant = Bytes::from(constant(constant_bytes));
    let constant = async move || ([(CONTENT_TYPE, "application/json")], constant.clone());
    let routes = Router::new().route("/constant", get(constant));
    let routes = match database {
        None => routes,
        Some(url) if url.starts_with("postgres") => routes.merge(on_postgres(url).await?),
        Some(path) => routes.merge(on_sqlite(Path::new(path)).await?),
    };
    let listener = TcpListener::bind(listen).await?.tap_io(|connection| {
        let _ = connection.set_nodelay(true);
    });
    Ok(axum::serve(listener, routes).await?)
}

/// A JSON text of about this many bytes.
fn constant(bytes: usize) -> String {
    let filling = "x".repeat(bytes.saturating_sub(r#"{"items":""}"#.len()));
    format!(r#"{{"items":"{filling}"}}"#)
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS reactions
    (post TEXT NOT NULL, person TEXT NOT NULL, kind TEXT NOT NULL)";
const INSERT: &str = "INSERT INTO reactions (post, person, kind) VALUES ($1, $2, $3)";
/// As long as what Hearth stores.
const ROW: [&str; 3] = [
    "0d7a9b62-9f1e-4c8e-9a55-3f6f3a1c2b4d",
    "6f1f2c39-5a0b-4f6e-8b1d-8f0a2f6f7c11",
    "heart",
];

async fn on_sqlite(path: &Path) -> Result<Router> {
    let options = SqliteConnectOptions::from_str("sqlite:")?
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    // One connection: SQLite has one writer, and several only wait for each other in sleeps.
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await?;
    sqlx::query(TABLE).execute(&pool).await?;
    let insert = async |State(pool): State<SqlitePool>| {
        let [post, person, kind] = ROW;
        let insert = sqlx::query(INSERT).bind(post).bind(person).bind(kind);
        status(insert.execute(&pool).await.map(|_| ()))
    };
    Ok(Router::new()
        .route("/insert", post(insert))
        .with_state(pool))
}

async fn on_postgres(url: &str) -> Result<Router> {
    // As many connections as sqlx opens where nobody says otherwise.
    let pool = PgPool::connect(url).await?;
    sqlx::query(TABLE).execute(&pool).await?;
    let insert = async |State(pool): State<PgPool>| {
        let [post, person, kind] = ROW;
        let insert = sqlx::query(INSERT).bind(post).bind(person).bind(kind);
        status(insert.execute(&pool).await.map(|_| ()))
    };
    Ok(Router::new()
        .route("/insert", post(insert))
        .with_state(pool))
}

fn status(done: sqlx::Result<()>) -> StatusCode {
    match done {
        Ok(()) => StatusCode::CREATED,
        Err(error) => {
            eprintln!("{error}");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_constant_is_as_long_as_asked() {
        for bytes in [12, 300, 6_000] {
            assert_eq!(super::constant(bytes).len(), bytes);
        }
    }
}
