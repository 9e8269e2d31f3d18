//! Pages of a list that is in memory.

use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// What to send as `after` for the next page; `null` on the last one.
    pub next: Option<String>,
}

/// Where an entry stands in a list: the best rank first, then by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub rank: std::cmp::Reverse<u32>,
    pub id: String,
}

impl Place {
    pub fn new(rank: u32, id: &str) -> Place {
        Place {
            rank: std::cmp::Reverse(rank),
            id: id.into(),
        }
    }

    /// The cursor that stands for this place.
    pub fn cursor(&self) -> String {
        BASE64URL_NOPAD.encode(format!("{}:{}", self.rank.0, self.id).as_bytes())
    }

    /// Reads a cursor; `None` where it is not one of ours.
    pub fn read(cursor: &str) -> Option<Place> {
        let text = String::from_utf8(BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?).ok()?;
        let (rank, id) = text.split_once(':')?;
        Some(Place::new(rank.parse().ok()?, id))
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
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries
        .last()
        .filter(|_| more)
        .map(|(place, _)| place.cursor());
    Page {
        items: entries.into_iter().map(|(_, entry)| entry).collect(),
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
