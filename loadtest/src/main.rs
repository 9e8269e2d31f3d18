//! Puts load on Hearth and measures it, alone or beside its peers.
//!
//! ```text
//! cargo build --release --workspace
//! target/release/loadtest run --subscribers 1000 --posts-per-second 5
//! target/release/loadtest scenario evening
//! loadtest/compare
//! ```
//!
//! Without `--url` it starts the `hearth` beside it, with a temporary folder and a free port, and
//! leaves nothing behind. One process is all the clients: `crowd` holds the live sockets, `load`
//! sends requests at their times, `figures` adds up what both have seen and what the server
//! used, `stage` joins these for a stretch of load.

mod compare;
mod crowd;
mod figures;
mod hearth;
mod http;
mod latency;
mod load;
mod marker;
mod nchan;
mod options;
mod peer;
mod postgres;
mod process;
mod progress;
mod scenario;
mod stage;
mod triage;

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Parser;
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

use figures::table;
use options::{Command, Options};
use progress::say;
use stage::{Phase, Stage};

/// Open files beside the live sockets.
const OTHER_FILES: usize = 500;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let done = tokio::select! {
        done = run(options) => done,
        // What was started here ends when it is dropped.
        () = interrupted() => Err(anyhow::anyhow!("interrupted")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("loadtest: {error:#}\n"));
            ExitCode::FAILURE
        }
    }
}

async fn interrupted() {
    let kinds = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ];
    let signals = kinds.map(async |kind| {
        match signal(kind) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        };
    });
    futures_util::future::select_all(signals.map(Box::pin)).await;
}

async fn run(options: Options) -> Result<()> {
    match options.command {
        Command::Run(run) => {
            room_for(run.subscribers)?;
            let mut stage = Stage::set(run.target.hearth().await?, false).await?;
            stage.fill(run.subscribers).await?;
            let phase = Phase {
                name: "run",
                seconds: run.seconds,
                joining: 0,
                posts: run.posts_per_second,
                reactions: run.reactions_per_second,
                reads: run.reads_per_second,
            };
            let figures = [stage.play(&phase).await?];
            print(&table(&figures), &figures, options.json)
        }
        Command::Scenario(scenario) => {
            room_for(scenario.subscribers)?;
            let hearth = scenario.target.hearth().await?;
            let figures = scenario.scenario.play(hearth, scenario.subscribers).await?;
            print(&table(&figures), &figures, options.json)
        }
        Command::Compare { hearth, options: o } => {
            room_for(o.trickle_sockets.max(o.burst_sockets).max(o.crowd_sockets))?;
            let all = compare::run(options::program(hearth)?, &o).await?;
            print(&compare::table(&all), &all, options.json)
        }
        Command::Triage(options) => {
            let figures = triage::run(&options)?;
            print(&triage::table(&figures), &figures, false)
        }
        Command::Peer {
            listen,
            database,
            constant_bytes,
        } => peer::serve(listen, database.as_deref(), constant_bytes).await,
    }
}

fn room_for(sockets: usize) -> Result<()> {
    let wanted = (sockets + OTHER_FILES) as u64;
    let limit = process::raise_open_files(wanted);
    if limit < wanted {
        bail!(
            "expected to open {wanted} files, the system allows {limit}: raise the hard limit \
             (ulimit -Hn), or take fewer sockets"
        );
    }
    Ok(())
}

/// JSON goes to the standard output where it is wanted, and the table to whoever looks on.
fn print(table: &str, figures: &impl Serialize, json: bool) -> Result<()> {
    if json {
        say(table);
        println!("{}", serde_json::to_string_pretty(figures)?);
    } else {
        print!("{table}");
    }
    Ok(())
}
