//! Many new reports, stored at once: each with its case and its receipt.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::store::{self, NewReport};
use crate::accounts;
use crate::bus::Bus;
use crate::cases;
use crate::clock::Time;
use crate::db::{Tx, Writer};
use crate::error::{Error, Result};
use crate::ids::AccountId;
use crate::keys::Tag;
use crate::moderation::receipts::{self, ReceiptKind};
use crate::triage::{Level, Policy, Queue};

/// Stores new reports.
pub struct NewReports {
    /// By when a person looks.
    pub policy: Arc<Policy>,
    /// Who is told.
    pub bus: Bus,
}

/// One report.
pub struct Job {
    pub person: AccountId,
    pub report: NewReport,
    /// Which revision of the post they saw.
    pub revision: i64,
    pub queue: Queue,
    pub level: Level,
    pub receipt_hash: Vec<u8>,
}

/// What became of it.
#[derive(Clone, Copy, Debug)]
pub struct Stored {
    /// By when a person looks.
    pub review_by: Time,
    /// Whether this person had not reported this post before.
    pub is_new: bool,
}

impl Writer for NewReports {
    const NAME: &'static str = "reports";
    type Job = Job;
    type Answer = Stored;

    async fn write(&self, tx: &mut Tx, jobs: &[Job]) -> sqlx::Result<Vec<Result<Stored>>> {
        let people = accounts::hold_all(tx, jobs.iter().map(|job| job.person)).await?;
        let tags: HashSet<Tag> = jobs.iter().map(|job| job.report.tag).collect();
        let mut earlier: HashMap<Tag, Time> = store::cases_of(tx, &tags).await?;

        // In the order of the posts, so that of two processes none waits for the other crosswise.
        let mut order: Vec<usize> = (0..jobs.len()).collect();
        order.sort_by_key(|i| jobs[*i].report.post);
        let mut answers: Vec<_> = jobs.iter().map(|_| Err(Error::Unauthenticated)).collect();
        for i in order {
            let job = &jobs[i];
            if people.contains(&job.person) {
                answers[i] = Ok(self.store(tx, job, &mut earlier).await?);
            }
        }
        Ok(answers)
    }

    fn after_commit(&self) {
        self.bus.cases_changed();
    }
}

impl NewReports {
    async fn store(
        &self,
        tx: &mut Tx,
        job: &Job,
        earlier: &mut HashMap<Tag, Time>,
    ) -> sqlx::Result<Stored> {
        let report = &job.report;
        if let Some(review_by) = earlier.get(&report.tag) {
            return Ok(Stored {
                review_by: *review_by,
                is_new: false,
            });
        }
        let post = (report.post, job.revision);
        let case = cases::open(tx, &self.policy, post, job.queue, job.level, report.at).await?;
        // Another process may have stored the same report meanwhile: it went to this case.
        let is_new = store::insert_report(tx, report, case.id).await?;
        if is_new {
            receipts::keep(tx, &job.receipt_hash, ReceiptKind::Report, case.id).await?;
        }
        earlier.insert(report.tag, case.due_at);
        Ok(Stored {
            review_by: case.due_at,
            is_new,
        })
    }
}
