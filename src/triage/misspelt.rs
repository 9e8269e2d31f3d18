//! Long words of the packs with one letter wrong.
//!
//! After W. Garbe's SymSpell: two words that differ by one letter missed, added, changed or
//! swapped share a form with one letter deleted. So each known word is filed under each of its
//! forms with a letter less, and a look-up costs as many probes as the word has letters.

use std::hash::BuildHasher;

use super::rows::{HASHER, Rows, Texts};
use super::work;

/// Shorter words have too many neighbours that are words of their own.
const SHORTEST: usize = 6;

/// Longer ones are no words.
const LONGEST: usize = 20;

#[derive(Debug)]
pub(super) struct Misspelt {
    words: Texts,
    /// By the hash of a form: the words that are it, or become it when a letter is deleted.
    filed: Rows<u32>,
}

impl Misspelt {
    pub fn new<'a>(known: impl Iterator<Item = &'a str>) -> Misspelt {
        let mut words = Texts::default();
        let mut filed = Vec::new();
        for (number, word) in (0..).zip(known.filter(|word| is_eligible(word, SHORTEST))) {
            words.push(word);
            each_form(word.as_bytes(), |form| {
                filed.push((HASHER.hash_one(form), number))
            });
        }
        let rows = filed.len().next_power_of_two();
        let filed = filed.iter().map(|(hash, word)| (row(*hash, rows), *word));
        Misspelt {
            words,
            filed: Rows::gather(rows, filed),
        }
    }

    /// The known word that this one, which is none, was meant to be. The first letter is never
    /// wrong.
    pub fn meant(&self, word: &str) -> Option<&str> {
        if !is_eligible(word, SHORTEST - 1) {
            return None;
        }
        let mut meant: Option<&str> = None;
        each_form(word.as_bytes(), |form| {
            work::done(1);
            for number in self.filed.of(row(HASHER.hash_one(form), self.filed.len())) {
                work::done(1);
                let known = self.words.of(*number as usize);
                if meant.is_none()
                    && is_form(form, known.as_bytes())
                    && is_near(word.as_bytes(), known.as_bytes())
                {
                    meant = Some(known);
                }
            }
        });
        meant
    }
}

/// Where the forms of a hash are filed, in so many rows, a power of two.
fn row(hash: u64, rows: usize) -> usize {
    hash as usize & (rows - 1)
}

/// Whether a word is this form, or becomes it when a letter but the first is deleted: others are
/// filed in the same row.
fn is_form(form: &[u8], word: &[u8]) -> bool {
    let same = form.iter().zip(word).take_while(|(a, b)| a == b).count();
    form == word || (same > 0 && word.get(same + 1..) == Some(&form[same..]))
}

fn is_eligible(word: &str, shortest: usize) -> bool {
    (shortest..=LONGEST).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// The word itself, and with each letter but the first deleted.
fn each_form(word: &[u8], mut seen: impl FnMut(&[u8])) {
    seen(word);
    let mut form = Vec::with_capacity(word.len());
    for at in 1..word.len() {
        form.clear();
        form.extend_from_slice(&word[..at]);
        form.extend_from_slice(&word[at + 1..]);
        seen(&form);
    }
}

/// Whether one letter missed, added, changed or swapped makes the one word of the other.
fn is_near(word: &[u8], known: &[u8]) -> bool {
    let same = word.iter().zip(known).take_while(|(a, b)| a == b).count();
    if same == 0 {
        return false;
    }
    let (word, known) = (&word[same..], &known[same..]);
    match (word, known) {
        ([], [_]) | ([_], []) => true,
        ([], _) | (_, []) => false,
        ([a, word @ ..], [b, known @ ..]) => {
            let swapped = word.first() == Some(b)
                && known.first() == Some(a)
                && word.get(1..) == known.get(1..);
            // Missed: the known word has one more letter here. Added: the other one has.
            let missed = known.strip_prefix(&[*a]) == Some(word);
            let added = word.strip_prefix(&[*b]) == Some(known);
            word == known || swapped || missed || added
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_letter_is_forgiven() {
        let misspelt = Misspelt::new(["suicide", "cutting", "overdose", "die"].into_iter());
        for word in [
            "sucide", "suicde", "suiicide", "suicidee", "suiside", "siucide",
        ] {
            assert_eq!(misspelt.meant(word), Some("suicide"), "{word}");
        }
        assert_eq!(misspelt.meant("overdos"), Some("overdose"));
        for word in [
            "putting",
            "suiciide5",
            "seicede",
            "dye",
            "sucde",
            "suicidal",
        ] {
            assert_eq!(misspelt.meant(word), None, "{word}");
        }
    }
}
