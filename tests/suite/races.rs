//! Two at once, and exactly one wins.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Answer, App, CRISIS, Member, RED};

const ROUNDS: usize = 8;

async fn moderators(app: &App) -> Vec<Member<'_>> {
    let mut all = Vec::new();
    for n in 0..4 {
        all.push(app.staff(&format!("Moderator {n}"), "lead").await);
    }
    all
}

fn winners(answers: &[Answer]) -> usize {
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer.status, 200 | 409)),
        "{answers:#?}"
    );
    answers.iter().filter(|answer| answer.status == 200).count()
}

async fn lines(app: &App, action: &str) -> i64 {
    app.database
        .number(&format!(
            "SELECT count(*) FROM audit WHERE action = '{action}'"
        ))
        .await
}

pub async fn of_claims_at_once_one_wins(app: &App) {
    let mia = app.person("13-15").await;
    let staff = moderators(app).await;
    for _ in 0..ROUNDS {
        let case = staff[0].case_of(&mia.posts(RED).await).await;
        let answers = join_all(staff.iter().map(|member| member.claims(&case))).await;
        assert_eq!(winners(&answers), 1);
    }
    assert_eq!(
        lines(app, "case.claim").await,
        ROUNDS as i64,
        "who lost did nothing"
    );
}

pub async fn of_decisions_at_once_one_counts(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "moderator").await;
    for _ in 0..ROUNDS {
        let secret = mia.posts(RED).await;
        let case = sam.case_of(&secret).await;
        sam.claims(&case).await.ok(200);
        let decisions = [
            json!({ "decision": "approve" }),
            json!({ "decision": "decline", "reason": "other" }),
            json!({ "decision": "escalate" }),
            json!({ "decision": "approve" }),
        ];
        let all = decisions
            .into_iter()
            .map(|decision| sam.decides(&case, decision));
        let answers: Vec<Answer> = join_all(all).await;
        let won = answers
            .iter()
            .position(|answer| answer.status == 200)
            .unwrap();
        let lost = answers
            .iter()
            .filter(|answer| matches!(answer.status, 403 | 409))
            .count();
        assert_eq!(lost, 3, "{answers:#?}");
        let state = ["live", "declined", "held", "live"][won];
        assert_eq!(mia.get(&secret.path()).await.ok(200)["state"], state);
        let seen = zoe.get(&secret.path()).await.status;
        assert_eq!(seen, if state == "live" { 200 } else { 404 });
    }
    assert_eq!(lines(app, "case.decide").await, ROUNDS as i64);
}

pub async fn a_decision_and_a_withdrawal_at_once_leave_nothing_live(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "moderator").await;
    for _ in 0..ROUNDS {
        let secret = mia.posts(CRISIS).await;
        let case = sam.case_of(&secret).await;
        sam.claims(&case).await.ok(200);
        let path = secret.path();
        let (decided, withdrawn) = tokio::join!(
            sam.decides(&case, json!({ "decision": "approve" })),
            mia.delete(&path)
        );
        withdrawn.ok(204);
        assert!(matches!(decided.status, 200 | 409), "{decided:#?}");
        assert_eq!(mia.get(&path).await.ok(200)["state"], "withdrawn");
        zoe.get(&path).await.refused(404);
    }
    assert_eq!(zoe.feed().await, [""; 0]);
}

pub async fn leaving_while_staff_are_at_work_leaves_nothing(app: &App) {
    let sam = app.staff("Sam", "moderator").await;
    for _ in 0..4 {
        let mia = app.person("13-15").await;
        let mut cases = Vec::new();
        for _ in 0..4 {
            cases.push(sam.case_of(&mia.posts(CRISIS).await).await);
        }
        join_all(cases.iter().map(|case| sam.claims(case))).await;
        let approve = || json!({ "decision": "approve" });
        let decisions = join_all(cases.iter().map(|case| sam.decides(case, approve())));
        let (decided, left) = tokio::join!(decisions, mia.delete("/v1/me"));
        left.ok(204);
        for answer in decided {
            assert!(matches!(answer.status, 200 | 404 | 409), "{answer:#?}");
        }
        assert_eq!(app.database.count("posts").await, 0);
        assert_eq!(app.database.count("accounts").await, 0);
    }
    assert_eq!(sam.all("/v1/moderation/cases").await, [Value::Null; 0]);
}

pub async fn leaving_while_posting_leaves_nothing(app: &App) {
    for _ in 0..4 {
        let mia = app.person("13-15").await;
        let posts = join_all((0..4).map(|_| mia.post("/v1/posts", json!({ "text": CRISIS }))));
        let (posts, left) = tokio::join!(posts, mia.delete("/v1/me"));
        left.ok(204);
        for answer in posts {
            assert!(matches!(answer.status, 201 | 401 | 404), "{answer:#?}");
        }
        assert_eq!(app.database.count("accounts").await, 0);
        assert_eq!(
            app.database.count("posts").await,
            0,
            "a post of somebody who has left"
        );
    }
}
