//! The SQL of reports.

use std::collections::HashMap;

use sqlx::QueryBuilder;

use super::{MadeReport, ReportReason};
use crate::clock::Time;
use crate::db::{Db, Name, Tx, on_db, on_tx, push_list};
use crate::ids::{CaseId, PostId};
use crate::keys::Tag;
use crate::moderation::cases::Report;

/// A report, to be stored.
pub struct NewReport<'a> {
    pub tag: Tag,
    pub post: PostId,
    pub case: CaseId,
    pub reason: ReportReason,
    pub note: Option<&'a str>,
    pub at: Time,
}

/// Stores a report. `false`: this person reported this post before.
pub async fn insert_report(tx: &mut Tx, report: &NewReport<'_>) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO reports (tag, post_id, case_id, reason, note, made_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tag) DO NOTHING"
    )
    .bind(report.tag.to_vec())
    .bind(report.post)
    .bind(report.case)
    .bind(report.reason.as_str())
    .bind(report.note)
    .bind(report.at)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// The case that a report with this tag went to.
pub async fn find_report(db: &Db, tag: Tag) -> sqlx::Result<Option<CaseId>> {
    on_db!(db, |c| sqlx::query_scalar(
        "SELECT case_id FROM reports WHERE tag = $1"
    )
    .bind(tag.to_vec())
    .fetch_optional(c)
    .await)
}

/// The reports that carry one of `tags`.
pub async fn tagged_reports(db: &Db, tags: &[Tag]) -> sqlx::Result<Vec<MadeReport>> {
    if tags.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut query =
            QueryBuilder::new("SELECT post_id, reason, note, made_at FROM reports WHERE tag IN (");
        push_list(&mut query, tags.iter().map(|tag| tag.to_vec()))
            .push(") ORDER BY made_at")
            .build_query_as()
            .fetch_all(c)
            .await
    })
}

/// Deletes the reports that carry one of `tags`.
pub async fn delete_tagged_reports(tx: &mut Tx, tags: &[Tag]) -> sqlx::Result<()> {
    if tags.is_empty() {
        return Ok(());
    }
    on_tx!(tx, |c| {
        let mut query = QueryBuilder::new("DELETE FROM reports WHERE tag IN (");
        push_list(&mut query, tags.iter().map(|tag| tag.to_vec()))
            .push(")")
            .build()
            .execute(c)
            .await
            .map(|_| ())
    })
}

/// The reports that went to each case.
pub async fn of_cases(db: &Db, cases: &[CaseId]) -> sqlx::Result<HashMap<CaseId, Vec<Report>>> {
    let mut all: HashMap<CaseId, Vec<Report>> = HashMap::new();
    if cases.is_empty() {
        return Ok(all);
    }
    let rows: Vec<(CaseId, Name<ReportReason>, Option<String>, Time)> = on_db!(db, |c| {
        let mut query = QueryBuilder::new(
            "SELECT case_id, reason, note, made_at FROM reports WHERE case_id IN (",
        );
        push_list(&mut query, cases.iter().copied())
            .push(") ORDER BY made_at")
            .build_query_as()
            .fetch_all(c)
            .await
    })?;
    for (case, Name(reason), note, at) in rows {
        all.entry(case)
            .or_default()
            .push(Report { reason, note, at });
    }
    Ok(all)
}
