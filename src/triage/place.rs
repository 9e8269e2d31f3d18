//! Where something stands in a text, measured in characters and in words.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::verdict::{Span, View};
use super::words::Word;
use super::work;

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
        work::done(1);
        // What is kept does not overlap, so only the last one that begins before our end can.
        let nearest = kept.range(..place.span.to.max(1)).next_back();
        if nearest.is_none_or(|(_, near)| !near.span.overlaps(place.span)) {
            kept.insert(place.span.from, place);
        }
    }
    kept.into_values().collect()
}

/// The places of many rules or cues. Few of them match in any text, so there is no list for each.
#[derive(Debug)]
pub(super) struct Places {
    /// Whose the places are, in order; and the places.
    owners: Vec<u32>,
    places: Vec<Place>,
    /// Whether an owner has any: a bit for each.
    present: Vec<u64>,
}

impl Places {
    /// Sorts places by their owners, of which there are so many, and by where they stand.
    pub fn new(mut all: Vec<(u32, Place)>, owners: usize) -> Places {
        all.sort_unstable_by_key(|(owner, place)| (*owner, place.span, place.view));
        let mut places = Places {
            owners: Vec::with_capacity(all.len()),
            places: Vec::with_capacity(all.len()),
            present: vec![0; owners.div_ceil(64)],
        };
        for (owner, place) in all {
            work::done(1);
            places.present[owner as usize / 64] |= 1 << (owner % 64);
            places.owners.push(owner);
            places.places.push(place);
        }
        places
    }

    /// Every place with its owner, owner by owner.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Place)> {
        let owners = self.owners.iter().map(|owner| *owner as usize);
        owners.zip(self.places.iter().copied())
    }

    pub fn has(&self, owner: usize) -> bool {
        self.present[owner / 64] & 1 << (owner % 64) != 0
    }

    /// The places of one owner, in the order of the text.
    pub fn of(&self, owner: usize) -> &[Place] {
        if !self.has(owner) {
            return &[];
        }
        let from = self
            .owners
            .partition_point(|other| (*other as usize) < owner);
        let to = self.owners[from..].partition_point(|other| *other as usize == owner);
        &self.places[from..from + to]
    }

    pub fn add(&mut self, owner: usize, place: Place) {
        work::done(self.places.len() / 16);
        let key = (owner as u32, place.span);
        let first = self.owners.partition_point(|other| *other < key.0);
        let of_owner = self.owners[first..].partition_point(|other| *other == key.0);
        let own = &self.places[first..first + of_owner];
        let at = first + own.partition_point(|other| other.span <= key.1);
        self.present[owner / 64] |= 1 << (owner % 64);
        self.owners.insert(at, owner as u32);
        self.places.insert(at, place);
    }
}

/// Of the places of each owner, those that [`keep_best`] keeps, of the first `most`; and the owners
/// that have more.
pub(super) fn best_of_each(
    mut all: Vec<(u32, Place)>,
    most: usize,
) -> (Vec<(u32, Place)>, Vec<u32>) {
    all.sort_by_key(|(owner, _)| *owner);
    let mut crowded = Vec::new();
    let of_one = all.chunk_by(|(one, _), (next, _)| one == next);
    let best = of_one
        .flat_map(|chunk| {
            let owner = chunk[0].0;
            if chunk.len() > most {
                crowded.push(owner);
            }
            let places = chunk.iter().take(most).map(|(_, place)| *place);
            let best = match chunk.len() {
                1 => places.collect(),
                _ => keep_best(places.collect()),
            };
            best.into_iter().map(move |place| (owner, place))
        })
        .collect();
    (best, crowded)
}
