//! How somebody becomes a member of staff: with a link that works once, on which they choose a
//! password and set up their authenticator app. Whoever made the link never sees either.
//!
//! Each look at the link offers another secret, sealed into the form, and none is kept before a
//! code of it has come: who sees a link in passing learns nothing of the secret that is used.

mod store;

use std::time::Duration;

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use serde::Serialize;
use serde_json::json;

use super::store::Credentials;
use super::{AddError, Member, Place, Role, Session, Staff, State, password, sessions, totp};
use super::{store as members, valid_name};
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::StaffId;
use crate::keys::{self, hash_secret};

/// How long a link is good.
pub const LINK_LIFETIME: Duration = Duration::from_secs(72 * 60 * 60);

/// A link for a new member of staff, or for one who begins anew; shown once.
#[derive(Serialize)]
pub struct Invited {
    /// What they will sign in with.
    pub name: String,
    /// The path of the link, at the address of this server.
    pub link: String,
    /// Until when it is good.
    pub expires_at: Time,
}

/// What somebody finds behind their link.
pub struct Invitation {
    /// Who they will be.
    pub member: Member,
    /// A secret for their authenticator app, in base 32.
    pub totp_secret: String,
    /// The same as a URI, for apps that read a picture.
    pub totp_uri: String,
    /// The same, sealed: it comes back with their choice.
    pub sealed_secret: String,
}

/// Why an enrolment was not done.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The password is a bad one, and why.
    #[error("{0}")]
    Password(&'static str),
    /// The code is not one of the secret that was shown.
    #[error("the code is not right")]
    Code,
    /// There is no such link any more, or something does not play along.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<sqlx::Error> for EnrolError {
    fn from(error: sqlx::Error) -> EnrolError {
        EnrolError::Failed(error.into())
    }
}

impl Staff {
    /// Invites somebody new, on the record.
    pub async fn invite(
        &self,
        by: Actor,
        name: &str,
        role: Role,
        organisation: Option<&str>,
    ) -> Result<Invited, AddError> {
        if !valid_name(name) {
            return Err(AddError::Name);
        }
        if role == Role::OrgWorker && organisation.is_none() {
            return Err(AddError::Organisation);
        }
        let id = StaffId::random();
        let new = Credentials {
            member: Member {
                id,
                name: name.into(),
                role,
                organisation: organisation.map(Into::into),
            },
            password_hash: String::new(),
            totp_sealed: Vec::new(),
        };
        let mut tx = self.db.begin().await?;
        members::insert(&mut tx, &new, State::Invited).await?;
        let invited = self.put_link(&mut tx, id, name).await?;
        let details = json!({ "name": name, "role": role, "organisation": organisation });
        let now = self.clock.now();
        audit::record(&mut tx, now, by, "staff.invite", id, details).await?;
        tx.commit().await?;
        Ok(invited)
    }

    /// Lets a member begin anew who has lost their phone or their password, on the record: what
    /// they signed in with is good no more, and their sessions end.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it is oneself, the last active admin or somebody deactivated.
    pub async fn reset(&self, by: &Member, id: StaffId) -> Result<Invited> {
        if by.id == id {
            return Err(Error::Conflict(
                "Nobody resets themselves: ask another admin.".into(),
            ));
        }
        let listed = self.member(id).await?;
        let name = &listed.member.name;
        let invited = self.begin_anew(Actor::Staff(by.id), id, name).await?;
        invited.ok_or_else(|| {
            Error::Conflict(match listed.state {
                State::Deactivated => "They are deactivated: reactivate them first.".into(),
                _ => "This is the last active admin: make another one first.".into(),
            })
        })
    }

    /// The same for whoever may run commands on the machine: it is what is left to the last admin
    /// who has lost their phone.
    pub async fn reset_by_name(&self, name: &str) -> Result<Invited, AddError> {
        let id = match valid_name(name) {
            true => members::find_id(&self.db, name).await?,
            false => None,
        };
        let id = id.ok_or(AddError::Unknown)?;
        let invited = self.begin_anew(Actor::Operator, id, name).await?;
        invited.ok_or(AddError::Unknown)
    }

    async fn begin_anew(&self, by: Actor, id: StaffId, name: &str) -> Result<Option<Invited>> {
        let may_be_last = matches!(by, Actor::Operator);
        let mut tx = self.db.begin().await?;
        members::lock_admins(&mut tx).await?;
        if !store::forget_credentials(&mut tx, id, may_be_last).await? {
            return Ok(None);
        }
        let ended = sessions::end_all(&mut tx, id).await?;
        let invited = self.put_link(&mut tx, id, name).await?;
        let (now, details) = (self.clock.now(), json!({ "sessions_ended": ended }));
        audit::record(&mut tx, now, by, "staff.reset", id, details).await?;
        tx.commit().await?;
        Ok(Some(invited))
    }

    async fn put_link(&self, tx: &mut Tx, id: StaffId, name: &str) -> sqlx::Result<Invited> {
        let token = keys::random_secret();
        let expires_at = self.clock.now().plus(LINK_LIFETIME);
        store::put(tx, id, &hash_secret(&token), expires_at).await?;
        Ok(Invited {
            name: name.into(),
            link: format!("/console/enrol/{token}"),
            expires_at,
        })
    }

    /// What is behind a link: the secret of an earlier look, where that is `sealed_before`, or
    /// another one.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the link is no good.
    pub async fn invitation(&self, token: &str, sealed_before: Option<&str>) -> Result<Invitation> {
        let hash = hash_secret(token);
        let found = store::find(&self.db, &hash, self.clock.now()).await?;
        let member = found.ok_or(Error::NotFound)?;
        let before = sealed_before.and_then(|sealed| self.open_secret(sealed, &hash));
        let secret =
            before.unwrap_or_else(|| keys::random_bytes::<{ totp::SECRET_BYTES }>().to_vec());
        let totp_secret = BASE32_NOPAD.encode(&secret);
        Ok(Invitation {
            totp_uri: totp::uri(&member.name, &totp_secret),
            sealed_secret: BASE64URL_NOPAD.encode(&self.keys.seal(&secret, &hash)),
            totp_secret,
            member,
        })
    }

    /// Makes somebody a member, on the record, with the password they choose and the secret that
    /// they were shown; they have signed in with that.
    pub async fn enrol(
        &self,
        token: &str,
        sealed_secret: &str,
        password: String,
        code: &str,
    ) -> Result<(Member, Session), EnrolError> {
        let (hash, now) = (hash_secret(token), self.clock.now());
        let found = store::find(&self.db, &hash, now).await?;
        let member = found.ok_or(Error::NotFound)?;
        if let Some(fault) = password::fault(&password, &member.name) {
            return Err(EnrolError::Password(fault));
        }
        let secret = self.open_secret(sealed_secret, &hash);
        let secret = secret.ok_or(EnrolError::Code)?;
        let step = totp::check(secret.clone(), code, now)?.ok_or(EnrolError::Code)?;
        let password_hash = self.hasher.hash(password).await?;
        let id = member.id;
        let totp_sealed = self.keys.seal(&secret, id.as_bytes());

        let mut tx = self.db.begin().await?;
        let credentials = (password_hash.as_str(), totp_sealed.as_slice());
        // The member before the link, as everybody else who changes both: they wait for each
        // other, and not both for ever.
        let done = store::set_credentials(&mut tx, id, credentials, (step, now.day())).await?
            && store::spend(&mut tx, &hash, now).await?;
        if !done {
            return Err(Error::NotFound.into());
        }
        let session = self.begin_session(&mut tx, &member, Place::Console).await?;
        let actor = Actor::Staff(id);
        audit::record(&mut tx, now, actor, "staff.enrol", id, json!({})).await?;
        tx.commit().await?;
        Ok((member, session))
    }

    /// What was sealed for this very link.
    fn open_secret(&self, sealed: &str, hash: &[u8]) -> Option<Vec<u8>> {
        let sealed = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
        self.keys.open(&sealed, hash)
    }
}

/// Takes a member's link back, where there is one.
pub(super) async fn take_back(tx: &mut Tx, id: StaffId) -> sqlx::Result<()> {
    store::delete(tx, id).await
}

/// Deletes links that are no good any more.
pub(super) async fn delete_expired(tx: &mut Tx, now: Time) -> sqlx::Result<()> {
    store::delete_expired(tx, now).await
}
