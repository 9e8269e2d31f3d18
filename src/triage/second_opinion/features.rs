//! What the model sees of a text: its words and pairs of words, and the groups of letters in them.

use crate::triage::words::Words;
use crate::triage::work;

/// Groups of so many letters, the ends of a word among them, as signs of their own.
const LETTERS: std::ops::RangeInclusive<usize> = 3..=5;

/// So many words of a text are read.
const MOST_WORDS: usize = 400;

/// Features by their buckets: those of words, and those of letters. Each half counts alike,
/// however long the text is.
#[derive(Debug, Default)]
pub(super) struct Features {
    pub words: Vec<u32>,
    pub letters: Vec<u32>,
}

impl Features {
    /// The features of a text in `buckets` buckets, a power of two.
    pub fn of(words: &Words, buckets: usize) -> Features {
        let mask = buckets as u64 - 1;
        let mut features = Features::default();
        let mut before = hash(START, b"");
        let mut framed = Vec::new();
        for word in words.as_slice().iter().take(MOST_WORDS) {
            let text = words.text(word).as_bytes();
            let own = hash(WORD, text);
            features.words.push((own & mask) as u32);
            features.words.push((hash(before, text) & mask) as u32);
            before = own;
            framed.clear();
            framed.push(b' ');
            framed.extend_from_slice(text);
            framed.push(b' ');
            work::done(framed.len());
            for length in LETTERS {
                let groups = framed.windows(length);
                features
                    .letters
                    .extend(groups.map(|group| (hash(GROUP, group) & mask) as u32));
            }
        }
        features
    }

    /// The weight of one feature in each half.
    pub fn scales(&self) -> (f32, f32) {
        let scale = |features: &[u32]| (features.len().max(1) as f32).sqrt().recip();
        (scale(&self.words), scale(&self.letters))
    }
}

const START: u64 = 0xcbf2_9ce4_8422_2325;
const WORD: u64 = START ^ 0x9e37_79b9_7f4a_7c15;
const GROUP: u64 = START ^ 0xc2b2_ae3d_27d4_eb4f;

/// FNV-1a (Fowler, Noll, Vo): a model's weights are found by it, so it can never change.
fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let mixed = bytes.iter().fold(seed, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    });
    // Its low bits alone are weak.
    mixed ^ (mixed >> 32)
}
