//! Moderation: people look at what the rules flag, what others report, and what an author
//! asks to have looked at again.
//!
//! Every act of a member of staff is put on the record in the transaction of the act.

mod appeals;
mod cases;
mod claims;
mod decide;
pub mod handover;
pub mod queue;
mod receipts;
mod reports;
mod routes;
mod store;
pub mod views;

pub use appeals::{Appeal, MadeAppeal, appeals_about, delete_appeal_receipts};
pub use cases::{Case, CaseState, get as get_case, list as list_cases};
pub use claims::{Assignment, assign, claim, release};
pub use decide::{Decision, Outcome};
pub use receipts::{Progress, Receipt, ReceiptKind};
pub use reports::{
    MadeReport, NewReports, ReportDraft, ReportReason, Reporting, delete_reports, reports_by,
};
pub use routes::routes;
pub use store::{Backlog, backlog, close_erased};
