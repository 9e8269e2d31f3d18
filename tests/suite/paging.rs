//! The feed, page by page.

use serde_json::{Value, json};

use crate::harness::{App, GREEN, Person};

/// Asks for a page after another; answers the ids and what comes next.
async fn page(reader: &Person<'_>, limit: usize, after: &Value) -> (Vec<String>, Value) {
    let after = after
        .as_str()
        .map(|after| format!("&after={after}"))
        .unwrap_or_default();
    let page = reader
        .get(&format!("/v1/posts?limit={limit}{after}"))
        .await
        .ok(200);
    let items = page["items"].as_array().unwrap().iter();
    (
        items
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect(),
        page["next"].clone(),
    )
}

pub async fn pages_have_no_gap_and_no_duplicate_while_posts_are_made(app: &App) {
    let mia = app.person("13-15").await;
    let mut written = Vec::new();
    for n in 0..110 {
        // Some at the same microsecond.
        if n % 3 == 0 {
            app.clock.advance(std::time::Duration::from_micros(1));
        }
        written.push(mia.posts(&format!("my puppy number {n}")).await.id);
    }
    let (mut read, mut next) = (Vec::new(), Value::Null);
    loop {
        let (ids, after) = page(&mia, 7, &next).await;
        read.extend(ids);
        if after.is_null() {
            break;
        }
        next = after;
        mia.posts("one more puppy").await;
        app.clock.advance(std::time::Duration::from_micros(1));
    }
    let (mut expected, mut found) = (written.clone(), read.clone());
    expected.sort();
    found.sort();
    assert_eq!(
        found, expected,
        "every post once, and none of those made meanwhile"
    );
    let place = |id: &String| written.iter().position(|written| written == id).unwrap() / 3;
    assert!(read.iter().map(place).rev().is_sorted(), "newest first");
}

pub async fn own_posts_page_alike(app: &App) {
    let mia = app.person("13-15").await;
    let mut written = Vec::new();
    for n in 0..45 {
        app.clock.advance(std::time::Duration::from_micros(1));
        written.insert(0, mia.posts(&format!("my puppy number {n}")).await.id);
    }
    assert_eq!(mia.ids("/v1/me/posts?limit=10").await, written);
    assert_eq!(mia.ids("/v1/me/posts").await, written);
}

pub async fn a_topic_is_a_feed_of_its_own(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let exams = mia.posts_about(GREEN, &["exams"]).await.id;
    app.later(1);
    let family = mia.posts_about(GREEN, &["family", "exams"]).await.id;
    app.later(1);
    let other = mia.posts(GREEN).await.id;
    assert_eq!(
        zoe.ids("/v1/posts?topic=exams").await,
        [family.clone(), exams.clone()]
    );
    assert_eq!(
        zoe.ids("/v1/posts?topic=exams&limit=1").await,
        [family.clone(), exams.clone()]
    );
    assert_eq!(zoe.ids("/v1/posts?topic=family").await, [family.clone()]);
    assert_eq!(zoe.feed().await, [other, family, exams]);
}

pub async fn what_is_muted_is_not_in_the_feed(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let exams = mia.posts_about(GREEN, &["exams", "family"]).await.id;
    app.later(1);
    let other = mia.posts(GREEN).await.id;
    zoe.patch("/v1/me", json!({ "muted_topics": ["exams"] }))
        .await
        .ok(200);
    assert_eq!(zoe.feed().await, [other.clone()]);
    assert_eq!(zoe.ids("/v1/posts?topic=family").await, [""; 0]);
    assert_eq!(
        zoe.ids("/v1/posts?topic=exams").await,
        [exams.clone()],
        "asked for by its name"
    );
    assert_eq!(mia.feed().await, [other, exams]);
}

pub async fn a_page_that_makes_no_sense_is_refused(app: &App) {
    let mia = app.person("13-15").await;
    for query in [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=-1",
        "after=!",
        "after=e30",
        "after=%FF",
        "after=",
        "topic=weather",
        "topic=",
        "page=2",
        "limit=1&limit=2",
    ] {
        let answer = mia.get(&format!("/v1/posts?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        answer.is_problem();
    }
    // A cursor of another list is no cursor of this one.
    mia.posts(GREEN).await;
    mia.posts(GREEN).await;
    let own = mia.get("/v1/me/posts?limit=1").await.ok(200);
    mia.get(&format!(
        "/v1/posts?after={}",
        own["next"].as_str().unwrap()
    ))
    .await
    .refused(400);
}
