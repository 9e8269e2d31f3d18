//! Text that somebody may have made to deceive the eye, shown so that it cannot.

use maud::{Markup, html};
use unicode_normalization::char::is_combining_mark;

/// Marks on one letter that are shown; accents need two or three.
const MARKS: usize = 4;
/// Characters of an excerpt.
const EXCERPT: usize = 80;

/// A text as it is read: what turns the writing around is named instead, and so are marks that
/// would be piled upon a letter.
pub fn readable(text: &[char]) -> Markup {
    shown(text, |c| turns_around(c).then(|| name(c)))
}

/// A short piece of a text, with everything in it named that nobody would see.
pub fn excerpt(text: &[char]) -> Markup {
    let cut = &text[..text.len().min(EXCERPT)];
    html! {
        (shown(cut, |c| is_unseen(c).then(|| name(c))))
        @if cut.len() < text.len() { "…" }
    }
}

fn shown(text: &[char], label: impl Fn(char) -> Option<String>) -> Markup {
    let (mut pieces, mut plain, mut marks) = (Vec::new(), String::new(), 0);
    let end =
        |plain: &mut String, marks: &mut usize, pieces: &mut Vec<(String, Option<String>)>| {
            let left = marks.checked_sub(MARKS).filter(|left| *left > 0);
            let left = left.map(|left| format!("{left} more marks"));
            if left.is_some() || !plain.is_empty() {
                pieces.push((std::mem::take(plain), left));
            }
            *marks = 0;
        };
    for c in text.iter().copied() {
        if is_combining_mark(c) {
            marks += 1;
            if marks <= MARKS {
                plain.push(c);
            }
            continue;
        }
        if marks > MARKS {
            end(&mut plain, &mut marks, &mut pieces);
        }
        marks = 0;
        match label(c) {
            Some(label) => pieces.push((std::mem::take(&mut plain), Some(label))),
            None => plain.push(c),
        }
    }
    end(&mut plain, &mut marks, &mut pieces);
    html! {
        @for (plain, label) in &pieces {
            (plain)
            @if let Some(label) = label { span.unseen { (label) } }
        }
    }
}

fn turns_around(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn is_unseen(c: char) -> bool {
    turns_around(c)
        || (c.is_control() && c != '\n')
        || matches!(
            c,
            '\u{00AD}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
                | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2065}'
                | '\u{206A}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
                | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}'
        )
}

fn name(c: char) -> String {
    let known = match c {
        '\u{00AD}' => "soft hyphen",
        '\u{200B}' => "zero-width space",
        '\u{200C}' => "zero-width non-joiner",
        '\u{200D}' => "zero-width joiner",
        '\u{2060}' => "word joiner",
        '\u{FEFF}' => "byte order mark",
        '\u{115F}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}' => "blank letter",
        '\u{061C}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}' => "direction sign",
        _ => return format!("U+{:04X}", u32::from(c)),
    };
    known.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(show: fn(&[char]) -> Markup, text: &str) -> String {
        let chars: Vec<char> = text.chars().collect();
        show(&chars).into_string()
    }

    #[test]
    fn what_nobody_would_see_is_named() {
        let label = |label: &str| format!("<span class=\"unseen\">{label}</span>");
        assert_eq!(
            told(excerpt, "k\u{200B}ill"),
            format!("k{}ill", label("zero-width space"))
        );
        assert_eq!(told(readable, "k\u{200B}ill"), "k\u{200B}ill");
        let turned = format!("a{}b", label("direction sign"));
        assert_eq!(told(readable, "a\u{202E}b"), turned);
        assert_eq!(told(readable, "<b>&"), "&lt;b&gt;&amp;");
        assert_eq!(
            told(excerpt, &"x".repeat(100)),
            format!("{}…", "x".repeat(80))
        );
    }

    #[test]
    fn marks_are_not_piled_up() {
        let piled = format!("e{}f", "\u{301}".repeat(1_000));
        for show in [readable, excerpt as fn(&[char]) -> Markup] {
            let told = told(show, &piled);
            assert!(told.matches('\u{301}').count() <= MARKS, "{told}");
            assert!(told.contains("more marks"), "{told}");
        }
        assert_eq!(told(readable, "e\u{301}\u{323}f"), "e\u{301}\u{323}f");
    }
}
