//! The alarm over cases that nobody decided in time: raised within seconds, once for a case and
//! its deadline however many processes look, in the log, in the figures, and by a webhook.

mod store;

use std::time::Duration;

use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use store::Breached;

use crate::clock::{Clock, Time};
use crate::db::Db;
use crate::ids::CaseId;
use crate::webhooks::Webhooks;

/// The receiver of alarms among the webhooks.
pub const RECEIVER: &str = "alarms";
/// How often deadlines are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// Raises alarms.
pub struct Alarms {
    /// Where cases are.
    pub db: Db,
    /// When it is.
    pub clock: Clock,
    /// Who is told, where somebody is.
    pub webhooks: Option<Webhooks>,
}

/// What other systems are told: no words of anybody, and nothing of who they are.
#[derive(Serialize)]
struct Told {
    r#type: &'static str,
    case: CaseId,
    level: &'static str,
    queue: &'static str,
    due_at: Time,
}

impl Alarms {
    /// Looks at the deadlines until `stop` is cancelled. Where the database does not answer, the
    /// alarm is raised when it does.
    pub async fn watch(self, stop: CancellationToken) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = self.once().await {
                tracing::warn!(%error, "deadlines cannot be looked at; trying again");
            }
        }
    }

    async fn once(&self) -> sqlx::Result<()> {
        for breached in store::unalarmed(&self.db, self.clock.now()).await? {
            self.raise(&breached).await?;
        }
        Ok(())
    }

    /// Raises the alarm over one case, unless another process has.
    async fn raise(&self, breached: &Breached) -> sqlx::Result<()> {
        let mut tx = self.db.begin().await?;
        if !store::mark(&mut tx, breached).await? {
            return Ok(());
        }
        let (level, queue) = (breached.level.0.as_str(), breached.queue.0.as_str());
        if let Some(webhooks) = &self.webhooks {
            let told = Told {
                r#type: "case.breached",
                case: breached.id,
                level,
                queue,
                due_at: breached.due_at,
            };
            let body = serde_json::to_string(&told).expect("an alarm is plain JSON");
            webhooks.keep(&mut tx, RECEIVER, &body).await?;
        }
        tx.commit().await?;
        if let Some(webhooks) = &self.webhooks {
            webhooks.nudge();
        }
        let labels = [("level", level), ("queue", queue)];
        metrics::counter!("hearth_breaches_total", &labels).increment(1);
        tracing::error!(case = %breached.id, level, queue, "a case is past its deadline");
        Ok(())
    }
}
