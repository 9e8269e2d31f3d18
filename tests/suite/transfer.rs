//! `hearth move`: a pilot in a SQLite file goes on in PostgreSQL, with nothing lost.

use std::process::Stdio;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    Answer, App, CRISIS, Database, Engine, GREEN, Home, Person, Posted, RED, said,
};

/// A post that is odd, and no less somebody's.
const ODD: &str = "today 🐶👩‍👩‍👧 \"quoted\" 'n \\ back — naïve ﷽";

/// A pilot in a SQLite file, and an empty PostgreSQL database to move it to; `None` on the
/// embedded engine, where there is nothing to move to.
async fn pilot(app: &App) -> Option<(Home, Home)> {
    if app.database.engine == Engine::Embedded {
        return None;
    }
    let pilot = Home::new(Engine::Embedded).await;
    let production = pilot.on_postgres().await;
    Some((pilot, production))
}

async fn moves(pilot: &Home, production: &Home) -> (bool, String) {
    let from = pilot.dir.join("hearth.db");
    let to = ["move", from.to_str().unwrap(), &production.url];
    let output = pilot.runs(&to).await;
    (output.status.success(), said(&output))
}

/// Posts with a key that makes it safe to post again.
async fn posts_once(mia: &Person<'_>) -> Answer {
    let request = mia.request(Method::POST, "/v1/posts");
    let request = request.header("Idempotency-Key", "once");
    mia.app.send(request.json(&json!({ "text": GREEN }))).await
}

/// What the two dumps hold, written in one way: JSON and truth values are of different types.
async fn contents(database: &Database) -> Vec<String> {
    let mut all = Vec::new();
    for (table, rows) in database.dump().await.0 {
        for row in rows {
            let row: Vec<String> = (row.iter())
                .map(
                    |(column, value)| match serde_json::from_str::<Value>(value) {
                        Ok(json @ (Value::Object(_) | Value::Array(_))) => {
                            format!("{column}={json}")
                        }
                        Ok(Value::Bool(truth)) => format!("{column}={}", u8::from(truth)),
                        _ => format!("{column}={value}"),
                    },
                )
                .collect();
            all.push(format!("{table}: {row:?}"));
        }
    }
    all.sort();
    all
}

pub async fn a_pilot_goes_on_with_everything_it_had(app: &App) {
    let Some((pilot, production)) = pilot(app).await else {
        return;
    };
    let added = pilot
        .runs(&["staff", "add", "Sam", "--role", "lead", "--json"])
        .await;
    assert!(added.status.success(), "{}", said(&added));
    let first = pilot.starts().await;
    let (mia, tom) = (first.person("13-15").await, first.person("16-17").await);
    let (secret, held) = (mia.posts(ODD).await, mia.posts(CRISIS).await);
    tom.gives("hug", &secret).await;
    let receipt = tom.reports(&secret, "worried_about_them").await;
    let receipt = format!("/v1/receipts/{}", receipt["receipt"].as_str().unwrap());
    let progress = first.get(&receipt).await.ok(200);
    let told = json!({ "gender": "they", "muted_topics": ["bullying"] });
    mia.patch("/v1/me", told).await.ok(200);
    let once = Posted::read(posts_once(&mia).await).id;
    let (own, export) = (
        mia.get("/v1/me/posts").await.ok(200),
        mia.get("/v1/me/export").await.ok(200),
    );
    first.stops_on_request();
    assert!(first.ends().await.success());
    first.database.db().close().await;
    let database = pilot.database().await;
    let before = contents(&database).await;
    database.drop().await;

    let (done, said) = moves(&pilot, &production).await;
    assert!(done, "{said}");
    for what in ["posts", "reactions", "audit", "SHA-256", "same key file"] {
        assert!(said.contains(what), "{said}");
    }
    let database = production.database().await;
    assert_eq!(contents(&database).await, before);
    assert!(before.len() > 15, "{before:#?}");

    let second = production.starts().await;
    let (mia, tom) = (mia.at(&second), tom.at(&second));
    assert_eq!(mia.get("/v1/me/posts").await.ok(200), own);
    assert_eq!(mia.get("/v1/me/export").await.ok(200), export);
    assert_eq!(mia.get(&held.path()).await.ok(200)["state"], "held");
    let seen = tom.get(&secret.path()).await.ok(200);
    assert_eq!(
        (&seen["text"], &seen["my_reactions"]),
        (&json!(ODD), &json!(["hug"]))
    );
    assert_eq!(second.get(&receipt).await.ok(200), progress);
    assert_eq!(Posted::read(posts_once(&mia).await).id, once);
    mia.refreshes().await;
    // Numbers go on where they were.
    let head = database.number("SELECT seq FROM event_head").await;
    mia.posts(RED).await;
    tom.posts(GREEN).await;
    assert!(database.number("SELECT seq FROM event_head").await > head);
    let verified = production.runs(&["audit", "verify"]).await;
    assert!(
        verified.status.success(),
        "{}",
        crate::harness::said(&verified)
    );
    drop(second);
    production.drop().await;
}

pub async fn odd_contents_arrive_as_they_are(app: &App) {
    let Some((pilot, production)) = pilot(app).await else {
        return;
    };
    assert!(pilot.runs(&["migrate"]).await.status.success());
    let database = pilot.database().await;
    for sql in [
        "INSERT INTO services VALUES
            ('', '', '{\"b\": [1.0, -0.5, 12345678901234567], \"a\": {\"\": null}}', x'', NULL, NULL),
            ('é', '🐶', '[]', x'00ff', -9223372036854775808, ''),
            ('Z', 'z', '\"text\"', x'00', 9223372036854775807, 'Sam')",
        "INSERT INTO accounts VALUES
            (x'00000000000000000000000000000000', -1, '', NULL, '', '[]', NULL, x'01'),
            (x'ffffffffffffffffffffffffffffffff', 0, '11-12', '', NULL, 'null', 'null', x'02')",
        "INSERT INTO token_families VALUES
            (x'00000000000000000000000000000001', x'ffffffffffffffffffffffffffffffff', 5)",
        "INSERT INTO refresh_tokens VALUES
            (x'', x'00000000000000000000000000000001', 0),
            (x'80', x'00000000000000000000000000000001', 1)",
    ] {
        database.write(sql).await.unwrap();
    }
    let before = contents(&database).await;
    database.drop().await;
    let (done, said) = moves(&pilot, &production).await;
    assert!(done, "{said}");
    let database = production.database().await;
    assert_eq!(contents(&database).await, before);
    assert_eq!(database.count("services").await, 3);
    production.drop().await;
}

pub async fn nothing_is_moved_over_something_else(app: &App) {
    let Some((pilot, production)) = pilot(app).await else {
        return;
    };
    let serving = pilot.starts().await;
    let mia = serving.person("13-15").await;
    mia.posts(GREEN).await;
    // While somebody serves it, what they write after the copy would be lost.
    let (done, said) = moves(&pilot, &production).await;
    assert!(!done && said.contains("stop the Hearth"), "{said}");
    mia.posts(GREEN).await;
    serving.stops_on_request();
    serving.ends().await;
    drop(serving);

    for (from, to, expected) in [
        ("nowhere.db", production.url.as_str(), "nowhere.db"),
        ("hearth.key", &production.url, "hearth.key"),
        ("hearth.db", "sqlite:other.db", "postgres://"),
    ] {
        let from = pilot.dir.join(from);
        let output = pilot.runs(&["move", from.to_str().unwrap(), to]).await;
        let said = crate::harness::said(&output);
        assert!(
            !output.status.success() && said.contains(expected),
            "{said}"
        );
        assert!(!pilot.dir.join("nowhere.db").exists());
    }
    // One that was only migrated, with this key, is as good as empty.
    assert!(production.runs(&["migrate"]).await.status.success());
    let (done, said) = moves(&pilot, &production).await;
    assert!(done, "{said}");
    let (done, said) = moves(&pilot, &production).await;
    assert!(
        !done && said.contains("not empty") && said.contains("posts"),
        "{said}"
    );
    assert_eq!(production.database().await.count("posts").await, 2);

    let other = Home::new(Engine::Production).await;
    assert!(other.runs(&["migrate"]).await.status.success());
    let (done, said) = moves(&pilot, &other).await;
    assert!(!done && said.contains("key_check"), "{said}");
    other.drop().await;
    production.drop().await;
}

pub async fn a_move_that_is_killed_leaves_nothing(app: &App) {
    let Some((pilot, production)) = pilot(app).await else {
        return;
    };
    let first = pilot.starts().await;
    first.person("13-15").await.posts(GREEN).await;
    first.stops_on_request();
    first.ends().await;
    drop(first);
    let database = pilot.database().await;
    database
        .write(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150000)
             INSERT INTO reactions
             SELECT (SELECT id FROM posts), 'hug', CAST(printf('%016d', i) AS BLOB) FROM n",
        )
        .await
        .unwrap();
    database.drop().await;
    assert!(production.runs(&["migrate"]).await.status.success());
    let there = production.database().await;
    let copying = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'INSERT INTO reactions%'";

    let from = pilot.dir.join("hearth.db");
    let mut command = pilot.command(&["move", from.to_str().unwrap(), &production.url]);
    let mut halfway = command.stderr(Stdio::null()).spawn().unwrap();
    while there.number(copying).await == 0 {
        assert!(halfway.try_wait().unwrap().is_none(), "it ended too soon");
    }
    halfway.kill().unwrap();
    halfway.wait().unwrap();
    while there.number(copying).await > 0 {}
    for table in ["posts", "accounts", "reactions", "services"] {
        assert_eq!(there.count(table).await, 0, "{table}");
    }
    let (done, said) = moves(&pilot, &production).await;
    assert!(done, "{said}");
    assert_eq!(there.count("reactions").await, 150_000);
    production.drop().await;
}
