//! The words that the packs know, and the classes they belong to.
//!
//! A class is a set of words of which a pattern accepts any, such as a list of relatives. Patterns
//! are made of classes, so a list of forty words costs a pattern as much as one word.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::cut;
use super::dictionary::{Classes, Dictionary};
use super::misspelt::Misspelt;
use super::spelling::{Spelling, read_alike, shorten};

/// A set of words of which a pattern accepts any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ClassId(pub u32);

impl ClassId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A set of classes: a bit for each, so that it stays near the processor.
#[derive(Debug, Clone, Default)]
pub(super) struct ClassSet(Vec<u64>);

impl ClassSet {
    /// None of so many classes.
    pub fn of(classes: usize) -> ClassSet {
        ClassSet(vec![0; classes.div_ceil(64)])
    }

    /// None of so many classes; its room is kept.
    pub fn clear(&mut self, classes: usize) {
        self.0.clear();
        self.0.resize(classes.div_ceil(64), 0);
    }

    /// Whether it was not yet in it.
    pub fn insert(&mut self, class: ClassId) -> bool {
        let (bits, bit) = (&mut self.0[class.index() / 64], 1 << (class.0 % 64));
        let new = *bits & bit == 0;
        *bits |= bit;
        new
    }

    pub fn add_all(&mut self, other: &ClassSet) {
        for (bits, more) in self.0.iter_mut().zip(&other.0) {
            *bits |= more;
        }
    }

    pub fn has(&self, class: ClassId) -> bool {
        self.0[class.index() / 64] & 1 << (class.0 % 64) != 0
    }

    /// Which word of a set a class is a bit of, and which bit.
    pub fn place(class: ClassId) -> (u32, u64) {
        (class.0 / 64, 1 << (class.0 % 64))
    }

    /// The classes in this set among those bits of one of its words.
    pub fn common(&self, word: u32, bits: u64) -> impl Iterator<Item = ClassId> + use<> {
        let mut left = self.0[word as usize] & bits;
        std::iter::from_fn(move || {
            let bit = (left != 0).then(|| left.trailing_zeros())?;
            left &= left - 1;
            Some(ClassId(word * 64 + bit))
        })
    }
}

/// A word of which texts are full, by its rank. Such words belong to so many classes that those
/// are only looked at where a pattern asks for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Frequent(pub u16);

impl Frequent {
    pub fn index(self) -> usize {
        usize::from(self.0)
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

/// Index of a [`Term`]: a class is compared and joined by these, not by words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TermId(u32);

/// Collects classes while packs are compiled.
#[derive(Debug, Default)]
pub(super) struct LexiconBuilder {
    terms: Vec<Term>,
    numbers: HashMap<Term, TermId>,
    /// Each class's terms, in order.
    classes: Vec<Vec<TermId>>,
    known: HashMap<Vec<TermId>, ClassId>,
}

impl LexiconBuilder {
    /// The class of one term.
    pub fn class_of(&mut self, term: &Term) -> ClassId {
        let number = match self.numbers.get(term) {
            Some(number) => *number,
            None => {
                let number = TermId(self.terms.len() as u32);
                self.terms.push(term.clone());
                self.numbers.insert(term.clone(), number);
                number
            }
        };
        self.class(vec![number])
    }

    /// The class of these terms; the same terms are the same class.
    pub fn class(&mut self, mut terms: Vec<TermId>) -> ClassId {
        terms.sort_unstable();
        terms.dedup();
        if let Some(id) = self.known.get(&terms) {
            return *id;
        }
        let id = ClassId(self.classes.len() as u32);
        self.classes.push(terms.clone());
        self.known.insert(terms, id);
        id
    }

    /// What a class holds.
    pub fn term_ids(&self, class: ClassId) -> &[TermId] {
        &self.classes[class.index()]
    }

    /// What a class holds.
    pub fn terms(&self, class: ClassId) -> impl Iterator<Item = &Term> {
        let terms = self.term_ids(class).iter();
        terms.map(|term| &self.terms[term.0 as usize])
    }

    /// Keeps only the classes that are `used`: those that served to build others would cost a
    /// look-up's time for nothing. `english` are words that are no misspellings of others, `frequent`
    /// those of which texts are full, the most frequent first: a word a line.
    pub fn build(self, used: &BTreeSet<ClassId>, english: &str, frequent: &str) -> Lexicon {
        let mut holding: Vec<Vec<ClassId>> = vec![Vec::new(); self.terms.len()];
        for class in used {
            for term in self.term_ids(*class) {
                holding[term.0 as usize].push(*class);
            }
        }
        let known = |spell: fn(&str) -> String| {
            let mut known: BTreeMap<String, Classes> = BTreeMap::new();
            let terms = self.terms.iter().zip(&holding);
            for (term, classes) in terms.filter(|(_, classes)| !classes.is_empty()) {
                match term {
                    Term::Word(word) => known.entry(spell(word)).or_default().whole.extend(classes),
                    Term::Prefix(word) => {
                        known.entry(spell(word)).or_default().begun.extend(classes);
                    }
                }
            }
            known
        };
        let plain = Dictionary::new(known(str::to_owned), english, frequent);
        let mut frequent_in = vec![Vec::new(); self.classes.len()];
        let mut frequent_classes = Vec::new();
        let mut frequent_sets = Vec::new();
        for (word, number) in frequent.lines().zip(0..) {
            let classes = plain.classes_of(word).to_vec();
            let mut mask = ClassSet::of(self.classes.len());
            for class in &classes {
                frequent_in[class.index()].push(Frequent(number));
                mask.insert(*class);
            }
            frequent_sets.push(mask);
            frequent_classes.push(classes);
        }
        let whole = plain.words().filter(|word| plain.is_whole(word));
        Lexicon {
            classes: self.classes.len(),
            misspelt: Misspelt::new(whole),
            plain,
            alike: Dictionary::new(known(read_alike), "", ""),
            short: Dictionary::new(known(|word| shorten(&read_alike(word))), "", ""),
            frequent_in,
            frequent_classes,
            frequent_sets,
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
    misspelt: Misspelt,
    /// By class: the frequent words in it.
    frequent_in: Vec<Vec<Frequent>>,
    /// By frequent word: its classes.
    frequent_classes: Vec<Vec<ClassId>>,
    frequent_sets: Vec<ClassSet>,
}

impl Lexicon {
    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The known words, as the packs spell them.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.plain.words()
    }

    /// Calls `found` with each class that a word belongs to (a class may come twice), or says
    /// that it is a frequent one.
    pub fn look_up(
        &self,
        spelling: Spelling,
        word: &str,
        found: impl FnMut(ClassId),
    ) -> Option<Frequent> {
        match spelling {
            Spelling::Plain => self.plain.look_up(word, found),
            Spelling::Alike => self.alike.look_up(word, found),
            Spelling::Short => self.short.look_up(word, found),
            Spelling::Masked => {
                self.alike.look_up_masked(word, found);
                None
            }
        }
    }

    /// The frequent words in a class.
    pub fn frequent_in(&self, class: ClassId) -> &[Frequent] {
        &self.frequent_in[class.index()]
    }

    /// By frequent word: the classes that it belongs to.
    pub fn frequent_classes(&self) -> &[Vec<ClassId>] {
        &self.frequent_classes
    }

    /// By frequent word: the same as a set.
    pub fn frequent_set(&self, word: Frequent) -> &ClassSet {
        &self.frequent_sets[word.index()]
    }

    /// The number of a plain word that is one of the packs', or plain English: it means what it
    /// says.
    pub fn number(&self, word: &str) -> Option<u32> {
        self.plain.number(word)
    }

    /// How many words have a number.
    pub fn numbers(&self) -> usize {
        self.plain.numbers()
    }

    /// Whether a plain word is one of the packs', or plain English.
    pub fn is_word(&self, word: &str) -> bool {
        self.number(word).is_some()
    }

    /// Whether the packs know this very word.
    pub fn is_known(&self, word: &str) -> bool {
        self.plain.is_whole(word)
    }

    /// The word of the packs that a word which is none was meant to be, where one letter was
    /// missed, added, changed, or swapped with its neighbour.
    pub fn meant(&self, word: &str) -> Option<&str> {
        self.misspelt.meant(word)
    }

    /// Cuts joined single letters (ASCII, spelling `Alike`) into known words: as few letters left
    /// over as can be, then as few in endings that no pack lists, then as few pieces. Returns the
    /// pieces' lengths; their sum is the input's.
    pub fn cut(&self, letters: &str) -> Vec<usize> {
        cut::cheapest(letters.len(), |at, consider| {
            consider(1, cut::Cost::LEFT_OVER);
            self.alike.beginnings(&letters[at..], |classes, length| {
                if !classes.whole.is_empty() {
                    consider(length, cut::Cost::PIECE);
                }
                if !classes.begun.is_empty() {
                    for whole in length..=letters.len() - at {
                        consider(whole, cut::Cost::ending(whole - length));
                    }
                }
            });
        })
        .unwrap_or_default()
    }

    /// Cuts a plain word into the known words that were run together in it; none where something
    /// would be left over.
    pub fn cut_whole(&self, word: &str) -> Option<Vec<usize>> {
        let pieces = cut::cheapest(word.len(), |at, consider| {
            self.plain.beginnings(&word[at..], |classes, length| {
                let alone = length > 1 || matches!(word.as_bytes()[at], b'i' | b'a' | b'u');
                if alone && !classes.whole.is_empty() {
                    consider(length, cut::Cost::PIECE);
                }
            });
        })?;
        (pieces.len() > 1).then_some(pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon(words: &[&str]) -> Lexicon {
        let mut builder = LexiconBuilder::default();
        let used = words
            .iter()
            .map(|word| {
                builder.class_of(&match word.strip_suffix('*') {
                    Some(prefix) => Term::Prefix(prefix.to_owned()),
                    None => Term::Word((*word).to_owned()),
                })
            })
            .collect();
        builder.build(&used, "bullet\ncat\n", "")
    }

    fn found(lexicon: &Lexicon, spelling: Spelling, word: &str) -> Vec<u32> {
        let mut classes = Vec::new();
        lexicon.look_up(spelling, word, |class| classes.push(class.0));
        classes
    }

    #[test]
    fn a_word_is_found_in_each_spelling() {
        let lexicon = lexicon(&["kill", "bul*", "suicide"]);
        assert_eq!(found(&lexicon, Spelling::Plain, "kill"), [0]);
        assert_eq!(found(&lexicon, Spelling::Plain, "bullying"), [1]);
        assert_eq!(found(&lexicon, Spelling::Plain, "bullet"), [1]);
        assert_eq!(found(&lexicon, Spelling::Alike, "kiii"), [0]);
        assert_eq!(found(&lexicon, Spelling::Short, "ki"), [0]);
        assert_eq!(found(&lexicon, Spelling::Masked, "su*c*de"), [2]);
        assert_eq!(found(&lexicon, Spelling::Plain, "bu"), [0; 0]);
        assert!(lexicon.is_word("cat") && !lexicon.is_known("cat"));
        assert!(!lexicon.is_word("bul"));
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

    #[test]
    fn words_run_together_are_cut() {
        let lexicon = lexicon(&["kill", "myself", "my", "self", "i", "to"]);
        assert_eq!(lexicon.cut_whole("killmyself"), Some(vec![4, 6]));
        assert_eq!(lexicon.cut_whole("killmyselfs"), None);
        assert_eq!(lexicon.cut_whole("myself"), None, "it is one word");
    }
}
