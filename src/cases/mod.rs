//! Opening cases: the unit of human review. [`crate::moderation`] works on them.
//!
//! This stands below the posts, because a post that the policy holds opens its case in the
//! transaction that stores it, and above the policy, which sets the deadline.

mod store;

pub use store::{Opened, is_undecided, open};
