//! The frame of every page: its head, the way around, and where its own content stands.

use maud::{DOCTYPE, Markup, html};

use super::safeguarding;
use super::session::{TOKEN_FIELD, Visitor};
use crate::staff::Role;
use crate::surge::Unattended;
use crate::triage::Level;

/// A part of the console, as the way around names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// None of them.
    None,
    /// The start.
    Home,
    /// What waits for a person.
    Queue,
    /// What rings, records, the rota.
    Safeguarding,
    /// Second opinions.
    Reviews,
    /// One decision about many cases.
    Bulk,
    /// Holding every new post.
    Surge,
    /// How moderation does.
    Figures,
    /// The record of staff acts.
    Record,
    /// The accounts of staff.
    Staff,
    /// One's own shift.
    Care,
}

impl Section {
    const ALL: [Section; 10] = [
        Section::Home,
        Section::Queue,
        Section::Safeguarding,
        Section::Reviews,
        Section::Bulk,
        Section::Surge,
        Section::Figures,
        Section::Record,
        Section::Staff,
        Section::Care,
    ];

    fn path(self) -> &'static str {
        match self {
            Section::None | Section::Home => "/console",
            Section::Bulk => "/console/bulk",
            Section::Surge => "/console/surge",
            Section::Figures => "/console/figures",
            Section::Record => "/console/audit",
            Section::Staff => "/console/staff",
            Section::Safeguarding => "/console/safeguarding",
            Section::Queue => "/console/queue",
            Section::Reviews => "/console/reviews",
            Section::Care => "/console/care",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Section::None | Section::Home => "Start",
            Section::Bulk => "Many at once",
            Section::Surge => "Surge",
            Section::Figures => "Figures",
            Section::Record => "Record",
            Section::Staff => "Staff",
            Section::Safeguarding => "Safeguarding",
            Section::Queue => "Queue",
            Section::Reviews => "Second opinions",
            Section::Care => "Your shift",
        }
    }

    /// For whom it is there.
    fn roles(self) -> &'static [Role] {
        match self {
            Section::None => &[],
            Section::Home => &Role::ALL,
            Section::Bulk => &[Role::Moderator, Role::Lead],
            Section::Surge => &[Role::Lead, Role::Admin],
            Section::Figures | Section::Record => {
                &[Role::Moderator, Role::Lead, Role::Analyst, Role::Admin]
            }
            Section::Staff => &[Role::Admin],
            Section::Safeguarding => &[Role::Moderator, Role::Lead, Role::Admin],
            Section::Queue => &[Role::Moderator, Role::Lead],
            Section::Reviews => &[Role::Moderator, Role::Lead, Role::Analyst, Role::Admin],
            Section::Care => &[Role::Moderator, Role::Lead],
        }
    }
}

/// A page for somebody who has signed in.
pub fn page(visitor: &Visitor, here: Section, title: &str, content: Markup) -> Markup {
    let member = &visitor.member;
    let sections = (Section::ALL.into_iter()).filter(|s| s.roles().contains(&member.role));
    let header = html! {
        header.bar {
            a.brand href="/console" { "Hearth" }
            nav aria-label="Sections" {
                ul {
                    @for section in sections {
                        li {
                            a href=(section.path()) aria-current=[(section == here).then_some("page")] {
                                (section.label())
                            }
                        }
                    }
                }
            }
            form.who method="post" action="/console/sign-out" {
                (token(visitor))
                span {
                    a href="/console/me" { (member.name) }
                    " · " (role_name(member.role))
                }
                button.quiet type="submit" { "Sign out" }
            }
        }
        (surge_banner(visitor))
        (safeguarding::banner(visitor))
    };
    frame(title, header, content)
}

/// Says that every new post waits, while it does.
fn surge_banner(visitor: &Visitor) -> Markup {
    let surge = &visitor.surge;
    let why = match (&surge.switched, surge.unattended) {
        (Some(switched), _) => format!("switched on by {}: {}", switched.by, switched.reason),
        (None, Some((Unattended::Hours, _))) => "it is outside staffed hours".into(),
        (None, Some((Unattended::Nobody, _))) => "nobody was seen on shift".into(),
        (None, None) => return html! {},
    };
    html! {
        p.surge role="status" {
            strong { "Every new post waits for a person" } " – " (why) ". "
            @if Section::Surge.roles().contains(&visitor.member.role) {
                a href=(Section::Surge.path()) { "Surge mode" }
            }
        }
    }
}

/// A page for somebody who has not.
pub fn outside(title: &str, content: Markup) -> Markup {
    let header = html! { header.bar { span.brand { "Hearth" } } };
    frame(title, header, content)
}

/// The field that every form has to bring along.
pub fn token(visitor: &Visitor) -> Markup {
    html! { input type="hidden" name=(TOKEN_FIELD) value=(visitor.form_token); }
}

/// A level of risk, by its name and its colour.
pub fn level(level: Level) -> Markup {
    let name = level.as_str();
    html! { span class={ "level level-" (name) } { (name) } }
}

/// What a role is called on pages.
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Moderator => "moderator",
        Role::Lead => "safeguarding lead",
        Role::OrgWorker => "organisation worker",
        Role::Analyst => "analyst",
        Role::Admin => "admin",
    }
}

fn frame(title: &str, header: Markup, content: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – Hearth" }
                link rel="stylesheet" href="/console/assets/console.css";
                link rel="icon" href="data:,";
                script src="/console/assets/console.js" defer {}
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                (header)
                main id="content" tabindex="-1" { (content) }
                div.visually-hidden id="announcer" role="status" aria-live="assertive" {}
            }
        }
    }
}
