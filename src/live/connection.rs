//! A connection, as the fan-out and its own task share it: what it wants, how far it was told,
//! and the one way to write to it.

use std::future::poll_fn;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tokio::net::TcpStream;

use super::end::End;
use super::fanout::Fanout;
use super::message::Frame;
use super::outgoing::{Now, Outgoing};
use super::recent::{Batch, Share};
use super::subscriber::Subscriber;
use super::topics::TopicSet;
use crate::ids::AccountId;

/// Visits after which a client that says nothing is pinged.
const PING_AFTER: u8 = 1;
/// Visits after which a client that says nothing is gone: it answered none of three pings.
const GONE_AFTER: u8 = 4;

/// A connection that is open.
pub struct Connection {
    stream: TcpStream,
    state: Mutex<State>,
}

struct State {
    subscriber: Subscriber,
    stage: Stage,
    /// Everything up to here was sent, or was not for this client.
    seq: i64,
    outgoing: Outgoing,
    /// Visits of the heartbeat since the client was last heard.
    silence: u8,
    /// Why it is to end.
    end: Option<End>,
    /// Of its task, while that waits.
    waker: Option<Waker>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It has not subscribed.
    New,
    /// The fan-out writes to it.
    Live,
    /// Its task brings it up to date out of the log; the fan-out leaves it alone.
    Resuming,
    /// It was slow, or is told something of its own: its task brings it up to date.
    Behind,
    /// Its last frame was written, or waits.
    Over,
}

/// Who is behind.
#[derive(Clone, Copy, Debug)]
pub struct Laggard {
    /// Who, and what they want.
    pub subscriber: Subscriber,
    /// How far they were told.
    pub seq: i64,
    /// Whether they came back: what they missed may not be true any more, so that it has to be
    /// read anew.
    pub is_resuming: bool,
}

/// What a connection needs of its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The client said something.
    Read,
    /// Something waits to be written.
    Write,
    /// It is behind.
    CatchUp,
    /// Goodbye.
    End(End),
}

impl Connection {
    /// One that was just opened.
    pub fn new(stream: TcpStream, subscriber: Subscriber) -> Connection {
        Connection {
            stream,
            state: Mutex::new(State {
                subscriber,
                stage: Stage::New,
                seq: 0,
                outgoing: Outgoing::default(),
                silence: 0,
                end: None,
                waker: None,
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // --- For the fan-out and the heartbeat ------------------------------------------------------

    /// Writes a batch. What the socket does not take now, and what is for this client alone, is
    /// left to its task: this never waits.
    pub fn deliver(&self, batch: &Batch) {
        let mut state = self.state();
        if state.stage != Stage::Live || state.seq >= batch.head {
            return;
        }
        let in_time = state.seq >= batch.after && state.outgoing.is_empty();
        match batch.share(&state.subscriber, state.seq) {
            Share::Frames(frames) if in_time => {
                state.seq = batch.head;
                if !frames.is_empty() {
                    state.send(&frames, &self.stream);
                }
            }
            _ => {
                state.stage = Stage::Behind;
                state.wake();
            }
        }
    }

    /// Pings the client where it was silent for long, and ends the connection where it was for
    /// too long. Answers who was pinged.
    pub fn visit(&self, ping: &Bytes) -> Option<AccountId> {
        let mut state = self.state();
        let silence = state.silence;
        state.silence = silence.saturating_add(1);
        if state.stage == Stage::Over || silence < PING_AFTER {
            return None;
        }
        if silence >= GONE_AFTER {
            state.silence = silence;
            state.end(End::SILENT);
            return None;
        }
        // Whoever does not take what is written has less time than this anyway.
        if state.outgoing.is_empty() {
            state.send(ping, &self.stream);
        }
        Some(state.subscriber.account)
    }

    /// Changes what the person does not want to see.
    pub fn mute(&self, muted: TopicSet) {
        self.state().subscriber.muted = muted;
    }

    /// Ends it, as soon as its task comes to it.
    pub fn end(&self, end: End) {
        self.state().end(end);
    }

    // --- For its task ---------------------------------------------------------------------------

    /// Waits until there is something to do.
    pub async fn need(&self) -> Need {
        poll_fn(|context| self.poll_need(context)).await
    }

    fn poll_need(&self, context: &mut Context<'_>) -> Poll<Need> {
        let mut state = self.state();
        if let Some(end) = state.end {
            return Poll::Ready(Need::End(end));
        }
        if !state.outgoing.is_empty() {
            return Poll::Ready(Need::Write);
        }
        if let Stage::Behind | Stage::Resuming = state.stage {
            return Poll::Ready(Need::CatchUp);
        }
        state.waker = Some(context.waker().clone());
        drop(state);
        // Where this fails, so does the read, which says why.
        self.stream.poll_read_ready(context).map(|_| Need::Read)
    }

    /// Reads what has come; nothing where nothing has.
    ///
    /// # Errors
    /// Where the connection is closed or broke.
    pub fn read(&self, into: &mut [u8]) -> Result<usize, End> {
        match self.stream.try_read(into) {
            Ok(0) => Err(End::Lost),
            Ok(read) => {
                self.state().silence = 0;
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until the client may have said something.
    pub async fn readable(&self) -> io::Result<()> {
        self.stream.readable().await
    }

    /// Waits until the socket takes something.
    pub async fn writable(&self) -> io::Result<()> {
        self.stream.writable().await
    }

    /// Writes what waits, as far as the socket takes it; whether nothing waits any more.
    ///
    /// # Errors
    /// Where the connection broke.
    pub fn flush(&self) -> Result<bool, End> {
        let mut state = self.state();
        if state.outgoing.flush(&mut Now(&self.stream))? > 0 {
            // Whoever takes what is written is there, though nothing is read meanwhile.
            state.silence = 0;
        }
        Ok(state.outgoing.is_empty())
    }

    /// Writes whole frames.
    pub fn send(&self, frames: &Bytes) {
        self.state().send(frames, &self.stream);
    }

    /// Begins to tell what is about `topics`, or everything: from now on, or from after `since`,
    /// and says so. Where `since` is `ahead`, what follows it is yet to come.
    pub fn subscribe(&self, topics: TopicSet, since: Option<i64>, ahead: bool, fanout: &Fanout) {
        let mut state = self.state();
        let head = fanout.head();
        let seq = since.unwrap_or(head);
        state.subscriber.topics = topics;
        state.seq = seq;
        state.stage = match seq == head || (seq > head && ahead) {
            true => Stage::Live,
            false => Stage::Resuming,
        };
        state.send(&Frame::Ready { seq }.encode(), &self.stream);
    }

    /// Whether the client has subscribed.
    pub fn is_subscribed(&self) -> bool {
        self.state().stage != Stage::New
    }

    /// How far behind it is; nothing where it is not any more: the fan-out goes on from there.
    pub fn behind(&self, fanout: &Fanout) -> Option<Laggard> {
        let mut state = self.state();
        // Under the lock: what is published from now on comes by here.
        if state.seq == fanout.head() {
            state.stage = Stage::Live;
            return None;
        }
        Some(Laggard {
            subscriber: state.subscriber,
            seq: state.seq,
            is_resuming: state.stage == Stage::Resuming,
        })
    }

    /// Writes what brings the client up to `seq`.
    pub fn bring_up_to(&self, seq: i64, frames: &Bytes) {
        let mut state = self.state();
        state.seq = seq;
        if !frames.is_empty() {
            state.send(frames, &self.stream);
        }
    }

    /// Writes the last frame, where there is one.
    pub fn say_goodbye(&self, frame: Option<Bytes>) {
        let mut state = self.state();
        state.stage = Stage::Over;
        if let Some(frame) = frame {
            state.send(&frame, &self.stream);
        }
    }
}

impl State {
    /// Its task hears of what waits, or of what broke.
    fn send(&mut self, frames: &Bytes, stream: &TcpStream) {
        if self.outgoing.send(frames, &mut Now(stream)).is_err() {
            self.end(End::Lost);
        } else if !self.outgoing.is_empty() {
            self.wake();
        }
    }

    fn end(&mut self, end: End) {
        self.end.get_or_insert(end);
        self.wake();
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}
