//! One weak signal for abuse aimed at somebody: what `rustrict` thinks of the words around a
//! "you".
//!
//! It is asked only when no rule has seen risk, since it knows nothing of children in need, and
//! takes many of them for offenders. It reads folded words, and may read A to Z only as a to z:
//! its own table of substitutions can take seconds over a short post.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use rustrict::{Censor, Replacements, Type};

use super::Level;
use super::lexicon::Lexicon;
use super::verdict::{RuleMatch, Span, View};
use super::words::{Word, Words};
use super::work;

/// The id under which the signal is reported. It carries no concern, so policy can treat it as
/// the weak sign that it is.
pub const ABUSE_SIGNAL: &str = "rustrict.abuse";

/// Words that aim a sentence at somebody.
const AIMED: &[&str] = &[
    "you",
    "u",
    "ur",
    "your",
    "youre",
    "yourself",
    "urself",
    "yourselves",
    "ya",
    "yall",
    "yous",
    "youse",
];

/// So many words on each side of an aimed one are read.
const REACH: usize = 6;

/// So many words of a text are read: more than a post can hold.
const MOST_WORDS: usize = 600;

static REPLACEMENTS: LazyLock<Replacements> = LazyLock::new(|| {
    let mut replacements = Replacements::new();
    for (upper, lower) in ('A'..='Z').zip('a'..='z') {
        replacements.insert(upper, lower);
    }
    replacements
});

/// What rustrict thinks of single words, by their numbers in the lexicon: it is asked once for
/// each. A stretch of words that are all harmless is not worth its time, which is more than all
/// other rules take together.
#[derive(Debug)]
pub(super) struct Opinions(Vec<AtomicU8>);

const UNASKED: u8 = 0;
const HARMLESS: u8 = 1;
const SUSPICIOUS: u8 = 2;

impl Opinions {
    pub fn new(lexicon: &Lexicon) -> Opinions {
        let unasked = || AtomicU8::new(UNASKED);
        Opinions(
            std::iter::repeat_with(unasked)
                .take(lexicon.numbers())
                .collect(),
        )
    }

    fn is_suspicious(&self, lexicon: &Lexicon, word: &str) -> bool {
        let number = lexicon.number(word);
        let Some(opinion) = number.and_then(|number| self.0.get(number as usize)) else {
            return is_abusive(word);
        };
        match opinion.load(Relaxed) {
            UNASKED => {
                let suspicious = is_abusive(word);
                opinion.store(if suspicious { SUSPICIOUS } else { HARMLESS }, Relaxed);
                suspicious
            }
            asked => asked == SUSPICIOUS,
        }
    }
}

/// The first stretch of words that looks like abuse of somebody, if there is one.
pub(super) fn find(words: &Words, lexicon: &Lexicon, opinions: &Opinions) -> Option<RuleMatch> {
    let all = &words.as_slice()[..words.as_slice().len().min(MOST_WORDS)];
    let is_suspicious = |word: &Word| opinions.is_suspicious(lexicon, words.text(word));
    let is_abusive = |stretch: &[Word]| {
        let texts: Vec<&str> = stretch.iter().map(|word| words.text(word)).collect();
        is_abusive(&texts.join(" "))
    };
    let span = all
        .chunk_by(|one, next| one.sentence == next.sentence)
        .filter_map(|sentence| aimed(words, sentence))
        .find(|stretch| stretch.iter().any(is_suspicious) && is_abusive(stretch))
        .map(|stretch| Span {
            from: stretch[0].from as usize,
            to: stretch[stretch.len() - 1].to as usize,
        })?;
    Some(RuleMatch {
        rule: ABUSE_SIGNAL.to_owned(),
        rev: 2,
        why: "May be abuse aimed at someone (a weak sign)".to_owned(),
        span,
        view: View::V0,
        level: Level::Green,
        shadow: false,
    })
}

/// The words of a sentence around those that aim it at somebody.
fn aimed<'a>(words: &Words, sentence: &'a [Word]) -> Option<&'a [Word]> {
    work::done(sentence.len());
    let is_aimed = |word: &Word| AIMED.contains(&words.text(word));
    let first = sentence.iter().position(is_aimed)?;
    let last = sentence.iter().rposition(is_aimed)?;
    Some(&sentence[first.saturating_sub(REACH)..sentence.len().min(last + REACH + 1)])
}

fn is_abusive(text: &str) -> bool {
    work::done(text.len());
    let found = Censor::from_str(text)
        .with_replacements(&REPLACEMENTS)
        .analyze();
    let abusive = (Type::OFFENSIVE | Type::MEAN) & Type::MODERATE_OR_HIGHER;
    found.is(abusive)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::class::Classes;
    use crate::triage::fold::fold;

    fn found(text: &str) -> bool {
        let lexicon = Lexicon::new(&Classes::default(), &[], "stupid\nare\na\n", "");
        let opinions = Opinions::new(&lexicon);
        find(&Words::plain(&fold(text)), &lexicon, &opinions).is_some()
    }

    #[test]
    fn only_abuse_aimed_at_somebody_counts() {
        assert!(found("you are a stupid bitch"));
        assert!(!found("he called me a stupid bitch"), "a victim's words");
        assert!(
            !found("im such a stupid bitch. thank you all"),
            "another sentence"
        );
        assert!(!found("im queer, and thank you for reading"));
    }

    #[test]
    fn what_stalls_rustrict_is_harmless() {
        for text in ["you 89306 (7<@".repeat(4000), "u l(0".repeat(10_000)] {
            found(&text);
        }
    }
}
