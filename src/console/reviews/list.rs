//! What waits for a second opinion, and how often they agree.

use axum::extract::State;
use maud::{Markup, html};

use super::figures::figures;
use crate::clock::Time;
use crate::console::page::{self, Section, level, token};
use crate::console::session::Visitor;
use crate::console::{care, when};
use crate::error::Result;
use crate::moderation::reviews::{self, Review, ReviewState, agreement};
use crate::moderation::{self, Unjudged};
use crate::posts::Posts;
use crate::staff::{Auditor, Role};

/// How many of each list are shown.
const SHOWN: usize = 50;

/// The page of second opinions.
pub async fn show(
    visitor: Visitor,
    Auditor(member): Auditor,
    State(posts): State<Posts>,
) -> Result<Markup> {
    let now = posts.clock.now();
    let works = matches!(member.role, Role::Moderator | Role::Lead);
    let waiting = async |state| reviews::list(&posts, &member, state, None, SHOWN).await;
    let open = match works {
        true => waiting(ReviewState::Open).await?.items,
        false => Vec::new(),
    };
    let differs = match member.role {
        Role::Lead => waiting(ReviewState::Differs).await?.items,
        _ => Vec::new(),
    };
    let unsettled = reviews::unsettled(&posts.db).await?;
    let unjudged = moderation::unjudged(&posts.db).await?;
    let agreement = agreement::agreement(&posts).await?;
    let content = html! {
        h1 { "Second opinions" }
        (care::offer(&posts, &visitor).await?)
        (alarms(unjudged, unsettled))
        @if works {
            p { "A share of decisions is looked at by somebody else, who does not know what was "
                "decided. Say what you would have done. Your own decisions are not here." }
            h2 { "Waiting for yours" }
            (waiting_for_you(&visitor, &open, now))
        }
        @if member.role == Role::Lead {
            h2 { "Two that differ" }
            (to_settle(&differs, now))
        }
        h2 { "How often they agree" }
        (figures(&agreement))
    };
    Ok(page::page(
        &visitor,
        Section::Reviews,
        "Second opinions",
        content,
    ))
}

/// What needs somebody who is not here.
fn alarms(unjudged: Unjudged, unsettled: i64) -> Markup {
    html! {
        @if unjudged.by_nobody > 0 {
            p.problem role="alert" {
                strong { (count(unjudged.by_nobody, "appeal waits", "appeals wait")) }
                " and nobody here may judge: whoever decided at first never judges the appeal. An "
                "admin has to add a moderator or a lead. The deadline stays as it is."
            }
        }
        @if unjudged.by_lead > 0 {
            p.problem {
                strong { (count(unjudged.by_lead, "appeal waits", "appeals wait")) }
                " for a lead: every moderator there is decided what it is about."
            }
        }
        @if unsettled > 0 {
            p.problem {
                strong { (count(unsettled, "difference waits", "differences wait")) }
                " for a lead who had no part in it, and there is none. An admin has to add one."
            }
        }
    }
}

fn count<N: std::fmt::Display + PartialEq + From<u8>>(n: N, one: &str, many: &str) -> String {
    let what = if n == N::from(1) { one } else { many };
    format!("{n} {what}")
}

fn waiting_for_you(visitor: &Visitor, open: &[Review], now: Time) -> Markup {
    html! {
        @if open.is_empty() {
            p { "Nothing waits for you." }
        } @else {
            div.scrolls tabindex="0" {
                table {
                    caption.visually-hidden { "Second opinions that wait for you" }
                    thead { tr {
                        th scope="col" { "Level" }
                        th scope="col" { "Queue" }
                        th scope="col" { "Since" }
                        th scope="col" { "Take it" }
                    } }
                    tbody {
                        @for review in open {
                            tr {
                                td { (level(review.level)) }
                                td { (review.queue.as_str()) }
                                td { (when::moment(review.since, now)) }
                                td {
                                    @if review.claimed_until.is_some() {
                                        a href={ "/console/reviews/" (review.id) } { "Go on" }
                                    } @else {
                                        form method="post"
                                            action={ "/console/reviews/" (review.id) "/claim" } {
                                            (token(visitor))
                                            button.quiet type="submit" { "Read it" }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn to_settle(differs: &[Review], now: Time) -> Markup {
    html! {
        @if differs.is_empty() {
            p { "Nothing to settle." }
        } @else {
            ul {
                @for review in differs {
                    li {
                        a href={ "/console/reviews/" (review.id) } {
                            (review.queue.as_str()) ", decided " (when::moment(review.since, now))
                        }
                        " " (level(review.level))
                        @if let Some(both) = &review.compared {
                            " " (both.first.decision.as_str()) " / " (both.second.decision.as_str())
                        }
                    }
                }
            }
        }
    }
}
