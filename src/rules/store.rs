//! The SQL of rule sets.

use std::collections::BTreeMap;

use sqlx::types::Json;

use crate::clock::Time;
use crate::db::{Db, on_db, on_tx};

/// Each pack's file name, and its text.
pub type Packs = BTreeMap<String, String>;

/// Keeps a set of rules. One that is kept already stays as it is.
pub async fn keep(db: &Db, hash: &str, packs: Packs, now: Time) -> sqlx::Result<()> {
    let there: i64 = on_db!(db, |c| sqlx::query_scalar(
        "SELECT count(*) FROM rule_sets WHERE hash = $1"
    )
    .bind(hash)
    .fetch_one(c)
    .await)?;
    if there > 0 {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    on_tx!(&mut tx, |c| sqlx::query(
        "INSERT INTO rule_sets (hash, packs, first_used_at) VALUES ($1, $2, $3)
         ON CONFLICT (hash) DO NOTHING"
    )
    .bind(hash)
    .bind(Json(packs))
    .bind(now)
    .execute(c)
    .await
    .map(|_| ()))?;
    tx.commit().await
}

/// The set with this hash.
pub async fn find(db: &Db, hash: &str) -> sqlx::Result<Option<Packs>> {
    let packs: Option<Json<Packs>> = on_db!(db, |c| sqlx::query_scalar(
        "SELECT packs FROM rule_sets WHERE hash = $1"
    )
    .bind(hash)
    .fetch_optional(c)
    .await)?;
    Ok(packs.map(|Json(packs)| packs))
}
