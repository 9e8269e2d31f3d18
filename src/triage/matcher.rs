//! All patterns of all packs, and which of them are worth trying where.
//!
//! A pattern is tried only where a word of each of its parts occurs, and is looked for by its
//! rarest; `window` tries it. There are hundreds of thousands of words in the packs, so what is
//! asked often is kept small and close together.

use super::alternatives::Alternatives;
use super::class::ClassId;
use super::lexicon::Lexicon;
use super::node::{Node, NodeId, Nodes};
use super::rows::Rows;
use super::verdict::Span;

/// The most words that a pattern may span: half a window, so that each match lies within one.
pub(super) const WIDEST_PATTERN: usize = 60;

/// What a part of a pattern accepts, as it is tried.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Class(ClassId),
    /// Where its parts begin in [`Matcher::parts`], and how many there are.
    Sequence(u32, u32),
    /// By its number in [`Matcher::firsts`] and [`Matcher::lasts`].
    Choice(u32),
    Optional(NodeId),
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
    /// Each match has a word of this class, the rarest that can be had: it is looked for by it.
    pub rarest: ClassId,
    /// And a word of this one, the second rarest.
    pub second: ClassId,
    /// Classes in the order of the text: a word of each is at most so many words after one of the
    /// class before. The first has no class before.
    pub chain: Vec<(ClassId, u8)>,
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
    /// By node.
    pub(super) steps: Vec<Step>,
    pub(super) parts: Vec<NodeId>,
    /// The alternatives of each choice, by their first words and by their last.
    pub(super) firsts: Vec<Alternatives>,
    pub(super) lasts: Vec<Alternatives>,
    pub(super) entries: Vec<Entry>,
    pub(super) lexicon: Lexicon,
    /// By class, and by frequent word: the entries that are looked for by it.
    pub(super) anchored: Rows<Candidate>,
    pub(super) frequently: Rows<Candidate>,
    /// By class: the entries that it occurs in at all.
    pub(super) holding: Rows<Candidate>,
}

/// An entry that may be tried, with what is asked first: most are left aside by it, without a
/// look at the entry.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Candidate {
    pub entry: u32,
    pub owner: u32,
    pub needs: ClassId,
    pub fold: u8,
}

impl Matcher {
    /// `edges` say by node which class the first word of each match belongs to, and the last.
    pub fn new(
        nodes: &Nodes,
        [firsts, lasts]: &[Vec<Option<ClassId>>; 2],
        entries: Vec<Entry>,
        lexicon: Lexicon,
    ) -> Matcher {
        let candidates = entries.iter().zip(0..).map(|(entry, index)| Candidate {
            entry: index,
            owner: entry.owner as u32,
            needs: entry.second,
            fold: entry.fold,
        });
        let candidates: Vec<Candidate> = candidates.collect();
        let anchors = entries.iter().map(|entry| entry.rarest.index());
        let anchored = Rows::gather(lexicon.classes(), anchors.zip(candidates.iter().copied()));
        let mut holding = Vec::new();
        let mut seen = Seen {
            turn: 0,
            nodes: vec![0; nodes.len()],
            classes: vec![0; lexicon.classes()],
        };
        for (entry, candidate) in entries.iter().zip(&candidates) {
            each_class(nodes, entry.node, &mut seen, |class| {
                holding.push((class.index(), *candidate));
            });
        }
        let mut frequently = Rows::default();
        for classes in lexicon.frequent_classes().iter() {
            let entries = classes.iter().flat_map(|class| anchored.of(class.index()));
            let mut entries: Vec<Candidate> = entries.copied().collect();
            entries.sort_unstable_by_key(|candidate| candidate.entry);
            entries.dedup_by_key(|candidate| candidate.entry);
            frequently.push(entries);
        }
        let mut matcher = Matcher {
            steps: Vec::with_capacity(nodes.len()),
            parts: Vec::new(),
            firsts: Vec::new(),
            lasts: Vec::new(),
            frequently,
            anchored,
            holding: Rows::gather(lexicon.classes(), holding.iter().copied()),
            entries,
            lexicon,
        };
        for (id, node) in nodes.iter() {
            matcher.add(id, node, nodes, firsts, lasts);
        }
        matcher
    }

    fn add(
        &mut self,
        id: NodeId,
        node: Node,
        nodes: &Nodes,
        firsts: &[Option<ClassId>],
        lasts: &[Option<ClassId>],
    ) {
        let step = match node {
            Node::Class(class) => Step::Class(class),
            Node::Optional(part) => Step::Optional(part),
            Node::Gap(words) => Step::Gap(words),
            Node::Sequence(parts) => {
                let parts = nodes.parts(parts);
                let from = self.parts.len() as u32;
                self.parts.extend(parts);
                Step::Sequence(from, parts.len() as u32)
            }
            Node::Choice(parts) => {
                let parts = nodes.parts(parts);
                self.firsts.push(Alternatives::new(id, parts, firsts));
                self.lasts.push(Alternatives::new(id, parts, lasts));
                Step::Choice(self.firsts.len() as u32 - 1)
            }
        };
        self.steps.push(step);
    }

    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The parts of a sequence.
    pub(super) fn sequence(&self, from: u32, count: u32) -> &[NodeId] {
        &self.parts[from as usize..][..count as usize]
    }
}

/// Every class in a pattern, each once.
fn each_class(nodes: &Nodes, root: NodeId, seen: &mut Seen, mut found: impl FnMut(ClassId)) {
    seen.turn += 1;
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if std::mem::replace(&mut seen.nodes[node.0 as usize], seen.turn) == seen.turn {
            continue;
        }
        if let Node::Class(class) = nodes[node] {
            let last = &mut seen.classes[class.index()];
            if std::mem::replace(last, seen.turn) != seen.turn {
                found(class);
            }
        }
        open.extend(nodes.within(node));
    }
}

/// When each node and class was last seen.
struct Seen {
    turn: u32,
    nodes: Vec<u32>,
    classes: Vec<u32>,
}
