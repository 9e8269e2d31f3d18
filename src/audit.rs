//! The record of every staff act: append-only, each line chained to the one before it by its
//! hash, and written in the transaction of the act itself.

mod export;
mod store;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

pub use export::{ExportFormat, Fault, Seal, export, seal, verify_file};
pub use store::{Filter, search};

use crate::clock::Time;
use crate::db::{Db, Tx, on_db, on_tx};
use crate::ids::StaffId;

/// Who did it.
#[derive(Clone, Copy, Debug)]
pub enum Actor {
    /// A member of staff.
    Staff(StaffId),
    /// Whoever may run commands on the machine.
    Operator,
    /// The program itself, where a rule of ours says so.
    System,
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Actor::Staff(id) => write!(f, "staff:{id}"),
            Actor::Operator => f.write_str("operator"),
            Actor::System => f.write_str("system"),
        }
    }
}

/// One act, on the record.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, sqlx::FromRow)]
pub struct Line {
    /// Counts from 1 without a gap.
    pub seq: i64,
    /// When it was done.
    #[sqlx(rename = "made_at")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// `staff:ID`, `operator` or `system`.
    pub actor: String,
    /// What was done, such as `case.claim`.
    pub action: String,
    /// What it was done to: an identifier.
    pub subject: String,
    /// More about it, as JSON text; never the words of a young person.
    pub details: String,
    /// The hash of the line before; empty on the first.
    #[serde(serialize_with = "hex", deserialize_with = "unhex")]
    #[schema(value_type = String)]
    pub prev_hash: Vec<u8>,
    /// SHA-256 over everything above.
    #[serde(serialize_with = "hex", deserialize_with = "unhex")]
    #[schema(value_type = String)]
    pub hash: Vec<u8>,
}

fn hex<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&data_encoding::HEXLOWER.encode(bytes))
}

fn unhex<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let bytes = data_encoding::HEXLOWER.decode(text.as_bytes());
    bytes.map_err(serde::de::Error::custom)
}

impl Line {
    fn expected_hash(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        let (seq, at) = (self.seq.to_be_bytes(), self.at.micros().to_be_bytes());
        let texts = [&self.actor, &self.action, &self.subject, &self.details];
        let parts = [&self.prev_hash[..], &seq, &at].into_iter();
        for part in parts.chain(texts.into_iter().map(String::as_bytes)) {
            // Lengths first, so that no two lines read alike.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().to_vec()
    }
}

impl Line {
    /// Whether it is the one after number `seq`, which has this hash.
    fn follows(&self, seq: i64, hash: &[u8]) -> Result<(), Broken> {
        let broken = |seq, what| Err(Broken { seq, what });
        match () {
            () if self.seq != seq + 1 => broken(seq + 1, "is missing"),
            () if self.prev_hash != hash => broken(self.seq, "does not follow the line before"),
            () if self.hash != self.expected_hash() => broken(self.seq, "was changed"),
            () => Ok(()),
        }
    }
}

/// Puts an act on the record, in its own transaction.
pub async fn record(
    tx: &mut Tx,
    now: Time,
    actor: Actor,
    action: &str,
    subject: impl ToString,
    details: serde_json::Value,
) -> sqlx::Result<()> {
    // The update locks the head until the commit: two acts can never follow the same line.
    let (seq, prev_hash): (i64, Vec<u8>) = on_tx!(tx, |c| sqlx::query_as(
        "UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash"
    )
    .fetch_one(c)
    .await)?;
    let mut line = Line {
        seq,
        at: now,
        actor: actor.to_string(),
        action: action.into(),
        subject: subject.to_string(),
        details: details.to_string(),
        prev_hash,
        hash: Vec::new(),
    };
    line.hash = line.expected_hash();
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO audit (seq, made_at, actor, action, subject, details, prev_hash, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    )
    .bind(line.seq)
    .bind(line.at)
    .bind(&line.actor)
    .bind(&line.action)
    .bind(&line.subject)
    .bind(&line.details)
    .bind(&line.prev_hash)
    .bind(&line.hash)
    .execute(c)
    .await
    .map(|_| ()))?;
    on_tx!(tx, |c| sqlx::query(
        "UPDATE audit_head SET hash = $1 WHERE id = 1"
    )
    .bind(&line.hash)
    .execute(c)
    .await
    .map(|_| ()))
}

/// The lines after `after`, oldest first, at most `limit`.
pub async fn lines(db: &Db, after: i64, limit: i64) -> sqlx::Result<Vec<Line>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT seq, made_at, actor, action, subject, details, prev_hash, hash
         FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2"
    )
    .bind(after)
    .bind(limit)
    .fetch_all(c)
    .await)
}

/// What was done to one subject, oldest first.
pub async fn about(db: &Db, subject: impl ToString) -> sqlx::Result<Vec<Line>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT seq, made_at, actor, action, subject, details, prev_hash, hash
         FROM audit WHERE subject = $1 ORDER BY seq"
    )
    .bind(subject.to_string())
    .fetch_all(c)
    .await)
}

/// Where the chain is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The first line that is not as it was written, or is missing.
    pub seq: i64,
    /// What is wrong with it.
    pub what: &'static str,
}

/// Walks the whole chain. `Ok(Ok(n))`: all `n` lines are as they were written.
pub async fn verify(db: &Db) -> sqlx::Result<Result<i64, Broken>> {
    const PAGE: i64 = 1_000;
    let (mut seq, mut hash) = (0, Vec::new());
    loop {
        let page = lines(db, seq, PAGE).await?;
        for line in &page {
            if let Err(broken) = line.follows(seq, &hash) {
                return Ok(Err(broken));
            }
            (seq, hash) = (line.seq, line.hash.clone());
        }
        if page.len() < PAGE as usize {
            break;
        }
    }
    let head: (i64, Vec<u8>) = on_db!(db, |c| sqlx::query_as(
        "SELECT seq, hash FROM audit_head WHERE id = 1"
    )
    .fetch_one(c)
    .await)?;
    Ok(if head == (seq, hash) {
        Ok(seq)
    } else {
        Err(Broken {
            seq: seq + 1,
            what: "is missing at the end",
        })
    })
}
