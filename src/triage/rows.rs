//! Many short lists in a few pieces of memory: made at once, freed at once, close together.

use std::hash::{BuildHasher, Hash};

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// A list for each of many things, one after the other.
#[derive(Debug, Clone)]
pub(super) struct Rows<T> {
    ends: Vec<u32>,
    items: Vec<T>,
}

impl<T> Default for Rows<T> {
    fn default() -> Rows<T> {
        Rows {
            ends: Vec::new(),
            items: Vec::new(),
        }
    }
}

impl<T> Rows<T> {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Adds a row.
    pub fn push(&mut self, row: impl IntoIterator<Item = T>) {
        self.items.extend(row);
        self.ends.push(self.items.len() as u32);
    }

    pub fn of(&self, at: usize) -> &[T] {
        let start = match at {
            0 => 0,
            at => self.ends[at - 1],
        };
        &self.items[start as usize..self.ends[at] as usize]
    }

    /// Every row, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[T]> + Clone {
        (0..self.len()).map(|at| self.of(at))
    }
}

impl<T: Copy + Default> Rows<T> {
    /// So many rows of items that come in any order, each with its row. Those of one row stay in
    /// order.
    pub fn gather(rows: usize, items: impl Iterator<Item = (usize, T)> + Clone) -> Rows<T> {
        let mut ends = vec![0; rows];
        for (row, _) in items.clone() {
            ends[row] += 1;
        }
        let mut all = 0;
        for count in &mut ends {
            all += std::mem::replace(count, all);
        }
        // Each is where its row begins, and moves to where it ends as the row is filled.
        let mut gathered = vec![T::default(); all as usize];
        for (row, item) in items {
            gathered[ends[row] as usize] = item;
            ends[row] += 1;
        }
        Rows {
            ends,
            items: gathered,
        }
    }
}

/// Lists numbered by what they hold: the same list is kept once.
#[derive(Debug)]
pub(super) struct Slices<T> {
    rows: Rows<T>,
    known: HashTable<u32>,
}

/// What is hashed is ours: nobody else can fill a table up.
pub(super) const HASHER: FixedState = FixedState::with_seed(0);

impl<T> Default for Slices<T> {
    fn default() -> Slices<T> {
        Slices {
            rows: Rows::default(),
            known: HashTable::new(),
        }
    }
}

impl<T: Copy + Eq + Hash> Slices<T> {
    /// The number of a list.
    pub fn number(&mut self, list: &[T]) -> u32 {
        let Slices { rows, known } = self;
        let entry = known.entry(
            HASHER.hash_one(list),
            |other| rows.of(*other as usize) == list,
            |other| HASHER.hash_one(rows.of(*other as usize)),
        );
        match entry {
            Entry::Occupied(number) => *number.get(),
            Entry::Vacant(place) => {
                let number = rows.len() as u32;
                place.insert(number);
                rows.push(list.iter().copied());
                number
            }
        }
    }

    /// How many lists there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The list of a number.
    pub fn of(&self, number: u32) -> &[T] {
        self.rows.of(number as usize)
    }

    /// The lists by their numbers.
    pub fn into_rows(self) -> Rows<T> {
        self.rows
    }
}

/// Many short texts, one after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
    }

    pub fn of(&self, at: usize) -> &str {
        let start = match at {
            0 => 0,
            at => self.ends[at - 1],
        };
        &self.text[start as usize..self.ends[at] as usize]
    }

    /// Every text, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.of(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_gathered_by_their_rows() {
        let items = [(2, 'a'), (0, 'b'), (2, 'c')];
        let rows = Rows::gather(4, items.into_iter());
        let rows: Vec<&[char]> = rows.iter().collect();
        assert_eq!(rows, [&['b'][..], &[], &['a', 'c'], &[]]);
    }

    #[test]
    fn the_same_list_has_one_number() {
        let mut slices = Slices::default();
        let numbers = [&[1, 2][..], &[], &[1, 2], &[2]].map(|list| slices.number(list));
        assert_eq!(numbers, [0, 1, 0, 2]);
        assert_eq!(slices.of(2), [2]);
    }
}
