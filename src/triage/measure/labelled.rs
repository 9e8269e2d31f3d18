//! Posts with what a careful reader says of them: a line each, five columns with a tab between
//! them: level, topics, concerns, flags, text. `-` is none; several have commas between them.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::triage::topic::find;
use crate::triage::{Concern, Level, Topic, UnknownName};

/// What a measure needs to know of a post beside its level, topics and concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Flag {
    /// Says outright that somebody wants to die, or tells of an overdose.
    Explicit,
    /// Innocent, and sounds alarming.
    Trap,
    /// The telling words are in disguise.
    Disguised,
    /// Innocent, and looks like a disguise.
    Lookalike,
    /// Tells of something that the writer suffered.
    Suffered,
    /// Speaks of an identity, neutrally or proudly.
    Identity,
    /// Holds something personal.
    Pii,
    /// Holds a harmless number.
    Number,
    /// Names a helpline.
    Helpline,
    /// Small talk.
    Chat,
    /// Says something else of the post, which no measure asks for.
    Other,
}

const FLAGS: [(&str, Flag); 10] = [
    ("explicit", Flag::Explicit),
    ("trap", Flag::Trap),
    ("disguised", Flag::Disguised),
    ("lookalike", Flag::Lookalike),
    ("suffered", Flag::Suffered),
    ("identity", Flag::Identity),
    ("pii", Flag::Pii),
    ("number", Flag::Number),
    ("helpline", Flag::Helpline),
    ("chat", Flag::Chat),
];

/// Flags that say what a post is made of, for whoever reads the file.
const OTHER_FLAGS: [&str; 13] = [
    "friend", "past", "recovery", "quoted", "negated", "question", "lang_cy", "lang_pl", "lang_ur",
    "lang_ar", "lang_bn", "lang_so", "lang_ro",
];

impl FromStr for Flag {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Flag, UnknownName> {
        if OTHER_FLAGS.contains(&name) {
            return Ok(Flag::Other);
        }
        find("flag", &FLAGS, |(name, _)| name, name).map(|(_, flag)| flag)
    }
}

/// A post with what a careful reader says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// How much risk it speaks of.
    pub level: Level,
    /// What it is about.
    pub topics: BTreeSet<Topic>,
    /// What is wrong with it as a publication.
    pub concerns: BTreeSet<Concern>,
    pub(super) flags: BTreeSet<Flag>,
    /// The words.
    pub text: String,
}

/// A line that is no labelled post.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct LabelError {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for LabelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl Labelled {
    pub(super) fn has(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }
}

/// Reads labelled posts; empty lines and those that begin with `#` are left out.
///
/// # Errors
/// The first line that is not one, and why.
pub fn read(file: &str) -> Result<Vec<Labelled>, LabelError> {
    let lines = (1..).zip(file.lines());
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| {
            post(line).map_err(|message| LabelError {
                line: number,
                message,
            })
        })
        .collect()
}

fn post(line: &str) -> Result<Labelled, String> {
    let columns: Vec<&str> = line.splitn(5, '\t').collect();
    let [level, topics, concerns, flags, text] = columns[..] else {
        return Err("expected level, topics, concerns, flags and text, with a tab between".into());
    };
    Ok(Labelled {
        level: level
            .parse()
            .map_err(|error: UnknownName| error.to_string())?,
        topics: names(topics)?,
        concerns: names(concerns)?,
        flags: names(flags)?,
        text: text.to_owned(),
    })
}

fn names<T: FromStr<Err = UnknownName> + Ord>(column: &str) -> Result<BTreeSet<T>, String> {
    let names = column.split(',').filter(|name| *name != "-");
    names
        .map(|name| name.parse().map_err(|error: UnknownName| error.to_string()))
        .collect()
}
