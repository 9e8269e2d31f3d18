//! Who may sign in as staff, and what each role may do.

use serde_json::{Value, json};

use crate::harness::{App, CRISIS};

pub async fn a_session_needs_a_name_a_password_and_a_code(app: &App) {
    let sam = app.staff("Sam", "moderator").await;
    app.later(1);
    let right = json!({ "name": sam.name, "password": sam.password, "totp": sam.code() });
    let with = |field: &str, value: Value| {
        let mut wrong = right.clone();
        wrong[field] = value;
        wrong
    };
    for wrong in [
        with("name", json!("Sammy")),
        with("name", json!("S\u{0}am")),
        with("password", json!("hunter2")),
        with("totp", json!("000000")),
        with("totp", json!("")),
    ] {
        app.post("/v1/staff/sessions", wrong).await.refused(401);
    }
    let path = "/v1/staff/sessions";
    assert_eq!(
        app.post(path, with("role", json!("lead"))).await.fault(),
        "role"
    );
    app.post(path, json!({ "name": "Sam", "password": sam.password }))
        .await
        .refused(400);
    let session = app.post(path, right.clone()).await.ok(200);
    assert_eq!(
        (&session["token_type"], &session["role"]),
        (&json!("Bearer"), &json!("moderator"))
    );
    app.post(path, right).await.refused(401);
}

pub async fn of_one_code_used_at_once_one_session_comes(app: &App) {
    let sam = app.staff("Sam", "moderator").await;
    app.later(1);
    let all = futures_util::future::join_all((0..4).map(|_| sam.signs_in())).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 1);
}

pub async fn a_session_lasts_twelve_hours(app: &App) {
    let sam = app.staff("Sam", "moderator").await;
    app.later(12 * 60 - 1);
    sam.get("/v1/moderation/cases").await.ok(200);
    app.later(1);
    sam.get("/v1/moderation/cases").await.refused(401);
}

pub async fn each_role_may_do_its_own(app: &App) {
    let mia = app.person("13-15").await;
    let secret = mia.posts(CRISIS).await;
    let lead = app.staff("Lea", "lead").await;
    let case = lead.case_of(&secret).await;
    let here = format!("/v1/moderation/cases/{}", case["id"].as_str().unwrap());
    let decision = json!({ "decision": "approve" });
    for (role, audit) in [("org_worker", 403), ("analyst", 200), ("admin", 200)] {
        let member = app.staff(role, role).await;
        for path in ["/v1/moderation/cases", &here] {
            member.get(path).await.refused(403);
        }
        member.claims(&case).await.refused(403);
        member.releases(&case).await.refused(403);
        member.decides(&case, decision.clone()).await.refused(403);
        assert_eq!(
            member.get("/v1/moderation/audit").await.status,
            audit,
            "{role}"
        );
    }
    for path in ["/v1/moderation/cases", &here, "/v1/moderation/audit"] {
        app.get(path).await.refused(401);
        mia.get(path).await.refused(401);
    }
    for act in ["claim", "release", "decide"] {
        let path = format!("{here}/{act}");
        app.post(&path, decision.clone()).await.refused(401);
        mia.post(&path, decision.clone()).await.refused(401);
    }
    assert_eq!(mia.get(&secret.path()).await.ok(200)["state"], "held");
}

pub async fn a_name_is_taken_once(app: &App) {
    use hearth::staff::{AddError, Role, Staff};
    let staff: Staff = app.part().await;
    staff.add("Sam", Role::Moderator, None).await.unwrap();
    let again = staff.add("Sam", Role::Lead, None).await;
    assert!(matches!(again, Err(AddError::Taken)));
    for name in ["", " Sam", "Sam\n", "a\0b"] {
        assert!(
            matches!(staff.add(name, Role::Lead, None).await, Err(AddError::Name)),
            "{name:?}"
        );
    }
    assert_eq!(app.database.count("staff").await, 1);
}
