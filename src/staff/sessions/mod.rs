//! Sessions of staff. One begins with a password and a one-time code, and gets a token that was
//! never seen before. It ends with its last use and half an hour, after a long shift, or when its
//! owner or an admin ends it.

mod store;

use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

pub use store::moderators_seen_at;

use super::{Member, Role, Staff, enrolment};
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::ids::StaffId;
use crate::keys::{self, hash_secret};

/// How long a session is good: a long shift.
const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// How long one is good that is not used, where nothing else is set: what NIST SP 800-63B (3)
/// has as the limit for authenticators of this strength.
pub(super) const IDLE: Duration = Duration::from_secs(30 * 60);
/// A use is noted at most once in so long.
const NOTED_EVERY: Duration = Duration::from_secs(60);

/// Where a session is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// By a program, with a header.
    Api,
    /// In a browser, with a cookie.
    Console,
}

impl Place {
    /// The name that the database uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Place::Api => "api",
            Place::Console => "console",
        }
    }
}

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(name: String) -> Result<Place, String> {
        let mut places = [Place::Api, Place::Console].into_iter();
        places.find(|place| place.as_str() == name).ok_or(name)
    }
}

/// What a member of staff works with from now on.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffSession)]
pub struct Session {
    /// Goes into the `Authorization` header.
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// How long the access token is good at the most, in seconds. One that is not used for half
    /// an hour (or what `HEARTH_STAFF_IDLE` says) ends then: sign in again where a call answers
    /// 401.
    #[schema(example = 43200)]
    pub expires_in: u64,
    /// What they are there for.
    pub role: Role,
}

/// A session that is still good, as its owner sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OpenSession {
    hash: Vec<u8>,
    /// Where it is used.
    #[sqlx(try_from = "String")]
    pub place: Place,
    /// When it began.
    pub started_at: Time,
    /// When it was used the last time, give or take a minute.
    pub last_used_at: Time,
}

impl OpenSession {
    /// Names the session, and opens nothing.
    pub fn id(&self) -> String {
        HEXLOWER.encode(&self.hash)
    }

    /// Whether it is the session of this access token.
    pub fn is_of(&self, access_token: &str) -> bool {
        self.hash == hash_secret(access_token)
    }
}

#[derive(sqlx::FromRow)]
struct Found {
    #[sqlx(flatten)]
    member: Member,
    last_used_at: Time,
}

impl Staff {
    /// A session for a name, its password and a one-time code that was not used before;
    /// [`Error::Unauthenticated`] where one of the three is wrong, without telling which.
    pub async fn sign_in(
        &self,
        name: &str,
        password: String,
        code: &str,
        place: Place,
    ) -> Result<Session> {
        let shown = self.check(name, password, code).await;
        let outcome = match &shown {
            Ok(_) => "right",
            Err(Error::Unauthenticated) => "wrong",
            Err(_) => "failed",
        };
        metrics::counter!("hearth_staff_sign_ins_total", "outcome" => outcome).increment(1);
        let shown = shown?;
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        self.spend(&mut tx, &shown).await?;
        let member = &shown.credentials.member;
        let session = self.begin_session(&mut tx, member, place).await?;
        let actor = Actor::Staff(member.id);
        audit::record(&mut tx, now, actor, "staff.sign_in", member.id, json!({})).await?;
        tx.commit().await?;
        Ok(session)
    }

    /// Begins a session, with a token of its own.
    pub(super) async fn begin_session(
        &self,
        tx: &mut Tx,
        member: &Member,
        place: Place,
    ) -> Result<Session> {
        let (access_token, now) = (keys::random_secret(), self.clock.now());
        let (hash, times) = (hash_secret(&access_token), (now, now.plus(LIFETIME)));
        store::insert(tx, member.id, &hash, place, times).await?;
        Ok(Session {
            access_token,
            token_type: "Bearer",
            expires_in: LIFETIME.as_secs(),
            role: member.role,
        })
    }

    /// Whose access token this is; [`Error::Unauthenticated`] where it is no good. The session
    /// has been used, and goes on for as long as one does that is not used.
    pub async fn authenticate(&self, access_token: &str) -> Result<Member> {
        let now = self.clock.now();
        let found = self.find(access_token, now).await?;
        let fresh = now.minus(NOTED_EVERY);
        if found.last_used_at <= fresh {
            self.note_use(hash_secret(access_token), now, fresh);
        }
        Ok(found.member)
    }

    /// The same for what no person does, such as a stream of events that is open or is opened
    /// again: the session is not kept alive by it. Whatever goes on for long asks this again from
    /// time to time, and ends when the session has.
    pub async fn authenticate_without_use(&self, access_token: &str) -> Result<Member> {
        let found = self.find(access_token, self.clock.now()).await?;
        Ok(found.member)
    }

    async fn find(&self, access_token: &str, now: Time) -> Result<Found> {
        let hash = hash_secret(access_token);
        let found = store::find(&self.db, &hash, now, now.minus(self.idle)).await?;
        found.ok_or(Error::Unauthenticated)
    }

    /// Notes it beside the request, which does not wait for a write. One is noted at a time: who
    /// comes meanwhile is noted with their next request.
    fn note_use(&self, hash: Vec<u8>, now: Time, fresh: Time) {
        let Ok(turn) = Arc::clone(&self.noting).try_acquire_owned() else {
            return;
        };
        let db = self.db.clone();
        tokio::spawn(async move {
            let _turn = turn;
            if let Err(error) = store::touch(&db, &hash, now, fresh).await {
                tracing::debug!(%error, "the use of a session was not noted");
            }
        });
    }

    /// The sessions of a member that are still good, the newest first.
    pub async fn open_sessions(&self, id: StaffId) -> Result<Vec<OpenSession>> {
        let now = self.clock.now();
        Ok(store::open(&self.db, id, now, now.minus(self.idle)).await?)
    }

    /// Ends the session of an access token, on the record; nothing happens where there is none.
    pub async fn sign_out(&self, member: &Member, access_token: &str) -> Result<()> {
        let mut tx = self.db.begin().await?;
        store::delete(&mut tx, member.id, &hash_secret(access_token)).await?;
        self.record_own(&mut tx, member, "staff.sign_out").await?;
        Ok(tx.commit().await?)
    }

    /// Ends one of a member's own sessions, by [`OpenSession::id`].
    pub async fn end_session(&self, member: &Member, id: &str) -> Result<()> {
        let hash = HEXLOWER.decode(id.as_bytes());
        let hash = hash.map_err(|_| Error::NotFound)?;
        let mut tx = self.db.begin().await?;
        if !store::delete(&mut tx, member.id, &hash).await? {
            return Err(Error::NotFound);
        }
        self.record_own(&mut tx, member, "staff.end_session")
            .await?;
        Ok(tx.commit().await?)
    }

    /// Ends a member's own sessions but the one of this access token; answers how many.
    pub async fn end_other_sessions(&self, member: &Member, access_token: &str) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let ended = end_others(&mut tx, member.id, access_token).await?;
        self.record_own(&mut tx, member, "staff.end_other_sessions")
            .await?;
        tx.commit().await?;
        Ok(ended)
    }

    async fn record_own(&self, tx: &mut Tx, member: &Member, action: &str) -> sqlx::Result<()> {
        let (now, actor) = (self.clock.now(), Actor::Staff(member.id));
        audit::record(tx, now, actor, action, member.id, json!({})).await
    }
}

/// Ends every session of a member; answers how many.
pub(super) async fn end_all(tx: &mut Tx, id: StaffId) -> sqlx::Result<u64> {
    store::delete_all_but(tx, id, &[]).await
}

/// Ends every session of a member but the one of this access token; answers how many.
pub(super) async fn end_others(tx: &mut Tx, id: StaffId, access_token: &str) -> sqlx::Result<u64> {
    store::delete_all_but(tx, id, &hash_secret(access_token)).await
}

/// Deletes sessions and links that are no good any more.
pub async fn prune(db: &Db, now: Time) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    store::delete_expired(&mut tx, now).await?;
    enrolment::delete_expired(&mut tx, now).await?;
    tx.commit().await
}
