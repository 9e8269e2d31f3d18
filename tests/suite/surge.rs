//! Surge mode: every new post waits for a person.

use futures_util::future::join_all;
use hearth::posts::Posts;
use serde_json::{Value, json};

use crate::harness::{AMBER, Answer, App, CRISIS, Console, Engine, GREEN, Member, Person};

const PERSONAL: &str = "really want some new mates to play fifa my number is 07700 900123 lol";

async fn state(person: &Person<'_>, path: &str) -> Value {
    person.get(path).await.ok(200)["state"].clone()
}

async fn lines(app: &App, action: &str) -> i64 {
    let lines = format!("SELECT count(*) FROM audit WHERE action = '{action}'");
    app.database.number(&lines).await
}

async fn switches_on(lea: &Console<'_>) {
    lea.does("/console/surge/on", &[("reason", "a raid")]).await;
}

/// Has the app look whether anybody is on shift, as it does each second.
async fn looks(app: &App) {
    app.part::<Posts>().await.surge.look().await.unwrap();
}

pub async fn while_it_is_on_every_new_post_waits(app: &App) {
    let lea = Console::open(app, "Lea", "lead").await;
    let (mia, zoe) = (app.person("13-15").await, app.person("16-17").await);
    let before = mia.posts(GREEN).await;
    assert_eq!(before.post["state"], "live");

    switches_on(&lea).await;
    let mut ear = zoe.listens().await;
    let mut held = Vec::new();
    for words in [GREEN, AMBER, CRISIS] {
        let secret = mia.posts(words).await;
        assert_eq!(secret.post["state"], "held", "{words}");
        assert!(secret.post["review_by"].is_string(), "{}", secret.post);
        assert!(!secret.support.is_null(), "nobody is left alone");
        held.push(secret);
    }
    assert_eq!(zoe.feed().await, [&*before.id]);
    assert_eq!(
        state(&mia, &before.path()).await,
        "live",
        "what is up stays up"
    );
    let checks = lea.case_of(&held[0]).await;
    assert_eq!(
        (&checks["queue"], &checks["level"]),
        (&json!("checks"), &json!("green"))
    );
    let figures = app.get("/metrics").await.ok(200);
    assert!(
        figures.as_str().unwrap().contains("\nhearth_surge "),
        "{figures}"
    );

    lea.does("/console/surge/off", &[]).await;
    let after = mia.posts(GREEN).await;
    assert_eq!(after.post["state"], "live");
    assert_eq!(
        ear.hears("post").await["post"]["id"],
        *after.id,
        "and none before it"
    );
    assert_eq!(
        state(&mia, &held[0].path()).await,
        "held",
        "until a person has looked"
    );
}

pub async fn other_words_wait_as_well(app: &App) {
    let lea = Console::open(app, "Lea", "lead").await;
    let (mia, zoe) = (app.person("13-15").await, app.person("16-17").await);
    let secret = mia.posts(PERSONAL).await;
    assert_eq!(secret.post["state"], "live");
    switches_on(&lea).await;
    let changed = mia
        .patch(&secret.path(), json!({ "text": GREEN }))
        .await
        .ok(200);
    assert_eq!(changed["post"]["state"], "held");
    zoe.get(&secret.path()).await.refused(404);
}

pub async fn every_page_says_that_it_is_on(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let lea = Console::open(app, "Lea", "lead").await;
    let banner = "Every new post waits";
    assert!(!sam.reads("/console").await.contains(banner));
    let reason = [("reason", "<b>a raid</b>")];
    lea.does("/console/surge/on", &reason).await;
    for path in [
        "/console",
        "/console/bulk",
        "/console/audit",
        "/console/figures",
    ] {
        let page = sam.reads(path).await;
        assert!(page.contains(banner) && page.contains("Lea"), "{page}");
        assert!(
            page.contains("&lt;b&gt;a raid") && !page.contains("<b>a raid"),
            "{page}"
        );
    }
    let missing = sam.visits("/console/nowhere").await.body;
    assert!(missing.as_str().unwrap().contains(banner), "{missing}");
}

pub async fn only_leads_and_admins_switch_it_and_only_once(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let ada = Console::open(app, "Ada", "admin").await;
    let lea = Console::open(app, "Lea", "lead").await;
    let on = [("reason", "a raid")];
    assert_eq!(sam.sends("/console/surge/on", &on).await.status, 403);
    let long = "x".repeat(201);
    for reason in ["", "  ", "a\nb", "a\0b", &long] {
        let answer = lea.sends("/console/surge/on", &[("reason", reason)]).await;
        assert_eq!(answer.status, 400, "{answer:#?}");
    }
    assert_eq!(ada.sends("/console/surge/off", &[]).await.status, 409);
    lea.does("/console/surge/on", &on).await;
    assert_eq!(ada.sends("/console/surge/on", &on).await.status, 409);
    assert_eq!(sam.sends("/console/surge/off", &[]).await.status, 403);
    let off = join_all((0..4).map(|_| ada.sends("/console/surge/off", &[]))).await;
    let won = off.iter().filter(|answer| answer.status == 303).count();
    assert_eq!(won, 1, "{off:#?}");
    assert_eq!(
        (lines(app, "surge.on").await, lines(app, "surge.off").await),
        (1, 1)
    );
}

/// Whoever posts at the moment of the switch: what is not published when the switch is
/// acknowledged never is.
pub async fn nothing_slips_through_at_the_moment_of_the_switch(app: &App) {
    let lea = Console::open(app, "Lea", "lead").await;
    let other = app.another(app.database.redis_url()).await;
    const LIVE: &str = "SELECT count(*) FROM posts WHERE state = 'live'";
    for _ in 0..6 {
        let mut people = Vec::new();
        for n in 0..12 {
            let person = app.person("13-15").await;
            people.push(match &other {
                Some(other) if n % 2 == 0 => person.at(other),
                _ => person,
            });
        }
        let posts = join_all(people.iter().map(|person| person.posts(GREEN)));
        let switch = async {
            switches_on(&lea).await;
            app.database.number(LIVE).await
        };
        let (posts, live) = tokio::join!(posts, switch);
        assert_eq!(
            app.database.number(LIVE).await,
            live,
            "something slipped through"
        );
        for (person, secret) in people.iter().zip(&posts) {
            let now = state(person, &secret.path()).await;
            assert_eq!(secret.post["state"], now, "its author was told the truth");
            assert!(now == "live" || secret.post["review_by"].is_string());
        }
        let cases = app.database.number("SELECT count(*) FROM cases").await;
        assert_eq!(
            cases,
            app.database
                .number("SELECT count(*) FROM posts WHERE state = 'held'")
                .await
        );
        lea.does("/console/surge/off", &[]).await;
        // The other process may believe for a second that it is still on.
        if let Some(other) = &other {
            looks(other).await;
        }
    }
    if let Some(other) = other {
        other.stops().await;
    }
}

pub async fn a_repeated_request_at_the_switch_is_one_post(app: &App) {
    let lea = Console::open(app, "Lea", "lead").await;
    let mia = app.person("13-15").await;
    let send = async || {
        let request = mia.request(reqwest::Method::POST, "/v1/posts");
        let request = request
            .header("idempotency-key", "k")
            .json(&json!({ "text": GREEN }));
        app.send(request).await
    };
    let posts = join_all((0..8).map(|_| send()));
    let (answers, ()) = tokio::join!(posts, switches_on(&lea));
    let ids: Vec<Value> = answers
        .into_iter()
        .map(|a: Answer| a.ok(201)["post"]["id"].clone())
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(app.database.count("posts").await, 1);
}

pub async fn every_process_agrees_and_a_restart_forgets_nothing(app: &App) {
    let lea = Console::open(app, "Lea", "lead").await;
    let mia = app.person("13-15").await;
    switches_on(&lea).await;
    if let Some(other) = app.another(None).await {
        assert_eq!(mia.at(&other).posts(GREEN).await.post["state"], "held");
        other.stops().await;
    }
    app.restarts().await;
    assert_eq!(mia.posts(GREEN).await.post["state"], "held");
    assert!(lea.reads("/console/surge").await.contains("a raid"));
}

/// The app with another policy: `change` is what its text becomes.
async fn with_policy(app: &App, change: (&str, &str)) -> App {
    let shipped = include_str!("../../moderation-rules/policy.toml");
    assert!(shipped.contains(change.0));
    let path = app.key_file().with_file_name("policy.toml");
    std::fs::write(&path, shipped.replacen(change.0, change.1, 1)).unwrap();
    let flag = format!("--policy={}", path.display());
    app.beside(&["--rate-limits=off", &flag]).await
}

pub async fn it_begins_by_itself_when_nobody_is_seen_on_shift(app: &App) {
    app.stops().await;
    let watched = with_policy(app, ("# nobody_for", "nobody_for")).await;
    let app = &watched;
    looks(app).await;
    let mia = app.person("13-15").await;
    assert_eq!(
        mia.posts(GREEN).await.post["state"],
        "held",
        "nobody is there yet"
    );

    let sam = Member::add(app, "Sam", "moderator").await;
    looks(app).await;
    assert_eq!(mia.posts(GREEN).await.post["state"], "live", "Sam is");
    app.later(29);
    looks(app).await;
    mia.refreshes().await;
    assert_eq!(mia.posts(GREEN).await.post["state"], "live");
    app.later(1);
    looks(app).await;
    looks(app).await;
    assert_eq!(mia.posts(GREEN).await.post["state"], "held");

    let ana = Console::open(app, "Ana", "analyst").await;
    mia.refreshes().await;
    looks(app).await;
    assert_eq!(
        mia.posts(GREEN).await.post["state"],
        "held",
        "an analyst decides nothing"
    );
    let page = ana.reads("/console/audit?actor=system").await;
    assert!(
        page.contains("surge.on") && page.contains("surge.off"),
        "{page}"
    );
    assert!(page.contains("nobody was seen on shift"), "{page}");

    let sam = Console::of(app, sam).await;
    mia.refreshes().await;
    looks(app).await;
    assert_eq!(mia.posts(GREEN).await.post["state"], "live");
    assert_eq!(
        (lines(app, "surge.on").await, lines(app, "surge.off").await),
        (2, 2)
    );
    assert!(!sam.reads("/console").await.contains("Every new post waits"));
    watched.stops().await;
}

pub async fn outside_staffed_hours_it_says_so(app: &App) {
    app.stops().await;
    // A test begins at four in the afternoon.
    let hours = (
        "from = \"00:00\", to = \"24:00\"",
        "from = \"09:00\", to = \"17:00\"",
    );
    let watched = with_policy(app, hours).await;
    let app = &watched;
    let lea = Console::open(app, "Lea", "lead").await;
    looks(app).await;
    assert!(!lea.reads("/console").await.contains("Every new post waits"));
    app.later(29);
    lea.reads("/console").await;
    app.later(2);
    let mia = app.person("13-15").await;
    assert_eq!(
        mia.posts(GREEN).await.post["state"],
        "held",
        "to the moment"
    );
    looks(app).await;
    let page = lea.reads("/console/surge").await;
    assert!(page.contains("outside staffed hours"), "{page}");
    assert_eq!(lines(app, "surge.on").await, 1);
    watched.stops().await;
}

pub async fn what_was_held_is_let_out_together(app: &App) {
    let lea = Console::open(app, "Lea", "lead").await;
    let mia = app.person("13-15").await;
    switches_on(&lea).await;
    let mut green = Vec::new();
    for _ in 0..3 {
        green.push(mia.posts(GREEN).await);
    }
    let crisis = mia.posts(CRISIS).await;
    lea.does("/console/surge/off", &[]).await;
    let page = lea
        .reads("/console/bulk?queue=checks&level=green&decision=approve")
        .await;
    assert!(
        page.contains("<option value=\"checks\" selected>"),
        "{page}"
    );
    let choice = [
        ("queue", "checks"),
        ("level", "green"),
        ("decision", "approve"),
    ];
    let there = lea.does("/console/bulk", &choice).await;
    lea.does(&format!("{there}/confirm"), &[("count", "3")])
        .await;
    for secret in &green {
        assert_eq!(state(&mia, &secret.path()).await, "live");
    }
    assert_eq!(state(&mia, &crisis.path()).await, "held");
    if app.database.engine == Engine::Embedded {
        assert_eq!(app.database.count("bulk_cases").await, 3);
    }
}
