//! What there is to carry: every table of both schemas, those that others refer to first.

use std::collections::BTreeMap;

use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;

use super::TransferError;

/// What a column holds, named by its type in PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bigint,
    Boolean,
    Bytea,
    Jsonb,
    Text,
    Uuid,
}

/// A table: its columns, and those of its primary key in their order.
#[derive(Debug)]
pub(super) struct Columns {
    pub name: String,
    pub columns: Vec<(String, Kind)>,
    key: Vec<String>,
}

impl Columns {
    /// The names, with commas between them.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    }

    /// Every row, in an order that both engines agree on.
    pub fn select(&self, collation: &str) -> String {
        let of_text = |name: &String| {
            let text = (self.columns.iter()).any(|column| column == &(name.clone(), Kind::Text));
            format!("{name}{}", if text { collation } else { "" })
        };
        let key: Vec<String> = self.key.iter().map(of_text).collect();
        let (names, table) = (self.names(), &self.name);
        format!("SELECT {names} FROM {table} ORDER BY {}", key.join(", "))
    }
}

const HERE: &str = "
    SELECT t.name, c.name, c.pk FROM sqlite_schema t JOIN pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name <> '_sqlx_migrations'
    ORDER BY t.name, c.cid";
const REFERENCES: &str = "
    SELECT t.name, f.\"table\" FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f
    WHERE t.type = 'table'";
const THERE: &str = "
    SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name <> '_sqlx_migrations'";

/// Every table, those that others refer to first.
pub(super) async fn tables(
    sqlite: &mut SqliteConnection,
    postgres: &mut PgConnection,
) -> Result<Vec<Columns>, TransferError> {
    let here: Vec<(String, String, i64)> = sqlx::query_as(HERE).fetch_all(&mut *sqlite).await?;
    let references: Vec<(String, String)> = sqlx::query_as(REFERENCES).fetch_all(sqlite).await?;
    let there: Vec<(String, String, String)> = sqlx::query_as(THERE).fetch_all(postgres).await?;
    join(here, there).and_then(|tables| in_order(tables, &references))
}

fn join(
    here: Vec<(String, String, i64)>,
    there: Vec<(String, String, String)>,
) -> Result<Vec<Columns>, TransferError> {
    let mut there: BTreeMap<(String, String), String> = (there.into_iter())
        .map(|(table, column, kind)| ((table, column), kind))
        .collect();
    let mut tables: BTreeMap<String, Columns> = BTreeMap::new();
    let mut keys: BTreeMap<(String, i64), String> = BTreeMap::new();
    for (table, column, place_in_key) in here {
        let kind = there.remove(&(table.clone(), column.clone()));
        let kind = match kind.as_deref() {
            Some("bigint") => Kind::Bigint,
            Some("boolean") => Kind::Boolean,
            Some("bytea") => Kind::Bytea,
            Some("jsonb") => Kind::Jsonb,
            Some("text") => Kind::Text,
            Some("uuid") => Kind::Uuid,
            Some(other) => return Err(misfit(&table, &column, &format!("is {other}"))),
            None => return Err(misfit(&table, &column, "is missing in PostgreSQL")),
        };
        if place_in_key > 0 {
            keys.insert((table.clone(), place_in_key), column.clone());
        }
        let named = tables.entry(table.clone()).or_insert_with(|| Columns {
            name: table,
            columns: Vec::new(),
            key: Vec::new(),
        });
        named.columns.push((column, kind));
    }
    if let Some((table, column)) = there.into_keys().next() {
        return Err(misfit(&table, &column, "is missing in the SQLite file"));
    }
    for ((table, _), column) in keys {
        if let Some(table) = tables.get_mut(&table) {
            table.key.push(column);
        }
    }
    match tables.values().find(|table| table.key.is_empty()) {
        Some(table) => Err(misfit(&table.name, "*", "has no primary key")),
        None => Ok(tables.into_values().collect()),
    }
}

fn misfit(table: &str, column: &str, what: &str) -> TransferError {
    TransferError::Schema(format!("{table}.{column} {what}"))
}

fn in_order(
    mut waiting: Vec<Columns>,
    references: &[(String, String)],
) -> Result<Vec<Columns>, TransferError> {
    let mut ordered: Vec<Columns> = Vec::new();
    while !waiting.is_empty() {
        let refers_to_one_that_waits = |table: &Columns| {
            references.iter().any(|(from, to)| {
                *from == table.name && from != to && waiting.iter().any(|other| other.name == *to)
            })
        };
        let Some(next) = (waiting.iter()).position(|table| !refers_to_one_that_waits(table)) else {
            return Err(TransferError::Schema("tables refer to each other".into()));
        };
        ordered.push(waiting.remove(next));
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(table: &str, column: &str, key: i64) -> (String, String, i64) {
        (table.into(), column.into(), key)
    }

    fn there(table: &str, column: &str, kind: &str) -> (String, String, String) {
        (table.into(), column.into(), kind.into())
    }

    #[test]
    fn a_table_or_a_column_that_only_one_side_has_is_found() {
        let both = |other: (&str, &str)| {
            join(
                vec![here("posts", "id", 1), here(other.0, "text", 1)],
                vec![there("posts", "id", "uuid"), there(other.1, "text", "text")],
            )
        };
        assert_eq!(both(("posts", "posts")).unwrap().len(), 1);
        assert_eq!(both(("letters", "letters")).unwrap().len(), 2);
        for other in [("posts", "letters"), ("letters", "posts")] {
            assert!(matches!(both(other), Err(TransferError::Schema(_))));
        }
    }

    #[test]
    fn what_others_refer_to_comes_first() {
        let names = ["a", "b", "c"];
        let tables = || {
            let here = names.iter().map(|name| here(name, "id", 1)).collect();
            let there = names.iter().map(|name| there(name, "id", "uuid")).collect();
            join(here, there).unwrap()
        };
        let refers = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        let ordered = in_order(
            tables(),
            &[refers("a", "c"), refers("c", "b"), refers("b", "b")],
        );
        let ordered: Vec<String> = ordered.unwrap().into_iter().map(|t| t.name).collect();
        assert_eq!(ordered, ["b", "c", "a"]);
        assert!(in_order(tables(), &[refers("a", "c"), refers("c", "a")]).is_err());
    }
}
