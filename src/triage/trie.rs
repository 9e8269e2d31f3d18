//! The beginnings of a text that are known words, in one walk over its bytes.

use aho_corasick::Anchored;
use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;

use super::work;

/// A set of words, numbered in the order given.
#[derive(Debug)]
pub(super) struct Trie {
    automaton: NFA,
}

impl Trie {
    /// # Panics
    /// On more words than an automaton can hold (billions of bytes), which no pack comes near.
    pub fn new(words: &[&str]) -> Trie {
        let automaton = NFA::builder()
            .prefilter(false)
            .build(words)
            .expect("the packs' words fit into an automaton");
        Trie { automaton }
    }

    /// Calls `found` with the number and length of each word that `text` begins with, the
    /// shortest first. Stops where no known word goes on.
    pub fn beginnings(&self, text: &str, mut found: impl FnMut(usize, usize)) {
        let Ok(mut state) = self.automaton.start_state(Anchored::Yes) else {
            return;
        };
        for (at, byte) in text.bytes().enumerate() {
            work::done(1);
            state = self.automaton.next_state(Anchored::Yes, state, byte);
            if !self.automaton.is_special(state) {
                continue;
            }
            if self.automaton.is_dead(state) {
                return;
            }
            if self.automaton.is_match(state) {
                // The state also knows the words that end here but began later.
                let length = at + 1;
                work::done(self.automaton.match_len(state));
                (0..self.automaton.match_len(state))
                    .map(|index| self.automaton.match_pattern(state, index))
                    .filter(|word| self.automaton.pattern_len(*word) == length)
                    .for_each(|word| found(word.as_usize(), length));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_beginning_is_found() {
        let trie = Trie::new(&["kill", "ill", "killing", "k"]);
        let mut found = Vec::new();
        trie.beginnings("killings", |word, length| found.push((word, length)));
        assert_eq!(found, [(3, 1), (0, 4), (2, 7)]);
        trie.beginnings("xkill", |_, _| panic!("it begins otherwise"));
    }
}
