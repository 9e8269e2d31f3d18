//! The handover: notes from one shift to the next, and giving back all that one holds.

use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};
use serde::Deserialize;

use crate::clock::Time;
use crate::console::form::Form;
use crate::console::page::{self, Section, token};
use crate::console::session::Visitor;
use crate::console::when;
use crate::error::{Error, Result};
use crate::moderation::handover::{self, Note, NoteDraft};
use crate::moderation::queue::{CaseFilter, With};
use crate::moderation::{self, Case};
use crate::posts::Posts;
use crate::staff::Moderator;

/// How many of one's own cases can be named in a note.
const OWN: usize = 100;

/// The last notes, and a form for one's own.
pub async fn show(
    visitor: Visitor,
    Moderator(member): Moderator,
    State(posts): State<Posts>,
) -> Result<Markup> {
    let now = posts.clock.now();
    let notes = handover::latest(&posts, &member).await?;
    let filter = CaseFilter {
        with: Some(With::Member(member.id)),
        ..CaseFilter::default()
    };
    let mine = moderation::list_cases(&posts, filter, None, OWN)
        .await?
        .items;
    let content = html! {
        h1 { "Handover" }
        div.columns {
            section {
                h2 { "Notes" }
                (read_button(&visitor, &notes))
                @for note in &notes { (shown(note, now)) }
                @if notes.is_empty() { p.note { "Nobody has left a note." } }
            }
            section.card {
                h2 { "End my shift" }
                (form(&visitor, &mine))
            }
        }
    };
    Ok(page::page(&visitor, Section::Queue, "Handover", content))
}

fn read_button(visitor: &Visitor, notes: &[Note]) -> Markup {
    let newest = notes.iter().map(|note| note.written_at).max();
    let unread = notes.iter().any(|note| !note.read);
    html! {
        @if let (Some(newest), true) = (newest, unread) {
            form method="post" action="/console/handover/read" {
                (token(visitor))
                // What comes while somebody reads is not read by this.
                input type="hidden" name="until" value=(newest.micros());
                button.primary type="submit" { "I have read these" }
            }
        }
    }
}

fn shown(note: &Note, now: Time) -> Markup {
    html! {
        article.card {
            p.row {
                strong { (note.writer) }
                (when::moment(note.written_at, now))
                @if !note.read { span.tag { "new" } }
                @if let Some(case) = note.case_id {
                    a href={ "/console/cases/" (case) } { "The case" }
                }
            }
            p.pre { (note.text) }
        }
    }
}

fn form(visitor: &Visitor, mine: &[Case]) -> Markup {
    html! {
        form.stacked method="post" action="/console/handover" {
            (token(visitor))
            label for="text" { "For whoever comes next" }
            textarea id="text" name="text" required maxlength="2000" aria-describedby="text-rule" {}
            p #text-rule.note.small {
                "Never the young person's words: your colleague reads those in the case. Up to "
                "2,000 characters. Notes are erased after 30 days."
            }
            label for="case" { "About a case" }
            select id="case" name="case" {
                option value="" { "no case of its own" }
                @for case in mine {
                    option value=(case.id) {
                        (case.level.as_str()) ", " (case.queue.as_str()) ", opened "
                        (case.opened_at.in_uk().strftime("%a %H:%M").to_string())
                    }
                }
            }
            label.inline {
                input type="checkbox" name="release" value="yes" checked;
                "Give back all that I hold (" (mine.len()) ")"
            }
            button.primary type="submit" { "Hand over" }
        }
    }
}

/// A note as the form sends it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    text: String,
    #[serde(default)]
    case: String,
    release: Option<String>,
}

/// Leaves a note, and gives back what is held where that is wanted.
pub async fn write(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Form(written): Form<Written>,
) -> Result<Redirect> {
    let case = match written.case.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| Error::NotFound)?),
    };
    let draft = NoteDraft {
        text: written.text,
        case,
        release: written.release.is_some(),
    };
    handover::write(&posts, &member, &draft).await?;
    Ok(Redirect::to("/console/handover"))
}

/// Up to which note somebody has read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    until: i64,
}

/// Takes the shift over.
pub async fn read(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Form(read): Form<Read>,
) -> Result<Redirect> {
    handover::read(&posts, &member, Time::from_micros(read.until)).await?;
    Ok(Redirect::to("/console/queue"))
}
