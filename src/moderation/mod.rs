//! Moderation: people look at what the rules flag, what others report, and what an author
//! asks to have looked at again.
//!
//! Every act of a member of staff is put on the record in the transaction of the act.

mod appeals;
mod cases;
mod decide;
mod receipts;
mod reports;
mod routes;
mod store;

pub use appeals::Appeal;
pub use cases::{Case, CaseState};
pub use decide::Decision;
pub use reports::{ReportReason, delete_reports};
pub use routes::routes;
pub use store::{Backlog, backlog, close_erased};
