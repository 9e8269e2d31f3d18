//! The pattern language of the packs, as written: words, `(a|b)`, `[optional]`, `@list`, `~n`.

use super::class::Term;
use super::fold;
use super::pack_error::Fault;
use super::words::Words;

/// A pattern as written, names not yet resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern<'a> {
    /// One word.
    Term(Term<'a>),
    /// One after the other.
    Sequence(Vec<Pattern<'a>>),
    /// Any one of them.
    Choice(Vec<Pattern<'a>>),
    /// It, or nothing.
    Optional(Box<Pattern<'a>>),
    /// A list, of another pack if named `pack.list`.
    List(&'a str),
    /// At most so many words.
    Gap(u8),
}

/// The widest gap that a pattern may leave, in words.
const WIDEST_GAP: u8 = 12;

/// How deep brackets may be nested.
const DEEPEST: usize = 12;

/// The shortest beginning of a word that may stand before `*`.
const SHORTEST_PREFIX: usize = 2;

/// Reads a pattern; the error says what is wrong with it and what to write instead.
pub(super) fn parse(source: &str) -> Result<Pattern<'_>, Fault> {
    let mut parser = Parser {
        source,
        pieces: pieces(source),
        at: 0,
    };
    let pattern = parser.sequence(0)?;
    match parser.peek() {
        None => Ok(pattern),
        Some("|") => {
            let fault = Fault::new("alternatives stand in brackets").hint("write `(a|b)`");
            Err(parser.here(fault))
        }
        Some(piece) => Err(parser.here(format!("`{piece}` closes nothing"))),
    }
}

/// Brackets and bars by themselves, and what stands between them and spaces.
fn pieces(source: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = None;
    for (at, ch) in source.char_indices() {
        let bracket = matches!(ch, '(' | ')' | '[' | ']' | '|');
        if bracket || ch.is_whitespace() {
            pieces.extend(start.take().map(|start| &source[start..at]));
        } else if start.is_none() {
            start = Some(at);
        }
        if bracket {
            pieces.push(&source[at..=at]);
        }
    }
    pieces.extend(start.map(|start| &source[start..]));
    pieces
}

struct Parser<'a> {
    source: &'a str,
    pieces: Vec<&'a str>,
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.pieces.get(self.at).copied()
    }

    /// A fault of the next piece, or of the end.
    fn here(&self, fault: impl Into<Fault>) -> Fault {
        self.of(self.at, fault)
    }

    /// A fault of a piece, or of the end.
    fn of(&self, piece: usize, fault: impl Into<Fault>) -> Fault {
        let (from, length) = match self.pieces.get(piece) {
            Some(piece) => (
                piece.as_ptr() as usize - self.source.as_ptr() as usize,
                piece.len(),
            ),
            None => (self.source.len(), 0),
        };
        fault.into().at(from..from + length)
    }

    fn sequence(&mut self, depth: usize) -> Result<Pattern<'a>, Fault> {
        if depth > DEEPEST {
            return Err(format!("brackets are nested more than {DEEPEST} deep").into());
        }
        let mut parts = Vec::new();
        while let Some(piece) = self.peek() {
            match piece {
                ")" | "]" | "|" => break,
                "(" => {
                    self.at += 1;
                    parts.push(self.choice(")", depth + 1)?);
                }
                "[" => {
                    self.at += 1;
                    parts.push(Pattern::Optional(Box::new(self.choice("]", depth + 1)?)));
                }
                piece => {
                    self.at += 1;
                    let word = word(piece).map_err(|fault| self.of(self.at - 1, fault))?;
                    parts.push(word);
                }
            }
        }
        match parts.pop() {
            None => Err(self.here(
                Fault::new("there is no word here")
                    .hint("write `[x]` for a word that may be missing"),
            )),
            Some(only) if parts.is_empty() => Ok(only),
            Some(last) => {
                parts.push(last);
                Ok(Pattern::Sequence(parts))
            }
        }
    }

    /// What stands between brackets, and the closing one.
    fn choice(&mut self, close: &str, depth: usize) -> Result<Pattern<'a>, Fault> {
        let open = self.at - 1;
        let mut alternatives = vec![self.sequence(depth)?];
        while self.peek() == Some("|") {
            self.at += 1;
            alternatives.push(self.sequence(depth)?);
        }
        if self.peek() != Some(close) {
            let fault = Fault::new(format!("a bracket is open: `{close}` is missing"));
            return Err(self.of(open, fault));
        }
        self.at += 1;
        match alternatives.pop() {
            Some(only) if alternatives.is_empty() => Ok(only),
            last => {
                alternatives.extend(last);
                Ok(Pattern::Choice(alternatives))
            }
        }
    }
}

fn word(piece: &str) -> Result<Pattern<'_>, Fault> {
    if let Some(count) = piece.strip_prefix('~') {
        return match count.parse() {
            Ok(words) if (1..=WIDEST_GAP).contains(&words) => Ok(Pattern::Gap(words)),
            _ => Err(Fault::new(format!("`{piece}` is no gap"))
                .hint(format!("a gap is `~1` to `~{WIDEST_GAP}`"))),
        };
    }
    if let Some(list) = piece.strip_prefix('@') {
        let known = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit() || "_.".contains(ch);
        if list.is_empty() || !list.chars().all(known) {
            return Err(Fault::new(format!("`{piece}` names no list"))
                .hint("a list's name is lower-case letters, digits and `_`"));
        }
        return Ok(Pattern::List(list));
    }
    let (stem, is_prefix) = match piece.strip_suffix('*') {
        Some(stem) => (stem, true),
        None => (piece, false),
    };
    // Nearly all are written so, and are read as they are.
    let is_simple = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if stem.len() >= SHORTEST_PREFIX && stem.bytes().all(is_simple) {
        return Ok(Pattern::Term(match is_prefix {
            true => Term::Prefix(stem.into()),
            false => Term::Word(stem.into()),
        }));
    }
    let glyphs = fold::fold(stem);
    let words = Words::plain(&glyphs);
    let texts: Vec<&str> = words
        .as_slice()
        .iter()
        .map(|word| words.text(word))
        .collect();
    let is_emoji = glyphs.first().is_some_and(|glyph| fold::is_emoji(glyph.ch));
    match texts.as_slice() {
        [text] if is_emoji && !is_prefix => {
            Ok(Pattern::Term(Term::Word((*text).to_owned().into())))
        }
        [text] if *text != stem => Err(Fault::new(format!(
            "`{stem}` is not written as texts are read"
        ))
        .hint(format!("write `{text}`"))),
        [_] if !is_prefix => Ok(Pattern::Term(Term::Word(stem.into()))),
        [text] if text.chars().count() >= SHORTEST_PREFIX => {
            Ok(Pattern::Term(Term::Prefix(stem.into())))
        }
        [_] => Err(
            Fault::new(format!("`{piece}` is too short a beginning")).hint(format!(
                "at least {SHORTEST_PREFIX} letters must stand before `*`"
            )),
        ),
        [] => Err(format!("`{piece}` is not a word").into()),
        several => Err(Fault::new(format!("`{stem}` is {} words", several.len()))
            .hint(format!("write `{}`", several.join(" ")))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(text: &str) -> Pattern<'_> {
        Pattern::Term(Term::Word(text.into()))
    }

    #[test]
    fn the_language_is_read() {
        assert_eq!(
            parse("@want ~2 (die|end it [all]) bully*"),
            Ok(Pattern::Sequence(vec![
                Pattern::List("want"),
                Pattern::Gap(2),
                Pattern::Choice(vec![
                    term("die"),
                    Pattern::Sequence(vec![
                        term("end"),
                        term("it"),
                        Pattern::Optional(Box::new(term("all"))),
                    ]),
                ]),
                Pattern::Term(Term::Prefix("bully".into())),
            ]))
        );
        assert_eq!(parse("❤️"), Ok(term("❤")));
    }

    #[test]
    fn mistakes_are_explained() {
        for (source, part) in [
            ("", "no word"),
            ("a (b|)", "no word"),
            ("a (b", "`)` is missing"),
            ("a] b", "closes nothing"),
            ("a|b", "in brackets"),
            ("don't", "write `dont`"),
            ("Die", "write `die`"),
            ("self-harm", "`self harm`"),
            ("~99", "a gap is"),
            ("b*", "at least 2"),
            ("@", "a list's name"),
        ] {
            let Fault { message, hint, .. } = parse(source).unwrap_err();
            let said = format!("{message}; {}", hint.unwrap_or_default());
            assert!(said.contains(part), "{source}: {said}");
        }
        let place = |source| parse(source).unwrap_err().at;
        assert_eq!(place("so (b|Die) now"), Some(6..9));
        assert_eq!(place("so (b"), Some(3..4));
        assert_eq!(place("so (b|"), Some(6..6));
        assert!(parse(&"(".repeat(10_000)).is_err());
    }
}
