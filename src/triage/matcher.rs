//! Finding every pattern of every pack in the words of one view.
//!
//! Patterns are evaluated bit-parallel: a set of positions in the text is one `u128`, and each
//! part of a pattern maps the set of positions where it may begin to the set where it may end. So
//! all matches of a pattern are found at once, without backtracking, in time that depends on the
//! pattern's size alone; long texts are read in overlapping windows. A pattern is tried only
//! where one of the words it cannot do without occurs.

use std::collections::BTreeSet;

use super::lexicon::{ClassId, Lexicon};
use super::verdict::Span;
use super::words::{Word, Words};

/// Words in a window; a position before or after each must fit in a `u128`.
const WINDOW: usize = 127;

/// The most words that a pattern may span: half a window, so that each match lies within one.
pub(super) const WIDEST_PATTERN: usize = 60;

const STEP: usize = WINDOW - WIDEST_PATTERN;

/// A set of positions: position `p` is before the window's word `p`, or after its last.
type Positions = u128;

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NodeId(pub u32);

/// What a part of a pattern accepts.
#[derive(Debug)]
pub(super) enum Node {
    /// One word of a class.
    Class(ClassId),
    /// One after the other.
    Sequence(Vec<NodeId>),
    /// Any one of them.
    Choice(Vec<NodeId>),
    /// It, or nothing.
    Optional(NodeId),
    /// At most so many words, all of one sentence.
    Gap(u8),
}

/// A whole pattern.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its root.
    pub node: NodeId,
    /// What it is for: an index that the matcher hands back.
    pub owner: usize,
    /// The strongest disguise seen through: 0 to 3.
    pub fold: u8,
    /// Each match has a word of one of these classes.
    pub anchors: BTreeSet<ClassId>,
}

/// Where a pattern matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    /// The pattern's [`Entry::owner`].
    pub owner: usize,
    /// The characters of the original text.
    pub span: Span,
}

/// All patterns of all packs.
#[derive(Debug)]
pub(super) struct Matcher {
    nodes: Vec<Node>,
    entries: Vec<Entry>,
    lexicon: Lexicon,
    /// By class: the entries that it is an anchor of.
    anchored: Vec<Vec<u32>>,
}

impl Matcher {
    pub fn new(nodes: Vec<Node>, entries: Vec<Entry>, lexicon: Lexicon) -> Matcher {
        let mut anchored = vec![Vec::new(); lexicon.classes()];
        for (index, entry) in (0u32..).zip(&entries) {
            for class in &entry.anchors {
                anchored[class.index()].push(index);
            }
        }
        Matcher {
            nodes,
            entries,
            lexicon,
            anchored,
        }
    }

    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Calls `found` with each match in the words of a view, by `fold` strength of that view.
    /// Matches of one pattern do not overlap within a window; the longest wins.
    pub fn find(&self, words: &Words, view: u8, mut found: impl FnMut(Hit)) {
        let mut window = Window::new(self);
        let mut tried = vec![u32::MAX; self.entries.len()];
        let all = words.as_slice();
        let mut start = 0;
        for turn in 0.. {
            let part = &all[start..all.len().min(start + WINDOW)];
            window.read(words, part);
            for class in &window.touched {
                for index in &self.anchored[class.index()] {
                    let entry = &self.entries[*index as usize];
                    if entry.fold >= view && tried[*index as usize] != turn {
                        tried[*index as usize] = turn;
                        window.matches(entry, part, &mut found);
                    }
                }
            }
            if start + WINDOW >= all.len() {
                return;
            }
            start += STEP;
        }
    }
}

/// Some consecutive words, by the classes they belong to.
struct Window<'a> {
    nodes: &'a [Node],
    lexicon: &'a Lexicon,
    /// By class: the words of the window that belong to it.
    occurs: Vec<u128>,
    /// The classes that occur.
    touched: Vec<ClassId>,
    /// The positions at which a sentence begins.
    breaks: Positions,
    /// All positions.
    all: Positions,
}

impl<'a> Window<'a> {
    fn new(matcher: &'a Matcher) -> Window<'a> {
        Window {
            nodes: &matcher.nodes,
            lexicon: &matcher.lexicon,
            occurs: vec![0; matcher.lexicon.classes()],
            touched: Vec::new(),
            breaks: 0,
            all: 0,
        }
    }

    fn read(&mut self, words: &Words, part: &[Word]) {
        for class in self.touched.drain(..) {
            self.occurs[class.index()] = 0;
        }
        self.breaks = 0;
        self.all = Positions::MAX >> (WINDOW - part.len());
        for (at, word) in part.iter().enumerate() {
            let bit = 1u128 << at;
            self.lexicon
                .look_up(word.spelling, words.text(word), |class| {
                    let occurs = &mut self.occurs[class.index()];
                    if *occurs == 0 {
                        self.touched.push(class);
                    }
                    *occurs |= bit;
                });
            if at > 0 && part[at - 1].sentence != word.sentence {
                self.breaks |= bit;
            }
        }
    }

    fn matches(&self, entry: &Entry, part: &[Word], found: &mut impl FnMut(Hit)) {
        let mut ends = self.ends(entry.node, self.all);
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
    fn ends(&self, node: NodeId, from: Positions) -> Positions {
        if from == 0 {
            return 0;
        }
        match &self.nodes[node.0 as usize] {
            Node::Class(class) => (from & self.occurs[class.index()]) << 1,
            Node::Sequence(parts) => parts.iter().fold(from, |from, part| self.ends(*part, from)),
            Node::Choice(parts) => parts
                .iter()
                .fold(0, |ends, part| ends | self.ends(*part, from)),
            Node::Optional(part) => from | self.ends(*part, from),
            Node::Gap(words) => self.gap(*words, from, |positions| (positions << 1) & self.all),
        }
    }

    /// Where a node may begin, if it ends at one of the positions `to`.
    fn starts(&self, node: NodeId, to: Positions) -> Positions {
        if to == 0 {
            return 0;
        }
        match &self.nodes[node.0 as usize] {
            Node::Class(class) => (to >> 1) & self.occurs[class.index()],
            Node::Sequence(parts) => parts
                .iter()
                .rev()
                .fold(to, |to, part| self.starts(*part, to)),
            Node::Choice(parts) => parts
                .iter()
                .fold(0, |starts, part| starts | self.starts(*part, to)),
            Node::Optional(part) => to | self.starts(*part, to),
            Node::Gap(words) => self.gap(*words, to, |positions| positions >> 1),
        }
    }

    /// Steps over up to so many words, never over a word that begins or ends a sentence from
    /// the side of the other sentence.
    fn gap(&self, words: u8, from: Positions, step: impl Fn(Positions) -> Positions) -> Positions {
        let mut reached = from;
        let mut edge = from;
        for _ in 0..words {
            edge = step(edge & !self.breaks) & !self.breaks;
            reached |= edge;
        }
        reached
    }
}
