//! Moderation: people look at what the rules flag, what others report, and what an author
//! asks to have looked at again.
//!
//! Every act of a member of staff is put on the record in the transaction of the act.

mod admission;
mod appeals;
mod author;
pub mod bulk;
mod cases;
mod claims;
mod decide;
mod decision;
mod decisions;
pub mod handover;
mod mask;
pub mod queue;
mod receipts;
mod reports;
pub mod reviews;
mod routes;
mod store;
pub mod views;

pub use admission::{Urgent, urgent};
pub use appeals::{
    Appeal, MadeAppeal, Unjudged, appeals_about, delete_appeal_receipts, raise_alarm_over_appeals,
    unjudged,
};
pub use author::{AuthorPost, Why, author_posts};
pub use cases::{Case, CaseState, EarlierWords, Report, Step, get, list as list_cases};
pub use claims::{Assignment, assign, claim, claim_anyway, release};
pub use decide::decide;
pub use decision::{Decision, Outcome, told};
pub use decisions::{Made, forget_about as forget_undo_about, forget_undo, undo};
pub use mask::Mask;
pub use receipts::{Progress, Receipt, ReceiptKind};
pub use reports::{
    MadeReport, NewReports, ReportDraft, ReportReason, Reporting, delete_reports, reports_by,
};
pub use routes::routes;
pub use store::{Backlog, backlog, close_erased, names};
