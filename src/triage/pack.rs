//! Rule packs as they are written in TOML. Form only: whether names mean something is for the
//! compiler to say.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use toml::Spanned;

use super::{Concern, Level, Topic};

/// The format that this engine reads.
const SCHEMA: u32 = 1;

/// A mistake in a pack, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PackError {
    /// The file's name.
    pub file: String,
    /// From 1; 0 where the file as a whole is at fault.
    pub line: usize,
    /// From 1, in characters; 0 where the file as a whole is at fault.
    pub column: usize,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PackError {
            file,
            line,
            column,
            message,
        } = self;
        match line {
            0 => write!(f, "{file}: {message}"),
            _ => write!(f, "{file}:{line}:{column}: {message}"),
        }
    }
}

/// A pack's file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    /// Its name, such as `suicide.toml`.
    pub file: &'a str,
    /// What it holds.
    pub text: &'a str,
}

impl Source<'_> {
    /// An error at a byte of this file.
    pub fn error(&self, at: usize, message: impl Into<String>) -> PackError {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        PackError {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        }
    }

    /// Reads the file.
    pub fn parse(&self) -> Result<Pack, PackError> {
        let pack: Pack = toml::from_str(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.error(at, error.message())
        })?;
        let stem = self.file.strip_suffix(".toml").unwrap_or(self.file);
        if *pack.schema.get_ref() != SCHEMA {
            let at = pack.schema.span().start;
            return Err(self.error(at, format!("this engine reads schema {SCHEMA}")));
        }
        if pack.pack.get_ref() != stem {
            let at = pack.pack.span().start;
            return Err(self.error(at, format!("the pack is named after its file: `{stem}`")));
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
    pub lists: BTreeMap<String, Vec<Spanned<String>>>,
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
    #[serde(default)]
    pub why: String,
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
    pub context: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub part: bool,
    pub mask: Option<Spanned<bool>>,
    pub mask_after: Option<Spanned<u8>>,
    #[serde(default)]
    pub hit: Vec<Spanned<HitSource>>,
    #[serde(default)]
    pub miss: Vec<Spanned<MissSource>>,
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
        assert!(error("schema = 1\npack = 'q'").starts_with("p.toml:2:8: the pack is named"));
        let unknown = error(&format!(
            "{head}[[rule]]\nid = 'p.a'\nrev = 1\nlevle = 'red'\n"
        ));
        assert!(
            unknown.starts_with("p.toml:6:1: unknown field `levle`"),
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
