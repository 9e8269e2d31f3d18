//! What is remembered of a token is never older than it may be.

use super::*;

/// Writes past the accounts, as a process does that no nudge comes from.
async fn elsewhere(world: &World, sql: &'static str) {
    let mut tx = world.accounts.db.begin().await.unwrap();
    crate::db::on_tx!(&mut tx, |c| sqlx::query(sql).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
}

async fn area(world: &World, tokens: &Tokens) -> Option<String> {
    let token = &tokens.access_token;
    world.accounts.authenticate(token).await.unwrap().area
}

#[tokio::test]
async fn an_account_is_read_again_after_two_seconds_or_a_nudge() {
    let world = world().await;
    let (tokens, _) = world.join().await;
    assert_eq!(area(&world, &tokens).await.as_deref(), Some("E08000009"));

    elsewhere(&world, "UPDATE accounts SET area = 'E09000012'").await;
    assert_eq!(area(&world, &tokens).await.as_deref(), Some("E08000009"));
    world.accounts.clock.advance(Duration::from_millis(1_999));
    assert_eq!(area(&world, &tokens).await.as_deref(), Some("E08000009"));
    world.accounts.clock.advance(Duration::from_millis(1));
    assert_eq!(area(&world, &tokens).await.as_deref(), Some("E09000012"));

    elsewhere(&world, "UPDATE accounts SET area = NULL").await;
    let nothing = world.accounts.db.begin().await.unwrap();
    let bus = &world.accounts.bus;
    bus.commit(nothing, Nudge::AccountsChanged).await.unwrap();
    assert_eq!(area(&world, &tokens).await, None);
}

#[tokio::test]
async fn a_change_is_there_in_the_next_request() {
    let world = world().await;
    let (tokens, _) = world.join().await;
    let id = world.accounts.authenticate(&tokens.access_token).await;
    let id = id.unwrap().id;
    for area_now in [Some("E09000012"), None, Some("E08000009")] {
        let area_now = area_now.map(str::to_owned);
        let changes = Changes {
            area: Some(area_now.clone()),
            ..Changes::default()
        };
        world.accounts.change(id, changes).await.unwrap();
        assert_eq!(area(&world, &tokens).await, area_now);
    }
}

#[tokio::test]
async fn what_was_read_before_a_change_is_not_remembered_after_it() {
    let world = world().await;
    let (tokens, _) = world.join().await;
    let Accounts { db, bus, known, .. } = &world.accounts;
    let (now, before) = (world.accounts.clock.now(), bus.account_changes());
    let claims = world.accounts.access.verify(&tokens.access_token).unwrap();
    let old = store::find_living(db, claims.sub, claims.sid, now.day());
    let old = old.await.unwrap().unwrap();

    elsewhere(&world, "DELETE FROM accounts").await;
    let nothing = db.begin().await.unwrap();
    bus.commit(nothing, Nudge::AccountsChanged).await.unwrap();
    known.keep(known::key(&tokens.access_token), claims, old, now, before);
    assert!(!world.alive(&tokens).await);
}

#[tokio::test]
async fn a_remembered_token_dies_with_its_family() {
    let world = world().await;
    let clock = &world.accounts.clock;
    clock.advance(23 * 3_600 * Duration::from_secs(1) - Duration::from_secs(1));
    let (tokens, _) = world.join().await;
    elsewhere(
        &world,
        "UPDATE token_families SET expires_on = expires_on - 59",
    )
    .await;
    assert!(world.alive(&tokens).await, "a second before midnight");
    clock.advance(Duration::from_secs(1));
    assert!(!world.alive(&tokens).await);
}
