//! Cutting what was written in one piece into words.

use std::ops::Add;

use super::work;

/// What a cut costs: letters left over, then letters in endings that no pack lists, then pieces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cost {
    left_over: usize,
    endings: usize,
    pieces: usize,
}

impl Cost {
    /// A letter that belongs to no word.
    pub const LEFT_OVER: Cost = Cost {
        left_over: 1,
        endings: 0,
        pieces: 1,
    };
    /// A known word.
    pub const PIECE: Cost = Cost::ending(0);

    /// A word with so many letters that no pack lists.
    pub const fn ending(letters: usize) -> Cost {
        Cost {
            left_over: 0,
            endings: letters,
            pieces: 1,
        }
    }
}

impl Add for Cost {
    type Output = Cost;

    fn add(self, other: Cost) -> Cost {
        Cost {
            left_over: self.left_over + other.left_over,
            endings: self.endings + other.endings,
            pieces: self.pieces + other.pieces,
        }
    }
}

/// The lengths of the pieces of the cheapest cut of `length` bytes; none where there is no cut.
/// `pieces` calls back with the length and cost of each piece that may begin at a byte.
pub(super) fn cheapest(
    length: usize,
    pieces: impl Fn(usize, &mut dyn FnMut(usize, Cost)),
) -> Option<Vec<usize>> {
    // best[at]: the cost of what is left from `at` on, and the length of its first piece.
    let mut best: Vec<Option<(Cost, usize)>> = vec![None; length + 1];
    best[length] = Some((Cost::default(), 0));
    for at in (0..length).rev() {
        let mut least: Option<(Cost, usize)> = None;
        work::done(1);
        pieces(at, &mut |piece, cost| {
            work::done(1);
            if let Some((after, _)) = best[at + piece] {
                let whole = (cost + after, piece);
                least = Some(least.map_or(whole, |least| least.min(whole)));
            }
        });
        best[at] = least;
    }
    let mut lengths = Vec::new();
    let mut at = 0;
    while at < length {
        let (_, piece) = best[at]?;
        lengths.push(piece);
        at += piece;
    }
    Some(lengths)
}
