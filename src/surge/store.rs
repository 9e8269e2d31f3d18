//! The SQL of surge mode: one row.

use super::{Status, Switched, Unattended};
use crate::clock::Time;
use crate::db::{Db, Name, Tx, on_db, on_tx};
use crate::ids::StaffId;

#[derive(sqlx::FromRow)]
struct Row {
    switched_on_at: Option<Time>,
    switched_on_by: Option<String>,
    reason: Option<String>,
    unattended_from: Option<Time>,
    unattended_why: Option<Name<Unattended>>,
}

/// Where it stands.
pub async fn status(db: &Db) -> sqlx::Result<Status> {
    let row: Row = on_db!(db, |c| sqlx::query_as(
        "SELECT g.switched_on_at, s.name AS switched_on_by, g.reason, g.unattended_from,
                g.unattended_why
         FROM surge g LEFT JOIN staff s ON s.id = g.switched_on_by WHERE g.id = 1"
    )
    .fetch_one(c)
    .await)?;
    let switched = match (row.switched_on_at, row.switched_on_by, row.reason) {
        (Some(at), Some(by), Some(reason)) => Some(Switched { at, by, reason }),
        _ => None,
    };
    let why = row.unattended_why.map(|Name(why)| why);
    Ok(Status {
        switched,
        unattended: why.zip(row.unattended_from),
    })
}

/// Whether every new post waits, by more than the hours.
pub async fn holds_all(tx: &mut Tx) -> sqlx::Result<bool> {
    let rows: i64 = on_tx!(tx, |c| {
        sqlx::query_scalar(
        "SELECT count(*) FROM surge WHERE switched_on_at IS NOT NULL OR unattended_why = 'nobody'"
    )
    .fetch_one(c)
    .await
    })?;
    Ok(rows > 0)
}

/// Switches it on. `false`: it is.
pub async fn switch_on(tx: &mut Tx, by: StaffId, reason: &str, now: Time) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE surge SET switched_on_at = $1, switched_on_by = $2, reason = $3
         WHERE id = 1 AND switched_on_at IS NULL"
    )
    .bind(now)
    .bind(by)
    .bind(reason)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Switches it off. `false`: it is.
pub async fn switch_off(tx: &mut Tx) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE surge SET switched_on_at = NULL, switched_on_by = NULL, reason = NULL
         WHERE id = 1 AND switched_on_at IS NOT NULL"
    )
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Notes whether anybody is on shift. `false`: it was noted before.
pub async fn set_unattended(tx: &mut Tx, why: Option<Unattended>, now: Time) -> sqlx::Result<bool> {
    let why = why.map(Unattended::as_str);
    on_tx!(tx, |c| sqlx::query(
        "UPDATE surge SET unattended_from = $1, unattended_why = $2
         WHERE id = 1 AND coalesce(unattended_why, '') <> $3"
    )
    .bind(why.map(|_| now))
    .bind(why)
    .bind(why.unwrap_or_default())
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}
