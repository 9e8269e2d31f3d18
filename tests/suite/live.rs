//! The live socket: what happens, as it happens.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{App, CRISIS, Ear, GREEN, Person};

async fn ticket(person: &Person<'_>) -> String {
    let made = person.post("/v1/live/tickets", Value::Null).await.ok(201);
    assert_eq!(made["expires_in"], 30);
    format!("/v1/live?ticket={}", made["ticket"].as_str().unwrap())
}

pub async fn a_ticket_opens_one_socket(app: &App) {
    let mia = app.person("13-15").await;
    let path = ticket(&mia).await;
    let mut ear = Ear::open(app, None, &path).await.unwrap();
    assert_eq!(
        Ear::open(app, None, &path).await.err(),
        Some(401),
        "it works once"
    );
    ear.says(json!({ "type": "subscribe" })).await;
    ear.hears("ready").await;
}

pub async fn a_ticket_at_once_opens_one_socket(app: &App) {
    let path = ticket(&app.person("13-15").await).await;
    let all = join_all((0..6).map(|_| Ear::open(app, None, &path))).await;
    assert_eq!(all.iter().filter(|ear| ear.is_ok()).count(), 1);
}

pub async fn a_ticket_is_good_for_half_a_minute(app: &App) {
    let mia = app.person("13-15").await;
    let (in_time, late) = (ticket(&mia).await, ticket(&mia).await);
    app.clock.advance(Duration::from_secs(29));
    assert!(Ear::open(app, None, &in_time).await.is_ok());
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(Ear::open(app, None, &late).await.err(), Some(401));
}

pub async fn nobody_listens_without_a_token(app: &App) {
    let (mia, sam) = (app.person("13-15").await, app.staff("Sam", "lead").await);
    for (token, path, status) in [
        (None, "/v1/live", 401),
        (None, "/v1/live?ticket=", 401),
        (None, "/v1/live?ticket=x", 401),
        (Some("x".to_owned()), "/v1/live", 401),
        (Some(sam.token()), "/v1/live", 401),
        (Some(mia.token()), "/v1/live?token=x", 400),
    ] {
        assert_eq!(
            Ear::open(app, token.as_deref(), path).await.err(),
            Some(status),
            "{path}"
        );
    }
    assert!(Ear::open(app, Some(&mia.token()), "/v1/live").await.is_ok());
    app.post("/v1/live/tickets", Value::Null).await.refused(401);
    // A ticket is not spent on what is no upgrade.
    let path = ticket(&mia).await;
    app.get(&path).await.refused(400);
    assert!(Ear::open(app, None, &path).await.is_ok());
}

pub async fn a_live_post_is_told_to_everybody(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let (mut hers, mut zoes) = (mia.listens().await, zoe.listens().await);
    let secret = mia.posts(GREEN).await;
    let (told, own) = (zoes.hears("post").await, hers.hears("post").await);
    assert_eq!(told["post"], zoe.get(&secret.path()).await.ok(200));
    assert_eq!(own["post"], mia.get(&secret.path()).await.ok(200));
    assert_eq!(
        (&told["seq"], &told["post"]["mine"]),
        (&own["seq"], &json!(false))
    );

    mia.delete(&secret.path()).await.ok(204);
    assert_eq!(zoes.hears("gone").await["post_id"], *secret.id);
}

pub async fn ready_says_from_where_on(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    mia.posts(GREEN).await;
    mia.posts(GREEN).await;
    app.restarts().await;
    let mut ear = Ear::open(app, Some(&zoe.token()), "/v1/live")
        .await
        .unwrap();
    ear.says(json!({ "type": "subscribe" })).await;
    assert_eq!(
        ear.hears("ready").await,
        json!({ "type": "ready", "seq": 2 })
    );
    mia.posts(GREEN).await;
    assert_eq!(ear.hears("post").await["seq"], 3);
}

pub async fn a_subscription_can_be_to_topics(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let mut ear = zoe
        .listens_to(json!({ "type": "subscribe", "topics": ["exams"] }))
        .await;
    let other = mia.posts_about(GREEN, &["family"]).await;
    let exams = mia.posts_about(GREEN, &["exams", "family"]).await;
    assert_eq!(ear.hears("post").await["post"]["id"], *exams.id);
    ear.says(json!({ "type": "subscribe", "topics": ["family"], "since": 0 }))
        .await;
    ear.hears("ready").await;
    assert_eq!(ear.hears("post").await["post"]["id"], *other.id);
    assert_eq!(ear.hears("post").await["post"]["id"], *exams.id);
}

pub async fn what_is_muted_is_not_told(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    zoe.patch("/v1/me", json!({ "muted_topics": ["exams"] }))
        .await
        .ok(200);
    let mut ear = zoe.listens().await;
    let exams = mia.posts_about(GREEN, &["exams"]).await;
    let ali = app.person("13-15").await;
    ali.gives("hug", &exams).await;
    let other = mia.posts(GREEN).await;
    assert_eq!(ear.hears("post").await["post"]["id"], *other.id);
}

pub async fn of_many_counts_the_newest_is_told(app: &App) {
    let mia = app.person("13-15").await;
    let secret = mia.posts(GREEN).await;
    let people = join_all((0..8).map(|_| app.person("13-15"))).await;
    let mut ear = mia.listens().await;
    join_all(people.iter().map(|person| person.gives("heart", &secret))).await;
    let (mut last, mut seq) = (0, 0);
    for _ in 0..people.len() {
        let told = ear.hears("reactions").await;
        assert_eq!(told["post_id"], *secret.id);
        let (now, at) = (
            told["reactions"]["heart"].as_i64().unwrap(),
            told["seq"].as_i64().unwrap(),
        );
        assert!(now >= last && at > seq, "counts do not go back: {told}");
        (last, seq) = (now, at);
        if last == 8 {
            return;
        }
    }
    panic!("the last count is not told");
}

pub async fn counts_that_were_missed_are_told_as_one(app: &App) {
    let mia = app.person("13-15").await;
    let secret = mia.posts(GREEN).await;
    for _ in 0..5 {
        app.person("13-15").await.gives("hug", &secret).await;
    }
    // So that all of it lies in the log, and none is about to be told.
    app.restarts().await;
    let mut ear = Ear::open(app, Some(&mia.token()), "/v1/live")
        .await
        .unwrap();
    ear.says(json!({ "type": "subscribe", "since": 1 })).await;
    ear.hears("ready").await;
    let told = ear.hears("reactions").await;
    assert_eq!(
        (&told["seq"], &told["reactions"]["hug"]),
        (&json!(6), &json!(5))
    );
    let next = mia.posts(GREEN).await;
    assert_eq!(ear.hears("post").await["post"]["id"], *next.id);
}

pub async fn a_notice_is_for_the_author_alone(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(CRISIS).await;
    let (mut hers, mut other) = (mia.listens().await, mia.listens().await);
    let mut zoes = zoe.listens().await;
    sam.declines(&secret, "method_detail").await;
    for ear in [&mut hers, &mut other] {
        let notice = ear.hears("notice").await;
        assert_eq!(notice["notice"]["post"]["reason"]["code"], "method_detail");
    }
    let next = zoe.posts(GREEN).await;
    assert_eq!(
        zoes.hears("post").await["post"]["id"],
        *next.id,
        "nothing came before it"
    );
}

pub async fn a_slow_reader_costs_nobody_else(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let mut slow = Vec::new();
    for _ in 0..3 {
        slow.push(mia.listens().await);
    }
    let mut ear = zoe.listens().await;
    let words = "🐶".repeat(1_000);
    for _ in 0..60 {
        let secret = mia.posts(&words).await;
        assert_eq!(ear.hears("post").await["post"]["id"], *secret.id);
    }
    // They have not read a thing, and it is all there for them.
    for ear in &mut slow {
        for _ in 0..60 {
            ear.hears("post").await;
        }
        ear.sends(Message::Close(None)).await;
    }
}
