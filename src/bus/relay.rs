//! Carries nudges between processes over Redis. What is carried says nothing but "look again";
//! while Redis is gone, every process looks for itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use redis::{AsyncCommands, AsyncConnectionConfig, Client, RedisError, RedisResult};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::keys;

/// The channel that nudges go through.
const CHANNEL: &str = "hearth:log-has-grown";
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
    outgoing: Notify,
    connected: AtomicBool,
}

impl Relay {
    pub fn new(url: &str) -> RedisResult<Relay> {
        let client = Client::open(url)?;
        Ok(Relay {
            client,
            outgoing: Notify::new(),
            connected: AtomicBool::new(false),
        })
    }

    pub fn nudge(&self) {
        self.outgoing.notify_one();
    }

    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// Carries nudges until `stop` is cancelled.
    pub async fn run(&self, incoming: &Notify, stop: CancellationToken) {
        let mut pause = FIRST_PAUSE;
        loop {
            let Err(error) = tokio::select! {
                outcome = self.carry(incoming) => outcome,
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
    async fn carry(&self, incoming: &Notify) -> Result<std::convert::Infallible, RedisError> {
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
        incoming.notify_one();
        loop {
            tokio::select! {
                message = messages.next() => match message {
                    Some(_) => incoming.notify_one(),
                    None => return Err(closed()),
                },
                () = self.outgoing.notified() => {
                    publisher.publish::<_, _, ()>(CHANNEL, "").await?;
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
