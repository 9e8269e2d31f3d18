//! The rules of a running server: newer ones, bad ones, and shadows.

use std::time::Duration;

use hearth::posts::Posts;
use hearth::rules::Reloaded;
use serde_json::{Value, json};
use tokio::time::{interval, timeout};

use crate::harness::{App, PATIENCE, Packs, rule};

const SNOW: &str = "i saw a snowdrop today";

async fn ready(app: &App) -> Value {
    let ready = app.get("/readyz").await.ok(200);
    assert_eq!(ready["status"], "ready", "it stays ready: {ready}");
    ready
}

async fn figures(app: &App) -> String {
    let figures = app.get("/metrics").await.ok(200);
    figures.as_str().unwrap().to_owned()
}

/// The value of one figure; none where it was never counted.
async fn figure(app: &App, name: &str) -> Option<f64> {
    let figures = figures(app).await;
    let mut lines = figures.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.map(|value| value.parse().unwrap())
}

fn snow(says: &str) -> String {
    rule("snow", "live", says, "snowdrop")
}

async fn state(app: &App, text: &str) -> String {
    let mia = app.person("13-15").await;
    let posted = mia.posts(text).await;
    let waits = posted.post.get("review_by").is_some();
    let state = posted.post["state"].as_str().unwrap();
    format!("{state}{}", if waits { ", reviewed" } else { "" })
}

pub async fn new_rules_are_in_force_at_once_and_bad_ones_never(app: &App) {
    let packs = Packs::new(&[snow("level = \"amber\"")]);
    let app = packs.serve(app).await;
    let first = ready(&app).await;
    assert_eq!((&first["rules"], &first["packs"]), (&json!(1), &json!(1)));
    assert_eq!(first["rules_since"], json!(app.clock.now()));
    assert_eq!(first.get("last_error"), None);
    assert_eq!(state(&app, SNOW).await, "live, reviewed");
    let info = |ready: &Value| format!("hearth_rules_info{{hash={}}}", ready["rules_hash"]);
    assert_eq!(figure(&app, &info(&first)).await, Some(1.0));

    app.later(5);
    let more = [snow("level = \"red\""), rule("ice", "live", "", "icicle")];
    assert_eq!(packs.change(&app, &more).await, Reloaded::Green);
    let second = ready(&app).await;
    assert_eq!(second["rules"], 2);
    assert_ne!(second["rules_hash"], first["rules_hash"]);
    assert_eq!(second["rules_since"], json!(app.clock.now()));
    assert_eq!(state(&app, SNOW).await, "held, reviewed");
    for (ready, value) in [(&first, 0.0), (&second, 1.0)] {
        let info = info(ready);
        assert_eq!(figure(&app, &info).await, Some(value), "{info}");
    }

    // What does not compile, and what does not do what its own examples say.
    app.later(5);
    packs.write_text("schema = 1\npack = \"PACK\"\n[[rule]]\nlevel = \"orange\"\n");
    assert_eq!(packs.reload(&app).await, Reloaded::Red);
    let red = ready(&app).await;
    let error = &red["last_error"];
    assert_eq!(error["file"], format!("{}.toml", packs.name));
    assert_eq!((&error["line"], &error["mistakes"]), (&json!(4), &json!(1)));
    assert!(error["message"].as_str().unwrap().contains("orange"));
    assert_eq!(error["in_force"], false);
    assert_eq!(error["at"], json!(app.clock.now()));
    packs.write(&[snow("").replace("\"x\"", "\"oh snowdrop\"")]);
    assert_eq!(packs.reload(&app).await, Reloaded::Red);
    let error = &ready(&app).await["last_error"];
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(&packs.id("snow")), "{message}");
    assert_eq!(error["line"], 4);
    std::fs::remove_dir_all(packs.path()).unwrap();
    assert_eq!(packs.reload(&app).await, Reloaded::Red);
    let gone = ready(&app).await;
    for what in ["rules", "rules_hash", "rules_since"] {
        assert_eq!(gone[what], second[what], "the last good ones stay");
    }
    assert_eq!(state(&app, SNOW).await, "held, reviewed");

    // The same again: all is well, and they are as old as they were.
    std::fs::create_dir(packs.path()).unwrap();
    assert_eq!(packs.change(&app, &more).await, Reloaded::Same);
    assert_eq!(ready(&app).await, second);
    for result in ["green", "red"] {
        let reloads = format!("hearth_rules_reloads_total{{result=\"{result}\"}}");
        assert!(figure(&app, &reloads).await >= Some(1.0), "{result}");
    }
    app.stops().await;
}

pub async fn rules_that_fail_at_the_start_serve_and_say_so(app: &App) {
    let packs = Packs::new(&[snow("level = \"red\"").replace("\"x\"", "\"oh snowdrop\"")]);
    let app = packs.serve(app).await;
    // It serves at once; nobody waits for the examples.
    assert_eq!(state(&app, SNOW).await, "held, reviewed");
    assert_eq!(packs.reload(&app).await, Reloaded::Same);
    let error = &ready(&app).await["last_error"];
    assert_eq!(error["in_force"], true, "{error}");
    assert_eq!(packs.change(&app, &[snow("")]).await, Reloaded::Green);
    assert_eq!(ready(&app).await.get("last_error"), None);
    assert_eq!(state(&app, SNOW).await, "live");
    app.stops().await;
}

pub async fn the_directory_is_watched(app: &App) {
    let packs = Packs::new(&[snow("level = \"red\"")]);
    let app = packs.serve(app).await;
    let becomes = async |what: &str, is: fn(&Value) -> bool| {
        let mut again = interval(Duration::from_millis(50));
        let becomes = async {
            while !is(&ready(&app).await) {
                again.tick().await;
            }
        };
        timeout(PATIENCE, becomes).await.expect(what);
    };
    packs.write(&[snow(""), rule("ice", "live", "", "icicle")]);
    becomes("new rules", |ready| ready["rules"] == 2).await;
    assert_eq!(state(&app, SNOW).await, "live");
    packs.write_text("schema = 2");
    becomes("an error", |ready| ready["last_error"]["line"] == 1).await;
    packs.write(&[snow("level = \"red\"")]);
    becomes("good ones again", |ready| {
        ready["rules"] == 1 && ready.get("last_error").is_none()
    })
    .await;
    assert_eq!(state(&app, SNOW).await, "held, reviewed");
    app.stops().await;
}

pub async fn rules_that_cannot_be_kept_wait(app: &App) {
    let packs = Packs::new(&[snow("level = \"red\"")]);
    let serving = packs.serve(app).await;
    let database = &app.database;
    let first = ready(&serving).await["rules_hash"].clone();
    let there = format!(
        "SELECT count(*) FROM rule_sets WHERE hash = '{}'",
        first.as_str().unwrap()
    );
    assert_eq!(database.number(&there).await, 1);
    let rename = "ALTER TABLE rule_sets RENAME TO elsewhere";
    database.write(rename).await.unwrap();
    assert_eq!(packs.change(&serving, &[snow("")]).await, Reloaded::NotKept);
    let waiting = ready(&serving).await;
    assert_eq!(waiting["rules_hash"], first);
    assert!(waiting["last_error"]["message"].is_string(), "{waiting}");
    assert_eq!(state(&serving, SNOW).await, "held, reviewed");
    let back = "ALTER TABLE elsewhere RENAME TO rule_sets";
    database.write(back).await.unwrap();
    packs.reload(&serving).await;
    let second = ready(&serving).await;
    assert_ne!(second["rules_hash"], first);
    assert_eq!(second.get("last_error"), None);
    // Both are there, and the packs built in, with which the other app started.
    assert_eq!(database.count("rule_sets").await, 3);
    serving.stops().await;
}

pub async fn a_shadow_changes_nothing_and_is_counted(app: &App) {
    let live = rule("live", "live", "topics = [\"school\"]", "snowdrop");
    let says = "level = \"crisis\"\ntopics = [\"suicide\"]\nconcern = \"threat\"";
    let shadow = rule("shadow", "shadow", says, "(snowdrop|today)");
    let packs = Packs::new(std::slice::from_ref(&live));
    let app = packs.serve(app).await;
    let mia = app.person("13-15").await;
    let without = mia.posts(SNOW).await;
    assert_eq!(packs.change(&app, &[live, shadow]).await, Reloaded::Green);
    let with = mia.posts(SNOW).await;

    let seen = |post: &Value| {
        let mut post = post.clone();
        post["id"].take();
        post
    };
    assert_eq!(seen(&with.post), seen(&without.post));
    assert_eq!(with.support, without.support);
    assert_eq!(app.database.count("cases").await, 0);
    let posts: Posts = app.part().await;
    let row = hearth::posts::find(&posts.db, with.id.parse().unwrap()).await;
    let verdict = row.unwrap().unwrap().verdict.0;
    let matched = hearth::rules::matched(&verdict);
    let (live, shadow) = (packs.id("live"), packs.id("shadow"));
    assert!(matched.contains(&(&*live, false)), "{verdict:?}");
    assert!(matched.contains(&(&*shadow, true)), "{verdict:?}");
    // Its words stand there twice, and it is counted once.
    for (rule, is_shadow, posts) in [(&live, false, 2.0), (&shadow, true, 1.0)] {
        let name = format!("hearth_rule_matches_total{{rule=\"{rule}\",shadow=\"{is_shadow}\"}}");
        assert_eq!(figure(&app, &name).await, Some(posts), "{name}");
    }
    app.stops().await;
}

pub async fn a_decision_is_counted_for_the_rules_of_the_post(app: &App) {
    let amber = rule("amber", "live", "level = \"amber\"", "snowdrop");
    let shadow = rule("shadow", "shadow", "level = \"red\"", "snowdrop");
    let gone = rule("gone", "live", "topics = [\"school\"]", "snowdrop");
    let packs = Packs::new(&[amber.clone(), shadow.clone(), gone]);
    let app = packs.serve(app).await;
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let (one, other) = (mia.posts(SNOW).await, mia.posts(SNOW).await);
    sam.approves(&one).await;
    packs.change(&app, &[amber, shadow]).await;
    sam.declines(&other, "other").await;
    for (rule, decision, expected) in [
        ("amber", "approve", Some(1.0)),
        ("amber", "decline", Some(1.0)),
        ("shadow", "decline", Some(1.0)),
        ("gone", "approve", Some(1.0)),
        // There are no more figures than rules.
        ("gone", "decline", None),
    ] {
        let rule = packs.id(rule);
        let name =
            format!("hearth_rule_decisions_total{{rule=\"{rule}\",decision=\"{decision}\"}}");
        assert_eq!(figure(&app, &name).await, expected, "{name}");
    }
    app.stops().await;
}
