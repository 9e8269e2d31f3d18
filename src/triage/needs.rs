//! The words that each pattern cannot do without: what it is looked for by.

use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::fast::FixedState;

use super::class::{ClassId, Classes, Term};
use super::node::{Node, NodeId, Nodes};
use super::rows::{Rows, Slices};

/// Words that texts are full of, the most frequent first: a pattern is looked for by its rarest.
pub(super) const FREQUENT: &str = include_str!("data/frequent.txt");

static RANKS: LazyLock<HashMap<&str, usize, FixedState>> =
    LazyLock::new(|| FREQUENT.lines().zip(0..).collect());

/// Index of some classes of which a match needs a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct GroupId(pub u32);

/// For each part of a pattern, groups of classes of each of which every match has a word.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// Each group's classes, in order.
    groups: Slices<ClassId>,
    /// How often a text has a word of a group, as a rough measure.
    frequencies: Vec<usize>,
    /// The same, by term.
    of_terms: Vec<usize>,
    /// By node.
    of_nodes: Rows<GroupId>,
    rarest: Vec<Option<GroupId>>,
}

impl Needs {
    /// Takes a new node in; those that it holds came before.
    pub fn add(&mut self, node: Node, nodes: &Nodes, classes: &Classes<'_>) {
        match node {
            Node::Class(class) => {
                let group = self.group(&mut vec![class], classes);
                self.of_nodes.push([group]);
            }
            Node::Sequence(parts) => {
                let parts = nodes.parts(parts).iter();
                let needs = parts.flat_map(|part| self.of(*part)).copied();
                let needs: Vec<GroupId> = needs.collect();
                self.of_nodes.push(needs);
            }
            Node::Choice(parts) => {
                let parts = nodes.parts(parts).iter();
                let rarest: Option<Vec<GroupId>> = parts.map(|part| self.rarest(*part)).collect();
                let any = rarest.map(|groups| {
                    let all = groups.iter().flat_map(|group| self.groups.of(group.0));
                    let mut all: Vec<ClassId> = all.copied().collect();
                    self.group(&mut all, classes)
                });
                self.of_nodes.push(any);
            }
            Node::Optional(_) | Node::Gap(_) => self.of_nodes.push([]),
        }
        let needs = self.of_nodes.of(self.of_nodes.len() - 1).iter();
        let rarest = needs.min_by_key(|group| self.frequency(**group)).copied();
        self.rarest.push(rarest);
    }

    /// The rarest group of a node.
    pub fn rarest(&self, node: NodeId) -> Option<GroupId> {
        self.rarest[node.0 as usize]
    }

    /// The groups of a node, the rarest first.
    pub fn rarest_first(&self, node: NodeId) -> Vec<GroupId> {
        let mut needs = self.of(node).to_vec();
        needs.sort_by_key(|group| (self.frequency(*group), *group));
        needs.dedup();
        needs
    }

    /// Every group's classes.
    pub fn into_groups(self) -> Rows<ClassId> {
        self.groups.into_rows()
    }

    fn of(&self, node: NodeId) -> &[GroupId] {
        self.of_nodes.of(node.0 as usize)
    }

    fn frequency(&self, group: GroupId) -> usize {
        self.frequencies[group.0 as usize]
    }

    /// The group of these classes, which are put in order.
    fn group(&mut self, members: &mut Vec<ClassId>, classes: &Classes<'_>) -> GroupId {
        members.sort_unstable();
        members.dedup();
        let group = self.groups.number(members);
        if group as usize == self.frequencies.len() {
            let new = classes.terms()[self.of_terms.len()..].iter();
            self.of_terms.extend(new.map(frequency));
            let terms = members.iter().flat_map(|class| classes.term_ids(*class));
            let frequency = terms.map(|term| self.of_terms[term.index()]).sum();
            self.frequencies.push(frequency);
        }
        GroupId(group)
    }
}

fn frequency(term: &Term<'_>) -> usize {
    let (Term::Word(word) | Term::Prefix(word)) = term;
    // Zipf's law: the second word is half as frequent as the first.
    RANKS.get(&**word).map_or(1, |rank| 2_000 / (rank + 1))
}
