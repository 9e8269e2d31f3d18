//! What the app answers where it cannot do what it is asked for just now.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::json;
use tokio::time::timeout;

use crate::harness::{Answer, App, Engine, GREEN, Home};

async fn joins(app: &App) -> Answer {
    app.post("/v1/accounts", json!({ "age_band": "13-15" }))
        .await
}

/// "Come back later", and when.
fn is_polite(answer: Answer) {
    assert_eq!(answer.headers["retry-after"], "2");
    answer.refused(503);
}

pub async fn a_database_that_hangs_is_an_answer_in_good_time(app: &App) {
    let mut hangs = app.database.db().begin().await.unwrap();
    if let hearth::db::Engine::Postgres(transaction) = &mut hangs {
        for statement in [
            // Otherwise PostgreSQL would end it soon.
            "SET LOCAL idle_in_transaction_session_timeout = 0",
            "LOCK TABLE accounts, _sqlx_migrations IN ACCESS EXCLUSIVE MODE",
        ] {
            let done = sqlx::query(statement).execute(&mut **transaction).await;
            done.unwrap();
        }
    }
    let mut answers: FuturesUnordered<_> = (0..40).map(|_| joins(app)).collect();
    let half = async {
        for _ in 0..20 {
            is_polite(answers.next().await.unwrap());
        }
    };
    let operators = async {
        for _ in 0..3 {
            app.get("/healthz").await.ok(200);
            app.get("/metrics").await.ok(200);
            // SQLite reads while another writes.
            let ready = app.get("/readyz").await.status;
            let expected = match app.database.engine {
                Engine::Embedded => 200,
                Engine::Production => 503,
            };
            assert_eq!(ready, expected);
        }
    };
    let in_time = timeout(Duration::from_secs(25), async {
        tokio::join!(half, operators)
    });
    in_time.await.expect("nobody waits for ever");
    drop(hangs);
    // Who had hold of the database goes on.
    while let Some(answer) = answers.next().await {
        if answer.status != 201 {
            is_polite(answer);
        }
    }
    joins(app).await.ok(201);
    app.get("/readyz").await.ok(200);
}

pub async fn a_database_that_takes_no_writes_is_an_answer(app: &App) {
    if app.database.engine == Engine::Embedded {
        return; // SQLite's codes have a test of their own, in error.rs.
    }
    let home = Home::new(app.database.engine).await;
    assert!(home.runs(&["migrate"]).await.status.success());
    let program = home.starts().await;
    let mia = program.person("13-15").await;
    let secret = mia.posts(GREEN).await;
    let database = home.database().await;
    let read_only = |on: &str| {
        format!(
            "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database()
                 || ' SET default_transaction_read_only = {on}';
             PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid(); END $$"
        )
    };
    database.write(&read_only("on")).await.unwrap();
    // The connections that were open are gone: one attempt each may hear of it.
    for _ in 0..20 {
        is_polite(joins(&program).await);
    }
    assert!(program.said().contains("takes no writes"));
    // Who reads may be unlucky once with each of the connections that are gone.
    let mut answer = mia.get(&secret.path()).await;
    for _ in 0..8 {
        if answer.status != 200 {
            is_polite(answer);
            answer = mia.get(&secret.path()).await;
        }
    }
    assert_eq!(answer.ok(200)["text"], GREEN);
    drop(program);
    home.drop().await;
}
