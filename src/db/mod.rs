//! One database, two engines: SQLite in a file, or PostgreSQL.
//!
//! Every query is one `&'static str` that both engines understand, run by `on_db!` on the pool or
//! by `on_tx!` inside a [`Tx`]. What each needs of us:
//!
//! - times are `BIGINT` microseconds ([`Time`](crate::clock::Time)): SQLite would sort a text otherwise;
//! - on SQLite every write transaction begins `IMMEDIATE`, on a pool of one connection, because
//!   a read that turns into a write fails there with "database is locked";
//! - nothing is counted first and inserted after: a constraint or a conditional `UPDATE` decides;
//! - an error inside a transaction is passed up at once: PostgreSQL would "commit" nothing.

mod group;
mod list;
mod types;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgPool};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};
use sqlx::{Connection, Database, Postgres, Sqlite, Transaction};

pub use group::{Group, Groups, Writer};
pub use list::{push_list, push_rows};
pub use types::Name;

use crate::keys::Tag;

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// Connections that one process reads on at the most.
const READERS: u32 = 8;
/// Connections to PostgreSQL that one process writes on at the most. They are apart from the
/// readers: a batch that many wait for must not queue behind all that they read.
const WRITERS: u32 = 4;
/// A connection that has idled for this long may have been closed by the other side. One that
/// was just used is not asked: that would cost as much as a query.
const MAY_BE_GONE: Duration = Duration::from_secs(1);
/// Statements that a connection keeps prepared: some dozens, and each list in several lengths.
const STATEMENTS: usize = 400;
/// How long a statement waits for what another transaction holds, on PostgreSQL.
const LOCK_TIMEOUT: &str = "10s";
/// How long a transaction may hold on to what others need, and do nothing: its process is frozen,
/// or its machine is gone, and PostgreSQL ends it.
const IDLE_TIMEOUT: &str = "5s";
/// How long a request waits for a connection before it hears that we are busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Something that there is one of for each engine.
#[derive(Clone, Debug)]
pub enum Engine<S, P> {
    /// The embedded default.
    Sqlite(S),
    /// Production.
    Postgres(P),
}

/// A write transaction; rolled back where it is dropped before [`Tx::commit`].
pub type Tx = Engine<Transaction<'static, Sqlite>, Transaction<'static, Postgres>>;

impl Tx {
    /// Makes the writes durable: when this returns, they survive a `kill -9`.
    pub async fn commit(self) -> sqlx::Result<()> {
        match self {
            Engine::Sqlite(tx) => tx.commit().await,
            Engine::Postgres(tx) => tx.commit().await,
        }
    }
}

impl Tx {
    /// Until this transaction ends, [`Tx::after_all`] for the same number waits; others that
    /// share it do not. Nothing is written: the lock leaves no trace in any row.
    pub async fn share(&mut self, number: i64) -> sqlx::Result<()> {
        match self {
            // There is one writer at a time.
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres(tx) => sqlx::query("SELECT pg_advisory_xact_lock_shared($1)")
                .bind(number)
                .execute(&mut **tx)
                .await
                .map(|_| ()),
        }
    }

    /// Waits for every transaction that shares this number.
    pub async fn after_all(&mut self, number: i64) -> sqlx::Result<()> {
        match self {
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres(tx) => sqlx::query("SELECT pg_advisory_xact_lock($1)")
                .bind(number)
                .execute(&mut **tx)
                .await
                .map(|_| ()),
        }
    }
}

/// The database.
#[derive(Clone, Debug)]
pub struct Db {
    readers: Engine<SqlitePool, PgPool>,
    writers: Engine<SqlitePool, PgPool>,
}

/// Why the database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is not one of ours.
    #[error("DATABASE_URL: expected sqlite:PATH, postgres://… or postgresql://…")]
    Scheme,
    /// The engine refused.
    #[error("the database cannot be opened: {0}")]
    Engine(#[from] sqlx::Error),
    /// The schema is not ours, or newer than this program.
    #[error("the database cannot be migrated: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

impl Db {
    /// Opens the SQLite file at `path`, and makes it where there is none.
    pub async fn open_file(path: &Path) -> Result<Db, OpenError> {
        Db::open_sqlite(SqliteConnectOptions::new().filename(path)).await
    }

    /// Opens what `url` names: `sqlite:…` or `postgres://…`.
    pub async fn open(url: &str) -> Result<Db, OpenError> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Db::open_sqlite(SqliteConnectOptions::from_str(url)?).await,
            Some("postgres" | "postgresql") => {
                let options = PgConnectOptions::from_str(url)?
                    .statement_cache_capacity(STATEMENTS)
                    .options([
                        ("lock_timeout", LOCK_TIMEOUT),
                        ("idle_in_transaction_session_timeout", IDLE_TIMEOUT),
                    ]);
                let writers = pool(WRITERS).connect_with(options.clone()).await?;
                Ok(Db {
                    readers: Engine::Postgres(pool(READERS).connect_lazy_with(options)),
                    writers: Engine::Postgres(writers),
                })
            }
            _ => Err(OpenError::Scheme),
        }
    }

    async fn open_sqlite(options: SqliteConnectOptions) -> Result<Db, OpenError> {
        let options = options
            .statement_cache_capacity(STATEMENTS)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A 2xx survives a power cut, not only a crash.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is erased is overwritten, not only unlinked.
            .pragma("secure_delete", "on")
            .busy_timeout(ACQUIRE_TIMEOUT);
        // The writer first: it makes the file and the log that the readers open. SQLite does not
        // wait for whoever else is just changing a new file's journal mode.
        let alone = alone_with(&options).await?;
        let writers = pool(1).connect_with(options.clone()).await?;
        drop(alone);
        let readers = pool(READERS).connect_lazy_with(options.read_only(true));
        Ok(Db {
            readers: Engine::Sqlite(readers),
            writers: Engine::Sqlite(writers),
        })
    }

    /// Applies the migrations that are missing.
    pub async fn migrate(&self) -> Result<(), OpenError> {
        match &self.writers {
            Engine::Sqlite(pool) => {
                // Two processes that start at once must not both make the first table. On
                // PostgreSQL the migrator takes a lock of its own.
                let _alone = alone_with(&pool.connect_options()).await?;
                SQLITE_MIGRATIONS.run(pool).await?;
            }
            Engine::Postgres(pool) => POSTGRES_MIGRATIONS.run(pool).await?,
        }
        Ok(())
    }

    /// The tag under which this database was first written, which is `tag` where it is new.
    pub async fn key_check(&self, tag: Tag) -> sqlx::Result<Vec<u8>> {
        let mut tx = self.begin().await?;
        on_tx!(&mut tx, |c| sqlx::query(
            "INSERT INTO key_check (id, tag) VALUES (1, $1) ON CONFLICT (id) DO NOTHING"
        )
        .bind(tag.to_vec())
        .execute(c)
        .await
        .map(|_| ()))?;
        let first = on_tx!(&mut tx, |c| sqlx::query_scalar("SELECT tag FROM key_check")
            .fetch_one(c)
            .await)?;
        tx.commit().await?;
        Ok(first)
    }

    /// Begins a write transaction.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        Ok(match &self.writers {
            Engine::Sqlite(pool) => Engine::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
            Engine::Postgres(pool) => Engine::Postgres(pool.begin().await?),
        })
    }

    /// The pool that reads run on; use `on_db!`.
    pub fn readers(&self) -> &Engine<SqlitePool, PgPool> {
        &self.readers
    }

    /// Whether the database answers, and every migration is applied.
    pub async fn ready(&self) -> sqlx::Result<bool> {
        let applied: i64 = on_db!(self, |c| sqlx::query_scalar(
            "SELECT count(*) FROM _sqlx_migrations"
        )
        .fetch_one(c)
        .await)?;
        Ok(applied == i64::try_from(SQLITE_MIGRATIONS.iter().count()).unwrap_or(i64::MAX))
    }

    /// Whether this is the embedded engine, which one process uses.
    pub fn is_embedded(&self) -> bool {
        matches!(self.readers, Engine::Sqlite(_))
    }

    /// What the engine is called where people read it.
    pub fn engine_name(&self) -> &'static str {
        match self.readers {
            Engine::Sqlite(_) => "SQLite",
            Engine::Postgres(_) => "PostgreSQL",
        }
    }

    /// Waits for what is under way, and closes every connection.
    pub async fn close(&self) {
        for pool in [&self.readers, &self.writers] {
            match pool {
                Engine::Sqlite(pool) => pool.close().await,
                Engine::Postgres(pool) => pool.close().await,
            }
        }
    }
}

/// A pool of so many connections at the most, on either engine.
fn pool<DB: Database>(connections: u32) -> PoolOptions<DB> {
    PoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection: &mut DB::Connection, metadata| {
            Box::pin(async move {
                // SQLite ends a transaction by itself where the disk is full; sqlx goes on
                // counting it, and this connection would never begin another.
                if connection.is_in_transaction() {
                    return Ok(false);
                }
                if metadata.idle_for >= MAY_BE_GONE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}

/// Locks the directory of a SQLite file until the answer is dropped; other processes wait here.
async fn alone_with(options: &SqliteConnectOptions) -> sqlx::Result<std::fs::File> {
    let dir = match options.get_filename().parent() {
        Some(dir) if dir != Path::new("") => dir.to_owned(),
        _ => Path::new(".").to_owned(),
    };
    let lock = tokio::task::spawn_blocking(move || {
        let dir = std::fs::File::open(dir)?;
        dir.lock()?;
        Ok(dir)
    });
    lock.await
        .map_err(std::io::Error::other)
        .flatten()
        .map_err(sqlx::Error::Io)
}

/// Whether a constraint that forbids duplicates refused the row.
pub fn is_duplicate(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|e| e.is_unique_violation())
}

/// Runs a query on the readers of a [`Db`]: `on_db!(db, |c| sqlx::query_as(SQL).fetch_all(c).await)`.
macro_rules! on_db {
    ($db:expr, |$c:ident| $query:expr) => {
        match $db.readers() {
            $crate::db::Engine::Sqlite($c) => $query,
            $crate::db::Engine::Postgres($c) => $query,
        }
    };
}
pub(crate) use on_db;

/// Runs a query inside a [`Tx`]: `on_tx!(tx, |c| sqlx::query(SQL).bind(x).execute(c).await)`.
macro_rules! on_tx {
    ($tx:expr, |$c:ident| $query:expr) => {
        match $tx {
            $crate::db::Engine::Sqlite(tx) => {
                let $c = &mut **tx;
                $query
            }
            $crate::db::Engine::Postgres(tx) => {
                let $c = &mut **tx;
                $query
            }
        }
    };
}
pub(crate) use on_tx;
