//! The record of a period for somebody outside, such as a regulator: the lines as they are, sealed
//! by a signature over both ends of them and the head of the whole chain. Each line holds the hash
//! of the one before, so that the two ends hold all between them.

use std::io::BufRead;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use futures_util::stream::{self, Stream};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Actor, Broken, Line, lines, record, store};
use crate::clock::Time;
use crate::db::Db;
use crate::keys::Keys;
use crate::period::Period;

/// The form that this program writes and reads.
const VERSION: u8 = 1;
/// Lines that are read at once.
const PAGE: i64 = 1_000;

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// A JSON value a line: the seal, then the lines. It can be verified.
    Jsonl,
    /// For a spreadsheet; the seal is its last row.
    Csv,
}

/// What an export begins with: which lines it holds, and a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// The form of the export.
    pub hearth_audit_export: u8,
    /// The lines of this time are in it, from then on,
    pub from: Time,
    /// until just before then.
    pub until: Time,
    /// The number of the first line; 1 more than `last` where there is none.
    pub first: i64,
    /// The number of the last line.
    pub last: i64,
    /// The hash of the line before the first.
    pub hash_before: String,
    /// The hash of the last line.
    pub last_hash: String,
    /// The number of the last line of the whole record when it was exported,
    pub head: i64,
    /// and its hash.
    pub head_hash: String,
    /// The Ed25519 key of this installation that signs exports.
    pub public_key: String,
    /// Its signature over all above.
    pub signature: String,
}

impl Seal {
    /// What is signed: every field but the signature, each on its line.
    fn signed(&self) -> String {
        format!(
            "hearth audit export {}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n",
            self.hearth_audit_export,
            self.from,
            self.until,
            self.first,
            self.last,
            self.hash_before,
            self.last_hash,
            self.head,
            self.head_hash,
            self.public_key,
        )
    }

    fn is_signed(&self) -> bool {
        let key = decoded::<32>(&self.public_key);
        let signature = decoded::<64>(&self.signature).map(|bytes| Signature::from_bytes(&bytes));
        let key = key.and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
        key.zip(signature).is_some_and(|(key, signature)| {
            key.verify_strict(self.signed().as_bytes(), &signature)
                .is_ok()
        })
    }
}

fn decoded<const N: usize>(hex: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok()
}

/// Puts on the record that a period is exported, and seals it.
pub async fn seal(
    db: &Db,
    keys: &Keys,
    (now, actor): (Time, Actor),
    period: Period,
) -> sqlx::Result<Seal> {
    let mut tx = db.begin().await?;
    let details = json!({ "from": period.from, "until": period.until });
    record(&mut tx, now, actor, "audit.export", "audit", details).await?;
    tx.commit().await?;

    let (head, head_hash) = store::head(db).await?;
    let (first, last) = store::range(db, period, head).await?.unwrap_or((1, 0));
    let key = keys.audit_signing_key();
    let mut seal = Seal {
        hearth_audit_export: VERSION,
        from: period.from,
        until: period.until,
        first,
        last,
        hash_before: HEXLOWER.encode(&store::hash(db, first - 1).await?),
        last_hash: HEXLOWER.encode(&store::hash(db, last).await?),
        head,
        head_hash: HEXLOWER.encode(&head_hash),
        public_key: HEXLOWER.encode(key.verifying_key().as_bytes()),
        signature: String::new(),
    };
    seal.signature = HEXLOWER.encode(&key.sign(seal.signed().as_bytes()).to_bytes());
    Ok(seal)
}

/// What is still to be written.
enum Part {
    Beginning,
    /// The lines after this number.
    After(i64),
    End,
}

/// An export, piece by piece.
pub fn export(
    db: Db,
    seal: Seal,
    format: ExportFormat,
) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    stream::try_unfold(Part::Beginning, move |part| {
        let (db, seal) = (db.clone(), seal.clone());
        async move {
            Ok(match part {
                Part::Beginning => Some((beginning(&seal, format)?, Part::After(seal.first - 1))),
                Part::After(seq) if seq >= seal.last => Some((end(&seal, format)?, Part::End)),
                Part::After(seq) => {
                    let limit = PAGE.min(seal.last - seq);
                    let page = lines(&db, seq, limit)
                        .await
                        .map_err(std::io::Error::other)?;
                    // Where the last lines are gone, whoever verifies the export is told.
                    let reached = page.last().map_or(seal.last, |line| line.seq);
                    let page: Vec<Line> = page.into_iter().filter(|l| l.seq <= seal.last).collect();
                    Some((written(&page, format)?, Part::After(reached)))
                }
                Part::End => None,
            })
        }
    })
}

fn beginning(seal: &Seal, format: ExportFormat) -> std::io::Result<Bytes> {
    match format {
        ExportFormat::Jsonl => json_lines(std::slice::from_ref(seal)),
        ExportFormat::Csv => csv_rows(|rows| {
            rows.write_record([
                "seq",
                "at",
                "actor",
                "action",
                "subject",
                "details",
                "prev_hash",
                "hash",
            ])
        }),
    }
}

fn written(page: &[Line], format: ExportFormat) -> std::io::Result<Bytes> {
    match format {
        ExportFormat::Jsonl => json_lines(page),
        ExportFormat::Csv => csv_rows(|rows| {
            page.iter().try_for_each(|line| {
                rows.write_record([
                    &line.seq.to_string(),
                    &line.at.to_string(),
                    &line.actor,
                    &line.action,
                    &line.subject,
                    &line.details,
                    &HEXLOWER.encode(&line.prev_hash),
                    &HEXLOWER.encode(&line.hash),
                ])
            })
        }),
    }
}

fn end(seal: &Seal, format: ExportFormat) -> std::io::Result<Bytes> {
    let seal = serde_json::to_string(seal)?;
    match format {
        ExportFormat::Jsonl => Ok(Bytes::new()),
        ExportFormat::Csv => {
            csv_rows(|rows| rows.write_record(["", "", "", "export.seal", "", &seal, "", ""]))
        }
    }
}

fn json_lines<T: Serialize>(values: &[T]) -> std::io::Result<Bytes> {
    let mut written = Vec::new();
    for value in values {
        serde_json::to_writer(&mut written, value)?;
        written.push(b'\n');
    }
    Ok(written.into())
}

fn csv_rows(
    write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>,
) -> std::io::Result<Bytes> {
    let mut rows = csv::Writer::from_writer(Vec::new());
    write(&mut rows).map_err(std::io::Error::other)?;
    let written = rows
        .into_inner()
        .map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(written.into())
}

/// Why an export is not as it was written.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It does not begin with a seal that this program knows.
    #[error("it does not begin with the seal of an export")]
    NoSeal,
    /// The signature is not that of the key that the seal names.
    #[error("the seal was changed: its signature is not right")]
    Signature,
    /// A line cannot be read.
    #[error("row {0} of the file is no line of a record")]
    Unreadable(usize),
    /// A line is not as it was written.
    #[error("line {} {}", .0.seq, .0.what)]
    Line(Broken),
    /// It cannot be read at all.
    #[error(transparent)]
    Read(#[from] std::io::Error),
}

/// Checks an export in JSON lines, without the database that it comes from; answers its seal.
/// Whether the key in it is that of the installation is for whoever asks to compare.
pub fn verify_file(file: impl BufRead) -> Result<Seal, Fault> {
    let mut rows = file.lines();
    let seal = rows.next().ok_or(Fault::NoSeal)??;
    let seal: Seal = serde_json::from_str(&seal).map_err(|_| Fault::NoSeal)?;
    if seal.hearth_audit_export != VERSION {
        return Err(Fault::NoSeal);
    }
    if !seal.is_signed() {
        return Err(Fault::Signature);
    }
    let hash = HEXLOWER.decode(seal.hash_before.as_bytes());
    let mut hash = hash.map_err(|_| Fault::NoSeal)?;
    let mut seq = seal.first - 1;
    for (at, row) in (2..).zip(rows) {
        let line: Line = serde_json::from_str(&row?).map_err(|_| Fault::Unreadable(at))?;
        line.follows(seq, &hash).map_err(Fault::Line)?;
        (seq, hash) = (line.seq, line.hash);
    }
    let missing = (seq != seal.last).then_some("is missing");
    let what = missing.or(
        (HEXLOWER.encode(&hash) != seal.last_hash && seal.first <= seal.last)
            .then_some("is not the last one that was sealed"),
    );
    match what {
        Some(what) => Err(Fault::Line(Broken {
            seq: seal.last.min(seq + 1),
            what,
        })),
        None => Ok(seal),
    }
}
