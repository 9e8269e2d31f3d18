//! A Hearth with people, posts and subscribers, and stretches of load on it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::time::sleep;

use crate::crowd::{Crowd, Server};
use crate::figures::{Figures, Meter};
use crate::hearth::{self, Hearth};
use crate::load::{Action, Pace, Site};
use crate::marker::Ledger;
use crate::progress::Progress;

/// Accounts that post, react, read and subscribe.
pub const PEOPLE: usize = 300;
/// Posts that are there from the start, for the feed and for reactions.
const SEEDS: u64 = 60;
/// How long a crowd may take to come in.
const PATIENCE: Duration = Duration::from_secs(120);

/// A stretch of load.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Phase {
    /// What it is called.
    pub name: &'static str,
    /// How long requests are sent.
    pub seconds: u64,
    /// Subscribers who come in while it goes on.
    pub joining: usize,
    /// Posts a second.
    pub posts: f64,
    /// Reactions a second.
    pub reactions: f64,
    /// Pages of the feed a second.
    pub reads: f64,
}

/// How long after a post everybody has been told of it who was there: whoever subscribes earlier
/// hears of it too, and it would be counted as one too many.
const TOLD: Duration = Duration::from_millis(500);

/// What the load is put on.
pub struct Stage {
    /// The server.
    pub hearth: Hearth,
    /// Its people and its posts.
    pub site: Arc<Site>,
    /// Its subscribers.
    pub crowd: Crowd,
    /// What it used in memory before anybody subscribed.
    empty: Option<u64>,
}

impl Stage {
    /// Makes people and posts. `rush`: subscribers come in all at once.
    pub async fn set(hearth: Hearth, rush: bool) -> Result<Stage> {
        let people = hearth::people(hearth.address, PEOPLE).await?;
        let ledger = Arc::new(Ledger::new());
        let site = Site::new(hearth.address, people.clone(), ledger.clone());
        site.seed(SEEDS).await?;
        sleep(TOLD).await;
        let crowd = Crowd::new(hearth.address, Server::Hearth(people), ledger, rush);
        let empty = hearth.usage()?.map(|usage| usage.resident);
        Ok(Stage {
            hearth,
            site,
            crowd,
            empty,
        })
    }

    /// Lets subscribers in, and waits until they are subscribed; answers what the memory of the
    /// server grew by.
    pub async fn fill(&mut self, subscribers: usize) -> Result<Option<u64>> {
        let _progress = Progress::start("subscribing", self.crowd.tally(), self.site.clone());
        self.crowd.grow(subscribers);
        self.crowd.settled(PATIENCE).await?;
        self.growth()
    }

    /// What the memory of the server has grown by since nobody was subscribed.
    pub fn growth(&self) -> Result<Option<u64>> {
        let now = self.hearth.usage()?;
        Ok(now
            .zip(self.empty)
            .map(|(now, empty)| now.resident.saturating_sub(empty)))
    }

    /// Begins to measure.
    pub fn meter(&self) -> Result<Meter> {
        let usage = self.hearth.usage()?;
        Ok(Meter::start(self.crowd.tally(), self.site.clone(), usage))
    }

    /// Puts a stretch of load on.
    pub async fn play(&mut self, phase: &Phase) -> Result<Figures> {
        let _progress = Progress::start(phase.name, self.crowd.tally(), self.site.clone());
        let limit = Duration::from_secs(phase.seconds);
        let meter = self.meter()?;
        let ask = async |action, rate: f64| match rate {
            rate if rate > 0.0 => {
                let pace = Pace::per_second(rate);
                self.site.ask(action, pace, None, limit).await
            }
            _ => Ok(()),
        };
        let requests = async {
            tokio::try_join!(
                ask(Action::Post, phase.posts),
                ask(Action::React, phase.reactions),
                ask(Action::Read, phase.reads),
            )
        };
        if phase.joining > 0 {
            self.crowd.grow(phase.joining);
        }
        requests.await?;
        self.crowd
            .settled(PATIENCE)
            .await
            .with_context(|| phase.name)?;
        let owed = (phase.joining == 0).then(|| self.crowd.size());
        meter.delivered(owed).await;
        Ok(meter.finish(phase.name, self.hearth.usage()?, self.growth()?))
    }
}
