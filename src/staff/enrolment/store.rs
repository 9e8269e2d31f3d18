//! The links in the database.

use crate::clock::Time;
use crate::db::{Db, Tx, on_db, on_tx};
use crate::ids::StaffId;
use crate::staff::Member;

/// Keeps a member's link, in the place of an earlier one.
pub(super) async fn put(
    tx: &mut Tx,
    id: StaffId,
    hash: &[u8],
    expires_at: Time,
) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO staff_enrolments (staff_id, hash, expires_at) VALUES ($1, $2, $3)
         ON CONFLICT (staff_id) DO UPDATE
         SET hash = excluded.hash, expires_at = excluded.expires_at"
    )
    .bind(id)
    .bind(hash)
    .bind(expires_at)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Whose link this is, where it is still good.
pub(super) async fn find(db: &Db, hash: &[u8], now: Time) -> sqlx::Result<Option<Member>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT s.id, s.name, s.role, s.organisation
         FROM staff_enrolments e JOIN staff s ON s.id = e.staff_id
         WHERE e.hash = $1 AND e.expires_at > $2 AND s.state = 'invited'"
    )
    .bind(hash)
    .bind(now)
    .fetch_optional(c)
    .await)
}

/// Uses up a link; `false` where it is no good any more.
pub(super) async fn spend(tx: &mut Tx, hash: &[u8], now: Time) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM staff_enrolments WHERE hash = $1 AND expires_at > $2"
    )
    .bind(hash)
    .bind(now)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Takes a member's link back, where there is one.
pub(super) async fn delete(tx: &mut Tx, id: StaffId) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM staff_enrolments WHERE staff_id = $1"
    )
    .bind(id)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Deletes links that are no good any more.
pub(super) async fn delete_expired(tx: &mut Tx, now: Time) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM staff_enrolments WHERE expires_at <= $1"
    )
    .bind(now)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Takes away what a member signs in with; `false` where they are deactivated, or nobody would be
/// left who is an active admin.
pub(super) async fn forget_credentials(
    tx: &mut Tx,
    id: StaffId,
    may_be_last: bool,
) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE staff SET state = 'invited', password_hash = '', totp_sealed = $3
         WHERE id = $1 AND state <> 'deactivated'
           AND ($2 OR role <> 'admin' OR EXISTS (
               SELECT 1 FROM staff o
               WHERE o.role = 'admin' AND o.state = 'active' AND o.id <> $1))"
    )
    .bind(id)
    .bind(may_be_last)
    .bind(Vec::<u8>::new())
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Gives a member what they sign in with from now on; `false` where they are not invited.
pub(super) async fn set_credentials(
    tx: &mut Tx,
    id: StaffId,
    (password_hash, totp_sealed): (&str, &[u8]),
    (step, today): (i64, i64),
) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE staff
         SET state = 'active', password_hash = $2, totp_sealed = $3, totp_step = $4,
             signed_in_on = $5
         WHERE id = $1 AND state = 'invited'"
    )
    .bind(id)
    .bind(password_hash)
    .bind(totp_sealed)
    .bind(step)
    .bind(today)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}
