//! Telling us of a post, and hearing what came of it.

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{App, GREEN};

fn at(receipt: &serde_json::Value) -> String {
    format!("/v1/receipts/{}", receipt["receipt"].as_str().unwrap())
}

pub async fn a_report_is_heard_to_its_end(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(GREEN).await;
    let path = format!("{}/reports", secret.path());
    let report = json!({ "reason": "bullying", "note": "this is about my friend" });
    let receipt = zoe.post(&path, report).await.ok(202);
    assert_eq!(receipt["review_by"], "2026-01-21T16:00:00Z");
    // Nobody else learns that there is a report.
    assert!(
        mia.get(&secret.path())
            .await
            .ok(200)
            .get("review_by")
            .is_none()
    );

    let waiting = app.get(&at(&receipt)).await.ok(200);
    assert_eq!(
        (&waiting["kind"], &waiting["state"]),
        (&json!("report"), &json!("waiting"))
    );
    assert_eq!(waiting["review_by"], receipt["review_by"]);

    let case = sam.case_of(&secret).await;
    assert_eq!(
        (&case["queue"], &case["level"]),
        (&json!("reports"), &json!("green"))
    );
    assert_eq!(case["reports"][0]["reason"], "bullying");
    assert_eq!(case["reports"][0]["note"], "this is about my friend");

    sam.declines(&secret, "bullying").await;
    let decided = app.get(&at(&receipt)).await.ok(200);
    assert_eq!(
        (&decided["state"], &decided["outcome"]),
        (&json!("decided"), &json!("taken_down"))
    );
    assert!(decided.get("review_by").is_none());
    zoe.get(&secret.path()).await.refused(404);
}

pub async fn a_post_that_may_stay_stays(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(GREEN).await;
    let receipt = zoe.reports(&secret, "other").await;
    sam.approves(&secret).await;
    assert_eq!(app.get(&at(&receipt)).await.ok(200)["outcome"], "kept_up");
    assert_eq!(zoe.feed().await, [secret.id]);
}

pub async fn who_takes_a_reported_post_back_ends_the_case(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(GREEN).await;
    let receipt = zoe.reports(&secret, "other").await;
    mia.delete(&secret.path()).await.ok(204);
    assert_eq!(app.get(&at(&receipt)).await.ok(200)["state"], "waiting");
    sam.settles(&secret, json!({ "decision": "close" })).await;
    assert_eq!(app.get(&at(&receipt)).await.ok(200)["outcome"], "closed");
}

pub async fn the_same_report_again_has_the_same_receipt(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let secret = mia.posts(GREEN).await;
    let first = zoe.reports(&secret, "spam").await;
    app.later(5);
    assert_eq!(zoe.reports(&secret, "spam").await, first);
    assert_eq!(zoe.reports(&secret, "hate").await, first);
    let at_once = join_all((0..6).map(|_| zoe.reports(&secret, "spam"))).await;
    assert!(at_once.iter().all(|receipt| *receipt == first));
    for table in ["reports", "cases", "receipts"] {
        assert_eq!(app.database.count(table).await, 1, "{table}");
    }
}

pub async fn reports_of_many_at_once_are_one_case(app: &App) {
    let mia = app.person("13-15").await;
    let secret = mia.posts(GREEN).await;
    let people = join_all((0..8).map(|_| app.person("13-15"))).await;
    let receipts = join_all(people.iter().map(|person| person.reports(&secret, "spam"))).await;
    let distinct: std::collections::BTreeSet<String> = receipts.iter().map(at).collect();
    assert_eq!(distinct.len(), 8, "a receipt says nothing of others");
    assert_eq!(app.database.count("reports").await, 8);
    assert_eq!(app.database.count("cases").await, 1);
}

pub async fn worry_about_somebody_is_as_urgent_as_red(app: &App) {
    let (mia, zoe, ali) = (
        app.person("13-15").await,
        app.person("13-15").await,
        app.person("16-17").await,
    );
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(GREEN).await;
    ali.reports(&secret, "spam").await;
    let receipt = zoe.reports(&secret, "worried_about_them").await;
    assert_eq!(receipt["review_by"], "2026-01-20T17:00:00Z");
    let case = sam.case_of(&secret).await;
    assert_eq!(
        (&case["level"], &case["queue"]),
        (&json!("red"), &json!("safeguarding"))
    );
    assert_eq!(case["reports"].as_array().unwrap().len(), 2);
    // It does not hide the post: that would punish who is worried about.
    assert_eq!(zoe.get(&secret.path()).await.ok(200)["state"], "live");
}

pub async fn a_report_that_makes_no_sense_is_refused(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let secret = mia.posts(GREEN).await;
    let path = format!("{}/reports", secret.path());
    mia.post(&path, json!({ "reason": "spam" }))
        .await
        .refused(409);
    for (report, field) in [
        (json!({}), "."),
        (json!({ "reason": "ugly" }), "reason"),
        (
            json!({ "reason": "spam", "note": "x".repeat(1_001) }),
            "note",
        ),
        (json!({ "reason": "spam", "note": "a\u{202E}b" }), "note"),
        (json!({ "reason": "spam", "to": "Mia" }), "to"),
    ] {
        assert_eq!(zoe.post(&path, report).await.fault(), field);
    }
    for receipt in ["x", "%00", "a".repeat(5_000).as_str()] {
        app.get(&format!("/v1/receipts/{receipt}"))
            .await
            .refused(404);
    }
    for table in ["reports", "cases", "receipts"] {
        assert_eq!(app.database.count(table).await, 0, "{table}");
    }
}
