//! The part of the page that changes: the counts of every queue, what a filter leaves out, and
//! the cases.

use std::collections::HashMap;
use std::time::Duration;

use maud::{Markup, html};

use super::view::View;
use crate::clock::Time;
use crate::console::page::{level, token};
use crate::console::session::Visitor;
use crate::console::when;
use crate::error::Result;
use crate::ids::PostId;
use crate::moderation::queue::{self, CaseFilter, Tally};
use crate::moderation::{self, Case, CaseState, reviews};
use crate::page::Page;
use crate::posts::Posts;
use crate::staff::Role;
use crate::triage::{Level, Queue, Topic};

/// How many cases a page has.
const LIMIT: usize = 50;
/// How many characters of a post are shown.
const EXCERPT: usize = 90;

/// The board, as this visitor sees it now.
pub async fn board(posts: &Posts, visitor: &Visitor, view: &View, now: Time) -> Result<Markup> {
    let filter = view.filter(&visitor.member);
    let all = queue::tally(&posts.db, &CaseFilter::default(), now).await?;
    let shown = queue::tally(&posts.db, &filter, now).await?;
    let mut cases = moderation::list_cases(posts, filter, view.after()?, LIMIT).await?;
    reviews::leave_out(posts, &visitor.member, &mut cases.items).await?;
    let of_posts: Vec<PostId> = cases.items.iter().map(|case| case.post_id).collect();
    let topics = posts.topics(&of_posts).await?;
    Ok(html! {
        (counts(&all, now))
        (left_out(&all, &shown, view))
        (table(&cases, &topics, visitor, now))
        (pages(&cases, total(&shown, |tally| tally.cases), view))
    })
}

/// How many wait in every queue, and for how long.
fn counts(all: &[Tally], now: Time) -> Markup {
    html! {
        div.scrolls tabindex="0" {
            table.counts {
                caption.visually-hidden { "What waits in every queue" }
                thead {
                    tr {
                        th scope="col" { "Queue" }
                        th.number scope="col" { "Waiting" }
                        th.number scope="col" { "Late" }
                        th scope="col" { "Oldest" }
                    }
                }
                tbody {
                    @for queue in Queue::ALL {
                        @let of_queue: Vec<&Tally> =
                            all.iter().filter(|tally| tally.queue.0 == queue).collect();
                        @let late: i64 = of_queue.iter().map(|tally| tally.breached).sum();
                        tr {
                            th scope="row" {
                                a href={ "/console/queue?queue=" (queue.as_str()) } {
                                    (queue.as_str())
                                }
                            }
                            td.number {
                                (of_queue.iter().map(|tally| tally.cases).sum::<i64>())
                            }
                            td.number.breached[late > 0] { (late) }
                            td {
                                @match of_queue.iter().map(|tally| tally.oldest).min() {
                                    Some(oldest) => (age(oldest, now)),
                                    None => "–",
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn age(since: Time, now: Time) -> String {
    let micros = now.micros().saturating_sub(since.micros());
    when::length(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
}

fn total(tallies: &[Tally], of: impl Fn(&Tally) -> i64) -> i64 {
    tallies.iter().map(of).sum()
}

/// What the filter leaves out: nothing is hidden without a word.
fn left_out(all: &[Tally], shown: &[Tally], view: &View) -> Markup {
    if view.state == Some(CaseState::Decided) {
        return html! { p.note { "These are decided. " a href="/console/queue" { "Show what waits" } } };
    }
    let less = |of: &dyn Fn(&Tally) -> i64| total(all, of) - total(shown, of);
    let at = |level: Level| {
        move |tally: &Tally| match tally.level.0 == level {
            true => tally.cases,
            false => 0,
        }
    };
    let hidden = less(&|tally| tally.cases);
    if hidden <= 0 {
        return html! {};
    }
    let (crisis, red) = (less(&at(Level::Crisis)), less(&at(Level::Red)));
    let late = less(&|tally| tally.breached);
    let grave = crisis + red + late > 0;
    html! {
        p.left-out.problem[grave].note[!grave] {
            "This view leaves out " (hidden) @if hidden == 1 { " case" } @else { " cases" }
            ": " (crisis) " crisis, " (red) " red, " (late) " past their deadline. "
            a href="/console/queue" { "Show all" }
        }
    }
}

fn table(
    cases: &Page<Case>,
    topics: &HashMap<PostId, Vec<Topic>>,
    visitor: &Visitor,
    now: Time,
) -> Markup {
    if cases.items.is_empty() {
        return html! { p.said { "Nothing waits here." } };
    }
    html! {
        div.scrolls tabindex="0" {
            table.queue {
                caption.visually-hidden { "Cases, the nearest deadline first" }
                thead {
                    tr {
                        th scope="col" { "Time" }
                        th scope="col" { "Level" }
                        th scope="col" { "Case" }
                        th.number scope="col" { "Reports" }
                        th scope="col" { "With" }
                        th scope="col" { span.visually-hidden { "What to do" } }
                    }
                }
                tbody {
                    @for case in &cases.items {
                        @let topics = topics.get(&case.post_id).map(Vec::as_slice);
                        (row(case, topics.unwrap_or_default(), visitor, now))
                    }
                }
            }
        }
    }
}

fn row(case: &Case, topics: &[Topic], visitor: &Visitor, now: Time) -> Markup {
    let (id, of_level) = (case.id, case.level.as_str());
    html! {
        tr id={ "case-" (id) } class={ "of-" (of_level) } {
            td {
                time.due.breached[case.breached] datetime=(case.due_at)
                    data-due=(case.due_at.micros() / 1_000) { (when::left(case.due_at, now)) }
            }
            td { (level(case.level)) }
            td {
                a.open id={ "about-" (id) } href={ "/console/cases/" (id) } { (about(case, topics)) }
                " " span.tag { (case.queue.as_str()) }
                @if case.state == CaseState::Escalated { " " span.tag { "for a lead" } }
                @if !case.text.is_empty() { p.excerpt.small { (excerpt(&case.text)) } }
            }
            td.number { (case.reports.len()) }
            td { (with(case, visitor)) }
            td { (acts(case, visitor)) }
        }
    }
}

/// What a case is about: the topics, and what the first rule that acted says.
fn about(case: &Case, topics: &[Topic]) -> String {
    let mut parts = Vec::new();
    if case.appeal.is_some() {
        parts.push("appeal".to_owned());
    }
    let topics: Vec<String> = topics.iter().map(|topic| spoken(topic.as_str())).collect();
    if !topics.is_empty() {
        parts.push(topics.join(", "));
    }
    if let Some(found) = case.matches.iter().find(|found| !found.shadow) {
        parts.push(found.why.clone());
    } else if let Some(report) = case.reports.first() {
        parts.push(format!("reported: {}", spoken(report.reason.as_str())));
    }
    match parts.is_empty() {
        true => "no sign of anything".into(),
        false => parts.join(" – "),
    }
}

fn spoken(name: &str) -> String {
    name.replace('_', " ")
}

/// The first words of a post, in one line.
fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn with(case: &Case, visitor: &Visitor) -> Markup {
    let name = |name: &str| match name == visitor.member.name {
        true => "you".to_owned(),
        false => name.to_owned(),
    };
    html! {
        @match (&case.claimed_by, case.claimed_until, &case.assigned_to) {
            (Some(holder), Some(until), _) => {
                (name(holder)) " until " (until.in_uk().strftime("%H:%M").to_string())
            }
            (_, _, Some(assignee)) => { "for " (name(assignee)) }
            _ => { span.note { "nobody" } }
        }
    }
}

/// What this visitor can do with the case from here.
fn acts(case: &Case, visitor: &Visitor) -> Markup {
    let member = &visitor.member;
    let may = case.state != CaseState::Decided
        && (case.state != CaseState::Escalated || member.role == Role::Lead);
    let is_mine = case.claimed_by.as_ref() == Some(&member.name);
    let is_free = case.claimed_by.is_none();
    let act = |act: &str, label: &str| {
        html! {
            form method="post" action={ "/console/cases/" (case.id) "/" (act) } data-act=(act) {
                (token(visitor))
                button.quiet type="submit" aria-describedby={ "about-" (case.id) } { (label) }
            }
        }
    };
    html! {
        div.row {
            @if may && is_free { (act("claim", "Claim")) }
            @if is_mine { (act("release", "Give back")) }
            @if may && (is_free || is_mine || member.role == Role::Lead) {
                a.small href={ "/console/cases/" (case.id) "/assign" }
                    aria-describedby={ "about-" (case.id) } { "Assign" }
            }
        }
    }
}

fn pages(cases: &Page<Case>, fitting: i64, view: &View) -> Markup {
    html! {
        p.row {
            span.note { (cases.items.len()) " of " (fitting) " shown" }
            @if view.after.is_some() {
                a href=(view.first_page().address("/console/queue")) { "First page" }
            }
            @if let Some(next) = &cases.next {
                a href=(view.next(next.clone()).address("/console/queue")) { "Next page" }
            }
        }
    }
}
