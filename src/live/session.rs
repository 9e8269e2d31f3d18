//! The task of one socket, from its upgrade to its close frame. While all goes well it waits for
//! the client to say something, and the fan-out writes past it; what is rare is boxed, so that
//! waiting takes little memory.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::connection::{Connection, Laggard, Need};
use super::end::End;
use super::incoming::{Incoming, Request};
use super::message::{self, Frame, Message};
use super::recent::joined;
use super::subscriber::Subscriber;
use super::topics::TopicSet;
use super::upgrade::{self, OnUpgrade};
use super::{Live, store};
use crate::accounts::Account;
use crate::error::{Error, Result};

/// How long a client may take to subscribe, and to take in a part of what is written to it.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the other side has to take in our goodbye, and to say it too.
const FAREWELL: Duration = Duration::from_secs(2);
/// Events that a client that fell behind is given one by one; beyond, it starts afresh.
const MAX_CATCH_UP: i64 = 2_000;
/// Events that are read out of the log at once.
const STRETCH: i64 = 500;
/// Bytes that are read at once.
const READ: usize = 1_024;
/// Bytes that a client who is behind is told at once: they are for that client alone.
const MAX_OWN: usize = 64 * 1024;

/// Makes a socket of the connection of a request that is answered with 101.
///
/// # Errors
/// Unavailable where the process has all the sockets that it takes.
pub fn open(live: Arc<Live>, upgrade: OnUpgrade, account: &Account) -> Result<()> {
    let place = live
        .places
        .clone()
        .try_acquire_owned()
        .map_err(|_| Error::Unavailable)?;
    let subscriber = Subscriber {
        account: account.id,
        muted: account.muted_topics.iter().collect(),
        topics: TopicSet::default(),
    };
    let task = live.sessions.clone();
    task.spawn(async move {
        if let Some((stream, said)) = upgrade::plain(upgrade).await {
            let connection = Arc::new(Connection::new(stream, subscriber));
            Session::new(live, connection, place).run(said).await;
        }
    });
    Ok(())
}

struct Session {
    live: Arc<Live>,
    connection: Arc<Connection>,
    incoming: Incoming,
    /// Where the fan-out finds the connection.
    place: usize,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.live.fanout.leave(self.place);
    }
}

impl Session {
    fn new(live: Arc<Live>, connection: Arc<Connection>, permit: OwnedSemaphorePermit) -> Session {
        let place = live.fanout.join(connection.clone());
        // Whoever comes after the others were told is told here.
        if live.stop.is_cancelled() {
            connection.end(End::STOPPING);
        }
        Session {
            live,
            connection,
            incoming: Incoming::new(),
            place,
            _permit: permit,
        }
    }

    /// `said` was sent together with the request.
    async fn run(mut self, said: Bytes) {
        let Err(end) = self.talk(said).await;
        Box::pin(self.farewell(end)).await;
    }

    async fn talk(&mut self, said: Bytes) -> Result<std::convert::Infallible, End> {
        Box::pin(self.first(said)).await?;
        loop {
            self.step().await?;
        }
    }

    /// Until the client has subscribed.
    async fn first(&mut self, said: Bytes) -> Result<(), End> {
        let first = async {
            let requests = self.take(&said)?;
            self.answer(requests).await?;
            while !self.connection.is_subscribed() {
                self.step().await?;
            }
            Ok(())
        };
        timeout(PATIENCE, first).await.unwrap_or(Err(End::BAD))
    }

    async fn step(&mut self) -> Result<(), End> {
        match self.connection.need().await {
            Need::Read => {
                let requests = self.read()?;
                if !requests.is_empty() {
                    Box::pin(self.answer(requests)).await?;
                }
            }
            Need::Write => Box::pin(self.write()).await?,
            Need::CatchUp => Box::pin(self.catch_up()).await?,
            Need::End(end) => return Err(end),
        }
        Ok(())
    }

    /// Reads what has come. While something waits to be written nothing is read, so that who
    /// asks for much and takes in little has to wait.
    fn read(&mut self) -> Result<Vec<Request>, End> {
        // On the stack of the moment: nothing is kept for whoever says nothing.
        let mut bytes = [0; READ];
        let read = self.connection.read(&mut bytes)?;
        self.take(&bytes[..read])
    }

    fn take(&mut self, bytes: &[u8]) -> Result<Vec<Request>, End> {
        let mut replies = Vec::new();
        let requests = self.incoming.take(bytes, &mut replies);
        if !replies.is_empty() {
            self.connection.send(&replies.into());
        }
        requests
    }

    async fn answer(&self, requests: Vec<Request>) -> Result<(), End> {
        let live = &self.live;
        for Request::Subscribe { topics, since } in requests {
            // Another process may have read further than this one.
            let ahead = match since {
                Some(since) if since > live.fanout.head() => {
                    since <= store::head(&live.posts.db).await?
                }
                _ => false,
            };
            let topics = topics.iter().collect();
            self.connection
                .subscribe(topics, since, ahead, &live.fanout);
        }
        Ok(())
    }

    /// Writes what waits, when the socket takes it. Whoever takes nothing for long is let go.
    async fn write(&self) -> Result<(), End> {
        tokio::select! {
            writable = timeout(PATIENCE, self.connection.writable()) => {
                writable.map_err(|_| End::SLOW)??;
            }
            () = self.live.stop.cancelled() => return Err(End::STOPPING),
        }
        self.connection.flush()?;
        Ok(())
    }

    /// Brings the client a part of the way to the others.
    async fn catch_up(&self) -> Result<(), End> {
        let Some(laggard) = self.connection.behind(&self.live.fanout) else {
            return Ok(());
        };
        let Laggard {
            subscriber, seq, ..
        } = laggard;
        match self.live.fanout.after(seq) {
            Some((messages, head)) if !laggard.is_resuming => {
                let messages = messages.iter().map(Arc::as_ref);
                self.tell(subscriber, messages, head).await
            }
            _ => self.read_log(subscriber, seq).await,
        }
    }

    /// Reads what was missed out of the log; where that is more than is kept, or than is
    /// sensible, the client is told to start afresh.
    async fn read_log(&self, subscriber: Subscriber, seq: i64) -> Result<(), End> {
        let posts = &self.live.posts;
        let head = self.live.fanout.head();
        let oldest = store::oldest(&posts.db).await?.unwrap_or(head + 1);
        let kept = seq.saturating_add(1) >= oldest && seq <= head && head - seq <= MAX_CATCH_UP;
        if !kept {
            let resync = Frame::Resync { seq: head }.encode();
            self.connection.bring_up_to(head, &resync);
            return Ok(());
        }
        let events = store::events(&posts.db, seq, head, STRETCH).await?;
        let to = match events.last() {
            Some(last) if events.len() == STRETCH as usize => last.seq,
            _ => head,
        };
        let messages = message::messages(posts, &events).await?;
        self.tell(subscriber, messages.iter(), to).await
    }

    /// Tells messages, which reach up to `head`, or the first of them where they are many.
    async fn tell(
        &self,
        subscriber: Subscriber,
        messages: impl Iterator<Item = &Message>,
        head: i64,
    ) -> Result<(), End> {
        let (mut frames, mut size, mut reached) = (Vec::new(), 0, head);
        for message in messages {
            if let Some(frame) = subscriber.frame(message, &self.live.posts).await? {
                size += frame.len();
                frames.push(frame);
            }
            if size > MAX_OWN {
                reached = message.seq;
                break;
            }
        }
        let frames: Vec<&Bytes> = frames.iter().collect();
        self.connection.bring_up_to(reached, &joined(&frames));
        Ok(())
    }

    /// Says goodbye, and waits a moment for the client to hear it: to close a connection on what
    /// it still says would destroy what it has not read.
    async fn farewell(self, end: End) {
        if end == End::Lost {
            return;
        }
        self.connection.say_goodbye(end.frame());
        let heard = async {
            while !self.connection.flush()? {
                self.connection.writable().await?;
            }
            if end == End::Answered {
                return Ok::<_, End>(());
            }
            let mut bytes = [0; READ];
            loop {
                self.connection.readable().await?;
                self.connection.read(&mut bytes)?;
            }
        };
        // Either way, this is the end of it.
        let _ = timeout(FAREWELL, heard).await;
    }
}
