//! Carries a pilot over: everything in a SQLite file, into an empty PostgreSQL database.
//!
//! What there is to carry is read from both schemas, so that no table can be forgotten. Nobody
//! else writes to either side meanwhile. After the copy, both sides are read back in the order
//! of their keys and compared by count and by hash; only where all agree is anything committed.

mod columns;
mod copy;

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};

use crate::db::{self, Db};
use columns::{Columns, tables};
use copy::Contents;

/// How long whoever else uses one of the two may take to let go.
const PATIENCE: Duration = Duration::from_secs(5);

/// Rows that the migrations write themselves: nothing is lost where they are replaced.
const FIRST_ROWS: [(&str, &str); 3] = [
    ("event_head", "seq = 0"),
    ("audit_head", "seq = 0"),
    ("surge", "coalesce(switched_on_at, unattended_from) IS NULL"),
];

/// Why nothing was carried over. What was there before is as it was.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The file is not there, or is no database.
    #[error("the SQLite file {path} cannot be opened: {source}")]
    Source {
        /// The file.
        path: String,
        /// What SQLite said.
        source: sqlx::Error,
    },
    /// Somebody has the file open.
    #[error("somebody has the SQLite file open: stop the Hearth that serves it, and try again")]
    InUse,
    /// The target is not PostgreSQL.
    #[error("expected postgres://… or postgresql://… to move to")]
    NotPostgres,
    /// The target cannot be opened or migrated.
    #[error(transparent)]
    Open(#[from] db::OpenError),
    /// Somebody uses the target.
    #[error("somebody uses the PostgreSQL database: stop every Hearth that serves it")]
    TargetInUse,
    /// The file was written by another version of this program.
    #[error(
        "the SQLite file is of another version of Hearth; run `hearth migrate` on it with this one"
    )]
    Version,
    /// There is something in the target that would be lost.
    #[error("the PostgreSQL database is not empty: there are rows in {}", .0.join(", "))]
    NotEmpty(Vec<String>),
    /// The two schemas do not fit.
    #[error("the two databases do not fit: {0}")]
    Schema(String),
    /// What was read back is not what was written.
    #[error("{table} is not the same on both sides: {before}, and {after} after the copy")]
    Differs {
        /// The table.
        table: String,
        /// What it holds in the file.
        before: Contents,
        /// What it holds in PostgreSQL.
        after: Contents,
    },
    /// A table cannot be copied.
    #[error("{table}: {source}")]
    Table {
        /// The table.
        table: String,
        /// What the engine said.
        source: sqlx::Error,
    },
    /// One of the engines refused.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
}

/// What was carried over: each table with its rows and their hash, in the order of the copy.
#[derive(Debug)]
pub struct Transferred(pub Vec<(String, Contents)>);

impl fmt::Display for Transferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:18} {:>9}  SHA-256 of all rows, the same on both sides",
            "table", "rows"
        )?;
        for (table, contents) in &self.0 {
            writeln!(f, "{table:18} {:>9}  {}", contents.rows, contents.hash)?;
        }
        Ok(())
    }
}

/// Copies everything from the SQLite file `from` (a path, or `sqlite:PATH`) into the PostgreSQL
/// database `to`, which may hold nothing yet. All of it is there when this returns, or nothing.
pub async fn transfer(from: &str, to: &str) -> Result<Transferred, TransferError> {
    let mut sqlite = open_alone(from).await?;
    let mut postgres = open_empty(to).await?;
    let mut reading = sqlite.begin_with("BEGIN EXCLUSIVE").await?;
    let mut writing = postgres.begin().await?;
    if versions(&mut reading).await? != versions_there(&mut writing).await? {
        return Err(TransferError::Version);
    }
    let tables = tables(&mut reading, &mut writing).await?;
    lock(&mut writing, &tables).await?;
    refuse_what_would_be_lost(&mut reading, &mut writing, &tables).await?;

    let mut done = Vec::new();
    for table in &tables {
        let in_table = |source| TransferError::Table {
            table: table.name.clone(),
            source,
        };
        copy::copy(table, &mut reading, &mut writing)
            .await
            .map_err(in_table)?;
        let before = copy::read_sqlite(table, &mut reading)
            .await
            .map_err(in_table)?;
        let after = copy::read_postgres(table, &mut writing)
            .await
            .map_err(in_table)?;
        if before != after {
            return Err(TransferError::Differs {
                table: table.name.clone(),
                before,
                after,
            });
        }
        done.push((table.name.clone(), before));
    }
    writing.commit().await?;
    reading.rollback().await?;
    Ok(Transferred(done))
}

/// Opens the file so that nobody else can, until the connection ends.
async fn open_alone(from: &str) -> Result<SqliteConnection, TransferError> {
    let named = match from.strip_prefix("sqlite:") {
        Some(_) => SqliteConnectOptions::from_str(from),
        None => Ok(SqliteConnectOptions::new().filename(Path::new(from))),
    };
    let failed = |source| TransferError::Source {
        path: from.to_owned(),
        source,
    };
    let options = named
        .map_err(failed)?
        .create_if_missing(false)
        .busy_timeout(Duration::from_secs(1));
    let mut connection = options.connect().await.map_err(failed)?;
    // SQLite leaves the mode that Hearth runs in only where nobody else has the file open; a
    // Hearth that is idle holds no other lock that would tell.
    let mode: Result<String, _> = sqlx::query_scalar("PRAGMA journal_mode = DELETE")
        .fetch_one(&mut connection)
        .await;
    match mode {
        Ok(mode) if mode == "delete" => Ok(connection),
        Ok(_) => Err(TransferError::InUse),
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("5") => {
            Err(TransferError::InUse)
        }
        Err(error) => Err(failed(error)),
    }
}

/// Opens the target, and makes the tables where there are none.
async fn open_empty(to: &str) -> Result<PgConnection, TransferError> {
    if !to.starts_with("postgres:") && !to.starts_with("postgresql:") {
        return Err(TransferError::NotPostgres);
    }
    let db = Db::open(to).await?;
    db.migrate().await?;
    db.close().await;
    Ok(PgConnectOptions::from_str(to)?.connect().await?)
}

const VERSIONS: &str = "SELECT version FROM _sqlx_migrations ORDER BY version";

async fn versions(sqlite: &mut SqliteConnection) -> Result<Vec<i64>, TransferError> {
    let versions = sqlx::query_scalar(VERSIONS).fetch_all(sqlite).await;
    // A file without that table is none of ours.
    versions.map_err(|_| TransferError::Version)
}

async fn versions_there(postgres: &mut PgConnection) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar(VERSIONS).fetch_all(postgres).await
}

/// Keeps everybody else out of the target until the end of the transaction.
async fn lock(postgres: &mut PgConnection, tables: &[Columns]) -> Result<(), TransferError> {
    let patience = format!("SET LOCAL lock_timeout = '{}ms'", PATIENCE.as_millis());
    sqlx::query(AssertSqlSafe(patience))
        .execute(&mut *postgres)
        .await?;
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    let lock = format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", names.join(", "));
    match sqlx::query(AssertSqlSafe(lock)).execute(postgres).await {
        Ok(_) => Ok(()),
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("55P03") => {
            Err(TransferError::TargetInUse)
        }
        Err(error) => Err(error.into()),
    }
}

/// The target may hold what migrations write, and the mark of the same key.
async fn refuse_what_would_be_lost(
    sqlite: &mut SqliteConnection,
    postgres: &mut PgConnection,
    tables: &[Columns],
) -> Result<(), TransferError> {
    let mut in_the_way = Vec::new();
    for table in tables {
        let name = table.name.as_str();
        let first = FIRST_ROWS.iter().find(|(table, _)| *table == name);
        let lost = match first {
            Some((_, first)) => format!("SELECT EXISTS (SELECT 1 FROM {name} WHERE NOT ({first}))"),
            None => format!("SELECT EXISTS (SELECT 1 FROM {name})"),
        };
        let row = sqlx::query(AssertSqlSafe(lost))
            .fetch_one(&mut *postgres)
            .await?;
        if row.try_get(0)? && !(name == "key_check" && same_key(sqlite, postgres).await?) {
            in_the_way.push(name.to_owned());
        }
    }
    match in_the_way.is_empty() {
        true => Ok(()),
        false => Err(TransferError::NotEmpty(in_the_way)),
    }
}

async fn same_key(
    sqlite: &mut SqliteConnection,
    postgres: &mut PgConnection,
) -> sqlx::Result<bool> {
    const TAG: &str = "SELECT tag FROM key_check";
    let here: Option<Vec<u8>> = sqlx::query_scalar(TAG).fetch_optional(sqlite).await?;
    let there: Option<Vec<u8>> = sqlx::query_scalar(TAG).fetch_optional(postgres).await?;
    Ok(here == there)
}
