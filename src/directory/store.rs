//! Services in the database.

use sha2::{Digest, Sha256};
use sqlx::types::Json;

use super::service::Facts;
use super::shipped::shipped;
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::db::{Db, Tx, on_db, on_tx};

/// Where the services come from that are part of the program.
const SHIPPED: &str = "shipped";

/// A service as the database has it.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Record {
    /// Names it.
    pub id: String,
    /// Where it came from; `shipped` is the list in the program.
    pub source: String,
    /// What is known of it.
    #[sqlx(json)]
    pub facts: Facts,
    /// When an operator checked the facts.
    pub verified_at: Option<Time>,
    /// The name that the operator gave.
    pub verified_by: Option<String>,
}

/// Why services could not be marked as verified; none of them was.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// There are no services of these ids.
    #[error("there is no service called {}", .0.join(", "))]
    Unknown(Vec<String>),
    /// Whoever checked must say who they are.
    #[error("say who checked the details")]
    NoName,
    /// The database failed.
    #[error("the database failed: {0}")]
    Db(#[from] sqlx::Error),
}

/// Every service, sorted by id.
pub async fn list(db: &Db) -> sqlx::Result<Vec<Record>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT id, source, facts, verified_at, verified_by FROM services ORDER BY id"
    )
    .fetch_all(c)
    .await)
}

/// Brings the shipped services into the database. Facts that changed lose their verification,
/// with a line in the audit log; services that are no longer shipped go. Running it again, or
/// in several processes at once, changes nothing more: all go through the rows in one order,
/// and what is already as it should be is left alone.
pub async fn import_shipped(db: &Db, now: Time) -> sqlx::Result<()> {
    import(db, now, shipped()).await
}

async fn import(db: &Db, now: Time, services: &[(String, Facts)]) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    for (id, facts) in services {
        upsert(&mut tx, now, id, facts).await?;
    }
    let held: Vec<String> = on_tx!(&mut tx, |c| sqlx::query_scalar(
        "SELECT id FROM services WHERE source = $1 ORDER BY id"
    )
    .bind(SHIPPED)
    .fetch_all(c)
    .await)?;
    for id in held
        .iter()
        .filter(|id| !services.iter().any(|(shipped, _)| shipped == *id))
    {
        on_tx!(&mut tx, |c| sqlx::query(
            "DELETE FROM services WHERE id = $1"
        )
        .bind(id)
        .execute(c)
        .await
        .map(|_| ()))?;
    }
    tx.commit().await
}

async fn upsert(tx: &mut Tx, now: Time, id: &str, facts: &Facts) -> sqlx::Result<()> {
    let hash = hash(facts);
    let unverified: Option<String> = on_tx!(tx, |c| sqlx::query_scalar(
        "UPDATE services SET verified_at = NULL, verified_by = NULL
         WHERE id = $1 AND source = $2 AND facts_hash <> $3 AND verified_at IS NOT NULL
         RETURNING id"
    )
    .bind(id)
    .bind(SHIPPED)
    .bind(&hash)
    .fetch_optional(c)
    .await)?;
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO services (id, source, facts, facts_hash) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET facts = excluded.facts, facts_hash = excluded.facts_hash
         WHERE services.source = excluded.source AND services.facts_hash <> excluded.facts_hash"
    )
    .bind(id)
    .bind(SHIPPED)
    .bind(Json(facts))
    .bind(&hash)
    .execute(c)
    .await
    .map(|_| ()))?;
    if let Some(id) = unverified {
        let why = serde_json::json!({ "why": "the facts changed" });
        audit::record(tx, now, Actor::System, "service.unverify", id, why).await?;
    }
    Ok(())
}

/// SHA-256 of the facts as JSON, in the order of the fields.
fn hash(facts: &Facts) -> Vec<u8> {
    let json = serde_json::to_vec(facts).expect("facts have no maps with odd keys");
    Sha256::digest(json).to_vec()
}

/// Marks services as checked against their own sites by the operator called `by`: all of them
/// or, where an id is unknown, none. Each is a line in the audit log.
pub async fn verify(db: &Db, now: Time, ids: &[String], by: &str) -> Result<(), VerifyError> {
    let by = by.trim();
    if by.is_empty() {
        return Err(VerifyError::NoName);
    }
    // In one order, so that two operators at once do not wait for each other for ever.
    let mut ids: Vec<&String> = ids.iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let mut tx = db.begin().await?;
    let mut unknown = Vec::new();
    for id in ids {
        let facts_hash: Option<Vec<u8>> = on_tx!(&mut tx, |c| sqlx::query_scalar(
            "UPDATE services SET verified_at = $1, verified_by = $2 WHERE id = $3
             RETURNING facts_hash"
        )
        .bind(now)
        .bind(by)
        .bind(id)
        .fetch_optional(c)
        .await)?;
        let Some(facts_hash) = facts_hash else {
            unknown.push(id.clone());
            continue;
        };
        let facts = data_encoding::HEXLOWER.encode(&facts_hash);
        let details = serde_json::json!({ "by": by, "facts": facts });
        audit::record(&mut tx, now, Actor::Operator, "service.verify", id, details).await?;
    }
    if !unknown.is_empty() {
        return Err(VerifyError::Unknown(unknown));
    }
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn database() -> (Db, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open_file(&folder.path().join("hearth.db"))
            .await
            .unwrap();
        db.migrate().await.unwrap();
        (db, folder)
    }

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    async fn record(db: &Db, id: &str) -> Option<Record> {
        list(db)
            .await
            .unwrap()
            .into_iter()
            .find(|record| record.id == id)
    }

    #[tokio::test]
    async fn importing_twice_at_once_keeps_what_was_verified() {
        let (db, _folder) = database().await;
        let (first, second) = tokio::join!(import_shipped(&db, at(1)), import_shipped(&db, at(1)));
        first.and(second).unwrap();
        verify(&db, at(2), &["childline".into()], " Ada ")
            .await
            .unwrap();
        import_shipped(&db, at(3)).await.unwrap();
        let childline = record(&db, "childline").await.unwrap();
        assert_eq!(childline.verified_at, Some(at(2)));
        assert_eq!(childline.verified_by.as_deref(), Some("Ada"));
        assert_eq!(list(&db).await.unwrap().len(), shipped().len());
        for (held, (id, facts)) in list(&db).await.unwrap().iter().zip(shipped()) {
            assert_eq!((&held.id, &held.facts), (id, facts));
        }
    }

    #[tokio::test]
    async fn changed_facts_must_be_checked_again_and_what_is_gone_goes() {
        let (db, _folder) = database().await;
        import_shipped(&db, at(1)).await.unwrap();
        let ids = ["childline".to_owned(), "shout".to_owned()];
        verify(&db, at(2), &ids, "Ada").await.unwrap();
        let mut changed: Vec<_> = shipped().to_vec();
        changed.retain(|(id, _)| id != "beat");
        changed
            .iter_mut()
            .find(|(id, _)| id == "childline")
            .unwrap()
            .1
            .phone = Some("1".into());
        import(&db, at(3), &changed).await.unwrap();
        let childline = record(&db, "childline").await.unwrap();
        assert_eq!((childline.verified_at, childline.verified_by), (None, None));
        assert_eq!(childline.facts.phone.as_deref(), Some("1"));
        assert_eq!(record(&db, "shout").await.unwrap().verified_at, Some(at(2)));
        assert!(record(&db, "beat").await.is_none());
        let actions: Vec<_> = audit::about(&db, "childline").await.unwrap();
        let actions: Vec<_> = actions.iter().map(|line| line.action.as_str()).collect();
        assert_eq!(actions, ["service.verify", "service.unverify"]);
    }

    #[tokio::test]
    async fn an_unknown_id_verifies_nothing_and_leaves_no_trace() {
        let (db, _folder) = database().await;
        import_shipped(&db, at(1)).await.unwrap();
        let ids = ["shout".to_owned(), "shoot".to_owned()];
        let error = verify(&db, at(2), &ids, "Ada").await.unwrap_err();
        assert_eq!(error.to_string(), "there is no service called shoot");
        assert!(record(&db, "shout").await.unwrap().verified_at.is_none());
        assert!(audit::lines(&db, 0, 10).await.unwrap().is_empty());
        let nameless = verify(&db, at(2), &ids, " ").await;
        assert!(matches!(nameless, Err(VerifyError::NoName)));
    }
}
