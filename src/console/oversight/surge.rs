//! Holding every new post, by one switch.

use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};
use serde::Deserialize;

use crate::console::form::Form;
use crate::console::page::{self, Section, token};
use crate::console::session::Visitor;
use crate::console::when;
use crate::error::Result;
use crate::posts::Posts;
use crate::staff::LeadOrAdmin;
use crate::surge::Unattended;

/// Where it stands, and the switch.
pub async fn show(visitor: Visitor, _: LeadOrAdmin, State(posts): State<Posts>) -> Result<Markup> {
    let (status, now) = (visitor.surge.clone(), posts.clock.now());
    let content = html! {
        h1 { "Surge mode" }
        p {
            "While it is on, nobody sees a new post, or new words for an old one, until a person \
             has looked. Authors see that it waits, and by when. What is up stays up."
        }
        @match (&status.switched, status.unattended) {
            (Some(switched), _) => {
                section.card {
                    h2 { "It is on" }
                    p {
                        (switched.by) " switched it on, " (when::moment(switched.at, now)) ": "
                        (switched.reason)
                    }
                    form method="post" action="/console/surge/off" {
                        (token(&visitor))
                        button.primary type="submit" { "Switch it off" }
                    }
                }
            }
            (None, unattended) => {
                @if let Some((why, since)) = unattended {
                    section.card {
                        h2 { "It is on by itself" }
                        p {
                            @match why {
                                Unattended::Hours => "It is outside the hours that the policy names",
                                Unattended::Nobody => "No moderator and no lead was seen at work",
                            }
                            ", since " (when::moment(since, now)) ". It ends by itself, too."
                        }
                    }
                }
                section.card {
                    h2 { "Switch it on" }
                    form.stacked method="post" action="/console/surge/on" {
                        (token(&visitor))
                        label for="reason" { "Why" }
                        input id="reason" name="reason" maxlength="200" required
                            autocomplete="off" aria-describedby="told";
                        p.note.small id="told" { "Colleagues read it on every page. It goes on the record." }
                        button.danger type="submit" { "Hold every new post" }
                    }
                }
            }
        }
        h2 { "What waits because of it" }
        p {
            "It stays held when surge mode ends. "
            a href="/console/bulk?queue=checks&level=green&decision=approve" {
                "Look through the green ones and let them out together"
            }
            "; everything else is looked at one by one."
        }
    };
    Ok(page::page(&visitor, Section::Surge, "Surge mode", content))
}

/// Why it is switched on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct On {
    reason: String,
}

/// Switches it on.
pub async fn switch_on(
    LeadOrAdmin(member): LeadOrAdmin,
    State(posts): State<Posts>,
    Form(on): Form<On>,
) -> Result<Redirect> {
    posts.surge.switch_on(&member, &on.reason).await?;
    Ok(Redirect::to("/console/surge"))
}

/// Switches it off.
pub async fn switch_off(
    LeadOrAdmin(member): LeadOrAdmin,
    State(posts): State<Posts>,
) -> Result<Redirect> {
    posts.surge.switch_off(&member).await?;
    Ok(Redirect::to("/console/surge"))
}
