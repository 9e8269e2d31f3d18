//! The pages of safeguarding: what rings, records, the rota, and looking behind anonymity.

mod ask;
mod disclosures;
mod on_case;
mod overview;
mod record;
mod ringing;
mod rota;

use axum::Router;
use axum::routing::{get, post};
use maud::{Markup, html};

#[expect(unused_imports, reason = "the page of a case comes next")]
pub use on_case::on_case;
pub use ringing::{Ringing, banner, with_ringing};

use super::Desk;
use super::session::Visitor;
use crate::staff::Role;

/// The routes of the pages.
pub fn routes() -> Router<Desk> {
    const HOME: &str = "/console/safeguarding";
    let at = |rest: &str| format!("{HOME}/{rest}");
    Router::new()
        .route(HOME, get(overview::overview).post(record::open))
        .route(&at("ringing"), get(ringing::fragment))
        .route(
            &at("escalations/{id}/acknowledge"),
            post(ringing::acknowledge),
        )
        .route(&at("rota"), get(rota::rota).post(rota::add))
        .route(&at("rota/{id}/remove"), post(rota::remove))
        .route(
            &at("disclosures"),
            get(disclosures::list).post(disclosures::request),
        )
        .route(&at("disclosures/new"), get(ask::form))
        .route(&at("disclosures/{id}"), get(disclosures::one))
        .route(&at("disclosures/{id}/answer"), post(disclosures::answer))
        .route(&at("disclosures/{id}/look"), post(disclosures::look))
        .route(&at("disclosures/{id}/told"), post(disclosures::tell))
        .route(&at("about"), get(on_case::page_about))
        .route(&at("{id}"), get(record::one))
        .route(&at("{id}/concerns"), post(record::add_concern))
        .route(&at("{id}/actions"), post(record::add_action))
        .route(&at("{id}/decisions"), post(record::add_decision))
        .route(&at("{id}/outcomes"), post(record::add_outcome))
        .route(&at("{id}/told"), post(record::add_told))
        .route(&at("{id}/close"), post(record::close))
        .route(&at("{id}/erase"), post(record::erase))
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
