//! The SQL of receipts.

use sqlx::QueryBuilder;

use super::ReceiptKind;
use crate::db::{Db, Name, Tx, on_db, on_tx};
use crate::ids::CaseId;

/// Keeps a receipt, by its hash.
pub async fn insert(tx: &mut Tx, hash: &[u8], kind: ReceiptKind, case: CaseId) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO receipts (hash, kind, case_id) VALUES ($1, $2, $3)
         ON CONFLICT (hash) DO NOTHING"
    )
    .bind(hash)
    .bind(kind.as_str())
    .bind(case)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Deletes receipts, by their hashes.
pub async fn delete(tx: &mut Tx, hashes: &[Vec<u8>]) -> sqlx::Result<()> {
    if hashes.is_empty() {
        return Ok(());
    }
    on_tx!(tx, |c| {
        let mut query = QueryBuilder::new("DELETE FROM receipts WHERE hash IN (");
        let mut list = query.separated(", ");
        for hash in hashes {
            list.push_bind(hash);
        }
        query.push(")").build().execute(c).await.map(|_| ())
    })
}

/// What a receipt stands for.
pub async fn find(db: &Db, hash: &[u8]) -> sqlx::Result<Option<(Name<ReceiptKind>, CaseId)>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT kind, case_id FROM receipts WHERE hash = $1"
    )
    .bind(hash)
    .fetch_optional(c)
    .await)
}
