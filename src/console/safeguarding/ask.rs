//! The page to ask to look behind anonymity on.

use maud::{Markup, html};
use serde::Deserialize;

use super::case_path;
use crate::console::page::{self, Section};
use crate::console::session::Visitor;
use crate::extract::Query;
use crate::ids::CaseId;
use crate::safeguarding::disclosures::Ask;
use crate::staff::LeadOrAdmin;

/// Which case a request is about.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    case: CaseId,
}

/// The page to ask on.
pub async fn form(visitor: Visitor, _: LeadOrAdmin, Query(about): Query<About>) -> Markup {
    let words = |id: &str, label: &str| {
        html! {
            label for=(id) { (label) }
            textarea id=(id) name=(id) maxlength="2000" required {}
        }
    };
    let content = html! {
        h1 { "Ask to look behind anonymity" }
        p { a href=(case_path(about.case)) { "Back to the case" } }
        p {
            "We know no name and no address. This shows no more than what you ask for below, "
            "once, after a second person has agreed."
        }
        form.stacked method="post" action="/console/safeguarding/disclosures" {
            (page::token(&visitor))
            input type="hidden" name="case_id" value=(about.case);
            fieldset {
                legend { "What is needed" }
                @for ask in Ask::ALL {
                    label { input type="checkbox" name="asks" value=(ask.as_str()); (ask.label()) }
                }
            }
            (words("reason", "Why"))
            (words("necessity", "Why nothing less will do"))
            label for="recipient" { "Who will be told: which police force, which council" }
            input id="recipient" name="recipient" maxlength="200" required autocomplete="off";
            label for="reference" { "Their reference, where there is one" }
            input id="reference" name="reference" maxlength="200" autocomplete="off";
            button.primary type="submit" { "Ask" }
        }
    };
    page::page(
        &visitor,
        Section::Safeguarding,
        "Looking behind anonymity",
        content,
    )
}
