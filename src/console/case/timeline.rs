//! What was done to a case, told in words.

use std::collections::HashMap;

use maud::{Markup, html};
use serde_json::Value;

use super::super::when;
use crate::clock::Time;
use crate::ids::StaffId;
use crate::moderation::Step;

/// Who did the steps, where members of staff did.
pub fn actors(steps: &[Step]) -> Vec<StaffId> {
    steps.iter().filter_map(|step| actor(&step.actor)).collect()
}

/// The steps, oldest first.
pub fn told(steps: &[Step], names: &HashMap<StaffId, String>, now: Time) -> Markup {
    html! {
        @if steps.is_empty() {
            p.note { "Nobody has done anything about it yet." }
        } @else {
            ol.timeline {
                @for step in steps {
                    li {
                        (when::moment(step.at, now)) " "
                        strong { (name(&step.actor, names)) } " " (words(step))
                        @for said in said(&step.details) {
                            blockquote { (said) }
                        }
                    }
                }
            }
        }
    }
}

fn actor(actor: &str) -> Option<StaffId> {
    actor.strip_prefix("staff:")?.parse().ok()
}

fn name<'a>(step: &'a str, names: &'a HashMap<StaffId, String>) -> &'a str {
    match (step, actor(step)) {
        (_, Some(id)) => names.get(&id).map_or("Somebody", String::as_str),
        ("system", _) => "Hearth",
        ("operator", _) => "The operator",
        (other, _) => other,
    }
}

/// What they said of it themselves.
fn said(details: &Value) -> impl Iterator<Item = &str> {
    let said = ["note", "why"].into_iter();
    said.filter_map(|field| details[field].as_str())
}

fn words(step: &Step) -> String {
    let details = &step.details;
    match step.action.as_str() {
        "case.claim" => "took it.".into(),
        "case.release" => "gave it back.".into(),
        "case.decide" => decided(details),
        "case.undo" => {
            let undone = details["decision"].as_str().unwrap_or_default();
            format!("undid a decision: {}.", decision(undone))
        }
        "case.author_posts" => {
            let reason = details["reason"].as_str().unwrap_or_default();
            format!("looked at what the author wrote lately: {reason}")
        }
        other => match other.split_once('.') {
            Some((_, act)) => format!("did this: {}.", act.replace('_', " ")),
            None => format!("did this: {other}."),
        },
    }
}

fn decided(details: &Value) -> String {
    let text = |field: &str| details[field].as_str();
    let made = text("decision").unwrap_or_default();
    let mut words = format!("decided: {}", decision(made));
    if let Some(reason) = text("reason") {
        words += &format!(" for {reason}");
    }
    if let Some(version) = details["version"].as_u64() {
        words += &format!(" (message {version})");
    }
    let by = text("review_by").and_then(|by| by.parse::<jiff::Timestamp>().ok());
    if let Some(by) = by.map(|by| Time::from_micros(by.as_microsecond())) {
        words += &format!(
            ", to be looked at by {}",
            by.in_uk().strftime("%a %-d %b, %H:%M")
        );
    }
    if let (Some(from), Some(to)) = (text("level"), text("new_level")) {
        words += &format!("; level {from} is {to} now");
    }
    if let Some(topics) = details["new_topics"].as_array() {
        let topics: Vec<&str> = topics.iter().filter_map(Value::as_str).collect();
        words += &match topics.is_empty() {
            true => "; about no topic now".to_owned(),
            false => format!("; about {} now", topics.join(", ")),
        };
    }
    match details["hidden"].as_u64().unwrap_or_default() {
        0 => {}
        1 => words += "; hid some words",
        places => words += &format!("; hid words in {places} places"),
    }
    words + "."
}

/// What was decided, as a person says it.
pub fn decision(decision: &str) -> &str {
    match decision {
        "approve" => "approved",
        "decline" => "declined",
        "escalate" => "handed to a lead",
        "hold" => "held longer",
        "close" => "closed, because the author took it back",
        "erased" => "closed, because the author left",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn step(action: &str, details: Value) -> String {
        words(&Step {
            at: Time::from_micros(0),
            actor: "system".into(),
            action: action.into(),
            details,
        })
    }

    #[test]
    fn decisions_are_told_with_all_that_was_in_them() {
        let details = json!({ "decision": "decline", "reason": "one_part", "version": 2,
            "level": "red", "new_level": "amber", "new_topics": ["exams", "sleep"],
            "hidden": 0 });
        assert_eq!(
            step("case.decide", details),
            "decided: declined for one_part (message 2); level red is amber now; \
             about exams, sleep now."
        );
        let details = json!({ "decision": "hold", "review_by": "2026-01-20T17:00:00Z" });
        assert_eq!(
            step("case.decide", details),
            "decided: held longer, to be looked at by Tue 20 Jan, 17:00."
        );
        // As they were written before there was more to say.
        let details = json!({ "decision": "approve", "reason": null, "note": null });
        assert_eq!(step("case.decide", details), "decided: approved.");
    }

    #[test]
    fn what_is_not_known_is_told_all_the_same() {
        assert_eq!(step("case.hand_over", json!({})), "did this: hand over.");
    }
}
