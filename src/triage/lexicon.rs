//! The words that the packs know, and the classes they belong to.
//!
//! A class is a set of words of which a pattern accepts any, such as a list of relatives. Patterns
//! are made of classes, so a list of forty words costs a pattern as much as one word.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::spelling::{Spelling, read_alike, shorten};
use super::trie::Trie;

/// A set of words of which a pattern accepts any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ClassId(pub u32);

impl ClassId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A word of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Term {
    /// Just this word.
    Word(String),
    /// Any word that begins so.
    Prefix(String),
}

/// Collects classes while packs are compiled.
#[derive(Debug, Default)]
pub(super) struct LexiconBuilder {
    classes: Vec<BTreeSet<Term>>,
    known: HashMap<BTreeSet<Term>, ClassId>,
}

impl LexiconBuilder {
    /// The class of these terms; the same terms are the same class.
    pub fn class(&mut self, terms: BTreeSet<Term>) -> ClassId {
        if let Some(id) = self.known.get(&terms) {
            return *id;
        }
        let id = ClassId(self.classes.len() as u32);
        self.classes.push(terms.clone());
        self.known.insert(terms, id);
        id
    }

    /// What a class holds.
    pub fn terms(&self, class: ClassId) -> &BTreeSet<Term> {
        &self.classes[class.index()]
    }

    /// Keeps only the classes that are `used`: those that served to build others would cost a
    /// look-up's time for nothing.
    pub fn build(self, used: &BTreeSet<ClassId>) -> Lexicon {
        let dictionary = |spell: fn(&str) -> String| {
            let mut known: BTreeMap<String, Classes> = BTreeMap::new();
            for id in used {
                for term in &self.classes[id.index()] {
                    match term {
                        Term::Word(word) => known.entry(spell(word)).or_default().whole.push(*id),
                        Term::Prefix(word) => known.entry(spell(word)).or_default().begun.push(*id),
                    }
                }
            }
            Dictionary::new(known)
        };
        Lexicon {
            classes: self.classes.len(),
            plain: dictionary(str::to_owned),
            alike: dictionary(read_alike),
            short: dictionary(|word| shorten(&read_alike(word))),
        }
    }
}

/// Looks words up. One dictionary for each way of spelling.
#[derive(Debug)]
pub(super) struct Lexicon {
    classes: usize,
    plain: Dictionary,
    alike: Dictionary,
    short: Dictionary,
}

impl Lexicon {
    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Calls `found` with each class that a word belongs to; a class may come twice.
    pub fn look_up(&self, spelling: Spelling, word: &str, found: impl FnMut(ClassId)) {
        match spelling {
            Spelling::Plain => self.plain.look_up(word, found),
            Spelling::Alike => self.alike.look_up(word, found),
            Spelling::Short => self.short.look_up(word, found),
            Spelling::Masked => self.alike.look_up_masked(word, found),
        }
    }

    /// Cuts joined single letters (ASCII, spelling `Alike`) into known words: as few letters left
    /// over as can be, then as few in endings that no pack lists, then as few pieces. Returns the
    /// pieces' lengths; their sum is the input's.
    pub fn cut(&self, letters: &str) -> Vec<usize> {
        let count = letters.len();
        // best[at]: the cost of what is left from `at` on, and the length of its first piece.
        let mut best: Vec<((usize, usize, usize), usize)> = vec![((0, 0, 0), 0); count + 1];
        for at in (0..count).rev() {
            let after = |length: usize| best[at + length].0;
            let (left_over, endings, pieces) = after(1);
            let mut least = ((left_over + 1, endings, pieces + 1), 1);
            let mut consider = |length: usize, ending: usize| {
                let (left_over, endings, pieces) = after(length);
                least = least.min(((left_over, endings + ending, pieces + 1), length));
            };
            self.alike.trie.beginnings(&letters[at..], |word, length| {
                let classes = &self.alike.classes[word];
                if !classes.whole.is_empty() {
                    consider(length, 0);
                }
                if !classes.begun.is_empty() {
                    (length..=count - at).for_each(|whole| consider(whole, whole - length));
                }
            });
            best[at] = least;
        }
        let mut lengths = Vec::new();
        let mut at = 0;
        while at < count {
            lengths.push(best[at].1);
            at += best[at].1;
        }
        lengths
    }
}

/// The classes that hold a spelling as a whole word, and as the beginning of one.
#[derive(Debug, Default)]
struct Classes {
    whole: Vec<ClassId>,
    begun: Vec<ClassId>,
}

/// The known words in one way of spelling.
#[derive(Debug)]
struct Dictionary {
    /// Numbers the words; `words` and `classes` are in its order.
    trie: Trie,
    words: Vec<String>,
    classes: Vec<Classes>,
}

impl Dictionary {
    fn new(known: BTreeMap<String, Classes>) -> Dictionary {
        let (words, classes): (Vec<String>, Vec<Classes>) = known.into_iter().unzip();
        let spelt: Vec<&str> = words.iter().map(String::as_str).collect();
        Dictionary {
            trie: Trie::new(&spelt),
            words,
            classes,
        }
    }

    fn look_up(&self, word: &str, mut found: impl FnMut(ClassId)) {
        self.trie.beginnings(word, |known, length| {
            self.found(known, length == word.len(), &mut found);
        });
    }

    /// Compares a masked word with every known one of the same first letter, which is never
    /// masked.
    fn look_up_masked(&self, masked: &str, mut found: impl FnMut(ClassId)) {
        let first = masked.as_bytes().first();
        let start = self
            .words
            .partition_point(|word| word.as_bytes().first() < first);
        let same = self.words[start..]
            .iter()
            .take_while(|word| word.as_bytes().first() == first);
        for (known, word) in (start..).zip(same) {
            if is_masked_form(masked, word) {
                self.found(known, masked.len() == word.len(), &mut found);
            }
        }
    }

    fn found(&self, known: usize, is_whole: bool, found: &mut impl FnMut(ClassId)) {
        let Classes { whole, begun } = &self.classes[known];
        begun.iter().copied().for_each(&mut *found);
        if is_whole {
            whole.iter().copied().for_each(found);
        }
    }
}

/// Whether a masked word may hide this one, or a word that begins with it.
fn is_masked_form(masked: &str, word: &str) -> bool {
    let pairs = masked.bytes().zip(word.bytes());
    word.len() <= masked.len()
        && pairs
            .into_iter()
            .all(|(mask, letter)| mask == b'*' || mask == letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon(words: &[&str]) -> Lexicon {
        let mut builder = LexiconBuilder::default();
        let used = words
            .iter()
            .map(|word| {
                builder.class(BTreeSet::from([match word.strip_suffix('*') {
                    Some(prefix) => Term::Prefix(prefix.to_owned()),
                    None => Term::Word((*word).to_owned()),
                }]))
            })
            .collect();
        builder.build(&used)
    }

    fn found(lexicon: &Lexicon, spelling: Spelling, word: &str) -> Vec<u32> {
        let mut classes = Vec::new();
        lexicon.look_up(spelling, word, |class| classes.push(class.0));
        classes
    }

    #[test]
    fn a_word_is_found_in_each_spelling() {
        let lexicon = lexicon(&["kill", "bully*", "suicide"]);
        assert_eq!(found(&lexicon, Spelling::Plain, "kill"), [0]);
        assert_eq!(found(&lexicon, Spelling::Plain, "bullying"), [1]);
        assert_eq!(found(&lexicon, Spelling::Alike, "kiii"), [0]);
        assert_eq!(found(&lexicon, Spelling::Short, "ki"), [0]);
        assert_eq!(found(&lexicon, Spelling::Masked, "su*c*de"), [2]);
        assert_eq!(found(&lexicon, Spelling::Plain, "bull"), [0; 0]);
    }

    #[test]
    fn joined_letters_are_cut_into_known_words() {
        let lexicon = lexicon(&["kill", "myself", "my", "self", "i", "to", "die"]);
        assert_eq!(lexicon.cut("ikiiimyseif"), [1, 4, 6]);
        assert_eq!(lexicon.cut("xtodie"), [1, 2, 3]);
        assert_eq!(
            super::tests::lexicon(&["kil*", "kill", "me"]).cut("kiiimekiiing"),
            [4, 2, 6]
        );
        assert!(lexicon.cut("").is_empty());
    }
}
