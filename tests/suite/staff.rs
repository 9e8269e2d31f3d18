//! Who may sign in as staff, and what each role may do.

use reqwest::Method;
use reqwest::header::{ACCEPT, COOKIE, LOCATION, SET_COOKIE};
use serde_json::{Value, json};

use crate::harness::{App, CRISIS, Console, PATIENCE};

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

/// Staff whose sessions end when they are not used for half an hour, as they do by default.
async fn idle(app: &App) -> App {
    app.beside(&["--rate-limits=off", "--staff-idle=30"]).await
}

/// Waits until the last use of every session is noted.
async fn all_noted(app: &App) {
    let now = app.clock.now().micros();
    let sql = format!("SELECT count(*) FROM staff_sessions WHERE last_used_at < {now}");
    let noted = async {
        while app.database.number(&sql).await > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, noted).await.unwrap();
}

pub async fn a_session_that_is_not_used_ends(app: &App) {
    let idle = idle(app).await;
    let sam = Console::open(&idle, "Sam", "moderator").await;
    // Signing in at the console took half an hour, in which nothing was asked of the API.
    sam.get("/v1/moderation/cases").await.refused(401);
    idle.later(29);
    assert_eq!(sam.visits("/console").await.status, 200);
    // Who comes every 29 minutes stays, until twelve hours are over.
    let signed_in_again = sam.signs_in().await.ok(200);
    let token = signed_in_again["access_token"].as_str().unwrap();
    let asks = async || {
        let request = idle.request(Method::GET, "/v1/moderation/cases");
        idle.send(request.bearer_auth(token)).await
    };
    let of_before = format!(
        "DELETE FROM staff_sessions WHERE started_at < {}",
        idle.clock.now().micros()
    );
    idle.database.write(&of_before).await.unwrap();
    for _ in 0..24 {
        idle.later(29);
        asks().await.ok(200);
        all_noted(&idle).await;
    }
    idle.later(23);
    asks().await.ok(200);
    idle.later(1);
    asks().await.refused(401);
    idle.stops().await;
}

pub async fn a_stream_keeps_no_session_alive(app: &App) {
    let idle = idle(app).await;
    let sam = Console::open(&idle, "Sam", "moderator").await;
    idle.later(20);
    let stream = sam
        .asks(Method::GET, "/console")
        .header(ACCEPT, "text/event-stream");
    assert_eq!(idle.send(stream).await.status, 200);
    idle.later(10);
    assert_eq!(sam.visits("/console").await.status, 303);
    idle.stops().await;
}

pub async fn a_cookie_that_is_made_up_opens_nothing(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let (name, token) = sam.cookie.split_once('=').unwrap();
    let mut other = token.to_owned();
    other.replace_range(..1, if token.starts_with('A') { "B" } else { "A" });
    for made_up in [
        "",
        "x",
        "\u{fffd}",
        &other,
        &token[1..],
        &format!("{token}A"),
    ] {
        let request = app.request(Method::GET, "/console");
        let answer = app
            .send(request.header(COOKIE, format!("{name}={made_up}")))
            .await;
        assert_eq!(answer.status, 303, "{made_up}: {answer:#?}");
    }
    let of_two = format!("{name}={other}; {}", sam.cookie);
    let request = app.request(Method::GET, "/console").header(COOKIE, of_two);
    assert_eq!(
        app.send(request).await.status,
        303,
        "no cookie stands behind another"
    );
    assert_eq!(sam.visits("/console").await.status, 200);
}

pub async fn every_sign_in_is_a_new_session(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    app.later(1);
    // Somebody has put a cookie of theirs into the browser before.
    let form = [
        ("name", "Sam"),
        ("password", &sam.password),
        ("code", &sam.code()),
    ];
    let answer = app
        .send(sam.asks(Method::POST, "/console/sign-in").form(&form))
        .await;
    assert_eq!(answer.status, 303, "{answer:#?}");
    let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("hearth_staff=") && !cookie.starts_with(&sam.cookie));
    assert_eq!(
        sam.visits("/console").await.status,
        303,
        "the one before has ended"
    );
}

pub async fn who_is_deactivated_is_out_at_once(app: &App) {
    let (sam, ada) = (
        Console::open(app, "Sam", "moderator").await,
        Console::open(app, "Ada", "admin").await,
    );
    let account = ada.account_of("Sam").await;
    assert_eq!(
        ada.does(&format!("{account}/deactivate"), &[]).await,
        account
    );
    assert_eq!(sam.visits("/console").await.status, 303);
    sam.get("/v1/moderation/cases").await.refused(401);
    app.later(1);
    sam.signs_in().await.refused(401);
    assert!(ada.reads(&account).await.contains("deactivated"));
    for again in ["deactivate", "link"] {
        assert_eq!(
            ada.sends(&format!("{account}/{again}"), &[]).await.status,
            409
        );
    }

    ada.does(&format!("{account}/reactivate"), &[]).await;
    assert_eq!(
        sam.visits("/console").await.status,
        303,
        "the session stays ended"
    );
    app.later(1);
    sam.signs_in().await.ok(200);
    ada.does(&format!("{account}/end-sessions"), &[]).await;
    assert_eq!(
        app.database.count("staff_sessions").await,
        2,
        "of Ada alone"
    );
    assert_eq!(
        ada.sends(&format!("{account}/reactivate"), &[])
            .await
            .status,
        409
    );
}

pub async fn nobody_shuts_out_themselves_or_the_last_admin(app: &App) {
    let ada = Console::open(app, "Ada", "admin").await;
    let account = ada.account_of("Ada").await;
    for act in ["deactivate", "link"] {
        let refused = ada.sends(&format!("{account}/{act}"), &[]).await;
        assert_eq!(refused.status, 409, "{refused:#?}");
    }
    let ida = Console::open(app, "Ida", "admin").await;
    let of_ida = ada.account_of("Ida").await;
    let (of_one, of_other) = (ada.form_token().await, ida.form_token().await);
    let sends = async |admin: &Console<'_>, token: &str, path: String| {
        let request = admin.asks(Method::POST, &path);
        app.send(request.form(&[("form_token", token)])).await
    };
    let (one, other) = tokio::join!(
        sends(&ada, &of_one, format!("{of_ida}/deactivate")),
        sends(&ida, &of_other, format!("{account}/link"))
    );
    let deactivated = one.status == 303 && one.headers[LOCATION] == of_ida;
    assert!(deactivated != (other.status == 200), "{one:#?} {other:#?}");
    let left = "SELECT count(*) FROM staff WHERE role = 'admin' AND state = 'active'";
    assert_eq!(app.database.number(left).await, 1);
}

pub async fn people_see_and_end_their_own_sessions(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let lea = Console::open(app, "Lea", "lead").await;
    let page = sam.reads("/console/me").await;
    assert!(
        page.contains("A browser") && page.contains("A program (API)"),
        "{page}"
    );
    assert!(page.contains("this one"), "{page}");
    let (_, rest) = page.split_once("name=\"session\" value=\"").unwrap();
    let session = rest.split('"').next().unwrap();
    let end = "/console/me/sessions/end";
    assert_eq!(
        lea.sends(end, &[("session", session)]).await.status,
        404,
        "of Sam alone"
    );
    sam.get("/v1/moderation/cases").await.ok(200);
    sam.does(end, &[("session", session)]).await;
    sam.get("/v1/moderation/cases").await.refused(401);
    assert_eq!(sam.sends(end, &[("session", session)]).await.status, 404);
    assert_eq!(sam.sends(end, &[("session", "x")]).await.status, 404);

    app.later(1);
    sam.signs_in().await.ok(200);
    sam.does("/console/me/sessions/end-others", &[]).await;
    assert_eq!(
        sam.reads("/console/me").await.matches("A program").count(),
        0
    );
    assert_eq!(lea.visits("/console").await.status, 200);
}

pub async fn a_password_is_changed_with_password_and_code(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    app.later(1);
    let path = "/console/me/password";
    let code = sam.code();
    let right = [
        ("password", sam.password.as_str()),
        ("code", &code),
        ("new_password", "otter lamp friday"),
        ("again", "otter lamp friday"),
    ];
    for (at, value, said) in [
        (0, "what could it be", "is not right"),
        (1, "000000", "is not right"),
        (2, "otter lamp sunday", "not the same"),
    ] {
        let mut wrong = right;
        wrong[at].1 = value;
        let refused = sam.sends(path, &wrong).await;
        assert_eq!(refused.status, 400, "{refused:#?}");
        assert!(
            refused.body.as_str().unwrap().contains(said),
            "{refused:#?}"
        );
    }
    for (bad, said) in [
        ("short", "at least 12"),
        ("Password2026!", "anybody would try"),
    ] {
        let mut wrong = right;
        (wrong[2].1, wrong[3].1) = (bad, bad);
        let refused = sam.sends(path, &wrong).await;
        assert!(
            refused.body.as_str().unwrap().contains(said),
            "{refused:#?}"
        );
    }
    sam.does(path, &right).await;
    assert_eq!(
        sam.sends(path, &right).await.status,
        400,
        "a code works once"
    );
    sam.get("/v1/moderation/cases").await.refused(401);
    assert_eq!(sam.visits("/console").await.status, 200, "this one goes on");
    app.later(1);
    sam.signs_in().await.refused(401);
    let new = json!({ "name": "Sam", "password": "otter lamp friday", "totp": sam.code() });
    app.post("/v1/staff/sessions", new).await.ok(200);
}
