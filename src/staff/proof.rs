//! What a member shows to prove that it is them: a password and a one-time code, together.

use serde_json::json;

use super::store::{self, Credentials};
use super::{Member, Staff, password, sessions, totp, valid_name};
use crate::audit::{self, Actor};
use crate::db::Tx;
use crate::error::{Error, Result};

/// What a member has shown, and nobody has used up yet.
pub(super) struct Shown {
    pub credentials: Credentials,
    step: i64,
}

impl Staff {
    /// What is right of a name, a password and a code.
    pub(super) async fn check(&self, name: &str, password: String, code: &str) -> Result<Shown> {
        // PostgreSQL fails on a name with a NUL in it; nobody has such a name.
        let found = if valid_name(name) {
            store::credentials(&self.db, name).await?
        } else {
            None
        };
        let hashed = found.as_ref().map(|found| found.password_hash.clone());
        let right = self.hasher.verify(password, hashed).await?;
        let credentials = found.filter(|_| right).ok_or(Error::Unauthenticated)?;
        let secret = self
            .keys
            .open(&credentials.totp_sealed, credentials.member.id.as_bytes())
            .ok_or_else(|| Error::internal("a one-time secret was sealed with another key"))?;
        let step = totp::check(secret, code, self.clock.now())?.ok_or(Error::Unauthenticated)?;
        Ok(Shown { credentials, step })
    }

    /// Uses up what was shown; another code is needed for whatever comes next.
    pub(super) async fn spend(&self, tx: &mut Tx, shown: &Shown) -> Result<()> {
        let today = self.clock.now().day();
        let spent = store::spend_step(tx, &shown.credentials, shown.step, today).await?;
        spent.then_some(()).ok_or(Error::Unauthenticated)
    }

    /// Changes a member's own password, and ends every other session of theirs.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] where the password or the code is not right, and
    /// [`Error::Invalid`] where the new password is a bad one.
    pub async fn change_password(
        &self,
        member: &Member,
        access_token: &str,
        (password, code): (String, &str),
        new: String,
    ) -> Result<()> {
        if let Some(fault) = password::fault(&new, &member.name) {
            return Err(Error::field("new_password", fault));
        }
        let shown = self.check(&member.name, password, code).await?;
        let hash = self.hasher.hash(new).await?;
        let (id, now) = (member.id, self.clock.now());
        let mut tx = self.db.begin().await?;
        self.spend(&mut tx, &shown).await?;
        store::set_password(&mut tx, id, &hash).await?;
        let ended = sessions::end_others(&mut tx, id, access_token).await?;
        let details = json!({ "sessions_ended": ended });
        let actor = Actor::Staff(id);
        audit::record(&mut tx, now, actor, "staff.change_password", id, details).await?;
        Ok(tx.commit().await?)
    }
}
