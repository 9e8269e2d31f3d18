//! The known words in one way of spelling.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use super::lexicon::{ClassId, Frequent};
use super::trie::Trie;
use super::work;

/// The classes that hold a spelling as a whole word, and as the beginning of one.
#[derive(Debug, Default)]
pub(super) struct Classes {
    pub whole: Vec<ClassId>,
    pub begun: Vec<ClassId>,
}

#[derive(Debug)]
pub(super) struct Dictionary {
    /// Numbers the words; `words` and `classes` are in its order.
    trie: Trie,
    words: Vec<String>,
    classes: Vec<Classes>,
    /// Every class of each listed word, those that hold a beginning of it included: what most
    /// words of a text are looked up in. The words are ours, so nobody can fill it up.
    listed: HashMap<Box<str>, Listed, FixedState>,
    ids: Vec<ClassId>,
}

/// Where in `ids` a word's classes are, and which of the frequent ones it is.
#[derive(Debug, Clone, Copy)]
struct Listed {
    number: u32,
    from: u32,
    to: u32,
    frequent: Option<Frequent>,
}

impl Dictionary {
    /// `english` are lines of words that are listed, too, whether or not a class holds them;
    /// `frequent` are those of which texts are full.
    pub fn new(known: BTreeMap<String, Classes>, english: &str, frequent: &str) -> Dictionary {
        let (words, classes): (Vec<String>, Vec<Classes>) = known.into_iter().unzip();
        let spelt: Vec<&str> = words.iter().map(String::as_str).collect();
        let trie = Trie::new(&spelt);
        let mut dictionary = Dictionary {
            trie,
            listed: HashMap::default(),
            ids: Vec::new(),
            words: Vec::new(),
            classes,
        };
        // A beginning is no word by itself.
        let whole = (spelt.iter().zip(&dictionary.classes))
            .filter(|(_, classes)| !classes.whole.is_empty())
            .map(|(word, _)| *word);
        let listed: Vec<&str> = whole.chain(english.lines()).collect();
        for word in listed {
            if dictionary.listed.contains_key(word) {
                continue;
            }
            let from = dictionary.ids.len() as u32;
            let mut ids = std::mem::take(&mut dictionary.ids);
            dictionary.walk(word, |class| ids.push(class));
            dictionary.ids = ids;
            let listed = Listed {
                number: dictionary.listed.len() as u32,
                from,
                to: dictionary.ids.len() as u32,
                frequent: None,
            };
            dictionary.listed.insert(word.into(), listed);
        }
        for (word, number) in frequent.lines().zip(0..) {
            if let Some(listed) = dictionary.listed.get_mut(word) {
                listed.frequent = Some(Frequent(number));
            }
        }
        dictionary.words = words;
        dictionary
    }

    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// The number of a word that a class holds as a whole, or that is English.
    pub fn number(&self, word: &str) -> Option<u32> {
        self.listed.get(word).map(|listed| listed.number)
    }

    /// How many words have a number.
    pub fn numbers(&self) -> usize {
        self.listed.len()
    }

    /// Every class that a listed word belongs to.
    pub fn classes_of(&self, word: &str) -> &[ClassId] {
        let listed = self.listed.get(word);
        listed.map_or(&[], |listed| {
            &self.ids[listed.from as usize..listed.to as usize]
        })
    }

    /// Whether a class holds just this word.
    pub fn is_whole(&self, word: &str) -> bool {
        let at = self
            .words
            .binary_search_by(|known| known.as_str().cmp(word));
        at.is_ok_and(|at| !self.classes[at].whole.is_empty())
    }

    /// Calls `found` with each class that a word belongs to, or says that it is a frequent one.
    pub fn look_up(&self, word: &str, mut found: impl FnMut(ClassId)) -> Option<Frequent> {
        match self.listed.get(word) {
            Some(Listed {
                frequent: Some(frequent),
                ..
            }) => return Some(*frequent),
            Some(Listed { from, to, .. }) => self.ids[*from as usize..*to as usize]
                .iter()
                .copied()
                .for_each(found),
            None => self.walk(word, &mut found),
        }
        None
    }

    /// Calls `found` with each spelling that `text` begins with, and its length.
    pub fn beginnings(&self, text: &str, mut found: impl FnMut(&Classes, usize)) {
        self.trie
            .beginnings(text, |known, length| found(&self.classes[known], length));
    }

    /// Compares a masked word with every known one of the same first letter, which is never
    /// masked.
    pub fn look_up_masked(&self, masked: &str, mut found: impl FnMut(ClassId)) {
        let first = masked.as_bytes().first();
        let start = self
            .words
            .partition_point(|word| word.as_bytes().first() < first);
        let same = self.words[start..]
            .iter()
            .take_while(|word| word.as_bytes().first() == first);
        for (known, word) in (start..).zip(same) {
            work::done(1);
            if is_masked_form(masked, word) {
                self.found(known, masked.len() == word.len(), &mut found);
            }
        }
    }

    fn walk(&self, word: &str, mut found: impl FnMut(ClassId)) {
        self.trie.beginnings(word, |known, length| {
            self.found(known, length == word.len(), &mut found);
        });
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
