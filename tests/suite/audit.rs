//! Every staff act is on the record, and the record cannot be changed unseen.

use hearth::audit::{self, Broken};
use serde_json::json;

use crate::harness::{App, CRISIS, Engine, RED};

/// Some acts: six lines, two of them about one case.
async fn acts(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(RED).await;
    let case = sam.case_of(&secret).await;
    sam.claims(&case).await.ok(200);
    sam.releases(&case).await.ok(200);
    sam.approves(&secret).await;
}

const ACTIONS: [&str; 6] = [
    "staff.add",
    "staff.sign_in",
    "case.claim",
    "case.release",
    "case.claim",
    "case.decide",
];

pub async fn every_act_has_its_line(app: &App) {
    acts(app).await;
    let ana = app.staff("Ana", "analyst").await;
    let lines = ana.all("/v1/moderation/audit?limit=3").await;
    let actions: Vec<&str> = lines
        .iter()
        .map(|line| line["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions[..6], ACTIONS);
    assert_eq!(actions[6..], ["staff.add", "staff.sign_in"]);
    let seqs: Vec<i64> = lines
        .iter()
        .map(|line| line["seq"].as_i64().unwrap())
        .collect();
    assert_eq!(seqs, [1, 2, 3, 4, 5, 6, 7, 8]);
    for (line, next) in lines.iter().zip(&lines[1..]) {
        assert_eq!(line["hash"], next["prev_hash"]);
    }
    assert_eq!(lines[0]["prev_hash"], "");
    let (sign_in, decide) = (&lines[1], &lines[5]);
    assert_eq!(decide["actor"], sign_in["actor"], "and it says who");
    assert!(decide["details"].as_str().unwrap().contains("approve"));
    assert!(
        !serde_json::to_string(&lines).unwrap().contains("belt"),
        "no words of a child"
    );
}

pub async fn what_is_refused_is_not_on_the_record(app: &App) {
    let mia = app.person("13-15").await;
    let (sam, kim) = (
        app.staff("Sam", "moderator").await,
        app.staff("Kim", "moderator").await,
    );
    let case = sam.case_of(&mia.posts(CRISIS).await).await;
    sam.claims(&case).await.ok(200);
    let before = app.database.count("audit").await;
    kim.claims(&case).await.refused(409);
    kim.releases(&case).await.refused(409);
    kim.decides(&case, json!({ "decision": "approve" }))
        .await
        .refused(409);
    sam.decides(&case, json!({ "decision": "decline" }))
        .await
        .refused(400);
    kim.signs_in().await.refused(401);
    assert_eq!(app.database.count("audit").await, before);
}

pub async fn a_case_has_its_timeline(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(RED).await;
    let done = sam.approves(&secret).await;
    let timeline = done["timeline"].as_array().unwrap();
    let actions: Vec<&str> = timeline
        .iter()
        .map(|s| s["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["case.claim", "case.decide"]);
    assert_eq!(timeline[1]["details"]["decision"], "approve");
}

pub async fn the_database_refuses_to_change_the_record(app: &App) {
    acts(app).await;
    let mut attempts = vec![
        "UPDATE audit SET actor = 'system' WHERE seq = 3",
        "UPDATE audit SET seq = seq + 100",
        "DELETE FROM audit WHERE seq = 6",
        "DELETE FROM audit",
    ];
    if app.database.engine == Engine::Production {
        attempts.push("TRUNCATE audit");
    }
    for sql in attempts {
        let refused = app.database.write(sql).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
    assert_eq!(audit::verify(app.database.db()).await.unwrap(), Ok(6));
}

/// Takes the guards away, as somebody with the database in their hands could.
async fn unguard(app: &App) {
    let drops: &[&str] = match app.database.engine {
        Engine::Embedded => &[
            "DROP TRIGGER audit_is_never_changed",
            "DROP TRIGGER audit_is_never_shortened",
        ],
        Engine::Production => &["ALTER TABLE audit DISABLE TRIGGER USER"],
    };
    for sql in drops {
        app.database.write(sql).await.unwrap();
    }
}

/// What is found where this is done to a record of six lines.
async fn found_after(app: &App, tampering: &[&str]) -> Broken {
    acts(app).await;
    assert_eq!(audit::verify(app.database.db()).await.unwrap(), Ok(6));
    unguard(app).await;
    for sql in tampering {
        assert!(app.database.write(sql).await.unwrap() > 0, "{sql}");
    }
    audit::verify(app.database.db()).await.unwrap().unwrap_err()
}

pub async fn a_changed_letter_is_found(app: &App) {
    let sql = "UPDATE audit SET details = replace(details, 'approve', 'approvf') WHERE seq = 6";
    assert_eq!(found_after(app, &[sql]).await.seq, 6);
}

pub async fn a_changed_time_is_found(app: &App) {
    let sql = "UPDATE audit SET made_at = made_at + 1 WHERE seq = 2";
    assert_eq!(found_after(app, &[sql]).await.seq, 2);
}

pub async fn a_deleted_line_is_found(app: &App) {
    assert_eq!(
        found_after(app, &["DELETE FROM audit WHERE seq = 4"])
            .await
            .seq,
        4
    );
}

pub async fn a_deleted_end_is_found(app: &App) {
    assert_eq!(
        found_after(app, &["DELETE FROM audit WHERE seq > 4"])
            .await
            .seq,
        5
    );
}

pub async fn a_line_moved_over_a_deleted_one_is_found(app: &App) {
    let tampering = [
        "DELETE FROM audit WHERE seq = 4",
        "UPDATE audit SET seq = seq - 1 WHERE seq = 5",
    ];
    assert_eq!(found_after(app, &tampering).await.seq, 4);
}

pub async fn a_flipped_byte_of_a_hash_is_found(app: &App) {
    let sql = match app.database.engine {
        Engine::Embedded => "UPDATE audit SET hash = x'00' || substr(hash, 2) WHERE seq = 3",
        Engine::Production => {
            "UPDATE audit SET hash = set_byte(hash, 0, get_byte(hash, 0) # 1) WHERE seq = 3"
        }
    };
    assert_eq!(found_after(app, &[sql]).await.seq, 3);
}

pub async fn acts_at_once_make_one_chain(app: &App) {
    let mia = app.person("13-15").await;
    let (sam, kim) = (
        app.staff("Sam", "moderator").await,
        app.staff("Kim", "moderator").await,
    );
    let mut cases = Vec::new();
    for _ in 0..12 {
        cases.push(sam.case_of(&mia.posts(RED).await).await);
    }
    let claims = cases.iter().enumerate().map(async |(n, case)| {
        let member = if n % 2 == 0 { &sam } else { &kim };
        member.claims(case).await.ok(200);
        member
            .decides(case, json!({ "decision": "approve" }))
            .await
            .ok(200);
    });
    futures_util::future::join_all(claims).await;
    assert_eq!(audit::verify(app.database.db()).await.unwrap(), Ok(4 + 24));
}
