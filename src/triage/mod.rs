//! Triage: pure text to [`Verdict`].
//!
//! Rule packs (`moderation-rules/*.toml`; their format is in the README beside them) are compiled
//! into an [`Engine`]. A text is folded and read as words in up to four views (`fold`, `words`);
//! one matcher finds every pattern of every pack in each view (`matcher`); surrounding words
//! change what a match means (`context`); rules are combined (`composite`); the highest level
//! wins. What then happens to a post is for [`Policy`] to say.
//!
//! Nothing here reads a clock, a database or the network, and no input makes it slow: every step
//! is linear in the text.

mod abuse;
mod advice;
mod alternatives;
mod check;
mod class;
pub mod compare;
mod compile;
mod composite;
mod context;
mod cut;
mod demand;
mod dictionary;
mod digits;
mod disguise;
mod edges;
mod engine;
mod explain;
mod fold;
mod lexicon;
mod lint;
mod literals;
mod look_alikes;
mod matcher;
pub mod measure;
mod misspelt;
mod needs;
mod node;
mod owners;
mod pack;
mod pack_error;
mod parallel;
mod pattern;
mod place;
pub mod policy;
mod policy_file;
mod program;
mod reading;
mod rows;
mod rule;
mod schema;
mod search;
pub mod second_opinion;
mod shapes;
mod shipped;
mod sorted;
mod spelling;
mod staff_policy;
mod steps;
mod template;
mod topic;
mod verdict;
mod window;
mod words;
mod work;

pub use abuse::ABUSE_SIGNAL;
pub use check::{ExampleFailure, PackFacts};
pub use engine::Engine;
pub use explain::{
    Acted, Because, Counts, Explanation, Matched, Member, Named, QuietComposite, Score,
};
pub use pack_error::PackError;
pub use policy::{DeclineReason, Moderation, Policy, PolicyError, Queue, Treatment};
pub use rule::RuleFacts;
pub use schema::pack_schema;
pub use shipped::BENIGN;
pub use staff_policy::{Care, SecondOpinion};
pub use template::{MAX_FILLING, Unfilled};
pub use topic::{Concern, Level, Topic, UnknownName};
pub use verdict::{RuleMatch, Span, Verdict, View, joined, masked};

#[cfg(test)]
mod tests;
