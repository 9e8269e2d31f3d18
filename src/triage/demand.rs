//! What is worth looking for in a text: of what may match, that on which its verdict depends.
//!
//! Most rules are building blocks that match somewhere in nearly every text ("me", "at home"), and
//! most composites want a block that the text does not have. So before any pattern is tried, those
//! composites are left aside, and with them the blocks that nothing else asks for.

use super::Level;
use super::owners::Owners;
use super::rule::{Cue, Effect, Rule, RuleId};
use super::work;

/// Which rules lean on which, as far as the rules do not say it themselves.
#[derive(Debug)]
pub(super) struct Demand {
    /// How many there are.
    owners: usize,
    /// Rules that a verdict asks for whatever else matches.
    roots: Owners,
    /// Rules that a context turns into others, with those.
    turning: Vec<(RuleId, RuleId)>,
    turned: Owners,
    /// By context: the owners of its cues.
    cues: Vec<Vec<usize>>,
    /// The composites, each after its members.
    order: Vec<RuleId>,
}

impl Demand {
    /// `order` are the composites, each after its members; `cues` are by context, with their
    /// numbers.
    pub fn new(rules: &[Rule], order: &[RuleId], cues: &[Vec<(usize, Cue)>]) -> Demand {
        let owners = rules.len() + cues.iter().map(Vec::len).sum::<usize>();
        let mut roots = Owners::none(owners);
        for (id, rule) in rules.iter().enumerate() {
            // What is red restores others that a context has silenced, though it be a part.
            if !rule.part || rule.level >= Level::Red {
                roots.insert(id);
            }
        }
        for (_, cue) in cues.iter().flatten() {
            cue.unless.iter().for_each(|rule| roots.insert(*rule));
        }
        let turning = rules.iter().enumerate().flat_map(|(id, rule)| {
            let others = rule.effects.iter().filter_map(|(_, effect)| match effect {
                Effect::Become(other) => Some(*other),
                Effect::AtMost(_) | Effect::Drop => None,
            });
            others.map(move |other| (id, other))
        });
        let turning: Vec<(RuleId, RuleId)> = turning.collect();
        let mut turned = Owners::none(owners);
        turning.iter().for_each(|(_, other)| turned.insert(*other));
        let of_cues = |cues: &Vec<(usize, Cue)>| {
            let numbers = cues.iter().map(|(number, _)| rules.len() + number);
            numbers.collect()
        };
        Demand {
            owners,
            roots,
            turning,
            turned,
            cues: cues.iter().map(of_cues).collect(),
            order: order.to_vec(),
        }
    }

    /// Of the rules that may match, those that can change a verdict. Composites count among them
    /// where all that they are made of may match.
    pub fn rules(&self, rules: &[Rule], mut possible: Owners) -> Owners {
        for (rule, other) in &self.turning {
            if possible.has(*rule) {
                possible.insert(*other);
            }
        }
        for id in &self.order {
            work::done(1);
            let composite = rules[*id].composite.as_ref();
            if composite.is_some_and(|composite| composite.may_match(|rule| possible.has(rule))) {
                possible.insert(*id);
                for (_, effect) in &rules[*id].effects {
                    if let Effect::Become(other) = effect {
                        possible.insert(*other);
                    }
                }
            }
        }
        let mut wanted = self.roots.common(&possible);
        self.want_turning(&possible, &mut wanted);
        for id in self.order.iter().rev().filter(|id| possible.has(**id)) {
            work::done(1);
            let Some(composite) = rules[*id].composite.as_ref().filter(|_| wanted.has(*id)) else {
                continue;
            };
            let mut turned = false;
            for member in composite.members().filter(|member| possible.has(*member)) {
                wanted.insert(member);
                turned |= self.turned.has(member);
            }
            if turned {
                self.want_turning(&possible, &mut wanted);
            }
        }
        wanted
    }

    /// Wants the rules that may turn into one that is wanted.
    fn want_turning(&self, possible: &Owners, wanted: &mut Owners) {
        for (rule, other) in &self.turning {
            if wanted.has(*other) && possible.has(*rule) {
                wanted.insert(*rule);
            }
        }
    }

    /// The cues of the contexts that act on some rules.
    pub fn cues(&self, rules: &[Rule], acted_on: impl Iterator<Item = RuleId>) -> Owners {
        let mut wanted = Owners::none(self.owners);
        let mut seen = vec![false; self.cues.len()];
        for (context, _) in acted_on.flat_map(|rule| &rules[rule].effects) {
            if !std::mem::replace(&mut seen[*context], true) {
                let cues = self.cues[*context].iter();
                cues.for_each(|cue| wanted.insert(*cue));
            }
        }
        wanted
    }
}
