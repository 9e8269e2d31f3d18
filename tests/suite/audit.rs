//! Every staff act is on the record, and the record cannot be changed unseen.

use hearth::audit::{self, Broken};
use serde_json::json;

use crate::harness::{App, CRISIS, Console, Engine, RED};

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
        Engine::Embedded => {
            "UPDATE audit SET hash = CAST(substr(hash, 1, 31) || CASE substr(hash, 32)
                WHEN x'00' THEN x'01' ELSE x'00' END AS BLOB) WHERE seq = 3"
        }
        Engine::Production => {
            "UPDATE audit SET hash = set_byte(hash, 31, get_byte(hash, 31) # 1) WHERE seq = 3"
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

/// What is exported of the day on which a test begins.
async fn exported(ana: &Console<'_>, format: &str) -> String {
    let form = [
        ("from", "2026-01-20"),
        ("to", "2026-01-20"),
        ("format", format),
    ];
    let answer = ana.sends("/console/audit/export", &form).await;
    let disposition = answer.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.contains(format), "{disposition}");
    answer.ok(200).as_str().unwrap().to_owned()
}

pub async fn the_record_is_read_at_the_console(app: &App) {
    acts(app).await;
    let ana = Console::open(app, "Ana", "analyst").await;
    let page = ana.reads("/console/audit").await;
    assert!(
        page.contains("case.decide") && page.contains("<td>Sam</td>"),
        "{page}"
    );
    assert!(!page.contains("belt"), "no words of a child");
    let newest = page.find("staff.sign_in").unwrap();
    assert!(newest < page.find("case.decide").unwrap(), "newest first");

    let case = app.database.db();
    let lines = audit::lines(case, 0, 10).await.unwrap();
    let (sam, case) = (&lines[1].actor, &lines[2].subject);
    for (query, lines) in [
        (format!("actor={sam}"), 5),
        ("actor=operator".into(), 2),
        ("action=case.".into(), 4),
        ("action=case.claim".into(), 2),
        (format!("subject={case}"), 4),
        ("day=2026-01-20".into(), 9),
        ("day=2026-01-19".into(), 0),
        (format!("actor={sam}&action=case.decide&day=2026-01-20"), 1),
        ("before=3".into(), 2),
        ("action=%25".into(), 0),
        ("subject=%27".into(), 0),
    ] {
        let page = ana.reads(&format!("/console/audit?{query}")).await;
        let found = page.matches("<td class=\"number\">").count();
        assert_eq!(found, lines, "{query}: {page}");
    }
    for wrong in ["day=x", "before=x", "words=x"] {
        assert_eq!(
            ana.visits(&format!("/console/audit?{wrong}")).await.status,
            400
        );
    }
    assert_eq!(ana.visits("/console/audit?subject=%00").await.status, 404);
    assert!(
        ana.reads("/console/audit/verify")
            .await
            .contains("lines are as they were written")
    );
    unguard(app).await;
    app.database
        .write("UPDATE audit SET subject = 'x' WHERE seq = 3")
        .await
        .unwrap();
    let page = ana.reads("/console/audit/verify").await;
    assert!(page.contains("line 3 was changed"), "{page}");
}

pub async fn an_export_holds_the_lines_of_its_days_and_is_on_the_record(app: &App) {
    acts(app).await;
    let ana = Console::open(app, "Ana", "analyst").await;
    let export = exported(&ana, "jsonl").await;
    let seal = audit::verify_file(export.as_bytes()).unwrap();
    assert_eq!(
        (seal.first, seal.last, seal.head),
        (1, 10, 10),
        "its own line, too"
    );
    assert_eq!(export.lines().count(), 11);
    assert!(export.contains("audit.export") && export.contains("case.decide"));

    let csv = exported(&ana, "csv").await;
    assert!(
        csv.starts_with("seq,at,actor,action,subject,details,prev_hash,hash\n1,2026-01-20T"),
        "{csv}"
    );
    assert!(csv.lines().last().unwrap().contains("export.seal"), "{csv}");
    let key = &seal.public_key;
    assert!(csv.contains(key) && ana.reads("/console/audit").await.contains(key));

    let none = [
        ("from", "2025-01-01"),
        ("to", "2025-12-31"),
        ("format", "jsonl"),
    ];
    let none = ana.sends("/console/audit/export", &none).await.ok(200);
    let seal = serde_json::to_string(&none).unwrap();
    let seal = audit::verify_file(seal.as_bytes()).unwrap();
    assert_eq!((seal.first, seal.last, seal.head), (1, 0, 12));
    for wrong in [("from", "x"), ("to", "2020-01-01"), ("format", "xml")] {
        let mut form = vec![
            ("from", "2026-01-20"),
            ("to", "2026-01-20"),
            ("format", "csv"),
        ];
        form.retain(|(name, _)| *name != wrong.0);
        form.push(wrong);
        assert_eq!(ana.sends("/console/audit/export", &form).await.status, 400);
    }
}

pub async fn an_export_that_was_touched_is_found_out(app: &App) {
    acts(app).await;
    let ana = Console::open(app, "Ana", "analyst").await;
    let export = exported(&ana, "jsonl").await;
    let rows: Vec<&str> = export.lines().collect();
    let fault = |rows: &[&str]| {
        let text = rows.join("\n");
        audit::verify_file(text.as_bytes()).unwrap_err().to_string()
    };
    let with = |at: usize, row: &str| {
        let mut rows: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
        rows[at] = row.to_owned();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        fault(&rows)
    };
    // A flipped byte of each field, of the seal and of a line.
    for (at, row) in [(0, rows[0]), (3, rows[3])] {
        let fields: serde_json::Value = serde_json::from_str(row).unwrap();
        for (name, value) in fields.as_object().unwrap() {
            let mut changed = fields.clone();
            changed[name] = match value {
                serde_json::Value::Number(n) => json!(n.as_i64().unwrap() + 1),
                _ => match value.as_str().unwrap() {
                    time if time.ends_with("00Z") => json!(time.replace("00Z", "01Z")),
                    hex if hex.ends_with('0') => json!(format!("{}1", &hex[..hex.len() - 1])),
                    "" => json!("00"),
                    text if name == "details" => json!(format!("{text} ")),
                    text => json!(format!("{}0", &text[..text.len() - 1])),
                },
            };
            let fault = with(at, &changed.to_string());
            let expected = if at == 0 { "seal" } else { "line" };
            assert!(fault.contains(expected), "{name}: {fault}");
        }
    }
    let mut missing = rows.clone();
    missing.remove(4);
    assert_eq!(fault(&missing), "line 4 is missing");
    let mut swapped = rows.clone();
    swapped.swap(4, 5);
    assert_eq!(fault(&swapped), "line 4 is missing");
    assert_eq!(fault(&rows[..rows.len() - 1]), "line 10 is missing");
    assert_eq!(
        fault(&rows[1..]),
        "it does not begin with the seal of an export"
    );
    assert_eq!(fault(&[]), "it does not begin with the seal of an export");
    assert_eq!(
        with(2, "nonsense"),
        "row 3 of the file is no line of a record"
    );
    let mut longer = rows.clone();
    longer.push(rows[rows.len() - 1]);
    assert!(fault(&longer).contains("line 11"), "{}", fault(&longer));
}
