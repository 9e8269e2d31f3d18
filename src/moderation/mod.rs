//! Moderation: people look at what the rules flag, what others report, and what an author
//! asks to have looked at again.
//!
//! Every act of a member of staff is put on the record in the transaction of the act.

mod admission;
mod appeals;
mod cases;
mod decide;
mod receipts;
mod reports;
pub mod reviews;
mod routes;
mod store;

pub use admission::{Urgent, urgent};
pub use appeals::{
    Appeal, MadeAppeal, Unjudged, appeals_about, delete_appeal_receipts, raise_alarm_over_appeals,
    unjudged,
};
pub use cases::{Case, CaseState, claim, claim_anyway};
pub use decide::{Decision, Outcome};
pub use receipts::{Progress, Receipt, ReceiptKind};
pub use reports::{
    MadeReport, NewReports, ReportDraft, ReportReason, Reporting, delete_reports, reports_by,
};
pub use routes::routes;
pub use store::{Backlog, backlog, close_erased};
