//! A text as words, in up to four views, each word knowing the characters it stands for.

use super::fold::{self, Glyph};
use super::spelling::{Spelling, is_sign, opens_word, spelling_of};
use super::verdict::Span;
use super::work;

/// One word of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// The first character of the original text.
    pub from: u32,
    /// One past the last character of the original text.
    pub to: u32,
    /// Which sentence it belongs to.
    pub sentence: u32,
    /// How `text` is spelt.
    pub spelling: Spelling,
    /// Whether this view reads it otherwise than the view before.
    pub changed: bool,
    pub(super) text: (u32, u32),
}

/// The words of one view.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Words {
    text: String,
    words: Vec<Word>,
}

impl Words {
    pub fn as_slice(&self) -> &[Word] {
        &self.words
    }

    pub fn text(&self, word: &Word) -> &str {
        &self.text[word.text.0 as usize..word.text.1 as usize]
    }

    /// A stretch of the text with so many more words of its last sentence.
    pub fn followed(&self, span: Span, words: u8) -> Span {
        let after = self
            .words
            .partition_point(|word| (word.from as usize) < span.to);
        let sentence = after.checked_sub(1).map(|last| self.words[last].sentence);
        let to = self.words[after..]
            .iter()
            .take(usize::from(words))
            .take_while(|word| Some(word.sentence) == sentence)
            .last()
            .map_or(span.to, |word| word.to as usize);
        Span { to, ..span }
    }

    /// View V0.
    pub fn plain(glyphs: &[Glyph]) -> Words {
        split(glyphs, false)
    }

    /// View V1; none where nothing is disguised.
    pub fn alike(glyphs: &[Glyph]) -> Option<Words> {
        let suspicious = glyphs
            .iter()
            .any(|glyph| glyph.alike != glyph.ch || glyph.ch.is_ascii_digit() || is_sign(glyph.ch));
        if !suspicious {
            return None;
        }
        let words = split(glyphs, true);
        words
            .words
            .iter()
            .any(|word| word.spelling != Spelling::Plain)
            .then_some(words)
    }

    pub(super) fn append(&mut self, other: &Words) {
        for word in &other.words {
            self.push(*word, other.text(word));
        }
    }

    pub(super) fn push(&mut self, word: Word, text: &str) {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        self.words.push(Word {
            text: (start, self.text.len() as u32),
            ..word
        });
    }
}

/// Cuts glyphs into words; `disguised` reads look-alikes and lets signs stand for letters.
fn split(glyphs: &[Glyph], disguised: bool) -> Words {
    let mut words = Words::default();
    words.text.reserve(glyphs.len());
    words.words.reserve(glyphs.len() / 4);
    let letter = |glyph: &Glyph| if disguised { glyph.alike } else { glyph.ch };
    let is_word = |at: usize| {
        glyphs
            .get(at)
            .is_some_and(|glyph| fold::is_word(letter(glyph)))
    };
    let is_letter = |at: usize| {
        glyphs
            .get(at)
            .is_some_and(|next| next.alike.is_alphabetic())
    };
    let mut sentence = 0;
    let mut gap = Gap::default();
    let mut buffer = String::new();
    let mut at = 0;
    while let Some(glyph) = glyphs.get(at) {
        let start = at;
        work::done(1);
        buffer.clear();
        if fold::is_emoji(glyph.ch) && !(disguised && glyph.alike.is_ascii_alphabetic()) {
            while glyphs.get(at).is_some_and(|next| next.ch == glyph.ch) {
                at += 1;
            }
            buffer.push(glyph.ch);
        } else if is_word(at) || (disguised && opens_word(glyph.ch) && is_letter(at + 1)) {
            at = read_word(glyphs, at, disguised, &letter, &mut buffer);
        } else {
            gap.see(glyph.ch);
            at += 1;
            continue;
        }
        sentence += u32::from(gap.ends_sentence() && !words.words.is_empty());
        gap = Gap::default();
        let (from, to) = (glyph.at, glyphs[at - 1].at + 1);
        let plain = glyphs[start..at]
            .iter()
            .all(|glyph| glyph.alike == glyph.ch);
        work::done(at - start);
        let spelling = if disguised {
            spelling_of(&mut buffer, plain)
        } else {
            Spelling::Plain
        };
        words.push(
            Word {
                from,
                to,
                sentence,
                spelling,
                changed: spelling != Spelling::Plain,
                text: (0, 0),
            },
            &buffer,
        );
    }
    words
}

/// Reads one word from `at` into `buffer`; returns where it ends.
fn read_word(
    glyphs: &[Glyph],
    mut at: usize,
    disguised: bool,
    letter: &impl Fn(&Glyph) -> char,
    buffer: &mut String,
) -> usize {
    let is_word = |at: usize| {
        glyphs
            .get(at)
            .is_some_and(|glyph| fold::is_word(letter(glyph)))
    };
    loop {
        let Some(glyph) = glyphs.get(at) else {
            return at;
        };
        if is_word(at) {
            buffer.push(letter(glyph));
            at += 1;
        } else if fold::is_apostrophe(glyph.ch) && !buffer.is_empty() && is_word(at + 1) {
            at += 1;
        } else if disguised && is_sign(glyph.ch) {
            let mut run = glyphs[at..]
                .iter()
                .take_while(|glyph| is_sign(glyph.ch))
                .count();
            work::done(run);
            let signs = &glyphs[at..at + run];
            let masks = run > 1 && signs.iter().all(|glyph| glyph.ch == '*');
            if !is_word(at + run) && !masks {
                // At a word's end `!`, `|`, `+` and one `*` are what they are.
                let last = signs.iter().rposition(|glyph| opens_word(glyph.ch));
                run = last.map_or(0, |last| last + 1);
            }
            if run == 0 {
                return at;
            }
            buffer.extend(glyphs[at..at + run].iter().map(|glyph| glyph.ch));
            at += run;
        } else {
            return at;
        }
    }
}

/// What stands between two words.
#[derive(Default)]
struct Gap {
    lines: bool,
    dots: u32,
    marks: bool,
    spaces: bool,
}

impl Gap {
    fn see(&mut self, ch: char) {
        match ch {
            '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => self.lines = true,
            '.' | '\u{3002}' => self.dots += 1,
            '!' | '?' => self.marks = true,
            ch => self.spaces |= ch.is_whitespace(),
        }
    }

    /// Two dots or more are a pause, and a dot without a space is inside a name or a disguise.
    fn ends_sentence(&self) -> bool {
        self.lines || (self.spaces && (self.marks || self.dots == 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: &Words) -> Vec<&str> {
        words
            .as_slice()
            .iter()
            .map(|word| words.text(word))
            .collect()
    }

    #[test]
    fn words_are_split_and_apostrophes_dropped() {
        let words = Words::plain(&fold::fold("I don't self-harm. Ok?😭😭 'yes'"));
        assert_eq!(
            texts(&words),
            ["i", "dont", "self", "harm", "ok", "😭", "yes"]
        );
        let sentences: Vec<u32> = words.as_slice().iter().map(|word| word.sentence).collect();
        assert_eq!(sentences, [0, 0, 0, 0, 1, 1, 1]);
    }

    #[test]
    fn signs_and_digits_are_letters_inside_words() {
        let words = Words::alike(&fold::fold("i want 2 k!1l my$elf! s**cide @ 5")).unwrap();
        assert_eq!(
            texts(&words),
            ["i", "want", "2", "kiii", "myseif", "s**cide", "5"]
        );
        assert_eq!(words.as_slice()[3].from..words.as_slice()[3].to, 9..13);
        assert!(Words::alike(&fold::fold("nothing here, i think")).is_none());
    }
}
