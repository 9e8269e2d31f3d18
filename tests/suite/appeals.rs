//! Asking to have a decision looked at again.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{App, Console, Engine, GREEN, Member, Person, Posted, RED};

async fn declined(mia: &Person<'_>, sam: &Member<'_>) -> Posted {
    let secret = mia.posts(RED).await;
    sam.declines(&secret, "other").await;
    secret
}

async fn outcome(app: &App, receipt: &Value) -> Value {
    let path = format!("/v1/receipts/{}", receipt["receipt"].as_str().unwrap());
    app.get(&path).await.ok(200)
}

pub async fn an_appeal_can_bring_a_post_back(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "moderator").await;
    let secret = declined(&mia, &sam).await;
    let receipt = mia.appeals(&secret, "it happened to me").await;
    // The level goes before the queue: a red post does not wait for three days.
    assert_eq!(receipt["review_by"], "2026-01-20T17:00:00Z");
    assert_eq!(
        mia.get(&secret.path()).await.ok(200)["review_by"],
        receipt["review_by"]
    );
    assert_eq!(outcome(app, &receipt).await["state"], "waiting");
    assert_eq!(outcome(app, &receipt).await["kind"], "appeal");

    let case = sam.case_of(&secret).await;
    assert_eq!(
        (&case["queue"], &case["appeal"]),
        (&json!("appeals"), &json!("it happened to me"))
    );
    let kim = app.staff("Kim", "moderator").await;
    kim.approves(&secret).await;
    assert_eq!(outcome(app, &receipt).await["outcome"], "kept_up");
    assert_eq!(zoe.feed().await, [&*secret.id]);
    let own = mia.get(&secret.path()).await.ok(200);
    assert_eq!(own["state"], "live");
    assert!(own.get("reason").is_none() && own.get("review_by").is_none());
}

pub async fn an_appeal_can_fail_and_cannot_be_made_again(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let secret = declined(&mia, &sam).await;
    let receipt = mia.appeals(&secret, "please").await;
    let kim = app.staff("Kim", "moderator").await;
    kim.declines(&secret, "method_detail").await;
    assert_eq!(outcome(app, &receipt).await["outcome"], "taken_down");
    let own = mia.get(&secret.path()).await.ok(200);
    assert_eq!(own["reason"]["code"], "method_detail");
    let again = json!({ "text": "pretty please" });
    mia.post(&format!("{}/appeals", secret.path()), again)
        .await
        .refused(409);
}

pub async fn the_same_appeal_again_has_the_same_receipt(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let secret = declined(&mia, &sam).await;
    let first = mia.appeals(&secret, "please").await;
    assert_eq!(mia.appeals(&secret, "please").await, first);
    let other = json!({ "text": "something else" });
    mia.post(&format!("{}/appeals", secret.path()), other)
        .await
        .refused(409);
    assert_eq!(app.database.count("appeals").await, 1);
    assert_eq!(sam.case_of(&secret).await["appeal"], "please");
}

pub async fn appeals_at_once_are_one(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let secret = declined(&mia, &sam).await;
    let path = format!("{}/appeals", secret.path());
    let all = (0..6).map(|_| mia.post(&path, json!({ "text": "please" })));
    for answer in join_all(all).await {
        assert!(matches!(answer.status, 202 | 409), "{answer:#?}");
    }
    mia.appeals(&secret, "please").await;
    assert_eq!(app.database.count("appeals").await, 1);
    assert_eq!(app.database.count("cases").await, 2);
}

pub async fn only_what_was_declined_can_be_appealed_and_by_its_author(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let appeal = json!({ "text": "please" });
    for words in [GREEN, RED] {
        let path = format!("{}/appeals", mia.posts(words).await.path());
        mia.post(&path, appeal.clone()).await.refused(409);
        let status = if words == GREEN { 403 } else { 404 };
        zoe.post(&path, appeal.clone()).await.refused(status);
    }
    let sam = app.staff("Sam", "moderator").await;
    let path = format!("{}/appeals", declined(&mia, &sam).await.path());
    for text in ["", "a\0b", &"x".repeat(1_001)] {
        assert_eq!(
            mia.post(&path, json!({ "text": text })).await.fault(),
            "text"
        );
    }
    assert_eq!(app.database.count("appeals").await, 0);
}

pub async fn whoever_declined_does_not_judge_the_appeal(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "lead").await;
    let kim = app.staff("Kim", "moderator").await;
    let secret = declined(&mia, &sam).await;
    mia.appeals(&secret, "please").await;
    let case = sam.case_of(&secret).await;
    let refused = sam.claims(&case).await.refused(403);
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("Kim can take it"), "{detail}");
    let id = case["id"].as_str().unwrap();
    let anyway = format!("/v1/moderation/cases/{id}/claim_anyway");
    sam.post(&anyway, Value::Null).await.refused(403);
    // Whatever put it into their hands: they do not decide it.
    let claim = "UPDATE cases SET claim_until = 9000000000000000,
        claimed_by = (SELECT id FROM staff WHERE name = 'Sam') WHERE state <> 'decided'";
    app.database.write(claim).await.unwrap();
    let approve = || json!({ "decision": "approve" });
    sam.decides(&case, approve()).await.refused(403);
    sam.releases(&case).await.ok(200);
    kim.claims(&case).await.ok(200);
    kim.decides(&case, approve()).await.ok(200);
}

pub async fn an_appeal_and_a_claim_at_once_leave_it_to_somebody_else(app: &App) {
    let sam = app.staff("Sam", "moderator").await;
    let kim = app.staff("Kim", "moderator").await;
    for _ in 0..8 {
        let mia = app.person("13-15").await;
        let secret = declined(&mia, &sam).await;
        // A report that was under way when the post was declined: its case is there already, and
        // the appeal joins it.
        let id = match app.database.engine {
            Engine::Embedded => format!("x'{}'", secret.id.replace('-', "")),
            Engine::Production => format!("'{}'", secret.id),
        };
        let random = match app.database.engine {
            Engine::Embedded => "randomblob(16)",
            Engine::Production => "gen_random_uuid()",
        };
        let open = format!(
            "INSERT INTO cases (id, post_id, revision, queue, level, state, opened_at, due_at)
             VALUES ({random}, {id}, 1, 'reports', 'green', 'open', 1, 9000000000000000)"
        );
        app.database.write(&open).await.unwrap();
        let case = kim.case_of(&secret).await;
        let (claimed, _) = tokio::join!(sam.claims(&case), mia.appeals(&secret, "please"));
        assert!(matches!(claimed.status, 200 | 403), "{claimed:#?}");
        let now = kim.case_of_id(&case).await;
        assert!(now.get("claimed_by").is_none(), "{now:#}");
        let approve = || json!({ "decision": "approve" });
        let decided = sam.decides(&case, approve()).await;
        assert!(matches!(decided.status, 403 | 409), "{decided:#?}");
        kim.claims(&case).await.ok(200);
        kim.decides(&case, approve()).await.ok(200);
    }
}

pub async fn an_appeal_that_nobody_may_judge_is_said_aloud(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let mia = app.person("13-15").await;
    let secret = declined(&mia, &sam).await;
    assert!(
        !sam.reads("/console/reviews")
            .await
            .contains("1 appeal waits")
    );
    mia.appeals(&secret, "please").await;
    let case = sam.case_of(&secret).await;
    let refused = sam.claims(&case).await.refused(403);
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("Nobody else here may"), "{detail}");
    let ada = Console::open(app, "Ada", "admin").await;
    for member in [&sam, &ada] {
        let html = member.reads("/console/reviews").await;
        assert!(
            html.contains("1 appeal waits") && html.contains("An admin"),
            "{html}"
        );
    }
    hearth::jobs::once(&app.part().await).await.unwrap();
    let metrics = app.get("/metrics").await.ok(200).to_string();
    assert!(
        metrics.contains("hearth_appeals_without_moderator"),
        "{metrics}"
    );
    let lena = Console::open(app, "Lena", "lead").await;
    let html = lena.reads("/console/reviews").await;
    assert!(
        html.contains("1 appeal waits") && html.contains("for a lead"),
        "{html}"
    );
    lena.approves(&secret).await;
    assert!(
        !lena
            .reads("/console/reviews")
            .await
            .contains("1 appeal waits")
    );
}
