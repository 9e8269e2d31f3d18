//! Heart, me2 and hug: each at most once by a person on a post.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{App, CRISIS, GREEN, Person, Posted};

const KINDS: [&str; 3] = ["heart", "me2", "hug"];

fn counts(heart: i64, me2: i64, hug: i64) -> Value {
    json!({ "heart": heart, "me2": me2, "hug": hug })
}

pub async fn giving_twice_is_giving_once(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let secret = mia.posts(GREEN).await;
    for _ in 0..2 {
        let path = format!("{}/reactions/hug", secret.path());
        let now = zoe.put(&path).await.ok(200);
        assert_eq!(
            now,
            json!({ "reactions": counts(0, 0, 1), "my_reactions": ["hug"] })
        );
    }
    zoe.gives("heart", &secret).await;
    let seen = zoe.get(&secret.path()).await.ok(200);
    assert_eq!(
        (&seen["reactions"], &seen["my_reactions"]),
        (&counts(1, 0, 1), &json!(["heart", "hug"]))
    );
    let own = mia.get(&secret.path()).await.ok(200);
    assert_eq!(
        (&own["reactions"], &own["my_reactions"]),
        (&counts(1, 0, 1), &json!([]))
    );
}

pub async fn taking_back_twice_is_taking_back_once(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let secret = mia.posts(GREEN).await;
    assert_eq!(zoe.takes_back("hug", &secret).await, counts(0, 0, 0));
    zoe.gives("hug", &secret).await;
    for _ in 0..2 {
        assert_eq!(zoe.takes_back("hug", &secret).await, counts(0, 0, 0));
    }
    assert_eq!(app.database.count("reactions").await, 0);
}

pub async fn nobody_reacts_to_their_own_post(app: &App) {
    let mia = app.person("13-15").await;
    for words in [GREEN, CRISIS] {
        let secret = mia.posts(words).await;
        for kind in KINDS {
            let path = format!("{}/reactions/{kind}", secret.path());
            mia.put(&path).await.refused(409);
            mia.delete(&path).await.refused(409);
        }
    }
    assert_eq!(app.database.count("reactions").await, 0);
}

pub async fn there_are_three_reactions_and_no_words(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let secret = mia.posts(GREEN).await;
    for kind in ["like", "HUG", "hug%00", "%F0%9F%98%80", "hug%20", ""] {
        let path = format!("{}/reactions/{kind}", secret.path());
        zoe.put(&path).await.refused(404);
        zoe.delete(&path).await.refused(404);
    }
    for id in ["00000000-0000-4000-8000-000000000000", "x", "%00"] {
        zoe.put(&format!("/v1/posts/{id}/reactions/hug"))
            .await
            .refused(404);
    }
    // Words sent along are nowhere kept.
    let request = zoe.request(
        reqwest::Method::PUT,
        &format!("{}/reactions/hug", secret.path()),
    );
    app.send(request.json(&json!({ "text": "meet me" })))
        .await
        .ok(200);
    assert_eq!(app.database.dump().await.places_of("meet me"), [].into());
}

pub async fn a_post_that_comes_back_has_its_reactions_still(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(GREEN).await;
    zoe.gives("hug", &secret).await;
    zoe.reports(&secret, "other").await;
    sam.declines(&secret, "other").await;
    zoe.put(&format!("{}/reactions/heart", secret.path()))
        .await
        .refused(404);
    mia.appeals(&secret, "it is about a dog").await;
    sam.approves(&secret).await;
    assert_eq!(
        zoe.get(&secret.path()).await.ok(200)["reactions"],
        counts(0, 0, 1)
    );
    assert_eq!(mia.feed().await, [secret.id]);
}

/// The next of a fixed schedule of numbers (an xorshift), below `end`.
fn draw(state: &mut u64, end: usize) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state % end as u64) as usize
}

async fn toggles(person: &Person<'_>, posts: &[Posted], seed: u64) -> BTreeSet<(usize, usize)> {
    let (mut state, mut given) = (seed, BTreeSet::new());
    for _ in 0..25 {
        let (post, kind) = (draw(&mut state, posts.len()), draw(&mut state, KINDS.len()));
        if draw(&mut state, 3) == 0 {
            person.takes_back(KINDS[kind], &posts[post]).await;
            given.remove(&(post, kind));
        } else {
            person.gives(KINDS[kind], &posts[post]).await;
            given.insert((post, kind));
        }
    }
    given
}

pub async fn counts_are_right_after_everybody_toggled_at_once(app: &App) {
    let mia = app.person("13-15").await;
    let posts = join_all((0..3).map(|_| mia.posts(GREEN))).await;
    let people = join_all((0..6).map(|_| app.person("13-15"))).await;
    for round in 1..=3 {
        let all = people
            .iter()
            .zip(1..)
            .map(|(person, n)| toggles(person, &posts, round * 100 + n));
        let given = join_all(all).await;
        for (n, post) in posts.iter().enumerate() {
            let how_many = |kind| {
                given
                    .iter()
                    .filter(|given| given.contains(&(n, kind)))
                    .count()
            };
            let expected = json!({ "heart": how_many(0), "me2": how_many(1), "hug": how_many(2) });
            // What earlier rounds left is taken back first, so that each round stands alone.
            assert_eq!(
                mia.get(&post.path()).await.ok(200)["reactions"],
                expected,
                "round {round}"
            );
        }
        for (person, given) in people.iter().zip(&given) {
            for (post, kind) in given {
                person.takes_back(KINDS[*kind], &posts[*post]).await;
            }
        }
        assert_eq!(app.database.count("reactions").await, 0);
    }
}

pub async fn the_same_person_at_once_counts_once(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let secret = mia.posts(GREEN).await;
    // More than there are connections to the database: nobody may hold one and wait for another.
    join_all((0..32).map(|_| zoe.gives("hug", &secret))).await;
    join_all((0..32).map(|_| zoe.gives("hug", &secret))).await;
    assert_eq!(
        mia.get(&secret.path()).await.ok(200)["reactions"],
        counts(0, 0, 1)
    );
    assert_eq!(
        app.database
            .number("SELECT count(*) FROM events WHERE kind = 'reactions'")
            .await,
        1
    );
}
