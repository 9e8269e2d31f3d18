//! A Redis of a test's own, which it may kill.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tokio::time::{Duration, sleep, timeout};

use super::PATIENCE;

/// A running Redis that keeps nothing.
pub struct OwnRedis {
    port: u16,
    server: Child,
    _dir: TempDir,
}

impl OwnRedis {
    pub async fn start() -> OwnRedis {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        OwnRedis::start_at(port).await
    }

    pub async fn start_at(port: u16) -> OwnRedis {
        let dir = TempDir::new().unwrap();
        let server = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .current_dir(dir.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("tests/run installs redis-server");
        let redis = OwnRedis {
            port,
            server,
            _dir: dir,
        };
        let client = redis::Client::open(redis.url()).unwrap();
        let answers = async {
            while client.get_multiplexed_async_connection().await.is_err() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, answers).await.expect("Redis starts");
        redis
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// SIGKILL; answers where it was.
    pub fn dies(mut self) -> u16 {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
        self.port
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
