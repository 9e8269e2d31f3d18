//! The queue on an open screen.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, timeout};

use crate::harness::{AMBER, App, CRISIS, Console, Engine, GREEN, RED, Stream, Told};
use crate::queue::cases_on;

const LIVE: &str = "/console/queue/live";

/// What is announced next, and the board before it; both within a second.
async fn within_a_second(stream: &mut Stream, since: Instant) -> (Told, Told) {
    let both = async {
        let board = stream.hears("board").await;
        (board, stream.hears("announce").await)
    };
    let both = timeout(Duration::from_secs(5), both).await.unwrap();
    let took = since.elapsed();
    assert!(took < Duration::from_secs(1), "it took {took:?}");
    both
}

pub async fn a_cry_for_help_is_on_the_screen_within_a_second(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let mut stream = Stream::open(&sam, app, LIVE).await;
    assert!(
        stream
            .hears("board")
            .await
            .data
            .contains("Nothing waits here")
    );
    for _ in 0..3 {
        let posted = Instant::now();
        mia.posts(CRISIS).await;
        let (board, announced) = within_a_second(&mut stream, posted).await;
        assert!(board.data.contains("level-crisis"), "{board:?}");
        assert_eq!(
            announced.data,
            "New crisis case in safeguarding: 15 min left."
        );
        assert!(
            !board.data.contains("<html"),
            "it is a part of the page: {board:?}"
        );
    }
    let green = zoe.posts(GREEN).await;
    let reported = Instant::now();
    mia.reports(&green, "worried_about_them").await;
    let (board, announced) = within_a_second(&mut stream, reported).await;
    assert_eq!(cases_on(&board.data).len(), 4);
    assert!(announced.data.starts_with("New red case"), "{announced:?}");
}

pub async fn what_a_filter_leaves_out_is_announced_all_the_same(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let mia = app.person("13-15").await;
    let mut stream = Stream::open(&sam, app, &format!("{LIVE}?queue=appeals")).await;
    stream.hears("board").await;
    mia.posts(CRISIS).await;
    let board = stream.hears("board").await;
    assert!(
        board.data.contains("leaves out 1 case: 1 crisis"),
        "{board:?}"
    );
    assert!(cases_on(&board.data).is_empty());
    assert!(
        stream
            .hears("announce")
            .await
            .data
            .starts_with("New crisis case")
    );
    assert_eq!(sam.visits(&format!("{LIVE}?queue=lost")).await.status, 400);
    assert_eq!(sam.visits(&format!("{LIVE}?after=!")).await.status, 400);
}

pub async fn what_another_process_does_is_on_the_screen(app: &App) {
    if app.database.engine == Engine::Embedded {
        return; // which one process uses
    }
    let sam = Console::open(app, "Sam", "moderator").await;
    let mia = app.person("13-15").await;
    let mut stream = Stream::open(&sam, app, LIVE).await;
    stream.hears("board").await;
    let near = app.another(app.database.redis_url()).await.unwrap();
    // It carries nudges once it has found Redis.
    while near.get("/readyz").await.ok(200)["bus"] != "Redis" {
        tokio::task::yield_now().await;
    }
    let there = mia.at(&near);
    let posted = Instant::now();
    there.posts(CRISIS).await;
    within_a_second(&mut stream, posted).await;
    near.stops().await;

    // Without Redis, whoever looks looks every second.
    let alone = app.another(None).await.unwrap();
    let mut there = Stream::open(&sam, &alone, LIVE).await;
    there.hears("board").await;
    mia.posts(CRISIS).await;
    let heard = timeout(Duration::from_secs(3), there.hears("announce")).await;
    assert!(heard.unwrap().data.starts_with("New crisis case"));
    alone.stops().await;
}

pub async fn who_was_cut_off_hears_what_was_missed(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let mia = app.person("13-15").await;
    mia.posts(CRISIS).await;
    let mut stream = Stream::open(&sam, app, LIVE).await;
    let last = stream.hears("board").await;
    drop(stream);
    app.later(1);
    mia.posts(RED).await;
    let mut stream = Stream::resume(&sam, app, LIVE, Some(&last)).await;
    assert_eq!(cases_on(&stream.hears("board").await.data).len(), 2);
    let announced = stream.hears("announce").await;
    assert_eq!(
        announced.data,
        "New red case in safeguarding: 1 h 0 min left."
    );
    // What a page was made with says the same.
    let since = format!("{LIVE}?since={}", last.id);
    let mut stream = Stream::open(&sam, app, &since).await;
    assert_eq!(stream.hears("announce").await.data, announced.data);
    // More than a few at once are announced as one.
    drop(stream);
    app.later(1);
    for _ in 0..6 {
        mia.posts(CRISIS).await;
    }
    let mut stream = Stream::resume(&sam, app, LIVE, Some(&last)).await;
    let announced = stream.hears("announce").await;
    assert!(
        announced.data.starts_with("7 new urgent cases"),
        "{announced:?}"
    );
}

pub async fn every_change_of_a_case_is_shown(app: &App) {
    let (sam, kim) = (
        Console::open(app, "Sam", "lead").await,
        app.staff("Kim", "moderator").await,
    );
    let mia = app.person("13-15").await;
    let (amber, held) = (mia.posts(AMBER).await, mia.posts(RED).await);
    let case = kim.case_of(&amber).await;
    let mut stream = Stream::open(&sam, app, LIVE).await;
    assert_eq!(cases_on(&stream.hears("board").await.data).len(), 2);

    kim.claims(&case).await.ok(200);
    assert!(stream.hears("board").await.data.contains("Kim until"));
    kim.releases(&case).await.ok(200);
    assert!(!stream.hears("board").await.data.contains("Kim"));
    let to = json!({ "to": "Kim" });
    let path = format!(
        "/v1/moderation/cases/{}/assign",
        case["id"].as_str().unwrap()
    );
    sam.post(&path, to).await.ok(200);
    assert!(stream.hears("board").await.data.contains("Kim until"));
    kim.decides(&case, json!({ "decision": "escalate" }))
        .await
        .ok(200);
    assert!(stream.hears("board").await.data.contains("for a lead"));
    sam.claims(&case).await.ok(200);
    stream.hears("board").await;
    sam.decides(
        &case,
        json!({ "decision": "decline", "reason": "bullying" }),
    )
    .await
    .ok(200);
    assert_eq!(cases_on(&stream.hears("board").await.data).len(), 1);
    mia.appeals(&amber, "please look again").await;
    assert!(stream.hears("board").await.data.contains("appeal"));
    let words = json!({ "text": "my dad hits me with a belt every day" });
    mia.patch(&held.path(), words).await.ok(200);
    assert!(stream.hears("board").await.data.contains("every day"));
    // Time goes on where nothing else happens.
    app.later(2);
    assert!(stream.hears("board").await.data.contains("58 min left"));
}

pub async fn a_screen_ends_with_its_session_and_with_the_program(app: &App) {
    let mia = app.person("13-15").await;
    let (sam, kim) = (
        Console::open(app, "Sam", "moderator").await,
        Console::open(app, "Kim", "moderator").await,
    );
    let mut stream = Stream::open(&sam, app, LIVE).await;
    let mut kims = Stream::open(&kim, app, LIVE).await;
    stream.hears("board").await;
    kims.hears("board").await;
    sam.does("/console/sign-out", &[]).await;
    mia.refreshes().await;
    mia.posts(CRISIS).await;
    stream.ends().await;
    kims.hears("announce").await;
    let stopped = Instant::now();
    tokio::join!(kims.ends(), app.stops());
    assert!(
        stopped.elapsed() < Duration::from_secs(5),
        "it waited for a screen"
    );
}
