//! Rules that are well formed and could still not do their work.

use super::pack::{PackError, RuleSource, Source, Status};
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
    let says_mask = rule.mask.is_some() || rule.mask_after.is_some();
    let checks = [
        (*rule.rev.get_ref() == 0, "`rev` begins at 1"),
        (
            is_composite && has_pattern,
            "a composite (`all`, `any`) has no `match` or `regex`: make those a part",
        ),
        (
            !is_composite && is_bound,
            "`none` and `within` need `all` or `any`",
        ),
        (
            !is_composite && !has_pattern && !is_target,
            "this rule can never match: it has no `match`, `regex`, `all` or `any`",
        ),
        (
            rule.part && says_something,
            "a part has no level, topics or concern: it is never reported",
        ),
        (
            says_mask && rule.concern != Some(Concern::PersonalInformation),
            "`mask` and `mask_after` belong to rules with the concern `personal_information`",
        ),
        (
            !rule.part && rule.why.trim().is_empty(),
            "`why` is missing: what does a moderator read?",
        ),
        (
            !rule.part && live && few,
            "a live rule has at least 3 hits and 3 misses",
        ),
    ];
    let at = rule.id.span().start;
    checks
        .into_iter()
        .filter(|(wrong, _)| *wrong)
        .map(|(_, message)| source.error(at, message))
        .collect()
}
