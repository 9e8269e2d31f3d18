//! Frames as a server writes them: nothing is masked, so that one is the same for everybody.

use bytes::Bytes;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{Data, OpCode};

/// A text message in one frame.
pub fn text(text: impl Into<Bytes>) -> Bytes {
    written(Frame::message(text, OpCode::Data(Data::Text), true))
}

/// A ping that says nothing.
pub fn ping() -> Bytes {
    written(Frame::ping(Bytes::new()))
}

/// Goodbye, and why.
pub fn close(code: u16, reason: &'static str) -> Bytes {
    written(Frame::close(Some(CloseFrame {
        code: code.into(),
        reason: reason.into(),
    })))
}

fn written(frame: Frame) -> Bytes {
    let mut bytes = Vec::with_capacity(frame.len());
    frame.format(&mut bytes).expect("a Vec takes every byte");
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_those_of_the_standard() {
        assert_eq!(*text("Hello"), *b"\x81\x05Hello");
        assert_eq!(*ping(), *b"\x89\x00");
        assert_eq!(*close(1001, "bye"), *b"\x88\x05\x03\xe9bye");
        // Lengths of one, three and nine bytes.
        for (length, header) in [
            (125, &b"\x81\x7d"[..]),
            (126, b"\x81\x7e\x00\x7e"),
            (65_536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
        ] {
            let frame = text(vec![b'x'; length]);
            assert!(frame.starts_with(header));
            assert_eq!(frame.len(), header.len() + length);
        }
    }
}
