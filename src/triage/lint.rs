//! Rules that are well formed and could still not do their work.

use toml::Spanned;

use super::pack::{RuleSource, Source, Status};
use super::pack_error::{Fault, PackError};
use super::{Concern, Level};

/// A live rule has at least so many hits, and so many misses.
const FEWEST_EXAMPLES: usize = 3;

/// What is wrong with a rule taken by itself. `is_target`: another rule's context turns matches
/// into this one's, so it needs no pattern of its own.
pub(super) fn lint(source: Source<'_>, rule: &RuleSource, is_target: bool) -> Vec<PackError> {
    let is_composite = !rule.all.is_empty() || !rule.any.is_empty();
    let has_pattern = !rule.patterns.is_empty() || !rule.shapes.is_empty();
    let is_bound = !rule.none.is_empty() || rule.within.is_some();
    let says_something =
        rule.level != Level::Green || !rule.topics.is_empty() || rule.concern.is_some();
    let few = rule.hit.len().min(rule.miss.len()) < FEWEST_EXAMPLES;
    let live = rule.status == Status::Live;
    let id = rule.id.span();
    let at = |written: &[Spanned<String>]| written.first().map_or(id.clone(), Spanned::span);
    let says_mask = rule.mask.is_some() || rule.mask_after.is_some();
    let checks = [
        (
            *rule.rev.get_ref() == 0,
            rule.rev.span(),
            "`rev` begins at 1",
            "write `rev = 1`",
        ),
        (
            is_composite && has_pattern,
            at(&rule.patterns),
            "a composite (`all`, `any`) has no `match` or `regex`",
            "make those a part, and name it in `all` or `any`",
        ),
        (
            !is_composite && is_bound,
            at(&rule.none),
            "`none` and `within` belong to composites",
            "say what is combined: `all` or `any`",
        ),
        (
            !is_composite && !has_pattern && !is_target,
            id.clone(),
            "this rule can never match",
            "give it a `match`, `regex`, `all` or `any`",
        ),
        (
            rule.part && says_something,
            id.clone(),
            "a part has no level, topics or concern: it is never reported",
            "give those to the composite that it is a part of",
        ),
        (
            says_mask && rule.concern != Some(Concern::PersonalInformation),
            id.clone(),
            "`mask` and `mask_after` hide what is personal",
            "they need `concern = \"personal_information\"`",
        ),
        (
            !rule.part && rule.why.get_ref().trim().is_empty(),
            id.clone(),
            "`why` is missing",
            "say what a moderator reads, in a plain sentence",
        ),
        (
            !rule.part && live && few,
            id.clone(),
            "a live rule has at least 3 hits and 3 misses",
            "write the others, or try it as a `shadow` first",
        ),
    ];
    (checks.into_iter())
        .filter(|(wrong, ..)| *wrong)
        .map(|(_, at, message, hint)| source.error(at, Fault::new(message).hint(hint)))
        .collect()
}
