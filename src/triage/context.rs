//! What surrounding words do to a match.

use super::Level;
use super::place::{Place, Places};
use super::rule::{Cue, Effect, Rule, RuleId};
use super::work;

/// The contexts that act on a match: bit `i` is the rule's `effects[i]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Acting {
    /// These act.
    pub firm: u64,
    /// These act unless another red match stands elsewhere.
    pub unless_red: u64,
}

impl Acting {
    pub fn all(self) -> u64 {
        self.firm | self.unless_red
    }
}

/// What has become of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outcome {
    /// The rule that it counts as.
    pub rule: RuleId,
    /// The level that it carries.
    pub level: Level,
    /// It does not count.
    pub dropped: bool,
}

/// The contexts among those that a rule lists which act on a match at `place`. `cues` are by
/// context, each with its number in `places`; the places of a cue are in order and do not overlap.
pub(super) fn acting(
    rule: &Rule,
    place: &Place,
    cues: &[Vec<(usize, Cue)>],
    places: &Places,
    matched: impl Fn(RuleId) -> bool,
) -> Acting {
    let mut acting = Acting::default();
    for (bit, (context, _)) in rule.effects.iter().enumerate() {
        for (number, cue) in &cues[*context] {
            work::done(1);
            if !places.has(*number) {
                continue;
            }
            let places = places.of(*number);
            if reaches(cue, places, place) && !cue.unless.iter().any(|rule| matched(*rule)) {
                *if cue.unless_red {
                    &mut acting.unless_red
                } else {
                    &mut acting.firm
                } |= 1 << bit;
            }
        }
    }
    acting
}

fn reaches(cue: &Cue, places: &[Place], place: &Place) -> bool {
    if cue.anywhere {
        return true;
    }
    // The nearest cue on each side decides: a farther one is neither closer nor in the sentence.
    let overlapping = places.partition_point(|cue| cue.span.to <= place.span.from);
    let following = places.partition_point(|cue| cue.span.from < place.span.to);
    let before = overlapping
        .checked_sub(1)
        .map(|at| &places[at])
        .is_some_and(|near| {
            let distance = place.words.0.saturating_sub(near.words.1);
            cue.before.is_some_and(|most| distance <= most as usize)
                && (cue.across || near.sentences.1 == place.sentences.0)
        });
    let after = places.get(following).is_some_and(|near| {
        let distance = near.words.0.saturating_sub(place.words.1);
        cue.after.is_some_and(|most| distance <= most as usize)
            && (cue.across || near.sentences.0 == place.sentences.1)
    });
    before || after || (cue.inside && overlapping < following)
}

/// What becomes of a match of `rules[id]` under these contexts.
pub(super) fn outcome(rules: &[Rule], id: RuleId, contexts: u64) -> Outcome {
    let rule = &rules[id];
    let mut outcome = Outcome {
        rule: id,
        level: rule.level,
        dropped: false,
    };
    for (bit, (_, effect)) in rule.effects.iter().enumerate() {
        if contexts & 1 << bit == 0 {
            continue;
        }
        match effect {
            Effect::Become(other) => {
                return Outcome {
                    rule: *other,
                    level: rules[*other].level,
                    dropped: false,
                };
            }
            Effect::Drop => outcome.dropped = true,
            Effect::AtMost(level) => outcome.level = outcome.level.min(*level),
        }
    }
    outcome
}
