//! A PostgreSQL and a Redis of a test's own, to be killed.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::PATIENCE;

/// How long a service is given before it is asked again whether it answers.
const AGAIN: Duration = Duration::from_millis(50);

/// A port of the loopback interface that nobody has just now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Whoever services run as, where the tests run as root: PostgreSQL refuses to.
pub fn service_user() -> Option<(u32, u32)> {
    let ids = std::env::var("HEARTH_TEST_SERVICE_USER").ok()?;
    let (user, group) = ids
        .split_once(':')
        .expect("HEARTH_TEST_SERVICE_USER: UID:GID");
    Some((user.parse().unwrap(), group.parse().unwrap()))
}

/// A process that is ended by a signal when its owner drops it.
struct Service {
    process: Child,
    signal: &'static str,
}

impl Service {
    fn start(command: &mut Command, signal: &'static str) -> Service {
        command.stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn();
        Service {
            process: process.unwrap_or_else(|error| panic!("{command:?}: {error}")),
            signal,
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let pid = self.process.id().to_string();
        let _ = Command::new("kill").args([self.signal, &pid]).status();
        let _ = self.process.wait();
    }
}

/// A PostgreSQL server. What it has committed survives when it is ended without warning.
pub struct Postgres {
    data: PathBuf,
    port: u16,
    server: Option<Service>,
    _dir: Option<TempDir>,
}

impl Postgres {
    pub async fn start() -> Postgres {
        let dir = TempDir::new().unwrap();
        if let Some((user, group)) = service_user() {
            std::os::unix::fs::chown(dir.path(), Some(user), Some(group)).unwrap();
        }
        let postgres = Postgres::start_in(dir.path()).await;
        Postgres {
            _dir: Some(dir),
            ..postgres
        }
    }

    /// One that keeps its data in a folder that it may write to.
    pub async fn start_in(dir: &Path) -> Postgres {
        let data = dir.join("data");
        let mut initdb = program("initdb");
        initdb.args(["--username=hearth", "--auth=trust", "--encoding=UTF8"]);
        initdb.args([
            "--locale=C.UTF-8",
            "--no-sync",
            "--wal-segsize=1",
            "--pgdata",
        ]);
        let made = initdb.arg(&data).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        let mut postgres = Postgres {
            data,
            port: free_port(),
            server: None,
            _dir: None,
        };
        postgres.comes_back().await;
        postgres
    }

    /// The address of its one database, which is empty.
    pub fn url(&self) -> String {
        format!("postgres://hearth@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends at once, as in a crash: whoever is connected is cut off.
    pub fn crashes(&mut self) {
        self.server = None;
    }

    /// Starts at the same address, and waits until it answers.
    pub async fn comes_back(&mut self) {
        let mut server = program("postgres");
        server.arg("-D").arg(&self.data);
        server.args(["-p", &self.port.to_string()]);
        // What the kernel has taken survives the end of the process; a power cut is not tried.
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
        ] {
            server.args(["-c", setting]);
        }
        self.server = Some(Service::start(&mut server, "-QUIT"));
        let answers = async {
            while PgConnection::connect(&self.url()).await.is_err() {
                sleep(AGAIN).await;
            }
        };
        timeout(PATIENCE, answers)
            .await
            .expect("PostgreSQL does not start");
    }
}

/// One of PostgreSQL's programs, run as somebody it accepts.
fn program(name: &str) -> Command {
    let programs = std::env::var_os("HEARTH_TEST_POSTGRES_PROGRAMS").expect(
        "HEARTH_TEST_POSTGRES_PROGRAMS is not set: run tests/run, or set it to the folder that \
         holds initdb and postgres",
    );
    let mut command = Command::new(PathBuf::from(programs).join(name));
    command.current_dir("/");
    if let Some((user, group)) = service_user() {
        command.uid(user).gid(group);
    }
    command
}

/// A Redis server that keeps nothing.
pub struct Redis {
    dir: TempDir,
    port: u16,
    server: Option<Service>,
}

impl Redis {
    pub async fn start() -> Redis {
        let mut redis = Redis {
            dir: TempDir::new().unwrap(),
            port: free_port(),
            server: None,
        };
        redis.comes_back().await;
        redis
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// SIGKILL.
    pub fn dies(&mut self) {
        self.server = None;
    }

    /// Starts at the same address, and waits until it answers.
    pub async fn comes_back(&mut self) {
        let mut server = Command::new("redis-server");
        server.current_dir(self.dir.path());
        server.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        server.args(["--port", &self.port.to_string()]);
        self.server = Some(Service::start(&mut server, "-KILL"));
        let client = redis::Client::open(self.url()).unwrap();
        let answers = async {
            while client.get_multiplexed_async_connection().await.is_err() {
                sleep(AGAIN).await;
            }
        };
        timeout(PATIENCE, answers)
            .await
            .expect("Redis does not start");
    }
}
