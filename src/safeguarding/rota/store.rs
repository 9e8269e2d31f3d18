//! The SQL of the rota.

use super::NewShift;
use crate::clock::Time;
use crate::db::{Db, Tx, on_db, on_tx};
use crate::ids::{ShiftId, StaffId};

/// A lead, as the rota names them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Lead {
    /// Names the lead.
    pub id: StaffId,
    /// What they are called.
    pub name: String,
}

/// A time for which a lead is on call.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Shift {
    /// Names the shift.
    pub id: ShiftId,
    /// Who is on call.
    #[sqlx(rename = "staff_id")]
    pub lead: StaffId,
    /// What they are called.
    pub name: String,
    /// From when.
    pub starts_at: Time,
    /// Until when.
    pub ends_at: Time,
    /// Of those who are on call at the same time, 1 is rung first.
    pub place: i64,
}

/// Everybody who can be put on the rota, by name.
pub async fn leads(db: &Db) -> sqlx::Result<Vec<Lead>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT id, name FROM staff WHERE role = 'lead' AND state = 'active' ORDER BY name"
    )
    .fetch_all(c)
    .await)
}

pub(super) async fn shifts(db: &Db, now: Time) -> sqlx::Result<Vec<Shift>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT o.id, o.staff_id, s.name, o.starts_at, o.ends_at, o.place
         FROM on_call o JOIN staff s ON s.id = o.staff_id
         WHERE o.ends_at > $1 ORDER BY o.starts_at, o.place, o.id"
    )
    .bind(now)
    .fetch_all(c)
    .await)
}

pub(super) async fn insert(tx: &mut Tx, id: ShiftId, new: &NewShift) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO on_call (id, staff_id, starts_at, ends_at, place)
         VALUES ($1, $2, $3, $4, $5)"
    )
    .bind(id)
    .bind(new.lead)
    .bind(new.from)
    .bind(new.to)
    .bind(i64::from(new.place))
    .execute(c)
    .await
    .map(|_| ()))
}

pub(super) async fn delete(tx: &mut Tx, id: ShiftId) -> sqlx::Result<Option<StaffId>> {
    on_tx!(tx, |c| sqlx::query_scalar(
        "DELETE FROM on_call WHERE id = $1 RETURNING staff_id"
    )
    .bind(id)
    .fetch_optional(c)
    .await)
}

/// Who is on call at this moment, in the order in which they are rung. Whoever is no lead any
/// more is rung no more.
pub async fn on_call(tx: &mut Tx, now: Time) -> sqlx::Result<Vec<StaffId>> {
    let shifts: Vec<StaffId> = on_tx!(tx, |c| sqlx::query_scalar(
        "SELECT o.staff_id FROM on_call o JOIN staff s ON s.id = o.staff_id
         WHERE o.starts_at <= $1 AND o.ends_at > $1 AND s.role = 'lead' AND s.state = 'active'
         ORDER BY o.place, o.starts_at, o.id"
    )
    .bind(now)
    .fetch_all(c)
    .await)?;
    Ok(order(shifts))
}

/// Each lead once, where they stand first.
fn order(shifts: Vec<StaffId>) -> Vec<StaffId> {
    let mut order = Vec::new();
    for lead in shifts {
        if !order.contains(&lead) {
            order.push(lead);
        }
    }
    order
}
