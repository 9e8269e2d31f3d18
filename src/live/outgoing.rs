//! What waits to be written to one client. Every byte goes through here, in whole frames, so that
//! nothing ever lands in the middle of a frame that is half written.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Write};

use bytes::{Buf, Bytes};
use tokio::net::TcpStream;

/// Pieces that are written by one system call.
const AT_ONCE: usize = 64;

/// Frames that wait; nothing is allocated while none do.
#[derive(Debug, Default)]
pub struct Outgoing(VecDeque<Bytes>);

impl Outgoing {
    /// Whether everything was written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes whole frames, or as much of them as `to` takes now; the rest waits, and so does all
    /// of it where something waits already.
    ///
    /// # Errors
    /// Where the connection broke.
    pub fn send(&mut self, frames: &Bytes, to: &mut impl Write) -> io::Result<()> {
        let written = match self.is_empty() {
            true => taken(to.write(frames))?,
            false => 0,
        };
        if written < frames.len() {
            self.0.push_back(frames.slice(written..));
        }
        Ok(())
    }

    /// Writes what waits, as far as `to` takes it now. Answers how many bytes that were.
    ///
    /// # Errors
    /// Where the connection broke.
    pub fn flush(&mut self, to: &mut impl Write) -> io::Result<usize> {
        let mut total = 0;
        while !self.is_empty() {
            let mut slices = [IoSlice::new(&[]); AT_ONCE];
            let pieces = self.0.iter().zip(&mut slices);
            let count = pieces
                .map(|(piece, slice)| *slice = IoSlice::new(piece))
                .count();
            let written = taken(to.write_vectored(&slices[..count]))?;
            if written == 0 {
                return Ok(total);
            }
            self.forget(written);
            total += written;
        }
        // An idle client keeps no room for what it once was slow to take.
        self.0 = VecDeque::new();
        Ok(total)
    }

    fn forget(&mut self, mut written: usize) {
        while let Some(first) = self.0.front_mut() {
            if first.len() > written {
                first.advance(written);
                return;
            }
            written -= first.len();
            self.0.pop_front();
        }
    }
}

/// A stream that takes what it takes without waiting.
pub struct Now<'a>(pub &'a TcpStream);

impl Write for Now<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How much was written; nothing where the socket takes nothing just now.
fn taken(outcome: io::Result<usize>) -> io::Result<usize> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::live::frames;

    /// A socket that takes so much now; nothing once that is used up.
    struct Socket {
        room: usize,
        taken: Vec<u8>,
    }

    impl Write for Socket {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = bytes.len().min(self.room);
            if count == 0 && !bytes.is_empty() {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.room -= count;
            self.taken.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
            let all: Vec<u8> = slices.iter().flat_map(|slice| slice.to_vec()).collect();
            self.write(&all)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[derive(Clone, Debug)]
    enum Act {
        Send(Bytes),
        Room(usize),
        Flush,
    }

    fn act() -> impl Strategy<Value = Act> {
        prop_oneof![
            3 => (0_usize..300).prop_map(|n| Act::Send(frames::text(vec![b'x'; n]))),
            2 => Just(Act::Send(frames::ping())),
            1 => Just(Act::Send(frames::close(1001, "restarting"))),
            3 => (0_usize..500).prop_map(Act::Room),
            3 => Just(Act::Flush),
        ]
    }

    proptest! {
        /// Whatever the socket takes when, each frame comes whole, in its order, once.
        #[test]
        fn a_frame_is_never_torn(acts in vec(act(), 0..100)) {
            let mut outgoing = Outgoing::default();
            let mut socket = Socket { room: 0, taken: Vec::new() };
            let mut sent = Vec::new();
            for act in acts {
                match act {
                    Act::Send(frame) => {
                        sent.extend_from_slice(&frame);
                        outgoing.send(&frame, &mut socket).expect("it is not broken");
                    }
                    Act::Room(room) => socket.room = room,
                    Act::Flush => {
                        let before = socket.taken.len();
                        let written = outgoing.flush(&mut socket).expect("it is not broken");
                        prop_assert_eq!(written, socket.taken.len() - before);
                    }
                }
            }
            prop_assert!(sent.starts_with(&socket.taken));
            socket.room = usize::MAX;
            outgoing.flush(&mut socket).expect("it is not broken");
            prop_assert!(outgoing.is_empty());
            prop_assert_eq!(sent, socket.taken);
        }
    }

    #[test]
    fn what_waits_is_written_by_one_call() {
        let mut calls = 0;
        let mut outgoing = Outgoing::default();
        let mut full = Socket {
            room: 0,
            taken: Vec::new(),
        };
        for _ in 0..AT_ONCE {
            outgoing.send(&frames::ping(), &mut full).unwrap();
        }
        struct Counting<'a>(&'a mut usize);
        impl Write for Counting<'_> {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                *self.0 += 1;
                Ok(bytes.len())
            }
            fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
                *self.0 += 1;
                Ok(slices.iter().map(|slice| slice.len()).sum())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        outgoing.flush(&mut Counting(&mut calls)).unwrap();
        assert_eq!((calls, outgoing.is_empty()), (1, true));
    }
}
