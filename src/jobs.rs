//! What is done by the clock: forgetting what is too old.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::accounts;
use crate::care;
use crate::live;
use crate::moderation;
use crate::operations;
use crate::posts::{self, Posts};
use crate::staff;
use crate::webhooks;

/// How often the jobs run.
const EVERY: Duration = Duration::from_secs(60);

/// Runs the jobs until `stop` is cancelled. A job that fails is logged, and tried again.
pub async fn run(posts: Posts, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = once(&posts).await {
            tracing::warn!(%error, "the jobs broke off; trying again in a minute");
        }
    }
}

/// Runs every job once.
pub async fn once(posts: &Posts) -> sqlx::Result<()> {
    let now = posts.clock.now();
    operations::recorder().run_upkeep();
    moderation::raise_alarm_over_appeals(posts).await?;
    posts.directory.reload(&posts.db).await?;
    accounts::prune(&posts.db, now).await?;
    staff::prune(&posts.db, now).await?;
    let mut tx = posts.db.begin().await?;
    posts::prune_idempotent(&mut tx, now.day()).await?;
    live::prune(&mut tx, now).await?;
    moderation::bulk::prune(&mut tx, now).await?;
    moderation::forget_undo(&mut tx, now).await?;
    moderation::handover::prune(&mut tx, now).await?;
    webhooks::prune(&mut tx, now).await?;
    care::prune(&mut tx, now).await?;
    tx.commit().await
}
