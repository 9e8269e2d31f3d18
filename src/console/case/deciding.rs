//! The form of a decision, and the page that asks once more before one that is hard on somebody.

use maud::{Markup, html};

use super::super::page;
use super::super::session::Visitor;
use super::sent::{Sent, gap_field};
use crate::error::FieldError;
use crate::moderation::{Case, CaseState, Decision, Outcome};
use crate::posts::PostState;
use crate::triage::{Level, MAX_FILLING, Policy, Topic};

/// Names the form, for what belongs to it and stands elsewhere.
pub const FORM: &str = "decide";

/// For how many hours a post can be held longer, as the form offers them.
const HOURS: [u32; 6] = [1, 4, 8, 24, 48, 72];

/// The form, as it was sent where that could not be done, and why.
pub fn form(
    visitor: &Visitor,
    policy: &Policy,
    case: &Case,
    (sent, problems): (&Sent, &[FieldError]),
) -> Markup {
    let withdrawn = case.post_state == Some(PostState::Withdrawn);
    let choices: &[(Outcome, &str)] = match withdrawn {
        true => &[
            (
                Outcome::Close,
                "Close: its author took it back. Erases the words, for good",
            ),
            (Outcome::Escalate, "Escalate to a lead"),
        ],
        false => &[
            (Outcome::Approve, "Approve"),
            (Outcome::Decline, "Decline, with a reason"),
            (Outcome::Hold, "Hold longer"),
            (Outcome::Escalate, "Escalate to a lead"),
        ],
    };
    html! {
        form.stacked.deciding id=(FORM) method="post"
            action={ "/console/cases/" (case.id) "/decide" } {
            (page::token(visitor))
            input type="hidden" name="policy" value=(policy.hash());
            @if !problems.is_empty() {
                div.problem role="alert" {
                    p { "This was not done:" }
                    ul {
                        @for problem in problems {
                            li { strong { (field_name(&problem.field)) } ": " (problem.message) }
                        }
                    }
                }
            }
            fieldset {
                legend { "What is to be done?" }
                @for (key, (outcome, label)) in choices.iter().enumerate() {
                    p {
                        label.inline {
                            input type="radio" name="decision" value=(outcome.as_str()) required
                                data-key=(key + 1) checked[sent.has("decision", outcome.as_str())];
                            kbd { (key + 1) } " " (label)
                        }
                    }
                }
            }
            @if !withdrawn {
                (reasons(policy, sent))
                label for="hours" { "Hold for how long?" }
                select id="hours" name="hours" {
                    @for hours in HOURS {
                        option value=(hours) selected[sent.has("hours", &hours.to_string())] {
                            (hours) @if hours == 1 { " hour" } @else { " hours" }
                        }
                    }
                }
                (masks(case, sent))
                (topics(case, sent))
                (level(case, sent))
            }
            label for="note" { "Note for the record " span.note { "(not their words)" } }
            textarea id="note" name="note" maxlength="2000" { (sent.get("note").unwrap_or_default()) }
            button.primary type="submit" { "Decide" }
            p.note.small {
                @if withdrawn { "Words that are erased are gone: closing cannot be undone." }
                @else { "The author is told at once. You can undo it for a minute." }
            }
        }
    }
}

fn reasons(policy: &Policy, sent: &Sent) -> Markup {
    let reasons = policy.decline_reasons();
    html! {
        label for="reason" { "Why is it declined?" }
        select id="reason" name="reason" {
            option value="" { "Choose a reason" }
            @for reason in reasons {
                option value=(reason.code) selected[sent.has("reason", &reason.code)] {
                    (reason.code.replace('_', " "))
                }
            }
        }
        details {
            summary { "What the author reads" }
            dl {
                @for reason in reasons {
                    dt { (reason.code.replace('_', " ")) ", message " (reason.version) }
                    dd { (reason.message) }
                }
            }
        }
        @for reason in reasons {
            @for gap in reason.gaps() {
                @let field = gap_field(&reason.code, gap);
                label for=(field) {
                    "For “" (reason.code.replace('_', " ")) "”: what is {" (gap) "}?"
                }
                input id=(field) name=(field) maxlength=(MAX_FILLING)
                    value=(sent.get(&field).unwrap_or_default());
            }
        }
    }
}

fn masks(case: &Case, sent: &Sent) -> Markup {
    html! {
        fieldset {
            legend { "Hide from others " span.note { "(when it is approved)" } }
            @if case.can_hide_found {
                label.inline {
                    input type="checkbox" name="mask_found" value="yes"
                        checked[sent.get("mask_found").is_some()];
                    "All personal information that the rules found"
                }
            }
            p.note.small { "Matches can be chosen where they are listed. Other words, a line each:" }
            label.visually-hidden for="mask_words" { "Other words to hide, a line each" }
            textarea.short id="mask_words" name="mask_words" {
                (sent.get("mask_words").unwrap_or_default())
            }
        }
    }
}

fn topics(case: &Case, sent: &Sent) -> Markup {
    let was_sent = sent.get("topics_shown").is_some();
    let chosen = |topic: Topic| match was_sent {
        true => sent.has("topics", topic.as_str()),
        false => case.topics.contains(&topic),
    };
    html! {
        details open[was_sent] {
            summary { "Change the topics" }
            fieldset {
                legend { "Topics" }
                input type="hidden" name="topics_shown" value="yes";
                @for topic in Topic::ALL {
                    label.inline {
                        input type="checkbox" name="topics" value=(topic.as_str())
                            checked[chosen(topic)];
                        (topic.as_str().replace('_', " "))
                    }
                }
            }
        }
    }
}

fn level(case: &Case, sent: &Sent) -> Markup {
    let chosen = sent.get("level").unwrap_or(case.level.as_str());
    html! {
        label for="level" {
            "Level " span.note { "(a lower one needs a note)" }
        }
        select id="level" name="level" {
            @for level in Level::ALL {
                option value=(level.as_str()) selected[level.as_str() == chosen] {
                    (level.as_str())
                    @if case.rules_level == Some(level) { ", as the rules say" }
                }
            }
        }
    }
}

/// The page before a decline or an escalation: what will happen, and one button to go on.
pub fn confirmation(
    visitor: &Visitor,
    case: &Case,
    (sent, decision): (&Sent, &Decision),
    told: Option<&str>,
) -> Markup {
    html! {
        section.narrow {
            @match (decision.decision, told) {
                (Outcome::Decline, Some(message)) => {
                    h1 { "Decline this post?" }
                    p { "Nobody but its author will see it. They are told at once:" }
                    blockquote { (message) }
                }
                _ => {
                    h1 { "Hand this to a lead?" }
                    p { "From now on only a lead decides. The author is told by when." }
                }
            }
            form.row method="post" action={ "/console/cases/" (case.id) "/decide" } {
                (page::token(visitor))
                @for (field, value) in &sent.0 {
                    input type="hidden" name=(field) value=(value);
                }
                input type="hidden" name="confirmed" value="yes";
                button.danger type="submit" autofocus {
                    @if decision.decision == Outcome::Decline { "Decline it" }
                    @else { "Hand it to a lead" }
                }
                a href={ "/console/cases/" (case.id) } { "Go back" }
            }
        }
    }
}

/// What stands in the place of the form for whoever does not hold the case.
pub fn no_form(visitor: &Visitor, case: &Case, is_lead: bool) -> Markup {
    html! {
        @match (case.state, &case.claimed_by) {
            (CaseState::Decided, _) => {}
            (CaseState::Escalated, _) if !is_lead => {
                p { "This waits for a safeguarding lead." }
            }
            (_, Some(name)) => { p { (name) " is working on this case." } }
            _ => {
                form method="post" action={ "/console/cases/" (case.id) "/claim" } {
                    (page::token(visitor))
                    button.primary type="submit" data-key="1" { "Take this case" }
                }
            }
        }
    }
}

fn field_name(field: &str) -> &str {
    match field {
        "decision" => "What is to be done",
        "reason" | "version" => "The reason",
        "fill" => "The message",
        "hours" => "How long",
        "note" => "The note",
        "topics" => "Topics",
        "level" => "Level",
        field if field.starts_with("mask") => "What is hidden",
        other => other,
    }
}
