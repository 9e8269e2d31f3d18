//! Sessions in the database.

use super::{Found, OpenSession, Place};
use crate::clock::Time;
use crate::db::{Db, Tx, on_db, on_tx};
use crate::ids::StaffId;

pub(super) async fn insert(
    tx: &mut Tx,
    id: StaffId,
    hash: &[u8],
    place: Place,
    (now, expires_at): (Time, Time),
) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO staff_sessions (hash, staff_id, place, started_at, last_used_at, expires_at)
         VALUES ($1, $2, $3, $4, $4, $5)"
    )
    .bind(hash)
    .bind(id)
    .bind(place.as_str())
    .bind(now)
    .bind(expires_at)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Whose session this is, where it is still good and was used since `idle_since`.
pub(super) async fn find(
    db: &Db,
    hash: &[u8],
    now: Time,
    idle_since: Time,
) -> sqlx::Result<Option<Found>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT s.id, s.name, s.role, s.organisation, t.last_used_at
         FROM staff_sessions t JOIN staff s ON s.id = t.staff_id
         WHERE t.hash = $1 AND t.expires_at > $2 AND t.last_used_at > $3
           AND s.state = 'active'"
    )
    .bind(hash)
    .bind(now)
    .bind(idle_since)
    .fetch_optional(c)
    .await)
}

/// When a moderator or a lead was last seen at work, by the sessions that are still good.
pub async fn moderators_seen_at(db: &Db, now: Time) -> sqlx::Result<Option<Time>> {
    on_db!(db, |c| sqlx::query_scalar(
        "SELECT max(t.last_used_at) FROM staff_sessions t JOIN staff s ON s.id = t.staff_id
         WHERE t.expires_at > $1 AND s.state = 'active' AND s.role IN ('moderator', 'lead')"
    )
    .bind(now)
    .fetch_one(c)
    .await)
}

/// Notes that a session is used, where nobody has within the last while.
pub(super) async fn touch(db: &Db, hash: &[u8], now: Time, fresh: Time) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    on_tx!(&mut tx, |c| sqlx::query(
        "UPDATE staff_sessions SET last_used_at = $2 WHERE hash = $1 AND last_used_at <= $3"
    )
    .bind(hash)
    .bind(now)
    .bind(fresh)
    .execute(c)
    .await
    .map(|_| ()))?;
    tx.commit().await
}

/// The sessions of a member that are still good, the newest first.
pub(super) async fn open(
    db: &Db,
    id: StaffId,
    now: Time,
    idle_since: Time,
) -> sqlx::Result<Vec<OpenSession>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT hash, place, started_at, last_used_at
         FROM staff_sessions
         WHERE staff_id = $1 AND expires_at > $2 AND last_used_at > $3
         ORDER BY started_at DESC, hash"
    )
    .bind(id)
    .bind(now)
    .bind(idle_since)
    .fetch_all(c)
    .await)
}

/// Ends one session of a member; `false` where they have no such session.
pub(super) async fn delete(tx: &mut Tx, id: StaffId, hash: &[u8]) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM staff_sessions WHERE staff_id = $1 AND hash = $2"
    )
    .bind(id)
    .bind(hash)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Ends every session of a member but the one with this hash; answers how many.
pub(super) async fn delete_all_but(tx: &mut Tx, id: StaffId, hash: &[u8]) -> sqlx::Result<u64> {
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM staff_sessions WHERE staff_id = $1 AND hash <> $2"
    )
    .bind(id)
    .bind(hash)
    .execute(c)
    .await
    .map(|done| done.rows_affected()))
}

/// Deletes sessions that are no good any more.
pub(super) async fn delete_expired(tx: &mut Tx, now: Time) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM staff_sessions WHERE expires_at <= $1"
    )
    .bind(now)
    .execute(c)
    .await
    .map(|_| ()))
}
