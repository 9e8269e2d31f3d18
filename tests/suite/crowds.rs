//! Many live sockets, much to tell, and clients who do not listen.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use tokio::time::{interval, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{App, Ear, Engine, GREEN, PATIENCE};

/// So many posts are gone, all of a sudden: written past the app, which finds them in the log.
async fn many_are_gone(app: &App, count: i64) {
    let random = match app.database.engine {
        Engine::Embedded => "randomblob(16)",
        Engine::Production => "gen_random_uuid()",
    };
    let now = app.clock.now().micros();
    let events = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO events (seq, kind, post_id, made_at)
         SELECT (SELECT seq FROM event_head) + i, 'gone', {random}, {now} FROM n"
    );
    let head = format!("UPDATE event_head SET seq = seq + {count}");
    for sql in [events, head] {
        app.database.write(&sql).await.unwrap();
    }
}

async fn open_sockets(app: &App) -> usize {
    let Value::String(figures) = app.get("/metrics").await.ok(200) else {
        panic!("the figures are no text");
    };
    let line = figures
        .lines()
        .find_map(|line| line.strip_prefix("hearth_live_sockets "));
    line.unwrap().parse().unwrap()
}

async fn until_open_sockets_are(app: &App, count: usize) {
    let mut looks = interval(Duration::from_millis(50));
    let counted = async {
        while open_sockets(app).await != count {
            looks.tick().await;
        }
    };
    timeout(PATIENCE, counted).await.expect("sockets are left");
}

pub async fn a_burst_comes_in_order(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let mut ear = zoe.listens().await;
    let posts = join_all((0..32).map(|_| mia.posts(GREEN))).await;
    let (mut ids, mut last) = (Vec::new(), 0);
    for _ in &posts {
        let told = ear.hears("post").await;
        let seq = told["seq"].as_i64().unwrap();
        assert!(seq > last, "{seq} comes after {last}");
        last = seq;
        ids.push(told["post"]["id"].as_str().unwrap().to_owned());
    }
    ids.sort();
    let mut posted: Vec<String> = posts.into_iter().map(|post| post.id).collect();
    posted.sort();
    assert_eq!(ids, posted);
}

pub async fn two_thousand_hear_it(app: &App) {
    let people = join_all((0..20).map(|_| app.person("16-17"))).await;
    let mut ears = Vec::new();
    for _ in 0..100 {
        ears.extend(join_all(people.iter().map(|person| person.listens())).await);
    }
    assert_eq!(open_sockets(app).await, 2_000);
    let secret = people[0].posts(GREEN).await;
    let told = join_all(ears.iter_mut().map(|ear| ear.hears("post"))).await;
    assert!(told.iter().all(|told| told["post"]["id"] == *secret.id));
    drop(ears);
    until_open_sockets_are(app, 0).await;
}

pub async fn who_vanishes_is_forgotten(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let mut ear = zoe.listens().await;
    let mut vanishing = join_all((0..50).map(|_| mia.listens())).await;
    // Half of them in the middle of what they are told.
    vanishing.truncate(25);
    many_are_gone(app, 500).await;
    drop(vanishing);
    for _ in 0..500 {
        ear.hears("gone").await;
    }
    until_open_sockets_are(app, 1).await;
}

/// The library on the other side refuses a frame that is torn.
pub async fn pings_are_answered_in_the_middle_of_it_all(app: &App) {
    let zoe = app.person("13-15").await;
    let mut ear = zoe.listens().await;
    let (mut told, mut pongs) = (0, 0);
    for round in 1..=20_u8 {
        many_are_gone(app, 100).await;
        for _ in 0..20 {
            ear.sends(Message::Ping(vec![round; 100].into())).await;
        }
        while told < 100 * i64::from(round) || pongs < 20 * u32::from(round) {
            match ear.raw().await {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    told += 1;
                    assert_eq!(message["seq"], told);
                }
                Message::Pong(_) => pongs += 1,
                Message::Ping(_) => {}
                other => panic!("expected a message or a pong, got {other:?}"),
            }
        }
    }
}

pub async fn who_stops_reading_costs_nobody_else_and_starts_afresh(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let mut late: Ear = mia.listens().await;
    let never = mia.listens().await;
    let mut quick = zoe.listens().await;
    let mut head = 0;
    for _ in 0..5 {
        many_are_gone(app, 4_000).await;
        for _ in 0..4_000 {
            head += 1;
            assert_eq!(quick.hears("gone").await["seq"], head);
        }
    }
    // What was written before it stopped is there; then there is a gap, of which it is told.
    let mut seq = 0;
    loop {
        let told = late.next().await;
        if told["type"] == "resync" {
            assert_eq!(told["seq"], head, "after {seq}");
            break;
        }
        seq += 1;
        assert_eq!((&told["type"], &told["seq"]), (&"gone".into(), &seq.into()));
    }
    assert!(seq < head);
    let secret = zoe.posts(GREEN).await;
    assert_eq!(late.hears("post").await["post"]["id"], *secret.id);
    quick.hears("post").await;
    // Who takes nothing for long is let go.
    until_open_sockets_are(app, 2).await;
    drop(never);
}
