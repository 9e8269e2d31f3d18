//! A crowd of live subscribers, each with a socket of its own, and what they receive.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use hyper::header::{AUTHORIZATION, HeaderValue};
use memchr::memmem;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::http;
use crate::latency::Latency;
use crate::marker::{self, Ledger};

/// Sockets that are being opened at once, where the crowd comes in good order.
const AT_ONCE: usize = 64;
/// How long a socket may take to open.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a socket that was refused waits before it tries again.
const AGAIN: Duration = Duration::from_millis(100);

/// What the subscribers speak to.
#[derive(Clone)]
pub enum Server {
    /// Hearth, with the headers of the people who subscribe.
    Hearth(Arc<[HeaderValue]>),
    /// One channel of Nchan.
    Nchan,
}

/// What the crowd has received.
pub struct Tally {
    /// Messages of every kind.
    pub deliveries: AtomicU64,
    /// Messages that say what was published; what they took is in `latency`.
    pub posts: AtomicU64,
    /// The bytes of all messages.
    pub bytes: AtomicU64,
    /// Sockets that are open and subscribed.
    pub open: AtomicUsize,
    /// Sockets that broke.
    pub broken: AtomicU64,
    /// Times that a subscriber was told to start afresh.
    pub resyncs: AtomicU64,
    /// From when a post should have been sent to when a subscriber had it.
    pub latency: Latency,
    /// From when a socket was wanted to when it was subscribed.
    pub joining: Latency,
}

/// What every subscriber shares.
struct Shared {
    address: SocketAddr,
    server: Server,
    ledger: Arc<Ledger>,
    tally: Arc<Tally>,
    doors: Semaphore,
}

/// The crowd. Its sockets close when it is dropped.
pub struct Crowd {
    shared: Arc<Shared>,
    size: usize,
    sockets: JoinSet<()>,
    problem: (
        watch::Sender<Option<String>>,
        watch::Receiver<Option<String>>,
    ),
}

impl Crowd {
    /// Nobody yet. `rush`: all of a crowd tries to come in at once.
    pub fn new(address: SocketAddr, server: Server, ledger: Arc<Ledger>, rush: bool) -> Crowd {
        let tally = Arc::new(Tally {
            deliveries: AtomicU64::new(0),
            posts: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            broken: AtomicU64::new(0),
            resyncs: AtomicU64::new(0),
            latency: Latency::new(),
            joining: Latency::new(),
        });
        let doors = Semaphore::new(if rush {
            Semaphore::MAX_PERMITS
        } else {
            AT_ONCE
        });
        Crowd {
            shared: Arc::new(Shared {
                address,
                server,
                ledger,
                tally,
                doors,
            }),
            size: 0,
            sockets: JoinSet::new(),
            problem: watch::channel(None),
        }
    }

    /// What was received.
    pub fn tally(&self) -> Arc<Tally> {
        self.shared.tally.clone()
    }

    /// How many were let in, open or not.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Lets more in; they come back where their socket breaks.
    pub fn grow(&mut self, by: usize) {
        for number in self.size..self.size + by {
            let (shared, problem) = (self.shared.clone(), self.problem.0.clone());
            self.sockets.spawn(async move {
                subscriber(shared, number, problem).await;
            });
        }
        self.size += by;
    }

    /// Waits until all are subscribed.
    ///
    /// # Errors
    /// Where that takes longer than `limit`, with the last that a server said.
    pub async fn settled(&self, limit: Duration) -> Result<()> {
        let began = Instant::now();
        loop {
            let open = self.shared.tally.open.load(Ordering::Relaxed);
            if open == self.size {
                return Ok(());
            }
            if began.elapsed() > limit {
                let problem = self.problem.1.borrow().clone().unwrap_or_default();
                bail!(
                    "expected {} live sockets after {limit:?}, there are {open} {problem}",
                    self.size
                );
            }
            sleep(Duration::from_millis(5)).await;
        }
    }
}

/// One subscriber, who returns until the crowd is gone.
async fn subscriber(shared: Arc<Shared>, number: usize, problem: watch::Sender<Option<String>>) {
    let tally = &shared.tally;
    let mut seen = None;
    let mut wanted = Instant::now();
    loop {
        let opened = {
            let _door = shared.doors.acquire().await;
            timeout(PATIENCE, open(&shared, number, seen))
                .await
                .unwrap_or_else(|_| Err(anyhow::anyhow!("no answer")))
        };
        match opened {
            Ok((socket, ready)) => {
                seen = seen.or(ready);
                tally.joining.record(number, wanted.elapsed());
                tally.open.fetch_add(1, Ordering::Relaxed);
                listen(&shared, number, socket, &mut seen).await;
                wanted = Instant::now();
                tally.open.fetch_sub(1, Ordering::Relaxed);
                tally.broken.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                problem.send_replace(Some(format!("({error:#})")));
                sleep(AGAIN).await;
            }
        }
    }
}

type Socket = WebSocketStream<TcpStream>;

/// Opens a socket and subscribes, from after what was `seen` on an earlier one. Answers where
/// Hearth says that it begins.
async fn open(shared: &Shared, number: usize, seen: Option<i64>) -> Result<(Socket, Option<i64>)> {
    // Small buffers: there are thousands of sockets in this process.
    let config = WebSocketConfig::default()
        .read_buffer_size(4 * 1024)
        .write_buffer_size(0);
    let path = match shared.server {
        Server::Hearth(_) => "/v1/live",
        Server::Nchan => "/subscribe",
    };
    let mut request = format!("ws://{}{path}", shared.address).into_client_request()?;
    if let Server::Hearth(people) = &shared.server {
        let token = people[number % people.len()].clone();
        request.headers_mut().insert(AUTHORIZATION, token);
    }
    let stream = http::connect(shared.address, number).await?;
    let (mut socket, _) = client_async_with_config(request, stream, Some(config)).await?;
    let mut ready = None;
    if let Server::Hearth(_) = shared.server {
        let subscribe = match seen {
            Some(seq) => format!(r#"{{"type":"subscribe","since":{seq}}}"#),
            None => r#"{"type":"subscribe"}"#.to_owned(),
        };
        socket.send(Message::Text(subscribe.into())).await?;
        let first = socket.next().await.context("closed without a word")??;
        match first {
            Message::Text(text) if text.starts_with(r#"{"type":"ready""#) => ready = seq(&text),
            other => bail!("expected a ready message, the first is {other}"),
        }
    }
    Ok((socket, ready))
}

async fn listen(shared: &Shared, number: usize, mut socket: Socket, seen: &mut Option<i64>) {
    let tally = &shared.tally;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(frame) = message else {
            continue; // Pings are answered by the library.
        };
        tally.deliveries.fetch_add(1, Ordering::Relaxed);
        tally.bytes.fetch_add(frame.len() as u64, Ordering::Relaxed);
        let age = marker::number(frame.as_bytes()).and_then(|n| shared.ledger.age(n));
        if let Some(age) = age {
            tally.posts.fetch_add(1, Ordering::Relaxed);
            tally.latency.record(number, age);
        }
        if let Server::Hearth(_) = shared.server {
            *seen = seq(&frame).or(*seen);
            if frame.starts_with(r#"{"type":"resync""#) {
                tally.resyncs.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// The number of the event that a message tells of.
fn seq(frame: &Utf8Bytes) -> Option<i64> {
    const NAME: &str = r#""seq":"#;
    let at = memmem::find(frame.as_bytes(), NAME.as_bytes())? + NAME.len();
    let digits = frame.get(at..)?;
    let end = digits.find(|c: char| !c.is_ascii_digit())?;
    digits[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_an_event_is_read() {
        let frame = Utf8Bytes::from_static(r#"{"type":"gone","seq":42,"post_id":"x"}"#);
        assert_eq!(seq(&frame), Some(42));
        assert_eq!(seq(&Utf8Bytes::from_static("Today: bean")), None);
    }
}
