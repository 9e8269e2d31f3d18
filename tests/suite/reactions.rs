//! Heart, me2 and hug: each at most once by a person on a post.

use std::collections::BTreeSet;

use futures_util::FutureExt;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use hearth::posts::{Reaction, Reactions};
use hearth::reactions::{Change, Reacting};

use crate::harness::{Answer, App, CRISIS, Engine, GREEN, Person, Posted, account};

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
    app.staff("Kim", "moderator").await.approves(&secret).await;
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
        let rows: usize = given.iter().map(BTreeSet::len).sum();
        assert_eq!(app.database.count("reactions").await, rows as i64);
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

pub async fn whatever_people_do_at_once_the_rows_are_the_count(app: &App) {
    let mia = app.person("13-15").await;
    let people = join_all((0..4).map(|_| app.person("13-15"))).await;
    let secret = mia.posts(GREEN).await;
    let mut state = 4_711;
    for round in 0..4 {
        // Several at once of each person, about the same few reactions.
        let all: Vec<_> = (0..48)
            .map(|_| {
                let (person, kind) = (draw(&mut state, people.len()), draw(&mut state, 2));
                (person, KINDS[kind], draw(&mut state, 2) == 0)
            })
            .collect();
        join_all(all.into_iter().map(async |(person, kind, gives)| {
            let person: &Person = &people[person];
            match gives {
                true => person.gives(kind, &secret).await,
                false => person.takes_back(kind, &secret).await,
            }
        }))
        .await;
        let mut shown = json!({});
        for kind in KINDS {
            let rows = format!("SELECT count(*) FROM reactions WHERE kind = '{kind}'");
            shown[kind] = json!(app.database.number(&rows).await);
        }
        let seen = mia.get(&secret.path()).await.ok(200);
        assert_eq!(seen["reactions"], shown, "round {round}");
    }
}

/// A reaction that has its turn, while all writers are held up: what comes next waits for it,
/// and is one batch.
async fn held_up(
    reacting: &Reacting,
    person: &Person<'_>,
    post: &Posted,
) -> JoinHandle<hearth::error::Result<Reactions>> {
    let (person, post) = (account(person), post.id.parse().unwrap());
    let (reacting, changes) = (reacting.clone(), reacting.changes.clone());
    let mut first = Box::pin(async move {
        reacting
            .change(person, post, Reaction::Hug, Change::Give)
            .await
    });
    assert!((&mut first).now_or_never().is_none());
    while changes.waiting() > 0 {
        tokio::task::yield_now().await;
    }
    tokio::spawn(first)
}

pub async fn many_at_once_are_one_event(app: &App) {
    let mia = app.person("13-15").await;
    let (other, secret) = (mia.posts(GREEN).await, mia.posts(GREEN).await);
    let people = join_all((0..12).map(|_| app.person("13-15"))).await;
    let reacting: Reacting = app.part().await;
    let held = app.database.holds_up_writers().await;
    let first = held_up(&reacting, &people[0], &other).await;
    let (first, answers, ()) = tokio::join!(
        first,
        join_all(people.iter().map(|person| person.gives("heart", &secret))),
        async {
            app.queues(&reacting.changes, people.len()).await;
            held.commit().await.unwrap();
        }
    );
    first.unwrap().unwrap();
    assert_eq!(
        answers,
        vec![counts(12, 0, 0); 12],
        "all were told the same"
    );
    let events = |post: &Posted| {
        let id = match app.database.engine {
            Engine::Embedded => format!("x'{}'", post.id.replace('-', "")),
            Engine::Production => format!("'{}'", post.id),
        };
        format!("SELECT count(*) FROM events WHERE kind = 'reactions' AND post_id = {id}")
    };
    assert_eq!(app.database.number(&events(&secret)).await, 1);
}

pub async fn what_is_refused_is_refused_alone(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let (live, held, own) = (
        mia.posts(GREEN).await,
        mia.posts(CRISIS).await,
        zoe.posts(GREEN).await,
    );
    let gone = mia.posts(GREEN).await;
    mia.delete(&gone.path()).await.ok(204);
    let reacting: Reacting = app.part().await;
    let up = app.database.holds_up_writers().await;
    let puts = async |post: &Posted, kind: &str| -> Answer {
        zoe.put(&format!("{}/reactions/{kind}", post.path())).await
    };
    let nothing = "/v1/posts/00000000-0000-4000-8000-000000000000/reactions/hug";
    let first = held_up(&reacting, &zoe, &live).await;
    let (first, to_held, to_own, to_gone, to_nothing, last, ()) = tokio::join!(
        first,
        puts(&held, "hug"),
        puts(&own, "hug"),
        puts(&gone, "hug"),
        zoe.put(nothing),
        puts(&live, "heart"),
        async {
            app.queues(&reacting.changes, 5).await;
            up.commit().await.unwrap();
        }
    );
    first.unwrap().unwrap();
    to_held.refused(404);
    to_own.refused(409);
    to_gone.refused(404);
    to_nothing.refused(404);
    last.ok(200);
    assert_eq!(app.database.count("reactions").await, 2);
}

pub async fn who_comes_when_too_many_wait_is_asked_to_come_back(app: &App) {
    let mia = app.person("13-15").await;
    let people = join_all((0..4).map(|_| app.person("13-15"))).await;
    let posts = join_all((0..8).map(|_| mia.posts(GREEN))).await;
    let reacting: Reacting = app.part().await;
    let held = app.database.holds_up_writers().await;
    let mut waiting = Vec::new();
    while reacting.changes.waiting() < reacting.changes.room() {
        let n = waiting.len();
        let (person, post) = (
            account(&people[n % 4]),
            posts[n / 4 % 8].id.parse().unwrap(),
        );
        let (reacting, kind) = (reacting.clone(), Reaction::ALL[n / 32 % 3]);
        waiting.push(tokio::spawn(async move {
            reacting.change(person, post, kind, Change::Give).await
        }));
        tokio::task::yield_now().await;
    }
    let path = format!("{}/reactions/hug", posts[0].path());
    let refused = people[0].put(&path).await;
    assert_eq!(refused.headers["retry-after"], "2");
    refused.refused(503);
    // Nobody else is kept from reading.
    mia.get(&posts[0].path()).await.ok(200);
    app.get("/healthz").await;
    held.commit().await.unwrap();
    let mut acknowledged = 0;
    for outcome in join_all(waiting).await {
        acknowledged += usize::from(outcome.unwrap().is_ok());
    }
    assert!(acknowledged > reacting.changes.room(), "{acknowledged}");
    assert_eq!(app.database.count("reactions").await, 4 * 8 * 3);
    people[0].put(&path).await.ok(200);
}
