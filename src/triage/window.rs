//! Finding every pattern of every pack in the words of one view.
//!
//! Patterns are evaluated bit-parallel: a set of positions in the text is one `u128`, and each
//! part of a pattern maps the set of positions where it may begin to the set where it may end. So
//! all matches of a pattern are found at once, without backtracking, in time that depends on the
//! pattern's size alone; long texts are read in overlapping windows.

use super::alternatives::Alternatives;
use super::class::{ClassId, ClassSet};
use super::lexicon::Frequent;
use super::matcher::{Candidate, Entry, Hit, Matcher};
use super::node::NodeId;
use super::steps::Step;
use super::verdict::Span;
use super::words::{Word, Words};
use super::work;

/// Words in a window; a position before or after each must fit in a `u128`.
pub(super) const WINDOW: usize = 127;

/// So many candidates a usual post has.
const USUAL_CANDIDATES: usize = 512;

/// A set of positions: position `p` is before the window's word `p`, or after its last.
type Positions = u128;

/// Room for a window. What belongs to no present window is told by its turn.
#[derive(Default)]
pub(super) struct Room {
    turn: u32,
    /// The positions at which a sentence begins.
    breaks: Positions,
    /// All positions.
    all: Positions,
    /// The classes that any word of the window belongs to: few do, and this is asked often.
    present: ClassSet,
    /// By class: the words of the window that belong to it.
    occurs: Vec<Occurrence>,
    /// By frequent word: where it stands.
    frequent: Vec<(u32, Positions)>,
    /// The classes of words that are not frequent, the words that are, and the classes that occur
    /// where the view reads otherwise.
    touched: Vec<ClassId>,
    touched_frequent: Vec<Frequent>,
    changed: Vec<ClassId>,
    /// The same as a set, so that each is there once.
    changed_set: ClassSet,
    /// By entry: when it was last found to be a candidate.
    seen: Vec<u32>,
}

impl Room {
    fn begin(&mut self, matcher: &Matcher) {
        self.turn = self.turn.wrapping_add(1);
        if self.turn == 0 {
            *self = Room {
                turn: 1,
                ..Room::default()
            };
        }
        self.present.clear(matcher.lexicon.classes());
        self.changed_set.clear(matcher.lexicon.classes());
        grow(&mut self.occurs, matcher.lexicon.classes());
        grow(&mut self.frequent, matcher.lexicon.frequent_classes().len());
        grow(&mut self.seen, matcher.entries.len());
        self.touched.clear();
        self.touched_frequent.clear();
        self.changed.clear();
    }
}

/// The positions that are 1 to `most` after one of these.
fn after(positions: Positions, most: u8) -> Positions {
    let mut reached = positions << 1;
    let mut width = 1;
    while width < most {
        let step = width.min(most - width);
        reached |= reached << step;
        width += step;
    }
    reached
}

/// Where the words of a class stand.
#[derive(Clone, Copy, Default)]
struct Occurrence {
    turn: u32,
    /// Whether the frequent words are among them: they are added where somebody asks.
    whole: bool,
    positions: Positions,
}

/// Adds a position; whether it is the first of this turn.
fn add((last, positions): &mut (u32, Positions), turn: u32, bit: Positions) -> bool {
    let first = *last != turn;
    if first {
        (*last, *positions) = (turn, 0);
    }
    *positions |= bit;
    first
}

fn grow<T: Copy + Default>(room: &mut Vec<T>, to: usize) {
    if room.len() < to {
        room.resize(to, T::default());
    }
}

/// Some consecutive words, by the classes they belong to.
pub(super) struct Window<'a> {
    matcher: &'a Matcher,
    room: &'a mut Room,
}

impl<'a> Window<'a> {
    /// Reads some words of a view.
    pub fn read(
        matcher: &'a Matcher,
        room: &'a mut Room,
        words: &Words,
        part: &[Word],
    ) -> Window<'a> {
        room.begin(matcher);
        let mut breaks = 0;
        for (at, word) in part.iter().enumerate() {
            let bit = 1u128 << at;
            let text = words.text(word);
            let Room {
                turn,
                present,
                occurs,
                frequent,
                touched,
                touched_frequent,
                changed,
                changed_set,
                ..
            } = &mut *room;
            work::done(1);
            let found = matcher.lexicon.look_up(word.spelling, text, |class| {
                work::done(1);
                let occurrence = &mut occurs[class.index()];
                if occurrence.turn != *turn {
                    *occurrence = Occurrence {
                        turn: *turn,
                        ..Occurrence::default()
                    };
                    touched.push(class);
                    present.insert(class);
                }
                occurrence.positions |= bit;
                if word.changed && changed_set.insert(class) {
                    changed.push(class);
                }
            });
            if let Some(found) = found {
                if add(&mut frequent[found.index()], *turn, bit) {
                    touched_frequent.push(found);
                    present.add_all(matcher.lexicon.frequent_set(found));
                }
                if word.changed {
                    let classes = matcher.lexicon.frequent_classes().of(found.index());
                    let new = classes.iter().filter(|class| changed_set.insert(**class));
                    changed.extend(new);
                }
            }
            if at > 0 && part[at - 1].sentence != word.sentence {
                breaks |= bit;
            }
        }
        room.breaks = breaks;
        room.all = Positions::MAX >> (WINDOW - part.len());
        Window { matcher, room }
    }

    /// The window that was read last.
    pub fn again(matcher: &'a Matcher, room: &'a mut Room) -> Window<'a> {
        Window { matcher, room }
    }

    /// What may match, as far as that can be told without a look at where the words stand: all
    /// that is looked for by a word of the window; in a view other than 0, all in which a word
    /// occurs that the view reads otherwise. Each once.
    pub fn candidates(&mut self, view: u8) -> Vec<Candidate> {
        let matcher = self.matcher;
        let Room {
            turn,
            present,
            seen,
            touched,
            touched_frequent,
            changed,
            ..
        } = &mut *self.room;
        let mut candidates = Vec::with_capacity(USUAL_CANDIDATES);
        let mut gather = |list: &[Candidate]| {
            for candidate in list {
                work::done(1);
                let last = &mut seen[candidate.entry as usize];
                if candidate.fold >= view && *last != *turn && present.has(candidate.needs) {
                    *last = *turn;
                    candidates.push(*candidate);
                }
            }
        };
        if view == 0 {
            for class in touched {
                gather(matcher.anchored.of(class.index()));
            }
            for word in touched_frequent {
                gather(matcher.frequently.of(word.index()));
            }
        } else {
            for class in changed {
                gather(matcher.holding.of(class.index()));
            }
        }
        candidates
    }

    /// Calls `found` with each match of some candidates.
    pub fn find<'c>(
        &mut self,
        candidates: impl Iterator<Item = &'c Candidate>,
        part: &[Word],
        found: &mut impl FnMut(Hit),
    ) {
        for candidate in candidates {
            work::done(1);
            let entry = &self.matcher.entries[candidate.entry as usize];
            if self.may_match(entry) {
                self.matches(entry, part, found);
            }
        }
    }

    /// The words of the window that belong to a class.
    fn occurs(&mut self, class: ClassId) -> Positions {
        if !self.room.present.has(class) {
            return 0;
        }
        let turn = self.room.turn;
        let occurrence = &mut self.room.occurs[class.index()];
        if occurrence.turn != turn {
            *occurrence = Occurrence {
                turn,
                ..Occurrence::default()
            };
        }
        if !occurrence.whole {
            occurrence.whole = true;
            for word in self.matcher.lexicon.frequent_in(class) {
                work::done(1);
                let (last, positions) = self.room.frequent[word.index()];
                if last == turn {
                    occurrence.positions |= positions;
                }
            }
        }
        occurrence.positions
    }

    /// Whether words that a pattern cannot do without stand near enough to each other, in order.
    fn may_match(&mut self, entry: &Entry) -> bool {
        let mut reached = 0;
        for (at, (class, distance)) in entry.chain.iter().enumerate() {
            work::done(1);
            let positions = self.occurs(*class);
            reached = match at {
                0 => positions,
                _ => positions & after(reached, *distance),
            };
            if reached == 0 {
                return false;
            }
        }
        true
    }

    fn matches(&mut self, entry: &Entry, part: &[Word], found: &mut impl FnMut(Hit)) {
        let mut ends = self.ends(entry.node, self.room.all);
        while ends != 0 {
            let end = ends.ilog2() as usize;
            let starts = self.starts(entry.node, 1 << end);
            // Where both ways agree there is a start, and it is before the end.
            let start = starts.trailing_zeros() as usize;
            if start >= end {
                return;
            }
            let span = Span {
                from: part[start].from as usize,
                to: part[end - 1].to as usize,
            };
            found(Hit {
                owner: entry.owner,
                span,
            });
            // What ends within this match is a shorter form of it.
            ends &= (2 << start) - 1;
        }
    }

    /// Where a node may end, if it begins at one of the positions `from`.
    fn ends(&mut self, node: NodeId, from: Positions) -> Positions {
        work::done(1);
        let matcher = self.matcher;
        match matcher.steps.of(node) {
            Step::Class(class) => (from & self.occurs(class)) << 1,
            Step::Sequence(first, count) => {
                let mut at = from;
                for part in matcher.steps.sequence(first, count) {
                    if at == 0 {
                        break;
                    }
                    at = self.ends(*part, at);
                }
                at
            }
            Step::Choice(choice) => {
                self.of_each(matcher.steps.firsts(choice), from, from, Self::ends)
            }
            Step::Optional(part) => from | self.ends(part, from),
            Step::Gap(words) => self.gap(words, from, |positions| (positions << 1) & self.room.all),
        }
    }

    /// What `reach` says of each alternative that has a word at one of the positions `edge`.
    fn of_each(
        &mut self,
        alternatives: &Alternatives,
        from: Positions,
        edge: Positions,
        reach: fn(&mut Self, NodeId, Positions) -> Positions,
    ) -> Positions {
        let mut reached = 0;
        let edge = match alternatives.all() {
            Some(class) => edge & self.occurs(class),
            None => edge,
        };
        if edge == 0 && alternatives.others().is_empty() {
            return 0;
        }
        for (word, bits) in alternatives.bits() {
            for class in self.room.present.common(*word, *bits) {
                if edge & self.occurs(class) != 0 {
                    for (_, part) in alternatives.of(class) {
                        reached |= reach(self, *part, from);
                    }
                }
            }
        }
        for part in alternatives.others() {
            reached |= reach(self, *part, from);
        }
        reached
    }

    /// Where a node may begin, if it ends at one of the positions `to`.
    fn starts(&mut self, node: NodeId, to: Positions) -> Positions {
        if to == 0 {
            return 0;
        }
        work::done(1);
        let matcher = self.matcher;
        match matcher.steps.of(node) {
            Step::Class(class) => (to >> 1) & self.occurs(class),
            Step::Sequence(first, count) => matcher
                .steps
                .sequence(first, count)
                .iter()
                .rev()
                .fold(to, |to, part| self.starts(*part, to)),
            Step::Choice(choice) => {
                self.of_each(matcher.steps.lasts(choice), to, to >> 1, Self::starts)
            }
            Step::Optional(part) => to | self.starts(part, to),
            Step::Gap(words) => self.gap(words, to, |positions| positions >> 1),
        }
    }

    /// Steps over up to so many words, never over a word that begins or ends a sentence from
    /// the side of the other sentence.
    fn gap(&self, words: u8, from: Positions, step: impl Fn(Positions) -> Positions) -> Positions {
        let mut reached = from;
        let mut edge = from;
        for _ in 0..words {
            work::done(1);
            edge = step(edge & !self.room.breaks) & !self.room.breaks;
            reached |= edge;
        }
        reached
    }
}
