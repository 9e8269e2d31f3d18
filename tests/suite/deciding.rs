//! Decisions: several things at once, and what the author is told of each.

use hearth::triage::Policy;
use serde_json::{Value, json};

use crate::harness::{AMBER, App, CRISIS, Ear, GREEN, Member, Posted, RED, account};

/// Red, with a name in it that no rule knows.
const NAMED: &str = "my dad hits me with a belt and only Jonas knows";
const NUMBER: &str = "really want some new mates to play fifa with my number is 07700 900123 lol";

async fn claimed(sam: &Member<'_>, post: &Posted) -> Value {
    let case = sam.case_of(post).await;
    sam.claims(&case).await.ok(200)
}

/// What its author hears of a post next.
async fn notice(ear: &mut Ear) -> Value {
    ear.hears("notice").await["notice"]["post"].clone()
}

pub async fn several_things_at_once_are_one_decision(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(NAMED).await;
    let case = claimed(&sam, &secret).await;
    let (mut hers, mut zoes) = (mia.listens().await, zoe.listens().await);
    let decision = json!({
        "decision": "approve", "topics": ["friendship", "abuse", "abuse"], "level": "amber",
        "mask": { "words": ["jonas"] }, "note": "she is safe at her aunt's now",
    });
    let decided = sam.decides(&case, decision).await.ok(200);

    let heard = zoes.hears("post").await["post"].clone();
    assert_eq!(heard["text"], NAMED.replace("Jonas", "[hidden]"));
    assert_eq!(heard["topics"], json!(["abuse", "friendship"]));
    hers.hears("post").await;
    let told = notice(&mut hers).await;
    assert_eq!(
        (&told["state"], &told["text"]),
        (&json!("live"), &json!(NAMED))
    );
    assert_eq!(told["hidden"]["text"], heard["text"]);
    let support = format!("{}/support", secret.path());
    assert_eq!(mia.get(&support).await.ok(200)["level"], "amber");

    assert_eq!(
        (&decided["level"], &decided["rules_level"]),
        (&json!("amber"), &json!("red"))
    );
    assert_eq!(decided["hidden"], json!([[36, 41]]));
    let made = decided["decisions"].as_array().unwrap();
    assert_eq!(made.len(), 1, "{made:#?}");
    let made = &made[0];
    assert_eq!(
        (&made["decided_by"], &made["revision"]),
        (&json!("Sam"), &json!(1))
    );
    assert_eq!(
        (&made["level_before"], &made["level_after"]),
        (&json!("red"), &json!("amber"))
    );
    assert_eq!(made["topics_after"], json!(["abuse", "friendship"]));
    assert_eq!(made["policy"], Policy::shipped().hash());
    let line = decided["timeline"].as_array().unwrap().last().unwrap();
    assert_eq!(line["details"]["new_level"], "amber");
    assert!(
        !line.to_string().contains("onas"),
        "no word of theirs: {line}"
    );
}

pub async fn all_of_it_is_done_or_nothing(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(RED).await;
    let case = claimed(&sam, &secret).await;
    let before = app.database.dump().await;
    let eleven: Vec<&str> = hearth::triage::Topic::ALL[..11]
        .iter()
        .map(|t| t.as_str())
        .collect();
    for (wrong, field) in [
        (json!({ "mask": {} }), "mask"),
        (json!({ "mask": { "found": true } }), "mask.found"),
        (json!({ "mask": { "words": ["nowhere"] } }), "mask.words"),
        (json!({ "mask": { "words": ["bel"] } }), "mask.words"),
        (json!({ "mask": { "words": [" "] } }), "mask.words"),
        (json!({ "mask": { "spans": [[3, 3]] } }), "mask.spans"),
        (json!({ "mask": { "spans": [[3, 4000]] } }), "mask.spans"),
        (json!({ "mask": { "spans": vec![[0, 1]; 51] } }), "mask"),
        (json!({ "topics": eleven }), "topics"),
        (json!({ "topics": ["exams", "cats"] }), "topics[1]"),
        (json!({ "level": "amber" }), "note"),
        (json!({ "level": "amber", "note": " " }), "note"),
        (json!({ "level": "low" }), "level"),
        (json!({ "hours": 4 }), "hours"),
        (json!({ "fill": { "part": "x" } }), "fill"),
        (json!({ "version": 1 }), "version"),
        (json!({ "decision": "hold" }), "hours"),
        (json!({ "decision": "hold", "hours": 0 }), "hours"),
        (json!({ "decision": "hold", "hours": 73 }), "hours"),
        (
            json!({ "decision": "hold", "hours": 1, "mask": { "words": ["belt"] } }),
            "mask",
        ),
        (json!({ "decision": "close", "topics": [] }), "topics"),
        (
            json!({ "decision": "close", "topics": null, "level": "red" }),
            "level",
        ),
        (
            json!({ "decision": "decline", "reason": "other", "mask": { "words": ["belt"] } }),
            "mask",
        ),
    ] {
        let mut decision = json!({ "decision": "approve", "topics": ["exams"] });
        decision
            .as_object_mut()
            .unwrap()
            .extend(wrong.as_object().unwrap().clone());
        assert_eq!(
            sam.decides(&case, decision.clone()).await.fault(),
            field,
            "{decision}"
        );
    }
    assert!(app.database.dump().await == before, "something was stored");
}

pub async fn what_is_held_longer_is_looked_at_again(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "moderator").await;
    let live = mia.posts(AMBER).await;
    let case = claimed(&sam, &live).await;
    let (mut hers, mut zoes) = (mia.listens().await, zoe.listens().await);
    let hold = json!({ "decision": "hold", "hours": 4 });
    let held = sam.decides(&case, hold.clone()).await.ok(200);
    assert_eq!(
        (&held["state"], held.get("claimed_by")),
        (&json!("open"), None)
    );
    assert_eq!(
        (&held["due_at"], held.get("decision")),
        (&json!("2026-01-20T20:00:00Z"), None)
    );
    assert_eq!(zoes.hears("gone").await["post_id"], *live.id);
    hers.hears("gone").await;
    let told = notice(&mut hers).await;
    assert_eq!(
        (&told["state"], &told["review_by"]),
        (&json!("held"), &held["due_at"])
    );
    zoe.get(&live.path()).await.refused(404);
    assert_eq!(zoe.feed().await, [""; 0]);
    sam.decides(&case, hold).await.refused(409);

    // What was declined stays so while its author waits for a second look.
    let declined = mia.posts(RED).await;
    sam.declines(&declined, "other").await;
    mia.appeals(&declined, "please").await;
    let alex = app.staff("Alex", "moderator").await;
    let held = alex
        .settles(&declined, json!({ "decision": "hold", "hours": 72 }))
        .await;
    let own = mia.get(&declined.path()).await.ok(200);
    assert_eq!(
        (&own["state"], &own["review_by"]),
        (&json!("declined"), &held["due_at"])
    );

    // A lead holds what waits for a lead, and it goes on doing so.
    let lea = app.staff("Lea", "lead").await;
    let grave = mia.posts(CRISIS).await;
    sam.settles(&grave, json!({ "decision": "escalate" })).await;
    let held = lea
        .settles(&grave, json!({ "decision": "hold", "hours": 1 }))
        .await;
    assert_eq!(held["state"], "escalated");
}

pub async fn a_message_with_a_gap_is_not_told(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(RED).await;
    let case = claimed(&sam, &secret).await;
    let decline = |fill: Value| json!({ "decision": "decline", "reason": "one_part", "version": 1, "fill": fill });
    for fill in [
        json!({}),
        json!({ "part": " " }),
        json!({ "part": "x", "else": "y" }),
        json!({ "part": "x".repeat(201) }),
        json!({ "part": "a\nb" }),
        json!({ "part": "a\u{202E}b" }),
        json!({ "part": "{part}" }),
    ] {
        assert_eq!(sam.decides(&case, decline(fill)).await.fault(), "fill");
    }
    let mut old = decline(json!({ "part": "x" }));
    old["version"] = json!(2);
    assert_eq!(sam.decides(&case, old).await.fault(), "version");
    let mut unfilled = decline(json!({ "part": "x" }));
    unfilled["reason"] = json!("other");
    assert_eq!(sam.decides(&case, unfilled).await.fault(), "fill");

    let mut hers = mia.listens().await;
    let decided = sam.decides(
        &case,
        decline(json!({ "part": "the name of <your> school" })),
    );
    let made = decided.await.ok(200)["decisions"][0].clone();
    assert_eq!(
        (&made["reason"], &made["reason_version"]),
        (&json!("one_part"), &json!(1))
    );
    let told = notice(&mut hers).await["reason"].clone();
    let message = told["message"].as_str().unwrap();
    assert!(
        message.contains("one part: the name of <your> school. You can"),
        "{message}"
    );
    let export = mia.get("/v1/me/export").await.ok(200);
    assert!(
        export.to_string().contains("the name of <your> school"),
        "it is about them"
    );
}

pub async fn a_decision_cites_the_policy_in_force(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(RED).await;
    let case = claimed(&sam, &secret).await;
    let policy = Policy::shipped();
    let cites = |hash: &str| json!({ "decision": "approve", "policy": hash });
    sam.decides(&case, cites(&"0".repeat(64)))
        .await
        .refused(409);
    sam.decides(&case, cites("")).await.refused(409);
    let decided = sam.decides(&case, cites(policy.hash())).await.ok(200);
    assert_eq!(decided["decisions"][0]["policy"], policy.hash());
    let kept = app.database.dump().await;
    assert_eq!(kept.table("policies").len(), 1);
    assert_eq!(kept.table("policies")[0]["text"], policy.text());
}

pub async fn more_is_hidden_of_what_is_live(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(NUMBER).await;
    zoe.reports(&secret, "personal_information").await;
    let case = claimed(&sam, &secret).await;
    assert_eq!(case["can_hide_found"], true);
    let mut zoes = zoe.listens().await;
    let mask = json!({ "decision": "approve", "mask": { "words": ["fifa"], "spans": [[0, 6]] } });
    sam.decides(&case, mask).await.ok(200);
    let heard = zoes.hears("post").await["post"]["text"].clone();
    let text = heard.as_str().unwrap();
    assert!(
        text.starts_with("[hidden] want") && text.contains("play [hidden] with"),
        "{text}"
    );
    assert!(
        !text.contains("07700"),
        "what the rules hid stays hidden: {text}"
    );
    assert_eq!(zoe.get(&secret.path()).await.ok(200)["text"], heard);
    assert_eq!(
        zoe.get("/v1/posts").await.ok(200)["items"][0]["text"],
        heard
    );

    // No rule knows what a person has hidden, and the new words may hold it.
    let change = json!({ "text": "anyone up for fifa tonight" });
    let changed = mia.patch(&secret.path(), change).await.ok(200);
    assert_eq!(changed["post"]["state"], "held");
    zoe.get(&secret.path()).await.refused(404);
    let case = sam.case_of(&secret).await;
    assert_eq!(
        (&case["revision"], case["earlier"].as_array().unwrap().len()),
        (&json!(2), 1)
    );
}

pub async fn a_level_is_raised_by_a_person(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(AMBER).await;
    let support = format!("{}/support", secret.path());
    assert_eq!(mia.get(&support).await.ok(200)["urgent"], json!([]));
    let case = claimed(&sam, &secret).await;
    let escalate = json!({ "decision": "escalate", "level": "crisis" });
    let escalated = sam.decides(&case, escalate).await.ok(200);
    assert_eq!(
        (&escalated["level"], &escalated["rules_level"]),
        (&json!("crisis"), &json!("amber"))
    );
    assert_eq!(
        escalated["due_at"], "2026-01-20T16:15:00Z",
        "as soon as a crisis"
    );
    let told = mia.get(&support).await.ok(200);
    assert_eq!(told["level"], "crisis");
    assert!(!told["urgent"].as_array().unwrap().is_empty());
}

pub async fn only_what_was_read_is_decided(app: &App) {
    let mia = app.person("13-15").await;
    let (sam, ana) = (
        app.staff("Sam", "moderator").await,
        app.staff("Ana", "analyst").await,
    );
    let decisions = [
        json!({ "decision": "approve", "topics": ["exams"], "level": "crisis" }),
        json!({ "decision": "approve", "mask": { "words": ["belt"] } }),
        json!({ "decision": "decline", "reason": "other" }),
        json!({ "decision": "hold", "hours": 1 }),
    ];
    let secret = mia.posts(RED).await;
    let case = sam.case_of(&secret).await;
    for decision in &decisions {
        sam.decides(&case, decision.clone()).await.refused(409);
        ana.decides(&case, decision.clone()).await.refused(403);
    }
    sam.claims(&case).await.ok(200);
    mia.patch(&secret.path(), json!({ "text": NAMED }))
        .await
        .ok(200);
    for decision in &decisions {
        sam.decides(&case, decision.clone()).await.refused(409);
    }
    sam.claims(&case).await.ok(200);
    mia.delete(&secret.path()).await.ok(204);
    for decision in &decisions {
        sam.decides(&case, decision.clone()).await.refused(409);
    }
    assert_eq!(app.database.count("decisions").await, 0);

    for decision in &decisions {
        let case = claimed(&sam, &mia.posts(RED).await).await;
        sam.decides(&case, decision.clone()).await.ok(200);
        sam.decides(&case, decision.clone()).await.refused(409);
    }
    assert_eq!(app.database.count("decisions").await, 4);
}

pub async fn what_an_author_wrote_elsewhere_is_looked_at_on_the_record(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let (sam, kim) = (
        app.staff("Sam", "moderator").await,
        app.staff("Kim", "moderator").await,
    );
    let ana = app.staff("Ana", "analyst").await;
    let (live, held) = (mia.posts(GREEN).await, mia.posts(CRISIS).await);
    let gone = mia.posts("i got a kitten").await;
    mia.delete(&gone.path()).await.ok(204);
    zoe.posts(AMBER).await;
    let secret = mia.posts(RED).await;
    let case = sam.case_of(&secret).await;
    let path = format!(
        "/v1/moderation/cases/{}/author-posts",
        case["id"].as_str().unwrap()
    );
    let why = json!({ "reason": "is it getting worse?" });
    sam.post(&path, why.clone()).await.refused(409);
    sam.claims(&case).await.ok(200);
    kim.post(&path, why.clone()).await.refused(409);
    ana.post(&path, why.clone()).await.refused(403);
    for reason in ["", " ", "a\0b", &"x".repeat(501)] {
        let fault = sam.post(&path, json!({ "reason": reason })).await.fault();
        assert_eq!(fault, "reason");
    }
    let lines = "SELECT count(*) FROM audit WHERE action = 'case.author_posts'";
    assert_eq!(app.database.number(lines).await, 0);

    let found = sam.post(&path, why).await.ok(200);
    let found = found.as_array().unwrap();
    let ids: std::collections::BTreeSet<&str> = found
        .iter()
        .map(|post| post["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [&*live.id, &*held.id, &*gone.id].into());
    for post in found {
        match post["id"].as_str().unwrap() {
            id if id == held.id => assert_eq!(
                (&post["level"], &post["text"]),
                (&json!("crisis"), &json!(CRISIS))
            ),
            id if id == gone.id => assert_eq!(
                (&post["state"], &post["text"]),
                (&json!("withdrawn"), &json!(""))
            ),
            _ => assert_eq!(post["level"], "green"),
        }
    }
    let timeline = sam.case_of_id(&case).await["timeline"].clone();
    let line = timeline.as_array().unwrap().last().unwrap().clone();
    assert_eq!(line["action"], "case.author_posts");
    assert_eq!(
        line["details"],
        json!({ "reason": "is it getting worse?", "post": secret.id })
    );
    let id = account(&mia).to_string();
    assert!(
        !app.database
            .dump()
            .await
            .table("audit")
            .iter()
            .any(|line| { line.values().any(|value| value.contains(&id)) })
    );
}
