//! Sorted words, and those of them that a text begins with.

use std::cmp::Ordering;

use super::rows::Texts;
use super::work;

/// A set of words in order, numbered.
#[derive(Debug, Default)]
pub(super) struct SortedWords(Texts);

impl SortedWords {
    /// Words in order, each once.
    pub fn new(words: &[&str]) -> SortedWords {
        let mut texts = Texts::default();
        words.iter().for_each(|word| texts.push(word));
        SortedWords(texts)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn of(&self, number: usize) -> &str {
        self.0.of(number)
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter()
    }

    /// The numbers of the words whose first byte is this.
    pub fn beginning_with(&self, first: u8) -> std::ops::Range<usize> {
        self.narrow(0..self.len(), 0, first)
    }

    /// Calls `found` with the number and length of each word that `text` begins with, the
    /// shortest first. Stops where no word goes on.
    pub fn beginnings(&self, text: &str, mut found: impl FnMut(usize, usize)) {
        let mut left = 0..self.len();
        for (at, byte) in text.bytes().enumerate() {
            work::done(1);
            left = self.narrow(left, at, byte);
            if left.is_empty() {
                return;
            }
            // Of words with the same beginning, the one that ends there is the first.
            if self.of(left.start).len() == at + 1 {
                found(left.start, at + 1);
            }
        }
    }

    /// Of words that are alike before a place, those that have this byte there.
    fn narrow(&self, words: std::ops::Range<usize>, at: usize, byte: u8) -> std::ops::Range<usize> {
        let order = |word: &str| word.as_bytes().get(at).cmp(&Some(&byte));
        let from =
            self.partition_point(words.start, words.end, |word| order(word) == Ordering::Less);
        let to = self.partition_point(from, words.end, |word| order(word) == Ordering::Equal);
        from..to
    }

    /// The first number from which on words are not `before`.
    fn partition_point(
        &self,
        mut from: usize,
        mut to: usize,
        before: impl Fn(&str) -> bool,
    ) -> usize {
        while from < to {
            let middle = from + (to - from) / 2;
            if before(self.of(middle)) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_beginning_is_found() {
        let words = SortedWords::new(&["ill", "k", "kill", "killing"]);
        let mut found = Vec::new();
        words.beginnings("killings", |word, length| found.push((word, length)));
        assert_eq!(found, [(1, 1), (2, 4), (3, 7)]);
        words.beginnings("xkill", |_, _| panic!("it begins otherwise"));
        assert_eq!(words.beginning_with(b'k'), 1..4);
    }
}
