//! Pages of a list that is in memory.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::page::{self, Page};

/// Where an entry stands in a list: the best rank first, then by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Place {
    rank: Reverse<u32>,
    id: String,
}

impl Place {
    pub fn new(rank: u32, id: &str) -> Place {
        Place {
            rank: Reverse(rank),
            id: id.into(),
        }
    }

    /// Reads a cursor; `None` where it is not one of ours.
    pub fn read(cursor: &str) -> Option<Place> {
        page::after(Some(cursor)).ok().flatten()
    }
}

/// The `limit` entries after a place. What comes and goes meanwhile neither doubles nor hides
/// the others.
pub(super) fn page<T>(
    mut entries: Vec<(Place, T)>,
    after: Option<&Place>,
    limit: usize,
) -> Page<T> {
    entries.retain(|(place, _)| after.is_none_or(|after| place > after));
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    let Page { items, next } = Page::new(entries, limit, |(place, _)| place.clone());
    Page {
        items: items.into_iter().map(|(_, entry)| entry).collect(),
        next,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_by_rank_and_id() {
        let entries = || {
            [(1, "a"), (9, "c"), (9, "b"), (0, "d")]
                .map(|(rank, id)| (Place::new(rank, id), id))
                .to_vec()
        };
        let first = page(entries(), None, 3);
        assert_eq!(first.items, ["b", "c", "a"]);
        let after = Place::read(&first.next.unwrap()).unwrap();
        let last = page(entries(), Some(&after), 3);
        assert_eq!((last.items, last.next), (vec!["d"], None));
        assert_eq!(Place::read("no cursor"), None);
    }
}
