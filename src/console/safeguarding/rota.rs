//! The rota: who is on call, from when to when, and where there is nobody.

use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};
use serde::Deserialize;

use super::ways;
use crate::clock::Time;
use crate::console::form::Form;
use crate::console::page::{self, Section};
use crate::console::session::Visitor;
use crate::console::when;
use crate::error::{Error, Result};
use crate::extract::Path;
use crate::ids::{ShiftId, StaffId};
use crate::posts::Posts;
use crate::safeguarding::rota::{self, Gap, Lead, NewShift, Shift};
use crate::staff::{LeadOrAdmin, Member, Role};

const HERE: &str = "/console/safeguarding/rota";

/// The page, for everybody who escalates or is rung.
pub async fn rota(visitor: Visitor, State(posts): State<Posts>, member: Member) -> Result<Markup> {
    let edits = matches!(member.role, Role::Lead | Role::Admin);
    if !edits && member.role != Role::Moderator {
        return Err(Error::Forbidden);
    }
    let now = posts.clock.now();
    let shifts = rota::shifts(&posts.db, now).await?;
    let leads = rota::leads(&posts.db).await?;
    let gaps = rota::gaps(&shifts, now, now.plus(rota::AHEAD));
    let content = html! {
        h1 { "On call" }
        (ways(&visitor, HERE))
        (warnings(&gaps, now))
        @if shifts.is_empty() {
            p { "Nobody is on the rota. An escalated case rings for every lead." }
        } @else {
            (table(&visitor, &shifts, edits, now))
        }
        @if edits {
            (form(&visitor, &leads))
        }
    };
    Ok(page::page(
        &visitor,
        Section::Safeguarding,
        "On call",
        content,
    ))
}

fn warnings(gaps: &[Gap], now: Time) -> Markup {
    if gaps.is_empty() {
        return html! { p.said { "Somebody is on call at every hour of the next 7 days." } };
    }
    html! {
        div.problem {
            p { strong { "In the next 7 days, nobody is on call:" } }
            ul {
                @for gap in gaps {
                    li { (when::moment(gap.from, now)) " to " (when::moment(gap.to, now)) }
                }
            }
        }
    }
}

fn table(visitor: &Visitor, shifts: &[Shift], edits: bool, now: Time) -> Markup {
    html! {
        div.scrolls tabindex="0" {
            table {
                caption { "Who is on call, by UK time" }
                thead { tr {
                    th scope="col" { "Who" }
                    th scope="col" { "From" }
                    th scope="col" { "To" }
                    th.number scope="col" { "Rung" }
                    @if edits { th scope="col" { "Change" } }
                } }
                tbody {
                    @for shift in shifts {
                        tr {
                            td {
                                (shift.name)
                                @if shift.starts_at <= now { " " span.tag { "now" } }
                            }
                            td { (when::moment(shift.starts_at, now)) }
                            td { (when::moment(shift.ends_at, now)) }
                            td.number { (ordinal(shift.place)) }
                            @if edits { td {
                                form method="post" action={ (HERE) "/" (shift.id) "/remove" } {
                                    (page::token(visitor))
                                    button.quiet type="submit" {
                                        "Take off" span.visually-hidden { ": " (shift.name) }
                                    }
                                }
                            } }
                        }
                    }
                }
            }
        }
    }
}

fn ordinal(place: i64) -> String {
    match place {
        1 => "1st".into(),
        2 => "2nd".into(),
        3 => "3rd".into(),
        place => format!("{place}th"),
    }
}

fn form(visitor: &Visitor, leads: &[Lead]) -> Markup {
    html! {
        h2 { "Put somebody on call" }
        form.stacked.narrow method="post" action=(HERE) {
            (page::token(visitor))
            label for="lead" { "Safeguarding lead" }
            select id="lead" name="lead" required {
                option value="" { "Choose" }
                @for lead in leads {
                    option value=(lead.id) { (lead.name) }
                }
            }
            label for="from" { "From, by UK time" }
            input id="from" name="from" type="datetime-local" required;
            label for="to" { "To, by UK time" }
            input id="to" name="to" type="datetime-local" required;
            label for="place" { "Rung" }
            select id="place" name="place" {
                @for place in 1..=rota::LAST_PLACE {
                    option value=(place) { (ordinal(place.into())) }
                }
            }
            button.primary type="submit" { "Put on call" }
        }
    }
}

/// A time on call, as the form sends it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    lead: StaffId,
    from: String,
    to: String,
    place: u8,
}

/// Puts somebody on the rota.
pub async fn add(
    State(posts): State<Posts>,
    LeadOrAdmin(member): LeadOrAdmin,
    Form(fields): Form<Fields>,
) -> Result<Redirect> {
    let time = |field: &str, text: &str| {
        Time::from_uk(text).ok_or_else(|| Error::field(field, "Expected a day and a time."))
    };
    let new = NewShift {
        lead: fields.lead,
        from: time("from", &fields.from)?,
        to: time("to", &fields.to)?,
        place: fields.place,
    };
    rota::add(&posts, &member, new).await?;
    Ok(Redirect::to(HERE))
}

/// Takes a time on call off the rota.
pub async fn remove(
    State(posts): State<Posts>,
    LeadOrAdmin(member): LeadOrAdmin,
    Path(id): Path<ShiftId>,
) -> Result<Redirect> {
    rota::remove(&posts, &member, id).await?;
    Ok(Redirect::to(HERE))
}
