//! Rules as the engine runs them: names resolved to indices, checked, ready.

use super::pack::{HitTable, MissTable};
use super::{Concern, Level, Topic};

/// A rule that is loaded (live or shadow).
#[derive(Debug)]
pub(super) struct Rule {
    /// The file that it stands in.
    pub file: String,
    pub id: String,
    pub rev: u32,
    pub level: Level,
    pub topics: Vec<Topic>,
    pub concern: Option<Concern>,
    pub why: String,
    /// Acts; else it is a shadow.
    pub live: bool,
    /// A building block: never reported, never acts by itself.
    pub part: bool,
    /// What it finds is personal, and can be hidden: the match, and so many words after it.
    pub masks: Option<u8>,
    /// The strongest disguise in which its examples must be found: 0 to 3.
    pub fold: u8,
    /// What contexts do to a match.
    pub effects: Vec<(ContextId, Effect)>,
    pub composite: Option<Composite>,
    pub hits: Vec<HitTable>,
    pub misses: Vec<MissTable>,
}

/// What others may know of a rule that is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleFacts {
    /// Its level, before context.
    pub level: Level,
    /// What it finds wrong with a text as a publication.
    pub concern: Option<Concern>,
    /// Acts; else it is a shadow.
    pub live: bool,
}

/// Index of a rule.
pub(super) type RuleId = usize;

/// Index of a context's name.
pub(super) type ContextId = usize;

/// The most contexts that one rule may list: a set of them is one `u64`.
pub(super) const MOST_EFFECTS: usize = 64;

/// What a context does to a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It counts as this level at most.
    AtMost(Level),
    /// It does not count.
    Drop,
    /// It counts as another rule's.
    Become(RuleId),
}

/// A rule made of other rules.
#[derive(Debug)]
pub(super) struct Composite {
    /// Each must match.
    pub all: Vec<RuleId>,
    /// If there are any, one must match.
    pub any: Vec<RuleId>,
    /// None may match, anywhere in the text.
    pub none: Vec<RuleId>,
    /// The stretch in which `all` and `any` must fit, in words.
    pub within: Option<u32>,
}

impl Composite {
    /// Every rule that it leans on.
    pub fn members(&self) -> impl Iterator<Item = RuleId> {
        self.all.iter().chain(&self.any).chain(&self.none).copied()
    }

    /// Whether all that it is made of is there, as far as that can be said without a look at where.
    pub fn may_match(&self, is_there: impl Fn(RuleId) -> bool) -> bool {
        let has_any = self.any.is_empty() || self.any.iter().any(|id| is_there(*id));
        has_any && self.all.iter().all(|id| is_there(*id))
    }
}

/// Words that change what a match near them means.
#[derive(Debug)]
pub(super) struct Cue {
    /// At most so many words between the cue and a match after it.
    pub before: Option<u32>,
    /// At most so many words between a match and the cue after it.
    pub after: Option<u32>,
    /// Also where it overlaps the match.
    pub inside: bool,
    /// Also from another sentence.
    pub across: bool,
    /// Anywhere in the text.
    pub anywhere: bool,
    /// Not where another red or crisis match stands elsewhere.
    pub unless_red: bool,
    /// Not where one of these rules has matched.
    pub unless: Vec<RuleId>,
}
