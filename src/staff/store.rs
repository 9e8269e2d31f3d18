//! Staff and their sessions in the database.

use std::time::Duration;

use super::{Listed, Member, State};
use crate::clock::Time;
use crate::db::{Db, Tx, on_db, on_tx};
use crate::ids::StaffId;

/// Whoever used a session within this time is taken to be here.
const LATELY: Duration = Duration::from_secs(30 * 60);

/// What a sign-in is checked against.
#[derive(sqlx::FromRow)]
pub(super) struct Credentials {
    #[sqlx(flatten)]
    pub member: Member,
    pub password_hash: String,
    pub totp_sealed: Vec<u8>,
}

pub(super) async fn insert(tx: &mut Tx, new: &Credentials, state: State) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO staff
             (id, name, role, organisation, password_hash, totp_sealed, totp_step, state)
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7)"
    )
    .bind(new.member.id)
    .bind(&new.member.name)
    .bind(new.member.role.as_str())
    .bind(&new.member.organisation)
    .bind(&new.password_hash)
    .bind(&new.totp_sealed)
    .bind(state.as_str())
    .execute(c)
    .await
    .map(|_| ()))
}

pub(super) async fn credentials(db: &Db, name: &str) -> sqlx::Result<Option<Credentials>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT id, name, role, organisation, password_hash, totp_sealed
         FROM staff WHERE name = $1 AND state = 'active'"
    )
    .bind(name)
    .fetch_optional(c)
    .await)
}

/// Uses up the one-time codes up to this step; `false` where this one was used before, or the
/// member has other credentials by now, or may not sign in any more.
pub(super) async fn spend_step(
    tx: &mut Tx,
    shown: &Credentials,
    step: i64,
    today: i64,
) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE staff SET totp_step = $2, signed_in_on = $3
         WHERE id = $1 AND totp_step < $2 AND state = 'active'
           AND password_hash = $4 AND totp_sealed = $5"
    )
    .bind(shown.member.id)
    .bind(step)
    .bind(today)
    .bind(&shown.password_hash)
    .bind(&shown.totp_sealed)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

pub(super) async fn set_password(tx: &mut Tx, id: StaffId, hash: &str) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE staff SET password_hash = $2 WHERE id = $1"
    )
    .bind(id)
    .bind(hash)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Everybody, by their names.
pub(super) async fn list(db: &Db) -> sqlx::Result<Vec<Listed>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT s.id, s.name, s.role, s.organisation, s.state, s.signed_in_on, e.expires_at
         FROM staff s LEFT JOIN staff_enrolments e ON e.staff_id = s.id
         ORDER BY s.name"
    )
    .fetch_all(c)
    .await)
}

pub(super) async fn find(db: &Db, id: StaffId) -> sqlx::Result<Option<Listed>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT s.id, s.name, s.role, s.organisation, s.state, s.signed_in_on, e.expires_at
         FROM staff s LEFT JOIN staff_enrolments e ON e.staff_id = s.id
         WHERE s.id = $1"
    )
    .bind(id)
    .fetch_optional(c)
    .await)
}

pub(super) async fn find_id(db: &Db, name: &str) -> sqlx::Result<Option<StaffId>> {
    on_db!(db, |c| sqlx::query_scalar(
        "SELECT id FROM staff WHERE name = $1"
    )
    .bind(name)
    .fetch_optional(c)
    .await)
}

/// Until this transaction ends, no other takes an admin away: of two that would each leave the
/// other's, one comes after the other.
pub(super) async fn lock_admins(tx: &mut Tx) -> sqlx::Result<()> {
    /// Just a number that no other lock has: "admins".
    const ADMINS: i64 = 0x6164_6d69_6e73;
    tx.after_all(ADMINS).await
}

/// Deactivates a member; `false` where they are, or nobody would be left who is an active admin.
pub(super) async fn deactivate(tx: &mut Tx, id: StaffId) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE staff SET state = 'deactivated'
         WHERE id = $1 AND state <> 'deactivated'
           AND (role <> 'admin' OR EXISTS (
               SELECT 1 FROM staff o
               WHERE o.role = 'admin' AND o.state = 'active' AND o.id <> $1))"
    )
    .bind(id)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Takes a member back; `false` where they were not deactivated.
pub(super) async fn reactivate(tx: &mut Tx, id: StaffId) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE staff
         SET state = CASE WHEN password_hash = '' THEN 'invited' ELSE 'active' END
         WHERE id = $1 AND state = 'deactivated'"
    )
    .bind(id)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Whoever may work on cases, by name.
pub async fn moderators(db: &Db) -> sqlx::Result<Vec<Member>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT id, name, role, organisation FROM staff
         WHERE role IN ('moderator', 'lead') AND state = 'active' ORDER BY name"
    )
    .fetch_all(c)
    .await)
}

/// Whoever of them has used a session lately, by name: a session that was left open is nobody who
/// could help.
pub async fn present(tx: &mut Tx, now: Time) -> sqlx::Result<Vec<Member>> {
    on_tx!(tx, |c| sqlx::query_as(
        "SELECT s.id, s.name, s.role, s.organisation FROM staff s
         WHERE s.role IN ('moderator', 'lead') AND s.state = 'active' AND EXISTS (
             SELECT 1 FROM staff_sessions t
             WHERE t.staff_id = s.id AND t.expires_at > $1 AND t.last_used_at > $2)
         ORDER BY s.name"
    )
    .bind(now)
    .bind(now.minus(LATELY))
    .fetch_all(c)
    .await)
}

/// How many members of staff there are.
pub async fn count(db: &Db) -> sqlx::Result<i64> {
    on_db!(db, |c| sqlx::query_scalar("SELECT count(*) FROM staff")
        .fetch_one(c)
        .await)
}
