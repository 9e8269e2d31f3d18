//! Messages with gaps: `{part}` stands for words that a person puts in.

use std::collections::BTreeMap;

/// Characters that the words for a gap may have at the most.
pub const MAX_FILLING: usize = 200;

/// A piece of a message.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    /// As it stands there.
    Words(&'a str),
    /// A gap, by its name.
    Gap(&'a str),
}

/// Why a message cannot be told as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfilled {
    /// A gap has no words.
    #[error("say what `{0}` is: 1 to {MAX_FILLING} characters")]
    Missing(String),
    /// There are words for a gap that the message does not have.
    #[error("there is no `{{{0}}}` in this message")]
    Unknown(String),
    /// The words for a gap are not plain ones.
    #[error("`{0}` takes 1 to {MAX_FILLING} plain characters on one line")]
    NotPlain(String),
}

/// The names of the gaps, in their order, each once.
pub fn gaps(message: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for piece in pieces(message).unwrap_or_default() {
        match piece {
            Piece::Gap(name) if !names.contains(&name) => names.push(name),
            _ => {}
        }
    }
    names
}

/// Whether every brace belongs to a gap with a name.
pub fn is_whole(message: &str) -> bool {
    pieces(message).is_some()
}

/// The message with words in all its gaps. What is put in is never read as a gap itself.
pub fn fill(message: &str, filling: &BTreeMap<String, String>) -> Result<String, Unfilled> {
    let names = gaps(message);
    if let Some(name) = filling.keys().find(|name| !names.contains(&name.as_str())) {
        return Err(Unfilled::Unknown(name.clone()));
    }
    let mut told = String::new();
    for piece in pieces(message).unwrap_or_default() {
        match piece {
            Piece::Words(words) => told.push_str(words),
            Piece::Gap(name) => {
                let words = filling.get(name).map(|words| words.trim());
                match words {
                    None | Some("") => return Err(Unfilled::Missing(name.to_owned())),
                    Some(words) if !is_plain(words) => {
                        return Err(Unfilled::NotPlain(name.to_owned()));
                    }
                    Some(words) => told.push_str(words),
                }
            }
        }
    }
    Ok(told)
}

/// Nothing that is not seen, nothing that turns the writing around, and no gap left open.
fn is_plain(words: &str) -> bool {
    let unseen = |c: char| {
        c.is_control()
            || matches!(
                c,
                '{' | '}' | '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
                    | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
            )
    };
    words.chars().count() <= MAX_FILLING && !words.contains(unseen)
}

fn pieces(mut message: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    while let Some((words, rest)) = message.split_once('{') {
        let (name, rest) = rest.split_once('}')?;
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        };
        if words.contains('}') || !is_name(name) {
            return None;
        }
        pieces.extend([Piece::Words(words), Piece::Gap(name)]);
        message = rest;
    }
    (!message.contains('}')).then(|| {
        pieces.push(Piece::Words(message));
        pieces
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(message: &str, with: &[(&str, &str)]) -> Result<String, Unfilled> {
        let filling = with.iter().map(|(k, v)| ((*k).into(), (*v).into()));
        fill(message, &filling.collect())
    }

    #[test]
    fn every_gap_takes_words_of_its_own() {
        assert_eq!(filled("plain", &[]), Ok("plain".into()));
        let message = "{a} and {b}, {a}";
        assert_eq!(gaps(message), ["a", "b"]);
        let with = [("a", " one "), ("b", "two")];
        assert_eq!(filled(message, &with), Ok("one and two, one".into()));
        assert_eq!(
            filled(message, &[("a", "one")]),
            Err(Unfilled::Missing("b".into()))
        );
        assert_eq!(
            filled("{a}", &[("a", " ")]),
            Err(Unfilled::Missing("a".into()))
        );
        assert_eq!(
            filled("{a}", &[("a", "x"), ("b", "x")]),
            Err(Unfilled::Unknown("b".into()))
        );
    }

    #[test]
    fn only_plain_words_fill_a_gap() {
        let long = "x".repeat(MAX_FILLING + 1);
        for words in ["a\nb", "a\u{202E}b", "a\u{200B}b", "{b}", "a\0", &long] {
            let refused = Err(Unfilled::NotPlain("a".into()));
            assert_eq!(filled("{a}", &[("a", words)]), refused, "{words:?}");
        }
        let right = "x".repeat(MAX_FILLING);
        assert_eq!(filled("{a}", &[("a", &right)]), Ok(right));
    }

    #[test]
    fn a_brace_belongs_to_a_gap() {
        for message in ["", "a", "{a}", "a {b_c} d {e}"] {
            assert!(is_whole(message), "{message}");
        }
        for message in ["{", "}", "{}", "{A}", "{a", "a}", "{a {b}}", "} {a}"] {
            assert!(!is_whole(message), "{message}");
        }
    }
}
