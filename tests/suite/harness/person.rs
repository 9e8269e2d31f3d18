//! Somebody who holds a token.

use std::ops::Deref;
use std::sync::Mutex;

use hearth::ids::AccountId;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{Answer, App, Ear};

/// Whoever holds a token.
pub struct Caller<'a> {
    pub app: &'a App,
    token: Mutex<String>,
}

impl<'a> Caller<'a> {
    pub fn new(app: &'a App, token: &str) -> Caller<'a> {
        let token = Mutex::new(token.to_owned());
        Caller { app, token }
    }

    pub fn token(&self) -> String {
        self.token.lock().unwrap().clone()
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request(method, path).bearer_auth(self.token())
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.app.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.app
            .send(self.request(Method::POST, path).json(&body))
            .await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.app
            .send(self.request(Method::PATCH, path).json(&body))
            .await
    }

    pub async fn put(&self, path: &str) -> Answer {
        self.app.send(self.request(Method::PUT, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.app.send(self.request(Method::DELETE, path)).await
    }

    /// Every item of a list, page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let (mut items, mut next) = (Vec::new(), Value::Null);
        loop {
            let joint = if path.contains('?') { '&' } else { '?' };
            let after = next.as_str().map(|next| format!("{joint}after={next}"));
            let page = self
                .get(&format!("{path}{}", after.unwrap_or_default()))
                .await
                .ok(200);
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            next = page["next"].clone();
            if next.is_null() {
                return items;
            }
        }
    }
}

/// A young person.
pub struct Person<'a> {
    caller: Caller<'a>,
    refresh_token: Mutex<String>,
    pub recovery_code: String,
}

impl<'a> Deref for Person<'a> {
    type Target = Caller<'a>;
    fn deref(&self) -> &Caller<'a> {
        &self.caller
    }
}

/// A post as its author got it.
pub struct Posted {
    pub id: String,
    pub post: Value,
    pub support: Value,
}

impl Posted {
    pub fn read(answer: Answer) -> Posted {
        let body = answer.ok(201);
        Posted {
            id: body["post"]["id"].as_str().unwrap().to_owned(),
            post: body["post"].clone(),
            support: body["support"].clone(),
        }
    }

    /// Where it is.
    pub fn path(&self) -> String {
        format!("/v1/posts/{}", self.id)
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

impl<'a> Person<'a> {
    pub async fn join(app: &'a App, age_band: &str) -> Person<'a> {
        let made = app
            .post("/v1/accounts", json!({ "age_band": age_band }))
            .await
            .ok(201);
        Person {
            caller: Caller::new(app, text(&made["access_token"])),
            refresh_token: Mutex::new(text(&made["refresh_token"]).to_owned()),
            recovery_code: text(&made["recovery_code"]).to_owned(),
        }
    }

    /// The same person at another process.
    pub fn at<'b>(&self, app: &'b App) -> Person<'b> {
        Person {
            caller: Caller::new(app, &self.token()),
            refresh_token: Mutex::new(self.refresh_token()),
            recovery_code: self.recovery_code.clone(),
        }
    }

    pub fn refresh_token(&self) -> String {
        self.refresh_token.lock().unwrap().clone()
    }

    /// Gets new tokens for the refresh token.
    pub async fn refreshes(&self) {
        let grant = json!({ "refresh_token": self.refresh_token() });
        let tokens = self.app.post("/v1/tokens", grant).await.ok(200);
        *self.caller.token.lock().unwrap() = text(&tokens["access_token"]).to_owned();
        *self.refresh_token.lock().unwrap() = text(&tokens["refresh_token"]).to_owned();
    }

    pub async fn posts(&self, text: &str) -> Posted {
        Posted::read(self.post("/v1/posts", json!({ "text": text })).await)
    }

    /// Posts about topics that the author names.
    pub async fn posts_about(&self, text: &str, topics: &[&str]) -> Posted {
        let draft = json!({ "text": text, "topics": topics });
        Posted::read(self.post("/v1/posts", draft).await)
    }

    /// The ids of the posts in the feed, newest first.
    pub async fn feed(&self) -> Vec<String> {
        self.ids("/v1/posts").await
    }

    /// The ids of all items of a list.
    pub async fn ids(&self, path: &str) -> Vec<String> {
        self.all(path)
            .await
            .iter()
            .map(|item| text(&item["id"]).to_owned())
            .collect()
    }

    /// Gives a reaction; answers the counts.
    pub async fn gives(&self, kind: &str, post: &Posted) -> Value {
        let path = format!("{}/reactions/{kind}", post.path());
        self.put(&path).await.ok(200)["reactions"].clone()
    }

    /// Takes a reaction back; answers the counts.
    pub async fn takes_back(&self, kind: &str, post: &Posted) -> Value {
        let path = format!("{}/reactions/{kind}", post.path());
        self.delete(&path).await.ok(200)["reactions"].clone()
    }

    /// Reports a post; answers the receipt.
    pub async fn reports(&self, post: &Posted, reason: &str) -> Value {
        let path = format!("{}/reports", post.path());
        self.post(&path, json!({ "reason": reason })).await.ok(202)
    }

    /// Appeals against a decision; answers the receipt.
    pub async fn appeals(&self, post: &Posted, words: &str) -> Value {
        let path = format!("{}/appeals", post.path());
        self.post(&path, json!({ "text": words })).await.ok(202)
    }

    /// Opens a live socket and subscribes; the `ready` is read.
    pub async fn listens(&self) -> Ear {
        self.listens_to(json!({ "type": "subscribe" })).await
    }

    /// From this moment on: the server may not have told everybody yet of what was just done.
    pub async fn listens_to(&self, mut subscription: Value) -> Ear {
        let head = self.app.database.number("SELECT seq FROM event_head").await;
        subscription["since"] = json!(head);
        let mut ear = Ear::open(self.app, Some(&self.token()), "/v1/live")
            .await
            .unwrap();
        ear.says(subscription).await;
        ear.hears("ready").await;
        ear
    }
}

/// The account that a person's token speaks for, which no answer tells.
pub fn account(person: &Person<'_>) -> AccountId {
    let claims = person.token();
    let claims = claims.split('.').nth(1).unwrap();
    let claims = data_encoding::BASE64URL_NOPAD
        .decode(claims.as_bytes())
        .unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    text(&claims["sub"]).parse().unwrap()
}
