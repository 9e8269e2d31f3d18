//! What waits to be written to one client. Every byte goes through here, in whole frames, so that
//! nothing ever lands in the middle of a frame that is half written.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Write};

use bytes::{Buf, Bytes};

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

    /// Writes what waits, as far as `to` takes it now.
    ///
    /// # Errors
    /// Where the connection broke.
    pub fn flush(&mut self, to: &mut impl Write) -> io::Result<()> {
        while !self.is_empty() {
            let mut slices = [IoSlice::new(&[]); AT_ONCE];
            let pieces = self.0.iter().zip(&mut slices);
            let count = pieces
                .map(|(piece, slice)| *slice = IoSlice::new(piece))
                .count();
            match taken(to.write_vectored(&slices[..count]))? {
                0 => return Ok(()),
                written => self.forget(written),
            }
        }
        // An idle client keeps no room for what it once was slow to take.
        self.0 = VecDeque::new();
        Ok(())
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

/// How much was written; nothing where the socket takes nothing just now.
fn taken(outcome: io::Result<usize>) -> io::Result<usize> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        outcome => outcome,
    }
}
