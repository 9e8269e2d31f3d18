//! The SQL of saved views.

use crate::db::{Db, Tx, on_db, on_tx};
use crate::ids::StaffId;

/// A filter by a name.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SavedView {
    /// What its owner calls it.
    pub name: String,
    /// The query of the page.
    pub query: String,
}

/// The views of a member of staff, by name.
pub async fn list(db: &Db, staff: StaffId) -> sqlx::Result<Vec<SavedView>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT name, query FROM saved_views WHERE staff_id = $1 ORDER BY name"
    )
    .bind(staff)
    .fetch_all(c)
    .await)
}

/// Keeps a view, in place of one of the same name. `false`: there are `most` already. Two at once
/// may be one too many, which hurts nobody.
pub async fn save(
    tx: &mut Tx,
    staff: StaffId,
    name: &str,
    query: &str,
    most: i64,
) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO saved_views (staff_id, name, query)
         SELECT id, $2, $3 FROM staff WHERE id = $1
           AND (SELECT count(*) FROM saved_views v WHERE v.staff_id = $1 AND v.name <> $2) < $4
         ON CONFLICT (staff_id, name) DO UPDATE SET query = excluded.query"
    )
    .bind(staff)
    .bind(name)
    .bind(query)
    .bind(most)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Deletes a view.
pub async fn delete(tx: &mut Tx, staff: StaffId, name: &str) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM saved_views WHERE staff_id = $1 AND name = $2"
    )
    .bind(staff)
    .bind(name)
    .execute(c)
    .await
    .map(|_| ()))
}
