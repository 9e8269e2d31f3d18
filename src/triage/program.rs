//! Turns patterns as written into what the matcher runs: names resolved, single words gathered
//! into classes, and for each pattern the words it cannot do without.

use std::cmp::Reverse;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::class::{ClassId, Classes};
use super::edges;
use super::lexicon::Lexicon;
use super::matcher::{self, Entry, Matcher, WIDEST_PATTERN};
use super::needs::{FREQUENT, GroupId, Needs};
use super::node::{Node, NodeId, Nodes};
use super::pack_error::Fault;
use super::parallel;
use super::pattern::Pattern;
use super::steps::Steps;

/// The most parts that one pattern may come to, its lists written out.
const LARGEST_PATTERN: usize = 20_000;

/// Ordinary English words.
const ENGLISH: &str = include_str!("data/english.txt");

/// Collects patterns.
#[derive(Debug, Default)]
pub(super) struct Program<'a> {
    classes: Classes<'a>,
    nodes: Nodes,
    /// By pack and name.
    lists: HashMap<(&'a str, &'a str), List<'a>, FixedState>,
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
enum List<'a> {
    Written(Vec<Pattern<'a>>),
    /// Being compiled: to meet it again is a circle.
    Open,
    Done(NodeId),
}

impl<'a> Program<'a> {
    /// Makes a list known; it is compiled when something uses it.
    pub fn list(&mut self, pack: &'a str, name: &'a str, patterns: Vec<Pattern<'a>>) {
        self.lists.insert((pack, name), List::Written(patterns));
    }

    /// Compiles a list whether or not anything uses it, so that its mistakes show.
    pub fn check_list(&mut self, pack: &'a str, name: &'a str) -> Result<(), Fault> {
        self.compile_list(pack, name).map(|_| ())
    }

    /// Adds a pattern of a pack; the matcher will hand back `owner` for its matches.
    pub fn pattern(
        &mut self,
        pack: &'a str,
        pattern: &Pattern<'a>,
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
        let extent = self.nodes.extent(node);
        if extent.least == 0 {
            return Err(Fault::new("this matches the empty text")
                .hint("at least one word must stand outside `[…]`"));
        }
        if extent.most > WIDEST_PATTERN {
            return Err(Fault::new(format!("this may span {} words", extent.most))
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
        let parts = match self.nodes[node] {
            Node::Sequence(parts) => self.nodes.parts(parts),
            _ => &[node],
        };
        let mut chain = Vec::with_capacity(parts.len());
        // The most words from the one before, counted from its earliest place in its part.
        let mut distance = 0;
        for part in parts {
            let most = self.nodes.extent(*part).most;
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
        let reached = self.reached();
        let edges = edges::of(&self.nodes, &reached, &mut self.classes);
        // Each group that an entry asks for is a class, so that a look at one word says it all.
        let groups = std::mem::take(&mut self.needs).into_groups();
        let mut of_groups: Vec<Option<ClassId>> = vec![None; groups.len()];
        let mut entries = Vec::with_capacity(self.drafts.len());
        for draft in std::mem::take(&mut self.drafts) {
            let mut class_of = |group: GroupId| {
                let classes = || self.classes.united(groups.of(group.0 as usize));
                *of_groups[group.0 as usize].get_or_insert_with(classes)
            };
            let rarest = class_of(draft.needs[0]);
            let second = draft.needs.get(1).map_or(rarest, |group| class_of(*group));
            let chain = draft.chain.iter();
            entries.push(Entry {
                node: draft.node,
                owner: draft.owner,
                fold: draft.fold,
                rarest,
                second,
                chain: chain
                    .map(|(group, words)| (class_of(*group), *words))
                    .collect(),
            });
        }
        let used = self.used(&reached, &edges, &of_groups);
        // As the lexicon numbers them.
        let mut numbers = vec![ClassId::default(); self.classes.len()];
        for (class, number) in used.iter().zip(0..) {
            numbers[class.index()] = ClassId(number);
        }
        for entry in &mut entries {
            let chain = entry.chain.iter_mut().map(|(class, _)| class);
            for class in chain.chain([&mut entry.rarest, &mut entry.second]) {
                *class = numbers[class.index()];
            }
        }
        let edges = edges.map(|mut edges| {
            for class in edges.iter_mut().flatten() {
                *class = numbers[class.index()];
            }
            edges
        });
        self.nodes.number_classes(&numbers);
        let (lexicon, (steps, holding)) = parallel::both(
            || Lexicon::new(&self.classes, &used, ENGLISH, FREQUENT),
            || {
                let steps = Steps::new(&self.nodes, &edges);
                (steps, matcher::holding(&self.nodes, &entries, used.len()))
            },
        );
        Matcher::new(steps, &holding, entries, lexicon)
    }

    /// The classes that are asked for. Those at the edges of one choice's alternatives stand
    /// together: they are asked for together.
    fn used(
        &self,
        reached: &[bool],
        edges: &[Vec<Option<ClassId>>; 2],
        of_groups: &[Option<ClassId>],
    ) -> Vec<ClassId> {
        let reached = |(id, _): &(NodeId, Node)| reached[id.0 as usize];
        let mut choices: Vec<&[NodeId]> = Vec::new();
        let mut of_nodes = Vec::new();
        for (_, node) in self.nodes.iter().filter(reached) {
            match node {
                Node::Choice(parts) => choices.push(self.nodes.parts(parts)),
                Node::Class(class) => of_nodes.push(class),
                _ => {}
            }
        }
        choices.sort_by_key(|parts| Reverse(parts.len()));
        let at_edges = edges.iter().flat_map(|edges| {
            let parts = choices.iter().copied().flatten();
            parts.filter_map(|part| edges[part.0 as usize])
        });
        let others = edges.iter().flatten().chain(of_groups).flatten();
        let all = at_edges.chain(of_nodes).chain(others.copied());
        let mut seen = vec![false; self.classes.len()];
        all.filter(|class| !std::mem::replace(&mut seen[class.index()], true))
            .collect()
    }

    /// By node: whether a pattern is made of it. Some have only served to build others.
    fn reached(&self) -> Vec<bool> {
        let mut reached = vec![false; self.nodes.len()];
        let mut open: Vec<NodeId> = self.drafts.iter().map(|draft| draft.node).collect();
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut reached[node.0 as usize], true) {
                open.extend(self.nodes.within(node));
            }
        }
        reached
    }

    fn compile(&mut self, pack: &'a str, pattern: &Pattern<'a>) -> Result<NodeId, Fault> {
        match pattern {
            Pattern::Term(term) => {
                let class = self.classes.of_term(term);
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
                let parts: Result<Vec<NodeId>, Fault> =
                    parts.iter().map(|part| self.compile(pack, part)).collect();
                let parts = self.nodes.list(&parts?);
                self.checked(Node::Sequence(parts))
            }
            Pattern::Choice(parts) => self.choice(pack, parts),
        }
    }

    fn compile_list(&mut self, pack: &'a str, name: &'a str) -> Result<NodeId, Fault> {
        let Some(list) = self.lists.get_mut(&(pack, name)) else {
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
        let node = self.choice(pack, &patterns)?;
        self.lists.insert((pack, name), List::Done(node));
        Ok(node)
    }

    /// A list of that name in another pack is meant before one of a like name in this.
    fn no_list(&self, pack: &str, name: &str) -> Fault {
        let fault = Fault::new(format!("there is no list `@{name}` in pack `{pack}`"));
        let elsewhere = self.lists.keys();
        if let Some((other, _)) = elsewhere.filter(|(_, list)| *list == name).min() {
            return fault.hint(format!("pack `{other}` has one: write `@{other}.{name}`"));
        }
        let own = self.lists.keys().filter(|(of, _)| *of == pack);
        fault.meant(name, own.map(|(_, list)| *list))
    }

    /// A choice, of which all single words are one class.
    fn choice(&mut self, pack: &'a str, parts: &[Pattern<'a>]) -> Result<NodeId, Fault> {
        let mut terms = Vec::new();
        let mut others = Vec::new();
        for part in parts {
            if let Pattern::Term(term) = part {
                terms.push(self.classes.term(term));
                continue;
            }
            let mut open = vec![self.compile(pack, part)?];
            while let Some(part) = open.pop() {
                match self.nodes[part] {
                    Node::Class(class) => terms.extend_from_slice(self.classes.term_ids(class)),
                    Node::Choice(inner) => open.extend(self.nodes.parts(inner).iter().rev()),
                    _ => others.push(part),
                }
            }
        }
        if !terms.is_empty() {
            let class = self.classes.of_terms(&mut terms);
            others.push(self.node(Node::Class(class)));
        }
        match others.as_slice() {
            [] => Err("a list or choice is empty".into()),
            [only] => Ok(*only),
            _ => {
                let parts = self.nodes.list(&others);
                self.checked(Node::Choice(parts))
            }
        }
    }

    fn node(&mut self, node: Node) -> NodeId {
        let (id, new) = self.nodes.add(node);
        if new {
            self.needs.add(node, &self.nodes, &self.classes);
        }
        id
    }

    fn checked(&mut self, node: Node) -> Result<NodeId, Fault> {
        let size = self.nodes.extent_of(node).size;
        if size > LARGEST_PATTERN {
            return Err(Fault::new(format!(
                "with its lists written out this comes to {size} parts"
            ))
            .hint(format!("{LARGEST_PATTERN} is the most: split it")));
        }
        Ok(self.node(node))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::fold::fold;
    use crate::triage::owners::Owners;
    use crate::triage::pattern::parse;
    use crate::triage::words::Words;

    fn program<'a>(lists: &[(&'a str, &[&'a str])]) -> Program<'a> {
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
        program.build().search(
            [Some(&words), None, None, None],
            Owners::none(8),
            |search| {
                let wanted = search.possible().clone();
                search.find(&wanted, |hit, _| {
                    assert_eq!(hit.owner, 7);
                    let length = hit.span.to - hit.span.from;
                    hits.push(text.chars().skip(hit.span.from).take(length).collect());
                });
            },
        );
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
        let mut error = |source: &'static str| {
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
