//! Rules that look for shapes, such as a phone number, instead of words.

use regex::Regex;

use super::digits;
use super::fold::Glyph;
use super::literals::{self, Literals};
use super::pack::{On, ShapeSource};
use super::pack_error::Fault;
use super::rule::RuleId;
use super::verdict::Span;
use super::work;

/// Memory that one expression may take once compiled, in bytes.
const LARGEST_EXPRESSION: usize = 1 << 20;

/// A regular expression of a rule.
#[derive(Debug)]
pub(super) struct Shape {
    rule: RuleId,
    on: On,
    /// One of these characters must occur; none for digits.
    needs: Presence,
    /// The part of a match that counts: the group named `hide`, where there is one.
    hide: Option<usize>,
    regex: Regex,
}

impl Shape {
    /// Compiles an expression; the error says what is wrong with it.
    pub fn new(rule: RuleId, source: &ShapeSource) -> Result<Shape, Fault> {
        let needs = source.needs.as_deref().unwrap_or_default();
        match source.on {
            On::Text if needs.is_empty() => {
                return Err(Fault::new("on = \"text\" wants `needs`")
                    .hint("name characters of which one must occur: needs = \"@\""));
            }
            On::Digits if !needs.is_empty() => {
                return Err(Fault::new("on = \"digits\" takes no `needs`").hint("leave it out"));
            }
            On::Text | On::Digits => {}
        }
        let regex = regex::RegexBuilder::new(&source.pattern)
            .size_limit(LARGEST_EXPRESSION)
            .build()
            .map_err(|error| expression_fault(&error))?;
        if regex.is_match("") {
            return Err("this expression matches the empty text".into());
        }
        Ok(Shape {
            rule,
            on: source.on,
            needs: Presence::of(needs.chars()),
            hide: regex.capture_names().position(|name| name == Some("hide")),
            regex,
        })
    }

    fn find(&self, reading: &Reading, most: usize, found: &mut impl FnMut(RuleId, Span)) {
        work::done(reading.text.len());
        for hit in self.regex.find_iter(&reading.text).take(most) {
            work::done(1 + hit.len());
            let counts = self.hide.and_then(|group| {
                let captures = self.regex.captures_at(&reading.text, hit.start())?;
                captures.get(group)
            });
            let counts = counts.unwrap_or(hit);
            if !counts.is_empty() {
                let (first, last) = (reading.at[counts.start()], reading.at[counts.end() - 1]);
                let span = Span {
                    from: first.from,
                    to: last.to,
                };
                found(self.rule, span);
            }
        }
    }
}

/// What the reader of expressions says, in a line: it draws a caret of its own.
fn expression_fault(error: &regex::Error) -> Fault {
    let said = error.to_string();
    let last = said.lines().last().unwrap_or_default();
    let last = last.strip_prefix("error: ").unwrap_or(last);
    let fault = Fault::new(format!("this expression cannot be read: {last}"));
    match last.contains("look-around") || last.contains("backreferences") {
        true => fault.hint("say it without: time must be linear in the text"),
        false => fault,
    }
}

/// Which characters occur: each ASCII one, and all others together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Presence(u128);

impl Presence {
    fn of(chars: impl Iterator<Item = char>) -> Presence {
        // No text has a NUL, so its place is free for what is not ASCII.
        let bit = |ch: char| if ch.is_ascii() { 1 << u32::from(ch) } else { 1 };
        Presence(chars.fold(0, |bits, ch| bits | bit(ch)))
    }

    fn meets(self, other: Presence) -> bool {
        self.0 & other.0 != 0
    }
}

/// The shapes of all rules.
#[derive(Debug)]
pub(super) struct Shapes {
    shapes: Vec<Shape>,
    literals: Literals,
}

impl Shapes {
    pub fn new(shapes: Vec<Shape>) -> Shapes {
        let needed: Vec<_> = shapes
            .iter()
            .map(|shape| literals::needed(shape.regex.as_str()))
            .collect();
        Shapes {
            shapes,
            literals: Literals::new(&needed),
        }
    }

    /// Calls `found` with the first `most` matches of each shape: each may read on to the end of
    /// the text before it is sure of its own end.
    pub fn find(&self, glyphs: &[Glyph], most: usize, mut found: impl FnMut(RuleId, Span)) {
        let present = Presence::of(glyphs.iter().map(|glyph| glyph.ch));
        let (text, digits) = (Reading::plain(glyphs), digits::read(glyphs));
        let worth_trying = self.literals.worth_trying(&text.text);
        for (shape, is_worth) in self.shapes.iter().zip(worth_trying) {
            match shape.on {
                On::Text if is_worth && shape.needs.meets(present) => {
                    shape.find(&text, most, &mut found);
                }
                On::Text => {}
                On::Digits => shape.find(&digits, most, &mut found),
            }
        }
    }
}

/// A text, and for each of its bytes the characters of the original.
#[derive(Default)]
pub(super) struct Reading {
    text: String,
    at: Vec<Span>,
}

impl Reading {
    pub fn ends_with(&self, ch: char) -> bool {
        self.text.ends_with(ch)
    }

    #[cfg(test)]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds a character that stands for a stretch of the text.
    pub fn push(&mut self, ch: char, source: &[Glyph]) {
        let (first, last) = (source[0].at as usize, source[source.len() - 1].at as usize);
        self.text.push(ch);
        self.at.resize(
            self.text.len(),
            Span {
                from: first,
                to: last + 1,
            },
        );
    }

    fn plain(glyphs: &[Glyph]) -> Reading {
        let mut reading = Reading::default();
        for glyph in glyphs {
            reading.push(glyph.ch, std::slice::from_ref(glyph));
        }
        reading
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::fold;

    fn found(text: &str) -> Vec<Span> {
        let source = ShapeSource {
            on: On::Digits,
            needs: None,
            pattern: r"\b07\d{9}\b".into(),
        };
        let shape = Shape::new(0, &source).unwrap();
        let mut spans = Vec::new();
        let shapes = Shapes::new(vec![shape]);
        shapes.find(&fold::fold(text), 9, |_, span| spans.push(span));
        spans
    }

    #[test]
    fn numbers_are_read_however_they_are_spaced() {
        assert_eq!(found("call 07700 900-123 now"), [Span { from: 5, to: 18 }]);
        assert_eq!(
            found("oh seven seven 00 900 one two three"),
            [Span { from: 0, to: 35 }],
            "a span reaches over spelt-out digits"
        );
        assert_eq!(found("07700 or 900123"), []);
    }
}
