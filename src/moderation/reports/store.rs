//! The SQL of reports.

use std::collections::{HashMap, HashSet};

use sqlx::QueryBuilder;

use super::{MadeReport, ReportReason};
use crate::clock::Time;
use crate::db::{Db, Name, Tx, on_db, on_tx, push_list};
use crate::ids::{CaseId, PostId};
use crate::keys::Tag;
use crate::moderation::cases::Report;

/// A report, to be stored.
pub struct NewReport {
    pub tag: Tag,
    pub post: PostId,
    pub reason: ReportReason,
    pub note: Option<String>,
    pub at: Time,
}

/// Stores a report that goes to `case`. `false`: this person reported this post before.
pub async fn insert_report(tx: &mut Tx, report: &NewReport, case: CaseId) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO reports (tag, post_id, case_id, reason, note, made_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tag) DO NOTHING"
    )
    .bind(report.tag.to_vec())
    .bind(report.post)
    .bind(case)
    .bind(report.reason.as_str())
    .bind(&report.note)
    .bind(report.at)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// By when a person looks at the case that each report with one of these tags went to.
pub async fn cases_of(tx: &mut Tx, tags: &HashSet<Tag>) -> sqlx::Result<HashMap<Tag, Time>> {
    if tags.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Vec<u8>, Time)> = on_tx!(tx, |c| {
        let mut query = QueryBuilder::new(
            "SELECT r.tag, k.due_at FROM reports r JOIN cases k ON k.id = r.case_id
             WHERE r.tag IN (",
        );
        push_list(&mut query, tags.iter().map(|tag| tag.to_vec()))
            .push(")")
            .build_query_as()
            .fetch_all(c)
            .await
    })?;
    let rows = rows.into_iter();
    Ok(rows
        .filter_map(|(tag, due_at)| Some((tag.try_into().ok()?, due_at)))
        .collect())
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
