//! The parts of patterns as they are tried: what is asked of each stands close together.

use super::alternatives::Alternatives;
use super::class::ClassId;
use super::node::{Node, NodeId, Nodes};

/// What a part of a pattern accepts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Class(ClassId),
    /// Where its parts begin, and how many there are: see [`Steps::sequence`].
    Sequence(u32, u32),
    /// Its number: see [`Steps::firsts`] and [`Steps::lasts`].
    Choice(u32),
    Optional(NodeId),
    Gap(u8),
}

/// Every part of every pattern.
#[derive(Debug, Default)]
pub(super) struct Steps {
    /// By node.
    steps: Vec<Step>,
    parts: Vec<NodeId>,
    /// The alternatives of each choice, by their first words and by their last.
    firsts: Vec<Alternatives>,
    lasts: Vec<Alternatives>,
}

impl Steps {
    /// `edges` say by node which class the first word of each match belongs to, and the last.
    pub fn new(nodes: &Nodes, [firsts, lasts]: &[Vec<Option<ClassId>>; 2]) -> Steps {
        let mut all = Steps::default();
        all.steps.reserve(nodes.len());
        for (id, node) in nodes.iter() {
            let step = match node {
                Node::Class(class) => Step::Class(class),
                Node::Optional(part) => Step::Optional(part),
                Node::Gap(words) => Step::Gap(words),
                Node::Sequence(parts) => {
                    let parts = nodes.parts(parts);
                    let from = all.parts.len() as u32;
                    all.parts.extend(parts);
                    Step::Sequence(from, parts.len() as u32)
                }
                Node::Choice(parts) => {
                    let parts = nodes.parts(parts);
                    all.firsts.push(Alternatives::new(id, parts, firsts));
                    all.lasts.push(Alternatives::new(id, parts, lasts));
                    Step::Choice(all.firsts.len() as u32 - 1)
                }
            };
            all.steps.push(step);
        }
        all
    }

    pub fn of(&self, node: NodeId) -> Step {
        self.steps[node.0 as usize]
    }

    /// The parts of a sequence.
    pub fn sequence(&self, from: u32, count: u32) -> &[NodeId] {
        &self.parts[from as usize..][..count as usize]
    }

    /// The alternatives of a choice by their first words.
    pub fn firsts(&self, choice: u32) -> &Alternatives {
        &self.firsts[choice as usize]
    }

    /// The alternatives of a choice by their last words.
    pub fn lasts(&self, choice: u32) -> &Alternatives {
        &self.lasts[choice as usize]
    }
}
