//! What a socket does not take, and how it ends.

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{App, Ear, GREEN};

const AWAY: u16 = 1001;
const UNSUPPORTED: u16 = 1003;
const POLICY: u16 = 1008;
const TOO_BIG: u16 = 1009;

async fn opened(app: &App) -> Ear {
    let mia = app.person("13-15").await;
    Ear::open(app, Some(&mia.token()), "/v1/live")
        .await
        .unwrap()
}

async fn code_after(app: &App, message: Message) -> u16 {
    let mut ear = opened(app).await;
    ear.sends(message).await;
    ear.closes().await
}

pub async fn what_is_no_subscription_ends_it(app: &App) {
    for text in [
        "hello".to_owned(),
        "null".into(),
        "[]".into(),
        "{}".into(),
        json!({ "type": "shout", "text": "hi" }).to_string(),
        json!({ "type": "subscribe", "text": "hi" }).to_string(),
        json!({ "type": "subscribe", "topics": ["weather"] }).to_string(),
        json!({ "type": "subscribe", "topics": "exams" }).to_string(),
        json!({ "type": "subscribe", "since": "x" }).to_string(),
        json!({ "type": "subscribe", "since": 1.5 }).to_string(),
        "[".repeat(4_000),
    ] {
        assert_eq!(
            code_after(app, Message::text(text.clone())).await,
            POLICY,
            "{text}"
        );
    }
}

pub async fn bytes_end_it(app: &App) {
    assert_eq!(
        code_after(app, Message::binary(vec![1, 2, 3])).await,
        UNSUPPORTED
    );
}

pub async fn too_much_ends_it(app: &App) {
    let much = json!({ "type": "subscribe", "topics": vec!["exams"; 10_000] });
    assert_eq!(
        code_after(app, Message::text(much.to_string())).await,
        TOO_BIG
    );
}

pub async fn a_bad_message_later_ends_it_too(app: &App) {
    let mia = app.person("13-15").await;
    let mut ear = mia.listens().await;
    ear.sends(Message::text("hello")).await;
    assert_eq!(ear.closes().await, POLICY);
}

pub async fn who_says_goodbye_hears_goodbye(app: &App) {
    let mut ear = opened(app).await;
    ear.sends(Message::Close(None)).await;
    ear.ends().await;
}

pub async fn who_never_subscribes_is_let_go(app: &App) {
    let mut ear = opened(app).await;
    assert_eq!(ear.closes().await, POLICY);
}

pub async fn a_stop_says_so_to_everybody(app: &App) {
    let mia = app.person("13-15").await;
    let mut ears = [mia.listens().await, mia.listens().await, opened(app).await];
    let (_, codes) = tokio::join!(app.stops(), async {
        let mut codes = Vec::new();
        for ear in &mut ears {
            codes.push(ear.closes().await);
        }
        codes
    });
    assert_eq!(codes, [AWAY; 3]);
}

pub async fn people_hear_nothing_of_each_other(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let (mut hers, mut zoes) = (mia.listens().await, zoe.listens().await);
    let words = json!({ "type": "subscribe", "topics": [], "text": "meet me" });
    hers.says(words).await;
    assert_eq!(hers.closes().await, POLICY);
    let secret = mia.posts(GREEN).await;
    assert_eq!(zoes.hears("post").await["post"]["id"], *secret.id);
}
