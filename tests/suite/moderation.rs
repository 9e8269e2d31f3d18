//! Cases: listed, claimed, decided, and what their authors hear.

use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;

use crate::harness::{AMBER, App, CRISIS, GREEN, Member, RED};

async fn posts_of_cases(sam: &Member<'_>, query: &str) -> Vec<String> {
    let cases = sam.all(&format!("/v1/moderation/cases?{query}")).await;
    cases
        .iter()
        .map(|case| case["post_id"].as_str().unwrap().to_owned())
        .collect()
}

pub async fn the_nearest_deadline_comes_first(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "moderator").await;
    let (amber, red, crisis) = (
        mia.posts(AMBER).await,
        mia.posts(RED).await,
        mia.posts(CRISIS).await,
    );
    let green = mia.posts(GREEN).await;
    zoe.reports(&green, "spam").await;
    let expected = [&crisis, &red, &amber, &green].map(|post| post.id.clone());
    assert_eq!(posts_of_cases(&sam, "").await, expected);
    assert_eq!(posts_of_cases(&sam, "limit=1").await, expected);
    assert_eq!(posts_of_cases(&sam, "queue=reports").await, [green.id]);
    assert_eq!(
        posts_of_cases(&sam, "queue=safeguarding&limit=2").await,
        expected[..3]
    );
}

pub async fn cases_are_found_by_their_state(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let mut posts = Vec::new();
    for _ in 0..4 {
        posts.push(mia.posts(CRISIS).await);
    }
    sam.claims(&sam.case_of(&posts[1]).await).await.ok(200);
    sam.settles(&posts[2], json!({ "decision": "escalate" }))
        .await;
    sam.approves(&posts[3]).await;
    for (n, state) in ["open", "claimed", "escalated", "decided"]
        .iter()
        .enumerate()
    {
        let found = sam
            .all(&format!("/v1/moderation/cases?state={state}"))
            .await;
        assert_eq!((found.len(), &found[0]["state"]), (1, &json!(state)));
        assert_eq!(found[0]["post_id"], *posts[n].id);
    }
    assert_eq!(posts_of_cases(&sam, "").await.len(), 3);
    sam.get("/v1/moderation/cases?state=lost")
        .await
        .refused(400);
    sam.get("/v1/moderation/cases?queue=lost")
        .await
        .refused(400);
    sam.get("/v1/moderation/cases?text=x").await.refused(400);
}

pub async fn a_claim_keeps_others_out_until_it_ends(app: &App) {
    let mia = app.person("13-15").await;
    let (sam, kim) = (
        app.staff("Sam", "moderator").await,
        app.staff("Kim", "moderator").await,
    );
    let case = sam.case_of(&mia.posts(RED).await).await;
    let claimed = sam.claims(&case).await.ok(200);
    assert_eq!(
        (&claimed["state"], &claimed["claimed_by"]),
        (&json!("claimed"), &json!("Sam"))
    );
    assert_eq!(claimed["claimed_until"], "2026-01-20T16:15:00Z");
    let problem = kim.claims(&case).await.refused(409);
    assert!(
        problem["detail"].as_str().unwrap().contains("Sam"),
        "{problem}"
    );
    kim.releases(&case).await.refused(409);

    app.later(14);
    sam.claims(&case).await.ok(200);
    app.later(14);
    kim.claims(&case).await.refused(409);
    app.later(1);
    let found = kim.case_of_id(&case).await;
    assert_eq!(
        (&found["state"], found.get("claimed_by")),
        (&json!("open"), None)
    );
    kim.claims(&case).await.ok(200);
    sam.decides(&case, json!({ "decision": "approve" }))
        .await
        .refused(409);
    kim.releases(&case).await.ok(200);
    sam.claims(&case).await.ok(200);
}

pub async fn nothing_is_decided_without_a_claim(app: &App) {
    let mia = app.person("13-15").await;
    let (sam, kim) = (
        app.staff("Sam", "moderator").await,
        app.staff("Kim", "moderator").await,
    );
    let secret = mia.posts(RED).await;
    let case = sam.case_of(&secret).await;
    let approve = json!({ "decision": "approve" });
    sam.decides(&case, approve.clone()).await.refused(409);
    sam.claims(&case).await.ok(200);
    kim.decides(&case, approve.clone()).await.refused(409);
    app.later(15);
    sam.decides(&case, approve.clone()).await.refused(409);
    assert_eq!(
        mia.get(&secret.path()).await.status,
        401,
        "a quarter of an hour has gone by"
    );
    mia.refreshes().await;
    assert_eq!(mia.get(&secret.path()).await.ok(200)["state"], "held");
    sam.claims(&case).await.ok(200);
    sam.decides(&case, approve.clone()).await.ok(200);
    sam.decides(&case, approve).await.refused(409);
    sam.claims(&case).await.refused(409);
}

pub async fn an_approved_post_is_live_within_two_seconds(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("16-17").await);
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(RED).await;
    let (mut zoes, mut hers) = (zoe.listens().await, mia.listens().await);
    app.later(3);
    let decided = sam.approves(&secret).await;
    assert_eq!(
        (&decided["state"], &decided["decision"]),
        (&json!("decided"), &json!("approve"))
    );
    let heard = timeout(Duration::from_secs(2), zoes.hears("post"))
        .await
        .unwrap();
    assert_eq!(
        (&heard["post"]["id"], &heard["post"]["mine"]),
        (&json!(secret.id), &json!(false))
    );
    assert_eq!(zoe.get(&secret.path()).await.ok(200), heard["post"]);
    assert_eq!(zoe.feed().await, [secret.id.clone()]);

    assert_eq!(hers.hears("post").await["post"]["mine"], true);
    let notice = hers.hears("notice").await["notice"].clone();
    assert_eq!(
        notice,
        json!({ "kind": "post", "post": mia.get(&secret.path()).await.ok(200) })
    );
    assert_eq!(notice["post"]["state"], "live");
    assert!(notice["post"].get("review_by").is_none());
}

pub async fn a_decline_has_a_reason_that_the_author_reads(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("16-17").await);
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(AMBER).await;
    let (mut zoes, mut hers) = (zoe.listens().await, mia.listens().await);
    let case = sam.case_of(&secret).await;
    sam.claims(&case).await.ok(200);
    for (wrong, field) in [
        (json!({ "decision": "decline" }), "reason"),
        (json!({ "decision": "decline", "reason": "ugly" }), "reason"),
        (
            json!({ "decision": "approve", "reason": "other" }),
            "reason",
        ),
        (json!({ "decision": "delete" }), "decision"),
        (
            json!({ "decision": "approve", "note": "x".repeat(2_001) }),
            "note",
        ),
        (json!({ "reason": "other" }), "."),
    ] {
        assert_eq!(sam.decides(&case, wrong).await.fault(), field);
    }
    assert_eq!(zoe.get(&secret.path()).await.ok(200)["state"], "live");
    let decline = json!({ "decision": "decline", "reason": "method_detail", "note": "how" });
    sam.decides(&case, decline).await.ok(200);

    let own = mia.get(&secret.path()).await.ok(200);
    assert_eq!(
        (&own["state"], &own["reason"]["code"]),
        (&json!("declined"), &json!("method_detail"))
    );
    assert!(
        own["reason"]["message"]
            .as_str()
            .unwrap()
            .contains("Appeal")
    );
    assert_eq!(
        own["text"], AMBER,
        "the author may change it and post again"
    );
    zoe.get(&secret.path()).await.refused(404);
    assert_eq!(zoes.hears("gone").await["post_id"], *secret.id);
    assert_eq!(hers.hears("gone").await["post_id"], *secret.id);
    assert_eq!(hers.hears("notice").await["notice"]["post"], own);
}

pub async fn an_escalated_case_is_for_a_lead(app: &App) {
    let mia = app.person("13-15").await;
    let (sam, lea) = (
        app.staff("Sam", "moderator").await,
        app.staff("Lea", "lead").await,
    );
    let secret = mia.posts(AMBER).await;
    let escalated = sam
        .settles(&secret, json!({ "decision": "escalate" }))
        .await;
    assert_eq!(
        (&escalated["state"], escalated.get("claimed_by")),
        (&json!("escalated"), None)
    );
    assert_eq!(
        escalated["due_at"], "2026-01-20T17:00:00Z",
        "as urgent as red from now on"
    );
    let due = mia.get(&secret.path()).await.ok(200)["review_by"].clone();
    assert_eq!(due, escalated["due_at"], "and the author knows");

    let approve = json!({ "decision": "approve" });
    sam.claims(&escalated).await.refused(403);
    sam.decides(&escalated, approve.clone()).await.refused(403);
    lea.decides(&escalated, approve.clone()).await.refused(409);
    lea.claims(&escalated).await.ok(200);
    lea.decides(&escalated, approve).await.ok(200);
}

pub async fn a_post_taken_back_can_only_be_closed(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(CRISIS).await;
    let case = sam.case_of(&secret).await;
    sam.claims(&case).await.ok(200);
    sam.decides(&case, json!({ "decision": "close" }))
        .await
        .refused(409);
    mia.delete(&secret.path()).await.ok(204);
    for decision in [
        json!({ "decision": "approve" }),
        json!({ "decision": "decline", "reason": "other" }),
    ] {
        sam.decides(&case, decision).await.refused(409);
    }
    let closed = sam
        .decides(&case, json!({ "decision": "close" }))
        .await
        .ok(200);
    assert_eq!(
        (&closed["decision"], &closed["text"]),
        (&json!("close"), &json!(""))
    );
    assert_eq!(mia.get(&secret.path()).await.ok(200)["state"], "withdrawn");
}

pub async fn a_case_past_its_deadline_is_seen(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    mia.posts(CRISIS).await;
    assert_eq!(sam.all("/v1/moderation/cases").await[0]["breached"], false);
    app.later(16);
    assert_eq!(sam.all("/v1/moderation/cases").await[0]["breached"], true);
    let figures = app.get("/metrics").await.ok(200);
    assert!(
        figures.as_str().unwrap().contains("hearth_cases_breached"),
        "{figures}"
    );
}

pub async fn cases_that_are_not_there_are_not_found(app: &App) {
    let sam = app.staff("Sam", "moderator").await;
    for id in ["00000000-0000-4000-8000-000000000000", "x", "%00", "%FF"] {
        let case = json!({ "id": id });
        sam.get(&format!("/v1/moderation/cases/{id}"))
            .await
            .refused(404);
        sam.claims(&case).await.refused(404);
        sam.releases(&case).await.refused(404);
        sam.decides(&case, json!({ "decision": "approve" }))
            .await
            .refused(404);
    }
}
