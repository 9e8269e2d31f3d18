//! One second opinion: given without knowing the first, or settled with both in sight.

use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};
use serde::Deserialize;

use crate::clock::Time;
use crate::console::form::Form;
use crate::console::page::{self, Section, level, token};
use crate::console::session::Visitor;
use crate::console::when;
use crate::error::Result;
use crate::extract::Path;
use crate::ids::ReviewId;
use crate::moderation::Outcome;
use crate::moderation::reviews::{
    self, Compared, Opinion, Review, ReviewState, Ruling, Said, Settlement, Words,
};
use crate::posts::Posts;
use crate::staff::{Lead, Moderator, Role};
use crate::triage::Policy;

/// The page of one second opinion.
pub async fn show(
    visitor: Visitor,
    Moderator(member): Moderator,
    State(posts): State<Posts>,
    Path(id): Path<ReviewId>,
) -> Result<Markup> {
    let now = posts.clock.now();
    let review = reviews::get(&posts, &member, id).await?;
    let policy = &posts.policy;
    let content = html! {
        h1 { "Second opinion" }
        dl.facts {
            dt { "Level" } dd { (level(review.level)) }
            dt { "Queue" } dd { (review.queue.as_str()) }
            dt { "Decided" } dd { (when::moment(review.since, now)) }
        }
        @if let Some(words) = &review.words { (read(words, now)) }
        @if let Some(both) = &review.compared { (compared(both)) }
        @match review.state {
            ReviewState::Open => (open(&visitor, &review, policy, now)),
            ReviewState::Differs if review.words.is_some() => (unsettled(&visitor, &review, policy)),
            ReviewState::Differs if member.role == Role::Lead => p.note {
                "The post is not any more as it was decided. There is nothing left to settle."
            },
            ReviewState::Differs => p { "A lead looks at both." },
            ReviewState::Agreed => p.said { "You both decided alike." },
            ReviewState::Settled => {},
        }
        p { a href="/console/reviews" { "Back to second opinions" } }
    };
    Ok(page::page(
        &visitor,
        Section::Reviews,
        "Second opinion",
        content,
    ))
}

/// Takes one on, and opens it.
pub async fn claim(
    Moderator(member): Moderator,
    State(posts): State<Posts>,
    Path(id): Path<ReviewId>,
) -> Result<Redirect> {
    reviews::claim(&posts, &member, id).await?;
    Ok(Redirect::to(&format!("/console/reviews/{id}")))
}

/// A second opinion as its form sends it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenForm {
    decision: Outcome,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    note: String,
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.trim().is_empty())
}

/// Gives one.
pub async fn give(
    Moderator(member): Moderator,
    State(posts): State<Posts>,
    Path(id): Path<ReviewId>,
    Form(form): Form<GivenForm>,
) -> Result<Redirect> {
    let opinion = Opinion {
        decision: form.decision,
        reason: some(form.reason),
        note: some(form.note),
    };
    reviews::give(&posts, &member, id, opinion).await?;
    Ok(Redirect::to(&format!("/console/reviews/{id}")))
}

/// What a lead decides, as its form sends it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettledForm {
    ruling: Ruling,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    note: String,
}

/// Settles one.
pub async fn settle(
    Lead(lead): Lead,
    State(posts): State<Posts>,
    Path(id): Path<ReviewId>,
    Form(form): Form<SettledForm>,
) -> Result<Redirect> {
    let settlement = Settlement {
        ruling: form.ruling,
        reason: some(form.reason),
        note: some(form.note),
    };
    reviews::settle(&posts, &lead, id, settlement).await?;
    Ok(Redirect::to(&format!("/console/reviews/{id}")))
}

fn read(words: &Words, now: Time) -> Markup {
    html! {
        section.card aria-label="The post" {
            p.words { (words.text) }
            @if let Some(appeal) = &words.appeal {
                h2 { "What its author says against an earlier decision" }
                p.words { (appeal) }
            }
            @if !words.matches.is_empty() {
                h2 { "What the rules see" }
                ul {
                    @for found in &words.matches {
                        li { (level(found.level)) " " (found.rule) ": " (found.why) }
                    }
                }
            }
            @if !words.reports.is_empty() {
                h2 { "Reports" }
                ul {
                    @for report in &words.reports {
                        li {
                            (report.reason.as_str()) ", " (when::moment(report.at, now))
                            @if let Some(note) = &report.note { p.words { (note) } }
                        }
                    }
                }
            }
        }
    }
}

fn open(visitor: &Visitor, review: &Review, policy: &Policy, now: Time) -> Markup {
    let at = format!("/console/reviews/{}", review.id);
    html! {
        @match review.claimed_until {
            None => form method="post" action={ (at) "/claim" } {
                (token(visitor))
                button.primary type="submit" { "Read it" }
            },
            Some(until) => form.stacked method="post" action={ (at) "/opinion" } {
                (token(visitor))
                h2 { "What would you have decided?" }
                p.note { "It changes nothing by itself. It is yours until " (when::moment(until, now)) "." }
                fieldset {
                    legend { "Decision" }
                    @for (value, label) in [
                        ("approve", "Approve"), ("decline", "Decline"), ("escalate", "Ask a lead"),
                    ] {
                        label { input type="radio" name="decision" value=(value) required; (label) }
                    }
                }
                (reasons(policy))
                (note())
                button.primary type="submit" { "Send" }
            },
        }
    }
}

fn reasons(policy: &Policy) -> Markup {
    html! {
        label for="reason" { "Reason, to decline" }
        select id="reason" name="reason" {
            option value="" { "–" }
            @for reason in policy.decline_reasons() {
                option value=(reason.code) { (reason.code) }
            }
        }
    }
}

fn note() -> Markup {
    html! {
        label for="note" { "Note for whoever looks at both; not the young person's words" }
        textarea id="note" name="note" maxlength="2000" {}
    }
}

fn compared(both: &Compared) -> Markup {
    let said = |said: &Said| {
        html! {
            (said.decision.as_str())
            @if let Some(reason) = &said.reason { " (" (reason) ")" }
        }
    };
    html! {
        section.card aria-labelledby="both" {
            h2 #both { "What both decided" }
            dl.facts {
                dt { "At first" } dd { (said(&both.first)) }
                dt { "Second opinion" } dd { (said(&both.second)) }
                @if let Some(ruling) = both.ruling {
                    dt { "A lead" }
                    dd {
                        @match ruling {
                            Ruling::Stands => "let the first decision stand",
                            Ruling::Overturned => "overturned the first decision",
                        }
                    }
                }
            }
        }
    }
}

fn unsettled(visitor: &Visitor, review: &Review, policy: &Policy) -> Markup {
    let was_approved =
        review.compared.as_ref().map(|both| both.first.decision) == Some(Outcome::Approve);
    html! {
        form.stacked method="post" action={ "/console/reviews/" (review.id) "/settle" } {
            (token(visitor))
            h2 { "What stands?" }
            fieldset {
                legend { "Ruling" }
                label {
                    input type="radio" name="ruling" value="stands" required;
                    "The first decision stands"
                }
                label {
                    input type="radio" name="ruling" value="overturned" required;
                    @match was_approved {
                        true => "Take the post down",
                        false => "Publish the post",
                    }
                }
            }
            @if was_approved { (reasons(policy)) }
            p.note { "Overturning takes effect at once, everywhere, and the author is told." }
            (note())
            button.primary type="submit" { "Settle" }
        }
    }
}
