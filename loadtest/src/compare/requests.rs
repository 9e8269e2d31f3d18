//! Requests, beside handlers that do as little as one can.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use hyper::{Method, StatusCode};
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::time::Instant;

use super::{Comparison, Options, Pair, announce};
use crate::hearth::{self, Hearth};
use crate::http::Client;
use crate::load::{Action, Pace, Site};
use crate::marker::Ledger;
use crate::postgres::Postgres;
use crate::process::{Process, Usage, free_address};
use crate::stage::PEOPLE;

/// Clients that write at once.
const WRITERS: usize = 64;
/// Clients that read at once.
const READERS: usize = 16;
/// How long a measurement goes on.
const LIMIT: Duration = Duration::from_secs(4);
/// Posts that are reacted to: with the people there are, more pairs than a measurement takes.
const POSTS: u64 = 120;

/// Durable reactions a second on SQLite.
pub async fn on_sqlite(hearth: &Path, options: &Options) -> Result<Vec<Comparison>> {
    let mut rates = Pair::default();
    for round in 0..options.rounds {
        announce("reactions on SQLite", round, options);
        let (ours, theirs) = writes(hearth, None, None).await?;
        rates.hearth.push(ours);
        rates.peer.push(theirs);
    }
    let what = "durable reactions by 64 clients, SQLite";
    Ok(vec![rates.gain(what, "/s", "plain", Some(6.0))])
}

/// Durable reactions a second on PostgreSQL.
pub async fn on_postgres(hearth: &Path, options: &Options) -> Result<Vec<Comparison>> {
    let postgres = Postgres::start().await?;
    let mut rates = Pair::default();
    for round in 0..options.rounds {
        announce("reactions on PostgreSQL", round, options);
        let ours = postgres.database(&format!("hearth_{round}")).await?;
        let theirs = postgres.database(&format!("plain_{round}")).await?;
        let (ours, theirs) = writes(hearth, Some(&ours), Some(&theirs)).await?;
        rates.hearth.push(ours);
        rates.peer.push(theirs);
    }
    let what = "durable reactions by 64 clients, PostgreSQL";
    Ok(vec![rates.gain(what, "/s", "plain", Some(4.0))])
}

async fn writes(program: &Path, ours: Option<&str>, theirs: Option<&str>) -> Result<(f64, f64)> {
    let hearth = Hearth::start(program, ours).await?;
    let site = people(&hearth).await?;
    let (reactions, _) = rate(&site, Action::React, WRITERS, hearth.pid).await?;
    drop(hearth);
    let plain = Plain::start(theirs, 0).await?;
    let (rows, _) = rate(&plain.site(), Action::Insert, WRITERS, Some(plain.id())).await?;
    Ok((reactions, rows))
}

/// Processor time of the first page of the feed.
pub async fn feed(program: &Path, options: &Options) -> Result<Vec<Comparison>> {
    let (mut cpu, mut rates) = (Pair::default(), Pair::default());
    for round in 0..options.rounds {
        announce("pages of the feed", round, options);
        let hearth = Hearth::start(program, None).await?;
        let site = people(&hearth).await?;
        // Some of them have reactions, as in life.
        let pace = Pace::Closed { clients: READERS };
        site.ask(Action::React, pace, Some(1_000), LIMIT).await?;
        let bytes = Client::new(hearth.address)
            .await?
            .expect(
                StatusCode::OK,
                Method::GET,
                "/v1/posts",
                site.people.first(),
                None,
            )
            .await?
            .len();
        let (ours, our_cpu) = rate(&site, Action::Read, READERS, hearth.pid).await?;
        drop(hearth);
        let plain = Plain::start(None, bytes).await?;
        let site = plain.site();
        let (theirs, their_cpu) = rate(&site, Action::Constant, READERS, Some(plain.id())).await?;
        rates.hearth.push(ours);
        rates.peer.push(theirs);
        cpu.hearth.push(our_cpu);
        cpu.peer.push(their_cpu);
    }
    Ok(vec![
        cpu.share(
            "a page of the feed: CPU of a request",
            "µs",
            "constant",
            Some(3.0),
        ),
        rates.gain("a page of the feed by 16 clients", "/s", "constant", None),
    ])
}

async fn people(hearth: &Hearth) -> Result<Arc<Site>> {
    let people = hearth::people(hearth.address, PEOPLE).await?;
    let site = Site::new(hearth.address, people, Arc::new(Ledger::new()));
    site.seed(POSTS).await?;
    Ok(site)
}

/// Requests a second, one after another on each connection, and the processor microseconds
/// that the server took for each.
async fn rate(
    site: &Arc<Site>,
    action: Action,
    clients: usize,
    pid: Option<u32>,
) -> Result<(f64, f64)> {
    let pid = pid.context("expected a server that was started here")?;
    let answered = || site.answered.load(std::sync::atomic::Ordering::Relaxed) as f64;
    // The first answers make caches and connections.
    let pace = Pace::Closed { clients };
    site.ask(action, pace, None, Duration::from_millis(500))
        .await?;
    let (began, before, cpu) = (Instant::now(), answered(), Usage::of(pid)?.cpu);
    site.ask(action, pace, None, LIMIT).await?;
    if let Some(failure) = site.failure() {
        bail!("{action:?}: a request failed: {failure}");
    }
    let requests = answered() - before;
    let cpu = Usage::of(pid)?.cpu - cpu;
    let seconds = began.elapsed().as_secs_f64();
    Ok((requests / seconds, cpu * 1e6 / requests))
}

/// The plain handlers, in a process of their own.
struct Plain {
    address: SocketAddr,
    process: Process,
    _dir: TempDir,
}

impl Plain {
    /// On a new SQLite file where no database is named.
    async fn start(database: Option<&str>, constant_bytes: usize) -> Result<Plain> {
        let dir = tempfile::Builder::new()
            .prefix("plain-loadtest.")
            .tempdir()?;
        let address = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("peer")
            .arg("--listen")
            .arg(address.to_string())
            .arg("--constant-bytes")
            .arg(constant_bytes.to_string())
            .arg("--database");
        match database {
            Some(url) => command.arg(url),
            None => command.arg(dir.path().join("plain.db")),
        };
        let mut process = Process::start("plain", &mut command, dir.path(), Signal::TERM)?;
        process.listening(address).await?;
        Ok(Plain {
            address,
            process,
            _dir: dir,
        })
    }

    fn id(&self) -> u32 {
        self.process.id()
    }

    fn site(&self) -> Arc<Site> {
        Site::new(self.address, Arc::new([]), Arc::new(Ledger::new()))
    }
}
