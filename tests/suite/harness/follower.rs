//! A client of the live socket that comes back.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use super::{App, Ear, PATIENCE};

/// How long it waits for a word before it tries elsewhere.
const SILENCE: Duration = Duration::from_secs(2);
/// How long it waits before it tries again.
const AGAIN: Duration = Duration::from_millis(50);

/// A client that opens another socket whenever one ends or says nothing, at the next address,
/// and resumes from what it has heard.
pub struct Follower {
    heard: mpsc::UnboundedReceiver<(i64, String)>,
    task: AbortHandle,
}

impl Follower {
    /// Follows from the beginning, at each of these in turn.
    pub fn start(apps: &[&App], token: String) -> Follower {
        let urls = apps.iter().map(|app| app.url("/v1/live")).collect();
        let (tell, heard) = mpsc::unbounded_channel();
        let task = tokio::spawn(follow(urls, token, tell)).abort_handle();
        Follower { heard, task }
    }

    /// Waits until it has heard of each of these posts: of each once, in the order of the events.
    pub async fn hears_of_all(&mut self, posts: Vec<String>) {
        let mut missing: HashSet<String> = posts.into_iter().collect();
        let mut last = 0;
        while !missing.is_empty() {
            let next = timeout(PATIENCE, self.heard.recv()).await;
            let next = next.unwrap_or_else(|_| panic!("never heard of {missing:?}"));
            let (seq, post) = next.expect("it was told to start afresh");
            assert!(seq > last, "{seq} came after {last}");
            assert!(missing.remove(&post), "{post} came twice, or is not live");
            last = seq;
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn follow(urls: Vec<String>, token: String, tell: mpsc::UnboundedSender<(i64, String)>) {
    let mut seq = 0;
    for url in urls.iter().cycle() {
        let Ok(Ok(Ear(mut socket))) = timeout(SILENCE, Ear::connect(url, Some(&token))).await
        else {
            sleep(AGAIN).await;
            continue;
        };
        let subscribe = json!({ "type": "subscribe", "since": seq }).to_string();
        let _ = socket.send(Message::text(subscribe)).await;
        while let Ok(Some(Ok(message))) = timeout(SILENCE, socket.next()).await {
            let Message::Text(text) = message else {
                continue;
            };
            let message: Value = serde_json::from_str(&text).unwrap();
            match message["type"].as_str().unwrap() {
                "ready" => continue,
                "resync" => return,
                "post" => {
                    let id = message["post"]["id"].as_str().unwrap().to_owned();
                    let _ = tell.send((message["seq"].as_i64().unwrap(), id));
                }
                _ => {}
            }
            seq = message["seq"].as_i64().unwrap();
        }
    }
}
