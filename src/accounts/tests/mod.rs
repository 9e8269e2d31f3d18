use serde_json::{Value, json};

use super::*;
use crate::clock::Time;

mod forgery;
mod http;
mod remembered;

const DAY: Duration = Duration::from_secs(86_400);
const ROOT: [u8; 32] = [7; 32];

/// An hour into an epoch of signing keys.
fn start() -> Time {
    Time::from_micros((600 * 30 * 86_400 + 3_600) * 1_000_000)
}

struct World {
    accounts: Accounts,
    _dir: tempfile::TempDir,
}

async fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open_file(&dir.path().join("hearth.db")).await.unwrap();
    db.migrate().await.unwrap();
    let keys = Arc::new(Keys::from_root(ROOT));
    let accounts = Accounts::new(db, keys, Clock::manual(start()), Bus::default());
    World {
        accounts,
        _dir: dir,
    }
}

impl World {
    async fn join(&self) -> (Tokens, String) {
        let new = NewAccount {
            age_band: AgeBand::From13To15,
            area: Some("E08000009".into()),
            gender: None,
        };
        self.accounts.create(&new).await.unwrap()
    }

    async fn alive(&self, tokens: &Tokens) -> bool {
        self.accounts
            .authenticate(&tokens.access_token)
            .await
            .is_ok()
    }
}

#[tokio::test]
async fn a_refresh_token_works_once_and_the_second_time_ends_its_family() {
    let world = world().await;
    let (first, _) = world.join().await;
    let (bystander, _) = world.join().await;
    let second = world.accounts.refresh(&first.refresh_token).await.unwrap();
    let third = world.accounts.refresh(&second.refresh_token).await.unwrap();
    assert!(world.alive(&first).await && world.alive(&third).await);

    let again = world.accounts.refresh(&first.refresh_token).await;
    assert!(matches!(again, Err(Error::Unauthenticated)));
    for tokens in [&first, &second, &third] {
        assert!(!world.alive(tokens).await);
        assert!(world.accounts.refresh(&tokens.refresh_token).await.is_err());
    }
    assert!(world.alive(&bystander).await);
}

#[tokio::test]
async fn of_many_refreshes_at_once_at_most_one_wins() {
    let world = world().await;
    let (tokens, _) = world.join().await;
    let refreshes = (0..8).map(|_| world.accounts.refresh(&tokens.refresh_token));
    let done = futures_util::future::join_all(refreshes).await;
    assert_eq!(done.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(!world.alive(&tokens).await);
}

#[tokio::test]
async fn a_recovery_code_opens_a_family_of_its_own_as_often_as_it_takes() {
    let world = world().await;
    let (lost, code) = world.join().await;
    let sloppy = code.to_lowercase().replace('-', " ");
    let one = world.accounts.recover(&sloppy).await.unwrap();
    let other = world.accounts.recover(&code).await.unwrap();
    assert_ne!(one.refresh_token, other.refresh_token);
    for tokens in [&lost, &one, &other] {
        assert!(world.alive(tokens).await);
    }
    for wrong in ["", "7Q3K-0M9T-ZX4A-PB2E-HW8C", &one.refresh_token] {
        assert!(matches!(
            world.accounts.recover(wrong).await,
            Err(Error::Unauthenticated)
        ));
    }
}

#[tokio::test]
async fn tokens_die_with_time() {
    let world = world().await;
    let (tokens, _) = world.join().await;
    let clock = &world.accounts.clock;
    clock.advance(tokens::LIFETIME - Duration::from_secs(1));
    assert!(world.alive(&tokens).await);
    clock.advance(Duration::from_secs(1));
    assert!(!world.alive(&tokens).await);

    clock.advance(59 * DAY);
    let tokens = world.accounts.refresh(&tokens.refresh_token).await.unwrap();
    clock.advance(59 * DAY);
    let tokens = world.accounts.refresh(&tokens.refresh_token).await.unwrap();
    clock.advance(60 * DAY);
    assert!(world.accounts.refresh(&tokens.refresh_token).await.is_err());

    prune(&world.accounts.db, clock.now()).await.unwrap();
    let left: i64 = crate::db::on_db!(world.accounts.db, |c| sqlx::query_scalar(
        "SELECT count(*) FROM refresh_tokens"
    )
    .fetch_one(c)
    .await)
    .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_token_outlives_the_change_of_keys() {
    let world = world().await;
    let (tokens, _) = world.join().await;
    let clock = &world.accounts.clock;
    clock.advance(30 * DAY - Duration::from_secs(3_600 + 60));
    let late = world.accounts.refresh(&tokens.refresh_token).await.unwrap();
    clock.advance(Duration::from_secs(120));
    assert!(world.alive(&late).await);
}

#[tokio::test]
async fn a_ticket_works_once_for_half_a_minute() {
    let world = world().await;
    let (tokens, _) = world.join().await;
    let accounts = &world.accounts;
    let account = accounts.authenticate(&tokens.access_token).await.unwrap();

    let (ticket, lifetime) = accounts.issue_ticket(account.id).await.unwrap();
    assert_eq!(accounts.redeem_ticket(&ticket).await.unwrap(), account);
    assert!(accounts.redeem_ticket(&ticket).await.is_err());

    let (late, _) = accounts.issue_ticket(account.id).await.unwrap();
    accounts.clock.advance(lifetime);
    assert!(accounts.redeem_ticket(&late).await.is_err());
}

#[tokio::test]
async fn an_erased_account_leaves_nothing() {
    let world = world().await;
    let (tokens, code) = world.join().await;
    let accounts = &world.accounts;
    let id = accounts
        .authenticate(&tokens.access_token)
        .await
        .unwrap()
        .id;
    accounts.issue_ticket(id).await.unwrap();
    let held = export(&accounts.db, id).await.unwrap();
    assert_eq!(held["created_on"], "2019-04-14");
    assert_eq!(held["profile"]["area"], "E08000009");
    assert_eq!(held["signed_in_until"], json!(["2019-06-13"]));

    let mut tx = accounts.db.begin().await.unwrap();
    assert!(erase(&mut tx, id).await.unwrap());
    let bus = &accounts.bus;
    bus.commit(tx, Nudge::AccountsChanged).await.unwrap();
    assert!(!world.alive(&tokens).await);
    assert!(accounts.recover(&code).await.is_err());
    assert!(accounts.find(id).await.unwrap().is_none());
    assert_eq!(export(&accounts.db, id).await.unwrap(), Value::Null);
}
