//! Cases past their deadline: said once, in the figures and by a webhook.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::harness::{App, CRISIS, Delivery, Engine, RED, Receiver, SECRET};

/// The app again, as so many processes that tell a receiver of alarms.
async fn telling(app: &App, receiver: &Receiver, processes: usize) -> Vec<App> {
    // All processes have the same settings: one that tells nobody would raise the alarm too.
    app.stops().await;
    let url = format!("--alarm-webhook={}", receiver.url);
    let secret = format!("--alarm-webhook-secret={SECRET}");
    let flags = ["--rate-limits=off", &url, &secret];
    let processes = match app.database.engine {
        Engine::Embedded => 1, // which one process uses
        Engine::Production => processes,
    };
    let mut apps = Vec::new();
    for _ in 0..processes {
        apps.push(app.beside(&flags).await);
    }
    apps
}

async fn all_stop(apps: Vec<App>) {
    for app in apps {
        app.stops().await;
    }
}

/// What was told, once its signature is found to be right.
fn verified(app: &App, delivery: &Delivery) -> Value {
    let secret = BASE64.decode(&SECRET.as_bytes()[6..]).unwrap();
    let (id, seconds) = (
        delivery.header("webhook-id"),
        delivery.header("webhook-timestamp"),
    );
    assert_eq!(seconds, app.clock.now().seconds().to_string());
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
    mac.update(format!("{id}.{seconds}.{}", delivery.body).as_bytes());
    let expected = format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()));
    assert_eq!(delivery.header("webhook-signature"), expected);
    assert_eq!(delivery.header("content-type"), "application/json");
    serde_json::from_str(&delivery.body).unwrap()
}

/// Waits until nothing is left to be told.
async fn all_is_told(app: &App) {
    while app.database.count("webhook_messages").await > 0 {
        tokio::task::yield_now().await;
    }
}

/// Waits until the message that was refused so often waits for its next turn: until then its
/// process has it to itself for half a minute.
async fn is_put_off(app: &App, attempts: i64) {
    let soon = app.clock.now().micros() + 20_000_000;
    let put_off = format!(
        "SELECT count(*) FROM webhook_messages WHERE attempts = {attempts} AND next_at < {soon}"
    );
    while app.database.number(&put_off).await == 0 {
        tokio::task::yield_now().await;
    }
}

pub async fn a_breach_is_told_once_and_signed(app: &App) {
    let mut receiver = Receiver::start(&[500, 503]).await;
    let apps = telling(app, &receiver, 2).await;
    let one = &apps[0];
    let mia = one.person("13-15").await;
    let sam = one.staff("Sam", "moderator").await;
    let case = sam.case_of(&mia.posts(CRISIS).await).await;
    let due_at = case["due_at"].clone();
    app.later(16);
    let first = receiver.hears().await;
    let told = verified(app, &first);
    let expected = json!({
        "type": "case.breached", "case": case["id"], "level": "crisis",
        "queue": "safeguarding", "due_at": due_at,
    });
    assert_eq!(told, expected, "and nothing else");
    // It is told again until it is taken: as the same message, signed anew.
    for attempts in 1..=2 {
        is_put_off(app, attempts).await;
        app.later(10);
        let again = receiver.hears().await;
        verified(app, &again);
        assert_eq!(again.body, first.body);
        assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
    }
    all_is_told(app).await;

    // Another breach is told by itself; of the first there is no more to say.
    mia.refreshes().await;
    let next = sam.case_of(&mia.posts(CRISIS).await).await;
    app.later(16);
    let second = receiver.hears().await;
    assert_eq!(verified(app, &second)["case"], next["id"]);
    all_is_told(app).await;
    receiver.heard_no_more();
    all_stop(apps).await;
}

pub async fn a_new_deadline_is_a_new_alarm(app: &App) {
    let mut receiver = Receiver::start(&[]).await;
    let apps = telling(app, &receiver, 2).await;
    let one = &apps[0];
    let mia = one.person("13-15").await;
    let sam = one.staff("Sam", "moderator").await;
    let (case, decided) = (
        sam.case_of(&mia.posts(RED).await).await,
        mia.posts(CRISIS).await,
    );
    sam.approves(&decided).await;
    app.later(61);
    assert_eq!(verified(app, &receiver.hears().await)["case"], case["id"]);
    sam.claims(&case).await.ok(200);
    let escalated = sam
        .decides(&case, json!({ "decision": "escalate" }))
        .await
        .ok(200);
    assert_ne!(escalated["due_at"], case["due_at"]);
    app.later(61);
    let told = verified(app, &receiver.hears().await);
    assert_eq!(
        (&told["case"], &told["due_at"]),
        (&case["id"], &escalated["due_at"])
    );
    all_is_told(app).await;
    receiver.heard_no_more();
    all_stop(apps).await;
}

pub async fn who_sends_elsewhere_is_not_followed(app: &App) {
    let mut receiver = Receiver::start(&[307]).await;
    let apps = telling(app, &receiver, 1).await;
    let mia = apps[0].person("13-15").await;
    mia.posts(CRISIS).await;
    app.later(16);
    receiver.hears().await;
    // It is asked again in its turn, and not where it sent us.
    is_put_off(app, 1).await;
    receiver.heard_no_more();
    app.later(1);
    receiver.hears().await;
    all_is_told(app).await;
    all_stop(apps).await;
}

pub async fn a_breach_is_in_the_figures(app: &App) {
    let mia = app.person("13-15").await;
    mia.posts(CRISIS).await;
    app.later(16);
    // Other tests of this process are counted, too.
    let alarmed = "SELECT count(*) FROM cases WHERE alarmed_for = due_at";
    while app.database.number(alarmed).await == 0 {
        tokio::task::yield_now().await;
    }
    let figures = app.get("/metrics").await.ok(200);
    let figures = figures.as_str().unwrap();
    assert!(figures.contains("hearth_breaches_total{level=\"crisis\",queue=\"safeguarding\"}"));
    assert!(
        figures.contains("hearth_cases_breached{level=\"crisis\"} 1"),
        "{figures}"
    );
    assert_eq!(
        app.database.count("webhook_messages").await,
        0,
        "nobody is to be told"
    );
}
