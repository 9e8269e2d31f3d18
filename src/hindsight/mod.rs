//! Looking back: what rules did, or other rules would have done, beside what people decided.
//!
//! It reads posts, cases, reports and the record of staff acts, page by page, and changes
//! nothing but that record: where somebody asks to see words, that is put on it first.

mod decided;
mod exact;
mod minutes;
mod replay;
mod stats;
mod store;

pub use exact::{Exact, NoReplay, exact};
pub use minutes::Minutes;
pub use replay::{Caught, Replay, ReplayError, replay};
pub use stats::{AGREEMENT, Kind, RuleStats, Stats, stats};
pub use store::Past;

use std::time::Duration;

use serde_json::json;

use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::db::Db;

/// Posts that are read at once.
const PAGE: i64 = 500;

/// A stretch of time up to now.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// From then on.
    pub since: Time,
    /// Until then.
    pub until: Time,
}

impl Window {
    /// So long, up to `now`; from a whole second on.
    pub fn up_to(now: Time, long: Duration) -> Window {
        let since = now.minus(long).seconds();
        Window {
            since: Time::from_micros(since.saturating_mul(1_000_000)),
            until: now,
        }
    }

    /// How many days a figure "per day" is made of: from the first post on, and at least one.
    fn days(&self, first: Option<Time>) -> f64 {
        let from = first.unwrap_or(self.since).max(self.since);
        let micros = self.until.micros().saturating_sub(from.micros());
        (micros as f64 / 86_400e6).max(1.0)
    }
}

/// Puts on the record that whoever runs commands looks at words of young people. To be done
/// before they see any.
pub async fn record_showing(db: &Db, now: Time, what: &str) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    let details = json!({});
    audit::record(&mut tx, now, Actor::Operator, "words.show", what, details).await?;
    tx.commit().await
}
