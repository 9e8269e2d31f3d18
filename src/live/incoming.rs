//! What a client says, put together from the bytes that come.

use std::io::{self, Read, Write};

use serde::Deserialize;
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Error, Message};

use super::end::End;
use crate::extract;
use crate::triage::Topic;

/// The largest message that a client may send, in bytes: a subscription is far smaller.
const MAX_MESSAGE: usize = 4 * 1024;

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// From now on, or from after `since`, send what is about `topics`, or everything.
    Subscribe {
        /// Nothing: everything.
        #[serde(default)]
        topics: Vec<Topic>,
        /// The number of the last event that the client was told of.
        since: Option<i64>,
    },
}

/// What was said so far. Between messages it holds next to nothing.
pub struct Incoming(WebSocketContext);

impl Incoming {
    /// Nothing was said yet.
    pub fn new() -> Incoming {
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE))
            // It reads from memory, so it needs no buffer to read into, nor one to write from.
            .read_buffer_size(0)
            .write_buffer_size(0);
        Incoming(WebSocketContext::new(Role::Server, Some(config)))
    }

    /// Takes bytes that came; answers the requests that are complete with them. What the protocol
    /// has to answer, to a ping or to a goodbye, is added to `replies`.
    pub fn take(&mut self, bytes: &[u8], replies: &mut Vec<u8>) -> Result<Vec<Request>, End> {
        let mut requests = Vec::new();
        let mut wire = Wire { bytes, replies };
        loop {
            match self.0.read(&mut wire) {
                Ok(Message::Text(text)) => {
                    requests.push(extract::parse(text.as_bytes()).map_err(|_| End::BAD)?);
                }
                Ok(Message::Binary(_)) => return Err(End::BINARY),
                Ok(Message::Close(_)) => {
                    // It says that the connection is closed, which it is after this.
                    let _ = self.0.flush(&mut wire);
                    return Err(End::Answered);
                }
                // A reply to a ping is written by the next read.
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(requests);
                }
                Err(Error::Capacity(_)) => return Err(End::TOO_BIG),
                Err(_) => return Err(End::BAD),
            }
        }
    }
}

/// The two ends of a connection, in memory.
struct Wire<'a> {
    bytes: &'a [u8],
    replies: &'a mut Vec<u8>,
}

impl Read for Wire<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.bytes {
            [] => Err(io::ErrorKind::WouldBlock.into()),
            _ => self.bytes.read(into),
        }
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.replies.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
