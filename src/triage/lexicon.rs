//! The words that the packs know, and the classes they belong to.
//!
//! A class is a set of words of which a pattern accepts any, such as a list of relatives. Patterns
//! are made of classes, so a list of forty words costs a pattern as much as one word.

use std::collections::{BTreeSet, HashMap};

use super::words::{Spelling, read_alike, shorten};

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
        let mut lexicon = Lexicon {
            classes: self.classes.len(),
            ..Lexicon::default()
        };
        for id in used {
            for term in &self.classes[id.index()] {
                lexicon.add(term, *id);
            }
        }
        lexicon
    }
}

/// Looks words up. One dictionary for each way of spelling.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    classes: usize,
    plain: Dictionary,
    alike: Dictionary,
    short: Dictionary,
    /// Spelling `Alike`, by length, for masked words.
    by_length: HashMap<usize, Vec<String>>,
}

impl Lexicon {
    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.classes
    }

    fn add(&mut self, term: &Term, class: ClassId) {
        let (Term::Word(word) | Term::Prefix(word)) = term;
        let alike = read_alike(word);
        let short = shorten(&alike);
        if let Term::Word(_) = term {
            let words = self.by_length.entry(alike.len()).or_default();
            if !words.contains(&alike) {
                words.push(alike.clone());
            }
        }
        self.plain.add(term, word, class);
        self.alike.add(term, &alike, class);
        self.short.add(term, &short, class);
    }

    /// Calls `found` with each class that a word belongs to; a class may come twice.
    pub fn look_up(&self, spelling: Spelling, word: &str, mut found: impl FnMut(ClassId)) {
        match spelling {
            Spelling::Plain => self.plain.look_up(word, &mut found),
            Spelling::Alike => self.alike.look_up(word, &mut found),
            Spelling::Short => self.short.look_up(word, &mut found),
            Spelling::Masked => {
                let candidates = self.by_length.get(&word.len()).into_iter().flatten();
                for candidate in candidates.filter(|candidate| is_masked_form(word, candidate)) {
                    self.alike.look_up(candidate, &mut found);
                }
                for (prefix, classes) in &self.alike.prefixes {
                    if prefix.len() <= word.len() && is_masked_form(word, prefix) {
                        classes.iter().copied().for_each(&mut found);
                    }
                }
            }
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
            let (left_over, endings, pieces) = best[at + 1].0;
            best[at] = ((left_over + 1, endings, pieces + 1), 1);
            let mut prefix = None;
            for length in 1..=count - at {
                let piece = &letters[at..at + length];
                if self.alike.prefixes.contains_key(piece) {
                    prefix = Some(length);
                }
                let ending = match prefix {
                    _ if self.alike.words.contains_key(piece) => 0,
                    Some(prefix) => length - prefix,
                    None if length >= self.alike.longest => break,
                    None => continue,
                };
                let (left_over, endings, pieces) = best[at + length].0;
                let cost = (left_over, endings + ending, pieces + 1);
                if cost < best[at].0 {
                    best[at] = (cost, length);
                }
            }
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

/// Whether a word, or the beginning of one, is what a masked word hides.
fn is_masked_form(masked: &str, word: &str) -> bool {
    masked
        .bytes()
        .zip(word.bytes())
        .all(|(mask, letter)| mask == b'*' || mask == letter)
}

#[derive(Debug, Default)]
struct Dictionary {
    words: HashMap<String, Vec<ClassId>>,
    prefixes: HashMap<String, Vec<ClassId>>,
    /// Bytes of the longest word or prefix.
    longest: usize,
    /// Bytes of the shortest and the longest prefix.
    prefix_lengths: Option<(usize, usize)>,
}

impl Dictionary {
    fn add(&mut self, term: &Term, spelt: &str, class: ClassId) {
        let length = spelt.len();
        self.longest = self.longest.max(length);
        let classes = match term {
            Term::Word(_) => self.words.entry(spelt.to_owned()).or_default(),
            Term::Prefix(_) => {
                let (shortest, longest) = self.prefix_lengths.unwrap_or((length, length));
                self.prefix_lengths = Some((shortest.min(length), longest.max(length)));
                self.prefixes.entry(spelt.to_owned()).or_default()
            }
        };
        if classes.last() != Some(&class) {
            classes.push(class);
        }
    }

    fn look_up(&self, word: &str, found: &mut impl FnMut(ClassId)) {
        if word.len() <= self.longest {
            self.words
                .get(word)
                .into_iter()
                .flatten()
                .copied()
                .for_each(&mut *found);
        }
        let Some((shortest, longest)) = self.prefix_lengths else {
            return;
        };
        for length in shortest..=longest.min(word.len()) {
            if let Some(prefix) = word.get(..length) {
                self.prefixes
                    .get(prefix)
                    .into_iter()
                    .flatten()
                    .copied()
                    .for_each(&mut *found);
            }
        }
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
