//! What there is to know of a case beside its words.

use maud::{Markup, html};

use super::super::session::Visitor;
use super::super::{page, when};
use super::marks::Marked;
use super::timeline;
use super::unseen;
use crate::accounts::AgeBand;
use crate::clock::Time;
use crate::error::Result;
use crate::moderation::{AuthorPost, Case, CaseState};
use crate::posts::{self, Posts};
use crate::signpost::{self, Asker, Audience, Match, Support};

/// Where the case and the post stand.
pub fn facts(case: &Case, now: Time) -> Markup {
    html! {
        dl.facts {
            dt { "Case" }
            dd {
                @match (case.state, case.decision.as_deref()) {
                    (CaseState::Decided, Some(decision)) => { (timeline::decision(decision)) }
                    (CaseState::Decided, None) => { "decided" }
                    (CaseState::Escalated, _) => { "waits for a lead" }
                    (CaseState::Claimed, _) => { "in work" }
                    (CaseState::Open, _) => { "open" }
                }
                @if let Some(name) = &case.claimed_by { ", held by " (name) }
            }
            @if case.state != CaseState::Decided {
                dt { "Due" }
                dd {
                    span.breached[case.breached] { (when::left(case.due_at, now)) }
                    " (" (when::moment(case.due_at, now)) ")"
                }
            }
            dt { "Post" }
            dd {
                @match case.post_state {
                    Some(state) => { (state.as_str()) ", revision " (case.revision) }
                    None => { "erased" }
                }
            }
            @if let Some(level) = case.rules_level {
                dt { "Rules say" }
                dd { (page::level(level)) }
            }
            @if !case.concerns.is_empty() {
                dt { "Concerns" }
                dd { ul { @for concern in &case.concerns { li { (concern.label()) } } } }
            }
            dt { "Topics" }
            dd {
                @if case.topics.is_empty() { "none" }
                @for topic in &case.topics {
                    span.tag { (topic.as_str().replace('_', " ")) } " "
                }
            }
        }
    }
}

/// What others read, where something is hidden from them.
pub fn unmasked(case: &Case) -> Markup {
    html! {
        @if let Some(masked) = &case.masked {
            h3 { "What others read" }
            (quoted(masked, case))
        }
    }
}

/// What the post said before, each time with what the rules said of it.
pub fn earlier(case: &Case) -> Markup {
    html! {
        @if !case.earlier.is_empty() || !case.decisions.is_empty() {
            section.card aria-labelledby="history" {
                h2 id="history" { "Revisions and verdicts" }
                @for earlier in &case.earlier {
                    @let prefix = format!("r{}-", earlier.revision);
                    @let marked = Marked {
                        text: &earlier.text,
                        level: earlier.level,
                        matches: &earlier.matches,
                        hidden: &[],
                        prefix: &prefix,
                    };
                    details {
                        summary {
                            "Revision " (earlier.revision) ": " (page::level(earlier.level))
                        }
                        (marked.words())
                        (marked.reasons(None))
                    }
                }
                div.scrolls tabindex="0" {
                    table {
                        caption.visually-hidden { "Decisions about this case" }
                        thead {
                            tr {
                                th scope="col" { "Revision" }
                                th scope="col" { "Decision" }
                                th scope="col" { "By" }
                                th scope="col" { "Level" }
                            }
                        }
                        tbody {
                            @for made in &case.decisions {
                                tr {
                                    td { (made.revision) }
                                    td {
                                        (timeline::decision(made.decision.0.as_str()))
                                        @if let Some(reason) = &made.reason { " for " (reason) }
                                        @if made.undone_at.is_some() { ", undone" }
                                    }
                                    td { (made.decided_by) }
                                    td { (page::level(made.level_after.0)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What others, and its author, said of the post.
pub fn reports(case: &Case, now: Time) -> Markup {
    html! {
        @if let Some(appeal) = &case.appeal {
            section.card aria-labelledby="appeal" {
                h2 id="appeal" { "The author asks to look again" }
                (quoted(appeal, case))
            }
        }
        @if !case.reports.is_empty() {
            section.card aria-labelledby="reports" {
                h2 id="reports" { "Reports (" (case.reports.len()) ")" }
                @for report in &case.reports {
                    p {
                        strong { (report.reason.as_str().replace('_', " ")) } ", "
                        (when::moment(report.at, now))
                    }
                    @if let Some(note) = &report.note { (quoted(note, case)) }
                }
            }
        }
    }
}

/// What the same author wrote lately, for whoever has asked for it; else the form to ask.
pub fn author(
    visitor: &Visitor,
    case: &Case,
    held: bool,
    others: Option<&[AuthorPost]>,
    now: Time,
) -> Markup {
    html! {
        @if held || others.is_some() {
            section.card aria-labelledby="author" {
                h2 id="author" { "What the same author wrote lately" }
                @match others {
                    None => {
                        form.stacked method="post"
                            action={ "/console/cases/" (case.id) "/author-posts" } {
                            (page::token(visitor))
                            label for="why" { "Why do you have to know?" }
                            input id="why" name="reason" maxlength="500" required;
                            button type="submit" { "Look at what the same author wrote lately" }
                            p.note.small { "That you looked, and why, goes on the record." }
                        }
                    }
                    Some([]) => { p { "Nothing else." } }
                    Some(others) => {
                        p.note.small { "Shown once. That you looked is on the record." }
                        @for post in others {
                            h3 { (when::moment(post.created_at, now)) }
                            p.small {
                                (page::level(post.level)) ", " (post.state.as_str()) " "
                                @for topic in &post.topics {
                                    span.tag { (topic.as_str().replace('_', " ")) } " "
                                }
                            }
                            @if post.text.is_empty() {
                                p.note { "Its author took it back." }
                            } @else {
                                (words(&post.text, post.level.as_str()))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The support beside the post, as its author got it when they wrote it: for each age, because to
/// know theirs, their account would have to be opened. What is near them is left out likewise.
pub async fn signpost(posts: &Posts, case: &Case) -> Result<Markup> {
    let Some(post) = posts::find(&posts.db, case.post_id).await? else {
        return Ok(html! { p.note { "The post is erased." } });
    };
    let snapshot = posts.directory.snapshot();
    let shown = AgeBand::ALL.map(|band| {
        let asker = Asker {
            ages: band.ages(),
            area: None,
            gender: None,
        };
        let (level, at) = (post.level.0, post.created_at);
        let audience = Audience::Author;
        let support = signpost::support(&snapshot, &asker, &case.topics, level, audience, at);
        (band, support)
    });
    let [
        (
            _,
            Support {
                message, urgent, ..
            },
        ),
        ..,
    ] = &shown;
    let mut services: Vec<(&Match, Vec<&str>)> = Vec::new();
    for (band, found) in (shown.iter())
        .flat_map(|(band, support)| support.services.iter().map(|found| (band.as_str(), found)))
    {
        match (services.iter_mut()).find(|(other, _)| other.service.id == found.service.id) {
            Some((_, bands)) => bands.push(band),
            None => services.push((found, vec![band])),
        }
    }
    Ok(html! {
        p { (message) }
        @if !urgent.is_empty() {
            h3 { "To turn to at once" }
            ul { @for option in *urgent { li { (option.name) ", " (option.hours) } } }
        }
        h3 { "Services" }
        ul {
            @for (found, bands) in &services {
                li {
                    strong { (found.service.name) }
                    @if bands.len() < AgeBand::ALL.len() { " for " (bands.join(", ")) }
                    span.note.small { " · " (found.why.join(" · ")) }
                }
            }
        }
        p.note.small {
            "What is shown beside this post, by age. Its author may also have seen services near \
             them: we do not look up who they are for this page."
        }
    })
}

/// Words that somebody wrote, in which nothing is marked.
fn quoted(text: &str, case: &Case) -> Markup {
    words(text, case.level.as_str())
}

fn words(text: &str, level: &str) -> Markup {
    let chars: Vec<char> = text.chars().collect();
    html! {
        div.words.quoted dir="auto" data-sensitive=(level) { (unseen::readable(&chars)) }
    }
}
