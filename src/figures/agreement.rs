//! How often two who decided about the same text agreed.

use serde::Serialize;
use utoipa::ToSchema;

use super::share::Share;
use crate::db::Db;
use crate::moderation::reviews;
use crate::period::Period;

/// How often a second decision, made without seeing the first, was the same.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Agreement {
    /// How many cases were decided twice.
    pub compared: u64,
    /// In how many of these both decided the same.
    pub agreed: u64,
    /// The share of the two; absent where too few are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
}

impl Agreement {
    /// None where nothing was compared.
    pub fn of(agreed: u64, compared: u64) -> Option<Agreement> {
        (compared > 0).then(|| Agreement {
            compared,
            agreed,
            share: Share::of(agreed, compared),
        })
    }
}

/// The agreement of the second opinions that were given in a period.
pub async fn agreement(db: &Db, period: Period) -> sqlx::Result<Option<Agreement>> {
    let (agreed, compared) = reviews::agreed(db, period.from, period.until).await?;
    Ok(Agreement::of(
        agreed.unsigned_abs(),
        compared.unsigned_abs(),
    ))
}
