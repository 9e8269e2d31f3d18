//! The people who look after the app: who they are, how they sign in, what each may do.
//!
//! Staff have names, passwords and one-time codes, and nothing in common with the anonymous
//! accounts: neither's token opens anything of the other's.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use crate::audit::{self, Actor};
use crate::clock::Clock;
use crate::db::{Db, is_duplicate};
use crate::error::{Error, Result};
use crate::ids::StaffId;
use crate::keys::{self, Keys};

mod browsers;
mod enrolment;
mod extract;
mod members;
mod password;
mod proof;
mod routes;
mod sessions;
mod store;
#[cfg(test)]
mod tests;
mod totp;

pub use browsers::KNOWN_FOR_DAYS;
pub use enrolment::{EnrolError, Invitation, Invited, LINK_LIFETIME};
pub use extract::{Admin, Auditor, Lead, LeadOrAdmin, Moderator};
pub use members::{Listed, State};
pub use password::MIN_CHARS as PASSWORD_MIN_CHARS;
pub use routes::routes;
pub use sessions::{OpenSession, Place, Session, moderators_seen_at, prune};
pub use store::{count, moderators, present};

const NAME_MAX_CHARS: usize = 64;

/// What a member of staff is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StaffRole)]
pub enum Role {
    /// Looks at what the rules flag, and decides.
    Moderator,
    /// A safeguarding lead: a moderator to whom the gravest go.
    Lead,
    /// Takes the handoffs of one organisation.
    OrgWorker,
    /// Reads what was done.
    Analyst,
    /// Runs the installation.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 5] = [
        Role::Moderator,
        Role::Lead,
        Role::OrgWorker,
        Role::Analyst,
        Role::Admin,
    ];

    /// The name that clients, the command line and the database use.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Moderator => "moderator",
            Role::Lead => "lead",
            Role::OrgWorker => "org_worker",
            Role::Analyst => "analyst",
            Role::Admin => "admin",
        }
    }
}

/// The name is not that of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected moderator, lead, org_worker, analyst or admin")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Role, UnknownRole> {
        Role::ALL
            .into_iter()
            .find(|role| role.as_str() == name)
            .ok_or(UnknownRole)
    }
}

impl TryFrom<String> for Role {
    type Error = UnknownRole;

    fn try_from(name: String) -> Result<Role, UnknownRole> {
        name.parse()
    }
}

/// A member of staff, of any role.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Member {
    /// Names the member.
    pub id: StaffId,
    /// What they sign in with, and what their colleagues read.
    pub name: String,
    /// What they are there for.
    #[sqlx(try_from = "String")]
    pub role: Role,
    /// The organisation they work for, by its identifier in the directory.
    pub organisation: Option<String>,
}

/// What a new member of staff signs in with; shown once.
#[derive(Serialize)]
pub struct Added {
    /// What they sign in with.
    pub name: String,
    /// 80 random bits, in groups.
    pub password: String,
    /// For their authenticator app: base 32, SHA-1, 6 digits, 30 seconds.
    pub totp_secret: String,
}

/// Why a member of staff cannot be added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The name cannot be one.
    #[error(
        "a name has 1 to {NAME_MAX_CHARS} characters, and neither line breaks nor spaces around it"
    )]
    Name,
    /// There is somebody of that name.
    #[error("there already is a member of staff of that name")]
    Taken,
    /// An organisation worker works for none.
    #[error("an organisation worker works for an organisation: name it")]
    Organisation,
    /// There is nobody of that name, or they are deactivated.
    #[error("there is no active member of staff of that name")]
    Unknown,
    /// The database or the machine does not play along.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<sqlx::Error> for AddError {
    fn from(error: sqlx::Error) -> AddError {
        if is_duplicate(&error) {
            AddError::Taken
        } else {
            AddError::Failed(error.into())
        }
    }
}

/// The staff, and who may act as one of them. Cheap to clone.
#[derive(Clone)]
pub struct Staff {
    db: Db,
    keys: Arc<Keys>,
    clock: Clock,
    hasher: password::Hasher,
    idle: Duration,
    /// Whoever has it may note that a session is used.
    noting: Arc<Semaphore>,
}

impl Staff {
    /// The staff in `db`, with one-time secrets sealed by `keys`.
    pub fn new(db: Db, keys: Arc<Keys>, clock: Clock) -> Staff {
        Staff {
            db,
            keys,
            clock,
            hasher: password::Hasher::new(),
            idle: sessions::IDLE,
            noting: Arc::new(Semaphore::new(1)),
        }
    }

    /// The same, with sessions that end when they are not used for this long.
    pub fn with_idle_limit(self, idle: Duration) -> Staff {
        Staff { idle, ..self }
    }

    /// Adds a member of staff, on the record; answers what they sign in with.
    pub async fn add(
        &self,
        name: &str,
        role: Role,
        organisation: Option<&str>,
    ) -> Result<Added, AddError> {
        if !valid_name(name) {
            return Err(AddError::Name);
        }
        let id = StaffId::random();
        let password = password::generate();
        let totp_secret = keys::random_bytes::<{ totp::SECRET_BYTES }>();
        let new = store::Credentials {
            member: Member {
                id,
                name: name.into(),
                role,
                organisation: organisation.map(Into::into),
            },
            password_hash: self.hasher.hash(password.clone()).await?,
            totp_sealed: self.keys.seal(&totp_secret, id.as_bytes()),
        };
        let mut tx = self.db.begin().await?;
        store::insert(&mut tx, &new, State::Active).await?;
        let details = json!({ "name": name, "role": role, "organisation": organisation });
        let now = self.clock.now();
        audit::record(&mut tx, now, Actor::Operator, "staff.add", id, details).await?;
        tx.commit().await?;
        Ok(Added {
            name: name.into(),
            password,
            totp_secret: BASE32_NOPAD.encode(&totp_secret),
        })
    }

    /// What a form must bring along that is sent with a session: only a page that was made for
    /// this session knows it.
    pub fn form_token(&self, access_token: &str) -> String {
        self.keys.form_token(access_token)
    }
}

fn valid_name(name: &str) -> bool {
    !name.is_empty()
        && name.trim() == name
        && name.chars().count() <= NAME_MAX_CHARS
        && !name.chars().any(char::is_control)
}
