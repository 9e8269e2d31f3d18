//! No text makes triage slow: its work grows no faster than the text, whatever it holds. Work is
//! counted, not timed, so that a busy machine proves nothing. What is counted of rustrict and of an
//! expression is the bytes that it is given, and how often it is given them.

use proptest::prelude::*;

use super::properties::{ENGINE, fragment};
use crate::triage::work;

/// The shortest text, in bytes; each is compared with the one half as long.
const SHORTEST: usize = 1 << 10;

/// The longest. A build without optimisations needs seconds for more.
const LONGEST: usize = if cfg!(debug_assertions) {
    1 << 14
} else {
    1 << 16
};

/// So many steps a text may take that a shorter one does not: the first window, the first match.
const ONCE: u64 = 50_000;

/// The most steps that a byte may take. The packs' own examples, all of them in a row, take 500.
const MOST_A_BYTE: u64 = 4_000;

fn steps(text: &str) -> u64 {
    work::of(|| drop(ENGINE.verdict(text)))
}

/// Fails where twice the text is more than two and a half times the work; says how much it is.
#[track_caller]
fn assert_linear(name: &str, text: impl Fn(usize) -> String) {
    let mut size = SHORTEST;
    let mut before = steps(&text(size));
    let mut growth = String::new();
    while size < LONGEST {
        size *= 2;
        let now = steps(&text(size));
        assert!(
            now <= before * 5 / 2 + ONCE && now <= MOST_A_BYTE * size as u64,
            "{name}: {now} steps for {size} bytes, {before} for half of them"
        );
        growth.push_str(&format!(" {:.2}", now as f64 / before.max(1) as f64));
        before = now;
    }
    println!(
        "{:>5} steps a byte, growing by{growth}: {name}",
        before / size as u64
    );
}

/// So many bytes of a text that is repeated.
fn repeated(unit: &str, size: usize) -> String {
    let mut text = unit.repeat(size / unit.len() + 1);
    text.truncate(text.floor_char_boundary(size));
    text
}

/// Neighbours in the packs say much the same: they are set apart.
fn mixed(texts: &[&str], between: &str) -> String {
    let mixed: Vec<&str> = (0..texts.len())
        .map(|at| texts[at * 7919 % texts.len()])
        .collect();
    mixed.join(between)
}

#[test]
fn what_is_repeated() {
    for unit in UNITS {
        assert_linear(&format!("{unit:?}"), |size| repeated(unit, size));
    }
}

#[test]
fn every_word_of_the_packs() {
    let words: Vec<&str> = ENGINE.words().collect();
    for between in ["", " ", ". "] {
        let all = mixed(&words, between);
        let name = format!("every word of the packs, with {between:?} between them");
        assert_linear(&name, |size| repeated(&all, size));
    }
}

#[test]
fn everything_that_rules_must_hit() {
    let hits = ENGINE.rules().iter().flat_map(|rule| &rule.hits);
    let hits: Vec<&str> = hits.map(|hit| hit.text.as_str()).collect();
    for between in [" ", ". "] {
        let all = mixed(&hits, between);
        let name = format!("all that rules must hit, with {between:?} between");
        assert_linear(&name, |size| repeated(&all, size));
    }
}

#[test]
fn brackets_in_brackets() {
    for (open, close) in [("(", ")"), ("[(", ")]"), ("<*", "*>")] {
        assert_linear(open, |size| {
            let deep = size / open.len() / 2;
            format!("{}die{}", open.repeat(deep), close.repeat(deep))
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn anything_repeated(unit in prop::collection::vec(fragment(), 1..8)) {
        let unit = unit.concat();
        let text = |size| repeated(&unit, size);
        let (half, whole) = (steps(&text(4 << 10)), steps(&text(8 << 10)));
        prop_assert!(whole <= half * 5 / 2 + ONCE, "{half}, then {whole} steps");
    }
}

/// What stalls others, and worse.
const UNITS: &[&str] = &[
    "89306 (7<@",
    "l(0",
    "you 89306 (7<@ ",
    "a",
    "a ",
    "i ",
    "I",
    "1 ",
    "abcdefghijklmnopqrstuvwxyz",
    "k y s ",
    "a b c ",
    "s.u.i.c.i.d.e",
    "d i e ",
    "i want to die ",
    "die ",
    "die lol ",
    "kill myself used to ",
    "killmyself",
    "killmyself ",
    "iwanttodie ",
    "i was in the and to of ",
    "ki11 my$e1f ",
    "m3 1 w@nt ",
    "d*e s***e ",
    "a* ",
    "*a",
    "*",
    "a!",
    "a!!!!!!!!",
    "!",
    "$a",
    "@",
    "@a",
    "a@b.co ",
    "@ab ",
    "a.b@",
    "'",
    "a'",
    ".",
    "(",
    "[({<",
    " ",
    "\n",
    "z\u{301}",
    "\u{301}",
    "\u{93f}",
    "\u{202e}\u{200b}",
    "\u{fdfa}",
    "😭",
    "😭 ",
    "k👏y👏s👏",
    "🇬",
    "👩🏽\u{200d}🚒",
    "07",
    "07 ",
    "0",
    "0,",
    "07700 900123 ",
    "oh seven seven ",
    "double seven ",
    "double ",
    "hundred ",
    "l o ",
    "e1 1aa ",
    "12 a road, ",
    "12 aa bb road, aa road ",
    "my uncle touches me ",
    "my name is sam smith from leeds ",
    "u bitch ",
    "you are a stupid bitch. ",
    "you fuck",
    "ass",
    "suicidal suicidaly sucidal ",
    "soooo diiie ",
    "https://a.b/",
    "www.",
    "sui cide ",
    "snap: abc_1 ",
];
