//! The two schemas are one.

use hearth::db::Db;

use crate::harness::{App, Database, Engine, Home};

pub async fn it_is_ready(app: &App) {
    let ready = app.get("/readyz").await.ok(200);
    assert_eq!(
        (&ready["status"], &ready["migrated"]),
        (&"ready".into(), &true.into())
    );
    let engine = match app.database.engine {
        Engine::Embedded => "SQLite",
        Engine::Production => "PostgreSQL",
    };
    assert_eq!(ready["database"], engine);
}

pub async fn migrating_again_changes_nothing(app: &App) {
    let (schema, dump) = (app.database.schema().await, app.database.dump().await);
    app.database.db().migrate().await.unwrap();
    assert_eq!(app.database.schema().await, schema);
    assert_eq!(app.database.dump().await, dump);
}

/// Both at once, so it is production's alone.
pub async fn both_have_the_same_tables_columns_and_nullability(app: &App) {
    if app.database.engine == Engine::Embedded {
        let tables = app.database.schema().await;
        assert!(tables.len() > 10, "{tables:?}");
        return;
    }
    let dir = tempfile::TempDir::new().unwrap();
    let sqlite = Database::create(Engine::Embedded, dir.path()).await;
    sqlite.db().migrate().await.unwrap();
    assert_eq!(app.database.schema().await, sqlite.schema().await);
    sqlite.drop().await;
}

pub async fn migrations_at_once_all_succeed(app: &App) {
    let home = Home::new(app.database.engine).await;
    let migrate = async || {
        let db = Db::open(&home.url).await.unwrap();
        db.migrate().await.unwrap();
        db.close().await;
    };
    tokio::join!(migrate(), migrate(), migrate(), migrate());
    assert_eq!(
        home.database().await.schema().await,
        app.database.schema().await
    );
    home.drop().await;
}
