//! Servers that are started here, and what a server costs: processor time and memory.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};
use tokio::time::{Instant, sleep};

/// What a server has used so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Processor seconds, of the program and of the kernel on its behalf.
    pub cpu: f64,
    /// Resident bytes.
    pub resident: u64,
}

impl Usage {
    /// Of a process and all that descend from it.
    pub fn of(pid: u32) -> Result<Usage> {
        let mut usage = Usage {
            cpu: cpu(pid)?,
            resident: resident(pid)?,
        };
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        for child in children.unwrap_or_default().split_whitespace() {
            let child = Usage::of(child.parse()?)?;
            usage.cpu += child.cpu;
            usage.resident += child.resident;
        }
        Ok(usage)
    }
}

fn cpu(pid: u32) -> Result<f64> {
    let path = format!("/proc/{pid}/stat");
    let stat = std::fs::read_to_string(&path).with_context(|| path.clone())?;
    // The name in the second field may hold spaces; after its bracket comes the third field.
    let ticks = stat.rsplit_once(')').and_then(|(_, rest)| {
        let mut times = rest.split_whitespace().skip(11);
        let user: u64 = times.next()?.parse().ok()?;
        let system: u64 = times.next()?.parse().ok()?;
        Some(user + system)
    });
    let ticks = ticks.with_context(|| format!("{path}: expected times in fields 14 and 15"))?;
    Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

fn resident(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/smaps_rollup");
    let rollup = std::fs::read_to_string(&path).with_context(|| path.clone())?;
    let kilobytes = rollup
        .lines()
        .find_map(|line| line.strip_prefix("Rss:")?.split_whitespace().next())
        .with_context(|| format!("{path}: expected a line that begins with Rss:"))?;
    Ok(kilobytes.parse::<u64>()? * 1024)
}

/// Lets this process and those that it starts open as many sockets as the system allows, and
/// says how many that is.
pub fn raise_open_files(wanted: u64) -> u64 {
    let now = getrlimit(Resource::Nofile);
    let enough = |limit: Option<u64>| limit.is_none_or(|limit| limit >= wanted);
    let raised = Rlimit {
        current: Some(wanted),
        // Only root may go beyond the hard limit.
        maximum: now.maximum.map(|maximum| maximum.max(wanted)),
    };
    if !enough(now.current) && setrlimit(Resource::Nofile, raised).is_err() {
        let _ = setrlimit(
            Resource::Nofile,
            Rlimit {
                current: now.maximum,
                maximum: now.maximum,
            },
        );
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// A loopback address that is free just now.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// A server that was started here; it is ended when this is dropped.
pub struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
    end: Signal,
}

impl Process {
    /// Starts a program whose output goes to a file in `dir`; `end` is what ends it.
    pub fn start(
        name: &'static str,
        command: &mut Command,
        dir: &Path,
        end: Signal,
    ) -> Result<Process> {
        let log = dir.join(format!("{name}.log"));
        let output = File::create(&log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("{name} does not start: {:?}", command.get_program()))?;
        Ok(Process {
            name,
            child,
            log,
            end,
        })
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it takes connections at `address`.
    ///
    /// # Errors
    /// Where it ends before, or takes too long; with what it said.
    pub async fn listening(&mut self, address: SocketAddr) -> Result<()> {
        let began = Instant::now();
        while tokio::net::TcpStream::connect(address).await.is_err() {
            let ended = self.child.try_wait()?;
            if ended.is_some() || began.elapsed() > Duration::from_secs(30) {
                let said = std::fs::read_to_string(&self.log).unwrap_or_default();
                let name = self.name;
                bail!("{name}: expected it to listen on {address}; it said:\n{said}");
            }
            sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    /// Ends it at once, as a crash would, and waits until it is gone.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let (Ok(None), Ok(pid)) = (self.child.try_wait(), i32::try_from(self.child.id())) {
            if let Some(pid) = Pid::from_raw(pid) {
                let _ = kill_process(pid, self.end);
            }
            let _ = self.child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_something() {
        let usage = Usage::of(std::process::id()).unwrap();
        assert!(usage.resident > 100_000, "{usage:?}");
        assert!(usage.cpu >= 0.0, "{usage:?}");
    }
}
