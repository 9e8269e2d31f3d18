//! Which stretches of a text a person hides from others.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::triage::{Span, Verdict, joined};

/// The most stretches, and the most words, that can be named at once.
const MAX_NAMED: usize = 50;

/// What a person hides from others. What was hidden before stays so.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mask {
    /// All that the rules found in it that says who or where somebody is.
    #[serde(default)]
    pub found: bool,
    /// Stretches of the text, in characters: from the first to one past the last.
    #[serde(default)]
    #[schema(value_type = Vec<[usize; 2]>, max_items = 50)]
    pub spans: Vec<Span>,
    /// Words, wherever they stand in the text.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub words: Vec<String>,
}

impl Mask {
    /// The stretches of a text that are meant, in order and apart.
    ///
    /// # Errors
    /// Where nothing is named, or something that does not stand in the text.
    pub(super) fn spans(&self, text: &str, verdict: &Verdict) -> Result<Vec<Span>> {
        let chars: Vec<char> = text.chars().collect();
        if self.spans.len() > MAX_NAMED || self.words.len() > MAX_NAMED {
            let message = format!("Expected {MAX_NAMED} at the most.");
            return Err(Error::field("mask", message));
        }
        let mut spans = self.spans.clone();
        if (spans.iter()).any(|span| span.from >= span.to || span.to > chars.len()) {
            let message = "Expected places within the text, each from its first character to one \
                past its last.";
            return Err(Error::field("mask.spans", message));
        }
        if self.found {
            if verdict.masks.is_empty() {
                let message = "The rules found nothing that can be hidden. Name the words.";
                return Err(Error::field("mask.found", message));
            }
            spans.extend(&verdict.masks);
        }
        for words in &self.words {
            let places = places(&chars, words.trim());
            if places.is_empty() {
                let message = "These words do not stand in the text.";
                return Err(Error::field("mask.words", message));
            }
            spans.extend(places);
        }
        match spans.is_empty() {
            true => Err(Error::field("mask", "Say what is to be hidden.")),
            false => Ok(joined(spans)),
        }
    }
}

/// Where words stand in a text, as whole words, in large letters or small.
fn places(text: &[char], words: &str) -> Vec<Span> {
    let words: Vec<char> = words.chars().collect();
    if words.is_empty() {
        return Vec::new();
    }
    let same = |a: &char, b: &char| a == b || a.to_lowercase().eq(b.to_lowercase());
    let goes_on = |edge: char, next: Option<&char>| {
        edge.is_alphanumeric() && next.is_some_and(|next| next.is_alphanumeric())
    };
    (text.windows(words.len()).enumerate())
        .filter(|(_, found)| found.iter().zip(&words).all(|(a, b)| same(a, b)))
        .map(|(from, found)| Span {
            from,
            to: from + found.len(),
        })
        .filter(|span| {
            let before = span.from.checked_sub(1).and_then(|at| text.get(at));
            !goes_on(words[0], before) && !goes_on(words[words.len() - 1], text.get(span.to))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, words: &str) -> Vec<(usize, usize)> {
        let chars: Vec<char> = text.chars().collect();
        places(&chars, words).into_iter().map(Into::into).collect()
    }

    #[test]
    fn words_are_found_whole_and_in_any_case() {
        assert_eq!(
            found("Al and also AL, al", "al"),
            [(0, 2), (12, 14), (16, 18)]
        );
        assert_eq!(found("é Élan élan", "élan"), [(2, 6), (7, 11)]);
        assert_eq!(found("call 07 00 now", "07 00"), [(5, 10)]);
        assert_eq!(found("aaa", "a"), []);
        assert_eq!(found("@sam @sam2", "@sam"), [(0, 4)]);
        assert_eq!(found("a", ""), []);
        assert_eq!(found("a", "ab"), []);
    }
}
