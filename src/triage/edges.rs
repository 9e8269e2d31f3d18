//! The words at the edges of a part: by them the alternatives of a choice are told apart.

use super::class::{ClassId, Classes};
use super::node::{Node, NodeId, Nodes};

/// An edge of a match.
#[derive(Debug, Clone, Copy)]
enum Edge {
    First,
    Last,
}

/// By node that is `reached`, for the first word of each match and for the last: a class that it
/// belongs to, where there is one.
pub(super) fn of(
    nodes: &Nodes,
    reached: &[bool],
    classes: &mut Classes<'_>,
) -> [Vec<Option<ClassId>>; 2] {
    [Edge::First, Edge::Last].map(|edge| {
        let mut edges: Vec<Option<ClassId>> = Vec::with_capacity(nodes.len());
        // Parts stand before what holds them.
        for (id, node) in nodes.iter() {
            let at_edge = parts_at(edge, nodes, id)
                .iter()
                .map(|part| match nodes[*part] {
                    Node::Class(class) => Some(class),
                    Node::Optional(inner) => edges[inner.0 as usize],
                    _ => edges[part.0 as usize],
                });
            let class = match node {
                _ if !reached[id.0 as usize] => None,
                Node::Class(class) => Some(class),
                // A match of no words has no word at its edge.
                _ if nodes.extent(id).least == 0 => None,
                _ => at_edge
                    .collect::<Option<Vec<_>>>()
                    .map(|all| classes.united(&all)),
            };
            edges.push(class);
        }
        edges
    })
}

/// The parts that may stand at an edge: of a sequence as far as the first that cannot be missing.
fn parts_at(edge: Edge, nodes: &Nodes, node: NodeId) -> &[NodeId] {
    let parts = nodes.within(node);
    let is_optional = |part: &&NodeId| nodes.extent(**part).least == 0;
    match (nodes[node], edge) {
        (Node::Sequence(_), Edge::First) => {
            let optional = parts.iter().take_while(is_optional).count();
            &parts[..parts.len().min(optional + 1)]
        }
        (Node::Sequence(_), Edge::Last) => {
            let optional = parts.iter().rev().take_while(is_optional).count();
            &parts[parts.len().saturating_sub(optional + 1)..]
        }
        _ => parts,
    }
}
