//! Views V2 and V3: words read otherwise because of what the packs know.

use super::fold;
use super::lexicon::Lexicon;
use super::spelling::{Spelling, is_stretched, read_alike, shorten};
use super::words::{Word, Words};
use super::work;

/// The longest row of single letters that is cut into words in one piece.
const LONGEST_RUN: usize = 64;

/// Words that were run together are looked for in pieces of this length, in bytes.
const RUN_TOGETHER: std::ops::RangeInclusive<usize> = 7..=40;

/// The shortest word that may have been written in two pieces, in bytes.
const SHORTEST_WHOLE: usize = 5;

impl Words {
    /// View V2 of view V1 (or V0): stretched words shortened, and misspelt ones put right. None
    /// where there are none.
    pub fn mended(&self, lexicon: &Lexicon) -> Option<Words> {
        let mend = |word: &Word| -> Option<(Spelling, String)> {
            let text = self.text(word);
            work::done(text.len());
            if is_stretched(text) {
                return Some((Spelling::Short, shorten(&read_alike(text))));
            }
            let plain = word.spelling == Spelling::Plain && !lexicon.is_word(text);
            let meant = plain.then(|| lexicon.meant(text)).flatten()?;
            Some((Spelling::Plain, meant.to_owned()))
        };
        self.read_again(|rest, view| match mend(&rest[0]) {
            Some((spelling, text)) => {
                let word = Word {
                    spelling,
                    changed: true,
                    ..rest[0]
                };
                view.push(word, &text);
                Some(1)
            }
            None => None,
        })
    }

    /// View V3 of the view before it: letters and pieces put together, words that were run
    /// together cut apart. None where there are none.
    pub fn joined(&self, lexicon: &Lexicon) -> Option<Words> {
        let clapping = self.clapping();
        self.read_again(|rest, view| {
            if let Some(clap) = clapping
                && let [first, second, ..] = rest
                && self.text(first) == clap
            {
                // What follows now stands beside what went before.
                let text = self.text(second);
                view.push(
                    Word {
                        changed: true,
                        ..*second
                    },
                    text,
                );
                return Some(2);
            }
            let singles = rest
                .iter()
                .take(LONGEST_RUN)
                .take_while(|word| self.is_single(word))
                .count();
            work::done(1 + singles);
            match singles {
                0 => self
                    .put_together(rest, lexicon, view)
                    .or_else(|| self.cut_apart(&rest[0], lexicon, view)),
                _ => self.spelt_out(&rest[..singles], lexicon, view),
            }
        })
    }

    /// An emoji that stands between the words or letters of the text: `k👏i👏l👏l`.
    fn clapping(&self) -> Option<&str> {
        let emoji = |word: &&Word| self.text(word).chars().next().is_some_and(fold::is_emoji);
        let first = self.text(self.as_slice().iter().find(emoji)?);
        let often = self
            .as_slice()
            .windows(3)
            .filter(|three| self.text(&three[1]) == first);
        (often.count() >= 2).then_some(first)
    }

    /// Reads the words again: `again` pushes what it reads the first of them as, and says how many
    /// they were; none where they stay as they are.
    fn read_again(&self, again: impl Fn(&[Word], &mut Words) -> Option<usize>) -> Option<Words> {
        let mut view: Option<Words> = None;
        let mut scratch = Words::default();
        let all = self.as_slice();
        let mut at = 0;
        while at < all.len() {
            // Only a text in which something changes is copied.
            let target = view.as_mut().unwrap_or(&mut scratch);
            if let Some(read) = again(&all[at..], target) {
                if view.is_none() {
                    let mut copy = Words::default();
                    for word in &all[..at] {
                        copy.push(
                            Word {
                                changed: false,
                                ..*word
                            },
                            self.text(word),
                        );
                    }
                    copy.append(&scratch);
                    view = Some(copy);
                }
                at += read;
            } else {
                if let Some(view) = &mut view {
                    view.push(
                        Word {
                            changed: false,
                            ..all[at]
                        },
                        self.text(&all[at]),
                    );
                }
                at += 1;
            }
        }
        view
    }

    /// `k y s`: three or more single letters, cut into words the packs know.
    fn spelt_out(&self, singles: &[Word], lexicon: &Lexicon, view: &mut Words) -> Option<usize> {
        let letters: String = singles.iter().map(|word| self.text(word)).collect();
        if singles.len() < 3 || letters.chars().filter(|ch| ch.is_alphabetic()).count() < 2 {
            return None;
        }
        let letters = read_alike(&letters);
        let mut at = 0;
        for length in lexicon.cut(&letters) {
            // A single letter is one byte here, so letters and words have the same count.
            let word = Word {
                from: singles[at].from,
                to: singles[at + length - 1].to,
                spelling: Spelling::Alike,
                changed: true,
                ..singles[0]
            };
            view.push(word, &letters[at..at + length]);
            at += length;
        }
        Some(singles.len())
    }

    /// `sui cide`: two pieces, not both of them words, that make a word the packs know.
    fn put_together(&self, rest: &[Word], lexicon: &Lexicon, view: &mut Words) -> Option<usize> {
        let [first, second, ..] = rest else {
            return None;
        };
        let (one, other) = (self.text(first), self.text(second));
        let plain = first.spelling == Spelling::Plain && second.spelling == Spelling::Plain;
        let pieces = plain
            && first.sentence == second.sentence
            && one.len() + other.len() >= SHORTEST_WHOLE
            && one.len().min(other.len()) > 1
            && !(lexicon.is_word(one) && lexicon.is_word(other));
        if !pieces {
            return None;
        }
        let whole = format!("{one}{other}");
        work::done(whole.len());
        lexicon.is_known(&whole).then(|| {
            view.push(
                Word {
                    to: second.to,
                    changed: true,
                    ..*first
                },
                &whole,
            );
            2
        })
    }

    /// `killmyself`: a word that is none, and is made of words the packs know.
    fn cut_apart(&self, word: &Word, lexicon: &Lexicon, view: &mut Words) -> Option<usize> {
        let text = self.text(word);
        let eligible = word.spelling == Spelling::Plain
            && RUN_TOGETHER.contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase())
            && !lexicon.is_word(text);
        let pieces = eligible.then(|| lexicon.cut_whole(text)).flatten()?;
        // Where the letters of the text are not those of the word, the pieces are not apart in it.
        let exact = (word.to - word.from) as usize == text.len();
        let mut at = 0;
        for length in pieces {
            let piece = if exact {
                let from = word.from + at as u32;
                Word {
                    from,
                    to: from + length as u32,
                    changed: true,
                    ..*word
                }
            } else {
                Word {
                    changed: true,
                    ..*word
                }
            };
            view.push(piece, &text[at..at + length]);
            at += length;
        }
        Some(1)
    }

    fn is_single(&self, word: &Word) -> bool {
        let text = self.text(word).as_bytes();
        text.len() == 1 && text[0].is_ascii_alphanumeric()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::class::{ClassId, Classes, Term};
    use crate::triage::fold::fold;

    fn texts(words: Option<Words>) -> Vec<String> {
        let words = words.unwrap_or_default();
        let texts = words.as_slice().iter().map(|word| words.text(word));
        texts.map(str::to_owned).collect()
    }

    fn lexicon() -> Lexicon {
        let mut classes = Classes::default();
        let used: Vec<ClassId> = ["kill", "myself", "suicide", "die", "so", "i", "to", "want"]
            .iter()
            .map(|word| classes.of_term(&Term::Word((*word).into())))
            .collect();
        Lexicon::new(&classes, &used, "feel\nrapping\nbullying\ngood\n", "")
    }

    #[test]
    fn stretched_words_are_shortened_and_misspelt_ones_mended() {
        let mended = |text: &str| texts(Words::plain(&fold(text)).mended(&lexicon()));
        assert_eq!(mended("i feel soooo diie"), ["i", "feel", "so", "die"]);
        assert_eq!(
            mended("feel sucidie? suiside"),
            ["feel", "sucidie", "suicide"]
        );
        assert_eq!(mended("rapping, bullying, good"), [""; 0]);
    }

    #[test]
    fn pieces_are_put_together_and_apart() {
        let joined = |text: &str| texts(Words::plain(&fold(text)).joined(&lexicon()));
        assert_eq!(joined("k i l l so"), ["kiii", "so"]);
        assert_eq!(joined("feel sui cide"), ["feel", "suicide"]);
        assert_eq!(joined("iwanttodie so"), ["i", "want", "to", "die", "so"]);
        assert_eq!(joined("want👏to👏die"), ["want", "to", "die"]);
        assert_eq!(joined("feel good to die 😭"), [""; 0]);
    }
}
