//! What the page of a case shows of safeguarding.

use axum::extract::State;
use maud::{Markup, html};
use serde::Deserialize;

use super::{case_path, record, ways};
use crate::clock::Time;
use crate::console::page::{self, Section};
use crate::console::session::Visitor;
use crate::console::when;
use crate::error::Result;
use crate::extract::Query;
use crate::ids::CaseId;
use crate::posts::Posts;
use crate::safeguarding::escalations::{self, Escalation, EscalationState};
use crate::safeguarding::records;
use crate::staff::{Moderator, Role};

/// Which case it is about.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    case: CaseId,
}

/// All that there is of safeguarding about a case, as a page of its own.
pub async fn page_about(
    visitor: Visitor,
    State(posts): State<Posts>,
    _: Moderator,
    Query(about): Query<About>,
) -> Result<Markup> {
    let content = html! {
        h1 { "Safeguarding in a case" }
        (ways(&visitor, ""))
        p { a href=(case_path(about.case)) { "Back to the case" } }
        (on_case(&posts, &visitor, about.case).await?)
    };
    let title = "Safeguarding in a case";
    Ok(page::page(&visitor, Section::Safeguarding, title, content))
}

/// Who was rung and who has taken the case, its records, and the ways to open one and to look
/// behind anonymity; for moderators and leads.
pub async fn on_case(posts: &Posts, visitor: &Visitor, case: CaseId) -> Result<Markup> {
    let escalation = escalations::of_case(&posts.db, case).await?;
    let records = records::of_case(posts, case).await?;
    let has_open = records.iter().any(|(_, open)| *open);
    let (now, is_lead) = (posts.clock.now(), visitor.member.role == Role::Lead);
    Ok(html! {
        section.card aria-labelledby="safeguarding" {
            h2 id="safeguarding" { "Safeguarding" }
            @if let Some(escalation) = &escalation {
                (told(visitor, escalation, is_lead, now))
            }
            @for (id, open) in &records {
                p {
                    a href={ "/console/safeguarding/" (id) } {
                        @if *open { "The open safeguarding record" }
                        @else { "A closed safeguarding record" }
                    }
                }
            }
            @if !has_open {
                details {
                    summary { "Open a safeguarding record" }
                    (record::new_form(visitor, case))
                }
            }
            @if is_lead {
                p { a href={ "/console/safeguarding/disclosures/new?case=" (case) } {
                    "Ask to look behind anonymity"
                } }
            }
        }
    })
}

fn told(visitor: &Visitor, escalation: &Escalation, is_lead: bool, now: Time) -> Markup {
    html! {
        p {
            "Escalated by " (escalation.opened_by) ", " (when::moment(escalation.opened_at, now))
            ". "
            @match (&escalation.acknowledged_by, &escalation.rung, escalation.state.0) {
                (Some(name), ..) => { (name) " has taken it." }
                (None, Some(name), EscalationState::Ringing) => {
                    "It rings for " (name) " until " (when::moment(escalation.answer_by, now)) "."
                }
                (None, None, EscalationState::Ringing) => {
                    strong.breached { "Nobody has taken it: it rings for every lead." }
                }
                _ => {}
            }
        }
        @if is_lead && escalation.state.0 == EscalationState::Ringing {
            form method="post" action={
                "/console/safeguarding/escalations/" (escalation.id) "/acknowledge"
            } {
                (page::token(visitor))
                button.primary type="submit" { "I take it" }
            }
        }
    }
}
