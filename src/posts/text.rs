//! What may be the text of a post: 1 to 1,000 characters that a person can see.

use unicode_normalization::char::is_combining_mark;

use crate::error::Error;

/// Characters (Unicode scalar values) that a text may have at the most.
const MAX_CHARS: usize = 1_000;

/// Accepts a text that a young person wrote, trimmed and with line ends as `\n`.
///
/// # Errors
/// Where there is nothing to read in it, where it is too long, or where it holds characters
/// that hide or turn around what is written.
pub fn accept(field: &str, text: &str) -> Result<String, Error> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if let Some(message) = text.chars().find_map(refusal) {
        return Err(Error::field(field, message));
    }
    let text: String = text.chars().filter(|c| !is_isolate(*c)).collect();
    let text = text.trim();
    if !text.chars().any(is_visible) {
        return Err(Error::field(
            field,
            "There is nothing here yet. Write a few words first.",
        ));
    }
    let length = text.chars().count();
    if length > MAX_CHARS {
        return Err(Error::field(
            field,
            format!("This is {length} characters long. Please keep it to {MAX_CHARS}."),
        ));
    }
    Ok(text.to_owned())
}

fn refusal(c: char) -> Option<&'static str> {
    match c {
        '\n' | '\t' => None,
        '\u{202A}'..='\u{202E}' => Some(
            "There is a hidden sign in here that turns the writing around. Please take it out.",
        ),
        c if c.is_control() => {
            Some("There is a hidden sign in here that we cannot keep. Please type it again.")
        }
        _ => None,
    }
}

/// Phones put these around pasted names; they carry nothing, so they are dropped in silence.
fn is_isolate(c: char) -> bool {
    matches!(c, '\u{2066}'..='\u{2069}')
}

/// Whether a reader would see it. Hangul fillers and the Braille blank are letters and symbols
/// by their Unicode category, and yet nothing is seen.
fn is_visible(c: char) -> bool {
    let blank = c.is_whitespace()
        || c.is_control()
        || is_combining_mark(c)
        || matches!(
            c,
            '\u{00AD}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
                | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
                | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}'
        );
    !blank
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_emoji_and_other_scripts_are_fine() {
        for text in [
            "hi",
            "👨‍👩‍👧‍👦",
            "مرحبا\u{200F}",
            "naïve e\u{301}",
            "a\nb\tc",
            "7",
        ] {
            assert_eq!(accept("text", text).unwrap(), text);
        }
        assert_eq!(
            accept("text", "  a\r\nb \u{2068}Sam\u{2069} ").unwrap(),
            "a\nb Sam"
        );
    }

    #[test]
    fn nothing_to_read_is_nothing() {
        for text in [
            "",
            "  \n ",
            "\u{200B}\u{200D}\u{FEFF}",
            "\u{3164}\u{2800}",
            "\u{301}\u{301}",
        ] {
            assert!(accept("text", text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_thousand_characters_and_no_more() {
        assert!(accept("text", &"é".repeat(1_000)).is_ok());
        assert!(accept("text", &"é".repeat(1_001)).is_err());
        assert!(accept("text", &format!("  {}  ", "a".repeat(1_000))).is_ok());
    }

    #[test]
    fn hidden_signs_are_refused() {
        for text in ["a\0b", "a\u{202E}b", "a\u{1B}[31m", "\u{9F}a"] {
            assert!(accept("text", text).is_err(), "{text:?}");
        }
    }
}
