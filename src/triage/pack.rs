//! Rule packs as they are written in TOML. Form only: whether names mean something is for the
//! compiler to say.

use std::collections::BTreeMap;
use std::ops::Range;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::pack_error::{Fault, PackError};
use super::schema::{EffectText, ListName, PackName, PatternText, RuleName};
use super::{Concern, Level, Topic};

/// The format that this engine reads.
const SCHEMA: u32 = 1;

/// A pack's file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    /// Its name, such as `suicide.toml`.
    pub file: &'a str,
    /// What it holds.
    pub text: &'a str,
}

impl Source<'_> {
    /// An error in some bytes of this file.
    pub fn error(&self, at: Range<usize>, fault: impl Into<Fault>) -> PackError {
        PackError::at(self.file, self.text, at, fault)
    }

    /// An error in a text that the file holds: in the piece of it that is at fault, where that
    /// piece stands in the file as it is read.
    pub fn error_within(&self, written: &Spanned<String>, fault: impl Into<Fault>) -> PackError {
        let (fault, span) = (fault.into(), written.span());
        let text = written.get_ref();
        let piece = fault.at.clone().or_else(|| {
            let word = fault.word.as_deref()?;
            let from = text.find(word)?;
            Some(from..from + word.len())
        });
        // Between its quotes it may be written otherwise than it is read: `"\u00e9"`.
        let inside = self
            .text
            .get(span.clone())
            .and_then(|all| all.find(text.as_str()));
        match (piece, inside) {
            (Some(piece), Some(quote)) => {
                let first = span.start + quote;
                self.error(first + piece.start..first + piece.end, fault)
            }
            _ => self.error(span, fault),
        }
    }

    /// Reads the file.
    pub fn parse(&self) -> Result<Pack, PackError> {
        let pack: Pack = toml::from_str(self.text)
            .map_err(|error| self.error(error.span().unwrap_or_default(), &error))?;
        let stem = self.file.strip_suffix(".toml").unwrap_or(self.file);
        if *pack.schema.get_ref() != SCHEMA {
            let message = format!("this engine reads schema {SCHEMA}");
            return Err(self.error(pack.schema.span(), message));
        }
        if pack.pack.get_ref() != stem {
            let fault = Fault::new("the pack is not named after its file");
            let fault = fault.hint(format!("write `pack = \"{stem}\"`"));
            return Err(self.error(pack.pack.span(), fault));
        }
        Ok(pack)
    }
}

/// A pack of rules for Hearth; moderation-rules/README.md is the whole format.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Pack {
    /// The format: 1.
    #[schemars(with = "u32", range(min = 1, max = 1))]
    schema: Spanned<u32>,
    /// The file's name without .toml.
    #[schemars(with = "PackName")]
    pub pack: Spanned<String>,
    /// Patterns under a name: `@name` stands for any one of them, `@pack.name` in other packs.
    #[serde(default)]
    #[schemars(with = "BTreeMap<ListName, Vec<PatternText>>")]
    pub lists: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    /// What is looked for.
    #[serde(default, rename = "rule")]
    pub rules: Vec<RuleSource>,
    /// Cues that change what a match near them means, for rules that list them.
    #[serde(default, rename = "context")]
    pub cues: Vec<CueSource>,
}

/// How far a rule has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    /// Checked for form, not loaded.
    Draft,
    /// Matched and recorded; changes nothing.
    Shadow,
    /// Acts.
    Live,
    /// Not loaded; its id stays taken.
    Retired,
}

/// What is looked for, how much risk it speaks of, what it is about, and why.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleSource {
    /// `pack.name`; permanent: never renamed, never used again.
    #[schemars(with = "RuleName")]
    pub id: Spanned<String>,
    /// From 1; raise it with each change of meaning.
    #[schemars(with = "u32", range(min = 1))]
    pub rev: Spanned<u32>,
    pub status: Status,
    #[serde(default)]
    pub level: Level,
    /// What the text is about.
    #[serde(default)]
    pub topics: Vec<Topic>,
    /// What is wrong with the text as a publication. Being hurt by someone is never a concern.
    #[serde(default)]
    #[schemars(with = "Concern")]
    pub concern: Option<Concern>,
    /// One plain sentence for the moderator.
    #[serde(default = "nothing")]
    #[schemars(with = "String")]
    pub why: Spanned<String>,
    /// Patterns; any one suffices.
    #[serde(default, rename = "match")]
    #[schemars(with = "Vec<PatternText>")]
    pub patterns: Vec<Spanned<String>>,
    /// Shapes instead of words, such as a telephone number.
    #[serde(default, rename = "regex")]
    #[schemars(with = "Vec<ShapeSource>")]
    pub shapes: Vec<Spanned<ShapeSource>>,
    /// A composite: each of these rules matched.
    #[serde(default)]
    #[schemars(with = "Vec<RuleName>")]
    pub all: Vec<Spanned<String>>,
    /// A composite: at least one of these rules matched.
    #[serde(default)]
    #[schemars(with = "Vec<RuleName>")]
    pub any: Vec<Spanned<String>>,
    /// A composite: none of these rules matched, anywhere in the text.
    #[serde(default)]
    #[schemars(with = "Vec<RuleName>")]
    pub none: Vec<Spanned<String>>,
    /// A composite: `all` and `any` fit in one stretch of so many words.
    #[serde(default)]
    #[schemars(with = "u32")]
    pub within: Option<Spanned<u32>>,
    /// The strongest disguise seen through. 0: case, accents, invisible marks; 1: look-alike
    /// letters, digits and signs; 2, the default: stretched and misspelt words; 3: letters and
    /// words put together or apart.
    #[serde(default)]
    #[schemars(with = "u8", range(max = 3))]
    pub fold: Option<Spanned<u8>>,
    /// What surrounding words do to a match: by the context's name a level (it counts as that at
    /// most), `none` (it is dropped), or the id of another rule (it counts as that one instead).
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, EffectText>")]
    pub context: BTreeMap<Spanned<String>, Spanned<String>>,
    /// A building block for composites; never reported, never acts.
    #[serde(default)]
    pub part: bool,
    /// Whether hiding what is found makes it harmless; default true. For the concern
    /// `personal_information`.
    #[serde(default)]
    #[schemars(with = "bool")]
    pub mask: Option<Spanned<bool>>,
    /// So many words after the match are hidden with it.
    #[serde(default)]
    #[schemars(with = "u8")]
    pub mask_after: Option<Spanned<u8>>,
    /// Texts that this rule must report; a live rule that is not a part needs three.
    #[serde(default)]
    #[schemars(with = "Vec<HitSource>")]
    pub hit: Vec<Spanned<HitSource>>,
    /// Texts that this rule must not report; a live rule that is not a part needs three.
    #[serde(default)]
    #[schemars(with = "Vec<MissSource>")]
    pub miss: Vec<Spanned<MissSource>>,
}

/// No `why`, as a part has none.
fn nothing() -> Spanned<String> {
    Spanned::new(0..0, String::new())
}

/// What a regular expression is tried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum On {
    /// The text in lower case, with its punctuation and spaces.
    Text,
    /// Only the numbers; the separators in each run of digits are gone.
    Digits,
}

/// A regular expression, without look-around and back-references.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ShapeSource {
    pub on: On,
    /// Characters of which one must occur before it is tried at all; `on = "text"` wants it.
    #[serde(default)]
    #[schemars(with = "String")]
    pub needs: Option<String>,
    /// The expression; a group named `hide` is the part that counts.
    pub pattern: String,
}

/// A text that a rule must report.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a hit is a text, or { text, span, level }")]
pub(super) enum HitSource {
    Text(String),
    #[serde(rename_all = "snake_case")]
    Table(HitTable),
}

/// A text that a rule must report, and how.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HitTable {
    pub text: String,
    /// The very words that it must find.
    #[serde(default)]
    #[schemars(with = "String")]
    pub span: Option<String>,
    /// The level at which it must find them, where that is not the rule's own.
    #[serde(default)]
    #[schemars(with = "Level")]
    pub level: Option<Level>,
}

/// A text that a rule must not report.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a miss is a text, or { text, by }")]
pub(super) enum MissSource {
    Text(String),
    Table(MissTable),
}

/// A text that a rule must not report, and why it is quiet.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MissTable {
    pub text: String,
    /// `no-match`, the name of a context, or `none` or `within` of a composite.
    pub by: String,
}

/// Words that change what a match near them means. Several entries may share a name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CueSource {
    /// What rules list it under.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// Patterns; any one suffices.
    #[serde(rename = "match")]
    #[schemars(with = "Vec<PatternText>")]
    pub patterns: Vec<Spanned<String>>,
    /// Acts on a match that begins at most so many words after it.
    #[serde(default)]
    #[schemars(with = "u32")]
    pub before: Option<u32>,
    /// Acts on a match that ends at most so many words before it.
    #[serde(default)]
    #[schemars(with = "u32")]
    pub after: Option<u32>,
    /// Also where it lies within the matched words.
    #[serde(default)]
    pub inside: bool,
    /// Also from another sentence.
    #[serde(default)]
    pub across: bool,
    /// Anywhere in the text, instead of `before`, `after` and `inside`.
    #[serde(default)]
    pub anywhere: bool,
    /// Not where another red or crisis match stands elsewhere in the text.
    #[serde(default)]
    pub unless_red: bool,
    /// Not where one of these rules matched anywhere in the text.
    #[serde(default)]
    #[schemars(with = "Vec<RuleName>")]
    pub unless: Vec<Spanned<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_have_a_place() {
        let error = |text: &str| {
            Source {
                file: "p.toml",
                text,
            }
            .parse()
            .map(|_| ())
            .unwrap_err()
            .to_string()
        };
        let head = "schema = 1\npack = 'p'\n";
        assert!(error("schema = 2\npack = 'p'").starts_with("p.toml:1:10: this engine reads"));
        assert!(error("schema = 1\npack = 'q'").starts_with("p.toml:2:8: the pack is not named"));
        let unknown = error(&format!(
            "{head}[[rule]]\nid = 'p.a'\nrev = 1\nlevle = 'red'\n"
        ));
        assert!(
            unknown.starts_with("p.toml:6:1: unknown field `levle`; did you mean `level`?"),
            "{unknown}"
        );
        let level = error(&format!(
            "{head}[[rule]]\nid='p.a'\nrev=1\nstatus='live'\nlevel = 'orange'\n"
        ));
        assert!(
            level.starts_with("p.toml:7:9: unknown variant `orange`"),
            "{level}"
        );
        let hit = error(&format!(
            "{head}[[rule]]\nid='p.a'\nrev=1\nstatus='live'\nhit = [3]\n"
        ));
        assert!(hit.contains("a hit is a text"), "{hit}");
    }
}
