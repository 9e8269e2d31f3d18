//! The words that each pattern cannot do without: what it is looked for by.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::lexicon::{ClassId, LexiconBuilder, Term};
use super::matcher::{Node, NodeId};

/// Words that texts are full of, the most frequent first: a pattern is looked for by its rarest.
pub(super) const FREQUENT: &str = include_str!("data/frequent.txt");

static RANKS: LazyLock<HashMap<&str, usize>> =
    LazyLock::new(|| FREQUENT.lines().zip(0..).collect());

/// Index of some classes of which a match needs a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct GroupId(pub u32);

/// For each part of a pattern, groups of classes of each of which every match has a word.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// Each group's classes, in order.
    groups: Vec<Vec<ClassId>>,
    numbers: HashMap<Vec<ClassId>, GroupId>,
    /// How often a text has a word of a group, as a rough measure.
    frequencies: Vec<usize>,
    /// The same, by class.
    of_classes: HashMap<ClassId, usize>,
    /// By node.
    of_nodes: Vec<Vec<GroupId>>,
}

impl Needs {
    /// Takes a new node in; those that it holds came before.
    pub fn add(&mut self, node: &Node, lexicon: &LexiconBuilder) {
        let needs = match node {
            Node::Class(class) => vec![self.group(vec![*class], lexicon)],
            Node::Sequence(parts) => (parts.iter())
                .flat_map(|part| self.of(*part).iter().copied())
                .collect(),
            Node::Choice(parts) => {
                let rarest: Option<Vec<GroupId>> =
                    parts.iter().map(|part| self.rarest(*part)).collect();
                let any = rarest.map(|groups| {
                    let classes = groups
                        .iter()
                        .flat_map(|group| &self.groups[group.0 as usize]);
                    let classes: Vec<ClassId> = classes.copied().collect();
                    self.group(classes, lexicon)
                });
                any.into_iter().collect()
            }
            Node::Optional(_) | Node::Gap(_) => Vec::new(),
        };
        self.of_nodes.push(needs);
    }

    /// The rarest group of a node.
    pub fn rarest(&self, node: NodeId) -> Option<GroupId> {
        let needs = self.of(node).iter();
        needs.min_by_key(|group| self.frequency(**group)).copied()
    }

    /// The groups of a node, the rarest first.
    pub fn rarest_first(&self, node: NodeId) -> Vec<GroupId> {
        let mut needs = self.of(node).to_vec();
        needs.sort_by_key(|group| (self.frequency(*group), *group));
        needs.dedup();
        needs
    }

    /// Every group's classes.
    pub fn into_groups(self) -> Vec<Vec<ClassId>> {
        self.groups
    }

    fn of(&self, node: NodeId) -> &[GroupId] {
        &self.of_nodes[node.0 as usize]
    }

    fn frequency(&self, group: GroupId) -> usize {
        self.frequencies[group.0 as usize]
    }

    fn group(&mut self, mut classes: Vec<ClassId>, lexicon: &LexiconBuilder) -> GroupId {
        classes.sort_unstable();
        classes.dedup();
        if let Some(number) = self.numbers.get(&classes) {
            return *number;
        }
        let frequency = classes
            .iter()
            .map(|class| {
                let of_class = || lexicon.terms(*class).map(frequency).sum();
                *self.of_classes.entry(*class).or_insert_with(of_class)
            })
            .sum();
        let number = GroupId(self.groups.len() as u32);
        self.frequencies.push(frequency);
        self.groups.push(classes.clone());
        self.numbers.insert(classes, number);
        number
    }
}

fn frequency(term: &Term) -> usize {
    let (Term::Word(word) | Term::Prefix(word)) = term;
    // Zipf's law: the second word is half as frequent as the first.
    RANKS
        .get(word.as_str())
        .map_or(1, |rank| 2_000 / (rank + 1))
}
