//! What the policy holds is visible to its author and staff alone, on every read path.

use serde_json::json;

use crate::harness::{App, CRISIS, Ear, GREEN, Person, Posted, RED};

/// Everything that `reader` can read, as one text, and every answer to an act on the post.
async fn everything_that(reader: &Person<'_>, post: &Posted) -> String {
    let mut read = String::new();
    for path in [
        "/v1/posts",
        "/v1/posts?topic=suicide",
        "/v1/posts?topic=abuse",
        "/v1/me/posts",
        "/v1/me/export",
        "/v1/posts?limit=100",
        "/metrics",
    ] {
        read += &reader.get(path).await.ok(200).to_string();
    }
    let acts = [
        reader.get(&post.path()).await,
        reader.get(&format!("{}/support", post.path())).await,
        reader.put(&format!("{}/reactions/hug", post.path())).await,
        reader
            .delete(&format!("{}/reactions/hug", post.path()))
            .await,
        reader
            .post(
                &format!("{}/reports", post.path()),
                json!({ "reason": "spam" }),
            )
            .await,
        reader
            .post(
                &format!("{}/appeals", post.path()),
                json!({ "text": "hello" }),
            )
            .await,
        reader.delete(&post.path()).await,
    ];
    for act in acts {
        let what = format!("{} {}", act.method, act.path);
        assert_eq!(act.status, 404, "{what}");
        read += &act.refused(404).to_string();
    }
    read
}

async fn nobody_sees(app: &App, author: &Person<'_>, post: &Posted, words: &str) {
    let zoe = app.person("16-17").await;
    let read = everything_that(&zoe, post).await;
    assert!(!read.contains(words) && !read.contains(&post.id), "{read}");
    // They cannot even tell that it exists.
    let unknown = zoe
        .get("/v1/posts/00000000-0000-4000-8000-000000000000")
        .await
        .refused(404);
    assert_eq!(zoe.get(&post.path()).await.refused(404), unknown);
    assert_eq!(author.get(&post.path()).await.ok(200)["mine"], true);
    assert_eq!(app.database.count("reactions").await, 0);
    assert_eq!(app.database.count("reports").await, 0);
}

pub async fn a_red_post_is_seen_by_its_author_alone(app: &App) {
    let mia = app.person("13-15").await;
    let secret = mia.posts(RED).await;
    nobody_sees(app, &mia, &secret, "belt").await;
}

pub async fn a_crisis_post_is_seen_by_its_author_alone(app: &App) {
    let mia = app.person("13-15").await;
    let secret = mia.posts(CRISIS).await;
    nobody_sees(app, &mia, &secret, "kill myself").await;
}

pub async fn a_declined_post_is_seen_by_its_author_alone(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(RED).await;
    sam.declines(&secret, "other").await;
    nobody_sees(app, &mia, &secret, "belt").await;
}

pub async fn a_held_post_never_passes_over_a_socket(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("16-17").await);
    let mut ear = zoe.listens().await;
    let mut topic = zoe
        .listens_to(json!({ "type": "subscribe", "topics": ["abuse", "suicide"] }))
        .await;
    mia.posts(RED).await;
    mia.posts(CRISIS).await;
    let live = mia.posts_about(GREEN, &["abuse"]).await;
    // What came before it would have come first.
    for ear in [&mut ear, &mut topic] {
        assert_eq!(ear.hears("post").await["post"]["id"], *live.id);
    }
}

pub async fn a_held_post_is_not_replayed(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("16-17").await);
    mia.posts(RED).await;
    let live = mia.posts(GREEN).await;
    mia.posts(CRISIS).await;
    let mut ear = Ear::open(app, Some(&zoe.token()), "/v1/live")
        .await
        .unwrap();
    ear.says(json!({ "type": "subscribe", "since": 0 })).await;
    ear.hears("ready").await;
    assert_eq!(ear.hears("post").await["post"]["id"], *live.id);
    let last = mia.posts(GREEN).await;
    assert_eq!(ear.hears("post").await["post"]["id"], *last.id);
}

pub async fn a_post_taken_down_is_not_replayed(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("16-17").await);
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(GREEN).await;
    zoe.reports(&secret, "bullying").await;
    sam.declines(&secret, "bullying").await;
    let mut ear = Ear::open(app, Some(&zoe.token()), "/v1/live")
        .await
        .unwrap();
    ear.says(json!({ "type": "subscribe", "since": 0 })).await;
    ear.hears("ready").await;
    assert_eq!(ear.hears("gone").await["post_id"], *secret.id);
    let last = mia.posts(GREEN).await;
    assert_eq!(ear.hears("post").await["post"]["id"], *last.id);
}

pub async fn a_held_post_stays_held_over_a_restart(app: &App) {
    let mia = app.person("13-15").await;
    let secret = mia.posts(CRISIS).await;
    app.restarts().await;
    nobody_sees(app, &mia, &secret, "kill myself").await;
}
