//! The pages of oversight: many cases at once, surge mode, figures, and the record.

mod bulk;
mod bulk_page;
mod figures;
mod figures_page;
mod record;
mod surge;

use super::pages::{Pages, get, post};

/// What is there for whoever has signed in.
pub fn pages() -> Pages {
    Pages::new()
        .route("/console/bulk", get(bulk::form).post(bulk::choose))
        .route("/console/bulk/{id}", get(bulk::show))
        .route("/console/bulk/{id}/confirm", post(bulk::confirm))
        .route("/console/bulk/{id}/go-on", post(bulk::go_on))
        .route("/console/bulk/{id}/undo", post(bulk::undo))
        .route("/console/surge", get(surge::show))
        .route("/console/surge/on", post(surge::switch_on))
        .route("/console/surge/off", post(surge::switch_off))
        .route("/console/figures", get(figures::show))
        .route("/console/figures/rules", get(figures::rules))
        .route("/console/figures/{file}", get(figures::download))
        .route("/console/audit", get(record::show))
        .route("/console/audit/verify", get(record::verify))
        .route("/console/audit/export", post(record::export))
}
