//! What others need is gone for a while: the database, Redis, room on the disk, the right time.
//! People are told that it does not work just now, and what was acknowledged is there.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use crate::harness::{
    App, CRISIS, Engine, Follower, GREEN, Home, Load, Postgres, Redis, SmallDisk, service_user,
};

/// Acts that are acknowledged between one thing and the next.
const ENOUGH: usize = 60;

pub async fn a_database_that_is_gone_costs_time_alone(app: &App) {
    let mut postgres = match app.database.engine {
        Engine::Embedded => None,
        Engine::Production => Some(Postgres::start().await),
    };
    let home = match &postgres {
        None => Home::new(Engine::Embedded).await,
        Some(postgres) => Home::on(postgres),
    };
    let program = home.starts().await;
    let load = Load::new(&program, &home, "Sam").await;
    let mut follower = Follower::start(&[&program], load.token());

    let (outcome, ()) = tokio::join!(load.run(), async {
        for _ in 0..2 {
            load.goes_on(ENOUGH).await;
            match &mut postgres {
                // Somebody else writes, and does not come to an end.
                None => {
                    let database = home.database().await;
                    let _held = database.db().begin().await.unwrap();
                    load.is_refused().await;
                    program.get("/healthz").await.ok(200);
                }
                Some(postgres) => {
                    postgres.crashes();
                    load.is_refused().await;
                    program.get("/healthz").await.ok(200);
                    assert_eq!(program.get("/readyz").await.status, 503);
                    postgres.comes_back().await;
                }
            }
        }
        load.goes_on(ENOUGH).await;
        program.get("/readyz").await.ok(200);
        load.stop();
    });

    load.finds_everything(&home, &outcome).await;
    follower.hears_of_all(load.feed().await).await;
    drop(load);
    drop(program);
    home.drop().await;
}

pub async fn a_full_disk_is_said_and_loses_nothing(app: &App) {
    let (disk, mut postgres) = match app.database.engine {
        Engine::Embedded => (SmallDisk::new(8, None), None),
        Engine::Production => {
            let disk = SmallDisk::new(96, service_user());
            let postgres = Postgres::start_in(&disk.path()).await;
            (disk, Some(postgres))
        }
    };
    let home = match &postgres {
        None => Home::on_disk(&disk),
        Some(postgres) => Home::on(postgres),
    };
    let program = home.starts().await;
    let there = App::elsewhere(program.url(""), app.database.clone());
    let listen = format!("--listen={}", program.address());
    let load = Load::new(&there, &home, "Sam").await;

    let (outcome, ()) = tokio::join!(load.run(), async {
        load.goes_on(ENOUGH).await;
        disk.fills_up();
        load.is_refused().await;
        program.get("/healthz").await.ok(200);
        disk.has_room();
        if let Some(postgres) = &mut postgres {
            // It ends itself where it cannot write its log; whoever looks after it starts it.
            postgres.crashes();
            postgres.comes_back().await;
        }
        load.goes_on(ENOUGH).await;
        load.stop();
    });

    // On a larger disk, where a test can look into the file.
    let (home, program) = match app.database.engine {
        Engine::Production => (home, program),
        Engine::Embedded => {
            program.stops_on_request();
            assert!(program.ends().await.success());
            let larger = Home::new(Engine::Embedded).await;
            disk.copy_to(&larger.dir);
            let program = larger.starts_with(&[&listen]).await;
            (larger, program)
        }
    };
    load.finds_everything(&home, &outcome).await;
    drop(load);
    drop(program);
    home.drop().await;
}

pub async fn without_redis_for_a_while_everything_goes_on(app: &App) {
    let home = Home::new(app.database.engine).await;
    let mut redis = match app.database.engine {
        Engine::Embedded => None,
        Engine::Production => Some(Redis::start().await),
    };
    let mut arguments = vec!["--listen=127.0.0.1:0".to_owned()];
    arguments.extend(
        redis
            .iter()
            .map(|redis| format!("--redis-url={}", redis.url())),
    );
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let one = home.starts_with(&arguments).await;
    let other = match redis {
        None => None,
        Some(_) => Some(home.starts_with(&arguments).await),
    };
    let load = Load::new(&one, &home, "Sam").await;
    let mut follower = Follower::start(&[other.as_deref().unwrap_or(&one)], load.token());

    let (outcome, ()) = tokio::join!(load.run(), async {
        load.goes_on(ENOUGH).await;
        if let Some(redis) = &mut redis {
            redis.dies();
            load.goes_on(ENOUGH).await;
            carries(&one, "does not answer").await;
            redis.comes_back().await;
            carries(&one, "Redis").await;
        }
        load.goes_on(ENOUGH).await;
        load.stop();
    });

    load.finds_everything(&home, &outcome).await;
    follower.hears_of_all(load.feed().await).await;
    drop(load);
    drop((one, other));
    home.drop().await;
}

/// Waits until `/readyz` says so of the bus.
async fn carries(app: &App, what: &str) {
    for _ in 0..300 {
        let ready = app.get("/readyz").await;
        if ready.body["bus"]
            .as_str()
            .is_some_and(|bus| bus.ends_with(what))
        {
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("/readyz never says of the bus: {what}");
}

pub async fn a_clock_that_jumps_hurts_nobody(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let mut ear = zoe.listens().await;
    let mut posts = Vec::new();
    // Forward by more than a token lives; back behind where it began; and to where it should be.
    for minutes in [0, 300, -700, 400] {
        app.clock.advance(Duration::from_secs(
            60 * u64::try_from(minutes).unwrap_or(0),
        ));
        app.earlier(i64::from(minutes < 0) * -minutes);
        mia.refreshes().await;
        zoe.refreshes().await;
        let post = mia.posts(GREEN).await;
        assert_eq!(zoe.gives("hug", &post).await["hug"], 1);
        posts.push(post.id.clone());
        let held = mia.posts(CRISIS).await;
        assert_eq!(held.post["state"], "held");
        hearth::jobs::once(&app.part().await).await.unwrap();
        // Each is told of once, in the order in which it happened.
        loop {
            let message = ear.next().await;
            if message["type"] == "post" {
                assert_eq!(message["post"]["id"], *post.id);
                break;
            }
        }
    }
    let mut feed = zoe.ids("/v1/posts?limit=1").await;
    feed.sort();
    let mut expected = posts.clone();
    expected.sort();
    assert_eq!(feed, expected, "each is in the feed, once");
    assert_eq!(mia.ids("/v1/me/posts?limit=3").await.len(), 8);
    let sam = app.staff("Sam", "moderator").await;
    assert_eq!(
        sam.all("/v1/moderation/cases").await.len(),
        4,
        "nothing held is forgotten"
    );
    let draft = json!({ "text": GREEN });
    let again = async |minutes: u64| {
        app.later(minutes);
        let request = mia.request(reqwest::Method::POST, "/v1/posts");
        let request = request.header("Idempotency-Key", "one").json(&draft);
        app.send(request).await.ok(201)["post"]["id"].clone()
    };
    assert_eq!(again(0).await, again(5).await);
}
