//! The first reading of a text: characters without case, width, accents and invisible marks, each
//! still knowing where in the original it stands.
//!
//! Each character is decomposed alone (NFKD), never across its neighbours, so that one folded
//! character comes from exactly one character of the original, whatever is stacked upon it.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};
use unicode_security::skeleton;

use super::look_alikes;
use super::work;

/// One character of the folded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph {
    /// The character of view V0.
    pub ch: char,
    /// The Latin letter or digit that it looks like; else `ch`.
    pub alike: char,
    /// Which character of the original it comes from.
    pub at: u32,
}

/// Folds a text to view V0. Characters past `u32::MAX` are ignored.
pub(super) fn fold(text: &str) -> Vec<Glyph> {
    let mut glyphs: Vec<Glyph> = Vec::with_capacity(text.len());
    let mut in_small_word = false;
    for (at, source) in (0u32..).zip(text.chars()) {
        work::done(1);
        if source.is_ascii() {
            if !source.is_ascii_control() || matches!(source, '\t' | '\n' | '\r') {
                let ch = source.to_ascii_lowercase();
                // `kiII myseIf`: a capital I inside a small word is an l in disguise.
                in_small_word = ch == source || (source == 'I' && in_small_word);
                in_small_word &= ch.is_ascii_lowercase();
                let alike = if source == 'I' && in_small_word {
                    '1'
                } else {
                    ch
                };
                glyphs.push(Glyph { ch, alike, at });
            }
        } else if !is_invisible(source) {
            decompose_compatible(source, |part| push(&mut glyphs, source, part, at));
        }
    }
    keep_flags(&mut glyphs);
    glyphs
}

/// Two halves of a flag are a flag; three or more in a row are letters.
fn keep_flags(glyphs: &mut [Glyph]) {
    let is_half = |glyph: &Glyph| look_alikes::is_regional_indicator(glyph.ch);
    if glyphs.iter().any(is_half) {
        for run in glyphs.chunk_by_mut(|one, next| is_half(one) && is_half(next)) {
            if run.len() <= 2 {
                run.iter_mut()
                    .filter(|glyph| is_half(glyph))
                    .for_each(|glyph| glyph.alike = glyph.ch);
            }
        }
    }
}

fn push(glyphs: &mut Vec<Glyph>, source: char, part: char, at: u32) {
    if is_combining_mark(part) {
        // A mark belongs to the letters of scripts that need it; on Latin letters, and on
        // nothing at all, it is decoration.
        let needed = glyphs.last().is_some_and(|last| {
            !is_latin(last.ch) && (last.ch.is_alphabetic() || is_combining_mark(last.ch))
        });
        if !needed {
            return;
        }
    }
    for ch in part
        .to_lowercase()
        .filter(|ch| !is_combining_mark(*ch) || *ch == part)
    {
        let alike = if ch.is_ascii() {
            ch
        } else {
            look_alikes::letter(ch)
                .or_else(|| look_alike(source))
                .or_else(|| look_alike(ch))
                .unwrap_or(ch)
        };
        work::done(1);
        glyphs.push(Glyph { ch, alike, at });
    }
}

/// The Latin letter or digit for which a reader takes a character (UTS #39), if there is one.
fn look_alike(ch: char) -> Option<char> {
    let mut buffer = [0; 4];
    let mut prototype =
        skeleton(ch.encode_utf8(&mut buffer)).filter(|part| !is_combining_mark(*part));
    let first = prototype.next()?.to_ascii_lowercase();
    match (first, prototype.next()) {
        // The prototype of every kind of `m` is `rn`.
        ('r', Some('n')) => Some('m'),
        (_, None) if first.is_ascii_alphanumeric() => Some(first),
        _ => None,
    }
}

fn is_latin(ch: char) -> bool {
    ch.is_ascii_alphanumeric() || matches!(ch, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// Characters that show nothing (Default_Ignorable_Code_Point, controls) or only tint an emoji.
fn is_invisible(ch: char) -> bool {
    matches!(ch,
        '\u{80}'..='\u{84}' | '\u{86}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        | '\u{1f3fb}'..='\u{1f3ff}')
}

/// Whether a character is a word of its own: emoji and the signs used like them.
pub(super) fn is_emoji(ch: char) -> bool {
    matches!(ch,
        '\u{203c}' | '\u{2049}' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{27bf}'
        | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}' | '\u{3030}' | '\u{303d}'
        | '\u{1f000}'..='\u{1faff}')
}

/// Whether a character is written inside a word for the sound alone, and dropped: `don't`.
pub(super) fn is_apostrophe(ch: char) -> bool {
    matches!(
        ch,
        '\'' | '\u{2018}' | '\u{2019}' | '\u{2bc}' | '`' | '\u{b4}' | '\u{2032}'
    )
}

/// Whether a character belongs to a word.
pub(super) fn is_word(ch: char) -> bool {
    if ch.is_ascii() {
        ch.is_ascii_alphanumeric()
    } else {
        ch.is_alphanumeric() || is_combining_mark(ch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn v0(text: &str) -> String {
        fold(text).iter().map(|glyph| glyph.ch).collect()
    }

    fn alike(text: &str) -> String {
        fold(text).iter().map(|glyph| glyph.alike).collect()
    }

    #[test]
    fn case_width_accents_and_the_invisible_go() {
        assert_eq!(v0("KÍLL\u{200b} m\u{ad}e"), "kill me");
        assert_eq!(v0("ｋｙｓ 𝓴𝔂𝓼 ⓚⓨⓢ"), "kys kys kys");
        assert_eq!(v0("z\u{301}\u{302}\u{303}a\u{489}lgo\u{202e}"), "zalgo");
    }

    #[test]
    fn marks_that_a_script_needs_stay() {
        assert_eq!(v0("हिन्दी"), "हिन्दी");
    }

    #[test]
    fn letters_of_other_scripts_look_like_latin_ones() {
        assert_eq!(alike("sеlf hаrm"), "self harm", "with Cyrillic e and a");
        assert_eq!(alike("kiII ƙıll"), "ki11 kill");
    }

    proptest! {
        #[test]
        fn every_glyph_knows_its_source(text in "\\PC{0,60}") {
            let count = text.chars().count();
            let glyphs = fold(&text);
            prop_assert!(glyphs.is_sorted_by_key(|glyph| glyph.at));
            prop_assert!(glyphs.iter().all(|glyph| (glyph.at as usize) < count));
        }
    }
}
