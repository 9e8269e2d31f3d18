//! The page of the queue: saved views, the filter, and the board.

use axum::extract::State;
use maud::{Markup, html};

use super::board::board;
use super::view::View;
use crate::console::form::Choices;
use crate::console::page::{self, Section, token};
use crate::console::session::Visitor;
use crate::error::Result;
use crate::moderation::queue::WithWhom;
use crate::moderation::views::SavedView;
use crate::moderation::{CaseState, handover, views};
use crate::posts::Posts;
use crate::staff::Moderator;
use crate::triage::{Level, Queue, Topic};

/// The queue.
pub async fn show(
    visitor: Visitor,
    Moderator(member): Moderator,
    State(posts): State<Posts>,
    Choices(view): Choices<View>,
) -> Result<Markup> {
    let now = posts.clock.now();
    let board = board(&posts, &visitor, &view, now).await?;
    let saved = views::of(&posts, &member).await?;
    let unread = handover::unread(&posts, &member).await?;
    let since = Some(now.micros());
    let live = View {
        since,
        ..view.clone()
    };
    let content = html! {
        h1 { "Queue" }
        @if unread > 0 {
            p.said {
                (unread) @if unread == 1 { " handover note" } @else { " handover notes" }
                " that you have not read. " a href="/console/handover" { "Read the handover" }
            }
        }
        p.row {
            a href="/console/handover" { "Handover" }
            label.inline { input #hide-words type="checkbox"; "Blur the words of posts" }
            label.inline hidden { input #sound type="checkbox"; "Sound when something urgent comes" }
            button #show-keys.quiet type="button" hidden { "Keys " kbd { "?" } }
            span #connection.note.small role="status" {}
        }
        (saved_views(&visitor, &saved))
        details open[view != View::default()] {
            summary { "Filter" }
            (filter(&view))
            (save(&visitor, &view))
        }
        div #board data-live=(live.address("/console/queue/live")) data-now=(now.micros() / 1_000) {
            (board)
        }
        (keys())
    };
    Ok(page::page(&visitor, Section::Queue, "Queue", content))
}

fn saved_views(visitor: &Visitor, saved: &[SavedView]) -> Markup {
    html! {
        @if !saved.is_empty() {
            nav aria-label="Saved views" {
                ul.views {
                    @for view in saved {
                        li {
                            a href={ "/console/queue?" (view.query) } { (view.name) }
                            form method="post" action="/console/queue/views/delete" {
                                (token(visitor))
                                input type="hidden" name="name" value=(view.name);
                                button.quiet type="submit"
                                    aria-label={ "Delete the view " (view.name) } { "×" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A list to choose one thing from, or none.
fn choice(
    (name, label): (&str, &str),
    any: &str,
    options: &[(&str, String)],
    chosen: Option<&str>,
) -> Markup {
    html! {
        div {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                option value="" { (any) }
                @for (value, text) in options {
                    option value=(value) selected[chosen == Some(*value)] { (text) }
                }
            }
        }
    }
}

fn named<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str) -> Vec<(&'static str, String)> {
    let names = all.iter().map(|one| name(*one));
    names.map(|name| (name, name.replace('_', " "))).collect()
}

fn filter(view: &View) -> Markup {
    let text = |pairs: &[(&'static str, &str)]| -> Vec<(&'static str, String)> {
        pairs.iter().map(|(v, t)| (*v, (*t).to_owned())).collect()
    };
    let state = view.state.map(|state| match state {
        CaseState::Open => "open",
        CaseState::Claimed => "claimed",
        CaseState::Escalated => "escalated",
        CaseState::Decided => "decided",
    });
    let states = [
        ("open", "nobody works on it"),
        ("claimed", "somebody works on it"),
        ("escalated", "waits for a lead"),
    ];
    let with = view.with.map(|with| match with {
        WithWhom::Me => "me",
        WithWhom::Nobody => "nobody",
    });
    let breached = view.breached.map(|breached| match breached {
        true => "true",
        false => "false",
    });
    html! {
        form.filter method="get" action="/console/queue" {
            (choice(("queue", "Queue"), "every queue", &named(&Queue::ALL, Queue::as_str),
                view.queue.map(Queue::as_str)))
            (choice(("level", "Level"), "every level", &named(&Level::ALL, Level::as_str),
                view.level.map(Level::as_str)))
            (choice(("topic", "Topic"), "every topic", &named(&Topic::ALL, Topic::as_str),
                view.topic.map(Topic::as_str)))
            (choice(("state", "State"), "all that waits", &text(&states), state))
            (choice(("with", "With"), "anybody",
                &text(&[("me", "me"), ("nobody", "nobody")]), with))
            (choice(("breached", "Deadline"), "any",
                &text(&[("true", "past"), ("false", "ahead")]), breached))
            div.row {
                button.primary type="submit" { "Show" }
                a href="/console/queue" { "Show all" }
            }
        }
    }
}

fn save(visitor: &Visitor, view: &View) -> Markup {
    html! {
        form.row method="post" action="/console/queue/views" {
            (token(visitor))
            input type="hidden" name="query" value=(view.first_page().query());
            label for="view-name" { "Save this view as" }
            input id="view-name" name="name" required maxlength="40" autocomplete="off";
            button type="submit" { "Save" }
        }
    }
}

/// What the keys do, where there is a script.
fn keys() -> Markup {
    html! {
        dialog #keys aria-labelledby="keys-title" {
            h2 #keys-title { "Keys" }
            dl.facts {
                dt { kbd { "j" } " " kbd { "k" } } dd { "next and previous case" }
                dt { kbd { "Enter" } } dd { "open it" }
                dt { kbd { "c" } } dd { "claim it" }
                dt { kbd { "?" } } dd { "this list" }
            }
            p { label.inline { input #use-keys type="checkbox"; "Use these keys" } }
            form method="dialog" { button.primary type="submit" { "Close" } }
        }
    }
}
