//! What a regular expression cannot do without: texts of which each match holds one.
//!
//! Most expressions match in few texts, and each would read all of every text to find that out. One
//! search for the literals of all of them says which are worth trying.

use aho_corasick::AhoCorasick;
use regex_syntax::hir::{Hir, HirKind};

use super::work;

/// More literals than these are not looked for.
const MOST: usize = 4096;

/// One letter is in every text.
const SHORTEST: usize = 2;

/// Texts of which each match of an expression holds one; none where nothing can be said.
pub(super) fn needed(expression: &str) -> Option<Vec<Vec<u8>>> {
    of(&regex_syntax::parse(expression).ok()?)
}

fn of(part: &Hir) -> Option<Vec<Vec<u8>>> {
    match part.kind() {
        HirKind::Literal(literal) => {
            (literal.0.len() >= SHORTEST).then(|| vec![literal.0.to_vec()])
        }
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Repetition(repeated) if repeated.min > 0 => of(&repeated.sub),
        HirKind::Concat(parts) => parts
            .iter()
            .filter_map(of)
            .max_by_key(|literals| worth(literals)),
        HirKind::Alternation(parts) => {
            let each: Option<Vec<_>> = parts.iter().map(of).collect();
            let all: Vec<Vec<u8>> = each?.into_iter().flatten().collect();
            (all.len() <= MOST).then_some(all)
        }
        HirKind::Repetition(_) | HirKind::Class(_) | HirKind::Look(_) | HirKind::Empty => None,
    }
}

/// Long literals are rare, and so are few.
fn worth(literals: &[Vec<u8>]) -> (usize, std::cmp::Reverse<usize>) {
    let shortest = literals.iter().map(Vec::len).min();
    (
        shortest.unwrap_or_default(),
        std::cmp::Reverse(literals.len()),
    )
}

/// Which of many expressions are worth trying on a text.
#[derive(Debug)]
pub(super) struct Literals {
    search: AhoCorasick,
    /// By literal: the expression that needs it.
    needed_by: Vec<usize>,
    /// The expressions of which nothing can be said.
    always: Vec<bool>,
}

impl Literals {
    /// By expression, what it needs.
    ///
    /// # Panics
    /// On more literals than an automaton can hold (billions of bytes), which no pack comes near.
    pub fn new(needed: &[Option<Vec<Vec<u8>>>]) -> Literals {
        let literals = needed
            .iter()
            .enumerate()
            .flat_map(|(expression, literals)| {
                let literals = literals.iter().flatten();
                literals.map(move |literal| (literal, expression))
            });
        let (literals, needed_by): (Vec<&Vec<u8>>, Vec<usize>) = literals.unzip();
        Literals {
            search: AhoCorasick::new(literals).expect("the packs' literals fit into an automaton"),
            needed_by,
            always: needed.iter().map(Option::is_none).collect(),
        }
    }

    /// By expression: whether it may match.
    pub fn worth_trying(&self, text: &str) -> Vec<bool> {
        work::done(text.len());
        let mut worth = self.always.clone();
        for found in self.search.find_overlapping_iter(text) {
            work::done(1);
            worth[self.needed_by[found.pattern().as_usize()]] = true;
        }
        worth
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literals(expression: &str) -> Option<Vec<String>> {
        let literals = needed(expression)?.into_iter();
        Some(
            literals
                .map(|literal| String::from_utf8(literal).unwrap())
                .collect(),
        )
    }

    #[test]
    fn what_each_match_holds_is_told() {
        let some =
            |literals: &[&str]| Some(literals.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(literals(r"\b(?:mr|miss) [a-z]+\b"), some(&["mr", "miss"]));
        assert_eq!(
            literals(r"(?P<hide>at (?:the )?school)+"),
            some(&["school"])
        );
        assert_eq!(literals("a?b*"), None);
        assert_eq!(literals("(?:abc|[0-9]+)"), None);
        assert_eq!(literals("(?:abc)?de"), some(&["de"]));
    }

    #[test]
    fn an_expression_is_tried_where_it_may_match() {
        let literals = Literals::new(&[needed("kik|snap"), needed("[0-9]+"), needed("insta")]);
        assert_eq!(literals.worth_trying("my snap: abc"), [true, true, false]);
        assert_eq!(literals.worth_trying(""), [false, true, false]);
    }
}
