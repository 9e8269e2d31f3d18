//! The command line.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};

use crate::compare;
use crate::hearth::Hearth;
use crate::scenario::Scenario;
use crate::triage;

/// Puts load on Hearth, and measures it beside its peers.
#[derive(Parser)]
#[command(version)]
pub struct Options {
    /// Print the figures as JSON on the standard output, and the table on the other
    #[arg(long, global = true)]
    pub json: bool,

    /// What is done
    #[command(subcommand)]
    pub command: Command,
}

/// What is done.
#[derive(Subcommand)]
pub enum Command {
    /// Live subscribers, posts and reactions at given rates
    Run(Run),
    /// A day that Hearth has to get through
    Scenario(Play),
    /// Hearth beside Nchan and beside plain handlers, in the same run
    Compare {
        /// The hearth program; the one beside this program where nothing is said
        #[arg(long, value_name = "FILE")]
        hearth: Option<PathBuf>,

        /// How
        #[command(flatten)]
        options: compare::Options,
    },
    /// A verdict beside rustrict's call and a plain scan for the same words, in the same run
    Triage(triage::Options),
    /// The plain handlers
    #[command(hide = true)]
    Peer {
        /// Where they listen
        #[arg(long)]
        listen: SocketAddr,
        /// postgres://… or the path of a SQLite file
        #[arg(long)]
        database: Option<String>,
        /// The length of the constant answer
        #[arg(long, default_value_t = 0)]
        constant_bytes: usize,
    },
}

/// A stretch of load.
#[derive(Args)]
pub struct Run {
    /// On what
    #[command(flatten)]
    pub target: Target,

    /// Live sockets
    #[arg(long, default_value_t = 1_000)]
    pub subscribers: usize,

    /// Posts a second
    #[arg(long, default_value_t = 2.0, value_parser = rate)]
    pub posts_per_second: f64,

    /// Reactions a second
    #[arg(long, default_value_t = 10.0, value_parser = rate)]
    pub reactions_per_second: f64,

    /// Pages of the feed a second
    #[arg(long, default_value_t = 10.0, value_parser = rate)]
    pub reads_per_second: f64,

    /// How long; access tokens are good for a quarter of an hour
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=780))]
    pub seconds: u64,
}

/// A scenario.
#[derive(Args)]
pub struct Play {
    /// Which
    pub scenario: Scenario,

    /// On what
    #[command(flatten)]
    pub target: Target,

    /// Live sockets at its height; the other rates go with it
    #[arg(long, default_value_t = 1_000, value_parser = subscribers)]
    pub subscribers: usize,
}

/// The server that load is put on.
#[derive(Args)]
pub struct Target {
    /// A Hearth that runs already, http://HOST:PORT with HEARTH_RATE_LIMITS=off; one is started
    /// where nothing is said
    #[arg(long)]
    url: Option<String>,

    /// Its process, where its processor time and memory are to be measured
    #[arg(long, requires = "url")]
    pid: Option<u32>,

    /// Put load on a server that is not on this machine; be sure that it is yours
    #[arg(long, requires = "url")]
    remote: bool,

    /// The hearth program that is started; the one beside this program where nothing is said
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    hearth: Option<PathBuf>,

    /// The database of the Hearth that is started; a SQLite file where nothing is said
    #[arg(long, value_name = "URL", conflicts_with = "url")]
    database: Option<String>,
}

impl Target {
    /// The server, started where none was named.
    pub async fn hearth(&self) -> Result<Hearth> {
        let Some(url) = &self.url else {
            let program = program(self.hearth.clone())?;
            return Hearth::start(&program, self.database.as_deref()).await;
        };
        let expected = || format!("--url {url}: expected http://HOST:PORT");
        let host = url.strip_prefix("http://").with_context(expected)?;
        let address = host
            .trim_end_matches('/')
            .to_socket_addrs()
            .with_context(expected)?
            // A server that listens on one of several names' addresses is most often this one.
            .min_by_key(SocketAddr::is_ipv6)
            .with_context(expected)?;
        if !address.ip().is_loopback() && !self.remote {
            bail!("{url} is not on this machine: add --remote where it is yours to load");
        }
        Ok(Hearth::at(address, self.pid))
    }
}

/// The program that is started as Hearth.
pub fn program(named: Option<PathBuf>) -> Result<PathBuf> {
    let program = match named {
        Some(program) => program,
        None => std::env::current_exe()?.with_file_name("hearth"),
    };
    if !program.is_file() {
        bail!(
            "expected the hearth program at {}: cargo build --release --workspace",
            program.display()
        );
    }
    Ok(program)
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if (0.0..=100_000.0).contains(&rate) => Ok(rate),
        _ => Err("expected a number from 0 to 100000".into()),
    }
}

fn subscribers(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if (10..=100_000).contains(&count) => Ok(count),
        _ => Err("expected a number from 10 to 100000".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        <Options as clap::CommandFactory>::command().debug_assert();
    }

    #[tokio::test]
    async fn a_server_elsewhere_is_left_alone() {
        let options = Options::parse_from(["loadtest", "run", "--url", "http://192.0.2.1:80"]);
        let Command::Run(run) = options.command else {
            panic!("expected a run");
        };
        assert!(run.target.hearth().await.is_err());
    }
}
