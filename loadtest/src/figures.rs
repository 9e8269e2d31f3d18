//! The figures of a stretch of load, and how they are printed.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, sleep};

use crate::crowd::Tally;
use crate::latency::Quantiles;
use crate::load::Site;
use crate::process::Usage;

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Of which stretch.
    pub name: String,
    /// How long it was.
    pub seconds: f64,
    /// Live sockets at its end.
    pub subscribers: usize,
    /// Messages that subscribers received.
    pub deliveries: u64,
    /// The same, in a second.
    pub deliveries_per_second: f64,
    /// From when a post should have been sent to when each subscriber had it.
    pub delivery: Quantiles,
    /// Posts that subscribers should have received and did not; none where the crowd changed.
    pub missing: Option<i64>,
    /// Bytes of a message, on average.
    pub bytes_per_delivery: f64,
    /// Requests that were answered.
    pub requests: u64,
    /// The same, in a second.
    pub requests_per_second: f64,
    /// From when a request should have been sent to when its answer was there.
    pub request: Quantiles,
    /// Requests that failed.
    pub failed: u64,
    /// Why one of them did.
    pub failure: Option<String>,
    /// From when a socket was wanted to when it was subscribed.
    pub joining: Quantiles,
    /// Sockets that broke.
    pub broken: u64,
    /// Times that a subscriber was told to start afresh.
    pub resyncs: u64,
    /// Processor seconds of the server, where its process is known.
    pub cpu_seconds: Option<f64>,
    /// The same, for a million deliveries.
    pub cpu_seconds_per_million_deliveries: Option<f64>,
    /// Resident memory of the server for each live connection, where both were measured.
    pub resident_bytes_per_connection: Option<f64>,
}

/// What had been counted when a stretch began.
pub struct Meter {
    tally: Arc<Tally>,
    site: Arc<Site>,
    began: Instant,
    subscribers: usize,
    counts: [u64; 8],
    cpu: Option<f64>,
}

impl Meter {
    /// Begins a stretch.
    pub fn start(tally: Arc<Tally>, site: Arc<Site>, usage: Option<Usage>) -> Meter {
        tally.latency.take();
        tally.joining.take();
        site.latency.take();
        Meter {
            began: Instant::now(),
            subscribers: tally.open.load(Relaxed),
            counts: counts(&tally, &site),
            cpu: usage.map(|usage| usage.cpu),
            tally,
            site,
        }
    }

    /// The server is another process now, which has used nothing yet.
    pub fn restarted(mut self) -> Meter {
        self.cpu = self.cpu.map(|_| 0.0);
        self
    }

    /// Waits until all of so many subscribers have received what was published, or until nothing
    /// comes any more; who came in meanwhile is not owed what was published before, so `to` is
    /// none where the crowd grew.
    pub async fn delivered(&self, to: Option<usize>) {
        let mut last = (Instant::now(), 0);
        loop {
            let now = counts(&self.tally, &self.site);
            let published = now[PUBLISHED] - self.counts[PUBLISHED];
            let due = published * to.unwrap_or_default() as u64;
            let received = now[POSTS] - self.counts[POSTS];
            if now[DELIVERIES] != last.1 {
                last = (Instant::now(), now[DELIVERIES]);
            }
            // Reactions are told of as well; how often depends on how many are told at once.
            let quiet = last.0.elapsed();
            let patience = match to {
                None => 250,
                Some(_) if received < due => 3_000,
                Some(_) => 50,
            };
            if quiet > Duration::from_millis(patience) {
                return;
            }
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Ends it. `resident` is what the memory of the server grew by for the subscribers.
    pub fn finish(self, name: &str, usage: Option<Usage>, resident: Option<u64>) -> Figures {
        let Meter { tally, site, .. } = &self;
        let seconds = self.began.elapsed().as_secs_f64();
        let now = counts(tally, site);
        let counted = |place: usize| now[place] - self.counts[place];
        let subscribers = tally.open.load(Relaxed);
        let (deliveries, requests) = (counted(DELIVERIES), counted(ANSWERED));
        let cpu = usage.zip(self.cpu).map(|(usage, cpu)| usage.cpu - cpu);
        let each = |what: f64, of: f64| if of > 0.0 { what / of } else { 0.0 };
        Figures {
            name: name.to_owned(),
            seconds,
            subscribers,
            deliveries,
            deliveries_per_second: deliveries as f64 / seconds,
            delivery: tally.latency.take(),
            missing: (subscribers == self.subscribers)
                .then(|| (counted(PUBLISHED) * subscribers as u64) as i64 - counted(POSTS) as i64),
            bytes_per_delivery: each(counted(BYTES) as f64, deliveries as f64),
            requests,
            requests_per_second: requests as f64 / seconds,
            request: site.latency.take(),
            failed: counted(FAILED),
            failure: site.failure(),
            joining: tally.joining.take(),
            broken: counted(BROKEN),
            resyncs: counted(RESYNCS),
            cpu_seconds: cpu,
            cpu_seconds_per_million_deliveries: cpu
                .filter(|_| deliveries > 0)
                .map(|cpu| cpu * 1e6 / deliveries as f64),
            resident_bytes_per_connection: resident
                .filter(|_| subscribers > 0)
                .map(|resident| resident as f64 / subscribers as f64),
        }
    }
}

const DELIVERIES: usize = 0;
const POSTS: usize = 1;
const BYTES: usize = 2;
const BROKEN: usize = 3;
const RESYNCS: usize = 4;
const ANSWERED: usize = 5;
const PUBLISHED: usize = 6;
const FAILED: usize = 7;

fn counts(tally: &Tally, site: &Site) -> [u64; 8] {
    [
        &tally.deliveries,
        &tally.posts,
        &tally.bytes,
        &tally.broken,
        &tally.resyncs,
        &site.answered,
        &site.published,
        &site.failed,
    ]
    .map(|count| count.load(Relaxed))
}

/// The figures as a table, with a column for each stretch.
pub fn table(all: &[Figures]) -> String {
    type Cell = Box<dyn Fn(&Figures) -> String>;
    let number = |what: fn(&Figures) -> f64| -> Cell { Box::new(move |f| thousands(what(f))) };
    let quantiles = |what: fn(&Figures) -> Quantiles| -> Cell {
        Box::new(move |f| {
            let q = what(f);
            match q.count {
                0 => "-".into(),
                _ => format!("{:.1} / {:.1} / {:.1}", q.p50_ms, q.p99_ms, q.max_ms),
            }
        })
    };
    let known = |what: fn(&Figures) -> Option<f64>| -> Cell {
        Box::new(move |f| what(f).map_or("-".into(), thousands))
    };
    let rows: [(&str, Cell); 15] = [
        ("", Box::new(|f| f.name.clone())),
        ("seconds", number(|f| f.seconds)),
        ("live sockets", number(|f| f.subscribers as f64)),
        ("deliveries/s", number(|f| f.deliveries_per_second)),
        ("delivery p50 / p99 / max ms", quantiles(|f| f.delivery)),
        ("posts not received", known(|f| f.missing.map(|n| n as f64))),
        ("bytes a delivery", number(|f| f.bytes_per_delivery)),
        ("requests/s", number(|f| f.requests_per_second)),
        ("request p50 / p99 / max ms", quantiles(|f| f.request)),
        ("requests that failed", number(|f| f.failed as f64)),
        ("joining p50 / p99 / max ms", quantiles(|f| f.joining)),
        ("sockets that broke", number(|f| f.broken as f64)),
        ("told to start afresh", number(|f| f.resyncs as f64)),
        (
            "server CPU s / million deliveries",
            known(|f| f.cpu_seconds_per_million_deliveries),
        ),
        (
            "server resident bytes / socket",
            known(|f| f.resident_bytes_per_connection),
        ),
    ];
    let mut text = String::new();
    for (label, cell) in &rows {
        text.push_str(&format!("{label:34}"));
        for figures in all {
            text.push_str(&format!(" {:>26}", cell(figures)));
        }
        text.push('\n');
    }
    for figures in all {
        if let (Some(failure), true) = (&figures.failure, figures.failed > 0) {
            text.push_str(&format!("{}: a request failed: {failure}\n", figures.name));
        }
    }
    text
}

/// A number as people read it.
pub fn thousands(number: f64) -> String {
    if number.abs() < 100.0 {
        return format!("{number:.1}");
    }
    let digits = format!("{:.0}", number.abs());
    let mut text = String::from(if number < 0.0 { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_are_easy_to_read() {
        assert_eq!(super::thousands(7.25), "7.2");
        assert_eq!(super::thousands(100.0), "100");
        assert_eq!(super::thousands(-1234567.0), "-1,234,567");
    }
}
