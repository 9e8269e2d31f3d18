//! Lists in pages: keyset, never OFFSET, so that a page costs the same however far down it is.

use data_encoding::BASE64URL_NOPAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Error;

/// How many items a page has where nobody says.
const DEFAULT_LIMIT: u16 = 20;
/// How many items a page has at the most.
const MAX_LIMIT: u16 = 100;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// What `after` has to be for the next page; `null` on the last.
    pub next: Option<String>,
}

/// Which page is asked for.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many items, 1 to 100; 20 where nothing is said.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u16>,
}

impl PageQuery {
    /// The number of items asked for.
    pub fn limit(&self) -> Result<usize, Error> {
        limit(self.limit)
    }

    /// The place that `after` names.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Error> {
        after(self.after.as_deref())
    }
}

/// Checks a `limit`.
pub fn limit(limit: Option<u16>) -> Result<usize, Error> {
    match limit.unwrap_or(DEFAULT_LIMIT) {
        limit @ 1..=MAX_LIMIT => Ok(limit.into()),
        _ => Err(Error::field("limit", "Expected a number from 1 to 100.")),
    }
}

/// Reads a cursor that [`Page::new`] wrote.
pub fn after<K: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<K>, Error> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok();
    match bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
        Some(key) => Ok(Some(key)),
        None => Err(Error::field(
            "after",
            "Expected the `next` of an earlier page.",
        )),
    }
}

/// Writes a place in a list as a cursor.
pub fn cursor<K: Serialize>(key: &K) -> String {
    BASE64URL_NOPAD.encode(&serde_json::to_vec(key).expect("a key is plain JSON"))
}

impl<T> Page<T> {
    /// A page of `limit` items out of `items`, of which there is one more than `limit` where
    /// there is another page; `key` says where an item stands in the list's order.
    pub fn new<K: Serialize>(mut items: Vec<T>, limit: usize, key: impl Fn(&T) -> K) -> Page<T> {
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| cursor(&key(last)));
        Page { items, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_to_where_the_page_ended() {
        let page = Page::new(vec![9, 8, 7], 2, |n| *n);
        assert_eq!(page.items, [9, 8]);
        assert_eq!(after::<i32>(page.next.as_deref()).unwrap(), Some(8));
        assert_eq!(Page::new(vec![9, 8], 2, |n| *n).next, None);
    }

    #[test]
    fn a_made_up_cursor_or_limit_is_refused() {
        assert!(after::<i32>(Some("!")).is_err());
        assert!(after::<i32>(Some("e30")).is_err());
        assert!(limit(Some(0)).is_err() && limit(Some(101)).is_err());
        assert_eq!(limit(None).unwrap(), 20);
    }
}
