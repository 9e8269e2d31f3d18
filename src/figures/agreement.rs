//! How often two who decided about the same text agreed.

use serde::Serialize;
use utoipa::ToSchema;

use super::share::Share;
use crate::db::Db;
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

/// The agreement about cases that were opened in a period. Nobody decides twice yet.
pub async fn agreement(_: &Db, _: Period) -> sqlx::Result<Option<Agreement>> {
    Ok(Agreement::of(0, 0))
}
