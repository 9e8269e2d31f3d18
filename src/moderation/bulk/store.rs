//! The SQL of decisions about many cases.

use std::collections::BTreeMap;

use sqlx::QueryBuilder;
use sqlx::types::Json;

use super::{Bulk, LeftOut, Query};
use crate::clock::Time;
use crate::db::{Db, Name, Tx, on_db, on_tx, push_rows};
use crate::ids::{BulkId, CaseId, PostId, StaffId};
use crate::moderation::Outcome;
use crate::posts::{self, PostState};
use crate::triage::{Level, Queue, Verdict};

/// What became of one of the cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemState {
    /// Nothing yet.
    Waiting,
    /// It is decided.
    Done,
    /// It could not be decided any more.
    Skipped,
    /// The decision was taken back.
    Undone,
    /// The decision could not be taken back any more.
    Kept,
}

impl ItemState {
    const ALL: [ItemState; 5] = [
        ItemState::Waiting,
        ItemState::Done,
        ItemState::Skipped,
        ItemState::Undone,
        ItemState::Kept,
    ];

    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            ItemState::Waiting => "waiting",
            ItemState::Done => "done",
            ItemState::Skipped => "skipped",
            ItemState::Undone => "undone",
            ItemState::Kept => "kept",
        }
    }
}

impl std::str::FromStr for ItemState {
    type Err = ();
    fn from_str(name: &str) -> Result<ItemState, ()> {
        let mut all = ItemState::ALL.into_iter();
        all.find(|state| state.as_str() == name).ok_or(())
    }
}

/// A case that fits a query.
#[derive(Debug, sqlx::FromRow)]
pub struct Candidate {
    pub id: CaseId,
    pub revision: i64,
    pub queue: Name<Queue>,
    pub level: Name<Level>,
    pub state: String,
    pub claimed_by: Option<StaffId>,
    pub claim_until: Option<Time>,
    pub post_level: Name<Level>,
    pub post_state: Name<PostState>,
    pub verdict: Json<Verdict>,
    pub earlier_words: i64,
}

/// The undecided cases that fit, the nearest deadline first.
pub async fn candidates(
    db: &Db,
    query: &Query,
    now: Time,
    limit: i64,
) -> sqlx::Result<Vec<Candidate>> {
    let mut found: Vec<Candidate> = on_db!(db, |c| {
        let mut sql = QueryBuilder::new(
            "SELECT k.id, k.revision, k.queue, k.level, k.state, k.claimed_by, k.claim_until,
                    p.level AS post_level, p.state AS post_state, p.verdict,
                    (SELECT count(*) FROM earlier_words e WHERE e.post_id = p.id) AS earlier_words
             FROM cases k JOIN posts p ON p.id = k.post_id WHERE k.state <> 'decided'",
        );
        if let Some(queue) = query.queue {
            sql.push(" AND k.queue = ").push_bind(queue.as_str());
        }
        if let Some(level) = query.level {
            sql.push(" AND k.level = ").push_bind(level.as_str());
        }
        if let Some(topic) = query.topic {
            sql.push(
                " AND EXISTS (SELECT 1 FROM post_topics t WHERE t.post_id = p.id AND t.topic = ",
            )
            .push_bind(topic.as_str())
            .push(")");
        }
        if let Some(hours) = query.hours {
            let long = std::time::Duration::from_secs(3_600 * u64::from(hours));
            sql.push(" AND k.opened_at <= ").push_bind(now.minus(long));
        }
        sql.push(" ORDER BY k.due_at, k.id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(c).await
    })?;
    if let Some(rule) = &query.rule {
        let matched = |case: &Candidate| case.verdict.matches.iter().any(|m| m.rule == *rule);
        found.retain(matched);
    }
    Ok(found)
}

/// A decision about many cases, as it is asked for.
pub struct New<'a> {
    pub id: BulkId,
    pub by: StaffId,
    pub now: Time,
    pub query: &'a Query,
    pub decision: Outcome,
    pub reason: Option<&'a str>,
    pub left_out: &'a BTreeMap<LeftOut, u32>,
}

/// Keeps it, and which cases it is about.
pub async fn insert(tx: &mut Tx, new: &New<'_>, cases: &[Candidate]) -> sqlx::Result<()> {
    let text = |value| serde_json::to_string(&value).unwrap_or_default();
    let query = serde_json::to_string(new.query).unwrap_or_default();
    let left_out: Vec<(LeftOut, u32)> = new.left_out.iter().map(|(why, n)| (*why, *n)).collect();
    let left_out = text(left_out);
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO bulk_decisions (id, made_by, made_at, query, decision, reason, left_out)
         VALUES ($1, $2, $3, $4, $5, $6, $7)"
    )
    .bind(new.id)
    .bind(new.by)
    .bind(new.now)
    .bind(query)
    .bind(new.decision.as_str())
    .bind(new.reason)
    .bind(left_out)
    .execute(c)
    .await
    .map(|_| ()))?;
    if cases.is_empty() {
        return Ok(());
    }
    on_tx!(tx, |c| {
        let mut query = QueryBuilder::new(
            "INSERT INTO bulk_cases (bulk_id, place, case_id, revision, level, state) ",
        );
        push_rows(&mut query, (1_i64..).zip(cases), |row, (place, case)| {
            row.push_bind(new.id)
                .push_bind(place)
                .push_bind(case.id)
                .push_bind(case.revision)
                .push_bind(case.level.0.as_str())
                .push_bind(ItemState::Waiting.as_str());
        })
        // A list is padded with its last row.
        .push(" ON CONFLICT (bulk_id, place) DO NOTHING")
        .build()
        .execute(c)
        .await
        .map(|_| ())
    })
}

#[derive(sqlx::FromRow)]
struct Row {
    id: BulkId,
    made_by: StaffId,
    name: String,
    made_at: Time,
    query: String,
    decision: String,
    reason: Option<String>,
    left_out: String,
    confirmed_at: Option<Time>,
    undone_at: Option<Time>,
    decided_at: Option<Time>,
}

/// How many of the cases are of a level, and in a state.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Tally {
    /// The level that the case had when it was looked at.
    pub level: Name<Level>,
    /// What became of it.
    pub state: Name<ItemState>,
    /// How many.
    pub count: i64,
}

/// A decision about many cases.
pub async fn find(db: &Db, id: BulkId) -> sqlx::Result<Option<Bulk>> {
    let row: Option<Row> = on_db!(db, |c| sqlx::query_as(
        "SELECT b.id, b.made_by, s.name, b.made_at, b.query, b.decision, b.reason, b.left_out,
                b.confirmed_at, b.undone_at,
                (SELECT max(c.decided_at) FROM bulk_cases c WHERE c.bulk_id = b.id) AS decided_at
         FROM bulk_decisions b JOIN staff s ON s.id = b.made_by WHERE b.id = $1"
    )
    .bind(id)
    .fetch_optional(c)
    .await)?;
    let Some(row) = row else { return Ok(None) };
    let tallies = on_db!(db, |c| sqlx::query_as(
        "SELECT level, state, count(*) AS count FROM bulk_cases WHERE bulk_id = $1
         GROUP BY level, state"
    )
    .bind(id)
    .fetch_all(c)
    .await)?;
    let left_out: Vec<(LeftOut, u32)> = serde_json::from_str(&row.left_out).unwrap_or_default();
    Ok(Some(Bulk {
        id: row.id,
        made_by: row.made_by,
        name: row.name,
        made_at: row.made_at,
        query: serde_json::from_str(&row.query).unwrap_or_default(),
        decision: match row.decision.as_str() {
            "approve" => Outcome::Approve,
            _ => Outcome::Decline,
        },
        reason: row.reason,
        left_out: left_out.into_iter().collect(),
        confirmed_at: row.confirmed_at,
        undone_at: row.undone_at,
        tallies,
        decided_at: row.decided_at,
    }))
}

/// The ids of the newest ones that were confirmed, of one member of staff or of all.
pub async fn recent(db: &Db, by: Option<StaffId>, limit: i64) -> sqlx::Result<Vec<BulkId>> {
    on_db!(db, |c| {
        let mut query =
            QueryBuilder::new("SELECT id FROM bulk_decisions WHERE confirmed_at IS NOT NULL");
        if let Some(by) = by {
            query.push(" AND made_by = ").push_bind(by);
        }
        query
            .push(" ORDER BY confirmed_at DESC, id LIMIT ")
            .push_bind(limit)
            .build_query_scalar()
            .fetch_all(c)
            .await
    })
}

/// One of the cases.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Item {
    /// The case.
    pub case_id: CaseId,
    /// Its post, which may be gone.
    pub post_id: PostId,
    /// The revision that was looked at.
    pub revision: i64,
    /// The level that it had then.
    pub level: Name<Level>,
    /// When it was opened.
    pub opened_at: Time,
    /// What became of it.
    pub state: Name<ItemState>,
    /// Why it was skipped, or kept.
    pub why: Option<String>,
    /// When it was decided.
    pub decided_at: Option<Time>,
    /// Where the post stood before.
    pub state_before: Option<Name<PostState>>,
    /// By when a person was to look at it.
    pub review_before: Option<Time>,
}

/// The cases, in the order in which they are decided, at most `limit`.
pub async fn items(
    db: &Db,
    id: BulkId,
    state: Option<ItemState>,
    limit: i64,
) -> sqlx::Result<Vec<Item>> {
    on_db!(db, |c| {
        let mut query = QueryBuilder::new(
            "SELECT b.case_id, k.post_id, b.revision, b.level, k.opened_at, b.state, b.why,
                    b.decided_at, b.state_before, b.review_before
             FROM bulk_cases b JOIN cases k ON k.id = b.case_id WHERE b.bulk_id = ",
        );
        query.push_bind(id);
        if let Some(state) = state {
            query.push(" AND b.state = ").push_bind(state.as_str());
        }
        query
            .push(" ORDER BY b.place LIMIT ")
            .push_bind(limit)
            .build_query_as()
            .fetch_all(c)
            .await
    })
}

/// Notes that its count was typed in. `false`: it was before.
pub async fn confirm(tx: &mut Tx, id: BulkId, now: Time) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE bulk_decisions SET confirmed_at = $2 WHERE id = $1 AND confirmed_at IS NULL"
    )
    .bind(id)
    .bind(now)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Whether somebody has reported what a case is about since it was looked at.
pub async fn is_reported_since(tx: &mut Tx, id: BulkId, case: CaseId) -> sqlx::Result<bool> {
    let reports: i64 = on_tx!(tx, |c| sqlx::query_scalar(
        "SELECT count(*) FROM reports r JOIN bulk_decisions b ON b.id = $1
         WHERE r.case_id = $2 AND r.made_at > b.made_at"
    )
    .bind(id)
    .bind(case)
    .fetch_one(c)
    .await)?;
    Ok(reports > 0)
}

/// Notes that a case is decided, and how its post was before. `false`: it is not one of those
/// that wait, or not as it was looked at.
pub async fn note_done(
    tx: &mut Tx,
    id: BulkId,
    (case, revision): (CaseId, i64),
    before: &posts::Row,
    now: Time,
) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE bulk_cases SET state = 'done', decided_at = $4, state_before = $5,
                review_before = $6
         WHERE bulk_id = $1 AND case_id = $2 AND revision = $3 AND state = 'waiting'"
    )
    .bind(id)
    .bind(case)
    .bind(revision)
    .bind(now)
    .bind(before.state.0.as_str())
    .bind(before.review_by)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Notes that a case that waited could not be decided.
pub async fn skip(tx: &mut Tx, id: BulkId, case: CaseId, why: &str) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE bulk_cases SET state = 'skipped', why = $3
         WHERE bulk_id = $1 AND case_id = $2 AND state = 'waiting'"
    )
    .bind(id)
    .bind(case)
    .bind(why)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Begins to take it back: what waits is not decided any more. `false`: somebody has begun.
pub async fn begin_undo(tx: &mut Tx, id: BulkId, now: Time) -> sqlx::Result<bool> {
    let begun = on_tx!(tx, |c| sqlx::query(
        "UPDATE bulk_decisions SET undone_at = $2 WHERE id = $1 AND undone_at IS NULL"
    )
    .bind(id)
    .bind(now)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))?;
    on_tx!(tx, |c| sqlx::query(
        "UPDATE bulk_cases SET state = 'skipped', why = 'It was taken back before its turn came.'
         WHERE bulk_id = $1 AND state = 'waiting'"
    )
    .bind(id)
    .execute(c)
    .await
    .map(|_| ()))?;
    Ok(begun)
}

/// Has a case wait again that was decided at this moment, where nothing has happened since.
pub async fn reopen(tx: &mut Tx, case: CaseId, decided_at: Time) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE cases SET state = 'open', decision = NULL, decided_by = NULL, decided_at = NULL,
                          claimed_by = NULL, claim_until = NULL
         WHERE id = $1 AND state = 'decided' AND decided_at = $2
           AND NOT EXISTS (SELECT 1 FROM cases o WHERE o.post_id = cases.post_id
                           AND o.state <> 'decided')"
    )
    .bind(case)
    .bind(decided_at)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Notes that a case is taken back. `false`: somebody else was first.
pub async fn note_undone(tx: &mut Tx, id: BulkId, case: CaseId) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE bulk_cases SET state = 'undone'
         WHERE bulk_id = $1 AND case_id = $2 AND state = 'done'"
    )
    .bind(id)
    .bind(case)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Notes that a case cannot be taken back.
pub async fn note_kept(tx: &mut Tx, id: BulkId, case: CaseId) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE bulk_cases SET state = 'kept', why = 'Something has happened to it since.'
         WHERE bulk_id = $1 AND case_id = $2 AND state = 'done'"
    )
    .bind(id)
    .bind(case)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Forgets what was looked at and not confirmed for a day.
pub async fn prune(tx: &mut Tx, now: Time) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM bulk_decisions WHERE confirmed_at IS NULL AND made_at < $1"
    )
    .bind(now.minus(std::time::Duration::from_secs(86_400)))
    .execute(c)
    .await
    .map(|_| ()))
}
