//! The record of staff acts: looked through, verified, and exported.

use std::collections::HashMap;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use maud::{Markup, html};
use serde::Deserialize;

use crate::audit::{self, Actor, ExportFormat, Filter, Line};
use crate::clock::Time;
use crate::console::form::Form;
use crate::console::page::{self, Section, token};
use crate::console::session::Visitor;
use crate::console::when;
use crate::error::{Error, Result};
use crate::extract::Query;
use crate::period::{self, Period};
use crate::posts::Posts;
use crate::staff::{Auditor, Staff};

/// Lines on a page.
const SHOWN: usize = 50;

/// What is looked for, as the form says it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Search {
    actor: String,
    action: String,
    subject: String,
    day: String,
    before: Option<i64>,
}

impl Search {
    fn filter(&self) -> Result<Filter> {
        let wanted = |text: &str| {
            let text = text.trim();
            match text.contains('\0') {
                true => Err(Error::NotFound),
                false => Ok((!text.is_empty()).then(|| text.to_owned())),
            }
        };
        let day = wanted(&self.day)?.map(|day| Period::between(&day, &day));
        Ok(Filter {
            actor: wanted(&self.actor)?,
            action: wanted(&self.action)?,
            subject: wanted(&self.subject)?,
            period: day
                .transpose()
                .map_err(|_| Error::field("day", "Expected a day."))?,
            before: self.before,
        })
    }
}

/// The lines that fit, newest first.
pub async fn show(
    visitor: Visitor,
    _: Auditor,
    State(posts): State<Posts>,
    State(staff): State<Staff>,
    Query(search): Query<Search>,
) -> Result<Markup> {
    let mut lines = audit::search(&posts.db, &search.filter()?, SHOWN as i64 + 1).await?;
    let more = lines.len() > SHOWN;
    lines.truncate(SHOWN);
    let names = names(&staff).await?;
    let now = posts.clock.now();
    let next = lines.last().filter(|_| more).map(|last| last.seq);
    let key = posts.keys.audit_signing_key().verifying_key();
    let today = period::date(now);
    let content = html! {
        h1 { "The record" }
        p.note { "What staff did, newest first. Nobody can change it unseen." }
        form.row action="/console/audit/verify" {
            button type="submit" { "Check that nothing was changed" }
        }
        (search_form(&search, &names))
        @if lines.is_empty() {
            p { "Nothing fits." }
        } @else {
            (table(&lines, &names, now))
        }
        @if let Some(before) = next {
            form.row action="/console/audit" {
                input type="hidden" name="actor" value=(search.actor);
                input type="hidden" name="action" value=(search.action);
                input type="hidden" name="subject" value=(search.subject);
                input type="hidden" name="day" value=(search.day);
                input type="hidden" name="before" value=(before);
                button type="submit" { "Older ones" }
            }
        }
        h2 { "For a regulator" }
        form.stacked.card method="post" action="/console/audit/export" {
            (token(&visitor))
            label for="from" { "From" }
            input id="from" name="from" type="date" value=(today) required;
            label for="to" { "To" }
            input id="to" name="to" type="date" value=(today) required;
            label for="format" { "As" }
            select id="format" name="format" {
                option value="jsonl" { "JSON lines, which can be verified" }
                option value="csv" { "CSV, for a spreadsheet" }
            }
            p.note.small {
                "Days begin at midnight UTC. Every export is signed, and goes on the record. "
                code { "hearth audit verify --file" } " checks one anywhere; the key is "
                code { (HEXLOWER.encode(key.as_bytes())) } "."
            }
            button.primary type="submit" { "Export" }
        }
    };
    Ok(page::page(&visitor, Section::Record, "The record", content))
}

/// Walks the whole chain.
pub async fn verify(visitor: Visitor, _: Auditor, State(posts): State<Posts>) -> Result<Markup> {
    let found = audit::verify(&posts.db).await?;
    let content = html! {
        h1 { "The record" }
        @match found {
            Ok(lines) => p.said role="status" {
                "All " (lines) " lines are as they were written."
            },
            Err(broken) => p.problem role="alert" {
                "The chain is broken: line " (broken.seq) " " (broken.what) "."
            },
        }
        p { a href="/console/audit" { "Back to the record" } }
    };
    Ok(page::page(&visitor, Section::Record, "The record", content))
}

/// What is exported.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    from: String,
    to: String,
    format: ExportFormat,
}

/// A file with the lines of a period.
pub async fn export(
    Auditor(member): Auditor,
    State(posts): State<Posts>,
    Form(Export { from, to, format }): Form<Export>,
) -> Result<Response> {
    let period = Period::between(&from, &to)?;
    let by = (posts.clock.now(), Actor::Staff(member.id));
    let seal = audit::seal(&posts.db, &posts.keys, by, period).await?;
    let (kind, end) = match format {
        ExportFormat::Jsonl => ("application/jsonl", "jsonl"),
        ExportFormat::Csv => ("text/csv; charset=utf-8", "csv"),
    };
    let name = format!(
        "hearth-record-{}-{}.{end}",
        period.first_day(),
        period.last_day()
    );
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    let pieces = audit::export(posts.db.clone(), seal, format);
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// The names of staff, by what the record calls them.
async fn names(staff: &Staff) -> Result<HashMap<String, String>> {
    let members = staff
        .members()
        .await?
        .into_iter()
        .map(|listed| listed.member);
    let named = members.map(|member| (Actor::Staff(member.id).to_string(), member.name));
    Ok(named.collect())
}

fn search_form(search: &Search, names: &HashMap<String, String>) -> Markup {
    let mut by_name: Vec<(&String, &String)> = names.iter().map(|(id, name)| (name, id)).collect();
    by_name.sort();
    html! {
        form.row.card action="/console/audit" {
            label.inline { "Who "
                select name="actor" {
                    option value="" { "Everybody" }
                    @for (name, id) in by_name {
                        option value=(id) selected[search.actor == *id] { (name) }
                    }
                    @for other in ["operator", "system"] {
                        option value=(other) selected[search.actor == other] { (other) }
                    }
                }
            }
            label.inline { "What " input name="action" value=(search.action) size="14" placeholder="case."; }
            label.inline { "To what " input name="subject" value=(search.subject) size="14"; }
            label.inline { "Day " input name="day" type="date" value=(search.day); }
            button type="submit" { "Look" }
        }
    }
}

fn table(lines: &[Line], names: &HashMap<String, String>, now: Time) -> Markup {
    html! {
        div.scrolls tabindex="0" { table {
            caption.visually-hidden { "What was done" }
            thead { tr {
                th.number scope="col" { "Line" }
                th scope="col" { "When" }
                th scope="col" { "Who" }
                th scope="col" { "What" }
                th scope="col" { "To what" }
                th scope="col" { "More" }
            } }
            tbody {
                @for line in lines {
                    tr {
                        td.number { (line.seq) }
                        td { (when::moment(line.at, now)) }
                        td { (names.get(&line.actor).unwrap_or(&line.actor)) }
                        td { (line.action) }
                        td.small { (names.get(&format!("staff:{}", line.subject)).unwrap_or(&line.subject)) }
                        td.small { @if line.details != "{}" { code { (line.details) } } }
                    }
                }
            }
        } }
    }
}
