//! The SQL of messages to other systems.

use sqlx::QueryBuilder;

use crate::clock::Time;
use crate::db::{Db, Tx, on_db, on_tx, push_list};
use crate::ids::WebhookId;

/// A message that was not taken yet.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Message {
    pub id: WebhookId,
    pub receiver: String,
    pub body: String,
    pub attempts: i64,
    pub next_at: Time,
}

/// Keeps a message, to be sent at once.
pub async fn insert(
    tx: &mut Tx,
    id: WebhookId,
    receiver: &str,
    body: &str,
    now: Time,
) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO webhook_messages (id, receiver, body, made_at, attempts, next_at)
         VALUES ($1, $2, $3, $4, 0, $4)"
    )
    .bind(id)
    .bind(receiver)
    .bind(body)
    .bind(now)
    .execute(c)
    .await
    .map(|_| ()))
}

/// What is to be sent to these receivers by now, the longest due first; not all of it where there is much.
pub async fn due(db: &Db, receivers: &[&'static str], now: Time) -> sqlx::Result<Vec<Message>> {
    if receivers.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut query = QueryBuilder::new(
            "SELECT id, receiver, body, attempts, next_at FROM webhook_messages
             WHERE receiver IN (",
        );
        push_list(&mut query, receivers.iter().copied())
            .push(") AND next_at <= ")
            .push_bind(now)
            .push(" ORDER BY next_at, id LIMIT 64")
            .build_query_as()
            .fetch_all(c)
            .await
    })
}

/// Has this process send a message, and nobody else before `until`. `false`: another does.
pub async fn take(db: &Db, message: &Message, until: Time) -> sqlx::Result<bool> {
    let mut tx = db.begin().await?;
    let taken = on_tx!(&mut tx, |c| sqlx::query(
        "UPDATE webhook_messages SET attempts = attempts + 1, next_at = $3
         WHERE id = $1 AND next_at = $2"
    )
    .bind(message.id)
    .bind(message.next_at)
    .bind(until)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))?;
    tx.commit().await?;
    Ok(taken)
}

/// Has a message wait.
pub async fn postpone(db: &Db, id: WebhookId, next_at: Time) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    on_tx!(&mut tx, |c| sqlx::query(
        "UPDATE webhook_messages SET next_at = $2 WHERE id = $1"
    )
    .bind(id)
    .bind(next_at)
    .execute(c)
    .await
    .map(|_| ()))?;
    tx.commit().await
}

/// Deletes a message that was taken.
pub async fn delete(db: &Db, id: WebhookId) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    on_tx!(&mut tx, |c| sqlx::query(
        "DELETE FROM webhook_messages WHERE id = $1"
    )
    .bind(id)
    .execute(c)
    .await
    .map(|_| ()))?;
    tx.commit().await
}

/// Deletes what was kept before; answers how much.
pub async fn delete_before(tx: &mut Tx, before: Time) -> sqlx::Result<u64> {
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM webhook_messages WHERE made_at < $1"
    )
    .bind(before)
    .execute(c)
    .await
    .map(|done| done.rows_affected()))
}
