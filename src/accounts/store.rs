//! Accounts, families, refresh tokens and tickets in the database: secrets as hashes alone.

use std::collections::{HashMap, HashSet};

use serde_json::json;
use sqlx::QueryBuilder;
use sqlx::types::Json;

use super::{Account, Changes, NewAccount};
use crate::clock::Time;
use crate::db::{Db, Tx, on_db, on_tx, push_list, push_rows};
use crate::ids::{AccountId, FamilyId};
use crate::triage::Topic;

pub(super) async fn insert(
    tx: &mut Tx,
    id: AccountId,
    today: i64,
    new: &NewAccount,
    recovery_hash: &[u8],
) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO accounts (id, created_on, age_band, area, gender, muted_topics, recovery_hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7)"
    )
    .bind(id)
    .bind(today)
    .bind(new.age_band.as_str())
    .bind(&new.area)
    .bind(&new.gender)
    .bind(Json([(); 0]))
    .bind(recovery_hash)
    .execute(c)
    .await
    .map(|_| ()))
}

/// What a person tells of themself; nothing where there is no such account.
pub async fn find(db: &Db, id: AccountId) -> sqlx::Result<Option<Account>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT id, age_band, area, gender, muted_topics, quiet_hours FROM accounts WHERE id = $1"
    )
    .bind(id)
    .fetch_optional(c)
    .await)
}

/// An account, and how long a family of its tokens lives.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Living {
    /// The account.
    #[sqlx(flatten)]
    pub account: Account,
    /// The day on which the family dies.
    pub expires_on: i64,
}

/// What each of these accounts does not want to see; those that are gone are missing.
pub(super) async fn muted_topics(
    db: &Db,
    accounts: &[AccountId],
) -> sqlx::Result<HashMap<AccountId, Vec<Topic>>> {
    let mut muted = HashMap::with_capacity(accounts.len());
    for accounts in accounts.chunks(500) {
        let rows: Vec<(AccountId, Json<Vec<Topic>>)> = on_db!(db, |c| {
            let mut query =
                QueryBuilder::new("SELECT id, muted_topics FROM accounts WHERE id IN (");
            push_list(&mut query, accounts.iter().copied())
                .push(")")
                .build_query_as()
                .fetch_all(c)
                .await
        })?;
        muted.extend(
            rows.into_iter()
                .map(|(account, Json(topics))| (account, topics)),
        );
    }
    Ok(muted)
}

/// The account, where this family of its tokens is alive.
pub(super) async fn find_living(
    db: &Db,
    id: AccountId,
    family: FamilyId,
    today: i64,
) -> sqlx::Result<Option<Living>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT a.id, a.age_band, a.area, a.gender, a.muted_topics, a.quiet_hours, f.expires_on
         FROM accounts a JOIN token_families f ON f.account_id = a.id
         WHERE a.id = $1 AND f.id = $2 AND f.expires_on > $3"
    )
    .bind(id)
    .bind(family)
    .bind(today)
    .fetch_optional(c)
    .await)
}

/// One statement, so that of two changes at once neither undoes the other.
pub(super) async fn update(
    tx: &mut Tx,
    id: AccountId,
    changes: &Changes,
) -> sqlx::Result<Option<Account>> {
    on_tx!(tx, |c| sqlx::query_as(
        "UPDATE accounts SET
             age_band = coalesce($2, age_band),
             area = CASE WHEN $3 THEN $4 ELSE area END,
             gender = CASE WHEN $5 THEN $6 ELSE gender END,
             muted_topics = coalesce($7, muted_topics),
             quiet_hours = CASE WHEN $8 THEN $9 ELSE quiet_hours END
         WHERE id = $1
         RETURNING id, age_band, area, gender, muted_topics, quiet_hours"
    )
    .bind(id)
    .bind(changes.age_band.map(|band| band.as_str()))
    .bind(changes.area.is_some())
    .bind(changes.area.as_ref().and_then(Option::as_ref))
    .bind(changes.gender.is_some())
    .bind(changes.gender.as_ref().and_then(Option::as_ref))
    .bind(changes.muted_topics.as_ref().map(Json))
    .bind(changes.quiet_hours.is_some())
    .bind(changes.quiet_hours.flatten().map(Json))
    .fetch_optional(c)
    .await)
}

/// Opens a family for the account with this recovery code; answers whose it is.
pub(super) async fn open_family(
    tx: &mut Tx,
    family: FamilyId,
    recovery_hash: &[u8],
    expires_on: i64,
) -> sqlx::Result<Option<AccountId>> {
    on_tx!(tx, |c| sqlx::query_scalar(
        "INSERT INTO token_families (id, account_id, expires_on)
         SELECT $1, id, $3 FROM accounts WHERE recovery_hash = $2
         RETURNING account_id"
    )
    .bind(family)
    .bind(recovery_hash)
    .bind(expires_on)
    .fetch_optional(c)
    .await)
}

/// Lets the living family of a refresh token, used or not, live until `expires_on`.
pub(super) async fn extend_family(
    tx: &mut Tx,
    refresh_hash: &[u8],
    today: i64,
    expires_on: i64,
) -> sqlx::Result<Option<(FamilyId, AccountId)>> {
    on_tx!(tx, |c| sqlx::query_as(
        "UPDATE token_families SET expires_on = $3
         WHERE id = (SELECT family_id FROM refresh_tokens WHERE hash = $1) AND expires_on > $2
         RETURNING id, account_id"
    )
    .bind(refresh_hash)
    .bind(today)
    .bind(expires_on)
    .fetch_optional(c)
    .await)
}

pub(super) async fn end_family(tx: &mut Tx, family: FamilyId) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "DELETE FROM token_families WHERE id = $1"
    )
    .bind(family)
    .execute(c)
    .await
    .map(|_| ()))
}

pub(super) async fn insert_refresh(tx: &mut Tx, family: FamilyId, hash: &[u8]) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO refresh_tokens (hash, family_id, used) VALUES ($1, $2, FALSE)"
    )
    .bind(hash)
    .bind(family)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Uses a refresh token up; `false` where it was before.
pub(super) async fn spend_refresh(tx: &mut Tx, hash: &[u8]) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "UPDATE refresh_tokens SET used = TRUE WHERE hash = $1 AND used = FALSE"
    )
    .bind(hash)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

pub(super) async fn insert_ticket(
    tx: &mut Tx,
    account: AccountId,
    hash: &[u8],
    expires_at: Time,
) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO live_tickets (hash, account_id, expires_at) VALUES ($1, $2, $3)"
    )
    .bind(hash)
    .bind(account)
    .bind(expires_at)
    .execute(c)
    .await
    .map(|_| ()))
}

pub(super) async fn take_ticket(
    tx: &mut Tx,
    hash: &[u8],
    now: Time,
) -> sqlx::Result<Option<AccountId>> {
    on_tx!(tx, |c| sqlx::query_scalar(
        "DELETE FROM live_tickets WHERE hash = $1 AND expires_at > $2 RETURNING account_id"
    )
    .bind(hash)
    .bind(now)
    .fetch_optional(c)
    .await)
}

/// Makes sure that the account is there until `tx` ends: what is written in it for this person
/// is found by who erases them. `false` where they have left. Leaves no trace in the account's
/// row, which would join it to what is written.
pub async fn hold(tx: &mut Tx, account: AccountId) -> sqlx::Result<bool> {
    Ok(hold_all(tx, [account]).await?.contains(&account))
}

/// Makes sure of many accounts, as [`hold`] does of one: those of them that are there.
pub async fn hold_all(
    tx: &mut Tx,
    accounts: impl IntoIterator<Item = AccountId>,
) -> sqlx::Result<HashSet<AccountId>> {
    let mut accounts: HashSet<AccountId> = accounts.into_iter().collect();
    if accounts.is_empty() {
        return Ok(accounts);
    }
    tx.share(HOLDERS).await?;
    // Those who have left are few; a row for everybody who is there would cost more than all else.
    let left: Vec<AccountId> = on_tx!(tx, |c| {
        let mut query = QueryBuilder::new("WITH asked (id) AS (");
        push_rows(&mut query, accounts.iter().copied(), |row, id| {
            row.push_bind(id);
        })
        .push(
            ") SELECT id FROM asked WHERE NOT EXISTS
                   (SELECT 1 FROM accounts a WHERE a.id = asked.id)",
        )
        .build_query_scalar()
        .fetch_all(c)
        .await
    })?;
    accounts.retain(|account| !left.contains(account));
    Ok(accounts)
}

/// Waits for every transaction that holds accounts.
pub async fn wait_for_holders(tx: &mut Tx) -> sqlx::Result<()> {
    tx.after_all(HOLDERS).await
}

/// What every transaction shares that holds accounts, whosever. A lock for each account would be
/// hundreds for a batch, and only who erases one waits: for some milliseconds, for whatever is
/// being written.
const HOLDERS: i64 = 1;

/// Deletes an account with its tokens and tickets; what lies elsewhere is for its own module
/// to delete. `false` where there was none. Commit it with [`Bus::commit`], and tell that
/// accounts changed: the account's tokens are remembered otherwise.
///
/// [`Bus::commit`]: crate::bus::Bus::commit
pub async fn erase(tx: &mut Tx, account: AccountId) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query("DELETE FROM accounts WHERE id = $1")
        .bind(account)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))
}

/// The first moment of the day on which an account was made; no finer time is kept.
async fn joined(db: &Db, account: AccountId) -> sqlx::Result<Time> {
    on_db!(db, |c| sqlx::query_scalar(
        "SELECT created_on FROM accounts WHERE id = $1"
    )
    .bind(account)
    .fetch_one(c)
    .await)
    .map(Time::from_day)
}

/// All that these tables hold about a person; `null` where there is no such account. Hashes of
/// secrets are left out: they say nothing about anybody.
pub async fn export(db: &Db, account: AccountId) -> sqlx::Result<serde_json::Value> {
    let Some(profile) = find(db, account).await? else {
        return Ok(serde_json::Value::Null);
    };
    let created_on = joined(db, account).await?.day();
    let sign_ins: Vec<i64> = on_db!(db, |c| sqlx::query_scalar(
        "SELECT expires_on FROM token_families WHERE account_id = $1 ORDER BY expires_on"
    )
    .bind(account)
    .fetch_all(c)
    .await)?;
    Ok(json!({
        "created_on": date(created_on),
        "profile": profile,
        "signed_in_until": sign_ins.into_iter().map(date).collect::<Vec<_>>(),
    }))
}

/// Deletes families and tickets that are no good any more.
pub async fn prune(db: &Db, now: Time) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    on_tx!(&mut tx, |c| sqlx::query(
        "DELETE FROM token_families WHERE expires_on <= $1"
    )
    .bind(now.day())
    .execute(c)
    .await
    .map(|_| ()))?;
    on_tx!(&mut tx, |c| sqlx::query(
        "DELETE FROM live_tickets WHERE expires_at <= $1"
    )
    .bind(now)
    .execute(c)
    .await
    .map(|_| ()))?;
    tx.commit().await
}

/// The date of a day since the Unix epoch, such as `2026-07-30`.
fn date(day: i64) -> String {
    let midnight = Time::from_day(day).to_string();
    midnight.chars().take_while(|c| *c != 'T').collect()
}
