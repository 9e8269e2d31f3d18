//! How moderation does, for staff and for the public.

use serde_json::{Value, json};

use crate::harness::{AMBER, App, CRISIS, Console, GREEN, RED};

const YEAR: u64 = 366 * 24 * 60;
const JANUARY: &str = "/v1/moderation/figures?from=2026-01-01&to=2026-01-31";

/// Six amber cases decided after 1, 2, 3, 4, 5 and 10 hours; one that waits and is late; one red
/// that is decided in time, and one whose author left.
async fn a_day(app: &App) {
    let mia = app.person("13-15").await;
    for _ in 0..7 {
        mia.posts(AMBER).await;
    }
    mia.posts(RED).await;
    let leaver = app.person("13-15").await;
    leaver.posts(AMBER).await;
    leaver.delete("/v1/me").await.ok(204);
    for (n, hours) in [0, 1, 1, 1, 1, 1, 5].into_iter().enumerate() {
        app.later(60 * hours);
        // Sessions end with half an hour of rest.
        let sam = app.staff(&format!("Sam {n}"), "moderator").await;
        let level = if n == 0 { "red" } else { "amber" };
        let open = sam.all("/v1/moderation/cases?state=open").await;
        let case = open.iter().find(|case| case["level"] == level).unwrap();
        sam.claims(case).await.ok(200);
        sam.decides(case, json!({ "decision": "approve" }))
            .await
            .ok(200);
    }
}

fn line<'a>(lines: &'a Value, level: &str) -> &'a Value {
    let mut lines = lines.as_array().unwrap().iter();
    lines.find(|line| line["level"] == level).unwrap()
}

pub async fn times_and_deadlines_are_those_of_the_cases(app: &App) {
    a_day(app).await;
    let ana = app.staff("Ana", "analyst").await;
    let figures = ana.get(JANUARY).await.ok(200);
    let amber = line(&figures["levels"], "amber");
    for (field, expected) in [
        ("opened", 8),
        ("decided", 6),
        ("waiting", 1),
        ("erased", 1),
        ("breached", 2),
    ] {
        assert_eq!(amber[field], expected, "{field}: {amber}");
    }
    let hours = |n: i64| json!(n * 3_600);
    let seconds = &amber["seconds"];
    assert_eq!((&seconds["p50"], &seconds["p90"]), (&hours(3), &hours(10)));
    assert_eq!(seconds["p99"], hours(10));
    let rate = amber["breach_rate"]["share"].as_f64().unwrap();
    assert!((rate - 2.0 / 7.0).abs() < 1e-9, "{amber}");
    let red = line(&figures["levels"], "red");
    assert_eq!(
        (&red["decided"], red.get("seconds"), red.get("breach_rate")),
        (&json!(1), None, None)
    );
    assert_eq!(line(&figures["queues"], "amber")["queue"], "safeguarding");
    let steps = figures["steps"].as_array().unwrap();
    let day = steps
        .iter()
        .find(|step| step["day"] == "2026-01-20")
        .unwrap();
    assert_eq!((steps.len(), &day["by_level"]), (31, &json!([0, 8, 1, 0])));
    let other = ana
        .get("/v1/moderation/figures?from=2026-01-21&to=2026-01-31")
        .await
        .ok(200);
    assert_eq!(line(&other["levels"], "amber")["opened"], 0);
}

pub async fn appeals_and_rules_are_counted(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let alex = app.staff("Alex", "moderator").await;
    for n in 0..6 {
        let secret = mia.posts(AMBER).await;
        sam.declines(&secret, "other").await;
        mia.appeals(&secret, "please").await;
        match n {
            0 => continue,
            1 | 2 => alex.approves(&secret).await,
            _ => alex.declines(&secret, "other").await,
        };
    }
    let figures = sam.get(JANUARY).await.ok(200);
    let appeals = &figures["appeals"];
    assert_eq!(
        (
            &appeals["made"],
            &appeals["decided"],
            &appeals["overturned"]
        ),
        (&json!(6), &json!(5), &json!(2))
    );
    let share = &appeals["share"];
    assert!((share["share"].as_f64().unwrap() - 0.4).abs() < 1e-9);
    assert!(share["low"].as_f64().unwrap() < 0.4 && share["high"].as_f64().unwrap() > 0.4);
    let rules = figures["rules"].as_array().unwrap();
    assert_eq!(
        (&rules[0]["posts"], &rules[0]["decided"]),
        (&json!(6), &json!(6)),
        "{rules:#?}"
    );
    assert_eq!(rules[0]["agreed"], 4);
    assert!(figures.get("agreement").is_none(), "nobody decided twice");
}

pub async fn the_pages_draw_them_and_the_files_hold_them(app: &App) {
    a_day(app).await;
    let ana = Console::open(app, "Ana", "analyst").await;
    for period in ["", "7", "30", "90", "2026-01"] {
        let page = ana
            .reads(&format!("/console/figures?period={period}"))
            .await;
        for part in [
            "<svg class=\"chart\"",
            "role=\"img\"",
            "<desc id=\"opened-desc\">9 cases in all",
            "bar-amber",
            "3 h 0 min",
        ] {
            assert!(page.contains(part), "{period}: {part} in {page}");
        }
    }
    let rules = ana.reads("/console/figures/rules?period=7").await;
    assert!(rules.contains("What agreement means"), "{rules}");
    for wrong in ["x", "2026-13", "8", "-1"] {
        let answer = ana
            .visits(&format!("/console/figures?period={wrong}"))
            .await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
    let cases = ana.reads("/console/figures/cases.csv?period=7").await;
    let amber = "all,amber,8,6,1,1,10800,36000,36000,2,0.2857,";
    assert!(
        cases.starts_with("queue,level,opened,decided") && cases.contains(amber),
        "{cases}"
    );
    for file in ["steps.csv", "appeals.csv", "rules.csv"] {
        let answer = ana.visits(&format!("/console/figures/{file}")).await;
        assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
        let disposition = answer.headers["content-disposition"].to_str().unwrap();
        assert!(disposition.contains(file), "{disposition}");
    }
    let json = ana
        .visits("/console/figures/figures.json?period=2026-01")
        .await
        .ok(200);
    let api = ana.get(JANUARY).await.ok(200);
    assert_eq!(json["levels"], api["levels"]);
    assert_eq!(ana.visits("/console/figures/staff.csv").await.status, 404);
}

pub async fn no_figure_is_about_a_member_of_staff(app: &App) {
    a_day(app).await;
    let ana = Console::open(app, "Ana", "analyst").await;
    let mut read = ana.get(JANUARY).await.ok(200).to_string();
    for path in [
        "",
        "/rules",
        "/cases.csv",
        "/steps.csv",
        "/appeals.csv",
        "/rules.csv",
    ] {
        read += &ana.reads(&format!("/console/figures{path}")).await;
    }
    assert!(!read.contains("Sam"), "{read}");
}

pub async fn a_period_that_makes_no_sense_is_refused(app: &App) {
    let ana = app.staff("Ana", "analyst").await;
    for (query, field) in [
        ("from=2026-01-01", ""),
        ("from=x&to=2026-01-01", "from"),
        ("from=2026-01-01&to=2026-02-30", "to"),
        ("from=2026-01-02&to=2026-01-01", "to"),
        ("from=2024-01-01&to=2026-01-01", "to"),
        ("from=2026-01-01&to=2026-01-02&by=staff", "by"),
    ] {
        let answer = ana.get(&format!("/v1/moderation/figures?{query}")).await;
        let fault = answer.fault();
        assert!(field.is_empty() || fault == field, "{query}: {fault}");
    }
    let org = app.staff("Olu", "org_worker").await;
    org.get(JANUARY).await.refused(403);
}

pub async fn the_public_is_told_of_a_year_that_is_over(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    assert!(
        app.get("/v1/transparency").await.ok(200)["years"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    for n in 0..24 {
        let secret = mia.posts(AMBER).await;
        match n {
            0..12 => sam.approves(&secret).await,
            _ => sam.declines(&secret, "spam").await,
        };
    }
    sam.approves(&mia.posts(CRISIS).await).await;
    app.get("/v1/transparency/2026").await.refused(404);
    let page = app.get("/transparency").await.ok(200);
    assert!(
        page.as_str()
            .unwrap()
            .contains("The first year is not over yet"),
        "{page}"
    );

    app.later(YEAR);
    assert_eq!(
        app.get("/v1/transparency").await.ok(200)["years"],
        json!([2026])
    );
    let told = app.get("/v1/transparency/2026").await.ok(200);
    assert_eq!(
        (&told["approved"], &told["declined"]),
        (&json!(13), &json!(12))
    );
    let crisis = line(&told["levels"], "crisis");
    assert_eq!(
        (&crisis["decided"], crisis.get("median_minutes")),
        (&Value::Null, None),
        "one crisis is not told"
    );
    assert_eq!(
        line(&told["levels"], "amber")["decided"],
        Value::Null,
        "it would tell the other"
    );
    let reasons = told["reasons"].as_array().unwrap();
    let told_of: Vec<&Value> = reasons
        .iter()
        .filter(|reason| !reason["declined"].is_null())
        .collect();
    assert!(
        told_of.is_empty(),
        "12 of 12 would tell that all others are none: {told_of:#?}"
    );

    let page = app.get("/transparency/2026").await;
    let policy = page.headers["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self'"),
        "{policy}"
    );
    let page = page.ok(200);
    let page = page.as_str().unwrap();
    for part in [
        "too few to tell",
        "What is not counted here",
        ">13<",
        "do not keep score",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    for nothing in ["2025", "2027", "1", "x", "99999", "-1"] {
        assert_eq!(
            app.get(&format!("/transparency/{nothing}")).await.status,
            404
        );
        app.get(&format!("/v1/transparency/{nothing}"))
            .await
            .refused(404);
    }
}

pub async fn who_leaves_afterwards_changes_nothing_of_it(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    for _ in 0..12 {
        sam.approves(&mia.posts(AMBER).await).await;
    }
    mia.posts(GREEN).await;
    // A family of tokens ends after sixty days without use.
    for _ in 0..8 {
        app.later(45 * 24 * 60);
        mia.refreshes().await;
    }
    let before = app.get("/v1/transparency/2026").await.ok(200);
    assert_eq!(
        before["approved"],
        Value::Null,
        "nobody was declined, and that would be told"
    );
    mia.delete("/v1/me").await.ok(204);
    app.later(61);
    assert_eq!(app.get("/v1/transparency/2026").await.ok(200), before);
}
