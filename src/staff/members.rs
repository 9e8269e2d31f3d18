//! Looking after the accounts of staff: who there is, and who may not come in any more.

use serde_json::json;

use super::enrolment;
use super::sessions;
use super::{Member, Staff, store};
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::error::{Error, Result};
use crate::ids::StaffId;

/// Whether a member of staff may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not yet: they have a link to choose their password and their second factor with.
    Invited,
    /// They may.
    Active,
    /// Not any more.
    Deactivated,
}

impl State {
    const ALL: [State; 3] = [State::Invited, State::Active, State::Deactivated];

    /// The name that the database uses, and pages.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Invited => "invited",
            State::Active => "active",
            State::Deactivated => "deactivated",
        }
    }
}

impl TryFrom<String> for State {
    type Error = String;

    fn try_from(name: String) -> Result<State, String> {
        let mut states = State::ALL.into_iter();
        states.find(|state| state.as_str() == name).ok_or(name)
    }
}

/// A member of staff, as whoever looks after the accounts sees them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Listed {
    /// Who it is.
    #[sqlx(flatten)]
    pub member: Member,
    /// Whether they may sign in.
    #[sqlx(try_from = "String")]
    pub state: State,
    /// The day on which they last signed in, counted from the Unix epoch. No time: it tells
    /// whether an account is used, not when somebody is at work.
    pub signed_in_on: Option<i64>,
    /// Until when the link is good that they were given.
    #[sqlx(rename = "expires_at")]
    pub link_until: Option<Time>,
}

impl Staff {
    /// Everybody, by their names.
    pub async fn members(&self) -> Result<Vec<Listed>> {
        Ok(store::list(&self.db).await?)
    }

    /// One of them.
    pub async fn member(&self, id: StaffId) -> Result<Listed> {
        store::find(&self.db, id).await?.ok_or(Error::NotFound)
    }

    /// Keeps a member out from now on, on the record: their sessions end, and their link.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it is oneself, or the last active admin, or it is done already.
    pub async fn deactivate(&self, by: &Member, id: StaffId) -> Result<()> {
        if by.id == id {
            return Err(Error::Conflict(
                "Nobody deactivates themselves: ask another admin.".into(),
            ));
        }
        let listed = self.member(id).await?;
        let mut tx = self.db.begin().await?;
        store::lock_admins(&mut tx).await?;
        if !store::deactivate(&mut tx, id).await? {
            return Err(Error::Conflict(match listed.state {
                State::Deactivated => "They are deactivated already.".into(),
                _ => "This is the last active admin: make another one first.".into(),
            }));
        }
        let ended = sessions::end_all(&mut tx, id).await?;
        enrolment::take_back(&mut tx, id).await?;
        let (now, details) = (self.clock.now(), json!({ "sessions_ended": ended }));
        let actor = Actor::Staff(by.id);
        audit::record(&mut tx, now, actor, "staff.deactivate", id, details).await?;
        Ok(tx.commit().await?)
    }

    /// Lets a member in again, on the record, with what they signed in with before.
    ///
    /// # Errors
    /// [`Error::Conflict`] where they were not deactivated.
    pub async fn reactivate(&self, by: &Member, id: StaffId) -> Result<()> {
        self.member(id).await?;
        let mut tx = self.db.begin().await?;
        if !store::reactivate(&mut tx, id).await? {
            return Err(Error::Conflict("They are not deactivated.".into()));
        }
        let (now, actor) = (self.clock.now(), Actor::Staff(by.id));
        audit::record(&mut tx, now, actor, "staff.reactivate", id, json!({})).await?;
        Ok(tx.commit().await?)
    }

    /// Ends every session of a member, on the record; answers how many there were.
    pub async fn end_sessions(&self, by: &Member, id: StaffId) -> Result<u64> {
        self.member(id).await?;
        let mut tx = self.db.begin().await?;
        let ended = sessions::end_all(&mut tx, id).await?;
        let (now, details) = (self.clock.now(), json!({ "sessions_ended": ended }));
        let actor = Actor::Staff(by.id);
        audit::record(&mut tx, now, actor, "staff.end_sessions", id, details).await?;
        tx.commit().await?;
        Ok(ended)
    }
}
