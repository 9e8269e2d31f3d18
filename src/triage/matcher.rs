//! All patterns of all packs, and which of them are worth trying where.
//!
//! A pattern is tried only where a word of each of its parts occurs, and is looked for by its
//! rarest; `window` tries it. There are hundreds of thousands of words in the packs, so what is
//! asked often is kept small and close together.

use super::class::ClassId;
use super::lexicon::Lexicon;
use super::node::{Node, NodeId, Nodes};
use super::rows::Rows;
use super::steps::Steps;
use super::verdict::Span;

/// The most words that a pattern may span: half a window, so that each match lies within one.
pub(super) const WIDEST_PATTERN: usize = 60;

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
    pub(super) steps: Steps,
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
    /// `holding` says by class in which entries it occurs; see [`holding`].
    pub fn new(
        steps: Steps,
        holding: &Rows<u32>,
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
        let mut frequently = Rows::default();
        for classes in lexicon.frequent_classes().iter() {
            let entries = classes.iter().flat_map(|class| anchored.of(class.index()));
            let mut entries: Vec<Candidate> = entries.copied().collect();
            entries.sort_unstable_by_key(|candidate| candidate.entry);
            entries.dedup_by_key(|candidate| candidate.entry);
            frequently.push(entries);
        }
        let mut all = Rows::default();
        for entries in holding.iter() {
            all.push(entries.iter().map(|entry| candidates[*entry as usize]));
        }
        Matcher {
            steps,
            frequently,
            anchored,
            holding: all,
            entries,
            lexicon,
        }
    }

    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }
}

/// By class, of which there are so many: the entries that it occurs in.
pub(super) fn holding(nodes: &Nodes, entries: &[Entry], classes: usize) -> Rows<u32> {
    let mut holding = Vec::new();
    let mut seen = Seen {
        turn: 0,
        nodes: vec![0; nodes.len()],
        classes: vec![0; classes],
    };
    for (entry, number) in entries.iter().zip(0..) {
        each_class(nodes, entry.node, &mut seen, |class| {
            holding.push((class.index(), number));
        });
    }
    Rows::gather(classes, holding.iter().copied())
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
