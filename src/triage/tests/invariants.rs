//! What every verdict promises. The fuzzer holds them too: `tests/fuzz`.

use super::triage::{Engine, Policy, Span};

/// Reads a text, and panics where its verdict does not keep its word.
pub fn keeps_its_word(engine: &Engine, policy: &Policy, text: &str) {
    let verdict = engine.verdict(text);
    let chars: Vec<char> = text.chars().collect();
    let within = |span: &Span| span.from < span.to && span.to <= chars.len();
    for found in &verdict.matches {
        assert!(within(&found.span), "{found:?} in {text:?}");
        assert!(found.shadow || found.level <= verdict.level, "{found:?}");
    }
    let most_serious_first = |levels: &[_]| levels.is_sorted_by(|one, next| one >= next);
    let levels: Vec<_> = verdict.matches.iter().map(|found| found.level).collect();
    assert!(most_serious_first(&levels), "{levels:?}");
    assert!(verdict.topics.is_sorted_by(|one, next| one < next));
    assert!(verdict.concerns.is_sorted_by(|one, next| one < next));

    let masks = &verdict.masks;
    assert!(masks.iter().all(within), "{masks:?} in {text:?}");
    let apart = |one: &Span, next: &Span| one.to < next.from;
    assert!(masks.is_sorted_by(apart), "{masks:?} in {text:?}");
    // Between what is hidden, everything is shown; of what is hidden, nothing is.
    let mut shown = String::new();
    let mut at = 0;
    for mask in masks {
        shown.extend(&chars[at..mask.from]);
        shown.push_str("[hidden]");
        at = mask.to;
    }
    shown.extend(&chars[at..]);
    let masked = policy.masked(text, &verdict);
    assert_eq!(masked, (!masks.is_empty()).then_some(shown), "{text:?}");

    assert_eq!(
        engine.verdict(text),
        verdict,
        "the same text, another verdict"
    );
}
