//! One table: copied in batches, and read back.

use std::fmt;

use data_encoding::HEXLOWER;
use futures_util::{Stream, TryStreamExt};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use super::columns::{Columns, Kind};

/// Values that one statement may bind; PostgreSQL takes 65,535.
const MAX_BINDS: usize = 8_000;

/// A value of any column; what is NULL keeps its type.
#[derive(Debug, PartialEq)]
enum Value {
    Bigint(Option<i64>),
    Boolean(Option<bool>),
    Bytea(Option<Vec<u8>>),
    Jsonb(Option<Json>),
    Text(Option<String>),
    Uuid(Option<Uuid>),
}

/// How many rows there are, and the hash of all of them in the order of their keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// How many.
    pub rows: u64,
    /// SHA-256, in hexadecimal.
    pub hash: String,
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows with the hash {}", self.rows, self.hash)
    }
}

/// Copies every row, in the place of what migrations wrote.
pub(super) async fn copy(
    table: &Columns,
    sqlite: &mut SqliteConnection,
    postgres: &mut PgConnection,
) -> sqlx::Result<()> {
    let empty = format!("DELETE FROM {}", table.name);
    sqlx::query(AssertSqlSafe(empty))
        .execute(&mut *postgres)
        .await?;
    let rows = sqlx::query(AssertSqlSafe(table.select(""))).fetch(sqlite);
    let batch = MAX_BINDS / table.columns.len();
    let mut batches = std::pin::pin!(rows.try_chunks(batch));
    while let Some(rows) = batches.try_next().await.map_err(|error| error.1)? {
        let rows = rows.iter().map(|row| of_sqlite(table, row));
        let rows = rows.collect::<sqlx::Result<Vec<_>>>()?;
        let insert = format!("INSERT INTO {} ({}) ", table.name, table.names());
        let mut insert = QueryBuilder::<Postgres>::new(insert);
        insert.push_values(rows, |mut values, row| {
            for value in row {
                match value {
                    Value::Bigint(value) => values.push_bind(value),
                    Value::Boolean(value) => values.push_bind(value),
                    Value::Bytea(value) => values.push_bind(value),
                    Value::Jsonb(value) => values.push_bind(value),
                    Value::Text(value) => values.push_bind(value),
                    Value::Uuid(value) => values.push_bind(value),
                };
            }
        });
        insert.build().execute(&mut *postgres).await?;
    }
    Ok(())
}

/// What a table holds in the file.
pub(super) async fn read_sqlite(
    table: &Columns,
    sqlite: &mut SqliteConnection,
) -> sqlx::Result<Contents> {
    let rows = sqlx::query(AssertSqlSafe(table.select(""))).fetch(sqlite);
    hash(rows, |row| of_sqlite(table, row)).await
}

/// What a table holds in PostgreSQL. Text is sorted by its bytes there, too.
pub(super) async fn read_postgres(
    table: &Columns,
    postgres: &mut PgConnection,
) -> sqlx::Result<Contents> {
    let select = table.select(" COLLATE \"C\"");
    let rows = sqlx::query(AssertSqlSafe(select)).fetch(postgres);
    hash(rows, |row| of_postgres(table, row)).await
}

fn of_sqlite(table: &Columns, row: &SqliteRow) -> sqlx::Result<Vec<Value>> {
    let columns = table.columns.iter().enumerate();
    let values = columns.map(|(i, (_, kind))| {
        Ok(match kind {
            Kind::Bigint => Value::Bigint(row.try_get(i)?),
            Kind::Boolean => Value::Boolean(row.try_get(i)?),
            Kind::Bytea => Value::Bytea(row.try_get(i)?),
            Kind::Jsonb => {
                let text: Option<String> = row.try_get(i)?;
                let json = text.map(|text| serde_json::from_str(&text)).transpose();
                Value::Jsonb(json.map_err(|error| sqlx::Error::Decode(error.into()))?)
            }
            Kind::Text => Value::Text(row.try_get(i)?),
            Kind::Uuid => Value::Uuid(row.try_get(i)?),
        })
    });
    values.collect()
}

fn of_postgres(table: &Columns, row: &PgRow) -> sqlx::Result<Vec<Value>> {
    let columns = table.columns.iter().enumerate();
    let values = columns.map(|(i, (_, kind))| {
        Ok(match kind {
            Kind::Bigint => Value::Bigint(row.try_get(i)?),
            Kind::Boolean => Value::Boolean(row.try_get(i)?),
            Kind::Bytea => Value::Bytea(row.try_get(i)?),
            Kind::Jsonb => Value::Jsonb(row.try_get(i)?),
            Kind::Text => Value::Text(row.try_get(i)?),
            Kind::Uuid => Value::Uuid(row.try_get(i)?),
        })
    });
    values.collect()
}

async fn hash<R>(
    rows: impl Stream<Item = sqlx::Result<R>>,
    values: impl Fn(&R) -> sqlx::Result<Vec<Value>>,
) -> sqlx::Result<Contents> {
    let (mut hash, mut count) = (Sha256::new(), 0);
    let mut rows = std::pin::pin!(rows);
    while let Some(row) = rows.try_next().await? {
        count += 1;
        for value in values(&row)? {
            match value.bytes() {
                // Lengths first, so that no two rows read alike.
                Some(bytes) => {
                    hash.update([1]);
                    hash.update((bytes.len() as u64).to_be_bytes());
                    hash.update(bytes);
                }
                None => hash.update([0]),
            }
        }
    }
    Ok(Contents {
        rows: count,
        hash: HEXLOWER.encode(&hash.finalize()),
    })
}

impl Value {
    /// The same bytes for the same value, whichever engine it comes from.
    fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Value::Bigint(value) => value.map(|number| number.to_be_bytes().into()),
            Value::Boolean(value) => value.map(|truth| vec![truth.into()]),
            Value::Bytea(value) => value,
            Value::Jsonb(value) => value.map(|json| canonical(&json).into_bytes()),
            Value::Text(value) => value.map(String::into_bytes),
            Value::Uuid(value) => value.map(|id| id.into_bytes().into()),
        }
    }
}

/// JSON with its members sorted and its numbers written in one way: PostgreSQL keeps neither as
/// they came.
fn canonical(json: &Json) -> String {
    match json {
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        Json::Object(members) => {
            let mut members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}:{}", Json::from(name.as_str()), canonical(value)))
                .collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        Json::Number(number) => match number.as_i64() {
            Some(whole) => whole.to_string(),
            None => match number.as_f64() {
                Some(float) if float.fract() == 0.0 => format!("{float:.0}"),
                _ => number.to_string(),
            },
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_that_means_the_same_is_the_same() {
        let same = [
            r#"{"b": [1, 2.50], "a": "é\u0041"}"#,
            r#"{"a":"éA","b":[1.0,2.5]}"#,
        ];
        let [one, other] = same.map(|text| canonical(&serde_json::from_str(text).unwrap()));
        assert_eq!(one, other);
        for different in [
            r#"{"a":"éA","b":[2.5,1]}"#,
            r#"{"a":"éA","b":[1,2.5,null]}"#,
            "{}",
        ] {
            let different: Json = serde_json::from_str(different).unwrap();
            assert_ne!(canonical(&different), one);
        }
    }

    #[test]
    fn null_is_not_the_empty_text() {
        assert_ne!(
            Value::Text(None).bytes(),
            Value::Text(Some(String::new())).bytes()
        );
        assert_ne!(
            Value::Jsonb(None).bytes(),
            Value::Jsonb(Some(Json::Null)).bytes()
        );
    }
}
