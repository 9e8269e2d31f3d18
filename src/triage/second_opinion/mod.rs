//! A learned second opinion: a small linear model over hashed words and letters.
//!
//! It is asked only where no rule saw risk, and can only ask for a look: it never lowers a level,
//! holds, or publishes. What it was trained on, and what it is worth, is in
//! `moderation-rules/second-opinion.md`; `hearth rules train` makes it.

mod features;
mod train;

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::verdict::{RuleMatch, Span, View};
use super::words::Words;
use super::{Level, RuleFacts};
use features::Features;
pub use train::{Gain, train};

/// The id under which the opinion is reported.
pub const SECOND_OPINION: &str = "second_opinion.model";

/// The file beside the packs that holds the model.
pub(super) const FILE: &str = "second_opinion.toml";

/// The format that this engine reads.
const SCHEMA: u32 = 1;

/// The most buckets that a model may have.
const MOST_BUCKETS: usize = 1 << 20;

/// A model, ready to be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct SecondOpinion {
    rev: u32,
    live: bool,
    bias: f32,
    /// What one step of a weight is worth.
    step: f32,
    /// A text that scores so much, or more, is worth a look.
    threshold: f32,
    weights: Vec<i8>,
}

/// A model as it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelFile {
    schema: u32,
    /// Raised each time that it is trained anew.
    rev: u32,
    status: ModelStatus,
    bias: f32,
    step: f32,
    threshold: f32,
    /// Base64 of one signed byte a bucket.
    weights: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ModelStatus {
    Shadow,
    Live,
}

impl SecondOpinion {
    /// Reads a model.
    ///
    /// # Errors
    /// What is wrong with the file, and where in it, in bytes.
    pub(super) fn parse(text: &str) -> Result<SecondOpinion, (usize, String)> {
        let file: ModelFile = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            (at, error.message().to_owned())
        })?;
        let wrong = |message: String| Err((0, message));
        if file.schema != SCHEMA {
            return wrong(format!("this engine reads schema {SCHEMA}"));
        }
        let weights = match BASE64.decode(file.weights.as_bytes()) {
            Ok(weights) => weights,
            Err(error) => return wrong(format!("`weights` is not Base64: {error}")),
        };
        if !weights.len().is_power_of_two() || weights.len() > MOST_BUCKETS {
            return wrong(format!(
                "`weights` are {} bytes: not a power of two",
                weights.len()
            ));
        }
        if ![file.bias, file.step, file.threshold]
            .iter()
            .all(|number| number.is_finite())
        {
            return wrong("`bias`, `step` and `threshold` are finite numbers".into());
        }
        Ok(SecondOpinion {
            rev: file.rev,
            live: file.status == ModelStatus::Live,
            bias: file.bias,
            step: file.step,
            threshold: file.threshold,
            weights: weights.into_iter().map(|weight| weight as i8).collect(),
        })
    }

    /// The model as it is written.
    pub fn to_toml(&self) -> String {
        let weights: Vec<u8> = self.weights.iter().map(|weight| *weight as u8).collect();
        let file = ModelFile {
            schema: SCHEMA,
            rev: self.rev,
            status: if self.live {
                ModelStatus::Live
            } else {
                ModelStatus::Shadow
            },
            bias: self.bias,
            step: self.step,
            threshold: self.threshold,
            weights: BASE64.encode(&weights),
        };
        let body = toml::to_string(&file).expect("numbers and texts are TOML");
        format!(
            "# A learned second opinion, made by `hearth rules train`; see second-opinion.md. Not for\n\
             # editing, but for `status`: \"live\" asks for a look, \"shadow\" is recorded and changes nothing.\n\
             {body}"
        )
    }

    /// What others may know of it.
    pub(super) fn facts(&self) -> RuleFacts {
        RuleFacts {
            level: Level::Amber,
            concern: None,
            live: self.live,
        }
    }

    /// The score from which on it asks for a look.
    pub(super) fn threshold(&self) -> f32 {
        self.threshold
    }

    /// How much a text resembles those that needed a look; see `threshold`.
    pub(super) fn score(&self, words: &Words) -> f32 {
        let features = Features::of(words, self.weights.len());
        let sum = |buckets: &[u32]| -> i32 {
            let weight = |bucket: &u32| i32::from(self.weights[*bucket as usize]);
            buckets.iter().map(weight).sum()
        };
        let (of_words, of_letters) = features.scales();
        let score =
            sum(&features.words) as f32 * of_words + sum(&features.letters) as f32 * of_letters;
        self.bias + self.step * score
    }

    /// What it says of a text in which no rule saw risk, where it asks for a look.
    pub(super) fn of(&self, words: &Words) -> Option<RuleMatch> {
        let (first, last) = (words.as_slice().first()?, words.as_slice().last()?);
        (self.score(words) >= self.threshold).then(|| RuleMatch {
            rule: SECOND_OPINION.to_owned(),
            rev: self.rev,
            why: "Reads like posts that needed a look; no rule says why (a learned second opinion)"
                .to_owned(),
            span: Span {
                from: first.from as usize,
                to: last.to as usize,
            },
            view: View::V0,
            level: Level::Amber,
            shadow: !self.live,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::Engine;
    use crate::triage::fold::fold;

    fn words(text: &str) -> Words {
        Words::plain(&fold(text))
    }

    #[test]
    fn a_model_is_read_as_it_was_written() {
        let model = SecondOpinion {
            rev: 3,
            live: true,
            bias: -0.5,
            step: 0.01,
            threshold: 0.25,
            weights: (0..64).map(|weight| weight as i8 - 32).collect(),
        };
        assert_eq!(SecondOpinion::parse(&model.to_toml()), Ok(model));
    }

    #[test]
    fn it_is_known_where_it_is_loaded() {
        let model = SecondOpinion {
            rev: 1,
            live: false,
            bias: 0.0,
            step: 1.0,
            threshold: 1.0,
            weights: vec![0; 8],
        };
        let pack = ("p.toml", "schema = 1\npack = 'p'\n");
        let text = model.to_toml();
        let engine = |files: &[(&str, &str)]| {
            Engine::from_files(files).unwrap_or_else(|errors| panic!("{errors:?}"))
        };
        let with = engine(&[pack, (FILE, &text)]);
        // Kept with the packs, so that its verdicts can be made again, too.
        assert!(with.sources().iter().any(|(file, _)| file == FILE));
        assert!(!with.facts(SECOND_OPINION).unwrap().live);
        assert_eq!(engine(&[pack]).facts(SECOND_OPINION), None);
    }

    #[test]
    fn what_is_no_model_is_refused() {
        for (from, to, part) in [
            ("schema = 1", "schema = 2", "reads schema"),
            ("step = 1.0", "step = nan", "finite"),
            ("weights = \"AAAA", "weights = \"", "power of two"),
            ("weights = \"AAAA", "weights = \"?", "Base64"),
            (
                "status = \"live\"",
                "status = \"asleep\"",
                "unknown variant",
            ),
        ] {
            let file = "schema = 1\nrev = 1\nstatus = \"live\"\nbias = 0.0\nstep = 1.0\nthreshold = 1.0\nweights = \"AAAAAAAAAAA=\"\n";
            let (_, message) = SecondOpinion::parse(&file.replace(from, to)).unwrap_err();
            assert!(message.contains(part), "{to}: {message}");
        }
    }

    #[test]
    fn it_learns_what_texts_have_in_common() {
        let sad = [
            "everything is heavy and grey",
            "so heavy and tired of it all",
            "grey days, heavy head",
        ];
        let glad = [
            "we won the match",
            "pizza with my cousins",
            "new trainers, love them",
        ];
        let texts = sad
            .iter()
            .map(|text| (*text, true))
            .chain(glad.iter().map(|text| (*text, false)));
        let texts: Vec<(&str, bool)> = texts.collect();
        let (model, _) = train(&texts, 1, 0.0);
        assert!(model.score(&words("a heavy grey day")) > model.score(&words("we love pizza")));
        assert!(model.of(&words("")).is_none());
    }
}
