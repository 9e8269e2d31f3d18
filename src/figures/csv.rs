//! The figures as tables for a spreadsheet.

use super::{Counts, Figures, OfCases, OfRule, Share};
use crate::error::{Error, Result};

/// One of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Cases by queue and level.
    Cases,
    /// Cases day by day, or week by week.
    Steps,
    /// Appeals and agreement.
    Appeals,
    /// What each rule raised.
    Rules,
}

const COUNTS: [&str; 11] = [
    "opened",
    "decided",
    "waiting",
    "ended by themselves",
    "seconds p50",
    "seconds p90",
    "seconds p99",
    "late",
    "late share",
    "late share low",
    "late share high",
];

/// A table as CSV; what is not known stays empty.
pub fn csv(table: Table, figures: &Figures, rules: &[OfRule]) -> Result<Vec<u8>> {
    let head = |first: &[&str], then: &[&str]| {
        [first, then]
            .concat()
            .iter()
            .map(|s| (*s).to_owned())
            .collect()
    };
    let rows: Vec<Vec<String>> = match table {
        Table::Cases => {
            let all = figures.levels.iter().chain(&figures.queues).map(of_cases);
            [head(&["queue", "level"], &COUNTS)]
                .into_iter()
                .chain(all)
                .collect()
        }
        Table::Steps => {
            let levels = ["from", "green", "amber", "red", "crisis"];
            let all = figures.steps.iter().map(|step| {
                let levels = step.by_level.map(|n| n.to_string());
                [
                    vec![step.day.clone()],
                    levels.to_vec(),
                    counts(&step.counts),
                ]
                .concat()
            });
            [head(&levels, &COUNTS)].into_iter().chain(all).collect()
        }
        Table::Appeals => {
            let appeals = figures.appeals;
            let mut rows = vec![head(&["what", "of", "count", "share", "low", "high"], &[])];
            let mut row = |what: &str, of: u64, count: u64, share| {
                let first = vec![what.to_owned(), of.to_string(), count.to_string()];
                rows.push([first, shares(share)].concat());
            };
            row(
                "appeals overturned",
                appeals.decided,
                appeals.overturned,
                appeals.share,
            );
            if let Some(agreement) = figures.agreement {
                row(
                    "second looks that agreed",
                    agreement.compared,
                    agreement.agreed,
                    agreement.share,
                );
            }
            rows
        }
        Table::Rules => {
            let first = [
                "rule",
                "shadow",
                "posts",
                "decided",
                "declined or escalated",
            ];
            let all = rules.iter().map(|rule| {
                let first = vec![
                    rule.rule.clone(),
                    rule.shadow.to_string(),
                    rule.posts.to_string(),
                    rule.decided.to_string(),
                    rule.agreed.to_string(),
                ];
                [first, shares(rule.agreement)].concat()
            });
            let head = head(&first, &["agreement", "low", "high"]);
            [head].into_iter().chain(all).collect()
        }
    };
    let mut csv = ::csv::Writer::from_writer(Vec::new());
    for row in rows {
        csv.write_record(row)
            .map_err(|error| Error::internal(error.to_string()))?;
    }
    csv.into_inner()
        .map_err(|error| Error::internal(error.to_string()))
}

fn of_cases(line: &OfCases) -> Vec<String> {
    let queue = line.queue.map_or("all", |queue| queue.as_str());
    let first = vec![queue.to_owned(), line.level.as_str().to_owned()];
    [first, counts(&line.counts)].concat()
}

fn counts(counts: &Counts) -> Vec<String> {
    let whole = [counts.opened, counts.decided, counts.waiting, counts.erased];
    let times = counts
        .seconds
        .map(|times| [times.p50, times.p90, times.p99]);
    let times = match times {
        Some(times) => times.map(|seconds| seconds.to_string()),
        None => Default::default(),
    };
    let breached = vec![counts.breached.to_string()];
    [
        whole.map(|n| n.to_string()).to_vec(),
        times.to_vec(),
        breached,
        shares(counts.breach_rate),
    ]
    .concat()
}

fn shares(share: Option<Share>) -> Vec<String> {
    match share {
        Some(Share { share, low, high }) => [share, low, high]
            .map(|share| format!("{share:.4}"))
            .to_vec(),
        None => vec![String::new(); 3],
    }
}
