//! Rule packs as they are written in TOML. Form only: whether names mean something is for the
//! compiler to say.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::pack_error::{Fault, PackError};
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

/// One category of rules.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pack {
    schema: Spanned<u32>,
    pub pack: Spanned<String>,
    #[serde(default)]
    pub lists: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    #[serde(default, rename = "rule")]
    pub rules: Vec<RuleSource>,
    #[serde(default, rename = "context")]
    pub cues: Vec<CueSource>,
}

/// How far a rule has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Draft,
    Shadow,
    Live,
    Retired,
}

/// A rule as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleSource {
    pub id: Spanned<String>,
    pub rev: Spanned<u32>,
    pub status: Status,
    #[serde(default)]
    pub level: Level,
    #[serde(default)]
    pub topics: Vec<Topic>,
    pub concern: Option<Concern>,
    #[serde(default = "nothing")]
    pub why: Spanned<String>,
    #[serde(default, rename = "match")]
    pub patterns: Vec<Spanned<String>>,
    #[serde(default, rename = "regex")]
    pub shapes: Vec<Spanned<ShapeSource>>,
    #[serde(default)]
    pub all: Vec<Spanned<String>>,
    #[serde(default)]
    pub any: Vec<Spanned<String>>,
    #[serde(default)]
    pub none: Vec<Spanned<String>>,
    pub within: Option<Spanned<u32>>,
    pub fold: Option<Spanned<u8>>,
    #[serde(default)]
    pub context: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    pub part: bool,
    pub mask: Option<Spanned<bool>>,
    pub mask_after: Option<Spanned<u8>>,
    #[serde(default)]
    pub hit: Vec<Spanned<HitSource>>,
    #[serde(default)]
    pub miss: Vec<Spanned<MissSource>>,
}

/// No `why`, as a part has none.
fn nothing() -> Spanned<String> {
    Spanned::new(0..0, String::new())
}

/// What a regular expression is tried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum On {
    Text,
    Digits,
}

/// A regular expression as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShapeSource {
    pub on: On,
    pub needs: Option<String>,
    pub pattern: String,
}

/// A text that a rule must report.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a hit is a text, or { text, span, level }")]
pub(super) enum HitSource {
    Text(String),
    #[serde(rename_all = "snake_case")]
    Table(HitTable),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HitTable {
    pub text: String,
    pub span: Option<String>,
    pub level: Option<Level>,
}

/// A text that a rule must not report.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a miss is a text, or { text, by }")]
pub(super) enum MissSource {
    Text(String),
    Table(MissTable),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MissTable {
    pub text: String,
    pub by: String,
}

/// A context's cue as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CueSource {
    pub name: Spanned<String>,
    #[serde(rename = "match")]
    pub patterns: Vec<Spanned<String>>,
    pub before: Option<u32>,
    pub after: Option<u32>,
    #[serde(default)]
    pub inside: bool,
    #[serde(default)]
    pub across: bool,
    #[serde(default)]
    pub anywhere: bool,
    #[serde(default)]
    pub unless_red: bool,
    #[serde(default)]
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
