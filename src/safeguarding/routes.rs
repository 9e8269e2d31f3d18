//! The HTTP of safeguarding.

use axum::extract::FromRef;
use utoipa_axum::router::OpenApiRouter;

use super::{disclosures, records};
use crate::posts::Posts;
use crate::staff::Staff;

/// The routes of safeguarding.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Posts: FromRef<S>,
    Staff: FromRef<S>,
{
    OpenApiRouter::new()
        .merge(records::routes())
        .merge(disclosures::routes())
}
