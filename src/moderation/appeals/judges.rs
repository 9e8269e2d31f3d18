//! Who judges an appeal: never whoever decided what it is about.

use std::collections::HashMap;

use super::store;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::{CaseId, StaffId};
use crate::posts::Posts;
use crate::staff::{self, Member, Role};

/// Refuses `member` where they decided what the appeal in a case is about.
///
/// # Errors
/// Excluded, with who can take it instead.
pub(in crate::moderation) async fn refuse(
    db: &Db,
    recused: &[StaffId],
    member: &Member,
) -> Result<()> {
    if !recused.contains(&member.id) {
        return Ok(());
    }
    let others = staff::moderators(db).await?.into_iter();
    let others: Vec<String> = others
        .filter(|other| !recused.contains(&other.id))
        .map(|other| other.name)
        .collect();
    let who = match &others[..] {
        [] => "Nobody else here may. An admin has to add a moderator or a lead: the alarm is \
               raised, and the deadline stays."
            .to_owned(),
        [one] => format!("{one} can take it."),
        [first @ .., last] => format!("{} or {last} can take it.", first.join(", ")),
    };
    let why = "You decided what this appeal is about, so somebody else looks at it.";
    Err(Error::Excluded(format!("{why} {who}").into()))
}

/// Appeals that wait, and that no moderator may judge, because those there are decided what they
/// are about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unjudged {
    /// A lead has to.
    pub by_lead: usize,
    /// Nobody may: somebody has to be added.
    pub by_nobody: usize,
}

/// The appeals that wait and that no moderator may judge.
pub async fn unjudged(db: &Db) -> sqlx::Result<Unjudged> {
    let mut recused: HashMap<CaseId, Vec<StaffId>> = HashMap::new();
    for (case, member) in store::recused_from_waiting(db).await? {
        recused.entry(case).or_default().push(member);
    }
    if recused.is_empty() {
        return Ok(Unjudged::default());
    }
    let staff = staff::moderators(db).await?;
    let mut unjudged = Unjudged::default();
    for recused in recused.values() {
        let mut judges = (staff.iter()).filter(|member| !recused.contains(&member.id));
        match judges.clone().next() {
            None => unjudged.by_nobody += 1,
            Some(_) if judges.all(|judge| judge.role == Role::Lead) => unjudged.by_lead += 1,
            Some(_) => {}
        }
    }
    Ok(unjudged)
}

/// Says where nobody may judge an appeal that waits.
pub async fn raise_alarm_over_appeals(posts: &Posts) -> sqlx::Result<()> {
    let unjudged = unjudged(&posts.db).await?;
    for (by, cases) in [("lead", unjudged.by_lead), ("nobody", unjudged.by_nobody)] {
        metrics::gauge!("hearth_appeals_without_moderator", "left" => by).set(cases as f64);
    }
    if unjudged.by_lead > 0 {
        let cases = unjudged.by_lead;
        tracing::warn!(cases, "appeals wait that only a lead may judge");
    }
    if unjudged.by_nobody > 0 {
        let cases = unjudged.by_nobody;
        tracing::error!(
            cases,
            "appeals wait that nobody here may judge: add a moderator or a lead"
        );
    }
    Ok(())
}
