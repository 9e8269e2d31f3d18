//! Messages that can be told apart: each begins with three words that are its number.
//!
//! A number in digits might look like a telephone number to the rules; words do not.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

const BEGIN: &str = "Today: ";
/// Each has four letters, so that their places in a message are known.
const WORDS: [&str; 64] = [
    "bean", "beet", "kale", "leek", "lime", "corn", "pear", "plum", "fern", "moss", "reed", "rose",
    "iris", "oats", "rice", "soup", "stew", "tart", "cake", "milk", "tree", "leaf", "seed", "vine",
    "lake", "pond", "hill", "dale", "wind", "rain", "mist", "dawn", "dusk", "moon", "star", "sand",
    "sail", "boat", "ship", "raft", "tent", "lamp", "desk", "sofa", "door", "roof", "wall", "gate",
    "path", "road", "lane", "bell", "drum", "harp", "lute", "wool", "silk", "yarn", "knot", "coat",
    "sock", "swan", "wren", "lark",
];
const SENTENCES: [&str; 8] = [
    "The bus was late and I read my book instead of worrying.",
    "We planted seeds in the garden and I can't wait for spring.",
    "My grandma taught me how to bake bread and it came out well.",
    "I finished the painting and put it up on the kitchen wall.",
    "The choir sang the new song and everybody stayed to listen.",
    "I walked home the long way and counted the red front doors.",
    "We watched the clouds at lunch and named all of the shapes.",
    "My little brother tied his own laces and was so very proud.",
];
/// How many messages are told apart.
const KINDS: usize = WORDS.len() * WORDS.len() * WORDS.len();

/// The text of message `n`, about 80 bytes.
pub fn text(n: usize) -> String {
    let word = |place: u32| WORDS[n / WORDS.len().pow(place) % WORDS.len()];
    let sentence = SENTENCES[n % SENTENCES.len()];
    format!("{BEGIN}{} {} {}. {sentence}", word(2), word(1), word(0))
}

/// The number of the message that stands somewhere in `frame`.
pub fn number(frame: &[u8]) -> Option<usize> {
    let at = memchr::memmem::find(frame, BEGIN.as_bytes())? + BEGIN.len();
    (0..3).try_fold(0, |number, word| {
        let start = at + word * 5;
        let letters = frame.get(start..start + 4)?;
        let word = WORDS.iter().position(|word| word.as_bytes() == letters)?;
        Some(number * WORDS.len() + word)
    })
}

/// When each message should have been sent.
pub struct Ledger {
    began: Instant,
    next: AtomicUsize,
    /// Nanoseconds since it began; 0 where no such message was sent.
    intended: Box<[AtomicU64]>,
}

impl Ledger {
    /// Nothing was sent yet.
    pub fn new() -> Ledger {
        Ledger {
            began: Instant::now() - Duration::from_nanos(1),
            next: AtomicUsize::new(0),
            intended: (0..KINDS).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Takes the next number, for a message that should be sent at `intended`.
    pub fn next(&self, intended: Instant) -> usize {
        let n = self.next.fetch_add(1, Ordering::Relaxed) % KINDS;
        let after = intended.duration_since(self.began).as_nanos() as u64;
        self.intended[n].store(after, Ordering::Release);
        n
    }

    /// How long ago message `n` should have been sent.
    pub fn age(&self, n: usize) -> Option<Duration> {
        let intended = self.intended.get(n)?.load(Ordering::Acquire);
        let intended = Duration::from_nanos(intended);
        (!intended.is_zero()).then(|| self.began.elapsed().saturating_sub(intended))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_back_wherever_it_stands() {
        for n in [0, 1, 63, 64, 4_711, KINDS - 1] {
            let frame = format!(r#"{{"type":"post","post":{{"text":"{}"}}}}"#, text(n));
            assert_eq!(number(frame.as_bytes()), Some(n));
        }
        assert_eq!(number(b"Today: a cut"), None);
        assert_eq!(number(b"nothing"), None);
    }

    #[test]
    fn a_message_that_was_never_sent_has_no_age() {
        let ledger = Ledger::new();
        assert_eq!(ledger.age(0), None);
        assert_eq!(ledger.next(Instant::now()), 0);
        assert!(ledger.age(0).is_some());
    }
}
