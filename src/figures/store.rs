//! The SQL of the figures. It reads cases, and writes nothing.

use crate::clock::Time;
use crate::db::{Db, Name, on_db};
use crate::ids::CaseId;
use crate::period::Period;
use crate::triage::{Level, Queue};

/// Cases that are read at once.
pub const PAGE: i64 = 5_000;

/// A case, without what it is about and who decided.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PastCase {
    /// The case.
    pub id: CaseId,
    /// Which queue it waited in.
    pub queue: Name<Queue>,
    /// How urgent it was.
    pub level: Name<Level>,
    /// When it was opened.
    pub opened_at: Time,
    /// By when a person was to decide.
    pub due_at: Time,
    /// When it was decided.
    pub decided_at: Option<Time>,
    /// What was decided.
    pub decision: Option<String>,
}

impl PastCase {
    /// Whether it ended by itself, because the author left.
    pub fn is_erased(&self) -> bool {
        self.decision.as_deref() == Some("erased")
    }
}

/// The cases that were opened in a period and come after `after`, oldest first.
pub async fn cases(
    db: &Db,
    period: Period,
    after: Option<(Time, CaseId)>,
) -> sqlx::Result<Vec<PastCase>> {
    let before = Time::from_micros(period.from.micros().saturating_sub(1));
    let (at, id) = after.unwrap_or((before, CaseId::MAX));
    on_db!(db, |c| sqlx::query_as(
        "SELECT id, queue, level, opened_at, due_at, decided_at, decision FROM cases
         WHERE (opened_at, id) > ($1, $2) AND opened_at < $3 ORDER BY opened_at, id LIMIT $4"
    )
    .bind(at)
    .bind(id)
    .bind(period.until)
    .bind(PAGE)
    .fetch_all(c)
    .await)
}

/// When the first case of all was opened.
pub async fn first_opened(db: &Db) -> sqlx::Result<Option<Time>> {
    on_db!(db, |c| sqlx::query_scalar(
        "SELECT min(opened_at) FROM cases"
    )
    .fetch_one(c)
    .await)
}
