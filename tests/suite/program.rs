//! The program as its operator meets it.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::harness::{App, CRISIS, Ear, Engine, GREEN, Home, PATIENCE, Person, Program, said};

pub async fn it_says_what_it_serves_and_keeps_its_data(app: &App) {
    let home = Home::new(app.database.engine).await;
    let first = home.starts().await;
    let said = first.said();
    for what in ["serves on http://127.0.0.1:", "rules", "database", "/docs"] {
        assert!(said.contains(what), "{said}");
    }
    first.get("/healthz").await.ok(200);
    first.get("/readyz").await.ok(200);
    let mia = first.person("13-15").await;
    let (secret, token) = (mia.posts(CRISIS).await, mia.token());
    first.stops_on_request();
    assert!(first.ends().await.success());

    let second = home.starts().await;
    let request = second
        .request(reqwest::Method::GET, &secret.path())
        .bearer_auth(&token);
    assert_eq!(second.send(request).await.ok(200)["text"], CRISIS);
    drop(second);
    home.drop().await;
}

pub async fn asked_to_stop_it_finishes_what_it_began(app: &App) {
    let home = Home::new(app.database.engine).await;
    let program = home.starts().await;
    let mia = program.person("13-15").await;
    let mut ear = mia.listens().await;
    let body = json!({ "text": GREEN }).to_string();
    let (begun, rest) = body.split_at(5);
    let mut half = TcpStream::connect(program.address()).await.unwrap();
    let head = format!(
        "POST /v1/posts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{begun}",
        mia.token(),
        body.len()
    );
    half.write_all(head.as_bytes()).await.unwrap();
    // It has read so far where it answers the next one.
    mia.get("/v1/me").await.ok(200);

    program.stops_on_request();
    assert_eq!(ear.closes().await, 1001);
    half.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, half.read_to_string(&mut answer))
        .await
        .unwrap()
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(program.ends().await.code(), Some(0), "{}", program.said());
    assert_eq!(home.database().await.count("posts").await, 1);
    home.drop().await;
}

pub async fn two_that_start_at_once_on_nothing_both_serve(app: &App) {
    let home = Home::new(app.database.engine).await;
    let all: Vec<Program> = join_all((0..3).map(|_| home.starts())).await;
    let mia = all[0].person("13-15").await;
    let secret = mia.posts(GREEN).await;
    for program in &all {
        let request = program.request(reqwest::Method::GET, &secret.path());
        program.send(request.bearer_auth(mia.token())).await.ok(200);
    }
    // What happens at one is told at another.
    let mut ear = Ear::open(&all[1], Some(&mia.token()), "/v1/live")
        .await
        .unwrap();
    ear.says(json!({ "type": "subscribe", "since": 0 })).await;
    ear.hears("ready").await;
    assert_eq!(ear.hears("post").await["post"]["id"], *secret.id);
    let next = mia.posts(GREEN).await;
    assert_eq!(ear.hears("post").await["post"]["id"], *next.id);
    drop(all);
    home.drop().await;
}

pub async fn without_redis_events_still_come(app: &App) {
    if app.database.engine == Engine::Embedded {
        let home = Home::new(app.database.engine).await;
        let output = home.runs(&["--redis-url=redis://127.0.0.1:1"]).await;
        assert!(!output.status.success() && said(&output).contains("postgres://"));
        return;
    }
    let home = Home::new(app.database.engine).await;
    let arguments = ["--listen=127.0.0.1:0", "--redis-url=redis://127.0.0.1:1"];
    let (one, other) = (
        home.starts_with(&arguments).await,
        home.starts_with(&arguments).await,
    );
    assert!(
        one.get("/readyz").await.ok(200)["bus"]
            .as_str()
            .unwrap()
            .contains("not answer")
    );
    let mia = one.person("13-15").await;
    let mut ear = Ear::open(&other, Some(&mia.token()), "/v1/live")
        .await
        .unwrap();
    ear.says(json!({ "type": "subscribe", "since": 0 })).await;
    ear.hears("ready").await;
    let secret = mia.posts(GREEN).await;
    let heard = timeout(Duration::from_secs(3), ear.hears("post"))
        .await
        .unwrap();
    assert_eq!(heard["post"]["id"], *secret.id);
    drop((one, other));
    home.drop().await;
}

pub async fn staff_are_added_and_the_record_verified(app: &App) {
    let home = Home::new(app.database.engine).await;
    let add = ["staff", "add", "Sam", "--role", "moderator", "--json"];
    let added: Value = serde_json::from_slice(&home.runs(&add).await.stdout).unwrap();
    for field in ["name", "password", "totp_secret"] {
        assert!(added[field].is_string(), "{added}");
    }
    let again = home.runs(&add).await;
    assert!(!again.status.success() && said(&again).contains("already"));
    let verified = home.runs(&["audit", "verify"]).await;
    assert!(verified.status.success(), "{}", said(&verified));
    let database = home.database().await;
    let head = "UPDATE audit_head SET seq = 5";
    database.write(head).await.unwrap();
    let broken = home.runs(&["audit", "verify"]).await;
    assert!(!broken.status.success() && said(&broken).contains("broken"));
    home.drop().await;
}

pub async fn the_record_is_exported_and_verified_elsewhere(app: &App) {
    let home = Home::new(app.database.engine).await;
    home.adds_staff("Sam", "moderator").await;
    let export = [
        "audit",
        "export",
        "--from",
        "2020-01-01",
        "--to",
        "2020-12-31",
    ];
    let nothing = home.runs(&export).await;
    assert!(nothing.status.success(), "{}", said(&nothing));
    // The clock of a program cannot be turned: a year around its own day.
    let now = hearth::clock::Clock::System.now();
    let day = |days: i64| hearth::period::date(hearth::clock::Time::from_day(now.day() + days));
    let (from, to) = (day(-1), day(1));
    let exported = home
        .runs(&["audit", "export", "--from", &from, "--to", &to])
        .await;
    let text = String::from_utf8(exported.stdout.clone()).unwrap();
    assert_eq!(
        text.lines().count(),
        4,
        "the seal, staff.add and two exports: {text}"
    );
    let wrong = home
        .runs(&["audit", "export", "--from", "x", "--to", &to])
        .await;
    assert!(!wrong.status.success() && said(&wrong).contains("--from: Expected a day"));

    let dir = tempfile::TempDir::new().unwrap();
    let file = dir.path().join("export.jsonl");
    let path = file.to_str().unwrap();
    std::fs::write(&file, &text).unwrap();
    let verified = home.runs(&["audit", "verify", "--file", path]).await;
    assert!(verified.status.success() && said(&verified).contains("All 3 lines"));
    let seal: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let key = seal["public_key"].as_str().unwrap();
    let verify = ["audit", "verify", "--file", path, "--key"];
    assert!(
        home.runs(&[&verify[..], &[key]].concat())
            .await
            .status
            .success()
    );
    let other = "0".repeat(64);
    let other = home.runs(&[&verify[..], &[&other]].concat()).await;
    assert!(!other.status.success() && said(&other).contains("not the key"));
    std::fs::write(&file, text.replacen("Sam", "Pam", 1)).unwrap();
    let broken = home.runs(&["audit", "verify", "--file", path]).await;
    assert!(!broken.status.success() && said(&broken).contains("was changed"));
    home.drop().await;
}

pub async fn no_log_holds_words_addresses_or_programs(app: &App) {
    let home = Home::new(app.database.engine).await;
    let arguments = ["--listen=127.0.0.1:0", "--log=trace"];
    let program = home.starts_with(&arguments).await;
    let mia = program.person("13-15").await;
    let mut ear = mia.listens().await;
    let secrets = everything(&mia).await;
    ear.hears("post").await;
    program.stops_on_request();
    program.ends().await;
    let said = program.said();
    assert!(said.contains("answered"), "it does log: {said}");
    let tokens = [mia.token(), mia.refresh_token(), mia.recovery_code.clone()];
    for needle in secrets.iter().chain(&tokens) {
        assert!(!said.contains(needle.as_str()), "{needle} is in a log");
    }
    // Its own address it may name; that of a client, which has some port of its own, never.
    let own = program.address().to_string();
    for line in said.lines().filter(|line| line.contains("127.0.0.1")) {
        assert!(line.contains(&own), "{line}");
    }
    home.drop().await;
}

/// Sends marked words everywhere they can be sent; answers the marks.
async fn everything(mia: &Person<'_>) -> Vec<String> {
    let post = |text: String| {
        let request = mia.request(reqwest::Method::POST, "/v1/posts");
        let request = request.header("user-agent", "Markedagent/1.0");
        let request = request.header("x-forwarded-for", "203.0.113.77");
        request
            .header("idempotency-key", "markedkey")
            .json(&json!({ "text": text }))
    };
    mia.app
        .send(post("a markedpuppy is here".into()))
        .await
        .ok(201);
    mia.app
        .send(post("another markedkitten".into()))
        .await
        .refused(422);
    mia.post("/v1/posts", json!({ "text": "markedhidden\0" }))
        .await
        .refused(400);
    mia.post("/v1/posts", json!({ "markedfield": 1 }))
        .await
        .refused(400);
    mia.patch("/v1/me", json!({ "gender": "markedgender" }))
        .await
        .ok(200);
    mia.get("/v1/receipts/markedreceipt").await.refused(404);
    mia.get("/v1/posts?after=markedcursor").await.refused(400);
    [
        "Markedagent",
        "203.0.113",
        "markedkey",
        "markedpuppy",
        "markedkitten",
        "markedhidden",
        "markedfield",
        "markedgender",
        "markedreceipt",
        "markedcursor",
    ]
    .map(String::from)
    .to_vec()
}
