//! What holds of every text.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::invariants::keeps_its_word;
use super::{Engine, Policy};
use crate::triage::engine::Wanted;

/// The packs built in.
pub(super) static ENGINE: LazyLock<Engine> = LazyLock::new(super::engine);
static POLICY: LazyLock<Policy> = LazyLock::new(Policy::shipped);

proptest! {
    #[test]
    fn a_verdict_on_any_text_keeps_its_word(text in any_text()) {
        keeps_its_word(&ENGINE, &POLICY, &text);
    }

    #[test]
    fn a_verdict_on_a_hostile_text_keeps_its_word(text in hostile()) {
        keeps_its_word(&ENGINE, &POLICY, &text);
    }
}

proptest! {
    #[test]
    fn a_verdict_does_not_depend_on_what_is_left_aside(text in hostile()) {
        let all = ENGINE.verdict_by(&text, Wanted::Everything);
        prop_assert_eq!(ENGINE.verdict(&text), all);
    }
}

#[test]
fn examples_have_the_verdict_of_all_that_is_in_them() {
    let hits = ENGINE.rules().iter().flat_map(|rule| rule.hits.first());
    let texts: Vec<&str> = hits.map(|hit| hit.text.as_str()).collect();
    for text in texts
        .iter()
        .map(|text| (*text).to_owned())
        .chain(texts.chunks(7).map(|few| few.join(". ")))
    {
        let all = ENGINE.verdict_by(&text, Wanted::Everything);
        assert_eq!(ENGINE.verdict(&text), all, "{text}");
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<char>(), 0..200).prop_map(String::from_iter)
}

/// Texts of words that the packs know, numbers, signs, invisible marks and anything else, with
/// and without spaces, some of it many times.
pub(super) fn hostile() -> impl Strategy<Value = String> {
    let part = (fragment(), prop_oneof![4 => Just(1), 1 => 2..20_usize]);
    prop::collection::vec(part, 0..40).prop_map(|parts| {
        let parts = parts
            .iter()
            .map(|(fragment, times)| fragment.repeat(*times));
        parts.collect()
    })
}

/// A piece of a hostile text.
pub(super) fn fragment() -> impl Strategy<Value = String> {
    let word = prop::sample::select(LazyLock::force(&WORDS).as_slice());
    let spaced = prop::sample::select(&[" ", " ", " ", "", ".", "\u{200b}", "\n", "👏"][..]);
    prop_oneof![
        4 => (word, spaced).prop_map(|(word, after)| format!("{word}{after}")),
        1 => any::<char>().prop_map(String::from),
        1 => "[a-z@$!|*0-9']{1,6}",
        1 => "[a-z0-9] ",
        1 => "0[0-9 ()-]{4,14}",
        4 => prop::sample::select(PIECES).prop_map(String::from),
    ]
}

static WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| ENGINE.words().collect());

/// Beginnings of what rules look for, ways to disguise it, and what a text may hide in.
const PIECES: &[&str] = &[
    "i want to ",
    "die ",
    "kill myself ",
    "killmyself",
    "my uncle ",
    "touches me ",
    "lol ",
    "used to ",
    "k y s ",
    "tonight. ",
    "i'm ",
    "07700 900123 ",
    "oh seven seven ",
    "double ",
    "too ",
    "hundred ",
    "٠٧",
    "7️⃣",
    "me@example.org ",
    " at gmail dot com ",
    "@",
    "snap: ",
    "my name is ",
    "i live at 12 ",
    "road ",
    "sw1a 1aa ",
    "https://",
    ".com ",
    "\u{202e}",
    "\u{200b}",
    "\u{301}",
    "\u{489}",
    "\u{93f}",
    "\u{fdfa}",
    "İ",
    "ß",
    "😭",
    "🇬🇧",
    "👩🏽\u{200d}🚒",
    "I",
    "\n",
    "... ",
    "(((",
    "su*c*de ",
    "**",
    "d i e ",
    "diiiie ",
    "ｄｉｅ ",
    "ki11 ",
];
