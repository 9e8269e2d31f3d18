//! Words with what the rules matched marked in them, and what is hidden from others.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::super::page;
use super::sent::Sent;
use super::unseen;
use crate::triage::{Level, RuleMatch, Span, View};

/// A text, and what is said of it.
pub struct Marked<'a> {
    /// The words.
    pub text: &'a str,
    /// How much risk there is in them.
    pub level: Level,
    /// What the rules matched.
    pub matches: &'a [RuleMatch],
    /// What is hidden from others.
    pub hidden: &'a [Span],
    /// Sets the numbers of this text apart from those of others on the page.
    pub prefix: &'a str,
}

impl Marked<'_> {
    /// The words. Where matches overlap, each piece is marked by itself, and each match has its
    /// number where it ends.
    pub fn words(&self) -> Markup {
        let chars: Vec<char> = self.text.chars().collect();
        let spans: Vec<Span> = self.spans(chars.len());
        let hidden: Vec<Span> = self
            .hidden
            .iter()
            .map(|span| within(*span, chars.len()))
            .collect();
        let mut cuts = BTreeSet::from([0, chars.len()]);
        cuts.extend((spans.iter().chain(&hidden)).flat_map(|span| [span.from, span.to]));
        let cuts: Vec<usize> = cuts.into_iter().collect();
        let is_in =
            |spans: &[Span], at: usize| spans.iter().any(|span| span.from <= at && at < span.to);
        html! {
            div.words dir="auto" data-sensitive=(self.level.as_str()) {
                @for piece in cuts.windows(2) {
                    @let words = unseen::readable(&chars[piece[0]..piece[1]]);
                    @match (is_in(&spans, piece[0]), is_in(&hidden, piece[0])) {
                        (_, true) => {
                            mark.masked title="Hidden from others" { (words) }
                        }
                        (true, false) => { mark { (words) } }
                        (false, false) => { (words) }
                    }
                    @for (n, _) in spans.iter().enumerate()
                        .filter(|(_, span)| span.from < span.to && span.to == piece[1]) {
                        sup.ref id={ (self.prefix) "at-" (n + 1) } {
                            a href={ "#" (self.prefix) "why-" (n + 1) } { (n + 1) }
                        }
                    }
                }
            }
        }
    }

    /// What was matched, by number. `hiding` is the form in which a match can be chosen to be
    /// hidden, and what was chosen in it.
    pub fn reasons(&self, hiding: Option<(&str, &Sent)>) -> Markup {
        let chars: Vec<char> = self.text.chars().collect();
        let spans = self.spans(chars.len());
        html! {
            @if self.matches.is_empty() {
                p.note { "No rule matched anything in it." }
            } @else {
                ol.reasons {
                    @for (n, (found, span)) in self.matches.iter().zip(&spans).enumerate() {
                        li id={ (self.prefix) "why-" (n + 1) } {
                            p {
                                a href={ "#" (self.prefix) "at-" (n + 1) } {
                                    q { bdi { (unseen::excerpt(&chars[span.from..span.to])) } }
                                }
                                " " (page::level(found.level))
                                @if found.shadow { " " span.tag { "on trial: changes nothing" } }
                            }
                            p { (found.why) }
                            p.note.small {
                                code { (found.rule) } " revision " (found.rev) ", "
                                (view(found.view)) ", characters "
                                (found.span.from) "–" (found.span.to)
                            }
                            @if let Some((form, sent)) = hiding {
                                @let place = format!("{}-{}", span.from, span.to);
                                label.inline {
                                    input type="checkbox" name="mask_span" form=(form)
                                        value=(place) checked[sent.has("mask_span", &place)];
                                    "Hide these words"
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn spans(&self, length: usize) -> Vec<Span> {
        let matches = self.matches.iter();
        matches.map(|found| within(found.span, length)).collect()
    }
}

/// As much of a stretch as there is of the text: words may be erased, and their places not.
fn within(span: Span, length: usize) -> Span {
    let to = span.to.min(length);
    Span {
        from: span.from.min(to),
        to,
    }
}

/// How a rule had to read a text to find its words.
fn view(view: View) -> &'static str {
    match view {
        View::V0 => "read as written, but for signs that nobody sees",
        View::V1 => "read with look-alike signs as letters",
        View::V2 => "read with stretched words shortened",
        View::V3 => "read with single letters joined",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(from: usize, to: usize) -> RuleMatch {
        RuleMatch {
            rule: "a.rule".into(),
            rev: 3,
            why: "Because <of> it".into(),
            span: Span { from, to },
            view: View::V1,
            level: Level::Red,
            shadow: false,
        }
    }

    fn words(text: &str, matches: &[RuleMatch], hidden: &[(usize, usize)]) -> String {
        let hidden: Vec<Span> = hidden.iter().map(|span| (*span).into()).collect();
        let marked = Marked {
            text,
            level: Level::Red,
            matches,
            hidden: &hidden,
            prefix: "",
        };
        let told = marked.words().into_string();
        let (_, told) = told.split_once('>').unwrap();
        told.strip_suffix("</div>").unwrap().to_owned()
    }

    fn sup(n: usize) -> String {
        format!("<sup class=\"ref\" id=\"at-{n}\"><a href=\"#why-{n}\">{n}</a></sup>")
    }

    #[test]
    fn spans_that_overlap_are_split() {
        let told = words("abcdef", &[found(0, 4), found(2, 6)], &[]);
        let expected = format!(
            "<mark>ab</mark><mark>cd</mark>{}<mark>ef</mark>{}",
            sup(1),
            sup(2)
        );
        assert_eq!(told, expected);
    }

    #[test]
    fn words_are_counted_in_characters_and_never_read_as_html() {
        let told = words("é<b> x", &[found(1, 4)], &[]);
        assert_eq!(told, format!("é<mark>&lt;b&gt;</mark>{} x", sup(1)));
    }

    #[test]
    fn what_is_hidden_is_shown_as_such() {
        let told = words("call 07 now", &[], &[(5, 7)]);
        let expected = "call <mark class=\"masked\" title=\"Hidden from others\">07</mark> now";
        assert_eq!(told, expected);
    }

    #[test]
    fn places_without_words_break_nothing() {
        assert_eq!(words("", &[found(3, 9)], &[(1, 2)]), "");
        assert_eq!(
            words("abc", &[found(2, 9)], &[]),
            format!("ab<mark>c</mark>{}", sup(1))
        );
    }
}
