//! The known words in one way of spelling.

use std::borrow::Cow;
use std::hash::BuildHasher;

use hashbrown::HashTable;

use super::class::ClassId;
use super::lexicon::Frequent;
use super::rows::{HASHER, Rows};
use super::sorted::SortedWords;
use super::work;

/// A word of the packs, in the spelling of a dictionary.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spelt<'a> {
    pub text: Cow<'a, str>,
    /// Any word that begins so is meant.
    pub is_open: bool,
    /// Its row of classes.
    pub term: usize,
}

/// The known words in one way of spelling, and the classes that hold them.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    /// Those of the packs.
    words: SortedWords,
    /// By word of the packs: whether it is a word by itself, not only the beginning of others.
    is_whole: Vec<bool>,
    /// By word of the packs: whether it is the beginning of others.
    is_open: Vec<bool>,
    /// By word of the packs: the classes of every word that begins so.
    begun: Rows<ClassId>,
    /// Every whole word, and English besides: what most words of a text are looked up in.
    listed: HashTable<Listed>,
    /// The listed words, one after the other, and the classes of each.
    text: String,
    classes: Vec<ClassId>,
}

/// A word, with all that is asked about it in one place.
#[derive(Debug, Clone, Copy)]
struct Listed {
    /// Where it stands in `text`.
    text: (u32, u32),
    /// Where its classes are, those that hold a beginning of it included.
    classes: (u32, u32),
    number: u32,
    /// Whether the packs have this very word.
    is_whole: bool,
    frequent: Option<Frequent>,
}

impl Dictionary {
    /// `classes` are by term; `english` are lines of words that are listed, too, whether or not a
    /// class holds them; `frequent` are those of which texts are full.
    pub fn new(
        mut spelt: Vec<Spelt<'_>>,
        classes: &Rows<ClassId>,
        english: &str,
        frequent: &str,
    ) -> Dictionary {
        spelt.sort_unstable();
        let mut dictionary = Dictionary::default();
        let (mut words, mut whole) = (Vec::new(), Rows::default());
        for same in spelt.chunk_by(|one, next| one.text == next.text) {
            let of = |is_open: bool| {
                let same = same.iter().filter(move |word| word.is_open == is_open);
                same.flat_map(|word| classes.of(word.term)).copied()
            };
            words.push(&*same[0].text);
            dictionary
                .is_whole
                .push(same.iter().any(|word| !word.is_open));
            dictionary
                .is_open
                .push(same.iter().any(|word| word.is_open));
            dictionary.begun.push(of(true));
            whole.push(of(false));
        }
        dictionary.words = SortedWords::new(&words);
        dictionary.list(&words, &whole, english);
        for (word, number) in frequent.lines().zip(0..) {
            let Dictionary { listed, text, .. } = &mut dictionary;
            if let Some(listed) = listed.find_mut(hash(word), |other| other.spelling(text) == word)
            {
                listed.frequent = Some(Frequent(number));
            }
        }
        dictionary
    }

    /// Lists the whole words among those of the packs, with the classes that hold just them, and
    /// English.
    fn list(&mut self, words: &[&str], whole: &Rows<ClassId>, english: &str) {
        let ours = words.iter().zip(&self.is_whole);
        let ours = ours
            .filter(|(_, is_whole)| **is_whole)
            .map(|(word, _)| *word);
        let mut listed: Vec<&str> = ours.chain(english.lines()).collect();
        listed.sort();
        listed.dedup();
        // In order, all words with the same beginning follow it at once.
        let mut beginnings: Vec<usize> = Vec::new();
        let mut next = 0;
        for word in listed {
            while words.get(next).is_some_and(|known| *known <= word) {
                beginnings.push(next);
                next += 1;
            }
            beginnings.retain(|known| word.starts_with(words[*known]));
            let own = (beginnings.last()).filter(|known| words[**known] == word);
            let from = (self.text.len() as u32, self.classes.len() as u32);
            self.text.push_str(word);
            for known in &beginnings {
                self.classes.extend(self.begun.of(*known));
            }
            self.classes
                .extend(own.map_or(&[][..], |known| whole.of(*known)));
            let listed = Listed {
                text: (from.0, self.text.len() as u32),
                classes: (from.1, self.classes.len() as u32),
                number: self.listed.len() as u32,
                is_whole: own.is_some_and(|known| self.is_whole[*known]),
                frequent: None,
            };
            let Dictionary {
                listed: all, text, ..
            } = self;
            all.insert_unique(hash(word), listed, |other| hash(other.spelling(text)));
        }
    }

    /// Those of the packs.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter()
    }

    /// The words of the packs, but for those that are only the beginnings of others.
    pub fn whole_words(&self) -> impl Iterator<Item = &str> {
        let words = self.words.iter().zip(&self.is_whole);
        words
            .filter(|(_, is_whole)| **is_whole)
            .map(|(word, _)| word)
    }

    fn listed(&self, word: &str) -> Option<&Listed> {
        let same = |listed: &Listed| listed.spelling(&self.text) == word;
        self.listed.find(hash(word), same)
    }

    fn classes(&self, listed: &Listed) -> &[ClassId] {
        &self.classes[listed.classes.0 as usize..listed.classes.1 as usize]
    }

    /// The number of a word that a class holds as a whole, or that is English.
    pub fn number(&self, word: &str) -> Option<u32> {
        self.listed(word).map(|listed| listed.number)
    }

    /// How many words have a number.
    pub fn numbers(&self) -> usize {
        self.listed.len()
    }

    /// Every class that a listed word belongs to.
    pub fn classes_of(&self, word: &str) -> &[ClassId] {
        (self.listed(word)).map_or(&[], |listed| self.classes(listed))
    }

    /// Whether a class holds just this word.
    pub fn is_whole(&self, word: &str) -> bool {
        self.listed(word).is_some_and(|listed| listed.is_whole)
    }

    /// Calls `found` with each class that a word belongs to, or says that it is a frequent one.
    pub fn look_up(&self, word: &str, mut found: impl FnMut(ClassId)) -> Option<Frequent> {
        match self.listed(word) {
            Some(listed) if listed.frequent.is_some() => return listed.frequent,
            Some(listed) => self.classes(listed).iter().copied().for_each(found),
            None => self.words.beginnings(word, |known, _| {
                self.begun.of(known).iter().copied().for_each(&mut found);
            }),
        }
        None
    }

    /// Calls `found` with the length of each spelling that `text` begins with, and whether it is a
    /// whole word, and the beginning of others.
    pub fn beginnings(&self, text: &str, mut found: impl FnMut(usize, bool, bool)) {
        self.words.beginnings(text, |known, length| {
            found(length, self.is_whole[known], self.is_open[known]);
        });
    }

    /// Compares a masked word with every known one of the same first letter, which is never
    /// masked.
    pub fn look_up_masked(&self, masked: &str, mut found: impl FnMut(ClassId)) {
        let Some(first) = masked.bytes().next() else {
            return;
        };
        for known in self.words.beginning_with(first) {
            work::done(1);
            let word = self.words.of(known);
            if is_masked_form(masked, word) {
                let classes = match masked.len() == word.len() {
                    true => self.classes_of(word),
                    false => &[],
                };
                let begun = self.begun.of(known);
                begun.iter().chain(classes).copied().for_each(&mut found);
            }
        }
    }
}

impl Listed {
    fn spelling<'a>(&self, text: &'a str) -> &'a str {
        &text[self.text.0 as usize..self.text.1 as usize]
    }
}

fn hash(word: &str) -> u64 {
    HASHER.hash_one(word)
}

/// Whether a masked word may hide this one, or a word that begins with it.
fn is_masked_form(masked: &str, word: &str) -> bool {
    let pairs = masked.bytes().zip(word.bytes());
    word.len() <= masked.len()
        && pairs
            .into_iter()
            .all(|(mask, letter)| mask == b'*' || mask == letter)
}
