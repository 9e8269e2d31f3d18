//! What needs a lead at once, on top of every page of theirs: cases that ring, and requests to look
//! behind anonymity that wait for a second person.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::case_path;
use crate::console::page;
use crate::console::session::Visitor;
use crate::console::when;
use crate::error::Result;
use crate::extract::Path;
use crate::ids::{DisclosureId, EscalationId};
use crate::posts::Posts;
use crate::safeguarding::disclosures;
use crate::safeguarding::escalations::{self, Escalation};
use crate::staff::{Lead, Member, Role};

/// What needs somebody at once.
#[derive(Clone, Default)]
pub struct Ringing {
    /// Cases that ring for this lead.
    escalations: Vec<Escalation>,
    /// Requests to look behind anonymity that wait for them.
    disclosures: Vec<DisclosureId>,
}

/// Looks what rings for a lead, and what waits for a second person, for the frame of whatever page
/// they get.
pub async fn with_ringing(
    State(posts): State<Posts>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(visitor) = request.extensions_mut().get_mut::<Visitor>() else {
        return next.run(request).await;
    };
    match ringing_for(&posts, &visitor.member).await {
        Ok(ringing) => visitor.ringing = ringing,
        Err(error) => return error.into_response(),
    }
    let visitor = visitor.clone();
    let mut response = next.run(request).await;
    // For the frame of the page that tells a problem.
    response.extensions_mut().insert(visitor);
    response
}

async fn ringing_for(posts: &Posts, member: &Member) -> Result<Ringing> {
    Ok(Ringing {
        escalations: match member.role {
            Role::Lead => escalations::ringing_for(&posts.db, member).await?,
            _ => Vec::new(),
        },
        disclosures: match member.role {
            Role::Lead | Role::Admin => disclosures::waiting_for(posts, member).await?,
            _ => Vec::new(),
        },
    })
}

/// What needs a lead or an admin at once; the script asks for it again every few seconds.
pub fn banner(visitor: &Visitor) -> Markup {
    match visitor.member.role {
        Role::Lead | Role::Admin => html! { div id="ringing" { (bells(visitor)) } },
        _ => html! {},
    }
}

fn bells(visitor: &Visitor) -> Markup {
    html! {
        @for escalation in &visitor.ringing.escalations {
            (bell(visitor, escalation))
        }
        @for disclosure in &visitor.ringing.disclosures {
            section.ringing role="alert" {
                p {
                    "Looking behind anonymity: "
                    a href={ "/console/safeguarding/disclosures/" (disclosure) } {
                        "a request waits for you"
                    }
                    "."
                }
            }
        }
    }
}

fn bell(visitor: &Visitor, escalation: &Escalation) -> Markup {
    let Escalation { id, case_id, .. } = escalation;
    html! {
        section.ringing role="alert" {
            p {
                strong { "A case needs a lead. " }
                (page::level(escalation.level.0))
                ", escalated by " (escalation.opened_by) " at "
                (when::moment(escalation.opened_at, escalation.opened_at)) ". "
                @match &escalation.rung {
                    Some(_) => "It rings for you until ",
                    None => "Nobody has answered: it rings for every lead. Next alarm at ",
                }
                (when::moment(escalation.answer_by, escalation.opened_at)) "."
            }
            form.row method="post" action={
                "/console/safeguarding/escalations/" (id) "/acknowledge"
            } {
                (page::token(visitor))
                button.primary type="submit" { "I take it" }
                a href=(case_path(*case_id)) { "Look at the case" }
            }
        }
    }
}

/// What stands in the banner, for the script.
pub async fn fragment(visitor: Visitor) -> Markup {
    bells(&visitor)
}

/// A lead takes what rings, and goes on to the case.
pub async fn acknowledge(
    State(posts): State<Posts>,
    Lead(member): Lead,
    Path(id): Path<EscalationId>,
) -> Result<Redirect> {
    let case = escalations::acknowledge(&posts, &member, id).await?;
    Ok(Redirect::to(&case_path(case)))
}
