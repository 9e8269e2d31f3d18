//! All patterns of all packs, and which of them are worth trying where.
//!
//! A pattern is tried only where a word of each of its parts occurs, and is looked for by its
//! rarest; `window` tries it.

use std::collections::BTreeSet;

use super::alternatives::Alternatives;
use super::lexicon::{ClassId, Lexicon};
use super::verdict::Span;

/// The most words that a pattern may span: half a window, so that each match lies within one.
pub(super) const WIDEST_PATTERN: usize = 60;

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
    /// Groups in the order of the text: a word of each is at most so many words after one of the
    /// group before. The first has no group before.
    pub chain: Vec<(GroupId, u8)>,
    /// At least one: each match has a word of every one of these groups; of the first, which is the rarest, it
    /// is looked for.
    pub needs: Vec<GroupId>,
}

/// Index of some classes of which a match needs a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct GroupId(pub u32);

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
    pub(super) nodes: Vec<Node>,
    /// By node: the alternatives of each choice, by their first words and by their last.
    pub(super) firsts: Vec<Alternatives>,
    pub(super) lasts: Vec<Alternatives>,
    pub(super) entries: Vec<Entry>,
    pub(super) lexicon: Lexicon,
    /// By group: the class of all its words.
    pub(super) groups: Vec<ClassId>,
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
    /// The second rarest group that a match needs a word of; the rarest where there is no other.
    pub needs: GroupId,
    pub fold: u8,
}

/// A list of candidates for each of many things, one after the other.
#[derive(Debug)]
pub(super) struct Lists {
    ends: Vec<u32>,
    candidates: Vec<Candidate>,
}

impl Lists {
    fn new(lists: Vec<Vec<u32>>, entries: &[Entry]) -> Lists {
        let mut all = Lists {
            ends: Vec::with_capacity(lists.len()),
            candidates: Vec::new(),
        };
        for list in lists {
            all.candidates.extend(list.into_iter().map(|index| {
                let Entry { needs, fold, .. } = &entries[index as usize];
                Candidate {
                    entry: index,
                    needs: *needs.get(1).unwrap_or(&needs[0]),
                    fold: *fold,
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
    pub fn new(
        nodes: Vec<Node>,
        [firsts, lasts]: &[Vec<Option<ClassId>>; 2],
        entries: Vec<Entry>,
        groups: Vec<ClassId>,
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
            let rarest = groups[entry.needs[0].0 as usize];
            anchored[rarest.index()].push(index);
            each_class(&nodes, entry.node, &mut seen, |class| {
                holding[class.index()].push(index);
            });
        }
        let frequently = lexicon.frequent_classes().iter().map(|classes| {
            let entries: BTreeSet<u32> = classes
                .iter()
                .flat_map(|class| anchored[class.index()].iter().copied())
                .collect();
            entries.into_iter().collect()
        });
        Matcher {
            frequently: Lists::new(frequently.collect(), &entries),
            anchored: Lists::new(anchored, &entries),
            holding: Lists::new(holding, &entries),
            firsts: alternatives(&nodes, firsts),
            lasts: alternatives(&nodes, lasts),
            groups,
            nodes,
            entries,
            lexicon,
        }
    }

    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }
}

fn alternatives(nodes: &[Node], edges: &[Option<ClassId>]) -> Vec<Alternatives> {
    let of = |(at, node): (usize, &Node)| match node {
        Node::Choice(parts) => Alternatives::new(at, parts, edges),
        _ => Alternatives::default(),
    };
    nodes.iter().enumerate().map(of).collect()
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
