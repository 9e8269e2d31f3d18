//! Messages to other systems over HTTP, signed as <https://www.standardwebhooks.com> says.
//!
//! A message is kept in the transaction of what it tells of, and sent until it is taken: each
//! once by one process at a time, and perhaps twice, with the same `webhook-id`, where an answer
//! gets lost.

mod signature;
mod store;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use tokio::sync::Notify;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

pub use signature::{BadSecret, Secret};
use store::Message;

use crate::clock::{Clock, Time};
use crate::db::{Db, Tx};
use crate::ids::WebhookId;
use crate::keys;

/// How long a receiver may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a process has a message to itself: longer than it may take to send it.
const LEASE: Duration = Duration::from_secs(30);
/// The pause before the second attempt; each pause is three times the one before it.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause: whoever is told of an alarm should not wait for long once they are back.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);
/// How long a message is kept that nobody takes.
const KEPT: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// How often the messages are looked through where no nudge comes.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Messages that are sent at once.
const AT_ONCE: usize = 8;

/// Somebody who is told.
pub struct Receiver {
    /// What the database and the figures call it.
    pub name: &'static str,
    /// Where it listens.
    pub url: Url,
    /// What its messages are signed with.
    pub secret: Secret,
}

/// Why a receiver cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReceiverError {
    /// It has no address that can be asked.
    #[error("expected https://… or http://…")]
    Url,
    /// There is nothing to sign with.
    #[error(transparent)]
    Secret(#[from] BadSecret),
    /// The machine does not play along.
    #[error("no connection can be made: {0}")]
    Client(#[from] reqwest::Error),
}

impl Receiver {
    /// A receiver by its settings.
    ///
    /// # Errors
    /// Where the address or the secret is none.
    pub fn new(name: &'static str, url: &str, secret: &str) -> Result<Receiver, ReceiverError> {
        let url: Url = url.parse().map_err(|_| ReceiverError::Url)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(ReceiverError::Url);
        }
        let secret = secret.parse()?;
        Ok(Receiver { name, url, secret })
    }
}

/// Keeps messages, and sends them. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks(Arc<Parts>);

struct Parts {
    db: Db,
    clock: Clock,
    client: Client,
    receivers: Vec<Receiver>,
    kept: Notify,
}

impl Webhooks {
    /// What tells these receivers.
    ///
    /// # Errors
    /// Where no connection can be made at all.
    pub fn new(db: Db, clock: Clock, receivers: Vec<Receiver>) -> Result<Webhooks, ReceiverError> {
        let client = Client::builder()
            .timeout(PATIENCE)
            // A receiver is where the settings say, and nowhere else.
            .redirect(Policy::none())
            .user_agent(concat!("hearth/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Webhooks(Arc::new(Parts {
            db,
            clock,
            client,
            receivers,
            kept: Notify::new(),
        })))
    }

    /// Keeps a message in the transaction of what it tells of; say [`Webhooks::nudge`] after the
    /// commit. Where the settings name no such receiver, there is nobody to tell.
    pub async fn keep(&self, tx: &mut Tx, receiver: &str, body: &str) -> sqlx::Result<()> {
        if self.receiver(receiver).is_none() {
            return Ok(());
        }
        let now = self.0.clock.now();
        store::insert(tx, WebhookId::random(), receiver, body, now).await
    }

    /// Says that there is something to send.
    pub fn nudge(&self) {
        self.0.kept.notify_one();
    }

    /// Sends what is kept, until `stop` is cancelled. What is on its way then is sent again by
    /// whoever runs next.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = self.0.kept.notified() => {}
                () = sleep(LOOK_AGAIN) => {}
                () = stop.cancelled() => return,
            }
            tokio::select! {
                outcome = self.send_due() => if let Err(error) = outcome {
                    tracing::warn!(%error, "webhooks cannot be sent; trying again");
                },
                () = stop.cancelled() => return,
            }
        }
    }

    async fn send_due(&self) -> sqlx::Result<()> {
        let Parts { db, clock, .. } = &*self.0;
        // What is kept for a receiver that the settings do not name any more waits to be forgotten.
        let names: Vec<&str> = self.0.receivers.iter().map(|one| one.name).collect();
        let due = store::due(db, &names, clock.now()).await?;
        let mut sent = futures_util::stream::iter(due)
            .map(|message| self.send(message))
            .buffer_unordered(AT_ONCE);
        while let Some(outcome) = sent.next().await {
            outcome?;
        }
        Ok(())
    }

    /// Sends a message, unless another process does.
    async fn send(&self, message: Message) -> sqlx::Result<()> {
        let Parts { db, clock, .. } = &*self.0;
        let Some(receiver) = self.receiver(&message.receiver) else {
            return Ok(());
        };
        let until = clock.now().plus(LEASE);
        if !store::take(db, &message, until).await? {
            return Ok(());
        }
        let outcome = self.post(receiver, &message).await;
        let labels = [
            ("receiver", receiver.name),
            ("outcome", if outcome.is_ok() { "taken" } else { "failed" }),
        ];
        metrics::counter!("hearth_webhooks_total", &labels).increment(1);
        match outcome {
            Ok(()) => store::delete(db, message.id).await,
            Err(why) => {
                let attempt = message.attempts + 1;
                tracing::warn!(
                    receiver = receiver.name,
                    attempt,
                    why,
                    "a webhook was not taken"
                );
                let next_at = clock.now().plus(pause_after(attempt));
                store::postpone(db, message.id, next_at).await
            }
        }
    }

    async fn post(&self, receiver: &Receiver, message: &Message) -> Result<(), String> {
        let (id, seconds) = (message.id.to_string(), self.0.clock.now().seconds());
        let signature = receiver.secret.sign(&id, seconds, &message.body);
        let request = (self.0.client.post(receiver.url.clone()))
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signature)
            .body(message.body.clone());
        match request.send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("it answered {}", answer.status().as_u16())),
            // The address may hold a secret.
            Err(error) => Err(error.without_url().to_string()),
        }
    }

    fn receiver(&self, name: &str) -> Option<&Receiver> {
        self.0.receivers.iter().find(|one| one.name == name)
    }
}

/// Forgets what nobody has taken for long, and says so.
pub async fn prune(tx: &mut Tx, now: Time) -> sqlx::Result<()> {
    let messages = store::delete_before(tx, now.minus(KEPT)).await?;
    if messages > 0 {
        tracing::error!(messages, "webhooks that nobody took are given up");
    }
    Ok(())
}

/// The pause after so many attempts: between three quarters of it and all of it, so that what
/// failed at once does not come again at once.
fn pause_after(attempts: i64) -> Duration {
    let exponent = u32::try_from(attempts - 1).unwrap_or_default().min(8);
    let pause = (FIRST_PAUSE * 3_u32.pow(exponent)).min(LONGEST_PAUSE);
    let [chance] = keys::random_bytes();
    pause.mul_f64(0.75 + f64::from(chance) / 1_020.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_at_five_minutes() {
        for (attempts, least, most) in [(1, 3, 5), (2, 11, 15), (5, 225, 300), (99, 225, 300)] {
            let seconds = pause_after(attempts).as_secs_f64();
            let fits = f64::from(least)..=f64::from(most);
            assert!(fits.contains(&seconds), "{attempts}: {seconds}");
        }
    }

    #[test]
    fn a_receiver_has_an_address_and_a_secret() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        assert!(Receiver::new("a", "https://example.org/hook", secret).is_ok());
        for (url, secret) in [
            ("example.org", secret),
            ("ftp://example.org", secret),
            ("https://example.org", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            ("https://example.org", "whsec_"),
        ] {
            assert!(Receiver::new("a", url, secret).is_err(), "{url} {secret}");
        }
    }
}
