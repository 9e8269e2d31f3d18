//! Acknowledged means durable: killed in the middle of it all, nothing that was answered with a
//! success is lost, and nothing is there twice.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::harness::{App, CRISIS, GREEN, Home, Person, Posted};

/// Acts that are acknowledged before the kill.
const ENOUGH: usize = 80;

/// What was acknowledged to one person.
#[derive(Default)]
struct Acknowledged {
    posts: Vec<(String, String)>,
    reactions: Vec<String>,
    reports: Vec<(String, Value)>,
    /// The key of the post that was under way.
    cut_off: Option<String>,
}

struct Load {
    done: AtomicUsize,
    enough: Notify,
}

/// A request that may find nobody there any more.
async fn try_to(request: reqwest::RequestBuilder) -> Option<(u16, Value)> {
    let response = request.timeout(Duration::from_secs(20)).send().await.ok()?;
    let status = response.status().as_u16();
    Some((status, response.json().await.ok()?))
}

impl Load {
    fn acknowledged(&self) {
        if self.done.fetch_add(1, Ordering::SeqCst) + 1 == ENOUGH {
            self.enough.notify_one();
        }
    }

    /// Posts, reacts and reports until nobody answers.
    async fn person(&self, mia: &Person<'_>, others: &Posted, n: usize) -> Acknowledged {
        let mut all = Acknowledged::default();
        for round in 0.. {
            let key = format!("{n} {round}");
            let text = if round % 2 == 0 { GREEN } else { CRISIS };
            let Some((status, body)) = try_to(post(mia, &key, text)).await else {
                all.cut_off = Some(key);
                return all;
            };
            assert_eq!(status, 201, "{body}");
            all.posts
                .push((body["post"]["id"].as_str().unwrap().to_owned(), key));
            self.acknowledged();
            if round < 3 {
                let kind = ["heart", "me2", "hug"][round];
                let path = format!("{}/reactions/{kind}", others.path());
                let Some((status, body)) = try_to(mia.request(Method::PUT, &path)).await else {
                    return all;
                };
                assert_eq!(status, 200, "{body}");
                all.reactions.push(kind.into());
                self.acknowledged();
            }
            if round == 1 {
                let path = format!("{}/reports", others.path());
                let report = mia
                    .request(Method::POST, &path)
                    .json(&json!({ "reason": "spam" }));
                let Some((status, body)) = try_to(report).await else {
                    return all;
                };
                assert_eq!(status, 202, "{body}");
                all.reports.push((path, body));
                self.acknowledged();
            }
        }
        all
    }
}

fn post(mia: &Person<'_>, key: &str, text: &str) -> reqwest::RequestBuilder {
    let request = mia
        .request(Method::POST, "/v1/posts")
        .header("Idempotency-Key", key);
    request.json(&json!({ "text": text }))
}

pub async fn a_kill_loses_nothing_that_was_acknowledged(app: &App) {
    let home = Home::new(app.database.engine).await;
    let first = home.starts().await;
    let listen = format!("--listen={}", first.address());
    // What they hold on to is where the program lived, and will live again.
    let there = App::elsewhere(first.url(""), home.database().await);
    let author = there.person("16-17").await;
    let others = author.posts(GREEN).await;
    let people = join_all((0..6).map(|_| there.person("13-15"))).await;
    let load = Load {
        done: AtomicUsize::new(0),
        enough: Notify::new(),
    };

    let busy = join_all(
        people
            .iter()
            .enumerate()
            .map(|(n, mia)| load.person(mia, &others, n)),
    );
    let (acknowledged, ()) = tokio::join!(busy, async {
        load.enough.notified().await;
        first.dies().await;
    });

    let second = home.starts_with(&[&listen]).await;
    let mut reactions = 0;
    for (mia, acknowledged) in people.iter().zip(&acknowledged) {
        if let Some(key) = &acknowledged.cut_off {
            let text = if key.ends_with(['0', '2', '4', '6', '8']) {
                GREEN
            } else {
                CRISIS
            };
            there.send(post(mia, key, text)).await.ok(201);
        }
        let own = mia.ids("/v1/me/posts?limit=100").await;
        let sent = acknowledged.posts.len() + usize::from(acknowledged.cut_off.is_some());
        assert_eq!(own.len(), sent, "each once");
        assert!(acknowledged.posts.iter().all(|(id, _)| own.contains(id)));
        for (path, receipt) in &acknowledged.reports {
            let again = mia.post(path, json!({ "reason": "spam" })).await.ok(202);
            assert_eq!(again["receipt"], receipt["receipt"]);
        }
        let mine = mia.get(&others.path()).await.ok(200)["my_reactions"].clone();
        let mine = mine.as_array().unwrap();
        assert!(
            acknowledged
                .reactions
                .iter()
                .all(|kind| mine.contains(&json!(kind)))
        );
        reactions += mine.len() as i64;
    }
    let database = home.database().await;
    assert_eq!(database.count("reactions").await, reactions);
    assert_eq!(
        database
            .number("SELECT count(*) FROM posts WHERE state = 'held'")
            .await,
        database
            .number("SELECT count(*) FROM cases WHERE queue = 'safeguarding'")
            .await,
        "no held post without its case"
    );
    let live = "SELECT count(*) FROM posts p WHERE state = 'live' AND NOT EXISTS
                (SELECT 1 FROM events e WHERE e.post_id = p.id AND e.kind = 'post')";
    assert_eq!(
        database.number(live).await,
        0,
        "no live post without its event"
    );
    let verified = home.runs(&["audit", "verify"]).await;
    assert!(verified.status.success());
    drop(second);
    home.drop().await;
}
