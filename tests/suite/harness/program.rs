//! The real program, as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::engine::{file_in, redis};
use super::{App, Database, Engine, PATIENCE, Postgres, SmallDisk, postgres};

/// Where a program lives: a data directory, and a database with nothing in it.
pub struct Home {
    pub dir: PathBuf,
    pub url: String,
    engine: Engine,
    /// What enters the place where programs run, where it has to be entered.
    enter: Vec<String>,
    _own_dir: Option<Arc<TempDir>>,
}

/// A running program, and what it says.
pub struct Program {
    app: App,
    pid: String,
    child: Mutex<Option<Child>>,
    said: Arc<Mutex<String>>,
}

impl Deref for Program {
    type Target = App;
    fn deref(&self) -> &App {
        &self.app
    }
}

impl Home {
    pub async fn new(engine: Engine) -> Home {
        let dir = TempDir::new().unwrap();
        let url = match engine {
            Engine::Embedded => file_in(dir.path()),
            Engine::Production => postgres::create_empty().await,
        };
        Home {
            dir: dir.path().to_owned(),
            url,
            engine,
            enter: Vec::new(),
            _own_dir: Some(Arc::new(dir)),
        }
    }

    /// One whose data directory is this disk, with a SQLite file on it that the test cannot open.
    pub fn on_disk(disk: &SmallDisk) -> Home {
        Home {
            dir: disk.mount_point().to_owned(),
            url: file_in(disk.mount_point()),
            engine: Engine::Embedded,
            enter: disk.enter(),
            _own_dir: None,
        }
    }

    /// One whose database is on a PostgreSQL of the test's own.
    pub fn on(postgres: &Postgres) -> Home {
        let dir = TempDir::new().unwrap();
        Home {
            dir: dir.path().to_owned(),
            url: postgres.url(),
            engine: Engine::Production,
            enter: Vec::new(),
            _own_dir: Some(Arc::new(dir)),
        }
    }

    /// The same one, key file and all, with an empty PostgreSQL database.
    pub async fn on_postgres(&self) -> Home {
        Home {
            dir: self.dir.clone(),
            url: postgres::create_empty().await,
            engine: Engine::Production,
            enter: Vec::new(),
            _own_dir: self._own_dir.clone(),
        }
    }

    pub async fn drop(self) {
        // One on a server of the test's own goes with it.
        if self.engine == Engine::Production && !self.url.ends_with("/postgres") {
            postgres::drop(&self.url).await;
        }
    }

    pub async fn database(&self) -> Database {
        Database::open(self.engine, self.url.clone()).await
    }

    /// Adds a member of staff; what the program prints of them.
    pub async fn adds_staff(&self, name: &str, role: &str) -> Value {
        let output = self
            .runs(&["staff", "add", name, "--role", role, "--json"])
            .await;
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)))
    }

    /// The program, with nothing in its environment, at home here.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_hearth").to_owned();
        let mut words = self.enter.iter().chain([&program]);
        let mut command = Command::new(words.next().unwrap());
        command
            .env_clear()
            .args(words)
            // A test does in a second what nobody does in an hour.
            .env("HEARTH_RATE_LIMITS", "off")
            .args(arguments)
            .arg("--data-dir")
            .arg(&self.dir);
        if self.engine == Engine::Production {
            command
                .env("DATABASE_URL", &self.url)
                .env("REDIS_URL", redis());
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub async fn runs(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }

    /// Starts the program on any free port, and waits until it serves.
    pub async fn starts(&self) -> Program {
        self.starts_with(&["--listen=127.0.0.1:0"]).await
    }

    pub async fn starts_with(&self, arguments: &[&str]) -> Program {
        let mut child = self.command(arguments).spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let (tell, told) = oneshot::channel();
        listen(child.stdout.take().unwrap(), said.clone(), Some(tell));
        listen(child.stderr.take().unwrap(), said.clone(), None);
        let base = match timeout(PATIENCE, told).await {
            Ok(Ok(base)) => base,
            _ => {
                let _ = child.kill();
                panic!("it does not serve: {}", said.lock().unwrap());
            }
        };
        let app = App::elsewhere(base, self.database().await);
        let (pid, child) = (child.id().to_string(), Mutex::new(Some(child)));
        Program {
            app,
            pid,
            child,
            said,
        }
    }
}

/// All that a command said.
pub fn said(output: &Output) -> String {
    let all = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(all).unwrap()
}

/// Collects what is said, and tells of the address that it serves on.
fn listen(
    from: impl Read + Send + 'static,
    said: Arc<Mutex<String>>,
    mut tell: Option<oneshot::Sender<String>>,
) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            said.lock().unwrap().push_str(&format!("{line}\n"));
            if let Some((_, base)) = line.split_once("serves on ")
                && let Some(tell) = tell.take()
            {
                let _ = tell.send(base.trim().to_owned());
            }
        }
    });
}

impl Program {
    /// Everything on stdout and stderr so far.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// SIGSTOP: it does nothing at all until it is thawed.
    pub fn freezes(&self) {
        self.signal("-STOP");
    }

    /// SIGCONT.
    pub fn thaws(&self) {
        self.signal("-CONT");
    }

    pub fn address(&self) -> SocketAddr {
        self.url("").trim_start_matches("http://").parse().unwrap()
    }

    /// SIGTERM.
    pub fn stops_on_request(&self) {
        self.signal("-TERM");
    }

    /// SIGKILL, and the end of it.
    pub async fn dies(self) {
        self.signal("-KILL");
        self.ends().await;
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end.
    pub async fn ends(&self) -> ExitStatus {
        let mut child = self
            .child
            .lock()
            .unwrap()
            .take()
            .expect("it has not ended yet");
        let ended = tokio::task::spawn_blocking(move || child.wait().unwrap());
        match timeout(PATIENCE, ended).await {
            Ok(status) => status.unwrap(),
            Err(_) => {
                self.signal("-KILL");
                panic!("it does not end: {}", self.said());
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.lock().unwrap().take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
