//! Who sends too much has to wait: each person and each network by itself, in all processes
//! together, and nobody is known by an address.

use std::time::Duration;

use futures_util::future::join_all;
use hearth::limits::{self, Work};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::harness::{
    Answer, App, Contract, Engine, GREEN, Home, Operation, PATIENCE, Person, Redis, account, redis,
};

const ON: &str = "--rate-limits=on";
/// What is never limited.
const OF_OPERATORS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// The items of a header field, by their names: what each parameter says.
fn items(headers: &HeaderMap, field: &str) -> Vec<(String, Vec<(String, u64)>)> {
    let Some(value) = headers.get(field) else {
        return Vec::new();
    };
    let items = value.to_str().unwrap().split(", ").map(|item| {
        let mut parts = item.split(';');
        let name = parts.next().unwrap();
        let name = name.strip_prefix('"').and_then(|n| n.strip_suffix('"'));
        let parameters = parts.map(|parameter| {
            let (key, value) = parameter.split_once('=').unwrap();
            (key.to_owned(), value.parse().unwrap())
        });
        (name.unwrap().to_owned(), parameters.collect())
    });
    items.collect()
}

fn parameter(answer: &Answer, field: &str, quota: &str, name: &str) -> u64 {
    let items = items(&answer.headers, field);
    let item = items.iter().find(|(named, _)| named == quota);
    let (_, parameters) = item.unwrap_or_else(|| panic!("no {quota} in {items:?}"));
    parameters.iter().find(|(key, _)| key == name).unwrap().1
}

async fn posts(mia: &Person<'_>) -> Answer {
    mia.post("/v1/posts", json!({ "text": GREEN })).await
}

/// Posts until it is refused; answers how often it was not, and the refusal.
async fn posts_on(mia: &Person<'_>) -> (usize, Answer) {
    for taken in 0..50 {
        let answer = posts(mia).await;
        if answer.status != 201 {
            return (taken, answer);
        }
    }
    panic!("nobody stops it");
}

async fn guesses_staff(app: &App, address: &str) -> Answer {
    // No password is looked at, and it is counted nevertheless.
    let request = app.request(Method::POST, "/v1/staff/sessions");
    app.send(request.header("x-forwarded-for", address).json(&json!({})))
        .await
}

/// Uses up what a network has for signing in as staff.
async fn guesses_on(app: &App, address: &str) {
    join_all((0..20).map(|_| guesses_staff(app, address))).await;
    guesses_staff(app, address).await.refused(429);
}

pub async fn who_posts_a_lot_sees_it_coming_and_is_told_where_to_turn(app: &App) {
    let limited = app.beside(&[ON]).await;
    let (mia, tom) = (limited.person("13-15").await, limited.person("13-15").await);
    for remaining in (0..10).rev() {
        let answer = posts(&mia).await;
        assert_eq!(parameter(&answer, "ratelimit-policy", "posting", "q"), 10);
        assert_eq!(parameter(&answer, "ratelimit-policy", "posting", "w"), 600);
        assert_eq!(parameter(&answer, "ratelimit", "posting", "r"), remaining);
        assert!((1..=60).contains(&parameter(&answer, "ratelimit", "posting", "t")));
        answer.ok(201);
    }
    let refusal = posts(&mia).await;
    assert_eq!(parameter(&refusal, "ratelimit", "posting", "r"), 0);
    let wait = refusal.headers["retry-after"].to_str().unwrap().to_owned();
    assert!((1..=60).contains(&wait.parse::<u64>().unwrap()), "{wait}");
    let wait = parameter(&refusal, "ratelimit", "posting", "t").to_string();
    assert_eq!(refusal.headers["retry-after"], *wait);
    let problem = refusal.refused(429);
    assert_eq!(problem["type"], "/docs#too-many-requests");
    let detail = problem["detail"].as_str().unwrap();
    for words in ["post again in", "0800 1111", "85258", "999"] {
        assert!(detail.contains(words), "{detail}");
    }
    // What was refused is not there, nobody else waits, and all else goes on.
    assert_eq!(mia.ids("/v1/me/posts").await.len(), 10);
    posts(&tom).await.ok(201);
    // Redis goes by its own clock, which no test can turn.
    if app.database.engine == Engine::Embedded {
        app.later(1);
        posts(&mia).await.ok(201);
        posts(&mia).await.refused(429);
        app.later(10);
        assert_eq!(posts_on(&mia).await.0, 10);
    }
    limited.stops().await;
}

pub async fn the_numbers_in_the_words_are_those_of_the_urgent_list(_: &App) {
    let urgent = serde_json::to_string(hearth::signpost::urgent()).unwrap();
    let words = hearth::signpost::while_waiting();
    for number in ["0800 1111", "SHOUT to 85258", "999"] {
        assert!(
            words.contains(number) && urgent.contains(number),
            "{number}"
        );
    }
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
    assert_eq!(digits(words), "0800111185258999".len(), "no other number");
}

pub async fn every_operation_is_limited_and_says_so(app: &App) {
    let limited = app.beside(&[ON]).await;
    let (mia, sam) = (
        limited.person("13-15").await,
        app.staff("Sam", "lead").await,
    );
    for operation in &Contract::of(&limited).await.0 {
        let path = operation.path.replace("{kind}", "hug");
        let path = path.replace("{id}", "00000000-0000-4000-8000-000000000000");
        let request = limited.request(operation.method.parse().unwrap(), &path);
        let request = match operation.security.as_deref() {
            Some("staff") => request.bearer_auth(sam.token()),
            // Whoever leaves cannot go on.
            Some(_) if operation.method == "DELETE" && path == "/v1/me" => continue,
            Some(_) => request.bearer_auth(mia.token()),
            None => request,
        };
        let answer = limited.send(request).await;
        let policies = items(&answer.headers, "ratelimit-policy");
        let names: Vec<&str> = policies.iter().map(|(name, _)| name.as_str()).collect();
        let standing = items(&answer.headers, "ratelimit");
        assert_eq!(names.len(), standing.len(), "{answer:?}");
        if OF_OPERATORS.contains(&&*operation.path) {
            assert!(names.is_empty(), "{operation:?}: {names:?}");
            continue;
        }
        let mut expected = vec!["network"];
        let work = Work::of(&operation.method, &operation.path);
        expected.extend(work.per_network().map(|quota| quota.name));
        // A request that is no upgrade is nobody's yet.
        let of_person = operation.security.is_some() && operation.path != "/v1/live";
        expected.extend(work.per_person().filter(|_| of_person).map(|q| q.name));
        assert_eq!(names, expected, "{operation:?}");
        assert!(answer.status != 429, "{answer:?}");
    }
    // Every kind of work is that of some operation: a path that was renamed has not slipped out.
    let operations = &Contract::of(&limited).await.0;
    for work in Work::ALL {
        let of_it = |operation: &Operation| Work::of(&operation.method, &operation.path) == work;
        assert!(operations.iter().any(of_it), "{work:?}");
    }
    for path in ["/docs/", "/openapi.json", "/nowhere"] {
        let answer = limited.get(path).await;
        assert_eq!(items(&answer.headers, "ratelimit"), [], "{path}");
    }
    limited.stops().await;
}

pub async fn people_who_are_not_limited_hear_nothing_of_limits(app: &App) {
    let mia = app.person("13-15").await;
    for _ in 0..15 {
        let answer = posts(&mia).await;
        assert_eq!(items(&answer.headers, "ratelimit"), []);
        answer.ok(201);
    }
}

pub async fn a_socket_is_counted_for_its_person(app: &App) {
    let limited = app.beside(&[ON]).await;
    let mia = limited.person("13-15").await;
    mia.listens().await;
    let answer = mia.post("/v1/live/tickets", Value::Null).await;
    assert_eq!(parameter(&answer, "ratelimit", "connecting", "r"), 58);
    limited.stops().await;
}

pub async fn a_quota_holds_across_processes(app: &App) {
    let (one, other) = (app.beside(&[ON]).await, app.beside(&[ON]).await);
    let mia = one.person("13-15").await;
    let there = mia.at(&other);
    let (here, there) = (posts_on(&mia).await.0, posts_on(&there).await.0);
    match app.database.engine {
        // Each process counts by itself.
        Engine::Embedded => assert_eq!((here, there), (10, 10)),
        Engine::Production => assert_eq!((here, there), (10, 0)),
    }
    one.stops().await;
    other.stops().await;
}

pub async fn without_redis_each_process_limits_by_itself(app: &App) {
    if app.database.engine == Engine::Embedded {
        return;
    }
    let mut own = Redis::start().await;
    let home = Home::new(app.database.engine).await;
    let redis_url = format!("--redis-url={}", own.url());
    let arguments = ["--listen=127.0.0.1:0", ON, &redis_url];
    let (one, other) = tokio::join!(home.starts_with(&arguments), home.starts_with(&arguments));
    let (mia, tom) = (one.person("13-15").await, one.person("13-15").await);
    let (mia_there, tom_there) = (mia.at(&other), tom.at(&other));
    count_together(&mia, &mia_there).await;
    posts_on(&mia).await;
    assert_eq!(posts_on(&mia_there).await.0, 0);

    own.dies();
    // Nobody is refused for it, and nobody goes without limits.
    assert_eq!(posts_on(&tom).await.0, 10);
    assert_eq!(posts_on(&tom_there).await.0, 10);

    own.comes_back().await;
    let zoe = one.person("13-15").await;
    let zoe_there = zoe.at(&other);
    count_together(&zoe, &zoe_there).await;
    posts_on(&zoe).await;
    assert_eq!(posts_on(&zoe_there).await.0, 0);
    drop((one, other));
    home.drop().await;
}

/// Waits until two processes count one person's reads together.
async fn count_together(here: &Person<'_>, there: &Person<'_>) {
    let together = async {
        loop {
            let [first, second, third] = [
                remaining_reads(here).await,
                remaining_reads(there).await,
                remaining_reads(here).await,
            ];
            // Where each counts by itself, only the third can be less than the first.
            if second + 1 == first && third + 2 == first {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, together).await.unwrap();
}

async fn remaining_reads(mia: &Person<'_>) -> u64 {
    parameter(&mia.get("/v1/me").await, "ratelimit", "reading", "r")
}

pub async fn a_proxy_is_believed_only_where_it_is_trusted(app: &App) {
    let trusting = app.beside(&[ON, "--trusted-proxies=127.0.0.0/8"]).await;
    guesses_on(&trusting, "203.0.113.1").await;
    guesses_on(&trusting, "198.51.100.9, 203.0.113.2").await;
    // What a client says of itself does not help it, nor harm somebody else.
    guesses_staff(&trusting, "192.0.2.9, 203.0.113.1")
        .await
        .refused(429);
    guesses_staff(&trusting, "198.51.100.9").await.refused(400);
    trusting.stops().await;

    let other = app.beside(&[ON]).await;
    guesses_on(&other, "203.0.113.1").await;
    guesses_staff(&other, "203.0.113.99").await.refused(429);
    other.stops().await;
}

pub async fn at_midnight_a_network_is_forgotten(app: &App) {
    let limited = app.beside(&[ON, "--trusted-proxies=127.0.0.1"]).await;
    guesses_on(&limited, "203.0.113.1").await;
    // On Redis no time passes: the same network is somebody else today.
    app.later(8 * 60 + 1);
    guesses_staff(&limited, "203.0.113.1").await.refused(400);
    limited.stops().await;
}

pub async fn nothing_of_an_address_is_kept(app: &App) {
    let flags = ["--listen=127.0.0.1:0", "--log=trace", ON];
    let flags = [&flags[..], &["--trusted-proxies=127.0.0.1"]].concat();
    let home = Home::new(app.database.engine).await;
    let program = home.starts_with(&flags).await;
    let mia = program.person("13-15").await;
    guesses_on(&program, "203.0.113.77").await;
    posts_on(&mia).await;
    let said = program.said();
    assert!(said.contains("answered"), "it does log: {said}");
    let stored = home.database().await.dump().await;
    let counted = match app.database.engine {
        Engine::Embedded => Vec::new(),
        Engine::Production => {
            let counted = everything_in_redis().await;
            assert!(counted.len() > 5, "{counted:?}");
            counted
        }
    };
    let account = account(&mia).to_string();
    for needle in ["203.0.113", "cb007", &account, &account.replace('-', "")] {
        let counted = counted.iter().any(|name| name.contains(needle));
        assert!(!counted && !said.contains(needle), "{needle}");
    }
    assert!(stored.places_of("203.0.113").is_empty());
    drop(program);
    home.drop().await;
}

/// Names and values; each has its end.
async fn everything_in_redis() -> Vec<String> {
    let client = redis::Client::open(redis()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut all = Vec::new();
    let names: Vec<String> = redis::cmd("KEYS")
        .arg("hearth:limits:*")
        .query_async(&mut connection)
        .await
        .unwrap();
    for name in names {
        let (lifetime, value): (i64, Option<Vec<u8>>) = redis::pipe()
            .cmd("TTL")
            .arg(&name)
            .cmd("GET")
            .arg(&name)
            .query_async(&mut connection)
            .await
            .unwrap();
        assert!(lifetime != -1 && lifetime <= 86_400, "{name}: {lifetime}");
        all.push(name);
        all.push(String::from_utf8_lossy(&value.unwrap_or_default()).into_owned());
    }
    all
}

pub async fn the_description_says_how_each_operation_is_limited(app: &App) {
    let description = app.get("/openapi.json").await.ok(200);
    let info = description["info"]["description"].as_str().unwrap();
    assert!(info.contains(&limits::table()), "{info}");
    let posting = &description["paths"]["/v1/posts"]["post"];
    assert!(
        posting["description"]
            .as_str()
            .unwrap()
            .ends_with("Limited by `posting` and `posting-network`.")
    );
    assert!(posting["responses"]["429"].is_object());
}
