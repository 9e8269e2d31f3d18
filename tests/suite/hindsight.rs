//! Looking back: verdicts made again, rules beside decisions, and drafts on the past.

use std::time::Duration;

use hearth::hindsight::{self, Exact, Minutes, NoReplay, RuleStats, Window};
use hearth::rules::{LostRules, Reloaded, Rules};
use hearth::triage::{Engine, Policy};
use serde_json::json;

use crate::harness::{App, Member, Packs, Posted, rule};

const SNOW: &str = "i saw a snowdrop today";
const ICE: &str = "an icicle";
const HAIL: &str = "hailstones everywhere";

fn snow(says: &str) -> String {
    rule("snow", "live", says, "snowdrop")
}

fn window(app: &App, days: u64) -> Window {
    Window::up_to(app.clock.now(), Duration::from_secs(days * 86_400))
}

async fn again(app: &App, post: &Posted) -> Result<Exact, NoReplay> {
    let rules: Rules = app.part().await;
    let id = post.id.parse().unwrap();
    hindsight::exact(app.database.db(), id, &rules.engine()).await
}

pub async fn a_verdict_is_made_again_with_the_rules_of_then(app: &App) {
    let packs = Packs::new(&[snow("level = \"red\"\ntopics = [\"school\"]")]);
    let app = packs.serve(app).await;
    let mia = app.person("13-15").await;
    let before = mia
        .posts("i s4w sn0wdrop, a sno\u{200b}wdrop and a snowdrop")
        .await;
    assert_eq!(packs.change(&app, &[snow("")]).await, Reloaded::Green);
    let after = mia.posts(SNOW).await;
    for (post, level) in [(&before, "red"), (&after, "green")] {
        let exact = again(&app, post).await.unwrap();
        assert_eq!(exact.differences, []);
        assert_eq!((&exact.level, exact.rules_kept), (&json!(level), true));
    }
    // The verdict of a database in which somebody has had a hand.
    let verdict = match app.database.url() {
        Some(_) => "CAST(replace(CAST(verdict AS TEXT), '\"red\"', '\"amber\"') AS JSONB)",
        None => "replace(verdict, '\"red\"', '\"amber\"')",
    };
    let sql = format!("UPDATE posts SET verdict = {verdict}");
    app.database.write(&sql).await.unwrap();
    let exact = again(&app, &before).await.unwrap();
    let places: Vec<&str> = exact.differences.iter().map(|one| &*one.at).collect();
    assert_eq!(
        places,
        [
            "level",
            "matches[0].level",
            "matches[1].level",
            "matches[2].level"
        ]
    );
    assert_eq!(
        exact.differences[0].to_string(),
        "level: \"amber\" → \"red\""
    );
    assert_eq!(again(&app, &after).await.unwrap().differences, []);
    app.stops().await;
}

pub async fn what_cannot_be_made_again_says_why(app: &App) {
    let packs = Packs::new(&[snow("")]);
    let app = packs.serve(app).await;
    let mia = app.person("13-15").await;
    let secret = mia.posts(SNOW).await;
    let erased = mia.posts(SNOW).await;
    mia.delete(&erased.path()).await.ok(204);
    let error = again(&app, &erased).await.unwrap_err();
    assert!(matches!(error, NoReplay::NoWords), "{error}");
    let nobody = Posted {
        id: hearth::ids::PostId::random().to_string(),
        post: json!(null),
        support: json!(null),
    };
    let error = again(&app, &nobody).await.unwrap_err();
    assert!(matches!(error, NoReplay::NotFound(_)), "{error}");

    let changed = match app.database.url() {
        Some(_) => "CAST(replace(CAST(packs AS TEXT), 'snowdrop', 'raindrop') AS JSONB)",
        None => "replace(packs, 'snowdrop', 'raindrop')",
    };
    let sql = format!("UPDATE rule_sets SET packs = {changed}");
    app.database.write(&sql).await.unwrap();
    let error = again(&app, &secret).await.unwrap_err();
    assert!(
        matches!(error, NoReplay::Rules(LostRules::Changed(_))),
        "{error}"
    );
    // Of before rules were kept; those that the settings name happen to be the same.
    app.database.write("DELETE FROM rule_sets").await.unwrap();
    let exact = again(&app, &secret).await.unwrap();
    assert!(exact.differences.is_empty() && !exact.rules_kept);
    packs.change(&app, &[snow("level = \"red\"")]).await;
    let error = again(&app, &secret).await.unwrap_err();
    assert!(
        matches!(error, NoReplay::Rules(LostRules::Missing(_))),
        "{error}"
    );
    app.stops().await;
}

/// Approved, declined, escalated.
fn decided(rule: &RuleStats) -> [u64; 3] {
    [rule.approved, rule.declined, rule.escalated]
}

pub async fn agreement_is_what_people_decided(app: &App) {
    let aside = "level = \"amber\"\ncontext = { lowered = \"green\" }";
    let context =
        "[[context]]\nname = \"lowered\"\nmatch = [\"lol\"]\nanywhere = true\n".to_owned();
    let packs = Packs::new(&[
        rule("level", "live", aside, "snowdrop"),
        rule("concern", "live", "concern = \"spam\"", "icicle"),
        rule(
            "topic",
            "live",
            "topics = [\"school\"]",
            "(snowdrop|icicle)",
        ),
        rule("shadow", "shadow", "concern = \"hate\"", "icicle"),
        context,
    ]);
    let app = packs.serve(app).await;
    let mia = app.person("13-15").await;
    let zoe = app.person("16-17").await;
    let sam = app.staff("Sam", "moderator").await;
    let kim = app.staff("Kim", "lead").await;
    let escalate = json!({ "decision": "escalate" });

    let approved = mia.posts(SNOW).await;
    sam.approves(&approved).await;
    // Called a lead, who let it be.
    let escalated = mia.posts(SNOW).await;
    sam.settles(&escalated, escalate.clone()).await;
    kim.approves(&escalated).await;
    // Lowered by its context: the rule called nobody, and a reader did.
    let lowered = mia.posts("a snowdrop lol").await;
    zoe.reports(&lowered, "spam").await;
    sam.declines(&lowered, "other").await;
    // Declined, and brought back by an appeal: the last decision counts.
    let back = mia.posts(ICE).await;
    sam.declines(&back, "other").await;
    mia.appeals(&back, "please").await;
    kim.approves(&back).await;
    let declined = mia.posts("icicle icicle").await;
    sam.declines(&declined, "other").await;
    // Nobody has decided.
    let closed = mia.posts(ICE).await;
    mia.delete(&closed.path()).await.ok(204);
    sam.settles(&closed, json!({ "decision": "close" })).await;
    mia.posts(ICE).await;

    app.later(2 * 24 * 60);
    let engine = app.part::<Rules>().await.engine();
    let stats = hindsight::stats(app.database.db(), window(&app, 30), &engine).await;
    let stats = stats.unwrap();
    assert_eq!((stats.posts, stats.erased, stats.days), (6, 1, 2.0));
    let of = |name: &str| {
        let id = packs.id(name);
        let mut rules = stats.rules.iter().filter(|rule| rule.rule == id);
        let rule = rules.next().unwrap();
        assert!(rules.next().is_none());
        rule.clone()
    };
    let level = of("level");
    assert_eq!((level.posts, level.per_day, level.decided), (3, 1.5, 2));
    assert_eq!((decided(&level), level.agreement), ([1, 0, 1], Some(0.5)));
    let concern = of("concern");
    assert_eq!((concern.posts, concern.decided), (3, 2));
    assert_eq!(
        (decided(&concern), concern.agreement),
        ([1, 1, 0], Some(0.5))
    );
    let shadow = of("shadow");
    assert!(shadow.shadow && !concern.shadow);
    assert_eq!((decided(&shadow), shadow.agreement), ([1, 1, 0], Some(0.5)));
    let topic = of("topic");
    assert_eq!((topic.posts, topic.decided, topic.agreement), (6, 5, None));
    assert_eq!(stats.rules[0].rule, topic.rule, "the most first");
    // Who looks back on less sees less.
    let stats = hindsight::stats(app.database.db(), window(&app, 1), &engine).await;
    assert_eq!(stats.unwrap().rules.len(), 0);
    app.stops().await;
}

fn engine(packs: &Packs) -> Engine {
    Engine::load(packs.path()).unwrap_or_else(|errors| panic!("{errors:?}"))
}

pub async fn a_draft_is_tried_on_the_past(app: &App) {
    let packs = Packs::new(&[snow("level = \"amber\"")]);
    let app = packs.serve(app).await;
    let (mia, zoe) = (app.person("13-15").await, app.person("16-17").await);
    for _ in 0..3 {
        mia.posts(SNOW).await;
        mia.posts(ICE).await;
    }
    let erased = mia.posts(ICE).await;
    mia.delete(&erased.path()).await.ok(204);
    app.later(24 * 60);
    for person in [&mia, &zoe] {
        person.refreshes().await;
    }
    let sam = app.staff("Sam", "moderator").await;
    // What the rules let pass and people caught; the second is in no draft either, the third was
    // all right, and of the fourth nobody had to tell.
    for (text, decline) in [(HAIL, true), ("odd", true), ("fine", false)] {
        let post = mia.posts(text).await;
        zoe.reports(&post, "hate").await;
        match decline {
            true => sam.declines(&post, "other").await,
            false => sam.approves(&post).await,
        };
    }
    let known = mia.posts(SNOW).await;
    zoe.reports(&known, "hate").await;
    sam.declines(&known, "other").await;
    app.later(24 * 60);

    // Snow is let go, hail held, ice looked at.
    let draft = Packs::new(&[
        snow("topics = [\"school\"]"),
        rule("hail", "live", "concern = \"hate\"", "hailstones"),
        rule("ice", "live", "level = \"amber\"", "icicle"),
        rule("odd", "shadow", "level = \"crisis\"", "odd"),
    ]);
    let (draft_rules, policy) = (engine(&draft), Policy::shipped());
    let db = app.database.db();
    let window = window(&app, 30);
    let minutes = Minutes::measure(db, window, 6.0).await.unwrap();
    let mut changed = Vec::new();
    let replay = hindsight::replay(
        db,
        window,
        (&draft_rules, &policy),
        minutes,
        |post, change| {
            changed.push((post.text.clone(), change.level.to_string()));
            Ok(())
        },
    );
    let replay = replay.await.unwrap();
    let totals = &replay.totals;
    assert_eq!((totals.texts, replay.erased, replay.days), (10, 1, 2.0));
    assert_eq!((totals.changed, changed.len()), (8, 8));
    assert!(changed.contains(&(SNOW.to_owned(), "amber → green".to_owned())));
    let levels: Vec<String> = (totals.levels.iter())
        .map(|one| format!("{} {}", one.what, one.texts))
        .collect();
    assert_eq!(levels, ["amber → green 4", "green → amber 3"]);
    let actions: Vec<String> = (totals.actions.iter())
        .map(|one| format!("{} {}", one.what, one.texts))
        .collect();
    assert_eq!(
        actions,
        [
            "review → publish 4",
            "publish → review 3",
            "publish → hold 1"
        ]
    );
    assert_eq!(totals.concerns.gained[0].texts, 1);
    assert_eq!(totals.topics.gained[0].texts, 4);
    let alerts = &totals.alerts;
    assert_eq!((alerts.before, alerts.after), (4, 4));
    assert_eq!((alerts.extra, alerts.fewer), (4, 4));
    assert_eq!((replay.extra_per_day, replay.fewer_per_day), (2.0, 2.0));
    assert_eq!(alerts.extra_by_rule[0].what, draft.id("ice"));
    assert_eq!((replay.caught.misses, replay.caught.found), (2, 1));
    assert!(!replay.minutes.measured);
    assert_eq!((replay.hours, replay.everything_is_read), (0.0, false));

    // With the rules of then nothing changes, and nothing is found.
    let same = engine(&packs);
    let replay = hindsight::replay(db, window, (&same, &policy), minutes, |_, _| Ok(()));
    let replay = replay.await.unwrap();
    assert_eq!((replay.totals.changed, replay.caught.found), (0, 0));
    // The draft without its gains: four cases fewer, of six minutes each.
    let less = engine(&Packs::new(&[]));
    let replay = hindsight::replay(db, window, (&less, &policy), minutes, |_, _| Ok(()));
    let replay = replay.await.unwrap();
    assert!((replay.hours + 0.4).abs() < 1e-9, "{}", replay.hours);
    assert!((replay.hours_per_day + 0.2).abs() < 1e-9);
    app.stops().await;
}

async fn takes(app: &App, sam: &Member<'_>, post: &Posted, minutes: u64) {
    let case = sam.case_of(post).await;
    sam.claims(&case).await.ok(200);
    app.later(minutes);
    sam.decides(&case, json!({ "decision": "approve" }))
        .await
        .ok(200);
}

pub async fn work_is_measured_from_claim_to_decision(app: &App) {
    let packs = Packs::new(&[snow("level = \"amber\"")]);
    let app = packs.serve(app).await;
    let mia = app.person("13-15").await;
    let (sam, kim) = (
        app.staff("Sam", "moderator").await,
        app.staff("Kim", "moderator").await,
    );
    // Claimed, given back, and taken by another; claimed again by the same.
    let first = mia.posts(SNOW).await;
    let case = sam.case_of(&first).await;
    sam.claims(&case).await.ok(200);
    app.later(10);
    sam.releases(&case).await.ok(200);
    app.later(10);
    kim.claims(&case).await.ok(200);
    app.later(2);
    kim.claims(&case).await.ok(200);
    app.later(1);
    kim.decides(&case, json!({ "decision": "approve" }))
        .await
        .ok(200);
    let measure = async || {
        let minutes = Minutes::measure(app.database.db(), window(&app, 30), 5.0).await;
        let Minutes {
            per_case,
            measured,
            timed,
        } = minutes.unwrap();
        (per_case, measured, timed)
    };
    assert_eq!(measure().await, (5.0, false, 1));
    for n in 0..Minutes::fewest() as u64 - 1 {
        mia.refreshes().await;
        let post = mia.posts(SNOW).await;
        takes(&app, &sam, &post, if n % 2 == 0 { 7 } else { 3 }).await;
    }
    // Eleven of three minutes and more, nine of seven: the median is one of the three.
    let (per_case, measured, timed) = measure().await;
    assert!((measured, timed) == (true, 20), "{timed}");
    assert!(per_case == 3.0 || per_case == 7.0, "{per_case}");
    app.stops().await;
}
