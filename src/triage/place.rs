//! Where something stands in a text, measured in characters and in words.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::verdict::{Span, View};
use super::words::Word;

/// A stretch of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// In characters of the original.
    pub span: Span,
    /// In words, half-open; whatever view it was found in, they are those of the text's last view.
    pub words: (usize, usize),
    /// The sentences of the first and of the last word.
    pub sentences: (u32, u32),
    /// The view it was found in.
    pub view: View,
}

impl Place {
    /// Measures a stretch against the words of the text's last view.
    pub fn new(span: Span, view: View, words: &[Word]) -> Place {
        let first = words.partition_point(|word| word.to as usize <= span.from);
        let after = words
            .partition_point(|word| (word.from as usize) < span.to)
            .max(first);
        let sentence = |at: usize| words.get(at).map_or(0, |word| word.sentence);
        let last = if after > first { after - 1 } else { first };
        let sentences = (sentence(first), sentence(last));
        Place {
            span,
            words: (first, after),
            sentences,
            view,
        }
    }

    /// The stretch from the one to the other.
    pub fn join(self, other: Place) -> Place {
        let (first, last) = if self.span.from <= other.span.from {
            (self, other)
        } else {
            (other, self)
        };
        Place {
            span: self.span.join(other.span),
            words: (first.words.0, first.words.1.max(last.words.1)),
            sentences: (first.sentences.0, first.sentences.1.max(last.sentences.1)),
            view: self.view.max(other.view),
        }
    }
}

/// Of places that overlap, keeps the one from the most faithful view, then the longest.
/// The result is in the order of the text.
pub(super) fn keep_best(mut places: Vec<Place>) -> Vec<Place> {
    places.sort_by_key(|place| {
        (
            place.view,
            Reverse(place.span.to - place.span.from),
            place.span.from,
        )
    });
    let mut kept: BTreeMap<usize, Place> = BTreeMap::new();
    for place in places {
        // What is kept does not overlap, so only the last one that begins before our end can.
        let nearest = kept.range(..place.span.to.max(1)).next_back();
        if nearest.is_none_or(|(_, near)| !near.span.overlaps(place.span)) {
            kept.insert(place.span.from, place);
        }
    }
    kept.into_values().collect()
}
