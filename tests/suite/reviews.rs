//! Second opinions: blind, by somebody who had no part in it, and settled by a lead.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{AMBER, App, CRISIS, Console, Member, Person, Posted, RED};

/// Every decision is looked at again, and two opinions are enough to show a number.
async fn all_reviewed(app: &App) -> App {
    let changes = [
        ("share   = 0.1", "share = 1.0"),
        ("minimum = 20", "minimum = 2"),
    ];
    app.with_policy(&changes).await
}

async fn waiting(member: &Member<'_>) -> Vec<Value> {
    member.all("/v1/moderation/reviews").await
}

fn path(review: &Value) -> String {
    format!("/v1/moderation/reviews/{}", review["id"].as_str().unwrap())
}

async fn claims(member: &Member<'_>, review: &Value) -> crate::harness::Answer {
    let path = format!("{}/claim", path(review));
    member.post(&path, Value::Null).await
}

/// Takes the only one that waits, and says this.
async fn says(member: &Member<'_>, opinion: Value) -> Value {
    let mut waiting = waiting(member).await;
    assert_eq!(waiting.len(), 1, "{waiting:#?}");
    let review = waiting.remove(0);
    claims(member, &review).await.ok(200);
    let path = format!("{}/opinion", path(&review));
    member.post(&path, opinion).await.ok(200)
}

async fn rules(lead: &Member<'_>, review: &Value, ruling: Value) -> crate::harness::Answer {
    lead.post(&format!("{}/settle", path(review)), ruling).await
}

async fn declined(mia: &Person<'_>, sam: &Member<'_>) -> Posted {
    let secret = mia.posts(RED).await;
    sam.declines(&secret, "other").await;
    secret
}

pub async fn a_second_opinion_knows_nothing_of_the_first(app: &App) {
    let app = &all_reviewed(app).await;
    let mia = app.person("13-15").await;
    let (sam, kim) = (
        app.staff("Sam", "moderator").await,
        app.staff("Kim", "moderator").await,
    );
    let case = sam.case_of(&mia.posts(RED).await).await;
    sam.claims(&case).await.ok(200);
    let decision = json!({ "decision": "decline", "reason": "spam", "note": "not here" });
    sam.decides(&case, decision).await.ok(200);
    let review = waiting(&kim).await.remove(0);
    assert!(review.get("words").is_none(), "{review:#}");
    let opinion = format!("{}/opinion", path(&review));
    let agree = json!({ "decision": "decline", "reason": "bullying" });
    kim.post(&opinion, agree.clone()).await.refused(409);

    let claimed = claims(&kim, &review).await.ok(200);
    assert_eq!(claimed["words"]["text"], RED);
    assert!(!claimed["words"]["matches"].as_array().unwrap().is_empty());
    let told = claimed.to_string();
    for hidden in [
        "declin",
        "Sam",
        "spam",
        "not here",
        "timeline",
        "state\":\"held",
    ] {
        assert!(!told.contains(hidden), "{hidden}: {claimed:#}");
    }
    assert!(!told.contains(case["id"].as_str().unwrap()));
    let case_path = format!("/v1/moderation/cases/{}", case["id"].as_str().unwrap());
    kim.get(&case_path).await.refused(403);
    let decided = "/v1/moderation/cases?state=decided";
    assert_eq!(kim.all(decided).await, [Value::Null; 0]);

    for (field, wrong) in [
        ("decision", json!({ "decision": "close" })),
        ("reason", json!({ "decision": "decline" })),
        (
            "reason",
            json!({ "decision": "decline", "reason": "distress" }),
        ),
        (
            "reason",
            json!({ "decision": "approve", "reason": "other" }),
        ),
        ("note", json!({ "decision": "approve", "note": "a\0b" })),
        (
            "note",
            json!({ "decision": "approve", "note": "x".repeat(2_001) }),
        ),
    ] {
        assert_eq!(kim.post(&opinion, wrong).await.fault(), field);
    }
    let given = kim.post(&opinion, agree.clone()).await.ok(200);
    assert_eq!(given["state"], "agreed");
    assert_eq!(given["compared"]["first"]["reason"], "spam");
    kim.post(&opinion, agree).await.refused(409);
    kim.get(&case_path).await.ok(200);
    app.stops().await;
}

pub async fn whoever_had_a_part_in_it_never_finds_it(app: &App) {
    let app = &all_reviewed(app).await;
    let mia = app.person("13-15").await;
    let (sam, kim) = (
        app.staff("Sam", "moderator").await,
        app.staff("Kim", "moderator").await,
    );
    let case = sam.case_of(&mia.posts(RED).await).await;
    kim.claims(&case).await.ok(200);
    kim.releases(&case).await.ok(200);
    sam.claims(&case).await.ok(200);
    let before = app.database.count("audit").await;
    sam.decides(&case, json!({ "decision": "approve" }))
        .await
        .ok(200);
    let lines = app.database.count("audit").await;
    assert_eq!(lines, before + 1, "that it was drawn is not on the record");

    let ali = app.staff("Ali", "moderator").await;
    let review = waiting(&ali).await.remove(0);
    let opinion = format!("{}/opinion", path(&review));
    for member in [&sam, &kim] {
        assert_eq!(waiting(member).await, [Value::Null; 0]);
        member.get(&path(&review)).await.refused(404);
        claims(member, &review).await.refused(404);
        let approve = json!({ "decision": "approve" });
        member.post(&opinion, approve).await.refused(404);
    }
    for role in ["analyst", "admin", "org_worker"] {
        let other = app.staff(role, role).await;
        other.get("/v1/moderation/reviews").await.refused(403);
        other.get(&path(&review)).await.refused(403);
        claims(&other, &review).await.refused(403);
    }
    claims(&ali, &review).await.ok(200);
    let lena = app.staff("Lena", "lead").await;
    claims(&lena, &review).await.refused(409);
    app.later(15);
    claims(&lena, &review).await.ok(200);
    let approve = json!({ "decision": "approve" });
    ali.post(&opinion, approve).await.refused(409);
    ali.get("/v1/moderation/reviews?state=differs")
        .await
        .refused(403);
    let settled = lena.get("/v1/moderation/reviews?state=settled").await;
    assert_eq!(settled.fault(), "state");
    app.stops().await;
}

pub async fn of_opinions_at_once_one_counts(app: &App) {
    let app = &all_reviewed(app).await;
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let mut others = Vec::new();
    for n in 0..4 {
        others.push(app.staff(&format!("Moderator {n}"), "moderator").await);
    }
    for _ in 0..4 {
        let secret = mia.posts(AMBER).await;
        sam.approves(&secret).await;
        let review = waiting(&others[0]).await.remove(0);
        let all = join_all(others.iter().map(|other| claims(other, &review))).await;
        let won: Vec<usize> = (0..4).filter(|n| all[*n].status == 200).collect();
        assert_eq!(won.len(), 1, "{all:#?}");
        let opinion = format!("{}/opinion", path(&review));
        let said = || json!({ "decision": "escalate" });
        let all = join_all((0..4).map(|_| others[won[0]].post(&opinion, said()))).await;
        let given = all.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(given, 1, "{all:#?}");
    }
    app.stops().await;
}

pub async fn overturning_a_decline_publishes_the_post_everywhere(app: &App) {
    let app = &all_reviewed(app).await;
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let (sam, kim) = (
        app.staff("Sam", "moderator").await,
        app.staff("Kim", "moderator").await,
    );
    let lena = app.staff("Lena", "lead").await;
    let secret = declined(&mia, &sam).await;
    assert_eq!(zoe.feed().await, [""; 0]);
    let given = says(&kim, json!({ "decision": "approve" })).await;
    assert_eq!(given["state"], "differs");
    let overturn = || json!({ "ruling": "overturned" });
    rules(&kim, &given, overturn()).await.refused(403);

    let differs = lena.all("/v1/moderation/reviews?state=differs").await;
    assert_eq!(differs[0]["id"], given["id"]);
    let seen = lena.get(&path(&given)).await.ok(200);
    assert_eq!(seen["words"]["text"], RED);
    assert_eq!(seen["compared"]["first"]["decision"], "decline");
    assert!(!seen.to_string().contains("Sam"), "it does not say who");
    let (mut zoes, mut mias) = (zoe.listens().await, mia.listens().await);
    let reason = json!({ "ruling": "overturned", "reason": "other" });
    assert_eq!(rules(&lena, &given, reason).await.fault(), "reason");
    let all = join_all((0..4).map(|_| rules(&lena, &given, overturn()))).await;
    let settled = all.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(settled, 1, "{all:#?}");

    assert_eq!(zoes.hears("post").await["post"]["id"], *secret.id);
    mias.hears("post").await;
    mias.hears("notice").await;
    assert_eq!(zoe.feed().await, [&*secret.id]);
    let own = mia.get(&secret.path()).await.ok(200);
    assert!(own["state"] == "live" && own.get("reason").is_none());
    let cases = lena.all("/v1/moderation/cases?state=decided").await;
    assert_eq!(cases[0]["decision"], "approve");
    let timeline = lena.case_of_id(&cases[0]).await["timeline"].clone();
    let last = timeline.as_array().unwrap().last().unwrap();
    assert_eq!(last["action"], "case.overturn");
    let lines = "SELECT count(*) FROM audit WHERE action IN ('review.settle', 'case.overturn')";
    assert_eq!(app.database.number(lines).await, 2);
    app.stops().await;
}

pub async fn overturning_an_approval_takes_the_post_down_everywhere(app: &App) {
    let app = &all_reviewed(app).await;
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let (sam, kim) = (
        app.staff("Sam", "moderator").await,
        app.staff("Kim", "moderator").await,
    );
    let lena = app.staff("Lena", "lead").await;
    let secret = mia.posts(AMBER).await;
    let receipt = zoe.reports(&secret, "bullying").await;
    sam.approves(&secret).await;
    assert_eq!(zoe.feed().await, [&*secret.id]);
    let given = says(&kim, json!({ "decision": "decline", "reason": "bullying" })).await;
    let mut zoes = zoe.listens().await;
    let no_reason = json!({ "ruling": "overturned" });
    assert_eq!(rules(&lena, &given, no_reason).await.fault(), "reason");
    let overturn = json!({ "ruling": "overturned", "reason": "bullying", "note": "aimed at one" });
    let settled = rules(&lena, &given, overturn).await.ok(200);
    assert_eq!(settled["compared"]["ruling"], "overturned");

    assert_eq!(zoes.hears("gone").await["post_id"], *secret.id);
    assert_eq!(zoe.feed().await, [""; 0]);
    zoe.get(&secret.path()).await.refused(404);
    let own = mia.get(&secret.path()).await.ok(200);
    assert_eq!(own["reason"]["code"], "bullying");
    let path = format!("/v1/receipts/{}", receipt["receipt"].as_str().unwrap());
    assert_eq!(app.get(&path).await.ok(200)["outcome"], "taken_down");
    // The lead has decided now: the appeal is for somebody else.
    mia.appeals(&secret, "it was not aimed at anybody").await;
    let case = sam.case_of(&secret).await;
    lena.claims(&case).await.refused(403);
    sam.claims(&case).await.refused(403);
    kim.claims(&case).await.ok(200);
    app.stops().await;
}

pub async fn what_stands_stays_as_it_is(app: &App) {
    let app = &all_reviewed(app).await;
    let mia = app.person("13-15").await;
    let (kim, lena) = (
        app.staff("Kim", "lead").await,
        app.staff("Lena", "lead").await,
    );
    let secret = mia.posts(RED).await;
    let sam = app.staff("Sam", "lead").await;
    sam.declines(&secret, "other").await;
    let given = says(&kim, json!({ "decision": "escalate" })).await;
    let stands = || json!({ "ruling": "stands" });
    rules(&sam, &given, stands()).await.refused(404);
    rules(&kim, &given, stands()).await.refused(403);
    let settled = rules(&lena, &given, stands()).await.ok(200);
    assert_eq!(settled["state"], "settled");
    assert_eq!(mia.get(&secret.path()).await.ok(200)["state"], "declined");
    rules(&lena, &given, stands()).await.refused(409);
    app.stops().await;
}

pub async fn what_has_changed_since_is_looked_at_no_more(app: &App) {
    let app = &all_reviewed(app).await;
    let mia = app.person("13-15").await;
    let (sam, kim) = (
        app.staff("Sam", "moderator").await,
        app.staff("Kim", "moderator").await,
    );
    let lena = app.staff("Lena", "lead").await;
    let secret = mia.posts(AMBER).await;
    sam.approves(&secret).await;
    let review = waiting(&kim).await.remove(0);
    claims(&kim, &review).await.ok(200);
    mia.delete(&secret.path()).await.ok(204);
    let opinion = format!("{}/opinion", path(&review));
    let approve = json!({ "decision": "approve" });
    kim.post(&opinion, approve).await.refused(404);
    assert_eq!(waiting(&lena).await, [Value::Null; 0]);

    // Whoever has asked for another look gets it: a lead does not decide past them.
    let secret = declined(&mia, &sam).await;
    let given = says(&kim, json!({ "decision": "approve" })).await;
    mia.appeals(&secret, "please").await;
    let overturn = || json!({ "ruling": "overturned" });
    rules(&lena, &given, overturn()).await.refused(409);
    kim.approves(&secret).await;
    rules(&lena, &given, overturn()).await.refused(409);
    let differs = lena.all("/v1/moderation/reviews?state=differs").await;
    assert_eq!(differs, [Value::Null; 0]);
    // Who leaves takes their words with them.
    mia.delete("/v1/me").await.ok(204);
    assert!(lena.get(&path(&given)).await.ok(200).get("words").is_none());
    app.stops().await;
}

pub async fn agreement_is_shown_by_queue_and_never_by_person(app: &App) {
    let app = &all_reviewed(app).await;
    let mia = app.person("13-15").await;
    let (sam, kim) = (
        app.staff("Sam", "moderator").await,
        app.staff("Kim", "moderator").await,
    );
    let analyst = app.staff("Ana", "analyst").await;
    let agreement = async || analyst.get("/v1/moderation/agreement").await.ok(200);
    assert_eq!(agreement().await["windows"][0]["overall"]["opinions"], 0);
    for (n, opinion) in ["approve", "escalate"].into_iter().enumerate() {
        sam.approves(&mia.posts(AMBER).await).await;
        let overall = &agreement().await["windows"][0]["overall"];
        assert!(overall.get("measured").is_none(), "{n}: {overall}");
        says(&kim, json!({ "decision": opinion })).await;
    }
    let shown = agreement().await;
    let days: Vec<&Value> = (0..3).map(|n| &shown["windows"][n]["days"]).collect();
    assert_eq!(days, [7, 30, 90]);
    let overall = &shown["windows"][0]["overall"];
    assert_eq!(overall["opinions"], 2);
    assert_eq!(overall["measured"]["share"], 0.5);
    assert_eq!(overall["measured"]["kappa"], 0.0);
    assert!(
        overall["measured"]["low"].as_f64().unwrap() < 0.1,
        "{overall}"
    );
    assert_eq!(shown["windows"][0]["queues"][0]["queue"], "safeguarding");
    let told = shown.to_string();
    assert!(!told.contains("Sam") && !told.contains("Kim"), "{told}");
    app.later(60 * 24 * 8);
    let ana = app.staff("Ana again", "analyst").await;
    let shown = ana.get("/v1/moderation/agreement").await.ok(200);
    assert_eq!(shown["windows"][0]["overall"]["opinions"], 0);
    assert_eq!(shown["windows"][1]["overall"]["opinions"], 2);
    app.stops().await;
}

pub async fn pages_do_what_the_api_does(app: &App) {
    let app = &all_reviewed(app).await;
    let kim = Console::open(app, "Kim", "moderator").await;
    let lena = Console::open(app, "Lena", "lead").await;
    let ana = Console::open(app, "Ana", "analyst").await;
    let sam = Console::open(app, "Sam", "moderator").await;
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let words = format!("{CRISIS} <script>alert(1)</script>");
    let secret = mia.posts(&words).await;
    sam.declines(&secret, "other").await;
    assert!(
        sam.reads("/console/reviews")
            .await
            .contains("Nothing waits for you")
    );
    let id = waiting(&kim).await[0]["id"].as_str().unwrap().to_owned();
    let page = format!("/console/reviews/{id}");
    assert!(!kim.reads("/console/reviews").await.contains("kill"));
    assert!(!kim.reads(&page).await.contains("kill"));
    assert_eq!(sam.visits(&page).await.status, 404);
    assert_eq!(ana.visits(&page).await.status, 403);
    let nothing: &[(&str, &str)] = &[];
    for form in ["claim", "opinion", "settle"] {
        let path = format!("{page}/{form}");
        assert_eq!(ana.sends(&path, nothing).await.status, 403, "{form}");
        let unsigned = kim.asks(reqwest::Method::POST, &path);
        assert_eq!(app.send(unsigned).await.status, 403, "{form}");
    }
    assert_eq!(kim.does(&format!("{page}/claim"), nothing).await, page);
    let html = kim.reads(&page).await;
    assert!(
        html.contains("&lt;script&gt;") && !html.contains("<script>alert"),
        "{html}"
    );
    assert!(
        !html.contains("What both decided") && !html.contains("Sam"),
        "{html}"
    );
    let opinion = format!("{page}/opinion");
    let wrong = [("decision", "decline"), ("reason", "")];
    assert_eq!(kim.sends(&opinion, &wrong).await.status, 400);
    let right = [
        ("decision", "approve"),
        ("reason", ""),
        ("note", "a cry for help"),
    ];
    assert_eq!(kim.does(&opinion, &right).await, page);
    assert!(kim.reads(&page).await.contains("A lead looks at both"));
    assert_eq!(
        kim.sends(&format!("{page}/settle"), nothing).await.status,
        403
    );
    assert!(lena.reads("/console/reviews").await.contains(&page));
    assert!(lena.reads(&page).await.contains("Publish the post"));
    let settle = [("ruling", "overturned"), ("note", "")];
    assert_eq!(lena.does(&format!("{page}/settle"), &settle).await, page);
    assert_eq!(
        lena.sends(&format!("{page}/settle"), &settle).await.status,
        409
    );
    assert_eq!(zoe.feed().await, [&*secret.id]);
    assert!(
        lena.reads(&page)
            .await
            .contains("overturned the first decision")
    );
    let html = ana.reads("/console/reviews").await;
    assert!(
        html.contains("fewer than 2") && !html.contains("Waiting for yours"),
        "{html}"
    );
    app.stops().await;
}
