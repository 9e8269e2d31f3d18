//! The accounts of staff: becoming a member, one's own account, and those of all, for admins.

mod accounts;
mod enrol;
mod me;
mod qr;

use super::pages::{Pages, get, post};

/// What is there for whoever has signed in.
pub fn pages() -> Pages {
    Pages::new()
        .route("/console/me", get(me::me))
        .route("/console/me/password", post(me::change_password))
        .route("/console/me/sessions/end", post(me::end_session))
        .route("/console/me/sessions/end-others", post(me::end_others))
        .route("/console/staff", get(accounts::list).post(accounts::invite))
        .route("/console/staff/{id}", get(accounts::member))
        .route("/console/staff/{id}/deactivate", post(accounts::deactivate))
        .route(
            "/console/staff/{id}/end-sessions",
            post(accounts::end_sessions),
        )
        .route("/console/staff/{id}/link", post(accounts::reset))
        .route("/console/staff/{id}/reactivate", post(accounts::reactivate))
}

/// What is there for whoever has not.
pub fn pages_outside() -> Pages {
    Pages::new().route(
        "/console/enrol/{token}",
        get(enrol::form).post(enrol::enrol),
    )
}
