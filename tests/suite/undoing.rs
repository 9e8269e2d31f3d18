//! Taking a decision back, within a minute.

use std::time::Duration;

use futures_util::future::join_all;
use hearth::hindsight::{self, Window};
use hearth::jobs;
use hearth::posts::Posts;
use hearth::rules::Rules;
use serde_json::{Value, json};

use crate::harness::{AMBER, Answer, App, CRISIS, Ear, GREEN, Member, Person, Posted, RED};

/// Red, with a name in it that no rule knows.
const NAMED: &str = "my dad hits me with a belt and only Jonas knows";
const NUMBER: &str = "really want some new mates to play fifa with my number is 07700 900123 lol";

async fn claimed(sam: &Member<'_>, post: &Posted) -> Value {
    let case = sam.case_of(post).await;
    sam.claims(&case).await.ok(200)
}

async fn undoes(sam: &Member<'_>, case: &Value) -> Answer {
    let id = case["id"].as_str().unwrap();
    let path = format!("/v1/moderation/cases/{id}/undo");
    sam.post(&path, Value::Null).await
}

async fn state(mia: &Person<'_>, post: &Posted) -> Value {
    mia.get(&post.path()).await.ok(200)["state"].clone()
}

/// What its author hears of a post next.
async fn notice(ear: &mut Ear) -> Value {
    ear.hears("notice").await["notice"]["post"].clone()
}

fn seconds(app: &App, seconds: u64) {
    app.clock.advance(Duration::from_secs(seconds));
}

pub async fn a_decision_is_undone_within_a_minute(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(NAMED).await;
    let case = claimed(&sam, &secret).await;
    let approve = json!({ "decision": "approve", "topics": ["exams"], "level": "green",
        "note": "n", "mask": { "words": ["jonas"] } });
    let decided = sam.decides(&case, approve).await.ok(200);
    assert_eq!(
        decided["decisions"][0]["undo_until"],
        "2026-01-20T16:01:00Z"
    );
    let (mut hers, mut zoes) = (mia.listens().await, zoe.listens().await);
    seconds(app, 60);
    let undone = undoes(&sam, &case).await.ok(200);
    assert_eq!(
        (&undone["state"], &undone["claimed_by"]),
        (&json!("claimed"), &json!("Sam"))
    );
    for field in ["level", "topics", "due_at", "matches", "text"] {
        assert_eq!(undone[field], sam.case_of_id(&case).await[field]);
    }
    for field in ["level", "due_at"] {
        assert_eq!(undone[field], case[field]);
    }
    assert_eq!((undone.get("hidden"), undone.get("masked")), (None, None));
    assert_eq!(undone["topics"], undone["decisions"][0]["topics_before"]);
    assert_eq!(undone["decisions"][0]["undone_at"], "2026-01-20T16:01:00Z");
    assert_eq!(zoes.hears("gone").await["post_id"], *secret.id);
    zoe.get(&secret.path()).await.refused(404);
    hers.hears("gone").await;
    let told = notice(&mut hers).await;
    assert_eq!(
        (&told["state"], &told["review_by"]),
        (&json!("held"), &case["due_at"])
    );
    let line = undone["timeline"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&line["action"], &line["details"]["decision"]),
        (&json!("case.undo"), &json!("approve"))
    );

    undoes(&sam, &case).await.refused(409);
    // It is decided again, and undone again: back to a post that waits.
    let decline = json!({ "decision": "decline", "reason": "other" });
    sam.decides(&case, decline.clone()).await.ok(200);
    assert_eq!(notice(&mut hers).await["state"], "declined");
    undoes(&sam, &case).await.ok(200);
    let told = notice(&mut hers).await;
    assert_eq!((&told["state"], told.get("reason")), (&json!("held"), None));
    for decision in [
        json!({ "decision": "hold", "hours": 2 }),
        json!({ "decision": "escalate" }),
    ] {
        sam.decides(&case, decision).await.ok(200);
        assert_ne!(notice(&mut hers).await["review_by"], case["due_at"]);
        let undone = undoes(&sam, &case).await.ok(200);
        assert_eq!(
            (&undone["state"], &undone["due_at"]),
            (&json!("claimed"), &case["due_at"])
        );
        assert_eq!(notice(&mut hers).await["review_by"], case["due_at"]);
    }
    sam.decides(&case, decline).await.ok(200);
}

pub async fn an_undo_brings_back_what_was_live(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "moderator").await;
    let (first, second) = (mia.posts(AMBER).await, mia.posts(GREEN).await);
    let case = claimed(&sam, &first).await;
    let feed = zoe.feed().await;
    let decline = json!({ "decision": "decline", "reason": "other", "topics": [] });
    sam.decides(&case, decline).await.ok(200);
    assert_eq!(zoe.feed().await, [&*second.id]);
    let mut zoes = zoe.listens().await;
    undoes(&sam, &case).await.ok(200);
    let heard = zoes.hears("post").await["post"].clone();
    assert_eq!(
        (&heard["id"], &heard["topics"]),
        (&json!(first.id), &first.post["topics"])
    );
    assert_eq!(zoe.feed().await, feed, "in its old place");
    let receipt = zoe.reports(&first, "other").await;
    assert_eq!(
        receipt["review_by"], case["due_at"],
        "it joins the case that is open again"
    );
}

pub async fn earlier_words_come_back_with_an_undo_and_are_gone_after_it(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(RED).await;
    let change = json!({ "text": "had pizza with my cousins today" });
    mia.patch(&secret.path(), change).await.ok(200);
    let case = claimed(&sam, &secret).await;
    let approve = json!({ "decision": "approve" });
    sam.decides(&case, approve.clone()).await.ok(200);
    assert_eq!(app.database.count("earlier_words").await, 0);
    let undone = undoes(&sam, &case).await.ok(200);
    assert_eq!(undone["earlier"][0]["text"], RED);
    assert_eq!(undone["earlier"], case["earlier"]);
    sam.decides(&case, approve).await.ok(200);

    const KEPT: &str = "SELECT count(*) FROM decisions WHERE undo IS NOT NULL";
    assert_eq!(app.database.number(KEPT).await, 1);
    assert_eq!(
        app.database.dump().await.places_of("belt"),
        [].into(),
        "it is sealed"
    );
    let posts: Posts = app.part().await;
    jobs::once(&posts).await.unwrap();
    assert_eq!(app.database.number(KEPT).await, 1, "within the minute");
    seconds(app, 61);
    jobs::once(&posts).await.unwrap();
    assert_eq!(app.database.number(KEPT).await, 0);
}

pub async fn who_leaves_takes_along_what_could_be_undone(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(RED).await;
    let done = sam.approves(&secret).await;
    mia.delete("/v1/me").await.ok(204);
    let kept = "SELECT count(*) FROM decisions WHERE undo IS NOT NULL";
    assert_eq!(app.database.number(kept).await, 0);
    undoes(&sam, &done).await.refused(409);
}

pub async fn an_undo_comes_too_late(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let (sam, kim) = (
        app.staff("Sam", "moderator").await,
        app.staff("Kim", "lead").await,
    );
    let ana = app.staff("Ana", "analyst").await;
    let approve = json!({ "decision": "approve" });

    let late = sam.approves(&mia.posts(RED).await).await;
    undoes(&kim, &late).await.refused(409);
    undoes(&ana, &late).await.refused(403);
    seconds(app, 61);
    undoes(&sam, &late).await.refused(409);

    let withdrawn = mia.posts(RED).await;
    let case = sam.approves(&withdrawn).await;
    mia.delete(&withdrawn.path()).await.ok(204);
    undoes(&sam, &case).await.refused(409);

    let appealed = mia.posts(RED).await;
    let case = sam.declines(&appealed, "other").await;
    mia.appeals(&appealed, "please").await;
    undoes(&sam, &case).await.refused(409);
    // The second look is decided, too: the first one is history.
    let second = kim.settles(&appealed, approve.clone()).await;
    undoes(&sam, &case).await.refused(409);
    let undone = undoes(&kim, &second).await.ok(200);
    assert_eq!(undone["appeal"], "please");
    let own = mia.get(&appealed.path()).await.ok(200);
    assert_eq!(
        (&own["state"], &own["reason"]["code"]),
        (&json!("declined"), &json!("other"))
    );
    assert!(
        own["reason"]["message"]
            .as_str()
            .unwrap()
            .contains("Appeal")
    );

    let reported = mia.posts(RED).await;
    let case = sam.approves(&reported).await;
    zoe.reports(&reported, "other").await;
    undoes(&sam, &case).await.refused(409);
    assert_eq!(state(&mia, &reported).await, "live");

    let changed = mia.posts(NUMBER).await;
    zoe.reports(&changed, "other").await;
    let case = sam.approves(&changed).await;
    mia.patch(&changed.path(), json!({ "text": GREEN }))
        .await
        .ok(200);
    undoes(&sam, &case).await.refused(409);

    let taken = mia.posts(AMBER).await;
    let case = sam.settles(&taken, json!({ "decision": "escalate" })).await;
    kim.claims(&case).await.ok(200);
    undoes(&sam, &case).await.refused(409);

    let worried = mia.posts(AMBER).await;
    let case = sam
        .settles(&worried, json!({ "decision": "hold", "hours": 9 }))
        .await;
    // Somebody had it on their screen, and worries.
    let reports = format!("{}/reports", worried.path());
    let reason = json!({ "reason": "other" });
    zoe.post(&reports, reason).await.refused(404);
    undoes(&sam, &case).await.ok(200);

    let closed = mia.posts(CRISIS).await;
    let case = claimed(&sam, &closed).await;
    undoes(&sam, &case).await.refused(409);
    mia.delete(&closed.path()).await.ok(204);
    sam.decides(&case, json!({ "decision": "close" }))
        .await
        .ok(200);
    let problem = undoes(&sam, &case).await.refused(409);
    assert!(
        problem["detail"].as_str().unwrap().contains("erased"),
        "{problem}"
    );
    let nowhere = json!({ "id": "00000000-0000-4000-8000-000000000000" });
    undoes(&sam, &nowhere).await.refused(404);
}

pub async fn of_undos_at_once_one_counts(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    for _ in 0..6 {
        let secret = mia.posts(RED).await;
        let case = sam.approves(&secret).await;
        let answers = join_all((0..4).map(|_| undoes(&sam, &case))).await;
        let won = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(won, 1, "{answers:#?}");
        assert_eq!(state(&mia, &secret).await, "held");

        let case = sam.case_of_id(&case).await;
        sam.decides(&case, json!({ "decision": "approve" }))
            .await
            .ok(200);
        let path = secret.path();
        let (undone, withdrawn) = tokio::join!(undoes(&sam, &case), mia.delete(&path));
        withdrawn.ok(204);
        assert!(matches!(undone.status, 200 | 409), "{undone:#?}");
        assert_eq!(state(&mia, &secret).await, "withdrawn");
    }
}

pub async fn what_was_undone_tells_nothing_of_the_rules(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    for again in [
        Value::Null,
        json!({ "decision": "approve" }),
        json!({ "decision": "hold", "hours": 1 }),
    ] {
        let case = claimed(&sam, &mia.posts(RED).await).await;
        let escalate = json!({ "decision": "escalate" });
        sam.decides(&case, escalate).await.ok(200);
        undoes(&sam, &case).await.ok(200);
        if !again.is_null() {
            sam.decides(&case, again).await.ok(200);
        }
    }
    let (rules, window): (Rules, Window) = (
        app.part().await,
        Window::up_to(app.clock.now(), Duration::from_secs(86_400)),
    );
    let stats = hindsight::stats(app.database.db(), window, &rules.engine()).await;
    let rules = stats.unwrap().rules;
    assert!(
        rules
            .iter()
            .any(|rule| rule.posts == 3 && rule.decided == 1)
    );
    for rule in rules {
        assert_eq!((rule.escalated, rule.declined), (0, 0), "{rule:?}");
    }
}
