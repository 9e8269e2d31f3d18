//! Coming back to the live socket: nothing is lost, nothing comes twice.

use serde_json::{Value, json};

use crate::harness::{App, Ear, GREEN, Person};

async fn resumes(app: &App, person: &Person<'_>, since: impl Into<Value>) -> Ear {
    let mut ear = Ear::open(app, Some(&person.token()), "/v1/live")
        .await
        .unwrap();
    ear.says(json!({ "type": "subscribe", "since": since.into() }))
        .await;
    ear.hears("ready").await;
    ear
}

pub async fn who_comes_back_hears_what_was_missed_in_order(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let mut ear = zoe.listens().await;
    mia.posts(GREEN).await;
    let since = ear.hears("post").await["seq"].clone();
    drop(ear);
    let mut missed = Vec::new();
    for _ in 0..5 {
        missed.push(mia.posts(GREEN).await.id);
    }
    let mut ear = resumes(app, &zoe, since).await;
    for id in missed {
        assert_eq!(ear.hears("post").await["post"]["id"], *id);
    }
    let next = mia.posts(GREEN).await;
    assert_eq!(ear.hears("post").await["post"]["id"], *next.id);
}

pub async fn a_restart_loses_nothing(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let mut ear = zoe.listens().await;
    let first = mia.posts(GREEN).await;
    let since = ear.hears("post").await["seq"].clone();
    let second = mia.posts(GREEN).await;
    app.restarts().await;
    mia.delete(&first.path()).await.ok(204);
    let mut ear = resumes(app, &zoe, since).await;
    assert_eq!(ear.hears("post").await["post"]["id"], *second.id);
    assert_eq!(ear.hears("gone").await["post_id"], *first.id);
}

pub async fn sequence_numbers_only_grow(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let mut ear = zoe.listens().await;
    let people = futures_util::future::join_all((0..4).map(|_| app.person("13-15"))).await;
    let posting = people.iter().map(async |person| {
        for _ in 0..5 {
            person.posts(GREEN).await;
        }
    });
    futures_util::future::join_all(posting).await;
    let mut heard = Vec::new();
    for _ in 0..20 {
        heard.push(ear.hears("post").await["seq"].as_i64().unwrap());
    }
    assert!(heard.is_sorted_by(|one, next| one < next), "{heard:?}");
    let mut again = resumes(app, &mia, 0).await;
    for seq in heard {
        assert_eq!(
            again.hears("post").await["seq"],
            seq,
            "a replay is the same"
        );
    }
}

pub async fn who_was_away_too_long_starts_afresh(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    mia.posts(GREEN).await;
    mia.posts(GREEN).await;
    app.later(25 * 60);
    mia.refreshes().await;
    zoe.refreshes().await;
    let mut watch = resumes(app, &zoe, 2).await;
    mia.posts(GREEN).await;
    // Whoever comes now is behind the third post for sure.
    watch.hears("post").await;
    hearth::jobs::once(&app.part().await).await.unwrap();
    let mut ear = resumes(app, &zoe, 0).await;
    assert_eq!(
        ear.hears("resync").await,
        json!({ "type": "resync", "seq": 3 })
    );
    let next = mia.posts(GREEN).await;
    assert_eq!(ear.hears("post").await["post"]["id"], *next.id);
    // From what is kept, it goes on.
    let mut ear = resumes(app, &zoe, 2).await;
    assert_eq!(ear.hears("post").await["seq"], 3);
}

pub async fn a_number_that_makes_no_sense_starts_afresh(app: &App) {
    let mia = app.person("13-15").await;
    mia.posts(GREEN).await;
    app.restarts().await;
    for since in [i64::MAX, i64::MIN, -1, 2, 1_000_000] {
        let mut ear = resumes(app, &mia, since).await;
        assert_eq!(ear.hears("resync").await["seq"], 1, "{since}");
    }
}
