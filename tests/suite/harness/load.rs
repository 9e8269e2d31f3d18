//! Load that holds on to what it is told: people who post, react and report, and a moderator who
//! decides, again and again until each act is acknowledged, whatever happens to the server.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{App, CRISIS, Caller, GREEN, Home, Member, PATIENCE, Person, Posted};

/// How long a client waits before it asks again.
const AGAIN: Duration = Duration::from_millis(50);
/// How long a client waits for an answer: longer than the server waits for its database.
const ANSWER: Duration = Duration::from_secs(8);
/// How many post at once.
const PEOPLE: usize = 6;

/// Everybody at once, all at the same address.
pub struct Load<'a> {
    there: &'a App,
    people: Vec<Person<'a>>,
    moderator: Member<'a>,
    /// What everybody reacts to and reports.
    others: Posted,
    acknowledged: watch::Sender<usize>,
    /// How often somebody was told that the server is busy.
    refused: watch::Sender<usize>,
    stop: CancellationToken,
}

/// What was acknowledged to one person.
#[derive(Default)]
struct Acknowledged {
    /// The ids of posts.
    posts: Vec<String>,
    reactions: Vec<&'static str>,
    /// Receipts of reports.
    receipts: Vec<Value>,
    /// The number of the post that was under way at the end.
    cut_off: Option<usize>,
}

/// All that was acknowledged.
pub struct Outcome {
    people: Vec<Acknowledged>,
    /// The ids of the cases that were decided.
    decided: Vec<String>,
}

impl<'a> Load<'a> {
    /// Gets everybody ready: `there` is where they ask, for the program that lives in `home`.
    pub async fn new(there: &'a App, home: &Home, moderator: &str) -> Load<'a> {
        let author = there.person("16-17").await;
        let moderator = home.adds_staff(moderator, "lead").await;
        Load {
            there,
            people: join_all((0..PEOPLE).map(|_| there.person("13-15"))).await,
            moderator: Member::of(there, &moderator, "lead").await,
            others: author.posts(GREEN).await,
            acknowledged: watch::Sender::new(0),
            refused: watch::Sender::new(0),
            stop: CancellationToken::new(),
        }
    }

    /// Goes on until [`Load::stop`].
    pub async fn run(&self) -> Outcome {
        let people = self.people.iter().enumerate();
        let people = join_all(people.map(|(n, mia)| self.busy(mia, n)));
        let (people, decided) = tokio::join!(people, self.decide());
        Outcome { people, decided }
    }

    /// Lets everybody finish what they are at.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until so many acts more are acknowledged.
    pub async fn goes_on(&self, acts: usize) {
        grows(&self.acknowledged, acts, "nothing is acknowledged any more").await;
    }

    /// Waits until somebody is told that the server is busy.
    pub async fn is_refused(&self) {
        grows(&self.refused, 1, "nobody is told that it is busy").await;
    }

    /// The tokens of somebody in it.
    pub fn token(&self) -> String {
        self.people[0].token()
    }

    /// The ids of the posts that everybody sees.
    pub async fn feed(&self) -> Vec<String> {
        self.people[0].ids("/v1/posts?limit=100").await
    }

    /// Sends a request until it is acknowledged, with one of two statuses; `None` where the end
    /// comes first.
    async fn insist(
        &self,
        request: impl Fn() -> RequestBuilder,
        success: [u16; 2],
    ) -> Option<Value> {
        loop {
            // Who finds nobody there asks again, and so does who is told that it is busy.
            if let Ok(answer) = request().timeout(ANSWER).send().await {
                let status = answer.status().as_u16();
                let retry_after = answer.headers().contains_key("retry-after");
                let body: Option<Value> = answer.json().await.ok();
                match body {
                    Some(body) if success.contains(&status) => {
                        self.acknowledged.send_modify(|done| *done += 1);
                        return Some(body);
                    }
                    Some(body) => {
                        assert!(status == 503 && retry_after, "{status}: {body:#}");
                        self.refused.send_modify(|times| *times += 1);
                    }
                    None => {}
                }
            }
            if self.stop.is_cancelled() {
                return None;
            }
            sleep(AGAIN).await;
        }
    }

    /// Posts again and again; reacts and reports in between.
    async fn busy(&self, mia: &Person<'a>, n: usize) -> Acknowledged {
        let mut all = Acknowledged::default();
        for round in 0.. {
            let body = self.insist(|| post(mia, n, round), [201; 2]).await;
            let Some(body) = body else {
                all.cut_off = Some(round);
                return all;
            };
            let id = body["post"]["id"].as_str().unwrap();
            all.posts.push(id.to_owned());
            if let Some(kind) = ["heart", "me2", "hug"].get(round) {
                let path = format!("{}/reactions/{kind}", self.others.path());
                let react = || mia.request(Method::PUT, &path);
                if self.insist(react, [200; 2]).await.is_some() {
                    all.reactions.push(kind);
                }
            }
            if round == 1 {
                all.receipts.extend(self.report(mia).await);
            }
            if self.stop.is_cancelled() {
                return all;
            }
        }
        all
    }

    async fn report(&self, mia: &Caller<'a>) -> Option<Value> {
        let path = format!("{}/reports", self.others.path());
        let spam = json!({ "reason": "spam" });
        let report = || mia.request(Method::POST, &path).json(&spam);
        let body = self.insist(report, [202; 2]).await?;
        Some(body["receipt"].clone())
    }

    /// Claims and approves the cases of held posts, one after another.
    async fn decide(&self) -> Vec<String> {
        let sam = &self.moderator;
        let mut decided = Vec::new();
        while !self.stop.is_cancelled() {
            let path = "/v1/moderation/cases?queue=safeguarding&state=open&limit=5";
            let list = self
                .insist(|| sam.request(Method::GET, path), [200; 2])
                .await;
            let cases = list.map(|list| list["items"].clone()).unwrap_or_default();
            for case in cases.as_array().into_iter().flatten() {
                let id = case["id"].as_str().unwrap();
                let path = format!("/v1/moderation/cases/{id}");
                let claim = || sam.request(Method::POST, &format!("{path}/claim"));
                // A conflict: somebody else has it, or the answer to an earlier attempt was lost.
                let approve = json!({ "decision": "approve" });
                let decide = || {
                    let request = sam.request(Method::POST, &format!("{path}/decide"));
                    request.json(&approve)
                };
                let Some(case) = self.insist(claim, [200, 409]).await else {
                    break;
                };
                if case["state"] == "claimed"
                    && let Some(case) = self.insist(decide, [200, 409]).await
                    && case["state"] == "decided"
                {
                    decided.push(id.to_owned());
                }
            }
            sleep(AGAIN).await;
        }
        decided
    }

    /// Everything that was acknowledged is there, exactly once; so is what is sent again
    /// because its answer was lost.
    pub async fn finds_everything(&self, home: &Home, outcome: &Outcome) {
        let mut reactions = 0;
        for (n, (mia, acknowledged)) in self.people.iter().zip(&outcome.people).enumerate() {
            if let Some(round) = acknowledged.cut_off {
                self.there.send(post(mia, n, round)).await.ok(201);
            }
            let own = mia.ids("/v1/me/posts?limit=100").await;
            let sent = acknowledged.posts.len() + usize::from(acknowledged.cut_off.is_some());
            assert_eq!(own.len(), sent, "each once");
            assert!(acknowledged.posts.iter().all(|id| own.contains(id)));
            for receipt in &acknowledged.receipts {
                assert_eq!(self.report(mia).await.as_ref(), Some(receipt));
            }
            let mine = mia.get(&self.others.path()).await.ok(200)["my_reactions"].clone();
            let mine = mine.as_array().unwrap();
            let given = acknowledged.reactions.iter();
            assert!(
                given
                    .map(|kind| json!(kind))
                    .all(|kind| mine.contains(&kind))
            );
            reactions += mine.len() as i64;
        }
        let post = self.people[0].get(&self.others.path()).await.ok(200);
        let counts = post["reactions"].as_object().unwrap().values();
        assert_eq!(counts.filter_map(Value::as_i64).sum::<i64>(), reactions);
        let database = home.database().await;
        for id in &outcome.decided {
            let path = format!("/v1/moderation/cases/{id}");
            let case = self.moderator.get(&path).await.ok(200);
            assert_eq!(
                (&case["state"], &case["decision"]),
                (&json!("decided"), &json!("approve"))
            );
            let line = format!(
                "SELECT count(*) FROM audit WHERE action = 'case.decide' AND subject LIKE '%{id}'"
            );
            assert_eq!(database.number(&line).await, 1, "each act has one line");
        }
        let alone = "SELECT count(*) FROM posts p WHERE state = 'held' AND NOT EXISTS
                     (SELECT 1 FROM cases c WHERE c.post_id = p.id AND c.state <> 'decided')";
        assert_eq!(
            database.number(alone).await,
            0,
            "no held post without its case"
        );
        let silent = "SELECT count(*) FROM posts p WHERE state = 'live' AND
                      (SELECT count(*) FROM events e WHERE e.post_id = p.id AND e.kind = 'post') <> 1";
        assert_eq!(
            database.number(silent).await,
            0,
            "each live post has its event"
        );
        let gaps = "SELECT (SELECT seq FROM event_head) - (SELECT count(*) FROM events)";
        assert_eq!(database.number(gaps).await, 0, "no number is missing");
    }
}

async fn grows(count: &watch::Sender<usize>, by: usize, otherwise: &str) {
    let mut count = count.subscribe();
    let enough = *count.borrow() + by;
    let reached = timeout(PATIENCE, count.wait_for(|now| *now >= enough)).await;
    reached.expect(otherwise).unwrap();
}

/// The post of a person that has this number: green ones and ones for a moderator take turns.
fn post(mia: &Person<'_>, n: usize, round: usize) -> RequestBuilder {
    let text = if round.is_multiple_of(2) {
        GREEN
    } else {
        CRISIS
    };
    let request = mia
        .request(Method::POST, "/v1/posts")
        .header("Idempotency-Key", format!("{n} {round}"));
    request.json(&json!({ "text": text }))
}
