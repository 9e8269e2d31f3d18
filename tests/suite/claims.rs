//! Claims at the console: a lease, who holds it, and handing a case to a colleague.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{App, CRISIS, Console, RED};
use crate::queue::cases_on;

fn path(case: &Value) -> String {
    format!("/console/cases/{}", case["id"].as_str().unwrap())
}

async fn case(app: &App, sam: &Console<'_>, text: &str) -> Value {
    let mia = app.person("13-15").await;
    let post = mia.posts(text).await;
    sam.case_of(&post).await
}

fn body(answer: &crate::harness::Answer) -> &str {
    answer.body.as_str().unwrap()
}

pub async fn a_claim_is_taken_on_the_page_and_ends_by_itself(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let kim = Console::open(app, "Kim", "moderator").await;
    let case = case(app, &sam, RED).await;
    let claim = format!("{}/claim", path(&case));
    assert!(
        sam.reads("/console/queue")
            .await
            .contains(&format!("action=\"{claim}\""))
    );
    assert_eq!(sam.does(&claim, &[]).await, path(&case));
    let (sams, kims) = (
        sam.reads("/console/queue").await,
        kim.reads("/console/queue").await,
    );
    assert!(
        sams.contains("you until 17:15") && sams.contains("Give back"),
        "{sams}"
    );
    assert!(
        kims.contains("Sam until 17:15") && !kims.contains("Give back"),
        "{kims}"
    );
    assert!(!kims.contains(&format!("action=\"{claim}\"")), "{kims}");
    app.later(15);
    assert_eq!(kim.does(&claim, &[]).await, path(&case));
    let release = format!("{}/release", path(&case));
    assert_eq!(sam.sends(&release, &[]).await.status, 409);
    assert_eq!(kim.does(&release, &[]).await, "/console/queue");
    assert_eq!(kim.sends(&release, &[]).await.status, 409);
    sam.does(&claim, &[]).await;
}

pub async fn who_comes_late_sees_who_has_it(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let kim = Console::open(app, "Kim", "moderator").await;
    let case = case(app, &sam, RED).await;
    let claim = format!("{}/claim", path(&case));
    let both = tokio::join!(sam.sends(&claim, &[]), kim.sends(&claim, &[]));
    let (mut statuses, late) = ([both.0.status, both.1.status], [&both.0, &both.1]);
    let holder = if statuses[0] == 303 { "Sam" } else { "Kim" };
    let late = late
        .into_iter()
        .find(|answer| answer.status == 409)
        .unwrap();
    let said = format!("{holder} is working on this case. Their claim ends at 17:15.");
    assert!(body(late).contains(&said), "{late:#?}");
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    let winner = if holder == "Sam" { &sam } else { &kim };
    winner
        .decides(&case, json!({ "decision": "approve" }))
        .await
        .ok(200);
    let refused = kim.sends(&claim, &[]).await;
    assert_eq!(refused.status, 409);
    assert!(body(&refused).contains("decided already"), "{refused:#?}");
}

pub async fn a_case_is_handed_to_a_colleague_by_name(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let kim = Console::open(app, "Kim", "moderator").await;
    let case = case(app, &sam, RED).await;
    let assign = format!("{}/assign", path(&case));
    let page = sam.reads(&assign).await;
    assert!(
        page.contains("<option value=\"Kim\">Kim, moderator</option>"),
        "{page}"
    );
    assert_eq!(sam.does(&assign, &[("to", "Kim")]).await, "/console/queue");
    let mine = kim.reads("/console/queue?with=me").await;
    assert!(
        mine.contains("you until 17:15") && cases_on(&mine).len() == 1,
        "{mine}"
    );
    assert!(cases_on(&sam.reads("/console/queue?with=me").await).is_empty());
    let line = kim.case_of_id(&case).await["timeline"][0].clone();
    assert_eq!(line["action"], "case.assign");
    let lines = sam.all("/v1/moderation/audit").await;
    let kims = lines
        .iter()
        .rfind(|line| line["action"] == "staff.add")
        .unwrap();
    assert_eq!(line["details"]["to"], kims["subject"]);

    // It stays theirs to look at, and waits for nobody alone.
    app.later(15);
    let mine = kim.reads("/console/queue?with=me").await;
    assert!(
        mine.contains("for you") && cases_on(&mine).len() == 1,
        "{mine}"
    );
    assert!(cases_on(&kim.reads("/console/queue?with=nobody").await).is_empty());
    sam.claims(&case).await.ok(200);
    let taken = sam.case_of_id(&case).await;
    assert_eq!(
        (&taken["claimed_by"], taken.get("assigned_to")),
        (&json!("Sam"), None)
    );
    assert!(cases_on(&kim.reads("/console/queue?with=me").await).is_empty());

    // Over the API; and back.
    let api = format!(
        "/v1/moderation/cases/{}/assign",
        case["id"].as_str().unwrap()
    );
    let handed = sam.post(&api, json!({ "to": "Kim" })).await.ok(200);
    assert_eq!(
        (&handed["claimed_by"], &handed["assigned_to"]),
        (&json!("Kim"), &json!("Kim"))
    );
    kim.claims(&case).await.ok(200);
    let back = kim.releases(&case).await.ok(200);
    assert_eq!(
        (back.get("claimed_by"), back.get("assigned_to")),
        (None, None)
    );
}

pub async fn only_who_may_take_a_case_gets_it(app: &App) {
    let sam = Console::open(app, "Sam", "lead").await;
    let kim = Console::open(app, "Kim", "moderator").await;
    app.staff("Ana", "analyst").await;
    let case = case(app, &sam, CRISIS).await;
    let assign = format!("{}/assign", path(&case));
    let api = format!(
        "/v1/moderation/cases/{}/assign",
        case["id"].as_str().unwrap()
    );
    for nobody in ["Ana", "Zed", "", "a\0b"] {
        let refused = sam.sends(&assign, &[("to", nobody)]).await;
        assert_eq!(refused.status, 400, "{nobody:?}: {refused:#?}");
        assert_eq!(sam.post(&api, json!({ "to": nobody })).await.fault(), "to");
    }
    assert!(!sam.reads(&assign).await.contains("Ana"));
    kim.escalates(&case).await;
    assert!(!sam.reads(&assign).await.contains(">Kim, moderator<"));
    assert_eq!(sam.sends(&assign, &[("to", "Kim")]).await.status, 400);
    let refused = kim.sends(&format!("{}/claim", path(&case)), &[]).await;
    assert_eq!(refused.status, 403, "it waits for a lead: {refused:#?}");
    kim.does(&assign, &[("to", "Sam")]).await;
    sam.decides(&case, json!({ "decision": "approve" }))
        .await
        .ok(200);
    assert_eq!(sam.sends(&assign, &[("to", "Sam")]).await.status, 409);
    let nowhere = format!("/v1/moderation/cases/{}/assign", uuid::Uuid::max());
    sam.post(&nowhere, json!({ "to": "Kim" }))
        .await
        .refused(404);
}

pub async fn what_another_works_on_only_a_lead_hands_on(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let kim = Console::open(app, "Kim", "moderator").await;
    let lea = Console::open(app, "Lea", "lead").await;
    let case = case(app, &sam, RED).await;
    let assign = format!("{}/assign", path(&case));
    sam.claims(&case).await.ok(200);
    let refused = kim.sends(&assign, &[("to", "Kim")]).await;
    assert_eq!(refused.status, 409);
    assert!(
        body(&refused).contains("Sam is working on this case"),
        "{refused:#?}"
    );
    lea.does(&assign, &[("to", "Kim")]).await;
    assert_eq!(
        sam.decides(&case, json!({ "decision": "approve" }))
            .await
            .status,
        409
    );
    kim.decides(&case, json!({ "decision": "approve" }))
        .await
        .ok(200);
}

pub async fn assignments_at_once_leave_one_holder(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let mut others = Vec::new();
    for name in ["A", "B", "C", "D"] {
        others.push(app.staff(name, "moderator").await);
    }
    let case = case(app, &sam, RED).await;
    let api = format!(
        "/v1/moderation/cases/{}/assign",
        case["id"].as_str().unwrap()
    );
    let all = others
        .iter()
        .map(|one| one.post(&api, json!({ "to": one.name })));
    let answers = join_all(all).await;
    let won: Vec<&str> = (answers.iter().zip(&others))
        .filter(|(answer, _)| answer.status == 200)
        .map(|(_, one)| one.name.as_str())
        .collect();
    assert_eq!(won.len(), 1, "{answers:#?}");
    assert_eq!(sam.case_of_id(&case).await["claimed_by"], won[0]);
    let lines = sam.case_of_id(&case).await["timeline"].clone();
    assert_eq!(lines.as_array().unwrap().len(), 1, "{lines}");
}
