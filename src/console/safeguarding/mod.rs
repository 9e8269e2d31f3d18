//! The pages of safeguarding: what rings, records, the rota, and looking behind anonymity.

mod ask;
mod disclosures;
mod on_case;
mod overview;
mod record;
mod ringing;
mod rota;

use maud::{Markup, html};

pub use on_case::on_case;
pub use ringing::{Ringing, banner, with_ringing};

use super::pages::{Pages, get, post};
use super::session::Visitor;
use crate::staff::Role;

/// The routes of the pages.
pub fn pages() -> Pages {
    Pages::new()
        .route(
            "/console/safeguarding",
            get(overview::overview).post(record::open),
        )
        .route("/console/safeguarding/ringing", get(ringing::fragment))
        .route(
            "/console/safeguarding/escalations/{id}/acknowledge",
            post(ringing::acknowledge),
        )
        .route(
            "/console/safeguarding/rota",
            get(rota::rota).post(rota::add),
        )
        .route("/console/safeguarding/rota/{id}/remove", post(rota::remove))
        .route(
            "/console/safeguarding/disclosures",
            get(disclosures::list).post(disclosures::request),
        )
        .route("/console/safeguarding/disclosures/new", get(ask::form))
        .route(
            "/console/safeguarding/disclosures/{id}",
            get(disclosures::one),
        )
        .route(
            "/console/safeguarding/disclosures/{id}/answer",
            post(disclosures::answer),
        )
        .route(
            "/console/safeguarding/disclosures/{id}/look",
            post(disclosures::look),
        )
        .route(
            "/console/safeguarding/disclosures/{id}/told",
            post(disclosures::tell),
        )
        .route("/console/safeguarding/about", get(on_case::page_about))
        .route("/console/safeguarding/{id}", get(record::one))
        .route(
            "/console/safeguarding/{id}/concerns",
            post(record::add_concern),
        )
        .route(
            "/console/safeguarding/{id}/actions",
            post(record::add_action),
        )
        .route(
            "/console/safeguarding/{id}/decisions",
            post(record::add_decision),
        )
        .route(
            "/console/safeguarding/{id}/outcomes",
            post(record::add_outcome),
        )
        .route("/console/safeguarding/{id}/told", post(record::add_told))
        .route("/console/safeguarding/{id}/close", post(record::close))
        .route("/console/safeguarding/{id}/erase", post(record::erase))
}

/// The way around these pages.
fn ways(visitor: &Visitor, here: &str) -> Markup {
    let role = visitor.member.role;
    let mut ways = vec![
        ("/console/safeguarding", "Escalations and records"),
        ("/console/safeguarding/rota", "On call"),
    ];
    if matches!(role, Role::Lead | Role::Admin) {
        let disclosures = "/console/safeguarding/disclosures";
        ways.push((disclosures, "Looking behind anonymity"));
    }
    html! {
        nav aria-label="Safeguarding" {
            p.row {
                @for (path, label) in ways {
                    a href=(path) aria-current=[(path == here).then_some("page")] { (label) }
                }
            }
        }
    }
}

/// The options of a closed set, none of which is chosen for anybody.
fn options(choices: impl Iterator<Item = (&'static str, &'static str)>) -> Markup {
    html! {
        option value="" { "Choose" }
        @for (value, label) in choices {
            option value=(value) { (label) }
        }
    }
}

/// Where the page of a case is.
fn case_path(case: crate::ids::CaseId) -> String {
    format!("/console/cases/{case}")
}
