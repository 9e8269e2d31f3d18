//! Safeguarding records: what a case gave cause to worry about, what was done, what was decided,
//! and what came of it.
//!
//! A record is only ever added to. It closes when concern, action, decision and outcome are in
//! it; the case may be decided meanwhile, so that no post waits for paperwork. A closed record is
//! kept for [`RETENTION`], and then for as long as no admin erases it.

mod entries;
mod retention;
mod routes;
mod store;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

pub use entries::{
    Action, Category, Concern, Decided, Entry, Kind, Made, NewRecord, Outcome, Risk, Told, Verdict,
};
pub use retention::{Kept, RETENTION, erasable, erase};
pub use routes::routes;

use super::sealed;
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::db::{Tx, is_duplicate};
use crate::error::{Error, Result};
use crate::ids::{CaseId, RecordId};
use crate::page::Page;
use crate::posts::Posts;
use crate::staff::{Member, Role};
use store::{EntryRow, RecordRow};

/// What cannot be missing from a record that closes, and how it is asked for.
const NEEDED: [(Kind, &str); 4] = [
    (Kind::Concern, "the concern"),
    (Kind::Action, "at least one action"),
    (Kind::Decision, "the decision"),
    (Kind::Outcome, "the outcome"),
];

/// A safeguarding record.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SafeguardingRecord)]
pub struct Record {
    /// Names the record.
    #[schema(value_type = String)]
    pub id: RecordId,
    /// The case that gave cause for it.
    #[schema(value_type = String)]
    pub case_id: CaseId,
    /// The name of whoever opened it.
    pub opened_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Time,
    /// The name of the lead who closed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Time>,
    /// What it needs before it can be closed.
    pub missing: Vec<&'static str>,
    /// All that was written, oldest first.
    pub entries: Vec<Made>,
}

impl Record {
    /// What is in force of what was written of one kind: the last of it.
    pub fn last(&self, kind: Kind) -> Option<&Made> {
        let of_kind = |made: &&Made| made.entry.kind() == kind;
        self.entries.iter().rev().find(of_kind)
    }

    /// What gives cause to worry, as it is seen now.
    pub fn concern(&self) -> Option<&Concern> {
        match &self.last(Kind::Concern)?.entry {
            Entry::Concern(concern) => Some(concern),
            _ => None,
        }
    }
}

/// Which records are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SafeguardingRecordState)]
pub enum RecordState {
    /// Something is still to be done, or to be written.
    Open,
    /// It is closed.
    Closed,
}

impl RecordState {
    /// The name that clients use.
    pub fn as_str(self) -> &'static str {
        match self {
            RecordState::Open => "open",
            RecordState::Closed => "closed",
        }
    }
}

/// The records in one state that `member` may read, the oldest first.
pub async fn list(
    posts: &Posts,
    member: &Member,
    state: RecordState,
    after: Option<(i64, RecordId)>,
    limit: usize,
) -> Result<Page<Record>> {
    let own = (member.role != Role::Lead).then_some(member.id);
    let rows = store::list(&posts.db, state, own, after, limit as i64 + 1).await?;
    let Page { items, next } = Page::new(rows, limit, |row| (row.opened_at.micros(), row.id));
    Ok(Page {
        items: show(posts, items).await?,
        next,
    })
}

/// One record: for leads, and for whoever opened it.
///
/// # Errors
/// Not found where there is none, forbidden where it is another moderator's.
pub async fn get(posts: &Posts, member: &Member, id: RecordId) -> Result<Record> {
    let row = readable(posts, member, id).await?;
    show(posts, vec![row]).await?.pop().ok_or(Error::NotFound)
}

/// The records of a case, the oldest first, without what is in them.
pub async fn of_case(posts: &Posts, case: CaseId) -> Result<Vec<(RecordId, bool)>> {
    Ok(store::of_case(&posts.db, case).await?)
}

/// Opens a record with what gives cause to worry.
///
/// # Errors
/// Not found where there is no such case; a conflict where it has an open record.
pub async fn open(
    posts: &Posts,
    member: &Member,
    case: CaseId,
    concern: Concern,
) -> Result<Record> {
    let (now, id) = (posts.clock.now(), RecordId::random());
    let mut tx = posts.db.begin().await?;
    match store::insert(&mut tx, id, case, member.id, now).await {
        Err(error) if is_duplicate(&error) => {
            return Err(Error::Conflict(
                "This case has an open safeguarding record. Add to that one.".into(),
            ));
        }
        done => done?,
    }
    let details = json!({ "record": id });
    let actor = Actor::Staff(member.id);
    audit::record(&mut tx, now, actor, "safeguarding.open", case, details).await?;
    write(posts, &mut tx, member, id, &Entry::Concern(concern), now).await?;
    tx.commit().await?;
    get(posts, member, id).await
}

/// Adds to a record. What is decided and what came of it are written by a lead.
///
/// # Errors
/// Forbidden where it is another moderator's record, or a lead has to write this; a conflict
/// where it is closed.
pub async fn add(posts: &Posts, member: &Member, id: RecordId, entry: Entry) -> Result<Record> {
    readable(posts, member, id).await?;
    let for_leads = matches!(entry.kind(), Kind::Decision | Kind::Outcome);
    if for_leads && member.role != Role::Lead {
        return Err(Error::Forbidden);
    }
    let mut tx = posts.db.begin().await?;
    write(posts, &mut tx, member, id, &entry, posts.clock.now()).await?;
    tx.commit().await?;
    get(posts, member, id).await
}

async fn write(
    posts: &Posts,
    tx: &mut Tx,
    member: &Member,
    id: RecordId,
    entry: &Entry,
    now: Time,
) -> Result<()> {
    // The number is given out by the row of the record, which is locked from here on.
    let Some((case, n)) = store::next_entry(tx, id).await? else {
        return Err(Error::Conflict(
            "This record is closed. Open another one for the case.".into(),
        ));
    };
    let row = EntryRow {
        record_id: id,
        n,
        kind: entry.kind().as_str().into(),
        made_by: member.name.clone(),
        made_at: now,
        sealed: sealed::seal(&posts.keys, entry, &sealed::place("entry", id, n))?,
    };
    store::insert_entry(tx, &row, member.id).await?;
    let details = json!({ "record": id, "entry": n, "kind": entry.kind().as_str() });
    let actor = Actor::Staff(member.id);
    Ok(audit::record(tx, now, actor, "safeguarding.add", case, details).await?)
}

/// Closes a record in which everything is written.
///
/// # Errors
/// A conflict that names what is missing, or where it is closed; forbidden for all but leads.
pub async fn close(posts: &Posts, member: &Member, id: RecordId) -> Result<Record> {
    if member.role != Role::Lead {
        return Err(Error::Forbidden);
    }
    readable(posts, member, id).await?;
    let now = posts.clock.now();
    let mut tx = posts.db.begin().await?;
    let Some(case) = store::close(&mut tx, id, member.id, now).await? else {
        return Err(Error::Conflict("This record is closed already.".into()));
    };
    let missing = missing(&store::kinds(&mut tx, id).await?);
    if !missing.is_empty() {
        return Err(Error::Conflict(
            format!(
                "Before it can be closed, write down {}.",
                missing.join(", ")
            )
            .into(),
        ));
    }
    let details = json!({ "record": id });
    let actor = Actor::Staff(member.id);
    audit::record(&mut tx, now, actor, "safeguarding.close", case, details).await?;
    tx.commit().await?;
    get(posts, member, id).await
}

async fn readable(posts: &Posts, member: &Member, id: RecordId) -> Result<RecordRow> {
    let row = store::find(&posts.db, id).await?.ok_or(Error::NotFound)?;
    let own = member.role == Role::Moderator && row.opener == member.id;
    match member.role == Role::Lead || own {
        true => Ok(row),
        false => Err(Error::Forbidden),
    }
}

fn missing(kinds: &[String]) -> Vec<&'static str> {
    let is_missing = |(kind, _): &&(Kind, &str)| !kinds.iter().any(|there| there == kind.as_str());
    let missing = NEEDED.iter().filter(is_missing);
    missing.map(|(_, asked)| *asked).collect()
}

async fn show(posts: &Posts, rows: Vec<RecordRow>) -> Result<Vec<Record>> {
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    let mut of_all: Vec<(RecordId, Made)> = Vec::new();
    for row in store::entries(&posts.db, &ids).await? {
        let place = sealed::place("entry", row.record_id, row.n);
        let made = Made {
            n: row.n,
            by: row.made_by,
            at: row.made_at,
            entry: sealed::open(&posts.keys, &row.sealed, &place)?,
        };
        of_all.push((row.record_id, made));
    }
    let record = |row: RecordRow| {
        let own = of_all.iter().filter(|(record, _)| *record == row.id);
        let entries: Vec<Made> = own.map(|(_, made)| made.clone()).collect();
        let kinds: Vec<String> = (entries.iter())
            .map(|made| made.entry.kind().as_str().to_owned())
            .collect();
        Record {
            id: row.id,
            case_id: row.case_id,
            opened_by: row.opened_by,
            opened_at: row.opened_at,
            closed_by: row.closed_by,
            closed_at: row.closed_at,
            missing: missing(&kinds),
            entries,
        }
    };
    Ok(rows.into_iter().map(record).collect())
}
