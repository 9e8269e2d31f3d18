//! The app over real sockets, on either engine, with a clock that tests turn.

mod answer;
mod browser;
mod console;
mod contract;
mod disk;
mod dump;
mod ear;
mod engine;
mod follower;
mod load;
mod member;
mod packs;
mod person;
mod postgres;
mod program;
mod receiver;
mod service;
mod stream;
mod wire;

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::FromRef;
use clap::{Args, FromArgMatches};
use futures_util::FutureExt;
use hearth::app::Server;
use hearth::clock::{Clock, Time};
use hearth::config::Settings;
use hearth::db::{Group, Writer};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::Mutex;

pub use answer::Answer;
pub use browser::{Browser, Screen};
pub use console::Console;
pub use contract::{Contract, Operation};
pub use disk::SmallDisk;
pub use dump::Dump;
pub use ear::Ear;
pub use engine::{Database, Engine, redis};
pub use follower::Follower;
pub use load::Load;
pub use member::{Member, totp};
pub use packs::{Packs, rule};
pub use person::{Caller, Person, Posted, account};
pub use program::{Home, Program, said};
pub use receiver::{Delivery, Receiver, SECRET};
pub use service::{Postgres, Redis, service_user};
pub use stream::{Stream, Told};
pub use wire::{Wire, masked};

/// Green: live at once.
pub const GREEN: &str = "I got a new puppy and she is so cute";
/// Amber: live at once, and a person looks.
pub const AMBER: &str = "i wish i could just disappear";
/// Red: held.
pub const RED: &str = "my dad hits me with a belt";
/// Crisis: held, and the most urgent.
pub const CRISIS: &str = "i want to kill myself tonight";

/// A Tuesday, 16:00 in the UK, in microseconds.
pub const START: i64 = 1_768_924_800_000_000;

/// How long a test waits for what has to come.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A running app with a database of its own.
pub struct App {
    pub clock: Clock,
    pub database: Database,
    pub http: reqwest::Client,
    base: String,
    settings: Settings,
    server: Mutex<Option<Server>>,
    dir: Arc<TempDir>,
}

/// Runs one behaviour on one engine, and cleans up whether or not it holds.
pub async fn on(engine: Engine, behaviour: impl AsyncFnOnce(&App)) {
    let app = App::start(engine).await;
    let outcome = AssertUnwindSafe(behaviour(&app)).catch_unwind().await;
    app.end().await;
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// Settings from flags alone: what stands in the environment of the tests is not read.
pub fn settings(flags: &[String]) -> Settings {
    let command = Settings::augment_args(clap::Command::new("hearth"))
        .no_binary_name(true)
        .mut_args(|arg| arg.env(None::<&str>));
    let matches = command.try_get_matches_from(flags).unwrap();
    Settings::from_arg_matches(&matches).unwrap()
}

impl App {
    async fn start(engine: Engine) -> App {
        let dir = Arc::new(TempDir::new().unwrap());
        let database = Database::create(engine, dir.path()).await;
        let clock = Clock::manual(Time::from_micros(START));
        // A test does in a second what nobody does in an hour.
        App::serve(database, dir, clock, &["--rate-limits=off"]).await
    }

    /// One more process on the same data, with the same clock and these flags; to be stopped by
    /// the test that started it.
    pub async fn beside(&self, flags: &[&str]) -> App {
        let (database, dir) = (self.database.clone(), self.dir.clone());
        App::serve(database, dir, self.clock.clone(), flags).await
    }

    /// One more process on the same data whose policy says something else: each of these texts of
    /// the shipped one stands for another. To be stopped by the test that started it.
    pub async fn with_policy(&self, changes: &[(&str, &str)]) -> App {
        let mut policy = include_str!("../../../moderation-rules/policy.toml").to_owned();
        for (from, to) in changes {
            assert!(policy.contains(from), "{from}");
            policy = policy.replacen(from, to, 1);
        }
        let path = self.dir.path().join("policy.toml");
        std::fs::write(&path, policy).unwrap();
        let flag = format!("--policy={}", path.display());
        self.beside(&["--rate-limits=off", &flag]).await
    }

    async fn serve(database: Database, dir: Arc<TempDir>, clock: Clock, more: &[&str]) -> App {
        let mut flags = vec![
            "--listen=127.0.0.1:0".into(),
            format!("--data-dir={}", dir.path().display()),
        ];
        if !more.iter().any(|flag| flag.starts_with("--staff-idle")) {
            // Hours pass in a test while its staff are at work.
            flags.push("--staff-idle=720".into());
        }
        flags.extend(database.url().map(|url| format!("--database-url={url}")));
        flags.extend(database.redis_url().map(|url| format!("--redis-url={url}")));
        flags.extend(more.iter().map(|flag| (*flag).to_owned()));
        let mut settings = settings(&flags);
        let server = Server::start(&settings, clock.clone()).await.unwrap();
        // A restart comes back where clients look for it.
        settings.listen = server.address();
        App {
            clock,
            database,
            http: reqwest::Client::builder()
                .no_proxy()
                .redirect(Policy::none())
                .build()
                .unwrap(),
            base: format!("http://{}", server.address()),
            settings,
            server: Mutex::new(Some(server)),
            dir,
        }
    }

    /// One that another process serves, at `base`; there is no clock to turn.
    pub fn elsewhere(base: String, database: Database) -> App {
        App {
            clock: Clock::System,
            database,
            http: reqwest::Client::builder()
                .no_proxy()
                .redirect(Policy::none())
                .build()
                .unwrap(),
            base,
            settings: settings(&[]),
            server: Mutex::new(None),
            dir: Arc::new(TempDir::new().unwrap()),
        }
    }

    /// Another process on the same database, with the same clock and key, and with this Redis;
    /// none on the embedded engine, which one process uses.
    pub async fn another(&self, redis: Option<String>) -> Option<App> {
        self.database.url()?;
        let mut settings = self.settings.clone();
        settings.listen.set_port(0);
        settings.redis_url = redis;
        let server = Server::start(&settings, self.clock.clone()).await.unwrap();
        Some(App {
            clock: self.clock.clone(),
            database: self.database.clone(),
            http: self.http.clone(),
            base: format!("http://{}", server.address()),
            settings,
            server: Mutex::new(Some(server)),
            dir: self.dir.clone(),
        })
    }

    async fn end(self) {
        self.stops().await;
        self.database.drop().await;
    }

    /// Stops as SIGTERM would.
    pub async fn stops(&self) {
        if let Some(server) = self.server.lock().await.take() {
            server.stop().await;
        }
    }

    /// Starts again on the same data, after [`App::stops`] or in its place.
    pub async fn restarts(&self) {
        self.stops().await;
        let server = Server::start(&self.settings, self.clock.clone()).await;
        *self.server.lock().await = Some(server.unwrap());
    }

    /// A part of the running app, as its handlers get it.
    pub async fn part<T: FromRef<hearth::app::App>>(&self) -> T {
        T::from_ref(self.server.lock().await.as_ref().unwrap().app())
    }

    /// Waits until so many jobs wait for their turn in a group.
    pub async fn queues<W: Writer>(&self, group: &Group<W>, jobs: usize) {
        let queued = async {
            while group.waiting() < jobs {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, queued).await.unwrap();
    }

    /// The file with the key.
    pub fn key_file(&self) -> PathBuf {
        self.dir.path().join("hearth.key")
    }

    /// `path` at this app.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A request, to be finished and given to [`App::send`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    /// Sends a request; the status of its answer has to be one that `/openapi.json` names.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let answer = Answer::to(&self.http, request.build().unwrap()).await;
        Contract::of(self).await.check(&answer);
        answer
    }

    /// Gets `path` without a token.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Posts to `path` without a token.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body))
            .await
    }

    /// Somebody new.
    pub async fn person(&self, age_band: &str) -> Person<'_> {
        Person::join(self, age_band).await
    }

    /// A member of staff who has signed in.
    pub async fn staff(&self, name: &str, role: &str) -> Member<'_> {
        Member::add(self, name, role).await
    }

    /// The clock is put back.
    pub fn earlier(&self, minutes: i64) {
        if let Clock::Manual(micros) = &self.clock {
            micros.fetch_sub(60_000_000 * minutes, Ordering::SeqCst);
        }
    }

    /// Time passes.
    pub fn later(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(60 * minutes));
    }
}
