//! What rings or was taken, and the records: open ones first, the oldest on top.

use axum::extract::State;
use maud::{Markup, html};
use serde::Deserialize;

use super::{case_path, ways};
use crate::clock::Time;
use crate::console::page::{self, Section};
use crate::console::session::Visitor;
use crate::console::when;
use crate::error::{Error, Result};
use crate::extract::Query;
use crate::page::after;
use crate::posts::Posts;
use crate::safeguarding::disclosures;
use crate::safeguarding::escalations::{self, Escalation, EscalationState};
use crate::safeguarding::records::{self, Record, RecordState};
use crate::staff::{Member, Role};

const HERE: &str = "/console/safeguarding";
/// How many records of one state a page shows.
const ROWS: usize = 50;

/// Which records are asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    state: Option<RecordState>,
    after: Option<String>,
}

/// The page. Moderators see the records that they opened; admins see which they may erase.
pub async fn overview(
    visitor: Visitor,
    State(posts): State<Posts>,
    member: Member,
    Query(which): Query<Which>,
) -> Result<Markup> {
    let now = posts.clock.now();
    let content = match member.role {
        Role::Admin => for_admin(&visitor, &posts, now).await?,
        Role::Lead | Role::Moderator => for_moderators(&visitor, &posts, &which, now).await?,
        Role::OrgWorker | Role::Analyst => return Err(Error::Forbidden),
    };
    let waiting = match member.role {
        Role::Lead | Role::Admin => disclosures::unfinished(&posts, &member).await?.len(),
        _ => 0,
    };
    let content = html! {
        h1 { "Safeguarding" }
        (ways(&visitor, HERE))
        @if waiting > 0 {
            p.problem {
                a href="/console/safeguarding/disclosures" {
                    "Looking behind anonymity: " (waiting) " to be seen to"
                }
            }
        }
        (content)
    };
    Ok(page::page(
        &visitor,
        Section::Safeguarding,
        "Safeguarding",
        content,
    ))
}

async fn for_moderators(
    visitor: &Visitor,
    posts: &Posts,
    which: &Which,
    now: Time,
) -> Result<Markup> {
    let state = which.state.unwrap_or(RecordState::Open);
    let after = after(which.after.as_deref())?;
    let records = records::list(posts, &visitor.member, state, after, ROWS).await?;
    let (title, other, other_title) = match state {
        RecordState::Open => ("Open records", "closed", "Closed records"),
        RecordState::Closed => ("Closed records", "open", "Open records"),
    };
    let escalations = escalations::unresolved(&posts.db).await?;
    Ok(html! {
        h2 { "Escalated cases" }
        (escalated(&escalations, now))
        h2 { (title) }
        @if visitor.member.role == Role::Moderator {
            p.note { "These are the records that you opened. Leads see all." }
        }
        @if records.items.is_empty() {
            p { "There is none." }
        } @else {
            (table(&records.items, title, now))
        }
        @if let Some(next) = &records.next {
            p { a href={ (HERE) "?state=" (state.as_str()) "&after=" (next) } { "Later ones" } }
        }
        p { a href={ (HERE) "?state=" (other) } { (other_title) } }
    })
}

fn escalated(escalations: &[Escalation], now: Time) -> Markup {
    if escalations.is_empty() {
        return html! { p { "Nothing rings, and nothing waits for a lead's decision." } };
    }
    html! {
        div.scrolls tabindex="0" {
            table {
                caption.visually-hidden { "Escalated cases that are undecided" }
                thead { tr {
                    th scope="col" { "Case" }
                    th scope="col" { "Escalated" }
                    th scope="col" { "Who has it" }
                } }
                tbody {
                    @for escalation in escalations {
                        tr {
                            td {
                                a href=(case_path(escalation.case_id)) {
                                    (page::level(escalation.level.0))
                                }
                            }
                            td {
                                (when::moment(escalation.opened_at, now))
                                " by " (escalation.opened_by)
                            }
                            td { (who_has(escalation, now)) }
                        }
                    }
                }
            }
        }
    }
}

fn who_has(escalation: &Escalation, now: Time) -> Markup {
    let until = html! { ", until " (when::moment(escalation.answer_by, now)) };
    match (&escalation.acknowledged_by, &escalation.rung) {
        (Some(name), _) => html! { (name) },
        (None, Some(name)) if escalation.state.0 == EscalationState::Ringing => {
            html! { "rings for " (name) (until) " (ring " (escalation.rings) ")" }
        }
        _ => html! { strong.breached { "rings for every lead" } },
    }
}

fn table(records: &[Record], caption: &str, now: Time) -> Markup {
    html! {
        div.scrolls tabindex="0" {
            table {
                caption.visually-hidden { (caption) }
                thead { tr {
                    th scope="col" { "Concern" }
                    th scope="col" { "Risk" }
                    th scope="col" { "Opened" }
                    th scope="col" { "Still to be written" }
                } }
                tbody {
                    @for record in records {
                        @let concern = record.concern();
                        tr {
                            td { a href={ (HERE) "/" (record.id) } {
                                (concern.map_or("A record", |concern| concern.category.label()))
                            } }
                            td { (concern.map_or("", |concern| concern.risk.label())) }
                            td {
                                (when::moment(record.opened_at, now)) " by " (record.opened_by)
                            }
                            td { (record.missing.join(", ")) }
                        }
                    }
                }
            }
        }
    }
}

async fn for_admin(visitor: &Visitor, posts: &Posts, now: Time) -> Result<Markup> {
    let erasable = records::erasable(posts).await?;
    Ok(html! {
        h2 { "Records that have been kept for long enough" }
        p.note {
            "A closed record is kept for 14 years, and then until an admin erases it. What is in "
            "a record is for leads alone."
        }
        @if erasable.is_empty() {
            p { "There is none." }
        } @else {
            table {
                caption.visually-hidden { "Records that may be erased" }
                thead { tr {
                    th scope="col" { "Opened" }
                    th scope="col" { "Closed" }
                    th scope="col" { "Erase" }
                } }
                tbody {
                    @for record in &erasable {
                        tr {
                            td { (when::moment(record.opened_at, now)) }
                            td { (when::moment(record.closed_at, now)) }
                            td {
                                form method="post" action={ (HERE) "/" (record.id) "/erase" } {
                                    (page::token(visitor))
                                    button.danger type="submit" { "Erase for good" }
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}
