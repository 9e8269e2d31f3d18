//! Anonymous accounts, and the tokens that stand for them.
//!
//! An account is an age band and little else. Whoever holds one of its secrets is the person:
//! the access token for a quarter of an hour, the refresh token once, the recovery code for
//! good. Tokens that descend from one sign-in are a family. A refresh token that comes a second
//! time was stolen or was the thief's, and we cannot tell which: the whole family dies.
//!
//! No write to these tables shares a transaction with a post or a reaction: PostgreSQL keeps
//! the number of the transaction with each row, which would join them.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use crate::bus::{Bus, Nudge};
use crate::clock::Clock;
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::ids::{AccountId, FamilyId};
use crate::keys::{self, Keys, hash_secret};
use crate::triage::Topic;

mod eddsa;
mod extract;
mod known;
mod profile;
mod quiet_hours;
mod recovery;
mod routes;
mod store;
#[cfg(test)]
mod tests;
mod tokens;

pub use extract::Person;
pub use profile::{AgeBand, Changes, NewAccount, UnknownAgeBand};
pub use quiet_hours::{NotATimeOfDay, QuietHours, TimeOfDay};
pub use routes::routes;
pub use store::{erase, export, find, hold, hold_all, prune, wait_for_holders};

/// A family dies this many days after its last refresh.
const FAMILY_DAYS: i64 = 60;
/// How long a ticket for the live socket is good.
const TICKET_LIFETIME: Duration = Duration::from_secs(30);

/// An anonymous person. Its identifier is never written out.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct Account {
    /// Names the account, to us alone.
    #[serde(skip)]
    pub id: AccountId,
    /// How old they are.
    #[sqlx(try_from = "String")]
    pub age_band: AgeBand,
    /// Roughly where they live: the GSS code of an area.
    #[schema(required, example = "E08000009")]
    pub area: Option<String>,
    /// In their own words.
    #[schema(required)]
    pub gender: Option<String>,
    /// What they do not want to see in their feed.
    #[sqlx(json)]
    pub muted_topics: Vec<Topic>,
    /// When they do not want to hear from us.
    #[schema(required)]
    #[sqlx(json(nullable))]
    pub quiet_hours: Option<QuietHours>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Account(..)")
    }
}

/// What a person signs in with from now on.
#[derive(Serialize, ToSchema)]
pub struct Tokens {
    /// Goes into the `Authorization` header.
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// How long the access token is good, in seconds.
    #[schema(example = 900)]
    pub expires_in: u64,
    /// Good once, for the next tokens.
    pub refresh_token: String,
}

/// Accounts, and who may act for them. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    db: Db,
    clock: Clock,
    bus: Bus,
    access: Arc<tokens::AccessTokens>,
    known: Arc<known::KnownTokens>,
}

impl Accounts {
    /// The accounts in `db`, with tokens signed by `keys`; what changes is told over `bus`.
    pub fn new(db: Db, keys: Arc<Keys>, clock: Clock, bus: Bus) -> Accounts {
        let access = Arc::new(tokens::AccessTokens::new(keys, clock.clone()));
        Accounts {
            db,
            clock,
            bus,
            access,
            known: Arc::default(),
        }
    }

    /// Makes an account; answers its first tokens and its recovery code, which nobody can
    /// show again.
    pub async fn create(&self, new: &NewAccount) -> Result<(Tokens, String)> {
        new.check()?;
        let recovery_code = recovery::generate();
        let hash = recovery_hash(&recovery_code).expect("a new code can be read back");
        let mut tx = self.db.begin().await?;
        store::insert(&mut tx, AccountId::random(), self.today(), new, &hash).await?;
        Ok((self.sign_in(tx, &hash).await?, recovery_code))
    }

    /// Tokens for a recovery code as somebody typed it, in a family of their own.
    pub async fn recover(&self, typed: &str) -> Result<Tokens> {
        let hash = recovery_hash(typed).ok_or(Error::Unauthenticated)?;
        self.sign_in(self.db.begin().await?, &hash).await
    }

    /// The next tokens for a refresh token, which is used up. One that was used up before ends
    /// its family, and is [`Error::Unauthenticated`] as any other that is no good.
    pub async fn refresh(&self, refresh_token: &str) -> Result<Tokens> {
        let spent = hash_secret(refresh_token);
        let mut tx = self.db.begin().await?;
        // The family first: its row is the lock that lets one of two refreshes win.
        let (family, account) =
            store::extend_family(&mut tx, &spent, self.today(), self.family_end())
                .await?
                .ok_or(Error::Unauthenticated)?;
        if !store::spend_refresh(&mut tx, &spent).await? {
            store::end_family(&mut tx, family).await?;
            self.bus.commit(tx, Nudge::AccountsChanged).await?;
            return Err(Error::Unauthenticated);
        }
        self.issue(tx, family, account).await
    }

    /// Whose access token this is; [`Error::Unauthenticated`] where it is no good, or where its
    /// family or its account is gone.
    pub async fn authenticate(&self, access_token: &str) -> Result<Account> {
        // Before anything is read: what changes meanwhile makes old what is read.
        let (now, changes) = (self.clock.now(), self.bus.account_changes());
        let key = known::key(access_token);
        let known = self.known.get(&key);
        if let Some(known) = &known
            && known.is_fresh(now, changes)
        {
            return Ok(known.account.clone());
        }
        // The signature stays good; how the account is may have changed.
        let claims = match known {
            Some(known) if known.claims.are_good_at(now) => Some(known.claims.clone()),
            _ => self.access.verify(access_token),
        };
        let claims = claims.ok_or(Error::Unauthenticated)?;
        let living = store::find_living(&self.db, claims.sub, claims.sid, now.day())
            .await?
            .ok_or(Error::Unauthenticated)?;
        let account = living.account.clone();
        self.known.keep(key, claims, living, now, changes);
        Ok(account)
    }

    /// The account, where it is still there.
    pub async fn find(&self, account: AccountId) -> Result<Option<Account>> {
        Ok(store::find(&self.db, account).await?)
    }

    /// What each of these accounts does not want to see; those that are gone are missing.
    pub async fn muted_topics(
        &self,
        accounts: &[AccountId],
    ) -> Result<HashMap<AccountId, Vec<Topic>>> {
        Ok(store::muted_topics(&self.db, accounts).await?)
    }

    /// Changes what a person tells of themself; answers how it is now.
    pub async fn change(&self, account: AccountId, mut changes: Changes) -> Result<Account> {
        changes.check()?;
        if let Some(topics) = &mut changes.muted_topics {
            topics.sort();
            topics.dedup();
        }
        let mut tx = self.db.begin().await?;
        let account = store::update(&mut tx, account, &changes)
            .await?
            .ok_or(Error::Unauthenticated)?;
        self.bus.commit(tx, Nudge::AccountsChanged).await?;
        Ok(account)
    }

    /// A ticket that opens the live socket once, and for how long it is good: a browser cannot
    /// send a header there, and an address is logged in more places than a token may be.
    pub async fn issue_ticket(&self, account: AccountId) -> Result<(String, Duration)> {
        let ticket = keys::random_secret();
        let expires_at = self.clock.now().plus(TICKET_LIFETIME);
        let mut tx = self.db.begin().await?;
        store::insert_ticket(&mut tx, account, &hash_secret(&ticket), expires_at).await?;
        tx.commit().await?;
        Ok((ticket, TICKET_LIFETIME))
    }

    /// Whose ticket this is; it is used up. [`Error::Unauthenticated`] where it is no good.
    pub async fn redeem_ticket(&self, ticket: &str) -> Result<Account> {
        let mut tx = self.db.begin().await?;
        let account = store::take_ticket(&mut tx, &hash_secret(ticket), self.clock.now())
            .await?
            .ok_or(Error::Unauthenticated)?;
        tx.commit().await?;
        self.find(account).await?.ok_or(Error::Unauthenticated)
    }

    /// Opens a family for whoever has this recovery code, and commits.
    async fn sign_in(&self, mut tx: Tx, recovery_hash: &[u8]) -> Result<Tokens> {
        let family = FamilyId::random();
        let account = store::open_family(&mut tx, family, recovery_hash, self.family_end())
            .await?
            .ok_or(Error::Unauthenticated)?;
        self.issue(tx, family, account).await
    }

    /// Adds the next tokens to a family, and commits.
    async fn issue(&self, mut tx: Tx, family: FamilyId, account: AccountId) -> Result<Tokens> {
        let refresh_token = keys::random_secret();
        store::insert_refresh(&mut tx, family, &hash_secret(&refresh_token)).await?;
        tx.commit().await?;
        Ok(Tokens {
            access_token: self.access.sign(account, family),
            token_type: "Bearer",
            expires_in: tokens::LIFETIME.as_secs(),
            refresh_token,
        })
    }

    fn today(&self) -> i64 {
        self.clock.now().day()
    }

    /// The day on which a family that is used today dies.
    fn family_end(&self) -> i64 {
        self.today() + FAMILY_DAYS
    }
}

fn recovery_hash(typed: &str) -> Option<Vec<u8>> {
    recovery::normalise(typed).map(|code| hash_secret(&code))
}
