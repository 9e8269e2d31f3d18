//! A browser's EventSource, without the browser.

use reqwest::{Method, Response};
use tokio::time::timeout;

use super::{App, Console, PATIENCE};

/// An open stream of server-sent events.
pub struct Stream {
    response: Response,
    read: Vec<u8>,
}

/// An event of a stream.
#[derive(Debug)]
pub struct Told {
    pub kind: String,
    pub id: String,
    pub data: String,
}

impl Stream {
    /// Opens a stream with the cookie of a session.
    pub async fn open(console: &Console<'_>, app: &App, path: &str) -> Stream {
        Stream::resume(console, app, path, None).await
    }

    /// Opens a stream again, from the last event that was heard on.
    pub async fn resume(
        console: &Console<'_>,
        app: &App,
        path: &str,
        last: Option<&Told>,
    ) -> Stream {
        let mut request = console.asks_at(app, Method::GET, path);
        if let Some(last) = last {
            request = request.header("last-event-id", &last.id);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Stream {
            response,
            read: Vec::new(),
        }
    }

    /// The next event; `None` where the stream ends.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some(end) = self.read.windows(2).position(|two| two == b"\n\n") {
                let block: Vec<u8> = self.read.drain(..end + 2).collect();
                let told = Told::read(std::str::from_utf8(&block).unwrap());
                match told.kind.is_empty() {
                    true => continue, // a comment that keeps it open
                    false => return Some(told),
                }
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await;
            match chunk.expect("nothing came").unwrap_or(None) {
                Some(chunk) => self.read.extend_from_slice(&chunk),
                None => return None,
            }
        }
    }

    /// The next event of this kind.
    pub async fn hears(&mut self, kind: &str) -> Told {
        loop {
            let told = self.next().await.expect("the stream ended");
            if told.kind == kind {
                return told;
            }
        }
    }

    /// Waits for the end.
    pub async fn ends(&mut self) {
        while self.next().await.is_some() {}
    }
}

impl Told {
    fn read(block: &str) -> Told {
        let of = |name: &str| -> Vec<&str> {
            let lines = block.lines().filter_map(|line| line.split_once(':'));
            lines
                .filter(|(field, _)| *field == name)
                .map(|(_, value)| value.strip_prefix(' ').unwrap_or(value))
                .collect()
        };
        Told {
            kind: of("event").concat(),
            id: of("id").concat(),
            data: of("data").join("\n"),
        }
    }
}
