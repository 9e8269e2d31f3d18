//! The parts of patterns: the same words in the same order are one part, however often the packs
//! write them.

use std::collections::HashMap;
use std::ops::Index;

use foldhash::fast::FixedState;

use super::class::ClassId;
use super::rows::Slices;

/// A part of a pattern.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NodeId(pub u32);

/// A list of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct PartsId(u32);

/// What a part of a pattern accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Node {
    /// One word of a class.
    Class(ClassId),
    /// One after the other.
    Sequence(PartsId),
    /// Any one of them.
    Choice(PartsId),
    /// It, or nothing.
    Optional(NodeId),
    /// At most so many words, all of one sentence.
    Gap(u8),
}

/// How many words a part may span, and how many parts it comes to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub least: usize,
    pub most: usize,
    pub size: usize,
}

/// All parts of all patterns. Each stands after those that it is made of.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    nodes: Vec<Node>,
    known: HashMap<Node, NodeId, FixedState>,
    parts: Slices<NodeId>,
    extents: Vec<Extent>,
}

impl Index<NodeId> for Nodes {
    type Output = Node;

    fn index(&self, node: NodeId) -> &Node {
        &self.nodes[node.0 as usize]
    }
}

impl Nodes {
    /// The list of these parts.
    pub fn list(&mut self, parts: &[NodeId]) -> PartsId {
        PartsId(self.parts.number(parts))
    }

    /// The node that is like this, and whether it is new.
    pub fn add(&mut self, node: Node) -> (NodeId, bool) {
        let next = NodeId(self.nodes.len() as u32);
        let id = *self.known.entry(node).or_insert(next);
        let new = id == next;
        if new {
            self.nodes.push(node);
            self.extents.push(self.extent_of(node));
        }
        (id, new)
    }

    /// Gives the classes their last numbers; nothing can be added from then on.
    pub fn number_classes(&mut self, numbers: &[ClassId]) {
        self.known.clear();
        for node in &mut self.nodes {
            if let Node::Class(class) = node {
                *class = numbers[class.index()];
            }
        }
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Every node with its id, each after those that it is made of.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, Node)> {
        (0..).map(NodeId).zip(self.nodes.iter().copied())
    }

    /// The parts of a sequence or choice.
    pub fn parts(&self, parts: PartsId) -> &[NodeId] {
        self.parts.of(parts.0)
    }

    /// What a node is made of.
    pub fn within(&self, node: NodeId) -> &[NodeId] {
        match &self[node] {
            Node::Sequence(parts) | Node::Choice(parts) => self.parts(*parts),
            Node::Optional(part) => std::slice::from_ref(part),
            Node::Class(_) | Node::Gap(_) => &[],
        }
    }

    pub fn extent(&self, node: NodeId) -> Extent {
        self.extents[node.0 as usize]
    }

    pub fn extent_of(&self, node: Node) -> Extent {
        let of_parts = |parts: PartsId| self.parts(parts).iter().map(|part| self.extent(*part));
        match node {
            Node::Class(_) => Extent {
                least: 1,
                most: 1,
                size: 1,
            },
            Node::Gap(words) => Extent {
                least: 0,
                most: usize::from(words),
                size: 1,
            },
            Node::Optional(part) => {
                let part = self.extent(part);
                Extent {
                    least: 0,
                    size: part.size + 1,
                    ..part
                }
            }
            Node::Sequence(parts) => of_parts(parts).fold(
                Extent {
                    least: 0,
                    most: 0,
                    size: 1,
                },
                |sum, part| Extent {
                    least: sum.least + part.least,
                    most: sum.most + part.most,
                    size: sum.size + part.size,
                },
            ),
            Node::Choice(parts) => of_parts(parts).fold(
                Extent {
                    least: usize::MAX,
                    most: 0,
                    size: 1,
                },
                |sum, part| Extent {
                    least: sum.least.min(part.least),
                    most: sum.most.max(part.most),
                    size: sum.size + part.size,
                },
            ),
        }
    }
}
