//! How moderation does: charts, tables, and files.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::figures_page;
use crate::clock::Time;
use crate::console::page::{self, Section};
use crate::console::session::Visitor;
use crate::error::{Error, Result};
use crate::extract::{Path, Query};
use crate::figures::{self, Table};
use crate::hindsight;
use crate::period::Period;
use crate::posts::Posts;
use crate::staff::Auditor;

/// Which stretch of time.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Asked {
    period: String,
}

impl Asked {
    /// The last 7, 30 or 90 days, or a month.
    fn period(&self, now: Time) -> Result<Period> {
        match self.period.as_str() {
            "" => Ok(Period::up_to(now, 30)),
            "7" => Ok(Period::up_to(now, 7)),
            "30" => Ok(Period::up_to(now, 30)),
            "90" => Ok(Period::up_to(now, 90)),
            month => Period::month(month),
        }
    }
}

/// The charts and tables.
pub async fn show(
    visitor: Visitor,
    _: Auditor,
    State(posts): State<Posts>,
    Query(asked): Query<Asked>,
) -> Result<Markup> {
    let now = posts.clock.now();
    let period = asked.period(now)?;
    let figures = figures::figures(&posts.db, period, now).await?;
    let content = html! {
        h1 { "Figures" }
        (figures_page::periods("/console/figures", &asked.period, period, now))
        (figures_page::all(&figures))
        (figures_page::files(&asked.period))
    };
    Ok(page::page(&visitor, Section::Figures, "Figures", content))
}

/// What each rule raised.
pub async fn rules(
    visitor: Visitor,
    _: Auditor,
    State(posts): State<Posts>,
    Query(asked): Query<Asked>,
) -> Result<Markup> {
    let now = posts.clock.now();
    let period = asked.period(now)?;
    let rules = figures::rules(&posts, period).await?;
    let content = html! {
        h1 { "What each rule raised" }
        (figures_page::periods("/console/figures/rules", &asked.period, period, now))
        (figures_page::rules(&rules))
        details { summary { "What agreement means" } pre { (hindsight::AGREEMENT) } }
        (figures_page::files(&asked.period))
    };
    Ok(page::page(&visitor, Section::Figures, "Rules", content))
}

/// A table as CSV, or all figures as JSON.
pub async fn download(
    _: Auditor,
    State(posts): State<Posts>,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let now = posts.clock.now();
    let period = asked.period(now)?;
    let table = match file.as_str() {
        "figures.json" => None,
        "cases.csv" => Some(Table::Cases),
        "steps.csv" => Some(Table::Steps),
        "appeals.csv" => Some(Table::Appeals),
        "rules.csv" => Some(Table::Rules),
        _ => return Err(Error::NotFound),
    };
    let figures = figures::figures(&posts.db, period, now).await?;
    let rules = match table {
        None | Some(Table::Rules) => figures::rules(&posts, period).await?,
        Some(_) => Vec::new(),
    };
    let (kind, body) = match table {
        Some(table) => (
            "text/csv; charset=utf-8",
            figures::csv(table, &figures, &rules)?,
        ),
        None => {
            let all = figures::All { figures, rules };
            let json = serde_json::to_vec(&all).map_err(|error| Error::Internal(error.into()))?;
            ("application/json", json)
        }
    };
    let name = format!("hearth-{}-{}-{file}", period.first_day(), period.last_day());
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((headers, body).into_response())
}
