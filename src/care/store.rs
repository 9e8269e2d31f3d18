//! The SQL of care. Nothing here adds up over several people.

use super::KEPT;
use crate::clock::Time;
use crate::db::{Db, Tx, on_db, on_tx};
use crate::ids::{CaseId, StaffId};

/// A case that somebody has read.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Seen {
    pub case_id: CaseId,
    pub seen_at: Time,
    points: i64,
}

impl Seen {
    pub fn new(case_id: CaseId, seen_at: Time, points: u32) -> Seen {
        Seen {
            case_id,
            seen_at,
            points: points.into(),
        }
    }

    pub fn points(&self) -> u32 {
        u32::try_from(self.points).unwrap_or_default()
    }
}

/// The break that somebody is on, and when their last one ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Rest {
    pub began_at: Option<Time>,
    pub rested_at: Option<Time>,
}

const SEEN: &str = "SELECT case_id, seen_at, points FROM exposures
    WHERE staff_id = $1 AND seen_at > $2 ORDER BY seen_at, case_id";
const REST: &str = "SELECT began_at, rested_at FROM breaks WHERE staff_id = $1";

/// What somebody has read since a moment, in its order.
pub async fn seen(db: &Db, staff: StaffId, since: Time) -> sqlx::Result<Vec<Seen>> {
    on_db!(db, |c| sqlx::query_as(SEEN)
        .bind(staff)
        .bind(since)
        .fetch_all(c)
        .await)
}

/// The same, inside a transaction.
pub async fn seen_within(tx: &mut Tx, staff: StaffId, since: Time) -> sqlx::Result<Vec<Seen>> {
    on_tx!(tx, |c| sqlx::query_as(SEEN)
        .bind(staff)
        .bind(since)
        .fetch_all(c)
        .await)
}

/// The breaks of somebody.
pub async fn rest(db: &Db, staff: StaffId) -> sqlx::Result<Rest> {
    let rest = on_db!(db, |c| sqlx::query_as(REST)
        .bind(staff)
        .fetch_optional(c)
        .await)?;
    Ok(rest.unwrap_or_default())
}

/// The same, inside a transaction.
pub async fn rest_within(tx: &mut Tx, staff: StaffId) -> sqlx::Result<Rest> {
    let rest = on_tx!(tx, |c| sqlx::query_as(REST)
        .bind(staff)
        .fetch_optional(c)
        .await)?;
    Ok(rest.unwrap_or_default())
}

/// The breaks of somebody, locked until the end of the transaction.
pub async fn lock(tx: &mut Tx, staff: StaffId) -> sqlx::Result<Rest> {
    on_tx!(tx, |c| sqlx::query_as(
        "INSERT INTO breaks (staff_id) VALUES ($1)
         ON CONFLICT (staff_id) DO UPDATE SET staff_id = excluded.staff_id
         RETURNING began_at, rested_at"
    )
    .bind(staff)
    .fetch_one(c)
    .await)
}

/// Sets the breaks of somebody, whose row is locked.
pub async fn set(tx: &mut Tx, staff: StaffId, rest: Rest) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE breaks SET began_at = $2, rested_at = $3 WHERE staff_id = $1"
    )
    .bind(staff)
    .bind(rest.began_at)
    .bind(rest.rested_at)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Notes what somebody has read, where they had not read it since a moment.
pub async fn insert(tx: &mut Tx, staff: StaffId, seen: &Seen, since: Time) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO exposures (staff_id, case_id, seen_at, points) VALUES ($1, $2, $3, $4)
         ON CONFLICT (staff_id, case_id) DO UPDATE SET
            seen_at = excluded.seen_at, points = excluded.points
         WHERE exposures.seen_at <= $5"
    )
    .bind(staff)
    .bind(seen.case_id)
    .bind(seen.seen_at)
    .bind(seen.points)
    .bind(since)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Forgets what was read, and who rested, more than two days ago.
pub async fn prune(tx: &mut Tx, now: Time) -> sqlx::Result<()> {
    let before = now.minus(KEPT);
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM exposures WHERE seen_at <= $1"
    )
    .bind(before)
    .execute(c)
    .await
    .map(|_| ()))?;
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM breaks
         WHERE coalesce(began_at, 0) <= $1 AND coalesce(rested_at, 0) <= $1"
    )
    .bind(before)
    .execute(c)
    .await
    .map(|_| ()))
}
