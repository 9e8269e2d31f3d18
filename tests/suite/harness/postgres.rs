//! Databases on the PostgreSQL server that `HEARTH_TEST_POSTGRES` names: each is copied from a
//! template that is migrated once.

use hearth::db::Db;
use reqwest::Url;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;

const VARIABLE: &str = "HEARTH_TEST_POSTGRES";

static TEMPLATE: OnceCell<String> = OnceCell::const_new();

fn server() -> Url {
    let url = std::env::var(VARIABLE).unwrap_or_else(|_| {
        panic!(
            "{VARIABLE} is not set: run tests/run, which starts a PostgreSQL for the tests, \
             or set it to postgres://… of a server where databases may be made"
        )
    });
    url.parse()
        .unwrap_or_else(|_| panic!("{VARIABLE}: expected postgres://…"))
}

fn url(name: &str) -> String {
    let mut url = server();
    url.set_path(name);
    url.into()
}

async fn admin(statements: &[String]) {
    let mut connection = PgConnection::connect(server().as_str())
        .await
        .unwrap_or_else(|error| panic!("the server that {VARIABLE} names: {error}"));
    for sql in statements {
        let sql = AssertSqlSafe(sql.clone());
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
}

/// A new database with the schema and nothing in it.
pub async fn create() -> String {
    let template = TEMPLATE.get_or_init(make_template).await;
    let random: [u8; 8] = hearth::keys::random_bytes();
    let name = format!("hearth_test_{}", data_encoding::HEXLOWER.encode(&random));
    admin(&[format!("CREATE DATABASE {name} TEMPLATE {template}")]).await;
    url(&name)
}

/// A new database with nothing in it at all.
pub async fn create_empty() -> String {
    let random: [u8; 8] = hearth::keys::random_bytes();
    let name = format!("hearth_test_{}", data_encoding::HEXLOWER.encode(&random));
    admin(&[format!("CREATE DATABASE {name}")]).await;
    url(&name)
}

pub async fn drop(url: &str) {
    let name = url.rsplit('/').next().unwrap();
    admin(&[format!("DROP DATABASE {name} WITH (FORCE)")]).await;
}

/// Named after what the migrations say, so that it can be kept for the next run.
async fn make_template() -> String {
    let name = format!("hearth_template_{}", migrations_hash());
    let mut lock = PgConnection::connect(server().as_str()).await.unwrap();
    // Another run of the tests may be at the same.
    let locked = sqlx::query("SELECT pg_advisory_lock(7261)").execute(&mut lock);
    locked.await.unwrap();
    let found = "SELECT count(*) FROM pg_database WHERE datname = $1";
    let found: i64 = sqlx::query_scalar(found)
        .bind(&name)
        .fetch_one(&mut lock)
        .await
        .unwrap();
    if found == 0 {
        let half = format!("{name}_half");
        let drop = format!("DROP DATABASE IF EXISTS {half} WITH (FORCE)");
        admin(&[drop, format!("CREATE DATABASE {half}")]).await;
        let db = Db::open(&url(&half)).await.unwrap();
        db.migrate().await.unwrap();
        db.close().await;
        admin(&[format!("ALTER DATABASE {half} RENAME TO {name}")]).await;
    }
    lock.close().await.unwrap();
    name
}

fn migrations_hash() -> String {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres");
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(std::fs::read(file).unwrap());
    }
    data_encoding::HEXLOWER.encode(&hash.finalize()[..6])
}
