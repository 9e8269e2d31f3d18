//! Services for women or for men alone, and what people say of their own gender.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whom a service is for, where it is not for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gender {
    /// Women and girls.
    Women,
    /// Men and boys.
    Men,
}

/// What the words that people use for themselves say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stated {
    /// Nothing, or that they would rather not.
    Nothing,
    /// That they are a woman or girl, or a man or boy.
    Is(Gender),
    /// Something else; it is right as it stands.
    Other,
}

impl Stated {
    /// Reads a person's own words. A trans woman is a woman, a trans man is a man.
    pub fn read(words: Option<&str>) -> Stated {
        let words = words.unwrap_or_default().trim().to_lowercase();
        if matches!(
            words.as_str(),
            "" | "-" | "none" | "unknown" | "not stated" | "prefer not to say" | "rather not say"
        ) {
            return Stated::Nothing;
        }
        let says = |names: &[&str]| {
            words
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| names.contains(&word))
        };
        let woman = says(&[
            "woman", "women", "girl", "girls", "female", "f", "she", "her", "w",
        ]);
        let man = says(&["man", "men", "boy", "boys", "male", "m", "he", "him"]);
        match (
            woman,
            man,
            says(&["not", "non", "nonbinary", "neither", "enby", "they"]),
        ) {
            (true, false, false) => Stated::Is(Gender::Women),
            (false, true, false) => Stated::Is(Gender::Men),
            _ => Stated::Other,
        }
    }

    /// Whether a service for `only` may be offered. It is where nothing was said: the person
    /// can see whom it is for.
    pub fn suits(self, only: Option<Gender>) -> bool {
        match only {
            None => true,
            Some(gender) => self == Stated::Nothing || self == Stated::Is(gender),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_for_women_is_for_women_and_those_who_do_not_say() {
        let suits = |words| Stated::read(words).suits(Some(Gender::Women));
        for yes in [
            "woman",
            "Female",
            "trans girl",
            "she/her",
            "prefer not to say",
            " ",
        ] {
            assert!(suits(Some(yes)), "{yes}");
        }
        for no in [
            "boy",
            "male",
            "trans man",
            "non-binary",
            "agender",
            "she/they",
            "not a girl",
        ] {
            assert!(!suits(Some(no)), "{no}");
        }
        assert!(suits(None));
        assert!(Stated::read(Some("boy")).suits(None));
    }
}
