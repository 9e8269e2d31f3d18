//! What staff write.

use serde::{Deserialize, Deserializer, Serialize};

/// A text of at most `MAX` characters that is not blank.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Words<const MAX: usize>(String);

impl<const MAX: usize> Words<MAX> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> From<Words<MAX>> for String {
    fn from(words: Words<MAX>) -> String {
        words.0
    }
}

impl<const MAX: usize> TryFrom<String> for Words<MAX> {
    type Error = String;

    fn try_from(text: String) -> Result<Words<MAX>, String> {
        let hidden = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        let text = text.trim();
        match text.is_empty() || text.chars().count() > MAX || text.contains(hidden) {
            true => Err(format!(
                "expected 1 to {MAX} characters, and none that nobody can see"
            )),
            false => Ok(Words(text.to_owned())),
        }
    }
}

/// What was written is never printed.
impl<const MAX: usize> std::fmt::Debug for Words<MAX> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words(..)")
    }
}

/// A form sends a field that was left empty as an empty text.
pub(super) fn blank_is_none<'de, D: Deserializer<'de>, const MAX: usize>(
    deserializer: D,
) -> Result<Option<Words<MAX>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let text = text.filter(|text| !text.trim().is_empty());
    text.map(Words::try_from)
        .transpose()
        .map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_neither_blank_nor_too_long_nor_hidden() {
        let words = |text: &str| Words::<5>::try_from(text.to_owned());
        assert_eq!(words(" hello ").unwrap().as_str(), "hello");
        for refused in ["", " \n ", "hello!", "a\0b", "\u{1b}[31m"] {
            assert!(words(refused).is_err(), "{refused:?}");
        }
        assert_eq!(format!("{:?}", words("hello").unwrap()), "Words(..)");
    }
}
