//! The same request again: an `Idempotency-Key` makes one post of it.

use futures_util::future::join_all;
use hearth::posts::Posts;
use reqwest::Method;
use serde_json::json;

use crate::harness::{Answer, App, CRISIS, GREEN, Person, Posted};

async fn posts_with_key(person: &Person<'_>, key: &str, text: &str) -> Answer {
    let request = person
        .request(Method::POST, "/v1/posts")
        .header("Idempotency-Key", key);
    person
        .app
        .send(request.json(&json!({ "text": text })))
        .await
}

pub async fn the_same_request_again_is_the_same_post(app: &App) {
    let mia = app.person("13-15").await;
    for text in [GREEN, CRISIS] {
        let first = posts_with_key(&mia, text, text).await.ok(201);
        let again = posts_with_key(&mia, text, text).await.ok(201);
        assert_eq!(first, again);
    }
    assert_eq!(app.database.count("posts").await, 2);
    assert_eq!(app.database.count("cases").await, 1);
}

pub async fn another_request_with_the_same_key_is_refused(app: &App) {
    let mia = app.person("13-15").await;
    posts_with_key(&mia, "k", GREEN).await.ok(201);
    posts_with_key(&mia, "k", "something else")
        .await
        .refused(422);
    posts_with_key(&mia, "k", "").await.refused(422);
    assert_eq!(app.database.count("posts").await, 1);
}

pub async fn a_key_belongs_to_one_person(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let hers = Posted::read(posts_with_key(&mia, "k", GREEN).await);
    let zoes = Posted::read(posts_with_key(&zoe, "k", GREEN).await);
    assert_ne!(hers.id, zoes.id);
}

pub async fn ten_at_once_are_one_post(app: &App) {
    let mia = app.person("13-15").await;
    let answers = join_all((0..10).map(|_| posts_with_key(&mia, "k", CRISIS))).await;
    let ids: Vec<String> = answers
        .into_iter()
        .map(|answer| Posted::read(answer).id)
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    for table in ["posts", "cases", "idempotency_keys"] {
        assert_eq!(app.database.count(table).await, 1, "{table}");
    }
}

pub async fn ten_at_once_without_a_key_are_ten_posts(app: &App) {
    let mia = app.person("13-15").await;
    join_all((0..10).map(|_| mia.posts(GREEN))).await;
    assert_eq!(mia.ids("/v1/me/posts").await.len(), 10);
}

pub async fn a_key_is_remembered_over_a_restart(app: &App) {
    let mia = app.person("13-15").await;
    let first = posts_with_key(&mia, "k", GREEN).await.ok(201);
    app.restarts().await;
    assert_eq!(posts_with_key(&mia, "k", GREEN).await.ok(201), first);
    assert_eq!(app.database.count("posts").await, 1);
}

pub async fn a_key_that_makes_no_sense_is_refused(app: &App) {
    let mia = app.person("13-15").await;
    for key in ["", &"x".repeat(256), "é"] {
        assert_eq!(
            posts_with_key(&mia, key, GREEN).await.fault(),
            "Idempotency-Key",
            "{key}"
        );
    }
    assert_eq!(app.database.count("posts").await, 0);
}

pub async fn repeats_among_others_leave_no_gap(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let posts: Posts = app.part().await;
    let first = posts_with_key(&mia, "earlier", GREEN);
    let held = app.database.holds_up_writers().await;
    // Most of them come together, whichever are the first.
    let (first, again, keyed, plain, zoes, ()) = tokio::join!(
        first,
        posts_with_key(&mia, "earlier", GREEN),
        join_all((0..6).map(|n| posts_with_key(&mia, ["a", "b"][n % 2], GREEN))),
        join_all((0..3).map(|_| mia.posts(GREEN))),
        join_all((0..3).map(|_| zoe.posts(GREEN))),
        async {
            app.queues(&posts.new_posts, 8).await;
            held.commit().await.unwrap();
        }
    );
    assert_eq!(Posted::read(first).id, Posted::read(again).id);
    let mut ids: Vec<String> = keyed.into_iter().map(|a| Posted::read(a).id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), plain.len(), zoes.len()), (2, 3, 3));
    // What was sent in vain took no number that another one's tag would be missed behind.
    assert_eq!(mia.ids("/v1/me/posts").await.len(), 1 + 2 + 3);
    assert_eq!(zoe.ids("/v1/me/posts").await.len(), 3);
    mia.posts(GREEN).await;
    assert_eq!(mia.ids("/v1/me/posts").await.len(), 7);
    let events = "SELECT count(*) FROM events WHERE kind = 'post'";
    assert_eq!(app.database.number(events).await, 10);
}
