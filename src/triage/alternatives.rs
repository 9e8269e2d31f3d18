//! The parts of a long choice, by the words at their edges: of hundreds of alternatives a text
//! has the words of a few, and only those are looked at.

use super::class::{ClassId, ClassSet};
use super::node::NodeId;

/// Alternatives by a class that the first (or last) word of each match belongs to.
#[derive(Debug, Default)]
pub(super) struct Alternatives {
    /// Sorted by class.
    by_class: Vec<(ClassId, NodeId)>,
    /// The classes as parts of a [`ClassSet`].
    bits: Vec<(u32, u64)>,
    /// Those without such a class.
    others: Vec<NodeId>,
    /// The class of all words at the edge of the choice, where all alternatives have one.
    all: Option<ClassId>,
}

impl Alternatives {
    /// `choice` is made of `parts`; `edges` are by node.
    pub fn new(choice: NodeId, parts: &[NodeId], edges: &[Option<ClassId>]) -> Alternatives {
        let mut all = Alternatives {
            all: edges[choice.0 as usize],
            ..Alternatives::default()
        };
        for part in parts {
            match edges[part.0 as usize] {
                Some(class) => all.by_class.push((class, *part)),
                None => all.others.push(*part),
            }
        }
        all.by_class.sort_unstable();
        for (class, _) in &all.by_class {
            let (at, bit) = ClassSet::place(*class);
            match all.bits.last_mut() {
                Some((last, bits)) if *last == at => *bits |= bit,
                _ => all.bits.push((at, bit)),
            }
        }
        all
    }

    /// The class of all words at the edge of the choice, where there is one.
    pub fn all(&self) -> Option<ClassId> {
        self.all
    }

    /// Alternatives without a class for their edge.
    pub fn others(&self) -> &[NodeId] {
        &self.others
    }

    /// The classes of the others' edges, as words of a [`ClassSet`].
    pub fn bits(&self) -> &[(u32, u64)] {
        &self.bits
    }

    /// The alternatives with this class at their edge.
    pub fn of(&self, class: ClassId) -> &[(ClassId, NodeId)] {
        let from = self.by_class.partition_point(|(other, _)| *other < class);
        let rest = &self.by_class[from..];
        let count = rest.iter().take_while(|(other, _)| *other == class).count();
        &rest[..count]
    }
}
