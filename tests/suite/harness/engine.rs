//! A database of a test's own, on either engine.

use std::path::Path;

use hearth::db::{self, Db, Tx};
use sqlx::AssertSqlSafe;

use super::postgres;

/// What the app runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite in the data directory.
    Embedded,
    /// PostgreSQL and Redis.
    Production,
}

/// The database of one test, and a way into it past the app.
#[derive(Clone)]
pub struct Database {
    pub engine: Engine,
    url: String,
    db: Db,
}

/// The Redis of the tests.
pub fn redis() -> String {
    std::env::var("HEARTH_TEST_REDIS")
        .expect("HEARTH_TEST_REDIS is not set: run tests/run, which starts a Redis")
}

/// Runs on whichever pool it is: `either!(db, |pool| query.execute(pool).await)`.
macro_rules! either {
    ($db:expr, |$pool:ident| $query:expr) => {
        match $db.readers() {
            hearth::db::Engine::Sqlite($pool) => $query,
            hearth::db::Engine::Postgres($pool) => $query,
        }
    };
}
pub(super) use either;

/// The file that the app makes in its data directory.
pub fn file_in(dir: &Path) -> String {
    format!("sqlite:{}", dir.join("hearth.db").display())
}

impl Database {
    /// An empty PostgreSQL database with the schema, or the file that the app will make.
    pub async fn create(engine: Engine, dir: &Path) -> Database {
        let url = match engine {
            Engine::Embedded => file_in(dir),
            Engine::Production => postgres::create().await,
        };
        Database::open(engine, url).await
    }

    /// One that is there already.
    pub async fn open(engine: Engine, url: String) -> Database {
        let db = Db::open(&url).await.unwrap();
        Database { engine, url, db }
    }

    /// What `--database-url` is to be; the default is the file.
    pub fn url(&self) -> Option<&str> {
        (self.engine == Engine::Production).then_some(&*self.url)
    }

    /// What `--redis-url` is to be; none on the embedded engine.
    pub fn redis_url(&self) -> Option<String> {
        (self.engine == Engine::Production).then(redis)
    }

    pub async fn drop(self) {
        self.db.close().await;
        if self.engine == Engine::Production {
            postgres::drop(&self.url).await;
        }
    }

    /// Lets nobody else's write end before this one does: on SQLite for five seconds at the most.
    pub async fn holds_up_writers(&self) -> Tx {
        let mut tx = self.db.begin().await.unwrap();
        let sql = "UPDATE event_head SET seq = seq";
        match &mut tx {
            db::Engine::Sqlite(tx) => sqlx::query(sql).execute(&mut **tx).await.map(|_| ()),
            db::Engine::Postgres(tx) => sqlx::query(sql).execute(&mut **tx).await.map(|_| ()),
        }
        .unwrap();
        tx
    }

    pub fn db(&self) -> &Db {
        &self.db
    }

    /// One number out of the database.
    pub async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        either!(self.db, |pool| sqlx::query_scalar(sql)
            .fetch_one(pool)
            .await)
        .unwrap()
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM {table}")).await
    }

    /// Writes past the app, as somebody with the database in their hands could.
    pub async fn write(&self, sql: &str) -> sqlx::Result<u64> {
        let sql = AssertSqlSafe(sql.to_owned());
        let mut tx = self.db.begin().await?;
        let rows = match &mut tx {
            db::Engine::Sqlite(c) => sqlx::query(sql).execute(&mut **c).await?.rows_affected(),
            db::Engine::Postgres(c) => sqlx::query(sql).execute(&mut **c).await?.rows_affected(),
        };
        tx.commit().await?;
        Ok(rows)
    }
}
