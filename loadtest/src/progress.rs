//! The line that says how it goes.

use std::io::{IsTerminal, Write, stderr};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, interval};

use crate::crowd::Tally;
use crate::figures::thousands;
use crate::load::Site;

/// Says it every second until it is dropped: on one line of a terminal; elsewhere, such as in
/// the log of a build, only once in ten.
pub struct Progress(JoinHandle<()>);

impl Progress {
    /// Begins to say how `what` goes.
    pub fn start(what: &str, tally: Arc<Tally>, site: Arc<Site>) -> Progress {
        let what = what.to_owned();
        Progress(tokio::spawn(async move {
            let began = Instant::now();
            let count = || {
                [&tally.deliveries, &site.answered, &site.failed].map(|count| count.load(Relaxed))
            };
            let mut before = count();
            let mut ticks = interval(Duration::from_secs(1));
            ticks.tick().await;
            for second in 1.. {
                ticks.tick().await;
                let now = count();
                let (begin, end) = match (stderr().is_terminal(), second % 10) {
                    (true, _) => ("\r\x1b[K", ""),
                    (false, 0) => ("", "\n"),
                    (false, _) => {
                        before = now;
                        continue;
                    }
                };
                say(&format!(
                    "{begin}{what}: {} s, {} sockets, {} deliveries/s, {} requests/s, {} failed{end}",
                    began.elapsed().as_secs(),
                    tally.open.load(Relaxed),
                    thousands((now[0] - before[0]) as f64),
                    thousands((now[1] - before[1]) as f64),
                    now[2],
                ));
                before = now;
            }
        }))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.abort();
        if stderr().is_terminal() {
            say("\r\x1b[K");
        }
    }
}

/// Says something to whoever looks on; what is measured goes elsewhere.
pub fn say(text: &str) {
    let mut stderr = stderr().lock();
    let _ = stderr.write_all(text.as_bytes());
    let _ = stderr.flush();
}
