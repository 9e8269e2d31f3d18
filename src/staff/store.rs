//! Staff and their sessions in the database.

use super::Member;
use crate::clock::Time;
use crate::db::{Db, Tx, on_db, on_tx};
use crate::ids::StaffId;

/// What a sign-in is checked against.
#[derive(sqlx::FromRow)]
pub(super) struct Credentials {
    #[sqlx(flatten)]
    pub member: Member,
    pub password_hash: String,
    pub totp_sealed: Vec<u8>,
}

pub(super) async fn insert(tx: &mut Tx, new: &Credentials) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO staff (id, name, role, organisation, password_hash, totp_sealed, totp_step)
         VALUES ($1, $2, $3, $4, $5, $6, 0)"
    )
    .bind(new.member.id)
    .bind(&new.member.name)
    .bind(new.member.role.as_str())
    .bind(&new.member.organisation)
    .bind(&new.password_hash)
    .bind(&new.totp_sealed)
    .execute(c)
    .await
    .map(|_| ()))
}

pub(super) async fn credentials(db: &Db, name: &str) -> sqlx::Result<Option<Credentials>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT id, name, role, organisation, password_hash, totp_sealed
         FROM staff WHERE name = $1"
    )
    .bind(name)
    .fetch_optional(c)
    .await)
}

/// Uses up the one-time codes up to this step; `false` where this one was used before.
pub(super) async fn spend_step(tx: &mut Tx, id: StaffId, step: i64) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE staff SET totp_step = $2 WHERE id = $1 AND totp_step < $2"
    )
    .bind(id)
    .bind(step)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

pub(super) async fn insert_session(
    tx: &mut Tx,
    id: StaffId,
    hash: &[u8],
    expires_at: Time,
) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO staff_sessions (hash, staff_id, expires_at) VALUES ($1, $2, $3)"
    )
    .bind(hash)
    .bind(id)
    .bind(expires_at)
    .execute(c)
    .await
    .map(|_| ()))
}

pub(super) async fn delete_session(tx: &mut Tx, hash: &[u8]) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM staff_sessions WHERE hash = $1"
    )
    .bind(hash)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Whose session this is, where it is still good.
pub(super) async fn find_session(db: &Db, hash: &[u8], now: Time) -> sqlx::Result<Option<Member>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT s.id, s.name, s.role, s.organisation
         FROM staff_sessions t JOIN staff s ON s.id = t.staff_id
         WHERE t.hash = $1 AND t.expires_at > $2"
    )
    .bind(hash)
    .bind(now)
    .fetch_optional(c)
    .await)
}

/// Whoever may work on cases, by name.
pub async fn moderators(db: &Db) -> sqlx::Result<Vec<Member>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT id, name, role, organisation FROM staff
         WHERE role IN ('moderator', 'lead') ORDER BY name"
    )
    .fetch_all(c)
    .await)
}

/// Whoever of them has a session that is good, by name.
pub async fn present(tx: &mut Tx, now: Time) -> sqlx::Result<Vec<Member>> {
    on_tx!(tx, |c| sqlx::query_as(
        "SELECT s.id, s.name, s.role, s.organisation FROM staff s
         WHERE s.role IN ('moderator', 'lead') AND EXISTS (
             SELECT 1 FROM staff_sessions t WHERE t.staff_id = s.id AND t.expires_at > $1)
         ORDER BY s.name"
    )
    .bind(now)
    .fetch_all(c)
    .await)
}

/// How many members of staff there are.
pub async fn count(db: &Db) -> sqlx::Result<i64> {
    on_db!(db, |c| sqlx::query_scalar("SELECT count(*) FROM staff")
        .fetch_one(c)
        .await)
}

/// Deletes sessions that are no good any more.
pub async fn prune(db: &Db, now: Time) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    on_tx!(&mut tx, |c| sqlx::query(
        "DELETE FROM staff_sessions WHERE expires_at <= $1"
    )
    .bind(now)
    .execute(c)
    .await
    .map(|_| ()))?;
    tx.commit().await
}
