//! The cookie by which a browser is known that has signed in before: see
//! [`Staff::remember_browser`]. There is one for each name, and it goes to where one signs in,
//! alone.

use axum::http::{HeaderMap, HeaderValue};
use cookie::Cookie;
use data_encoding::HEXLOWER;

use super::session;
use crate::keys::secret_digest;
use crate::staff::{KNOWN_FOR_DAYS, Staff};

const PATH: &str = "/console/sign-in";

/// Whoever else uses the machine does not read the name in it.
fn cookie_of(name: &str) -> String {
    let digest = secret_digest(name);
    format!("hearth_browser_{}", HEXLOWER.encode(&digest[..8]))
}

/// What tells this browser from others, where it has signed in under this name before.
pub fn recognise(staff: &Staff, name: &str, headers: &HeaderMap) -> Option<Vec<u8>> {
    let shown = session::cookie(headers, &cookie_of(name))?;
    staff.recognise_browser(name, &shown)
}

/// The header that has this browser be known from now on.
pub fn remember(staff: &Staff, name: &str, headers: &HeaderMap) -> HeaderValue {
    let days = cookie::time::Duration::days(KNOWN_FOR_DAYS);
    let cookie = Cookie::build((cookie_of(name), staff.remember_browser(name)));
    session::set(cookie.path(PATH).max_age(days), headers)
}
