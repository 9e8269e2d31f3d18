//! Turns patterns as written into what the matcher runs: names resolved, single words gathered
//! into classes, and for each pattern the words it cannot do without.

use std::collections::{BTreeSet, HashMap};

use super::lexicon::{ClassId, LexiconBuilder};
use super::matcher::{Entry, Matcher, Node, NodeId, WIDEST_PATTERN};
use super::needs::GroupId;
use super::needs::{FREQUENT, Needs};
use super::pack_error::Fault;
use super::pattern::Pattern;

/// The most parts that one pattern may come to, its lists written out.
const LARGEST_PATTERN: usize = 20_000;

/// Ordinary English words.
const ENGLISH: &str = include_str!("data/english.txt");

/// How many words a part may span, and how many parts it comes to.
#[derive(Debug, Clone, Copy)]
struct Shape {
    least: usize,
    most: usize,
    size: usize,
}

/// An edge of a match.
#[derive(Debug, Clone, Copy)]
enum Edge {
    First,
    Last,
}

/// Collects patterns.
#[derive(Debug, Default)]
pub(super) struct Program {
    lexicon: LexiconBuilder,
    nodes: Vec<Node>,
    known: HashMap<Node, NodeId>,
    shapes: Vec<Shape>,
    /// By `pack.list`.
    lists: HashMap<String, List>,
    drafts: Vec<Draft>,
    needs: Needs,
}

/// A whole pattern, what it needs still by groups.
#[derive(Debug)]
struct Draft {
    node: NodeId,
    owner: usize,
    fold: u8,
    /// The rarest first.
    needs: Vec<GroupId>,
    /// In the order of the text, with the most words from the one before.
    chain: Vec<(GroupId, u8)>,
}

#[derive(Debug)]
enum List {
    Written(Vec<Pattern>),
    /// Being compiled: to meet it again is a circle.
    Open,
    Done(NodeId),
}

impl Program {
    /// Makes a list known; it is compiled when something uses it.
    pub fn list(&mut self, pack: &str, name: &str, patterns: Vec<Pattern>) {
        self.lists
            .insert(format!("{pack}.{name}"), List::Written(patterns));
    }

    /// Compiles a list whether or not anything uses it, so that its mistakes show.
    pub fn check_list(&mut self, pack: &str, name: &str) -> Result<(), Fault> {
        self.compile_list(pack, name).map(|_| ())
    }

    /// Adds a pattern of a pack; the matcher will hand back `owner` for its matches.
    pub fn pattern(
        &mut self,
        pack: &str,
        pattern: &Pattern,
        owner: usize,
        fold: u8,
    ) -> Result<(), Fault> {
        if let Pattern::Sequence(parts) = pattern
            && let (Some(Pattern::Gap(_)), _) | (_, Some(Pattern::Gap(_))) =
                (parts.first(), parts.last())
        {
            return Err(
                Fault::new("a pattern begins and ends with a word, not with a gap")
                    .hint("leave the gap at its end out"),
            );
        }
        let node = self.compile(pack, pattern)?;
        let shape = self.shape(node);
        if shape.least == 0 {
            return Err(Fault::new("this matches the empty text")
                .hint("at least one word must stand outside `[…]`"));
        }
        if shape.most > WIDEST_PATTERN {
            return Err(Fault::new(format!("this may span {} words", shape.most))
                .hint(format!("a pattern may span {WIDEST_PATTERN}")));
        }
        let needs = self.needs.rarest_first(node);
        if needs.is_empty() {
            return Err("every match must need a word, not only a gap".into());
        }
        self.drafts.push(Draft {
            chain: self.chain(node),
            node,
            owner,
            fold,
            needs,
        });
        Ok(())
    }

    /// Where words that a pattern cannot do without can stand, as seen from each other.
    fn chain(&self, node: NodeId) -> Vec<(GroupId, u8)> {
        let parts = match &self.nodes[node.0 as usize] {
            Node::Sequence(parts) => parts.as_slice(),
            _ => &[node],
        };
        let mut chain = Vec::new();
        // The most words from the one before, counted from its earliest place in its part.
        let mut distance = 0;
        for part in parts {
            let most = self.shape(*part).most;
            distance += most;
            if let Some(group) = self.needs.rarest(*part) {
                chain.push((group, distance.min(WIDEST_PATTERN) as u8));
                distance = most - 1;
            }
        }
        chain
    }

    /// Builds the matcher of all patterns added.
    pub fn build(mut self) -> Matcher {
        let mut used = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<NodeId> = self.drafts.iter().map(|draft| draft.node).collect();
        while let Some(node) = open.pop() {
            if seen.insert(node) {
                match &self.nodes[node.0 as usize] {
                    Node::Class(class) => drop(used.insert(*class)),
                    Node::Sequence(parts) | Node::Choice(parts) => open.extend(parts),
                    Node::Optional(part) => open.push(*part),
                    Node::Gap(_) => {}
                }
            }
        }
        let edges = [Edge::First, Edge::Last].map(|edge| self.edges(edge));
        used.extend(edges.iter().flatten().flatten());
        // Each group that an entry asks for is a class, so that a look at one word says it all.
        let groups = std::mem::take(&mut self.needs).into_groups();
        let mut classes: HashMap<GroupId, ClassId> = HashMap::new();
        let drafts = std::mem::take(&mut self.drafts).into_iter();
        let entries: Vec<Entry> = drafts
            .map(|draft| {
                let mut class_of = |group: GroupId| {
                    *classes
                        .entry(group)
                        .or_insert_with(|| self.united(groups[group.0 as usize].iter().copied()))
                };
                let rarest = class_of(draft.needs[0]);
                let second = draft.needs.get(1).map_or(rarest, |group| class_of(*group));
                let chain = draft.chain.iter();
                Entry {
                    node: draft.node,
                    owner: draft.owner,
                    fold: draft.fold,
                    rarest,
                    second,
                    chain: chain
                        .map(|(group, words)| (class_of(*group), *words))
                        .collect(),
                }
            })
            .collect();
        used.extend(classes.values());
        let lexicon = self.lexicon.build(&used, ENGLISH, FREQUENT);
        Matcher::new(&self.nodes, &edges, entries, lexicon)
    }

    /// The class of all words of these classes.
    fn united(&mut self, classes: impl Iterator<Item = ClassId>) -> ClassId {
        let mut terms = Vec::new();
        for class in classes {
            terms.extend_from_slice(self.lexicon.term_ids(class));
        }
        self.lexicon.class(terms)
    }

    /// By node: a class that the word at an edge of each match belongs to, where there is one:
    /// the first word, or the last.
    fn edges(&mut self, edge: Edge) -> Vec<Option<ClassId>> {
        let mut edges: Vec<Option<ClassId>> = Vec::with_capacity(self.nodes.len());
        // Parts stand before what holds them.
        for at in 0..self.nodes.len() {
            let of = |part: &NodeId| edges[part.0 as usize];
            let of_maybe = |part: &NodeId| match &self.nodes[part.0 as usize] {
                Node::Optional(inner) => of(inner),
                _ => of(part),
            };
            // As far as the first part that cannot be missing.
            let is_optional = |part: &&NodeId| self.shape(**part).least == 0;
            let classes: Option<Vec<ClassId>> = match &self.nodes[at] {
                // A match of no words has no word at its edge.
                _ if self.shapes[at].least == 0 => None,
                Node::Class(class) => Some(vec![*class]),
                Node::Choice(parts) => parts.iter().map(of).collect(),
                Node::Sequence(parts) => match edge {
                    Edge::First => {
                        let optional = parts.iter().take_while(is_optional).count();
                        parts.iter().take(optional + 1).map(of_maybe).collect()
                    }
                    Edge::Last => {
                        let optional = parts.iter().rev().take_while(is_optional).count();
                        parts
                            .iter()
                            .rev()
                            .take(optional + 1)
                            .map(of_maybe)
                            .collect()
                    }
                },
                Node::Optional(_) | Node::Gap(_) => None,
            };
            let class = classes.map(|classes| match classes.as_slice() {
                [only] => *only,
                several => self.united(several.iter().copied()),
            });
            edges.push(class);
        }
        edges
    }

    fn compile(&mut self, pack: &str, pattern: &Pattern) -> Result<NodeId, Fault> {
        match pattern {
            Pattern::Term(term) => {
                let class = self.lexicon.class_of(term);
                Ok(self.node(Node::Class(class)))
            }
            Pattern::Gap(words) => Ok(self.node(Node::Gap(*words))),
            Pattern::List(name) => match name.split_once('.') {
                Some((other, list)) => self.compile_list(other, list),
                None => self.compile_list(pack, name),
            }
            .map_err(|fault| fault.word(format!("@{name}"))),
            Pattern::Optional(part) => {
                let part = self.compile(pack, part)?;
                Ok(self.node(Node::Optional(part)))
            }
            Pattern::Sequence(parts) => {
                let parts = self.compile_all(pack, parts)?;
                self.checked(Node::Sequence(parts))
            }
            Pattern::Choice(parts) => {
                let parts = self.compile_all(pack, parts)?;
                self.choice(parts)
            }
        }
    }

    fn compile_all(&mut self, pack: &str, parts: &[Pattern]) -> Result<Vec<NodeId>, Fault> {
        parts.iter().map(|part| self.compile(pack, part)).collect()
    }

    fn compile_list(&mut self, pack: &str, name: &str) -> Result<NodeId, Fault> {
        let full = format!("{pack}.{name}");
        let Some(list) = self.lists.get_mut(&full) else {
            return Err(self.no_list(pack, name));
        };
        let patterns = match std::mem::replace(list, List::Open) {
            List::Open => return Err(format!("list `@{name}` contains itself").into()),
            List::Done(node) => {
                *list = List::Done(node);
                return Ok(node);
            }
            List::Written(patterns) => patterns,
        };
        let parts = self.compile_all(pack, &patterns)?;
        let node = self.choice(parts)?;
        self.lists.insert(full, List::Done(node));
        Ok(node)
    }

    /// A list of that name in another pack is meant before one of a like name in this.
    fn no_list(&self, pack: &str, name: &str) -> Fault {
        let fault = Fault::new(format!("there is no list `@{name}` in pack `{pack}`"));
        let elsewhere = self.lists.keys().filter_map(|full| full.split_once('.'));
        if let Some((other, _)) = elsewhere.filter(|(_, list)| *list == name).min() {
            return fault.hint(format!("pack `{other}` has one: write `@{other}.{name}`"));
        }
        let own = self.lists.keys().filter_map(|full| {
            let (of, list) = full.split_once('.')?;
            (of == pack).then_some(list)
        });
        fault.meant(name, own)
    }

    /// A choice, of which all single words are one class.
    fn choice(&mut self, parts: Vec<NodeId>) -> Result<NodeId, Fault> {
        let mut terms = Vec::new();
        let mut others = Vec::new();
        let mut open = parts;
        open.reverse();
        while let Some(part) = open.pop() {
            match &self.nodes[part.0 as usize] {
                Node::Class(class) => terms.extend_from_slice(self.lexicon.term_ids(*class)),
                Node::Choice(inner) => open.extend(inner.iter().rev()),
                _ => others.push(part),
            }
        }
        if !terms.is_empty() {
            let class = self.lexicon.class(terms);
            others.push(self.node(Node::Class(class)));
        }
        match others.as_slice() {
            [] => Err("a list or choice is empty".into()),
            [only] => Ok(*only),
            _ => self.checked(Node::Choice(others)),
        }
    }

    /// The node that is like this: the same words in the same order are one node, however often
    /// the packs write them.
    fn node(&mut self, node: Node) -> NodeId {
        if let Some(known) = self.known.get(&node) {
            return *known;
        }
        let shape = self.shape_of(&node);
        self.needs.add(&node, &self.lexicon);
        let id = NodeId(self.nodes.len() as u32);
        self.known.insert(node.clone(), id);
        self.nodes.push(node);
        self.shapes.push(shape);
        id
    }

    fn checked(&mut self, node: Node) -> Result<NodeId, Fault> {
        let size = self.shape_of(&node).size;
        if size > LARGEST_PATTERN {
            return Err(Fault::new(format!(
                "with its lists written out this comes to {size} parts"
            ))
            .hint(format!("{LARGEST_PATTERN} is the most: split it")));
        }
        Ok(self.node(node))
    }

    fn shape(&self, node: NodeId) -> Shape {
        self.shapes[node.0 as usize]
    }

    fn shape_of(&self, node: &Node) -> Shape {
        match node {
            Node::Class(_) => Shape {
                least: 1,
                most: 1,
                size: 1,
            },
            Node::Gap(words) => Shape {
                least: 0,
                most: usize::from(*words),
                size: 1,
            },
            Node::Optional(part) => {
                let part = self.shape(*part);
                Shape {
                    least: 0,
                    size: part.size + 1,
                    ..part
                }
            }
            Node::Sequence(parts) => {
                let shapes = parts.iter().map(|part| self.shape(*part));
                shapes.fold(
                    Shape {
                        least: 0,
                        most: 0,
                        size: 1,
                    },
                    |sum, part| Shape {
                        least: sum.least + part.least,
                        most: sum.most + part.most,
                        size: sum.size + part.size,
                    },
                )
            }
            Node::Choice(parts) => {
                let shapes = parts.iter().map(|part| self.shape(*part));
                shapes.fold(
                    Shape {
                        least: usize::MAX,
                        most: 0,
                        size: 1,
                    },
                    |sum, part| Shape {
                        least: sum.least.min(part.least),
                        most: sum.most.max(part.most),
                        size: sum.size + part.size,
                    },
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::fold::fold;
    use crate::triage::pattern::parse;
    use crate::triage::words::Words;

    fn program(lists: &[(&str, &[&str])]) -> Program {
        let mut program = Program::default();
        for (name, patterns) in lists {
            let patterns = patterns
                .iter()
                .map(|source| parse(source).unwrap())
                .collect();
            program.list("p", name, patterns);
        }
        program
    }

    fn found(source: &str, text: &str) -> Vec<String> {
        let mut program = program(&[("die", &["die", "end it [all]", "(kms|kys)"])]);
        program.pattern("p", &parse(source).unwrap(), 7, 0).unwrap();
        let mut hits = Vec::new();
        let words = Words::plain(&fold(text));
        program.build().find(&words, 0, |hit| {
            assert_eq!(hit.owner, 7);
            let length = hit.span.to - hit.span.from;
            hits.push(text.chars().skip(hit.span.from).take(length).collect());
        });
        hits
    }

    #[test]
    fn patterns_match() {
        assert_eq!(
            found("want to ~2 @die", "I want to, like, END IT all!"),
            ["want to, like, END IT all"]
        );
        assert_eq!(
            found("want to ~2 @die", "want to really really really die"),
            [""; 0]
        );
        assert_eq!(found("want to ~2 @die", "want to go. it may die"), [""; 0]);
        assert_eq!(
            found("[so] (sad|very sad)", "sad so very sad"),
            ["so very sad", "sad"]
        );
        assert_eq!(found("bull*", "bull bullying a bul"), ["bullying", "bull"]);
        assert_eq!(found("@die", "die endit"), ["die"]);
    }

    #[test]
    fn matches_in_long_texts_are_found_across_windows() {
        for at in 0..300 {
            let text = format!("{}end it all{}", "x ".repeat(at), " y".repeat(300 - at));
            let hits = found("@die", &text);
            assert!(hits.iter().any(|hit| hit == "end it all"), "at {at}");
        }
    }

    #[test]
    fn what_cannot_be_matched_is_refused() {
        let mut program = program(&[
            ("a", &["@b"]),
            ("b", &["x", "@a"]),
            (
                "ten",
                &["(a|b c) (a|b c) (a|b c) (a|b c) (a|b c) (a|b c) (a|b c) (a|b c)"],
            ),
        ]);
        let mut error = |source: &str| {
            let parsed = parse(source).unwrap();
            let Fault { message, hint, .. } = program.pattern("p", &parsed, 0, 0).unwrap_err();
            format!("{message}; {}", hint.unwrap_or_default())
        };
        assert!(error("@a").contains("contains itself"));
        assert!(error("@none").contains("no list"));
        assert!(error("@tem").contains("did you mean `ten`?"));
        assert!(error("[x] [y]").contains("empty text"));
        assert!(error("~2 x").contains("begins and ends"));
        assert!(error("@ten ~12 @ten ~12 @ten ~12").contains("begins and ends"));
        assert!(error("@ten ~12 @ten ~12 @ten ~12 x").contains("may span"));
    }
}
