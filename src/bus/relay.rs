//! Carries nudges between processes over Redis. What is carried says that something changed, and
//! nothing of what; while Redis is gone, every process looks for itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use redis::{AsyncCommands, AsyncConnectionConfig, Client, RedisError, RedisResult};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{Heard, Nudge};
use crate::keys;

/// The channel that nudges go through.
const CHANNEL: &str = "hearth:nudges";
/// How long Redis may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// The pause before the first new attempt to connect; each pause is twice the one before it.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A connection to Redis that comes back by itself.
#[derive(Debug)]
pub(super) struct Relay {
    client: Client,
    outgoing: Outgoing,
    connected: AtomicBool,
}

/// Nudges that wait to be carried; of one kind there is never need of two.
#[derive(Debug, Default)]
struct Outgoing {
    log_grew: Notify,
    accounts_changed: Notify,
    cases_changed: Notify,
}

impl Nudge {
    const ALL: [Nudge; 3] = [Nudge::LogGrew, Nudge::AccountsChanged, Nudge::CasesChanged];

    /// What is carried.
    fn as_str(self) -> &'static str {
        match self {
            Nudge::LogGrew => "the log has grown",
            Nudge::AccountsChanged => "an account changed",
            Nudge::CasesChanged => "cases changed",
        }
    }

    fn read(payload: &[u8]) -> Option<Nudge> {
        Nudge::ALL
            .into_iter()
            .find(|nudge| nudge.as_str().as_bytes() == payload)
    }
}

impl Outgoing {
    /// Waits for the next one.
    async fn next(&self) -> Nudge {
        tokio::select! {
            () = self.log_grew.notified() => Nudge::LogGrew,
            () = self.accounts_changed.notified() => Nudge::AccountsChanged,
            () = self.cases_changed.notified() => Nudge::CasesChanged,
        }
    }
}

impl Relay {
    pub fn new(url: &str) -> RedisResult<Relay> {
        let client = Client::open(url)?;
        Ok(Relay {
            client,
            outgoing: Outgoing::default(),
            connected: AtomicBool::new(false),
        })
    }

    pub fn send(&self, nudge: Nudge) {
        match nudge {
            Nudge::LogGrew => self.outgoing.log_grew.notify_one(),
            Nudge::AccountsChanged => self.outgoing.accounts_changed.notify_one(),
            Nudge::CasesChanged => self.outgoing.cases_changed.notify_one(),
        }
    }

    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// Carries nudges until `stop` is cancelled.
    pub async fn run(&self, heard: &Heard, stop: CancellationToken) {
        let mut pause = FIRST_PAUSE;
        loop {
            let Err(error) = tokio::select! {
                outcome = self.carry(heard) => outcome,
                () = stop.cancelled() => return,
            };
            if self.connected.swap(false, Ordering::Relaxed) {
                pause = FIRST_PAUSE;
            }
            tracing::warn!(%error, "Redis does not answer; live events take up to a second");
            tokio::select! {
                () = sleep(jittered(pause)) => {}
                () = stop.cancelled() => return,
            }
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    /// Carries nudges until Redis is gone.
    async fn carry(&self, heard: &Heard) -> Result<std::convert::Infallible, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let mut publisher = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        let mut subscription = in_time(self.client.get_async_pubsub()).await?;
        in_time(subscription.subscribe(CHANNEL)).await?;
        let mut messages = subscription.on_message();
        if !self.connected.swap(true, Ordering::Relaxed) {
            tracing::info!("Redis carries live events between processes");
        }
        // Others may have written while there was nobody to say so.
        for nudge in Nudge::ALL {
            heard.hear(nudge);
        }
        loop {
            tokio::select! {
                message = messages.next() => match message {
                    Some(message) => {
                        if let Some(nudge) = Nudge::read(message.get_payload_bytes()) {
                            heard.hear(nudge);
                        }
                    }
                    None => return Err(closed()),
                },
                nudge = self.outgoing.next() => {
                    publisher.publish::<_, _, ()>(CHANNEL, nudge.as_str()).await?;
                }
            }
        }
    }
}

async fn in_time<T>(answer: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    timeout(PATIENCE, answer)
        .await
        .unwrap_or_else(|_| Err(closed()))
}

fn closed() -> RedisError {
    RedisError::from(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
}

/// Between half of `pause` and all of it, so that processes do not come back all at once.
fn jittered(pause: Duration) -> Duration {
    let [chance] = keys::random_bytes();
    pause.mul_f64(0.5 + f64::from(chance) / 510.0)
}
