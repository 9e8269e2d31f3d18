//! Claiming a case, giving it back, and handing it to a colleague.

use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};

use crate::console::form::Form;
use crate::console::page::{self, Section, level, role_name, token};
use crate::console::session::Visitor;
use crate::console::when;
use crate::error::Result;
use crate::extract::Path;
use crate::ids::CaseId;
use crate::moderation::{self, Assignment, CaseState};
use crate::posts::Posts;
use crate::staff::{self, Moderator, Role};

/// Claims a case, and opens it.
pub async fn claim(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<CaseId>,
) -> Result<Redirect> {
    moderation::claim(&posts, &member, id).await?;
    Ok(Redirect::to(&format!("/console/cases/{id}")))
}

/// Gives a case back.
pub async fn release(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<CaseId>,
) -> Result<Redirect> {
    moderation::release(&posts, &member, id).await?;
    Ok(Redirect::to("/console/queue"))
}

/// Hands a case to a colleague.
pub async fn assign(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<CaseId>,
    Form(assignment): Form<Assignment>,
) -> Result<Redirect> {
    moderation::assign(&posts, &member, id, &assignment).await?;
    Ok(Redirect::to("/console/queue"))
}

/// To whom a case is handed.
pub async fn choose(
    visitor: Visitor,
    State(posts): State<Posts>,
    _: Moderator,
    Path(id): Path<CaseId>,
) -> Result<Markup> {
    let case = moderation::get(&posts, id).await?;
    let now = posts.clock.now();
    let only_leads = case.state == CaseState::Escalated;
    let colleagues = staff::moderators(&posts.db).await?;
    let content = html! {
        section.narrow {
            h1 { "Assign a case" }
            dl.facts {
                dt { "Level" } dd { (level(case.level)) }
                dt { "Queue" } dd { (case.queue.as_str()) }
                dt { "Time" } dd.breached[case.breached] { (when::left(case.due_at, now)) }
                dt { "With" } dd { (case.claimed_by.as_deref().unwrap_or("nobody")) }
            }
            form.stacked method="post" action={ "/console/cases/" (id) "/assign" } {
                (token(&visitor))
                label for="to" { "To" }
                select id="to" name="to" required {
                    @for colleague in &colleagues {
                        @if !only_leads || colleague.role == Role::Lead {
                            option value=(colleague.name) {
                                (colleague.name) ", " (role_name(colleague.role))
                            }
                        }
                    }
                }
                p.note.small {
                    "They hold the case for the length of a claim. After that it is still marked as "
                    "theirs, and anybody can take it, so that it never waits for one person."
                }
                button.primary type="submit" { "Assign" }
            }
            p { a href="/console/queue" { "Back to the queue" } }
        }
    };
    Ok(page::page(
        &visitor,
        Section::Queue,
        "Assign a case",
        content,
    ))
}
