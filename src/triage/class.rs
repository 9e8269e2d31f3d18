//! The classes of words that patterns are made of.
//!
//! A class is a set of words of which a pattern accepts any, such as a list of relatives. Patterns
//! are made of classes, so a list of forty words costs a pattern as much as one word.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::rows::{Rows, Slices};

/// A set of words of which a pattern accepts any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// A word of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Term<'a> {
    /// Just this word.
    Word(Cow<'a, str>),
    /// Any word that begins so.
    Prefix(Cow<'a, str>),
}

/// Index of a [`Term`]: a class is compared and joined by these, not by words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TermId(u32);

impl TermId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Collects classes while packs are compiled.
#[derive(Debug, Default)]
pub(super) struct Classes<'a> {
    terms: Vec<Term<'a>>,
    numbers: HashMap<Term<'a>, TermId, FixedState>,
    /// Each class's terms, in order.
    classes: Slices<TermId>,
}

impl<'a> Classes<'a> {
    /// The number of a term.
    pub fn term(&mut self, term: &Term<'a>) -> TermId {
        if let Some(number) = self.numbers.get(term) {
            return *number;
        }
        let number = TermId(self.terms.len() as u32);
        self.terms.push(term.clone());
        self.numbers.insert(term.clone(), number);
        number
    }

    /// The class of one term.
    pub fn of_term(&mut self, term: &Term<'a>) -> ClassId {
        let term = self.term(term);
        ClassId(self.classes.number(&[term]))
    }

    /// The class of these terms, which are put in order; the same terms are the same class.
    pub fn of_terms(&mut self, terms: &mut Vec<TermId>) -> ClassId {
        terms.sort_unstable();
        terms.dedup();
        ClassId(self.classes.number(terms))
    }

    /// The class of all words of these classes.
    pub fn united(&mut self, classes: &[ClassId]) -> ClassId {
        if let [only] = classes {
            return *only;
        }
        let terms = classes.iter().flat_map(|class| self.term_ids(*class));
        let mut terms: Vec<TermId> = terms.copied().collect();
        self.of_terms(&mut terms)
    }

    /// What a class holds.
    pub fn term_ids(&self, class: ClassId) -> &[TermId] {
        self.classes.of(class.0)
    }

    /// Every term, by its id.
    pub fn terms(&self) -> &[Term<'a>] {
        &self.terms
    }

    /// How many classes there are.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// By term: which of some classes hold it, each by where it stands among them.
    pub fn holding(&self, classes: &[ClassId]) -> Rows<ClassId> {
        let numbered = (0..).map(ClassId).zip(classes);
        let terms = numbered.flat_map(|(number, class)| {
            let terms = self.term_ids(*class).iter();
            terms.map(move |term| (term.index(), number))
        });
        Rows::gather(self.terms.len(), terms)
    }
}
