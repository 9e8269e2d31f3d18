//! A private PostgreSQL that writes as safely as in production.

use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use rustix::process::Signal;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use crate::process::{Process, free_address};

/// Where Debian keeps its versions of PostgreSQL.
const VERSIONS: &str = "/usr/lib/postgresql";

/// A server on the loopback interface; it and its folder go when this is dropped.
pub struct Postgres {
    address: SocketAddr,
    _process: Process,
    _dir: TempDir,
}

impl Postgres {
    /// Starts the newest version that is installed, with `fsync` on.
    pub async fn start() -> Result<Postgres> {
        let programs = programs()?;
        // PostgreSQL refuses to run as root.
        let user = match rustix::process::geteuid().is_root() {
            true => Some(service_user()?),
            false => None,
        };
        let dir = tempfile::Builder::new()
            .prefix("postgres-loadtest.")
            .tempdir()?;
        std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o711))?;
        let home = dir.path().join("home");
        std::fs::create_dir(&home)?;
        if let Some((uid, gid)) = user {
            chown(&home, Some(uid), Some(gid))?;
        }
        let command = |program: &str| {
            let mut command = Command::new(programs.join(program));
            command.current_dir(&home);
            if let Some((uid, gid)) = user {
                command.uid(uid).gid(gid);
            }
            command
        };

        let data = home.join("data");
        let made = command("initdb")
            .args(["--username", "hearth", "--auth", "trust"])
            .args(["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"])
            .arg("--pgdata")
            .arg(&data)
            .output()
            .context("initdb does not start")?;
        if !made.status.success() {
            bail!("initdb: {}", String::from_utf8_lossy(&made.stderr));
        }
        let address = free_address()?;
        let mut server = command("postgres");
        server.arg("-D").arg(&data);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=on",
            "synchronous_commit=on",
            "max_connections=100",
            &format!("port={}", address.port()),
        ] {
            server.arg("-c").arg(setting);
        }
        // An immediate shutdown; of an interrupted one nothing would be left either.
        let mut process = Process::start("postgres", &mut server, dir.path(), Signal::QUIT)?;
        process.listening(address).await?;
        Ok(Postgres {
            address,
            _process: process,
            _dir: dir,
        })
    }

    /// Makes an empty database, and answers its address.
    pub async fn database(&self, name: &str) -> Result<String> {
        let mut server = self.connect().await?;
        // Our own names, not input: this statement takes no parameters.
        let statement = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::query(statement).execute(&mut server).await?;
        Ok(self.url(name))
    }

    /// It takes connections a moment before it serves them.
    async fn connect(&self) -> Result<PgConnection> {
        let mut tries = 0;
        loop {
            match PgConnection::connect(&self.url("postgres")).await {
                Ok(connection) => return Ok(connection),
                Err(error) if tries > 100 => return Err(error.into()),
                Err(_) => tries += 1,
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://hearth@{}/{database}", self.address)
    }
}

fn programs() -> Result<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(VERSIONS)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, dir)| is_complete(dir))
        .collect();
    versions.sort();
    let newest = versions.pop().map(|(_, dir)| dir);
    newest.with_context(|| {
        format!(
            "expected PostgreSQL in {VERSIONS}/*/bin: install the Debian package postgresql, \
             or run loadtest/compare as root"
        )
    })
}

fn is_complete(dir: &Path) -> bool {
    ["initdb", "postgres"]
        .iter()
        .all(|program| dir.join(program).is_file())
}

/// The user and the group that PostgreSQL runs as.
fn service_user() -> Result<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd").context("/etc/passwd")?;
    let find = |name: &str| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            let right = fields.next()? == name;
            let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
            right.then_some((uid, gid))
        })
    };
    find("postgres")
        .or_else(|| find("nobody"))
        .context("expected a user postgres or nobody in /etc/passwd: PostgreSQL refuses root")
}
