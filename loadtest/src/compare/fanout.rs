//! Fan-out, beside Nchan: the same messages to as many sockets by the same clients.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::{Comparison, Options, Pair, announce};
use crate::crowd::{Crowd, Server};
use crate::figures::{Figures, Meter};
use crate::hearth::Hearth;
use crate::load::{Action, Pace, Site};
use crate::marker::Ledger;
use crate::nchan::Nchan;
use crate::progress::Progress;
use crate::stage::Stage;

/// How long sockets may take to open.
const PATIENCE: Duration = Duration::from_secs(120);
/// Messages in a burst.
const BURST: u32 = 32;

/// Load for both servers, and what runs on Hearth alone meanwhile.
#[derive(Clone, Copy)]
struct Load {
    name: &'static str,
    sockets: usize,
    pace: Pace,
    messages: u64,
    /// Reactions a second on Hearth. Each is told to everybody, as a message of its own: Nchan
    /// is given as many messages more.
    reactions: f64,
    /// Pages of the feed a second on Hearth.
    reads: f64,
}

impl Load {
    fn limit(&self) -> Duration {
        match self.pace {
            Pace::Open { every, group } => every * (self.messages as u32).div_ceil(group),
            Pace::Closed { .. } => Duration::from_secs(10),
        }
    }
}

/// Processor time of a delivery when messages come one by one; memory of an idle connection.
pub async fn trickle(hearth: &Path, options: &Options) -> Result<Vec<Comparison>> {
    let load = Load {
        name: "trickle",
        sockets: options.trickle_sockets,
        pace: Pace::per_second(4.0),
        messages: 24,
        reactions: 0.0,
        reads: 0.0,
    };
    let (mut cpu, mut memory, mut p99) = (Pair::default(), Pair::default(), Pair::default());
    for (ours, theirs) in rounds(hearth, options, load).await? {
        for (pair, of) in [
            (&mut cpu, micros as fn(&Figures) -> f64),
            (&mut memory, resident),
            (&mut p99, late),
        ] {
            pair.hearth.push(of(&ours));
            pair.peer.push(of(&theirs));
        }
    }
    let sockets = load.sockets;
    Ok(vec![
        cpu.saving(
            format!("trickle to {sockets} sockets: CPU of a delivery"),
            "µs",
            "Nchan",
            1.3,
        ),
        p99.share(
            format!("trickle to {sockets} sockets: p99"),
            "ms",
            "Nchan",
            None,
        ),
        memory.share(
            "memory of an idle live connection",
            "bytes",
            "Nchan",
            Some(0.4),
        ),
    ])
}

/// Processor time of a delivery when 32 messages come at once.
pub async fn bursts(hearth: &Path, options: &Options) -> Result<Vec<Comparison>> {
    let load = Load {
        name: "bursts of 32",
        sockets: options.burst_sockets,
        pace: Pace::Open {
            every: Duration::from_secs(1),
            group: BURST,
        },
        messages: 6 * u64::from(BURST),
        reactions: 0.0,
        reads: 0.0,
    };
    let (mut cpu, mut bytes) = (Pair::default(), Pair::default());
    for (ours, theirs) in rounds(hearth, options, load).await? {
        cpu.hearth.push(micros(&ours));
        cpu.peer.push(micros(&theirs));
        bytes.hearth.push(ours.bytes_per_delivery);
        bytes.peer.push(theirs.bytes_per_delivery);
    }
    let what = format!(
        "bursts of 32 to {} sockets: CPU of a delivery",
        load.sockets
    );
    Ok(vec![
        cpu.saving(what, "µs", "Nchan", 8.0),
        // No goal: it shows that the same was asked of both.
        bytes.share("length of a message", "bytes", "Nchan", None),
    ])
}

/// Latency with very many sockets; on Hearth people react and read meanwhile.
pub async fn crowd(hearth: &Path, options: &Options) -> Result<Vec<Comparison>> {
    let load = Load {
        name: "crowd",
        sockets: options.crowd_sockets,
        pace: Pace::per_second(1.0),
        messages: 8,
        reactions: 1.0,
        reads: 10.0,
    };
    let mut p99 = Pair::default();
    for (ours, theirs) in rounds(hearth, options, load).await? {
        p99.hearth.push(late(&ours));
        p99.peer.push(late(&theirs));
    }
    let what = format!("{} sockets, posts, reactions, reads: p99", load.sockets);
    Ok(vec![p99.share(what, "ms", "Nchan", Some(1.0))])
}

fn micros(figures: &Figures) -> f64 {
    // Seconds for a million are microseconds for one.
    figures
        .cpu_seconds_per_million_deliveries
        .unwrap_or(f64::NAN)
}

fn resident(figures: &Figures) -> f64 {
    figures.resident_bytes_per_connection.unwrap_or(f64::NAN)
}

fn late(figures: &Figures) -> f64 {
    figures.delivery.p99_ms
}

/// The load on a new Hearth, then on a new Nchan, again and again.
async fn rounds(hearth: &Path, options: &Options, load: Load) -> Result<Vec<(Figures, Figures)>> {
    let mut all = Vec::new();
    for round in 0..options.rounds {
        announce(load.name, round, options);
        let ours = on_hearth(hearth, load).await?;
        let theirs = on_nchan(load).await?;
        for figures in [&ours, &theirs] {
            let Figures {
                failed, failure, ..
            } = figures;
            ensure!(
                *failed == 0,
                "{}: a request failed: {failure:?}",
                figures.name
            );
            let missing = figures.missing;
            ensure!(
                missing == Some(0),
                "{}: expected every post to arrive, {missing:?} did not",
                figures.name
            );
        }
        all.push((ours, theirs));
    }
    Ok(all)
}

async fn on_hearth(program: &Path, load: Load) -> Result<Figures> {
    let hearth = Hearth::start(program, None).await?;
    let mut stage = Stage::set(hearth, false).await?;
    let resident = stage.fill(load.sockets).await?;
    let name = format!("Hearth, {}", load.name);
    let _progress = Progress::start(&name, stage.crowd.tally(), stage.site.clone());
    let meter = stage.meter()?;
    let site = &stage.site;
    let others = async |action, rate: f64| match rate {
        rate if rate > 0.0 => {
            site.ask(action, Pace::per_second(rate), None, load.limit())
                .await
        }
        _ => Ok(()),
    };
    tokio::try_join!(
        site.ask(Action::Post, load.pace, Some(load.messages), PATIENCE),
        others(Action::React, load.reactions),
        others(Action::Read, load.reads),
    )?;
    meter.delivered(Some(load.sockets)).await;
    Ok(meter.finish(&name, stage.hearth.usage()?, resident))
}

async fn on_nchan(load: Load) -> Result<Figures> {
    let nchan = Nchan::start().await?;
    let ledger = Arc::new(Ledger::new());
    let site = Site::new(nchan.address, Arc::new([]), ledger.clone());
    // As Hearth, it has answered requests before anybody subscribes.
    let warm = Pace::Closed { clients: 16 };
    site.ask(Action::Publish, warm, Some(60), PATIENCE).await?;
    let empty = nchan.usage()?.resident;
    let mut crowd = Crowd::new(nchan.address, Server::Nchan, ledger, false);
    let name = format!("Nchan, {}", load.name);
    let _progress = Progress::start(&name, crowd.tally(), site.clone());
    crowd.grow(load.sockets);
    crowd.settled(PATIENCE).await?;
    let usage = nchan.usage()?;
    let resident = usage.resident.saturating_sub(empty);
    let meter = Meter::start(crowd.tally(), site.clone(), Some(usage));
    let others = async || match load.reactions {
        rate if rate > 0.0 => {
            let pace = Pace::per_second(rate);
            site.ask(Action::Publish, pace, None, load.limit()).await
        }
        _ => Ok(()),
    };
    tokio::try_join!(
        site.ask(Action::Publish, load.pace, Some(load.messages), PATIENCE),
        others(),
    )?;
    meter.delivered(Some(load.sockets)).await;
    Ok(meter.finish(&name, Some(nchan.usage()?), Some(resident)))
}
