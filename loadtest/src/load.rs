//! Requests at a given rate, whatever the server does: each has a time at which it should be
//! sent, and what it took is counted from then (no coordinated omission).

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use hyper::header::HeaderValue;
use hyper::{Method, StatusCode};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::http::Client;
use crate::latency::Latency;
use crate::marker::{self, Ledger};

/// What is asked of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Hearth: a person posts a secret.
    Post,
    /// Hearth: a person reacts to a post, for the first time.
    React,
    /// Hearth: a person reads the first page of the feed.
    Read,
    /// Nchan: a message is published.
    Publish,
    /// The plain handler: a row is inserted.
    Insert,
    /// The plain handler: a constant is answered.
    Constant,
}

/// When requests should be sent.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// `group` at once, and then again after each `every`.
    Open { every: Duration, group: u32 },
    /// The next as soon as the last is answered, on this many connections.
    Closed { clients: usize },
}

impl Pace {
    /// So many a second, evenly.
    pub fn per_second(rate: f64) -> Pace {
        Pace::Open {
            every: Duration::from_secs_f64(1.0 / rate),
            group: 1,
        }
    }
}

/// Connections that carry requests at a given rate; more requests than these under way at once
/// wait, and their waiting is counted.
const CONNECTIONS: usize = 48;

/// The server, its people, its posts, and what was asked of it.
pub struct Site {
    /// Where it listens.
    pub address: SocketAddr,
    /// How its people authenticate.
    pub people: Arc<[HeaderValue]>,
    /// What was posted when.
    pub ledger: Arc<Ledger>,
    /// Live posts: the number of the author, and the address for reactions.
    posts: RwLock<Vec<(usize, String)>>,
    reactions: AtomicUsize,
    /// Requests that were answered as expected.
    pub answered: AtomicU64,
    /// Posts that were published at once.
    pub published: AtomicU64,
    /// Requests that were not answered as expected.
    pub failed: AtomicU64,
    /// Why one of them failed.
    pub failure: RwLock<Option<String>>,
    /// From when a request should have been sent to when its answer was read.
    pub latency: Latency,
}

impl Site {
    /// A server of which nothing was asked yet.
    pub fn new(address: SocketAddr, people: Arc<[HeaderValue]>, ledger: Arc<Ledger>) -> Arc<Site> {
        Arc::new(Site {
            address,
            people,
            ledger,
            posts: RwLock::default(),
            reactions: AtomicUsize::new(0),
            answered: AtomicU64::new(0),
            published: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            failure: RwLock::default(),
            latency: Latency::new(),
        })
    }

    /// Writes posts, for others to react to.
    pub async fn seed(self: &Arc<Site>, posts: u64) -> Result<()> {
        let pace = Pace::Closed { clients: 16 };
        self.ask(Action::Post, pace, Some(posts), Duration::from_secs(60))
            .await?;
        if let Some(failure) = self.failure() {
            anyhow::bail!("the first posts cannot be written: {failure}");
        }
        self.latency.take();
        Ok(())
    }

    /// Why a request failed, where one did.
    pub fn failure(&self) -> Option<String> {
        let failure = self.failure.read().unwrap_or_else(PoisonError::into_inner);
        failure.clone()
    }

    /// Asks the same again and again: so many times, or for so long; waits for the answers.
    pub async fn ask(
        self: &Arc<Site>,
        action: Action,
        pace: Pace,
        times: Option<u64>,
        limit: Duration,
    ) -> Result<()> {
        let clients = match pace {
            Pace::Open { .. } => CONNECTIONS,
            Pace::Closed { clients } => clients,
        };
        let mut workers = JoinSet::new();
        let mut connected = Vec::new();
        for _ in 0..clients {
            connected.push(Client::new(self.address).await?);
        }
        let plan = Arc::new(Plan {
            began: Instant::now(),
            limit,
            pace,
            times: times.unwrap_or(u64::MAX),
            next: AtomicU64::new(0),
        });
        for (number, client) in connected.into_iter().enumerate() {
            let (site, plan) = (self.clone(), plan.clone());
            workers.spawn(async move { site.work(number, client, action, &plan).await });
        }
        while let Some(worker) = workers.join_next().await {
            worker.context("a client panicked")?;
        }
        Ok(())
    }

    async fn work(&self, number: usize, mut client: Client, action: Action, plan: &Plan) {
        while let Some(intended) = plan.next() {
            sleep_until(intended).await;
            match self.act(&mut client, action, intended).await {
                Ok(()) => {
                    self.latency.record(number, intended.elapsed());
                    self.answered.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) => {
                    self.failed.fetch_add(1, Ordering::Relaxed);
                    let mut failure = self.failure.write().unwrap_or_else(PoisonError::into_inner);
                    *failure = Some(format!("{error:#}"));
                }
            }
        }
    }

    async fn act(&self, client: &mut Client, action: Action, intended: Instant) -> Result<()> {
        let (expected, method, path) = match action {
            Action::Post => return self.post(client, intended).await,
            Action::React => return self.react(client).await,
            Action::Read => (StatusCode::OK, Method::GET, "/v1/posts"),
            Action::Publish => {
                let text = marker::text(self.ledger.next(intended));
                // As long as what Hearth makes of a post.
                let body = Bytes::from(format!("{text:.<318}"));
                let (status, _) = client
                    .send(Method::POST, "/publish", None, Some(body))
                    .await?;
                anyhow::ensure!(status.is_success(), "POST /publish: {status}");
                self.published.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
            Action::Insert => (StatusCode::CREATED, Method::POST, "/insert"),
            Action::Constant => (StatusCode::OK, Method::GET, "/constant"),
        };
        let person = self.answered.load(Ordering::Relaxed) as usize;
        let token = self.people.get(person % self.people.len().max(1));
        client.expect(expected, method, path, token, None).await?;
        Ok(())
    }

    async fn post(&self, client: &mut Client, intended: Instant) -> Result<()> {
        let n = self.ledger.next(intended);
        let author = n % self.people.len();
        let body = serde_json::json!({"text": marker::text(n)}).to_string();
        let answer = client
            .expect(
                StatusCode::CREATED,
                Method::POST,
                "/v1/posts",
                Some(&self.people[author]),
                Some(body.into()),
            )
            .await?;
        let answer: serde_json::Value = serde_json::from_slice(&answer)?;
        let (id, state) = (&answer["post"]["id"], &answer["post"]["state"]);
        anyhow::ensure!(state == "live", "expected a post to be live, it is {state}");
        let id = id.as_str().context("POST /v1/posts: expected an id")?;
        let reactions = format!("/v1/posts/{id}/reactions");
        let mut posts = self.posts.write().unwrap_or_else(PoisonError::into_inner);
        posts.push((author, reactions));
        self.published.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn react(&self, client: &mut Client) -> Result<()> {
        let n = self.reactions.fetch_add(1, Ordering::Relaxed);
        let (person, path) = {
            let posts = self.posts.read().unwrap_or_else(PoisonError::into_inner);
            let (author, path) = posts
                .get(n % posts.len().max(1))
                .context("expected a post")?;
            // Every pair of a person and a reaction once, before any comes again; never oneself.
            let turn = n / posts.len();
            let kind = ["heart", "me2", "hug"][turn % 3];
            let person = (author + 1 + (turn / 3) % (self.people.len() - 1)) % self.people.len();
            (person, format!("{path}/{kind}"))
        };
        let token = Some(&self.people[person]);
        client
            .expect(StatusCode::OK, Method::PUT, &path, token, None)
            .await?;
        Ok(())
    }
}

/// Who sends what when: clients take turns.
struct Plan {
    began: Instant,
    limit: Duration,
    pace: Pace,
    times: u64,
    next: AtomicU64,
}

impl Plan {
    /// When the next request should be sent; none after the last.
    fn next(&self) -> Option<Instant> {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let after = match self.pace {
            Pace::Open { every, group } => every.mul_f64((n / u64::from(group)) as f64),
            Pace::Closed { .. } => self.began.elapsed(),
        };
        (n < self.times && after < self.limit).then(|| self.began + after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_keep_their_times_however_late_they_are_taken() {
        let plan = Plan {
            began: Instant::now(),
            limit: Duration::from_secs(1),
            pace: Pace::Open {
                every: Duration::from_millis(400),
                group: 2,
            },
            times: u64::MAX,
            next: AtomicU64::new(0),
        };
        let times: Vec<u128> = std::iter::from_fn(|| plan.next())
            .map(|time| (time - plan.began).as_millis())
            .collect();
        assert_eq!(times, [0, 0, 400, 400, 800, 800]);
    }
}
