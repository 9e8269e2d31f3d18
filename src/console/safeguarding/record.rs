//! One safeguarding record: what was written, and the forms to add to it.

use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};

use super::{case_path, options, ways};
use crate::clock::Time;
use crate::console::form::Form;
use crate::console::page::{self, Section};
use crate::console::session::Visitor;
use crate::console::when;
use crate::error::Result;
use crate::extract::Path;
use crate::ids::{CaseId, RecordId};
use crate::posts::Posts;
use crate::safeguarding::records::{
    self, Action, Category, Concern, Decided, Entry, Made, NewRecord, Outcome, Record, Risk, Told,
    Verdict,
};
use crate::staff::{Admin, Lead, Member, Moderator, Role};

/// The form that opens a record about a case.
pub fn new_form(visitor: &Visitor, case: CaseId) -> Markup {
    html! {
        form.stacked method="post" action="/console/safeguarding" {
            (page::token(visitor))
            input type="hidden" name="case_id" value=(case);
            (concern_fields())
            button.primary type="submit" { "Open the record" }
        }
    }
}

fn concern_fields() -> Markup {
    html! {
        label for="category" { "What gives cause to worry" }
        select id="category" name="category" required {
            (options(Category::ALL.iter().map(|choice| (choice.as_str(), choice.label()))))
        }
        label for="risk" { "How much danger there is" }
        select id="risk" name="risk" required {
            (options(Risk::ALL.iter().map(|choice| (choice.as_str(), choice.label()))))
        }
        (words_field("concern-words", "What was seen, and what follows from it"))
    }
}

fn words_field(id: &str, label: &str) -> Markup {
    html! {
        label for=(id) { (label) }
        textarea id=(id) name="words" maxlength="4000" required {}
    }
}

/// Opens a record.
pub async fn open(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Form(new): Form<NewRecord>,
) -> Result<Redirect> {
    let record = records::open(&posts, &member, new.case_id, new.into()).await?;
    Ok(to(record.id))
}

fn to(id: RecordId) -> Redirect {
    Redirect::to(&format!("/console/safeguarding/{id}"))
}

/// The page of a record.
pub async fn one(
    visitor: Visitor,
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<RecordId>,
) -> Result<Markup> {
    let record = records::get(&posts, &member, id).await?;
    let now = posts.clock.now();
    let title = "Safeguarding record";
    let content = html! {
        h1 { (title) }
        (ways(&visitor, ""))
        (facts(&record, now))
        h2 { "What was written" }
        @for made in &record.entries {
            (entry(made, now))
        }
        @if record.closed_at.is_none() {
            (forms(&visitor, &record))
        }
    };
    Ok(page::page(&visitor, Section::Safeguarding, title, content))
}

fn facts(record: &Record, now: Time) -> Markup {
    html! {
        dl.facts {
            dt { "About" }
            dd { a href=(case_path(record.case_id)) { "The case" } }
            dt { "Opened" }
            dd { (when::moment(record.opened_at, now)) " by " (record.opened_by) }
            @if let (Some(at), Some(by)) = (record.closed_at, &record.closed_by) {
                dt { "Closed" }
                dd { (when::moment(at, now)) " by " (by) }
                dt { "Kept until" }
                dd {
                    (at.plus(records::RETENTION).in_uk().strftime("%-d %B %Y").to_string())
                    ", and then until an admin erases it"
                }
            } @else {
                dt { "Still to be written" }
                dd {
                    @if record.missing.is_empty() { "Nothing: it can be closed." }
                    @else { (record.missing.join(", ")) }
                }
            }
        }
    }
}

fn entry(made: &Made, now: Time) -> Markup {
    html! {
        article.card {
            h3 { (made.entry.kind().label()) }
            p.note.small { (when::moment(made.at, now)) ", " (made.by) }
            @match &made.entry {
                Entry::Concern(concern) => p {
                    strong { (concern.category.label()) } ". Risk: " (concern.risk.label()) "."
                },
                Entry::Decision(decided) => p {
                    strong { (decided.decision.label()) }
                    @if let Some(reference) = &decided.reference {
                        ". Reference: " (reference.as_str())
                    }
                },
                Entry::Told(told) => p {
                    strong { @if told.told { "They were told." } @else { "They were not told." } }
                },
                Entry::Action(_) | Entry::Outcome(_) => {}
            }
            p.words { (made.entry.words()) }
        }
    }
}

fn forms(visitor: &Visitor, record: &Record) -> Markup {
    let is_lead = visitor.member.role == Role::Lead;
    let path = format!("/console/safeguarding/{}", record.id);
    html! {
        h2 { "Add to it" }
        p.note {
            "What is written stays: add to it where something has changed. Nobody's name belongs "
            "here that is not needed."
        }
        (add(visitor, &path, "actions", "An action", html! {
            (words_field("action-words", "What was done, with whom, and when"))
        }))
        @if is_lead {
            (add(visitor, &path, "decisions", "The decision", html! {
                label for="decision" { "What is done" }
                select id="decision" name="decision" required {
                    (options(Verdict::ALL.iter().map(|choice| (choice.as_str(), choice.label()))))
                }
                label for="reference" { "Their reference, where there is one" }
                input id="reference" name="reference" maxlength="200" autocomplete="off";
                (words_field("decision-words", "Why"))
            }))
            (add(visitor, &path, "outcomes", "The outcome", html! {
                (words_field("outcome-words", "What came of it"))
            }))
        }
        (add(visitor, &path, "told", "Whether the young person was told", html! {
            (told_fields("told", "How and by whom; or why not", 4_000))
        }))
        (add(visitor, &path, "concerns", "The concern, as it is seen now", concern_fields()))
        @if is_lead {
            form.row method="post" action={ (path) "/close" } {
                (page::token(visitor))
                button.primary type="submit" disabled[!record.missing.is_empty()] {
                    "Close the record"
                }
                @if !record.missing.is_empty() {
                    span.note { "Still to be written: " (record.missing.join(", ")) }
                }
            }
        } @else {
            p.note { "A lead writes down the decision and the outcome, and closes the record." }
        }
    }
}

/// The fields that say whether the young person was told.
pub fn told_fields(id: &str, label: &str, most: u32) -> Markup {
    html! {
        fieldset {
            legend { "Was the young person told?" }
            label { input type="radio" name="told" value="true" required; "Yes" }
            label { input type="radio" name="told" value="false" required; "No" }
        }
        label for={ (id) "-words" } { (label) }
        textarea id={ (id) "-words" } name="words" maxlength=(most) required {}
    }
}

fn add(visitor: &Visitor, path: &str, what: &str, title: &str, fields: Markup) -> Markup {
    html! {
        details.card {
            summary { (title) }
            form.stacked method="post" action={ (path) "/" (what) } {
                (page::token(visitor))
                (fields)
                button type="submit" { "Add" }
            }
        }
    }
}

async fn add_entry(posts: &Posts, member: &Member, id: RecordId, entry: Entry) -> Result<Redirect> {
    records::add(posts, member, id, entry).await?;
    Ok(to(id))
}

/// Adds to the concern.
pub async fn add_concern(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<RecordId>,
    Form(concern): Form<Concern>,
) -> Result<Redirect> {
    add_entry(&posts, &member, id, Entry::Concern(concern)).await
}

/// Adds an action.
pub async fn add_action(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<RecordId>,
    Form(action): Form<Action>,
) -> Result<Redirect> {
    add_entry(&posts, &member, id, Entry::Action(action)).await
}

/// Adds a decision.
pub async fn add_decision(
    State(posts): State<Posts>,
    Lead(member): Lead,
    Path(id): Path<RecordId>,
    Form(decided): Form<Decided>,
) -> Result<Redirect> {
    add_entry(&posts, &member, id, Entry::Decision(decided)).await
}

/// Adds an outcome.
pub async fn add_outcome(
    State(posts): State<Posts>,
    Lead(member): Lead,
    Path(id): Path<RecordId>,
    Form(outcome): Form<Outcome>,
) -> Result<Redirect> {
    add_entry(&posts, &member, id, Entry::Outcome(outcome)).await
}

/// Says whether the young person was told.
pub async fn add_told(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Path(id): Path<RecordId>,
    Form(told): Form<Told>,
) -> Result<Redirect> {
    add_entry(&posts, &member, id, Entry::Told(told)).await
}

/// Closes the record.
pub async fn close(
    State(posts): State<Posts>,
    Lead(member): Lead,
    Path(id): Path<RecordId>,
) -> Result<Redirect> {
    records::close(&posts, &member, id).await?;
    Ok(to(id))
}

/// Erases the record, where it has been kept for long enough and an admin asks.
pub async fn erase(
    Admin(member): Admin,
    State(posts): State<Posts>,
    Path(id): Path<RecordId>,
) -> Result<Redirect> {
    records::erase(&posts, &member, id).await?;
    Ok(Redirect::to("/console/safeguarding"))
}
