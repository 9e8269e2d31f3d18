//! Days that a backend for young people has to get through.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use tokio::time::sleep;

use crate::figures::Figures;
use crate::hearth::Hearth;
use crate::load::{Action, Pace};
use crate::progress::Progress;
use crate::stage::{Phase, Stage};

/// What happens.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Scenario {
    /// Homework is done: more and more people come, read and react; then it calms down
    Evening,
    /// A school hears of the app in assembly: everybody opens it within seconds
    Assembly,
    /// Hearth crashes and comes back, and so do all live sockets, at once
    Reconnect,
}

impl Scenario {
    /// Plays it with this many subscribers at its height; answers the figures of each stretch.
    pub async fn play(self, hearth: Hearth, subscribers: usize) -> Result<Vec<Figures>> {
        let rush = !matches!(self, Scenario::Evening);
        let mut stage = Stage::set(hearth, rush).await?;
        let all = subscribers as f64;
        match self {
            Scenario::Evening => {
                stage.fill(subscribers / 4).await?;
                play(&mut stage, evening(subscribers)).await
            }
            Scenario::Assembly => {
                // A few are there already, at home.
                stage.fill(subscribers / 10).await?;
                play(&mut stage, assembly(subscribers)).await
            }
            Scenario::Reconnect => {
                stage.fill(subscribers).await?;
                let before = Phase {
                    name: "before",
                    seconds: 5,
                    posts: 2.0,
                    reactions: all / 1_000.0,
                    ..Phase::default()
                };
                let mut figures = play(&mut stage, [before]).await?;
                figures.push(storm(&mut stage).await?);
                Ok(figures)
            }
        }
    }
}

fn evening(subscribers: usize) -> [Phase; 3] {
    let all = subscribers as f64;
    let phase = |name, joining, share: f64| Phase {
        name,
        seconds: 10,
        joining,
        posts: share * all / 1_000.0,
        reactions: share * all / 200.0,
        reads: share * all / 100.0,
    };
    [
        phase("coming home", subscribers / 4, 0.5),
        phase("peak", subscribers - subscribers / 4 * 2, 1.0),
        phase("bedtime", 0, 0.25),
    ]
}

fn assembly(subscribers: usize) -> [Phase; 3] {
    let all = subscribers as f64;
    [
        Phase {
            name: "lessons",
            seconds: 5,
            posts: 0.5,
            reads: 2.0,
            ..Phase::default()
        },
        // Everybody subscribes and reads the feed; one in twenty posts, half react.
        Phase {
            name: "assembly",
            seconds: 10,
            joining: subscribers - subscribers / 10,
            posts: all / 20.0 / 10.0,
            reactions: all / 2.0 / 10.0,
            reads: all / 10.0,
        },
        Phase {
            name: "after",
            seconds: 5,
            posts: 1.0,
            reactions: 5.0,
            reads: 10.0,
            ..Phase::default()
        },
    ]
}

async fn play(stage: &mut Stage, phases: impl IntoIterator<Item = Phase>) -> Result<Vec<Figures>> {
    let mut figures = Vec::new();
    for phase in phases {
        figures.push(stage.play(&phase).await?);
    }
    Ok(figures)
}

/// Kills Hearth and starts it again; while everybody comes back, others post, so that there is
/// something that those who come late have missed.
async fn storm(stage: &mut Stage) -> Result<Figures> {
    let _progress = Progress::start("storm", stage.crowd.tally(), stage.site.clone());
    let (tally, size) = (stage.crowd.tally(), stage.crowd.size());
    let (meter, broken) = (stage.meter()?, tally.broken.load(Relaxed));
    stage.hearth.crash_and_return().await?;
    // What the one before had used is not to be taken from what the new one has.
    let meter = meter.restarted();
    let posts = stage.site.ask(
        Action::Post,
        Pace::per_second(5.0),
        None,
        Duration::from_secs(5),
    );
    let back = async {
        while tally.broken.load(Relaxed) < broken + size as u64 {
            sleep(Duration::from_millis(5)).await;
        }
        stage.crowd.settled(Duration::from_secs(120)).await
    };
    tokio::try_join!(posts, back)?;
    meter.delivered(Some(size)).await;
    Ok(meter.finish("reconnect storm", stage.hearth.usage()?, None))
}
