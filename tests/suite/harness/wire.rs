//! A client of the live socket that writes its frames byte by byte.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{App, PATIENCE};

/// A connection over which anything may be said.
pub struct Wire(TcpStream);

/// A frame as a client has to write it. `first` is its first byte: its kind, and 0x80 for the
/// last frame of a message.
pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x12, 0x34, 0x56, 0x78];
    let mut frame = vec![first];
    match payload.len() {
        short @ 0..126 => frame.push(0x80 | short as u8),
        long => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(long).unwrap().to_be_bytes());
        }
    }
    frame.extend(mask);
    let bytes = payload.iter().zip(mask.iter().cycle());
    frame.extend(bytes.map(|(byte, mask)| byte ^ mask));
    frame
}

impl Wire {
    /// Opens a socket, and says something together with the request for it.
    pub async fn open(app: &App, token: &str, together: &[u8]) -> Wire {
        let address = app.url("").replace("http://", "");
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let request = format!(
            "GET /v1/live HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        let all = [request.as_bytes(), together].concat();
        stream.write_all(&all).await.unwrap();
        let mut wire = Wire(stream);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend(wire.reads(1).await);
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        assert!(head.starts_with("http/1.1 101 "), "{head}");
        // As RFC 6455 answers the key of its example.
        let accept = "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=";
        assert!(head.contains(accept), "{head}");
        wire
    }

    pub async fn says(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    async fn reads(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        let read = timeout(PATIENCE, self.0.read_exact(&mut bytes));
        read.await.expect("nothing came").unwrap();
        bytes
    }

    /// The first byte of the next frame, and what it holds.
    pub async fn hears(&mut self) -> (u8, Vec<u8>) {
        let head = self.reads(2).await;
        assert!(head[1] < 127, "a short frame that is not masked: {head:x?}");
        let length = match head[1] {
            126 => {
                let length = self.reads(2).await;
                u16::from_be_bytes([length[0], length[1]]).into()
            }
            short => short.into(),
        };
        (head[0], self.reads(length).await)
    }

    /// The code of the close frame, which has to come next.
    pub async fn closes(&mut self) -> u16 {
        let (first, payload) = self.hears().await;
        assert_eq!(first, 0x88, "{payload:x?}");
        u16::from_be_bytes([payload[0], payload[1]])
    }
}
