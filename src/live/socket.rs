//! One live socket, from its first message to its close frame.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{
    CloseFrame, Message as Ws, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code,
};
use axum::response::Response;
use futures_util::SinkExt;
use serde::Deserialize;
use tokio::sync::broadcast::{self, error::RecvError, error::TryRecvError};
use tokio::time::{Instant, interval_at, timeout};

use super::message::{self, Body, Frame, Message};
use super::subscriber::Subscriber;
use super::{Live, store};
use crate::accounts::Account;
use crate::error::{Error, Result};
use crate::extract;
use crate::triage::Topic;

/// The largest message that a client may send, in bytes: a subscription is far smaller.
const MAX_MESSAGE: usize = 4 * 1024;
/// Bytes of the buffers of a socket.
const BUFFER: usize = 4 * 1024;
/// Bytes that may wait to be written to a client that does not read.
const MAX_WRITE_BUFFER: usize = 1024 * 1024;
/// How long a client may take to subscribe, and to take in what is written to it.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a client is pinged; one that says nothing for two of them is gone.
const PING: Duration = Duration::from_secs(25);
/// Events that a client that fell behind is given one by one; beyond, it starts afresh.
const MAX_CATCH_UP: i64 = 2_000;
/// Messages that are written at once.
const BATCH: usize = 256;

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Request {
    /// From now on, or from after `since`, send what is about `topics`, or everything.
    Subscribe {
        #[serde(default)]
        topics: Vec<Topic>,
        since: Option<i64>,
    },
}

/// Why a socket ends.
struct End {
    code: u16,
    reason: &'static str,
}

impl End {
    const GONE: End = End {
        code: close_code::NORMAL,
        reason: "",
    };
    const STOPPING: End = End {
        code: close_code::AWAY,
        reason: "restarting, come back soon",
    };
    const SLOW: End = End {
        code: close_code::AGAIN,
        reason: "too slow, come back and resume",
    };
    const FAULT: End = End {
        code: close_code::ERROR,
        reason: "our fault, come back soon",
    };
    const TOO_BIG: End = End {
        code: close_code::SIZE,
        reason: "message too big",
    };
    const BINARY: End = End {
        code: close_code::UNSUPPORTED,
        reason: "text messages only",
    };
    const BAD: End = End {
        code: close_code::POLICY,
        reason: "expected a subscribe message",
    };
    const SIGNED_OUT: End = End {
        code: close_code::POLICY,
        reason: "signed out",
    };
}

impl From<Error> for End {
    fn from(error: Error) -> End {
        tracing::warn!(%error, "a live socket cannot read the database");
        End::FAULT
    }
}

impl From<sqlx::Error> for End {
    fn from(error: sqlx::Error) -> End {
        End::from(Error::from(error))
    }
}

/// Upgrades a request of `account` to a socket.
///
/// # Errors
/// Unavailable where the process has all the sockets that it takes.
pub fn open(live: Live, upgrade: WebSocketUpgrade, account: Account) -> Result<Response> {
    let place = live
        .places
        .clone()
        .try_acquire_owned()
        .map_err(|_| Error::Unavailable)?;
    let token = live.sockets.token();
    Ok(upgrade
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_write_buffer_size(MAX_WRITE_BUFFER)
        .on_upgrade(async move |socket| {
            let _kept_until_the_end = (place, token);
            Connection::new(live, socket, account).run().await;
        }))
}

struct Connection {
    live: Live,
    socket: WebSocket,
    subscriber: Subscriber,
    messages: broadcast::Receiver<Arc<Message>>,
    /// Everything up to here was sent, or was not for this client.
    seq: i64,
    heard: Instant,
}

impl Connection {
    fn new(live: Live, socket: WebSocket, account: Account) -> Connection {
        let messages = live.channel.subscribe();
        let subscriber = Subscriber::new(live.posts.clone(), account);
        Connection {
            live,
            socket,
            subscriber,
            messages,
            seq: 0,
            heard: Instant::now(),
        }
    }

    async fn run(mut self) {
        let stop = self.live.stop.clone();
        let end = tokio::select! {
            end = self.talk() => end.err().unwrap_or(End::GONE),
            () = stop.cancelled() => End::STOPPING,
        };
        let frame = CloseFrame {
            code: end.code,
            reason: Utf8Bytes::from_static(end.reason),
        };
        let _ = timeout(PATIENCE, self.socket.send(Ws::Close(Some(frame)))).await;
    }

    async fn talk(&mut self) -> std::result::Result<(), End> {
        let first = timeout(PATIENCE, self.first_request())
            .await
            .map_err(|_| End::BAD)??;
        self.subscribe(first).await?;
        let mut pings = interval_at(Instant::now() + PING, PING);
        loop {
            tokio::select! {
                message = self.messages.recv() => match message {
                    Ok(message) => self.deliver(message).await?,
                    Err(RecvError::Lagged(_)) => self.catch_up().await?,
                    Err(RecvError::Closed) => return Err(End::STOPPING),
                },
                incoming = self.socket.recv() => {
                    if let Some(request) = self.request(incoming)? {
                        self.subscribe(request).await?;
                    }
                }
                _ = pings.tick() => self.ping().await?,
            }
        }
    }

    async fn first_request(&mut self) -> std::result::Result<Request, End> {
        loop {
            let incoming = self.socket.recv().await;
            if let Some(request) = self.request(incoming)? {
                return Ok(request);
            }
        }
    }

    /// Reads what came; pings and pongs are no requests.
    fn request(
        &mut self,
        incoming: Option<std::result::Result<Ws, axum::Error>>,
    ) -> std::result::Result<Option<Request>, End> {
        self.heard = Instant::now();
        match incoming {
            Some(Ok(Ws::Text(text))) => extract::parse(text.as_bytes())
                .map(Some)
                .map_err(|_| End::BAD),
            Some(Ok(Ws::Binary(_))) => Err(End::BINARY),
            Some(Ok(Ws::Ping(_) | Ws::Pong(_))) => Ok(None),
            Some(Ok(Ws::Close(_))) | None => Err(End::GONE),
            Some(Err(error)) if error.to_string().contains("too") => Err(End::TOO_BIG),
            Some(Err(_)) => Err(End::BAD),
        }
    }

    async fn subscribe(&mut self, request: Request) -> std::result::Result<(), End> {
        let Request::Subscribe { topics, since } = request;
        self.subscriber.topics = topics;
        let head = self.live.head();
        self.seq = head;
        let Some(since) = since.filter(|since| *since != head) else {
            return self.send([Frame::Ready { seq: head }.encode()]).await;
        };
        self.seq = since;
        self.send([Frame::Ready { seq: since }.encode()]).await?;
        if since > head && since <= store::head(&self.live.posts.db).await? {
            // Another process has read further than this one: what follows is yet to come here.
            return Ok(());
        }
        self.catch_up().await
    }

    /// Reads what was missed out of the log; where that is more than is kept, or than is
    /// sensible, the client is told to start afresh.
    async fn catch_up(&mut self) -> std::result::Result<(), End> {
        let head = self.live.head();
        let oldest = store::oldest(&self.live.posts.db)
            .await?
            .unwrap_or(head + 1);
        let kept = self.seq.saturating_add(1) >= oldest
            && self.seq <= head
            && head - self.seq <= MAX_CATCH_UP;
        if !kept {
            self.seq = head;
            return self.send([Frame::Resync { seq: head }.encode()]).await;
        }
        let posts = self.live.posts.clone();
        let events = store::events(&posts.db, self.seq, head, MAX_CATCH_UP).await?;
        let messages = message::messages(&posts, &events).await?;
        let mut frames = Vec::new();
        for message in &messages {
            frames.extend(self.subscriber.frame(message).await?);
        }
        self.seq = head;
        self.send(frames).await
    }

    /// Sends a message and all that wait behind it in one write.
    async fn deliver(&mut self, first: Arc<Message>) -> std::result::Result<(), End> {
        let mut waiting = vec![first];
        let lagged = loop {
            match self.messages.try_recv() {
                Ok(message) if waiting.len() < BATCH => waiting.push(message),
                Ok(message) => {
                    waiting.push(message);
                    break false;
                }
                Err(TryRecvError::Lagged(_)) => break true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break false,
            }
        };
        // Of several counts for one post, the newest says it all.
        let newest: HashMap<_, _> = waiting
            .iter()
            .filter(|message| matches!(message.body, Body::Reactions(_)))
            .map(|message| (message.post, message.seq))
            .collect();
        let mut frames = Vec::with_capacity(waiting.len());
        for message in waiting {
            let outdone = matches!(message.body, Body::Reactions(_))
                && newest.get(&message.post) != Some(&message.seq);
            // What was read out of the log already comes by once more here.
            if message.seq > self.seq {
                self.seq = message.seq;
                if !outdone {
                    frames.extend(self.subscriber.frame(&message).await?);
                }
            }
        }
        self.send(frames).await?;
        if lagged {
            self.catch_up().await
        } else {
            Ok(())
        }
    }

    async fn send(
        &mut self,
        frames: impl IntoIterator<Item = Utf8Bytes>,
    ) -> std::result::Result<(), End> {
        let write = async {
            let mut wrote = false;
            for frame in frames {
                wrote = true;
                self.socket.feed(Ws::Text(frame)).await?;
            }
            if wrote {
                self.socket.flush().await
            } else {
                Ok(())
            }
        };
        match timeout(PATIENCE, write).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::GONE),
            Err(_) => Err(End::SLOW),
        }
    }

    async fn ping(&mut self) -> std::result::Result<(), End> {
        if self.heard.elapsed() > 2 * PING {
            return Err(End::GONE);
        }
        match self.live.accounts.find(self.subscriber.account.id).await {
            // What they mute may have changed since.
            Ok(Some(account)) => self.subscriber.account = account,
            Ok(None) => return Err(End::SIGNED_OUT),
            Err(error) => tracing::warn!(%error, "a live socket cannot read its account"),
        }
        match timeout(PATIENCE, self.socket.send(Ws::Ping(Default::default()))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::GONE),
            Err(_) => Err(End::SLOW),
        }
    }
}
