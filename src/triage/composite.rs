//! Rules made of other rules: all of these, any of those, none of these, close together.

use super::place::{Place, Places};
use super::rule::{Composite, Rule, RuleId};
use super::work;

/// Why a composite is quiet although its members matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quiet {
    /// One of `none` matched.
    Vetoed,
    /// Its members stand too far apart.
    TooFar,
}

/// Where a composite matches, the shortest stretch first; nowhere where a member is missing.
///
/// `places` are those of each rule, in the order of the text.
pub(super) fn find(composite: &Composite, places: &Places) -> Result<Vec<Place>, Quiet> {
    let Composite { all, any, .. } = composite;
    if !composite.may_match(|id| places.has(id)) {
        return Ok(Vec::new());
    }
    let mut groups: Vec<Vec<Place>> = all.iter().map(|id| places.of(*id).to_vec()).collect();
    if !any.is_empty() {
        let mut any: Vec<Place> = any.iter().flat_map(|id| places.of(*id)).copied().collect();
        any.sort_by_key(|place| place.span);
        groups.push(any);
    }
    if composite.none.iter().any(|id| places.has(*id)) {
        return Err(Quiet::Vetoed);
    }
    let soonest: Vec<Soonest> = groups.iter().map(|group| Soonest::new(group)).collect();
    let mut stretches: Vec<Place> = groups
        .iter()
        .flatten()
        .filter_map(|first| stretch(first, &soonest))
        .collect();
    let length = |place: &Place| place.words.1 - place.words.0;
    stretches.sort_by_key(length);
    if let (Some(shortest), Some(within)) = (stretches.first(), composite.within) {
        if length(shortest) > within as usize {
            return Err(Quiet::TooFar);
        }
        stretches.retain(|place| length(place) <= within as usize);
    }
    Ok(stretches)
}

/// The shortest stretch that begins with `first` and has a place of every group.
fn stretch(first: &Place, groups: &[Soonest]) -> Option<Place> {
    (groups.iter()).try_fold(*first, |whole, group| {
        Some(whole.join(group.from(first.span.from)?))
    })
}

/// For each place of a group, where it begins; and of it and those that follow, the one that ends
/// first.
struct Soonest(Vec<(usize, Place)>);

impl Soonest {
    /// The places are in the order of the text.
    fn new(places: &[Place]) -> Soonest {
        work::done(places.len());
        let mut soonest: Vec<(usize, Place)> = (places.iter())
            .map(|place| (place.span.from, *place))
            .collect();
        for at in (1..soonest.len()).rev() {
            let (before, after) = (soonest[at - 1].1, soonest[at].1);
            if after.span.to < before.span.to {
                soonest[at - 1].1 = after;
            }
        }
        Soonest(soonest)
    }

    /// Of the places that begin here or later, the one that ends first.
    fn from(&self, from: usize) -> Option<Place> {
        work::done(1);
        let at = self.0.partition_point(|(begins, _)| *begins < from);
        self.0.get(at).map(|(_, place)| *place)
    }
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
