//! Nchan, as Debian packages it: nginx with one channel that is published to and subscribed to.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::process::{Process, Usage, free_address};

/// Where Debian's nginx looks for its modules.
const MODULE: &str = "/usr/lib/nginx/modules/ngx_nchan_module.so";

/// A private nginx, with nothing shared with one that the machine may run.
pub struct Nchan {
    /// Where it listens.
    pub address: SocketAddr,
    process: Process,
    _dir: TempDir,
}

impl Nchan {
    /// Starts it on a free port.
    pub async fn start() -> Result<Nchan> {
        if !Path::new(MODULE).exists() {
            anyhow::bail!(
                "expected Nchan at {MODULE}: install the Debian packages nginx and \
                 libnginx-mod-nchan, or run loadtest/compare as root"
            );
        }
        let dir = tempfile::Builder::new()
            .prefix("nchan-loadtest.")
            .tempdir()?;
        let address = free_address()?;
        let config = dir.path().join("nginx.conf");
        std::fs::write(&config, settings(dir.path(), address))?;
        let mut command = Command::new("nginx");
        // Debian's nginx is in a folder that only root's PATH holds.
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .env("PATH", format!("{path}:/usr/sbin:/sbin"))
            .arg("-p")
            .arg(dir.path())
            .arg("-c")
            .arg(&config);
        let mut process = Process::start("nginx", &mut command, dir.path(), Signal::TERM)?;
        process.listening(address).await?;
        Ok(Nchan {
            address,
            process,
            _dir: dir,
        })
    }

    /// What its master and its one worker have used.
    pub fn usage(&self) -> Result<Usage> {
        Usage::of(self.process.id()).context("nginx")
    }
}

/// One worker, no log of requests, and a channel that keeps no more than it needs. As root the
/// worker stays root, so that it can use the temporary folder.
fn settings(dir: &Path, address: SocketAddr) -> String {
    let user = match rustix::process::geteuid().is_root() {
        true => "user root;",
        false => "",
    };
    let dir = dir.display();
    format!(
        "load_module {MODULE};
{user}
daemon off;
worker_processes 1;
worker_rlimit_nofile 65536;
pid {dir}/nginx.pid;
error_log stderr error;
events {{ worker_connections 65000; }}
http {{
    access_log off;
    client_body_temp_path {dir}/body;
    proxy_temp_path {dir}/proxy;
    fastcgi_temp_path {dir}/fastcgi;
    uwsgi_temp_path {dir}/uwsgi;
    scgi_temp_path {dir}/scgi;
    keepalive_requests 1000000;
    tcp_nodelay on;
    nchan_shared_memory_size 256M;
    server {{
        listen {address} backlog=4096;
        location = /publish {{
            nchan_publisher;
            nchan_channel_id live;
            nchan_message_buffer_length 200;
        }}
        location = /subscribe {{
            nchan_subscriber websocket;
            nchan_channel_id live;
            nchan_subscriber_first_message newest;
        }}
    }}
}}
"
    )
}
