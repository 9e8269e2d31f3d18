//! What the pages of one decision about many cases look like.

use maud::{Markup, html};

use super::bulk::{Choice, SHOWN};
use crate::clock::Time;
use crate::console::page::{self, token};
use crate::console::session::Visitor;
use crate::console::when;
use crate::moderation::Outcome;
use crate::moderation::bulk::{Bulk, Item, ItemState, LeftOut, MOST};
use crate::posts::{Posts, Row};
use crate::staff::Role;
use crate::triage::{Level, Queue, Topic};

/// What to choose by, and what was done lately.
pub fn form(visitor: &Visitor, posts: &Posts, choice: &Choice, recent: &[Bulk]) -> Markup {
    let is_lead = visitor.member.role == Role::Lead;
    let now = posts.clock.now();
    html! {
        h1 { "Many at once" }
        p.note {
            "You see what you chose before anything happens. Red and crisis, appeals, and what \
             waits for a lead are never part of it. At most " (MOST) " cases go together."
            @if !is_lead {
                " You can approve what is green or amber and has nothing wrong with it; a lead can \
                 do more."
            }
        }
        form.stacked.card method="post" action="/console/bulk" {
            (token(visitor))
            label for="queue" { "Queue" }
            select id="queue" name="queue" {
                option value="" { "Every queue" }
                @for queue in Queue::ALL.into_iter().filter(|queue| *queue != Queue::Appeals) {
                    option value=(queue.as_str()) selected[choice.queue == queue.as_str()] {
                        (queue.as_str())
                    }
                }
            }
            label for="level" { "Level" }
            select id="level" name="level" {
                option value="" { "Green and amber" }
                @for level in [Level::Green, Level::Amber] {
                    option value=(level.as_str()) selected[choice.level == level.as_str()] {
                        (level.as_str())
                    }
                }
            }
            label for="topic" { "Topic" }
            select id="topic" name="topic" {
                option value="" { "Every topic" }
                @for topic in Topic::ALL {
                    option value=(topic.as_str()) selected[choice.topic == topic.as_str()] {
                        (topic.label())
                    }
                }
            }
            label for="rule" { "Rule that matched" }
            input id="rule" name="rule" value=(choice.rule) autocomplete="off";
            label for="hours" { "Waiting for so many hours at least" }
            input id="hours" name="hours" inputmode="numeric" pattern="[0-9]*" value=(choice.hours);
            label for="decision" { "What to do" }
            select id="decision" name="decision" {
                option value="approve" { "Approve" }
                @if is_lead {
                    option value="decline" selected[choice.decision == "decline"] { "Decline" }
                }
            }
            @if is_lead {
                label for="reason" { "Reason, to decline" }
                select id="reason" name="reason" {
                    @for reason in posts.policy.decline_reasons() {
                        option value=(reason.code) selected[choice.reason == reason.code] {
                            (reason.code)
                        }
                    }
                }
            }
            button.primary type="submit" { "Show me which" }
        }
        @if !recent.is_empty() {
            h2 { "Done lately" }
            ul {
                @for bulk in recent {
                    li {
                        a href={ "/console/bulk/" (bulk.id) } { (what(bulk)) }
                        " – " (bulk.name) ", " (when::moment(bulk.made_at, now))
                        @if bulk.undone_at.is_some() { ", taken back" }
                    }
                }
            }
        }
    }
}

/// What is to be decided about.
pub fn preview(visitor: &Visitor, bulk: &Bulk, items: &[Item], posts: &[Row], now: Time) -> Markup {
    let count = bulk.count();
    html! {
        h1 { (what(bulk)) "?" }
        @if count == 0 {
            p { "Nothing fits that can be decided together." }
        } @else {
            (levels(bulk))
        }
        (left_out(bulk))
        @if count > 0 {
            @if bulk.made_by == visitor.member.id {
                form.stacked.card method="post" action={ "/console/bulk/" (bulk.id) "/confirm" } {
                    (token(visitor))
                    label for="count" { "Type the number of cases to go on" }
                    input id="count" name="count" inputmode="numeric" autocomplete="off" required
                        aria-describedby="then";
                    p.note.small id="then" {
                        "What changes meanwhile is skipped. You can take it back for ten minutes."
                    }
                    button.danger type="submit" { (what(bulk)) }
                }
            }
            h2 { "The first " (count.min(SHOWN)) }
            @for item in items {
                article.card {
                    p.row.small {
                        (page::level(item.level.0))
                        span.note { "waits since " (when::moment(item.opened_at, now)) }
                    }
                    @if let Some(post) = posts.iter().find(|post| post.id == item.post_id) {
                        p.words { (post.text) }
                        @for found in post.verdict.matches.iter().filter(|found| !found.shadow) {
                            p.note.small { (found.rule) ": " (found.why) }
                        }
                    }
                }
            }
        }
        p { a href="/console/bulk" { "Choose others" } }
    }
}

/// What became of it.
pub fn result(visitor: &Visitor, bulk: &Bulk, left: &[Item], now: Time) -> Markup {
    let [waiting, done, skipped, undone, kept] = [
        ItemState::Waiting,
        ItemState::Done,
        ItemState::Skipped,
        ItemState::Undone,
        ItemState::Kept,
    ]
    .map(|state| bulk.in_state(state));
    let can_undo = bulk.undo_until().is_some_and(|until| until >= now);
    let unfinished = bulk.undone_at.is_some() && done > 0;
    html! {
        h1 { (what(bulk)) }
        dl.facts {
            dt { "By" } dd { (bulk.name) ", " (when::moment(bulk.made_at, now)) }
            dt { "Done" } dd { (done) }
            @if skipped > 0 { dt { "Skipped" } dd { (skipped) } }
            @if waiting > 0 { dt { "Still to do" } dd { (waiting) } }
            @if undone > 0 { dt { "Taken back" } dd { (undone) } }
            @if kept > 0 { dt { "Could not be taken back" } dd { (kept) } }
        }
        @if waiting > 0 && bulk.made_by == visitor.member.id {
            p { "This page looks again by itself. Where nothing moves any more, go on:" }
            form method="post" action={ "/console/bulk/" (bulk.id) "/go-on" } {
                (token(visitor))
                button type="submit" { "Go on" }
            }
        }
        @if (can_undo && bulk.undone_at.is_none()) || unfinished {
            form.card method="post" action={ "/console/bulk/" (bulk.id) "/undo" } {
                (token(visitor))
                button.danger type="submit" { "Take it all back" }
                @if let Some(until) = bulk.undo_until() {
                    span.note {
                        " possible until " (when::moment(until, now))
                        ", where nothing has happened since."
                    }
                }
            }
        }
        @if !left.is_empty() {
            h2 { "What was left as it was" }
            div.scrolls tabindex="0" { table {
                caption.visually-hidden { "Cases that were skipped or kept, and why" }
                thead { tr {
                    th scope="col" { "Case" }
                    th scope="col" { "Level" }
                    th scope="col" { "Why" }
                } }
                tbody {
                    @for item in left {
                        tr {
                            td { a href={ "/console/cases/" (item.case_id) } { (item.case_id) } }
                            td { (page::level(item.level.0)) }
                            td { (item.why.as_deref().unwrap_or_default()) }
                        }
                    }
                }
            } }
        }
        p { a href="/console/bulk" { "Choose others" } }
    }
}

fn what(bulk: &Bulk) -> String {
    let cases = match bulk.count() {
        1 => "1 case".to_owned(),
        count => format!("{count} cases"),
    };
    match (&bulk.decision, &bulk.reason) {
        (Outcome::Decline, Some(reason)) => format!("Decline {cases} as {reason}"),
        _ => format!("Approve {cases}"),
    }
}

fn levels(bulk: &Bulk) -> Markup {
    let levels = [Level::Amber, Level::Green].into_iter();
    let levels = levels.map(|level| (level, bulk.of_level(level)));
    html! {
        ul {
            @for (level, count) in levels.filter(|(_, count)| *count > 0) {
                li { (page::level(level)) ": " (count) }
            }
        }
    }
}

fn left_out(bulk: &Bulk) -> Markup {
    html! {
        @if !bulk.left_out.is_empty() {
            h2 { "Left out" }
            ul {
                @for (why, count) in &bulk.left_out {
                    li { (count) " " (because(*why)) }
                }
            }
        }
    }
}

fn because(why: LeftOut) -> &'static str {
    match why {
        LeftOut::Grave => "red or crisis: these are looked at one by one, always",
        LeftOut::Escalated => "waiting for a lead",
        LeftOut::Appeal => "appeals: each was promised a second look",
        LeftOut::Taken => "that a colleague is working on",
        LeftOut::Changed => "whose author changed the words: look at what was there before",
        LeftOut::Withdrawn => "that the author took back: these are closed",
        LeftOut::Concern => "with something wrong as a publication: a lead can take these together",
        LeftOut::Rest => "more than go together: choose again afterwards",
    }
}
