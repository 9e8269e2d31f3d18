//! A stolen copy of the database: every table, every row, every value as text.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AssertSqlSafe;

use super::engine::either;
use super::{Database, Engine};

/// Column to value; bytes and identifiers in hexadecimal, what is NULL is left out.
pub type Row = BTreeMap<String, String>;

/// Table to rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dump(pub BTreeMap<String, Vec<Row>>);

/// Table to column to whether it can be NULL.
pub type Schema = BTreeMap<String, BTreeMap<String, bool>>;

const SQLITE_COLUMNS: &str = "
    SELECT t.name, c.name, c.\"notnull\" = 0,
           'CASE typeof(' || c.name || ') WHEN ''blob'' THEN lower(hex(' || c.name
               || ')) ELSE CAST(' || c.name || ' AS TEXT) END'
    FROM sqlite_schema t JOIN pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name <> '_sqlx_migrations'";

const POSTGRES_COLUMNS: &str = "
    SELECT table_name::text, column_name::text, is_nullable = 'YES',
           CASE data_type WHEN 'bytea' THEN 'encode(' || column_name || ', ''hex'')'
               WHEN 'uuid' THEN 'replace(' || column_name || '::text, ''-'', '''')'
               ELSE column_name || '::text' END
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'";

impl Database {
    /// Table, column, whether it can be NULL, and the SQL that makes it a text.
    async fn columns(&self) -> Vec<(String, String, bool, String)> {
        let sql = match self.engine {
            Engine::Embedded => SQLITE_COLUMNS,
            Engine::Production => POSTGRES_COLUMNS,
        };
        either!(self.db(), |pool| sqlx::query_as(sql).fetch_all(pool).await).unwrap()
    }

    /// The tables and columns there are.
    pub async fn schema(&self) -> Schema {
        let mut schema = Schema::new();
        for (table, column, nullable, _) in self.columns().await {
            schema.entry(table).or_default().insert(column, nullable);
        }
        schema
    }

    /// Everything.
    pub async fn dump(&self) -> Dump {
        let mut tables: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for (table, column, _, text) in self.columns().await {
            tables.entry(table).or_default().push((column, text));
        }
        let mut dump = BTreeMap::new();
        for (table, columns) in tables {
            dump.insert(table.clone(), self.rows(&table, &columns).await);
        }
        Dump(dump)
    }

    async fn rows(&self, table: &str, columns: &[(String, String)]) -> Vec<Row> {
        // One text for a row: no two engines agree on what else to decode it to.
        let fields: Vec<String> = columns
            .iter()
            .map(|(_, text)| format!("coalesce('=' || {text}, '-')"))
            .collect();
        let separator = match self.engine {
            Engine::Embedded => "char(31)",
            Engine::Production => "chr(31)",
        };
        let row = fields.join(&format!(" || {separator} || "));
        let sql = AssertSqlSafe(format!("SELECT {row} FROM {table}"));
        let mut rows: Vec<String> = either!(self.db(), |pool| sqlx::query_scalar(sql)
            .fetch_all(pool)
            .await)
        .unwrap();
        rows.sort();
        let names = || columns.iter().map(|(name, _)| name.clone());
        rows.iter()
            .map(|row| {
                let values = row.split('\u{1f}').map(|value| value.strip_prefix('='));
                let present =
                    |(name, value): (String, Option<&str>)| Some((name, value?.to_owned()));
                names().zip(values).filter_map(present).collect()
            })
            .collect()
    }
}

impl Dump {
    /// The rows of a table.
    #[track_caller]
    pub fn table(&self, name: &str) -> &[Row] {
        self.0
            .get(name)
            .unwrap_or_else(|| panic!("there is no table {name}"))
    }

    /// `table.column` of every value that holds `needle`. The texts of the rule packs and of the
    /// policy are left out: they come from files of ours, and hold the words of many a test.
    pub fn places_of(&self, needle: &str) -> BTreeSet<String> {
        let mut places = BTreeSet::new();
        let ours = ["rule_sets", "policies"];
        let tables = self
            .0
            .iter()
            .filter(|(table, _)| !ours.contains(&table.as_str()));
        for (table, rows) in tables {
            for (column, value) in rows.iter().flatten() {
                if value.contains(needle) {
                    places.insert(format!("{table}.{column}"));
                }
            }
        }
        places
    }

    /// Every value of a column.
    pub fn values(&self, table: &str, column: &str) -> Vec<&str> {
        let values = self.table(table).iter().filter_map(|row| row.get(column));
        values.map(String::as_str).collect()
    }
}
