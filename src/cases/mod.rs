//! Opening cases: the unit of human review. [`crate::moderation`] works on them.
//!
//! This stands below the posts, because a post that the policy holds opens its case in the
//! transaction that stores it, and above the policy, which sets the deadline.

mod store;

pub use store::{Opened, is_undecided, open, revise};

use crate::clock::Time;
use crate::triage::{Level, Policy, Queue};

/// By when a person looks at what was opened at `now`.
pub fn due_at(policy: &Policy, queue: Queue, level: Level, now: Time) -> Time {
    now.plus(policy.review_within(queue, level))
}
