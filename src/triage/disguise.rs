//! Disguises for the packs' examples: each view of the text must see through its own.

use super::verdict::Span;

/// Words shorter than this are left as they are: disguised, they are words of their own.
const SHORTEST: usize = 3;

/// What it does to a word.
type Way = fn(&str) -> String;

/// The text with the words of `span` disguised, in each way that `fold` must see through, with a
/// name for each.
pub(super) fn disguises(text: &str, span: Span, fold: u8) -> Vec<(&'static str, String)> {
    let ways: [(u8, &str, Way); 9] = [
        (0, "capitals", str::to_uppercase),
        (0, "zero-width", |word| between(word, '\u{200b}')),
        (0, "accents", |word| between(word, '\u{301}')),
        (0, "full-width", |word| {
            word.chars().map(full_width).collect()
        }),
        (1, "look-alikes", |word| {
            word.chars().map(look_alike).collect()
        }),
        (1, "digits and signs", leet),
        (1, "masked", mask),
        (2, "stretched", |word| {
            format!("{word}{}", last(word).repeat(3))
        }),
        (3, "single letters", |word| between(word, ' ')),
    ];
    let longest = words(text, span)
        .map(|(from, to)| to - from)
        .max()
        .unwrap_or(0);
    ways.into_iter()
        .filter(|(least, ..)| *least <= fold)
        .filter_map(|(least, name, way)| {
            let shortest = if least == 3 {
                longest.max(SHORTEST)
            } else {
                SHORTEST
            };
            let disguised = disguise(text, span, shortest, way);
            (disguised != text).then_some((name, disguised))
        })
        .collect()
}

/// Applies a disguise to each word of the span that is long enough.
fn disguise(text: &str, span: Span, shortest: usize, way: Way) -> String {
    let mut disguised = String::new();
    let mut done = 0;
    for (from, to) in words(text, span).filter(|(from, to)| to - from >= shortest) {
        disguised.push_str(&text[done..from]);
        disguised.push_str(&way(&text[from..to]));
        done = to;
    }
    disguised.push_str(&text[done..]);
    disguised
}

/// The bytes of each word of plain ASCII letters that lies in the span.
fn words(text: &str, span: Span) -> impl Iterator<Item = (usize, usize)> {
    let byte = |at: usize| {
        text.char_indices()
            .nth(at)
            .map_or(text.len(), |(byte, _)| byte)
    };
    let (from, to) = (byte(span.from), byte(span.to));
    let part = |ch: char| ch.is_alphanumeric() || "'’$@!|*+".contains(ch) || !ch.is_ascii();
    let inside = &text[from..to];
    inside
        .split(move |ch| !part(ch))
        .map(move |word| {
            let at = from + (word.as_ptr() as usize - inside.as_ptr() as usize);
            (at, at + word.len())
        })
        .filter(|(from, to)| {
            text[*from..*to]
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic())
        })
}

fn between(word: &str, mark: char) -> String {
    let mut marked = String::new();
    for ch in word.chars() {
        if !marked.is_empty() {
            marked.push(mark);
        }
        marked.push(ch);
    }
    marked
}

fn full_width(ch: char) -> char {
    char::from_u32(u32::from(ch) + 0xfee0).unwrap_or(ch)
}

fn look_alike(ch: char) -> char {
    match ch {
        'a' => 'а',
        'c' => 'с',
        'e' => 'е',
        'i' => 'і',
        'o' => 'о',
        'p' => 'р',
        's' => 'ѕ',
        'x' => 'х',
        'y' => 'у',
        other => other,
    }
}

/// Digits and signs for letters, but for the first letter.
fn leet(word: &str) -> String {
    let swap = |(at, ch): (usize, char)| match ch {
        _ if at == 0 => ch,
        'a' => '@',
        'e' => '3',
        'i' => '!',
        'l' => '1',
        'o' => '0',
        's' => '$',
        't' => '7',
        other => other,
    };
    word.chars().enumerate().map(swap).collect()
}

/// `su*cide`: one letter masked.
fn mask(word: &str) -> String {
    word.chars()
        .enumerate()
        .map(|(at, ch)| if at == word.len() / 2 { '*' } else { ch })
        .collect()
}

fn last(word: &str) -> &str {
    &word[word.len() - 1..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_disguises_the_span_alone() {
        let found = disguises("so i want to die now", Span { from: 5, to: 16 }, 3);
        let texts: Vec<&str> = found.iter().map(|(_, text)| text.as_str()).collect();
        assert!(texts.contains(&"so i WANT to DIE now"));
        assert!(texts.contains(&"so i w@n7 to d!3 now"));
        assert!(texts.contains(&"so i wa*t to d*e now"));
        assert!(texts.contains(&"so i w a n t to die now"));
        assert_eq!(found.len(), 9);
        assert_eq!(
            disguises("so i want to die now", Span { from: 5, to: 16 }, 0).len(),
            4
        );
    }
}
