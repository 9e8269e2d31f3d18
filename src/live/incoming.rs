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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::frames;

    const SUBSCRIBE: &[u8] = br#"{"type":"subscribe","since":7}"#;

    /// A frame as a client writes it. `first` is its first byte: 0x80 for the last frame of a
    /// message, and what it is.
    fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [1, 2, 3, 4];
        let mut frame = vec![first];
        match payload.len() {
            short @ 0..126 => frame.push(0x80 | short as u8),
            long => {
                frame.push(0x80 | 126);
                frame.extend((long as u16).to_be_bytes());
            }
        }
        frame.extend(mask);
        frame.extend(
            payload
                .iter()
                .zip(mask.iter().cycle())
                .map(|(byte, mask)| byte ^ mask),
        );
        frame
    }

    fn take(bytes: &[u8]) -> (Result<Vec<Request>, End>, Vec<u8>) {
        let mut replies = Vec::new();
        (Incoming::new().take(bytes, &mut replies), replies)
    }

    fn since(requests: &[Request]) -> Vec<Option<i64>> {
        let since = |Request::Subscribe { since, .. }: &Request| *since;
        requests.iter().map(since).collect()
    }

    #[test]
    fn a_message_comes_in_any_pieces() {
        let whole = masked(0x81, SUBSCRIBE);
        let (first, rest) = SUBSCRIBE.split_at(9);
        let fragments = [masked(0x01, first), masked(0x89, b"hi"), masked(0x80, rest)].concat();
        for message in [whole, fragments] {
            for size in 1..=message.len() {
                let (mut incoming, mut replies) = (Incoming::new(), Vec::new());
                let mut requests = Vec::new();
                for _ in 0..2 {
                    for piece in message.chunks(size) {
                        requests.extend(incoming.take(piece, &mut replies).unwrap());
                    }
                }
                assert_eq!(since(&requests), [Some(7), Some(7)], "in pieces of {size}");
            }
        }
    }

    #[test]
    fn a_ping_is_answered_with_what_it_says() {
        let (requests, replies) = take(&masked(0x89, b"hi"));
        assert!(requests.unwrap().is_empty());
        assert_eq!(replies, b"\x8a\x02hi");
        let (requests, replies) = take(&masked(0x8a, b""));
        assert!(requests.unwrap().is_empty() && replies.is_empty());
    }

    #[test]
    fn goodbye_is_answered_with_goodbye() {
        let (end, replies) = take(&masked(0x88, b"\x03\xe8"));
        assert_eq!(
            (end.unwrap_err(), &*replies),
            (End::Answered, &b"\x88\x02\x03\xe8"[..])
        );
        let (end, replies) = take(&masked(0x88, b""));
        assert_eq!(
            (end.unwrap_err(), &*replies),
            (End::Answered, &b"\x88\x00"[..])
        );
    }

    #[test]
    fn what_no_client_may_say_ends_it() {
        for (bytes, end) in [
            // A frame that is not masked.
            (frames::text(SUBSCRIBE).to_vec(), End::BAD),
            // Control frames that are too long, or in pieces.
            (masked(0x89, &[b'x'; 126]), End::BAD),
            (masked(0x88, &[b'x'; 126]), End::BAD),
            (masked(0x09, b"hi"), End::BAD),
            // A second piece without a first, an unknown kind, an extension, no UTF-8.
            (masked(0x80, SUBSCRIBE), End::BAD),
            (masked(0x83, SUBSCRIBE), End::BAD),
            (masked(0xc1, SUBSCRIBE), End::BAD),
            (masked(0x81, b"\xff"), End::BAD),
            (masked(0x81, b"{}"), End::BAD),
            (masked(0x82, SUBSCRIBE), End::BINARY),
            (masked(0x81, &[b' '; MAX_MESSAGE + 1]), End::TOO_BIG),
            // Too much in pieces that are not.
            (
                [masked(0x01, &[b' '; MAX_MESSAGE]), masked(0x80, b" ")].concat(),
                End::TOO_BIG,
            ),
        ] {
            assert_eq!(
                take(&bytes).0.unwrap_err(),
                end,
                "{:x?}",
                &bytes[..8.min(bytes.len())]
            );
        }
    }

    #[test]
    fn what_is_too_big_is_refused_before_it_is_read() {
        // Eight bytes that say that so many will come.
        let header = [&[0x81, 0x80 | 127][..], &u64::MAX.to_be_bytes(), &[0; 4]].concat();
        assert_eq!(take(&header).0.unwrap_err(), End::TOO_BIG);
        let header = [&[0x81, 0x80 | 126][..], &4_097_u16.to_be_bytes(), &[0; 4]].concat();
        assert_eq!(take(&header).0.unwrap_err(), End::TOO_BIG);
    }
}
