//! Asking to have a decision looked at again.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{App, GREEN, Member, Person, Posted, RED};

async fn declined(mia: &Person<'_>, sam: &Member<'_>) -> Posted {
    let secret = mia.posts(RED).await;
    sam.declines(&secret, "other").await;
    secret
}

async fn outcome(app: &App, receipt: &Value) -> Value {
    let path = format!("/v1/receipts/{}", receipt["receipt"].as_str().unwrap());
    app.get(&path).await.ok(200)
}

pub async fn an_appeal_can_bring_a_post_back(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "moderator").await;
    let secret = declined(&mia, &sam).await;
    let receipt = mia.appeals(&secret, "it happened to me").await;
    // The level goes before the queue: a red post does not wait for three days.
    assert_eq!(receipt["review_by"], "2026-01-20T17:00:00Z");
    assert_eq!(
        mia.get(&secret.path()).await.ok(200)["review_by"],
        receipt["review_by"]
    );
    assert_eq!(outcome(app, &receipt).await["state"], "waiting");
    assert_eq!(outcome(app, &receipt).await["kind"], "appeal");

    let case = sam.case_of(&secret).await;
    assert_eq!(
        (&case["queue"], &case["appeal"]),
        (&json!("appeals"), &json!("it happened to me"))
    );
    sam.approves(&secret).await;
    assert_eq!(outcome(app, &receipt).await["outcome"], "kept_up");
    assert_eq!(zoe.feed().await, [secret.id.clone()]);
    let own = mia.get(&secret.path()).await.ok(200);
    assert_eq!(own["state"], "live");
    assert!(own.get("reason").is_none() && own.get("review_by").is_none());
}

pub async fn an_appeal_can_fail_and_cannot_be_made_again(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let secret = declined(&mia, &sam).await;
    let receipt = mia.appeals(&secret, "please").await;
    sam.declines(&secret, "method_detail").await;
    assert_eq!(outcome(app, &receipt).await["outcome"], "taken_down");
    let own = mia.get(&secret.path()).await.ok(200);
    assert_eq!(own["reason"]["code"], "method_detail");
    let again = json!({ "text": "pretty please" });
    mia.post(&format!("{}/appeals", secret.path()), again)
        .await
        .refused(409);
}

pub async fn the_same_appeal_again_has_the_same_receipt(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let secret = declined(&mia, &sam).await;
    let first = mia.appeals(&secret, "please").await;
    assert_eq!(mia.appeals(&secret, "please").await, first);
    let other = json!({ "text": "something else" });
    mia.post(&format!("{}/appeals", secret.path()), other)
        .await
        .refused(409);
    assert_eq!(app.database.count("appeals").await, 1);
    assert_eq!(sam.case_of(&secret).await["appeal"], "please");
}

pub async fn appeals_at_once_are_one(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let secret = declined(&mia, &sam).await;
    let path = format!("{}/appeals", secret.path());
    let all = (0..6).map(|_| mia.post(&path, json!({ "text": "please" })));
    for answer in join_all(all).await {
        assert!(matches!(answer.status, 202 | 409), "{answer:#?}");
    }
    mia.appeals(&secret, "please").await;
    assert_eq!(app.database.count("appeals").await, 1);
    assert_eq!(app.database.count("cases").await, 2);
}

pub async fn only_what_was_declined_can_be_appealed_and_by_its_author(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let appeal = json!({ "text": "please" });
    for words in [GREEN, RED] {
        let path = format!("{}/appeals", mia.posts(words).await.path());
        mia.post(&path, appeal.clone()).await.refused(409);
        let status = if words == GREEN { 403 } else { 404 };
        zoe.post(&path, appeal.clone()).await.refused(status);
    }
    let sam = app.staff("Sam", "moderator").await;
    let path = format!("{}/appeals", declined(&mia, &sam).await.path());
    for text in ["", "a\0b", &"x".repeat(1_001)] {
        assert_eq!(
            mia.post(&path, json!({ "text": text })).await.fault(),
            "text"
        );
    }
    assert_eq!(app.database.count("appeals").await, 0);
}
