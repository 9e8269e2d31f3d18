//! All patterns of all packs, and which of them are worth trying where.
//!
//! A pattern is tried only where a word of each of its parts occurs, and is looked for by its
//! rarest; `window` tries it. There are hundreds of thousands of words in the packs, so what is
//! asked often is kept small and close together.

use super::alternatives::Alternatives;
use super::lexicon::{ClassId, Lexicon};
use super::verdict::Span;

/// The most words that a pattern may span: half a window, so that each match lies within one.
pub(super) const WIDEST_PATTERN: usize = 60;

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NodeId(pub u32);

/// What a part of a pattern accepts, as it is compiled.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
    pub(super) anchored: Lists,
    pub(super) frequently: Lists,
    /// By class: the entries that it occurs in at all.
    pub(super) holding: Lists,
}

/// An entry that may be tried, with what is asked first: most are left aside by it, without a
/// look at the entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub entry: u32,
    pub needs: ClassId,
    pub fold: u8,
}

/// A list of candidates for each of many things, one after the other.
#[derive(Debug)]
pub(super) struct Lists {
    ends: Vec<u32>,
    candidates: Vec<Candidate>,
}

impl Lists {
    fn new(lists: impl IntoIterator<Item = Vec<u32>>, entries: &[Entry]) -> Lists {
        let mut all = Lists {
            ends: Vec::new(),
            candidates: Vec::new(),
        };
        for list in lists {
            all.candidates.extend(list.into_iter().map(|index| {
                let entry = &entries[index as usize];
                Candidate {
                    entry: index,
                    needs: entry.second,
                    fold: entry.fold,
                }
            }));
            all.ends.push(all.candidates.len() as u32);
        }
        all
    }

    pub fn of(&self, at: usize) -> &[Candidate] {
        let start = match at {
            0 => 0,
            at => self.ends[at - 1],
        };
        &self.candidates[start as usize..self.ends[at] as usize]
    }
}

impl Matcher {
    /// `edges` say by node which class the first word of each match belongs to, and the last.
    pub fn new(
        nodes: &[Node],
        [firsts, lasts]: &[Vec<Option<ClassId>>; 2],
        entries: Vec<Entry>,
        lexicon: Lexicon,
    ) -> Matcher {
        let mut anchored = vec![Vec::new(); lexicon.classes()];
        let mut holding = vec![Vec::new(); lexicon.classes()];
        let mut seen = Seen {
            turn: 0,
            nodes: vec![0; nodes.len()],
            classes: vec![0; lexicon.classes()],
        };
        for (index, entry) in (0u32..).zip(&entries) {
            anchored[entry.rarest.index()].push(index);
            each_class(nodes, entry.node, &mut seen, |class| {
                holding[class.index()].push(index);
            });
        }
        let frequently = lexicon.frequent_classes().iter().map(|classes| {
            let entries = classes.iter().flat_map(|class| &anchored[class.index()]);
            let mut entries: Vec<u32> = entries.copied().collect();
            entries.sort_unstable();
            entries.dedup();
            entries
        });
        let frequently: Vec<Vec<u32>> = frequently.collect();
        let mut matcher = Matcher {
            steps: Vec::with_capacity(nodes.len()),
            parts: Vec::new(),
            firsts: Vec::new(),
            lasts: Vec::new(),
            frequently: Lists::new(frequently, &entries),
            anchored: Lists::new(anchored, &entries),
            holding: Lists::new(holding, &entries),
            entries,
            lexicon,
        };
        for (at, node) in nodes.iter().enumerate() {
            matcher.add(at, node, firsts, lasts);
        }
        matcher
    }

    fn add(
        &mut self,
        at: usize,
        node: &Node,
        firsts: &[Option<ClassId>],
        lasts: &[Option<ClassId>],
    ) {
        let step = match node {
            Node::Class(class) => Step::Class(*class),
            Node::Optional(part) => Step::Optional(*part),
            Node::Gap(words) => Step::Gap(*words),
            Node::Sequence(parts) => {
                let from = self.parts.len() as u32;
                self.parts.extend(parts);
                Step::Sequence(from, parts.len() as u32)
            }
            Node::Choice(parts) => {
                self.firsts.push(Alternatives::new(at, parts, firsts));
                self.lasts.push(Alternatives::new(at, parts, lasts));
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
fn each_class(nodes: &[Node], root: NodeId, seen: &mut Seen, mut found: impl FnMut(ClassId)) {
    seen.turn += 1;
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if std::mem::replace(&mut seen.nodes[node.0 as usize], seen.turn) == seen.turn {
            continue;
        }
        match &nodes[node.0 as usize] {
            Node::Class(class) => {
                let last = &mut seen.classes[class.index()];
                if std::mem::replace(last, seen.turn) != seen.turn {
                    found(*class);
                }
            }
            Node::Sequence(parts) | Node::Choice(parts) => open.extend(parts),
            Node::Optional(part) => open.push(*part),
            Node::Gap(_) => {}
        }
    }
}

/// When each node and class was last seen.
struct Seen {
    turn: u32,
    nodes: Vec<u32>,
    classes: Vec<u32>,
}
