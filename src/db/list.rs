//! Lists of values in a query.
//!
//! Each length of a list is a query text of its own, to be parsed and planned anew by either
//! engine. So a list is as long as the next power of two, and its last element stands there
//! again and again: few texts, which are soon all prepared. That changes nothing where elements
//! are looked for, and has to change nothing where they are stored: `ON CONFLICT DO NOTHING`, or
//! `SELECT DISTINCT` of them.

use sqlx::query_builder::Separated;
use sqlx::{Database, Encode, QueryBuilder, Type};

/// Writes `$1, $2, …` for the values, and binds them: what stands between the brackets of an
/// `IN ()`. There must be one value at the least.
pub fn push_list<DB: Database, T>(
    query: &mut QueryBuilder<DB>,
    values: impl IntoIterator<Item = T>,
) -> &mut QueryBuilder<DB>
where
    T: Clone + for<'t> Encode<'t, DB> + Type<DB>,
{
    let mut list = query.separated(", ");
    for value in padded(values) {
        list.push_bind(value);
    }
    query
}

/// Writes `VALUES (…), (…), …`, with what `bind` makes of each row between its brackets. There
/// must be one row at the least.
pub fn push_rows<DB: Database, T: Clone>(
    query: &mut QueryBuilder<DB>,
    rows: impl IntoIterator<Item = T>,
    mut bind: impl FnMut(&mut Separated<'_, DB, &'static str>, T),
) -> &mut QueryBuilder<DB> {
    query.push_values(padded(rows), |mut row, value| bind(&mut row, value))
}

/// The values, and the last of them again up to a power of two.
fn padded<T: Clone>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    if let Some(last) = values.last().cloned() {
        values.resize(values.len().next_power_of_two(), last);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_as_long_as_a_power_of_two() {
        assert_eq!(padded([0_u8; 0]), [0_u8; 0]);
        assert_eq!(padded([1]), [1]);
        assert_eq!(padded([1, 2, 3, 4, 5]), [1, 2, 3, 4, 5, 5, 5, 5]);
        let text = |rows: usize| {
            let mut query = QueryBuilder::<sqlx::Sqlite>::new("");
            push_rows(&mut query, 0..rows as i64, |row, n| {
                row.push_bind(n).push_bind(n);
            });
            query.into_string()
        };
        assert_eq!(text(3), text(4));
        assert_ne!(text(4), text(5));
    }
}
