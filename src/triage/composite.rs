//! Rules made of other rules: all of these, any of those, none of these, close together.

use super::place::{Place, Places};
use super::rule::{Composite, Rule, RuleId};

/// Of each member, so many places are tried: enough for any honest text.
const MOST_PLACES: usize = 32;

/// Why a composite is quiet although its members matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quiet {
    /// One of `none` matched.
    Vetoed,
    /// Its members stand too far apart.
    TooFar,
}

/// Where a composite matches: `Ok(None)` where a member is missing.
///
/// `places` are those of each rule, in the order of the text.
pub(super) fn find(composite: &Composite, places: &Places) -> Result<Option<Place>, Quiet> {
    let Composite { all, any, .. } = composite;
    let has_any = any.is_empty() || any.iter().any(|id| places.has(*id));
    if !has_any || !all.iter().all(|id| places.has(*id)) {
        return Ok(None);
    }
    let mut groups: Vec<Vec<Place>> = all.iter().map(|id| some(places.of(*id))).collect();
    if !composite.any.is_empty() {
        let mut any: Vec<Place> = composite
            .any
            .iter()
            .flat_map(|id| some(places.of(*id)))
            .collect();
        any.sort_by_key(|place| place.span);
        groups.push(any);
    }
    if composite.none.iter().any(|id| places.has(*id)) {
        return Err(Quiet::Vetoed);
    }
    let shortest = groups
        .iter()
        .flatten()
        .filter_map(|first| stretch(first, &groups))
        .min_by_key(|place| place.words.1 - place.words.0);
    match (shortest, composite.within) {
        (Some(place), Some(within)) if place.words.1 - place.words.0 > within as usize => {
            Err(Quiet::TooFar)
        }
        (place, _) => Ok(place),
    }
}

/// The shortest stretch that begins with `first` and has a place of every group.
fn stretch(first: &Place, groups: &[Vec<Place>]) -> Option<Place> {
    groups.iter().try_fold(*first, |whole, group| {
        let next = group
            .iter()
            .filter(|place| place.span.from >= first.span.from)
            .min_by_key(|place| place.span.to)?;
        Some(whole.join(*next))
    })
}

fn some(places: &[Place]) -> Vec<Place> {
    places.iter().take(MOST_PLACES).copied().collect()
}

/// The composites among the rules, each after its members; or one that is made of itself.
pub(super) fn order(rules: &[Rule]) -> Result<Vec<RuleId>, RuleId> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        Unseen,
        Open,
        Done,
    }
    fn visit(
        rules: &[Rule],
        id: RuleId,
        marks: &mut [Mark],
        order: &mut Vec<RuleId>,
    ) -> Result<(), RuleId> {
        match (marks[id], &rules[id].composite) {
            (Mark::Open, _) => return Err(id),
            (Mark::Unseen, Some(composite)) => {
                marks[id] = Mark::Open;
                let Composite { all, any, none, .. } = composite;
                for member in all.iter().chain(any).chain(none) {
                    visit(rules, *member, marks, order)?;
                }
                marks[id] = Mark::Done;
                order.push(id);
            }
            (Mark::Done, _) | (Mark::Unseen, None) => {}
        }
        Ok(())
    }
    let mut marks = vec![Mark::Unseen; rules.len()];
    let mut order = Vec::new();
    for id in 0..rules.len() {
        visit(rules, id, &mut marks, &mut order)?;
    }
    Ok(order)
}
