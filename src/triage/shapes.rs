//! Rules that look for shapes, such as a phone number, instead of words.

use regex::Regex;

use super::fold::{self, Glyph};
use super::pack::{On, ShapeSource};
use super::rule::RuleId;
use super::verdict::Span;

/// Texts with fewer digits have no number worth a look.
const FEWEST_DIGITS: usize = 4;

/// Memory that one expression may take once compiled, in bytes.
const LARGEST_EXPRESSION: usize = 1 << 20;

/// A regular expression of a rule.
#[derive(Debug)]
pub(super) struct Shape {
    rule: RuleId,
    on: On,
    /// One of these characters must occur; empty for digits.
    needs: String,
    regex: Regex,
}

impl Shape {
    /// Compiles an expression; the error says what is wrong with it.
    pub fn new(rule: RuleId, source: &ShapeSource) -> Result<Shape, String> {
        let needs = source.needs.clone().unwrap_or_default();
        match source.on {
            On::Text if needs.is_empty() => {
                return Err("on = \"text\" wants `needs`: characters that must occur".into());
            }
            On::Digits if !needs.is_empty() => {
                return Err("on = \"digits\" takes no `needs`".into());
            }
            On::Text | On::Digits => {}
        }
        let regex = regex::RegexBuilder::new(&source.pattern)
            .size_limit(LARGEST_EXPRESSION)
            .build()
            .map_err(|error| error.to_string())?;
        if regex.is_match("") {
            return Err("this expression matches the empty text".into());
        }
        Ok(Shape {
            rule,
            on: source.on,
            needs,
            regex,
        })
    }
}

/// Calls `found` with each match of each shape.
pub(super) fn find(shapes: &[Shape], glyphs: &[Glyph], mut found: impl FnMut(RuleId, Span)) {
    let mut text = None;
    let mut digits = None;
    for shape in shapes {
        let reading = match shape.on {
            On::Text => {
                if !glyphs.iter().any(|glyph| shape.needs.contains(glyph.ch)) {
                    continue;
                }
                text.get_or_insert_with(|| Reading::text(glyphs))
            }
            On::Digits => digits.get_or_insert_with(|| Reading::digits(glyphs)),
        };
        for hit in shape
            .regex
            .find_iter(&reading.text)
            .filter(|hit| !hit.is_empty())
        {
            let (first, last) = (reading.at[hit.start()], reading.at[hit.end() - 1]);
            found(
                shape.rule,
                Span {
                    from: first.from,
                    to: last.to,
                },
            );
        }
    }
}

/// A text, and for each of its bytes the characters of the original.
#[derive(Default)]
struct Reading {
    text: String,
    at: Vec<Span>,
}

impl Reading {
    fn push(&mut self, ch: char, source: &[Glyph]) {
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

    fn text(glyphs: &[Glyph]) -> Reading {
        let mut reading = Reading::default();
        for glyph in glyphs {
            reading.push(glyph.ch, std::slice::from_ref(glyph));
        }
        reading
    }

    /// Only the numbers, without what separates their digits; all else is one space.
    fn digits(glyphs: &[Glyph]) -> Reading {
        let mut reading = Reading::default();
        let mut count = 0;
        let mut rest = glyphs;
        while let Some(first) = rest.first() {
            let letters = rest
                .iter()
                .take_while(|glyph| glyph.ch.is_alphabetic())
                .count();
            let (word, after) = rest.split_at(letters.max(1));
            rest = after;
            if let Some(digit) = digit(word) {
                count += 1;
                reading.push(digit, word);
            } else if !is_separator(first.ch) && !reading.text.ends_with(' ') {
                reading.push(' ', word);
            }
        }
        if count < FEWEST_DIGITS {
            Reading::default()
        } else {
            reading
        }
    }
}

fn is_separator(ch: char) -> bool {
    ch.is_whitespace()
        || matches!(
            ch,
            '.' | '-' | '/' | '(' | ')' | '+' | '_' | '\u{2010}'..='\u{2015}'
        )
        || fold::is_apostrophe(ch)
}

fn digit(word: &[Glyph]) -> Option<char> {
    if let [glyph] = word
        && (glyph.ch.is_ascii_digit() || glyph.ch == 'o')
    {
        return Some(if glyph.ch == 'o' { '0' } else { glyph.ch });
    }
    if !(2..=5).contains(&word.len()) {
        return None;
    }
    let word: String = word.iter().map(|glyph| glyph.ch).collect();
    Some(match word.as_str() {
        "zero" | "oh" => '0',
        "one" => '1',
        "two" => '2',
        "three" => '3',
        "four" => '4',
        "five" => '5',
        "six" => '6',
        "seven" => '7',
        "eight" => '8',
        "nine" => '9',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Span> {
        let source = ShapeSource {
            on: On::Digits,
            needs: None,
            pattern: r"\b07\d{9}\b".into(),
        };
        let shape = Shape::new(0, &source).unwrap();
        let mut spans = Vec::new();
        find(&[shape], &fold::fold(text), |_, span| spans.push(span));
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
        assert_eq!(found("07700 and 900123"), []);
    }
}
