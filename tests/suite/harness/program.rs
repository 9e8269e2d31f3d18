//! The real program, as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::ops::Deref;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::engine::{file_in, redis};
use super::{App, Database, Engine, PATIENCE, postgres};

/// Where a program lives: a data directory, and a database with nothing in it.
pub struct Home {
    pub dir: Arc<TempDir>,
    pub url: String,
    engine: Engine,
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
        let dir = Arc::new(TempDir::new().unwrap());
        let url = match engine {
            Engine::Embedded => file_in(dir.path()),
            Engine::Production => postgres::create_empty().await,
        };
        Home { dir, url, engine }
    }

    /// The same one, key file and all, with an empty PostgreSQL database.
    pub async fn on_postgres(&self) -> Home {
        Home {
            dir: self.dir.clone(),
            url: postgres::create_empty().await,
            engine: Engine::Production,
        }
    }

    pub async fn drop(self) {
        if self.engine == Engine::Production {
            postgres::drop(&self.url).await;
        }
    }

    pub async fn database(&self) -> Database {
        Database::open(self.engine, self.url.clone()).await
    }

    /// The program, with nothing in its environment, at home here.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hearth"));
        command
            .env_clear()
            // A test does in a second what nobody does in an hour.
            .env("HEARTH_RATE_LIMITS", "off")
            .args(arguments)
            .arg("--data-dir")
            .arg(self.dir.path());
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
