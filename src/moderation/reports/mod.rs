//! Reports: a young person tells us of somebody else's post.

mod new;
mod store;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use new::Job;
pub use new::NewReports;
use store::NewReport;
pub(super) use store::of_cases;

use super::receipts::{self, Receipt, ReceiptKind};
use crate::clock::Time;
use crate::db::{Group, Tx};
use crate::error::{Error, Result};
use crate::ids::{AccountId, PostId};
use crate::keys::{self, Keys};
use crate::posts::{self, Posts};
use crate::triage::{Level, Queue};

/// Why somebody reports a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportReason {
    /// They fear for who wrote it.
    WorriedAboutThem,
    /// It is unkind to somebody.
    Bullying,
    /// It is hateful.
    Hate,
    /// It is sexual.
    Sexual,
    /// It says who somebody is, or how to reach them.
    PersonalInformation,
    /// It sells something, or says the same thing again and again.
    Spam,
    /// Something else.
    Other,
}

impl ReportReason {
    const ALL: [ReportReason; 7] = [
        ReportReason::WorriedAboutThem,
        ReportReason::Bullying,
        ReportReason::Hate,
        ReportReason::Sexual,
        ReportReason::PersonalInformation,
        ReportReason::Spam,
        ReportReason::Other,
    ];

    /// The name in JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            ReportReason::WorriedAboutThem => "worried_about_them",
            ReportReason::Bullying => "bullying",
            ReportReason::Hate => "hate",
            ReportReason::Sexual => "sexual",
            ReportReason::PersonalInformation => "personal_information",
            ReportReason::Spam => "spam",
            ReportReason::Other => "other",
        }
    }
}

impl std::str::FromStr for ReportReason {
    type Err = ();
    fn from_str(name: &str) -> std::result::Result<ReportReason, ()> {
        ReportReason::ALL
            .into_iter()
            .find(|reason| reason.as_str() == name)
            .ok_or(())
    }
}

/// A report as it is sent.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportDraft {
    /// Why.
    pub reason: ReportReason,
    /// In their own words; for the moderators alone. 1 to 1,000 characters.
    #[schema(max_length = 1000)]
    pub note: Option<String>,
}

/// Where people report. Cheap to clone.
#[derive(Clone)]
pub struct Reporting {
    /// What is reported.
    pub posts: Posts,
    /// Where reports are stored.
    pub new_reports: Group<NewReports>,
}

impl Reporting {
    /// Stores a report and opens a case, or joins the one that is open. A person reports a post
    /// once; reporting it again answers with the same receipt.
    ///
    /// # Errors
    /// Not found where the post is not live, a conflict where it is the person's own.
    pub async fn report(
        &self,
        person: AccountId,
        id: PostId,
        draft: ReportDraft,
    ) -> Result<Receipt> {
        let posts = &self.posts;
        let row = posts.visible(person, id).await?;
        if posts.author(&row) == Some(person) {
            return Err(Error::Conflict(
                "This is your own post. You can take it back.".into(),
            ));
        }
        let note = match draft.note.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(note) => Some(posts::accept("note", note)?),
        };
        let reason = draft.reason;
        let (queue, level) = match reason {
            ReportReason::WorriedAboutThem => (Queue::Safeguarding, Level::Red),
            _ => (Queue::Reports, Level::Green),
        };
        let receipt = posts
            .keys
            .receipt(person, ReceiptKind::Report.as_str(), (id, 0));
        let report = NewReport {
            tag: posts.keys.report_tag(person, id),
            post: id,
            reason,
            note,
            at: posts.clock.now(),
        };
        let stored = self.new_reports.write(Job {
            person,
            report,
            revision: row.revision,
            queue,
            level,
            receipt_hash: keys::hash_secret(&receipt),
        });
        let stored = stored.await?;
        if stored.is_new {
            metrics::counter!("hearth_reports_total", "reason" => reason.as_str()).increment(1);
        }
        Ok(Receipt {
            receipt,
            review_by: stored.review_by,
        })
    }
}

/// A report that somebody made.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct MadeReport {
    /// Of which post.
    #[schema(value_type = String)]
    pub post_id: PostId,
    /// Why.
    #[schema(value_type = ReportReason)]
    pub reason: String,
    /// In their words.
    pub note: Option<String>,
    /// When.
    #[sqlx(rename = "made_at")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
}

/// What a person reported about these posts.
pub async fn reports_by(
    posts: &Posts,
    person: AccountId,
    of: &[PostId],
) -> sqlx::Result<Vec<MadeReport>> {
    let tags: Vec<keys::Tag> = of
        .iter()
        .map(|id| posts.keys.report_tag(person, *id))
        .collect();
    store::tagged_reports(&posts.db, &tags).await
}

/// Deletes what a person reported about these posts, and the receipts for it.
pub async fn delete_reports(
    tx: &mut Tx,
    keys: &Keys,
    person: AccountId,
    of: &[PostId],
) -> sqlx::Result<()> {
    let tags: Vec<keys::Tag> = of
        .iter()
        .map(|post| keys.report_tag(person, *post))
        .collect();
    store::delete_tagged_reports(tx, &tags).await?;
    let kind = ReceiptKind::Report.as_str();
    let hashes: Vec<Vec<u8>> = of
        .iter()
        .map(|post| keys::hash_secret(&keys.receipt(person, kind, (*post, 0))))
        .collect();
    receipts::delete(tx, &hashes).await
}
