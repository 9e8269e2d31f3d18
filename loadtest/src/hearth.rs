//! Hearth itself, started here with a folder of its own, or found where it already runs; and the
//! people who use it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use futures_util::future::try_join_all;
use hyper::header::HeaderValue;
use hyper::{Method, StatusCode};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::http::Client;
use crate::process::{Process, Usage, free_address};

/// Requests that are under way at once while accounts are made.
const AT_ONCE: usize = 16;

/// A Hearth to put load on.
pub struct Hearth {
    /// Where it listens.
    pub address: SocketAddr,
    /// The process that serves, where it is known.
    pub pid: Option<u32>,
    own: Option<Own>,
}

/// What is ours where Hearth was started here. The process goes before its folder.
struct Own {
    process: Process,
    program: PathBuf,
    database: Option<String>,
    dir: TempDir,
}

impl Hearth {
    /// One that runs already.
    pub fn at(address: SocketAddr, pid: Option<u32>) -> Hearth {
        Hearth {
            address,
            pid,
            own: None,
        }
    }

    /// Starts one on a free port, with a temporary folder, on SQLite where no database is named.
    pub async fn start(program: &Path, database: Option<&str>) -> Result<Hearth> {
        let dir = tempfile::Builder::new()
            .prefix("hearth-loadtest.")
            .tempdir()?;
        let address = free_address()?;
        let database = database.map(str::to_owned);
        let process = serve(program, address, dir.path(), database.as_deref()).await?;
        Ok(Hearth {
            address,
            pid: Some(process.id()),
            own: Some(Own {
                process,
                program: program.to_owned(),
                database,
                dir,
            }),
        })
    }

    /// Kills it as a crash would, and starts it again at the same address.
    pub async fn crash_and_return(&mut self) -> Result<()> {
        let own = self
            .own
            .take()
            .context("expected a Hearth that was started here: leave --url away")?;
        own.process.kill();
        let process = serve(
            &own.program,
            self.address,
            own.dir.path(),
            own.database.as_deref(),
        )
        .await?;
        self.pid = Some(process.id());
        self.own = Some(Own { process, ..own });
        Ok(())
    }

    /// What it has used, where its process is known.
    pub fn usage(&self) -> Result<Option<Usage>> {
        self.pid.map(Usage::of).transpose()
    }
}

async fn serve(
    program: &Path,
    address: SocketAddr,
    dir: &Path,
    database: Option<&str>,
) -> Result<Process> {
    let mut command = Command::new(program);
    command
        .env("HEARTH_LISTEN", address.to_string())
        .env("HEARTH_DATA_DIR", dir)
        .env("HEARTH_RATE_LIMITS", "off")
        .env("HEARTH_LOG", "warn");
    for setting in ["HEARTH_CONFIG", "HEARTH_RULES_DIR", "HEARTH_POLICY"] {
        command.env_remove(setting);
    }
    match database {
        Some(url) => command.env("DATABASE_URL", url),
        None => command.env_remove("DATABASE_URL"),
    };
    let mut process = Process::start("hearth", &mut command, dir, Signal::TERM)?;
    process.listening(address).await?;
    Ok(process)
}

/// Makes anonymous accounts, and answers the header that each authenticates with. The tokens
/// are good for a quarter of an hour.
pub async fn people(address: SocketAddr, count: usize) -> Result<Arc<[HeaderValue]>> {
    let makers = (0..AT_ONCE).map(|maker| async move {
        let mut client = Client::new(address).await?;
        let mut tokens = Vec::new();
        for _ in (maker..count).step_by(AT_ONCE) {
            tokens.push(account(&mut client).await?);
        }
        anyhow::Ok(tokens)
    });
    Ok(try_join_all(makers).await?.into_iter().flatten().collect())
}

async fn account(client: &mut Client) -> Result<HeaderValue> {
    let body = Bytes::from_static(br#"{"age_band":"16-17"}"#);
    let answer = client
        .expect(
            StatusCode::CREATED,
            Method::POST,
            "/v1/accounts",
            None,
            Some(body),
        )
        .await?;
    let answer: serde_json::Value = serde_json::from_slice(&answer)?;
    let token = answer["access_token"]
        .as_str()
        .context("POST /v1/accounts: expected an access_token")?;
    Ok(HeaderValue::from_str(&format!("Bearer {token}"))?)
}
