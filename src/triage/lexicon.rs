//! The words that the packs know, and the classes they belong to.

use std::borrow::Cow;

use super::class::{ClassId, ClassSet, Classes, Term};
use super::cut;
use super::dictionary::{Dictionary, Spelt};
use super::misspelt::Misspelt;
use super::parallel;
use super::rows::Rows;
use super::spelling::{Spelling, read_alike, shorten};

/// A word of which texts are full, by its rank. Such words belong to so many classes that those
/// are only looked at where a pattern asks for one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Frequent(pub u16);

impl Frequent {
    pub fn index(self) -> usize {
        usize::from(self.0)
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
    frequent_in: Rows<Frequent>,
    /// By frequent word: its classes.
    frequent_classes: Rows<ClassId>,
    frequent_sets: Vec<ClassSet>,
}

impl Lexicon {
    /// The words of the classes that are `used`, which are numbered anew by where they stand among
    /// those: classes that served to build others would cost a look-up's time for nothing.
    /// `english` are words that are no misspellings of others, `frequent` those of which texts are
    /// full, the most frequent first: a word a line.
    pub fn new(classes: &Classes<'_>, used: &[ClassId], english: &str, frequent: &str) -> Lexicon {
        let holding = classes.holding(used);
        // A word that no pattern asks for is known all the same: the packs write it.
        let spelt = |spell: fn(&str) -> Cow<'_, str>| -> Vec<Spelt<'_>> {
            let terms = classes.terms().iter().enumerate();
            let spelt = terms.map(|(term, written)| {
                let (Term::Word(text) | Term::Prefix(text)) = written;
                Spelt {
                    text: spell(text),
                    is_open: matches!(written, Term::Prefix(_)),
                    term,
                }
            });
            spelt.collect()
        };
        let read = |spell| Dictionary::new(spelt(spell), &holding, "", "");
        let disguised = || {
            let alike = read(|word| read_alike(word).into());
            (alike, read(|word| shorten(&read_alike(word)).into()))
        };
        let undisguised = || {
            let plain = Dictionary::new(spelt(|word| word.into()), &holding, english, frequent);
            let misspelt = Misspelt::new(plain.whole_words());
            (plain, misspelt)
        };
        let ((alike, short), (plain, misspelt)) = parallel::both(disguised, undisguised);
        let mut frequent_classes = Rows::default();
        for word in frequent.lines() {
            frequent_classes.push(plain.classes_of(word).iter().copied());
        }
        let in_class = frequent_classes
            .iter()
            .zip(0..)
            .flat_map(|(classes, word)| {
                let classes = classes.iter();
                classes.map(move |class| (class.index(), Frequent(word)))
            });
        let frequent_in = Rows::gather(used.len(), in_class);
        let frequent_sets = frequent_classes.iter().map(|classes| {
            let mut set = ClassSet::of(used.len());
            for class in classes {
                set.insert(*class);
            }
            set
        });
        Lexicon {
            classes: used.len(),
            plain,
            alike,
            short,
            misspelt,
            frequent_in,
            frequent_sets: frequent_sets.collect(),
            frequent_classes,
        }
    }

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
        self.frequent_in.of(class.index())
    }

    /// By frequent word: the classes that it belongs to.
    pub fn frequent_classes(&self) -> &Rows<ClassId> {
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
            self.alike
                .beginnings(&letters[at..], |length, is_whole, is_open| {
                    if is_whole {
                        consider(length, cut::Cost::PIECE);
                    }
                    if is_open {
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
            self.plain.beginnings(&word[at..], |length, is_whole, _| {
                let alone = length > 1 || matches!(word.as_bytes()[at], b'i' | b'a' | b'u');
                if alone && is_whole {
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
        let mut classes = Classes::default();
        let used = words.iter().map(|word| {
            classes.of_term(&match word.strip_suffix('*') {
                Some(prefix) => Term::Prefix(prefix.into()),
                None => Term::Word((*word).into()),
            })
        });
        let used: Vec<ClassId> = used.collect();
        Lexicon::new(&classes, &used, "bullet\ncat\n", "")
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
