//! The numbers in a text, however they are written: what expressions `on = "digits"` are tried on.

use super::fold::{self, Glyph};
use super::shapes::Reading;
use super::work;

/// Texts with fewer digits have no number worth a look.
const FEWEST_DIGITS: usize = 4;

/// A stretch of the text by what it can mean in a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// These digits, at most three of them.
    Digits(Digits),
    /// Says how often the next digit comes: "double".
    Times(usize),
    /// Digits where it stands between digits, else a word: "too", `oo`.
    Perhaps(Digits),
    /// Nothing, wherever it stands: a space, a dash.
    Separator,
    /// Nothing between digits: "then", an emoji.
    Filler,
    /// Nothing between two digits that each stand alone: `0,7,7`.
    Comma,
    /// Anything else.
    Other,
}

/// Up to three digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Digits {
    bytes: [u8; 3],
    length: usize,
}

impl Digits {
    fn new(text: &str) -> Digits {
        let mut bytes = [0; 3];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Digits {
            bytes,
            length: text.len(),
        }
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Only the numbers, without what separates their digits; all else is one space.
pub(super) fn read(glyphs: &[Glyph]) -> Reading {
    let tokens = tokens(glyphs);
    let is_number = |at: Option<usize>| {
        matches!(
            at.map(|at| tokens[at].0),
            Some(Token::Digits(_) | Token::Times(_))
        )
    };
    let certain = tokens
        .iter()
        .filter(|(token, _)| matches!(token, Token::Digits(_)));
    if certain.map(|(token, _)| width(*token)).sum::<usize>() < FEWEST_DIGITS {
        return Reading::default();
    }
    // What is beside a token, separators left aside.
    let beside = |mut range: Box<dyn Iterator<Item = usize>>| {
        range.find(|at| !matches!(tokens[*at].0, Token::Separator | Token::Filler))
    };
    let mut reading = Reading::default();
    let mut times = 1;
    for (at, (token, stretch)) in tokens.iter().enumerate() {
        work::done(stretch.len());
        let before = || beside(Box::new((at.saturating_sub(NEAR)..at).rev()));
        let after = || beside(Box::new(at + 1..tokens.len().min(at + 1 + NEAR)));
        let between = || is_number(before()) && is_number(after());
        let digits = match token {
            Token::Digits(digits) => Some(*digits),
            Token::Perhaps(digits) if between() => Some(*digits),
            _ => None,
        };
        if let Some(digits) = digits {
            for _ in 0..times {
                for digit in digits.as_bytes() {
                    reading.push(char::from(*digit), stretch);
                }
            }
            times = 1;
            continue;
        }
        match token {
            Token::Times(count) if is_number(after()) => times = *count,
            Token::Separator => {}
            Token::Filler if between() => {}
            Token::Comma
                if between() && is_single(&tokens, before()) && is_single(&tokens, after()) => {}
            _ => {
                times = 1;
                if !reading.ends_with(' ') {
                    reading.push(' ', stretch);
                }
            }
        }
    }
    reading
}

/// So many tokens away a neighbour is looked for.
const NEAR: usize = 4;

fn width(token: Token) -> usize {
    match token {
        Token::Digits(digits) => digits.length,
        _ => 0,
    }
}

/// Whether a digit has no other digit directly beside it.
fn is_single(tokens: &[(Token, &[Glyph])], at: Option<usize>) -> bool {
    let digit = |at: Option<usize>| {
        at.and_then(|at| tokens.get(at))
            .map_or(0, |(token, _)| width(*token))
    };
    at.is_some_and(|at| {
        digit(Some(at)) == 1 && digit(at.checked_sub(1)) == 0 && digit(Some(at + 1)) == 0
    })
}

fn tokens(glyphs: &[Glyph]) -> Vec<(Token, &[Glyph])> {
    let mut tokens = Vec::with_capacity(glyphs.len() / 3);
    let mut rest = glyphs;
    while let Some(first) = rest.first() {
        let run = rest
            .iter()
            .take_while(|glyph| glyph.ch.is_alphanumeric())
            .count();
        let (stretch, after) = rest.split_at(run.max(1));
        rest = after;
        if run == 0 {
            tokens.push((sign(first.ch), stretch));
        } else if stretch.iter().all(|glyph| value(glyph.ch).is_some()) {
            for glyph in stretch.chunks(1) {
                tokens.push((Token::Digits(digit(glyph[0].ch)), glyph));
            }
        } else if stretch.len() <= LONGEST_WORD {
            let word: String = stretch.iter().map(|glyph| glyph.ch).collect();
            match mixed(&word) {
                // `o77oo`: letters that stand for digits, beside some that are.
                Some(digits) => {
                    for (digits, glyph) in digits.into_iter().zip(stretch.chunks(1)) {
                        tokens.push((Token::Digits(digits), glyph));
                    }
                }
                None => tokens.push((spelt(&word), stretch)),
            }
        } else {
            tokens.push((Token::Other, stretch));
        }
    }
    tokens
}

const LONGEST_WORD: usize = 12;

/// The value of a decimal digit of any of the scripts that young people here write.
fn value(ch: char) -> Option<u32> {
    const ZEROES: [char; 5] = ['0', '\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}'];
    ZEROES
        .iter()
        .filter_map(|zero| u32::from(ch).checked_sub(u32::from(*zero)))
        .find(|value| *value < 10)
        .or(match ch {
            '\u{2776}'..='\u{277e}' => Some(u32::from(ch) - 0x2775), // ❶
            '\u{2780}'..='\u{2788}' => Some(u32::from(ch) - 0x277f), // ➀
            '\u{278a}'..='\u{2792}' => Some(u32::from(ch) - 0x2789), // ➊
            '\u{24ff}' => Some(0),
            _ => None,
        })
}

fn digit(ch: char) -> Digits {
    let value = value(ch)
        .and_then(|value| char::from_digit(value, 10))
        .unwrap_or('0');
    Digits {
        bytes: [value as u8, 0, 0],
        length: 1,
    }
}

/// Digits and letters that look like digits, at least one of them a digit.
fn mixed(word: &str) -> Option<Vec<Digits>> {
    if !word.chars().any(|ch| value(ch).is_some()) {
        return None;
    }
    word.chars()
        .map(|ch| match ch {
            _ if value(ch).is_some() => Some(digit(ch)),
            'o' | 'q' => Some(Digits::new("0")),
            'l' | 'i' => Some(Digits::new("1")),
            'z' => Some(Digits::new("2")),
            's' => Some(Digits::new("5")),
            'b' => Some(Digits::new("8")),
            _ => None,
        })
        .collect()
}

fn sign(ch: char) -> Token {
    match ch {
        '.' | '-' | '/' | '(' | ')' | '+' | '_' | '\u{2010}'..='\u{2015}' => Token::Separator,
        ',' | ':' => Token::Comma,
        '*' | '|' | '~' | '=' | '#' | '>' => Token::Filler,
        _ if ch.is_whitespace() || fold::is_apostrophe(ch) => Token::Separator,
        _ if value(ch).is_some() => Token::Digits(digit(ch)),
        _ if fold::is_emoji(ch) => Token::Filler,
        _ => Token::Other,
    }
}

/// A number word, in the spellings that are read out.
fn spelt(word: &str) -> Token {
    let digits = match word {
        "zero" | "oh" | "o" | "nought" | "naught" | "nowt" | "zeero" => "0",
        "one" | "wun" => "1",
        "two" => "2",
        "three" | "thre" => "3",
        "four" | "fore" => "4",
        "five" | "fiv" => "5",
        "six" | "siks" => "6",
        "seven" | "sevn" => "7",
        "eight" => "8",
        "nine" | "nien" | "niner" => "9",
        "ten" => "10",
        "eleven" => "11",
        "twelve" => "12",
        "thirteen" => "13",
        "fourteen" => "14",
        "fifteen" => "15",
        "sixteen" => "16",
        "seventeen" => "17",
        "eighteen" => "18",
        "nineteen" => "19",
        // "seventy seven" is 77: the unit follows.
        "twenty" => "2",
        "thirty" => "3",
        "forty" | "fourty" => "4",
        "fifty" => "5",
        "sixty" => "6",
        "seventy" => "7",
        "eighty" => "8",
        "ninety" => "9",
        "double" | "dubble" | "duble" => return Token::Times(2),
        "treble" | "triple" | "tripple" => return Token::Times(3),
        "then" | "and" | "dash" | "space" | "dot" | "star" | "x" | "plus" => return Token::Filler,
        "too" => return Token::Perhaps(Digits::new("2")),
        "ate" => return Token::Perhaps(Digits::new("8")),
        "oo" => return Token::Perhaps(Digits::new("00")),
        "ll" => return Token::Perhaps(Digits::new("11")),
        "l" | "i" => return Token::Perhaps(Digits::new("1")),
        "hundred" => return Token::Perhaps(Digits::new("00")),
        "thousand" => return Token::Perhaps(Digits::new("000")),
        _ => return Token::Other,
    };
    Token::Digits(Digits::new(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        super::read(&fold::fold(text)).text().trim().to_owned()
    }

    #[test]
    fn numbers_are_read_however_they_are_written() {
        for text in [
            "07700 900123",
            "0 7 7 0 0, 9 0 0 1 2 3",
            "oh seven seven double oh nine hundred one two three",
            "O77oo 9oo l23",
            "٠٧٧٠٠٩٠٠١٢٣",
            "0️⃣7️⃣7️⃣0️⃣0️⃣ 9️⃣0️⃣0️⃣ 1️⃣2️⃣3️⃣",
            "07*700*900*123",
            "07700 then 900 then 123",
            "0,7,7,0,0,9,0,0,1,2,3",
        ] {
            let read: String = read(text).split(' ').collect();
            assert_eq!(read, "07700900123", "{text}");
        }
        assert_eq!(read("i have two cats and for one year"), "");
        assert_eq!(read("07:00 to 09:30"), "07 00 09 30");
        assert_eq!(read("seventy seven and 4455"), "774455");
        assert_eq!(read("we won 3-1 in 2024"), "31 2024");
    }
}
