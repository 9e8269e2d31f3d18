//! Whether somebody may take a case on: not an appeal against their own decision, and not when
//! they have read enough for now. Asked in the transaction of the claim, with the case locked.

use super::appeals;
use super::store;
use crate::care;
use crate::clock::Time;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::CaseId;
use crate::posts::Posts;
use crate::staff::{Member, Role};
use crate::triage::Level;

/// Lets `member` take a case on, and notes that they have it to read. `anyway`: they say that
/// nobody else is here. Whether it is free, the claim itself finds out.
///
/// # Errors
/// Excluded from an appeal against their own decision; a conflict where they need a break.
pub(super) async fn admit(
    tx: &mut Tx,
    posts: &Posts,
    member: &Member,
    id: CaseId,
    anyway: bool,
    now: Time,
) -> Result<()> {
    let case = store::lock(tx, id).await?.ok_or(Error::NotFound)?;
    let held = case.holder(now).is_some() && case.claimed_by != Some(member.id);
    let for_leads = case.is_escalated() && member.role != Role::Lead;
    if held || for_leads || case.decision.is_some() {
        return Ok(());
    }
    let recused = appeals::recused(tx, id).await?;
    appeals::refuse_recused(&posts.db, &recused, member).await?;
    let claim = care::Claim {
        case: id,
        level: case.level.0,
        due_at: Some(case.due_at),
        leads_only: case.is_escalated(),
        recused: &recused,
        anyway,
    };
    care::admit(tx, posts.policy.care(), member, &claim, now).await
}

/// Lets `member` decide a case that they hold, or be handed it. The case is locked by then.
///
/// # Errors
/// Excluded from an appeal against their own decision.
pub(super) async fn allow(tx: &mut Tx, posts: &Posts, member: &Member, id: CaseId) -> Result<()> {
    let recused = appeals::recused(tx, id).await?;
    appeals::refuse_recused(&posts.db, &recused, member).await
}

/// A case that nobody has taken, and that cannot wait.
pub struct Urgent {
    /// Which.
    pub id: CaseId,
    /// How urgent it is.
    pub level: Level,
    /// By when a person decides.
    pub due_at: Time,
    /// Whether it is for leads alone.
    pub leads_only: bool,
}

/// Crises that nobody has taken, and red cases that would be late at `until`; the nearest deadline
/// first.
pub async fn urgent(posts: &Posts, until: Time) -> Result<Vec<Urgent>> {
    let rows = store::urgent(&posts.db, posts.clock.now(), until).await?;
    let rows = rows.into_iter().map(|row| Urgent {
        id: row.id,
        level: row.level.0,
        due_at: row.due_at,
        leads_only: row.is_escalated(),
    });
    Ok(rows.collect())
}
