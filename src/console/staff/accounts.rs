//! The accounts of all staff, for admins.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Redirect;
use maud::{Markup, html};
use serde::Deserialize;

use crate::audit::Actor;
use crate::clock::Clock;
use crate::console::form::Form;
use crate::console::page::{self, Section, role_name, token};
use crate::console::session::Visitor;
use crate::console::when;
use crate::error::{Error, Result};
use crate::extract::Path;
use crate::ids::StaffId;
use crate::staff::{AddError, Admin, Invited, Listed, Role, Staff, State as Account};

/// Everybody, and how to invite somebody else.
pub async fn list(visitor: Visitor, _admin: Admin, State(staff): State<Staff>) -> Result<Markup> {
    let members = staff.members().await?;
    let content = html! {
        h1 { "Staff" }
        div.scrolls tabindex="0" {
            table {
                caption.visually-hidden { "Everybody who has an account" }
                thead {
                    tr {
                        th scope="col" { "Name" }
                        th scope="col" { "Role" }
                        th scope="col" { "Account" }
                        th scope="col" { "Signed in" }
                    }
                }
                tbody {
                    @for listed in &members {
                        tr {
                            th scope="row" {
                                a href={ "/console/staff/" (listed.member.id) } {
                                    (listed.member.name)
                                }
                            }
                            td { (role_name(listed.member.role)) }
                            td { (listed.state.as_str()) }
                            td { (last_signed_in(listed)) }
                        }
                    }
                }
            }
        }
        section.card {
            h2 { "Invite somebody" }
            p.note {
                "You get a link for them. Behind it they choose a password and set up their phone; \
                 you never see either."
            }
            form.stacked method="post" action="/console/staff" {
                (token(&visitor))
                label for="name" { "Name, as colleagues will read it" }
                input id="name" name="name" maxlength="64" autocomplete="off" required;
                label for="role" { "Role" }
                select id="role" name="role" required {
                    @for role in Role::ALL {
                        option value=(role.as_str()) { (role_name(role)) }
                    }
                }
                label for="organisation" { "Organisation, for an organisation worker" }
                input id="organisation" name="organisation" autocomplete="off"
                    aria-describedby="which";
                p.note.small id="which" { "Its identifier in the directory." }
                button.primary type="submit" { "Make a link" }
            }
        }
    };
    Ok(page::page(&visitor, Section::Staff, "Staff", content))
}

/// Somebody new.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    name: String,
    role: Role,
    #[serde(default)]
    organisation: String,
}

/// Invites somebody. The link is in the answer itself, once: no address holds it.
pub async fn invite(
    visitor: Visitor,
    Admin(admin): Admin,
    State(staff): State<Staff>,
    headers: HeaderMap,
    Form(form): Form<Invite>,
) -> Result<Markup> {
    let organisation = Some(form.organisation.trim()).filter(|name| !name.is_empty());
    let by = Actor::Staff(admin.id);
    let invited = staff
        .invite(by, form.name.trim(), form.role, organisation)
        .await;
    match invited {
        Ok(invited) => Ok(show_link(&visitor, &invited, &headers)),
        Err(error @ AddError::Name) => Err(Error::field("name", sentence(&error))),
        Err(error @ AddError::Organisation) => Err(Error::field("organisation", sentence(&error))),
        Err(error @ (AddError::Taken | AddError::Unknown)) => {
            Err(Error::Conflict(sentence(&error).into()))
        }
        Err(AddError::Failed(error)) => Err(error),
    }
}

/// What is known of one account, and what can be done with it.
pub async fn member(
    visitor: Visitor,
    _admin: Admin,
    State(staff): State<Staff>,
    State(clock): State<Clock>,
    Path(id): Path<StaffId>,
) -> Result<Markup> {
    let (listed, now) = (staff.member(id).await?, clock.now());
    let sessions = staff.open_sessions(id).await?.len();
    let Listed { member, state, .. } = &listed;
    let act = |act: &str, what: &str, why: &str, class: Option<&str>| {
        html! {
            form.act method="post" action={ "/console/staff/" (id) "/" (act) } {
                (token(&visitor))
                button class=[class] type="submit" { (what) }
                p.note.small { (why) }
            }
        }
    };
    let content = html! {
        h1 { (member.name) }
        section.card {
            dl.facts {
                dt { "Role" } dd { (role_name(member.role)) }
                @if let Some(organisation) = &member.organisation {
                    dt { "Organisation" } dd { (organisation) }
                }
                dt { "Account" } dd { (state.as_str()) }
                @if *state == Account::Invited {
                    dt { "Link" }
                    dd {
                        @match listed.link_until.filter(|until| *until > now) {
                            Some(until) => { "good until " (when::moment(until, now)) },
                            None => "has run out",
                        }
                    }
                }
                dt { "Last signed in" } dd { (last_signed_in(&listed)) }
                dt { "Sessions now" } dd { (sessions) }
            }
        }
        section.card {
            h2 { "What can be done" }
            @if visitor.member.id == id {
                p {
                    "This is you. Your sessions and your password are on "
                    a href="/console/me" { "your own page" }
                    "; for anything else, ask another admin."
                }
            } @else if *state == Account::Deactivated {
                (act("reactivate", "Reactivate", "They can sign in again with what they had \
                    before, or with a new link.", Some("primary")))
            } @else {
                @if *state == Account::Active {
                    (act("end-sessions", "End all sessions", "They have to sign in again, \
                        everywhere.", None))
                }
                (act("link", "New enrolment link", "For a lost phone or password. Both are good \
                    no more, every session ends, and you get a link with which they choose new \
                    ones.", None))
                (act("deactivate", "Deactivate", "They cannot sign in any more, and every session \
                    ends at once. What they did stays on the record.", Some("danger")))
            }
        }
        p { a href="/console/staff" { "All staff" } }
    };
    Ok(page::page(&visitor, Section::Staff, &member.name, content))
}

/// Keeps a member out.
pub async fn deactivate(
    Admin(admin): Admin,
    State(staff): State<Staff>,
    Path(id): Path<StaffId>,
) -> Result<Redirect> {
    staff.deactivate(&admin, id).await?;
    Ok(back_to(id))
}

/// Lets a member in again.
pub async fn reactivate(
    Admin(admin): Admin,
    State(staff): State<Staff>,
    Path(id): Path<StaffId>,
) -> Result<Redirect> {
    staff.reactivate(&admin, id).await?;
    Ok(back_to(id))
}

/// Ends every session of a member.
pub async fn end_sessions(
    Admin(admin): Admin,
    State(staff): State<Staff>,
    Path(id): Path<StaffId>,
) -> Result<Redirect> {
    staff.end_sessions(&admin, id).await?;
    Ok(back_to(id))
}

/// Lets a member begin anew.
pub async fn reset(
    visitor: Visitor,
    Admin(admin): Admin,
    State(staff): State<Staff>,
    Path(id): Path<StaffId>,
    headers: HeaderMap,
) -> Result<Markup> {
    let invited = staff.reset(&admin, id).await?;
    Ok(show_link(&visitor, &invited, &headers))
}

fn back_to(id: StaffId) -> Redirect {
    Redirect::to(&format!("/console/staff/{id}"))
}

/// The link, at the address under which the browser knows this server.
fn show_link(visitor: &Visitor, invited: &Invited, headers: &HeaderMap) -> Markup {
    let origin = headers.get(header::ORIGIN);
    let origin = origin.and_then(|origin| origin.to_str().ok());
    let link = format!("{}{}", origin.unwrap_or_default(), invited.link);
    let until = invited.expires_at;
    let content = html! {
        h1 { "A link for " (invited.name) }
        section.card {
            p.secret { code { (link) } }
            p {
                "Send it on a way that only " (invited.name) " reads. It works once, until "
                (when::moment(until, until.minus(crate::staff::LINK_LIFETIME)))
                "."
            }
            p { strong { "It is not shown again." } }
        }
        p { a href="/console/staff" { "All staff" } }
    };
    page::page(visitor, Section::Staff, "A link", content)
}

fn last_signed_in(listed: &Listed) -> String {
    listed
        .signed_in_on
        .map_or_else(|| "never".into(), when::day)
}

/// An error as a sentence.
fn sentence(error: &AddError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    format!("{}{}.", first.collect::<String>(), letters.as_str())
}
