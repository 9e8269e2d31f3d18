//! Staying blind: whoever is giving a second opinion does not see what was decided elsewhere.

use super::store;
use crate::error::{Error, Result};
use crate::ids::CaseId;
use crate::moderation::cases::Case;
use crate::posts::Posts;
use crate::staff::Member;

/// Refuses a case to whoever is just giving the second opinion about it: they would see what was
/// decided.
///
/// # Errors
/// Excluded, until they have given it.
pub async fn stay_blind(posts: &Posts, member: &Member, case: CaseId) -> Result<()> {
    let held = store::held_cases(&posts.db, member.id, posts.clock.now()).await?;
    match held.contains(&case) {
        true => Err(Error::Excluded(
            "You are giving a second opinion about this one. You can read it when you have.".into(),
        )),
        false => Ok(()),
    }
}

/// Leaves those cases out of a list.
pub async fn leave_out(posts: &Posts, member: &Member, cases: &mut Vec<Case>) -> Result<()> {
    let held = store::held_cases(&posts.db, member.id, posts.clock.now()).await?;
    cases.retain(|case| !held.contains(&case.id));
    Ok(())
}
