//! Safeguarding records: opened, added to, closed, and kept.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, App, CRISIS, Console, Engine, Member, RED};

const RECORDS: &str = "/v1/safeguarding/records";
/// Words that a test looks for.
const WORDS: &str = "a bruise in the shape of a belt";

fn concern(case: &Value) -> Value {
    json!({ "case_id": case["id"], "category": "physical_abuse", "risk": "high", "words": WORDS })
}

/// A moderator opens a record about a new case: its path.
async fn opened(app: &App, sam: &Member<'_>) -> (Value, String) {
    let mia = app.person("13-15").await;
    let case = sam.case_of(&mia.posts(RED).await).await;
    let record = sam.post(RECORDS, concern(&case)).await.ok(201);
    let path = format!("{RECORDS}/{}", record["id"].as_str().unwrap());
    (case, path)
}

fn words(words: &str) -> Value {
    json!({ "words": words })
}

fn decision() -> Value {
    json!({ "decision": "referred_to_social_care", "reference": "R 1", "words": "the risk is high" })
}

pub async fn a_record_closes_when_all_four_are_written(app: &App) {
    let (sam, ada) = (
        app.staff("Sam", "moderator").await,
        app.staff("Ada", "lead").await,
    );
    let (case, path) = opened(app, &sam).await;
    let close = format!("{path}/close");
    let problem = ada.post(&close, Value::Null).await.refused(409);
    let detail = problem["detail"].as_str().unwrap();
    for missing in ["one action", "the decision", "the outcome"] {
        assert!(detail.contains(missing), "{detail}");
    }
    assert!(!detail.contains("the concern"), "{detail}");

    let add = async |what: &str, entry: Value| ada.post(&format!("{path}/{what}"), entry).await;
    sam.post(&format!("{path}/actions"), words("rang the school"))
        .await
        .ok(200);
    add("decisions", decision()).await.ok(200);
    let problem = ada.post(&close, Value::Null).await.refused(409);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.ends_with("write down the outcome."), "{detail}");
    add("outcomes", words("taken on")).await.ok(200);
    let told = json!({ "told": false, "words": "it would put them in danger" });
    add("told", told).await.ok(200);

    sam.post(&close, Value::Null).await.refused(403);
    let closed = ada.post(&close, Value::Null).await.ok(200);
    assert_eq!(closed["closed_by"], "Ada");
    assert_eq!(closed["missing"], json!([]));
    ada.post(&close, Value::Null).await.refused(409);
    add("actions", words("one more")).await.refused(409);
    assert_eq!(ada.all(RECORDS).await.len(), 0);
    assert_eq!(ada.all(&format!("{RECORDS}?state=closed")).await.len(), 1);

    let timeline = ada.case_of_id(&case).await["timeline"].clone();
    let actions: Vec<&str> = (timeline.as_array().unwrap().iter())
        .map(|step| step["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions[0], "safeguarding.open");
    assert_eq!(actions.last(), Some(&"safeguarding.close"));
    assert!(!timeline.to_string().contains("school"), "{timeline}");
}

pub async fn a_record_is_only_ever_added_to(app: &App) {
    let ada = app.staff("Ada", "lead").await;
    let (_, path) = opened(app, &ada).await;
    for (risk, words) in [("immediate", "worse"), ("low", "better")] {
        let concern = json!({ "category": "neglect", "risk": risk, "words": words });
        ada.post(&format!("{path}/concerns"), concern).await.ok(200);
    }
    let record = ada.get(&path).await.ok(200);
    let entries = record["entries"].as_array().unwrap();
    let risks: Vec<&Value> = entries.iter().map(|entry| &entry["risk"]).collect();
    assert_eq!(risks, ["high", "immediate", "low"]);
    assert_eq!(
        (&entries[0]["words"], &entries[0]["by"], &entries[2]["n"]),
        (&json!(WORDS), &json!("Ada"), &json!(3))
    );
    for sql in [
        "UPDATE safeguarding_entries SET made_at = 0",
        "UPDATE safeguarding_entries SET n = n + 10",
    ] {
        let refused = app.database.write(sql).await.unwrap_err().to_string();
        assert!(refused.contains("only added to"), "{refused}");
    }
}

pub async fn of_records_opened_at_once_there_is_one(app: &App) {
    let (sam, ada) = (
        app.staff("Sam", "moderator").await,
        app.staff("Ada", "lead").await,
    );
    let mia = app.person("13-15").await;
    let case = sam.case_of(&mia.posts(RED).await).await;
    let (one, other) = tokio::join!(
        sam.post(RECORDS, concern(&case)),
        ada.post(RECORDS, concern(&case))
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(app.database.count("safeguarding_entries").await, 1);
    let nowhere = json!({ "id": uuid::Uuid::nil() });
    sam.post(RECORDS, concern(&nowhere)).await.refused(404);
}

pub async fn a_record_is_for_leads_and_whoever_opened_it(app: &App) {
    let (sam, kim) = (
        app.staff("Sam", "moderator").await,
        app.staff("Kim", "moderator").await,
    );
    let ada = app.staff("Ada", "lead").await;
    let (case, path) = opened(app, &sam).await;
    sam.get(&path).await.ok(200);
    ada.get(&path).await.ok(200);
    kim.get(&path).await.refused(403);
    assert_eq!(kim.all(RECORDS).await.len(), 0);
    assert_eq!(sam.all(RECORDS).await.len(), 1);
    let action = format!("{path}/actions");
    kim.post(&action, words("mine")).await.refused(403);
    sam.post(&format!("{path}/decisions"), decision())
        .await
        .refused(403);
    sam.post(&format!("{path}/outcomes"), words("done"))
        .await
        .refused(403);
    for role in ["analyst", "org_worker", "admin"] {
        let other = app.staff(role, role).await;
        other.get(RECORDS).await.refused(403);
        other.get(&path).await.refused(403);
        other.post(RECORDS, concern(&case)).await.refused(403);
        other.post(&action, words("mine")).await.refused(403);
    }
    let mia = app.person("13-15").await;
    mia.get(&path).await.refused(401);
    ada.get(&format!("{RECORDS}/{}", uuid::Uuid::nil()))
        .await
        .refused(404);
}

pub async fn what_is_written_is_sealed(app: &App) {
    let ada = app.staff("Ada", "lead").await;
    let (_, path) = opened(app, &ada).await;
    ada.post(&format!("{path}/decisions"), decision())
        .await
        .ok(200);
    let dump = app.database.dump().await;
    for secret in [WORDS, "physical_abuse", "referred_to_social_care", "R 1"] {
        assert_eq!(dump.places_of(secret), [].into(), "{secret}");
    }
    // Moved to another place, it opens no more.
    let entries = "SELECT record_id, n + 5, kind, made_by, made_at, sealed";
    let moved = format!("INSERT INTO safeguarding_entries {entries} FROM safeguarding_entries");
    app.database.write(&moved).await.unwrap();
    let request = ada.request(Method::GET, &path).build().unwrap();
    Answer::to(&app.http, request).await.refused(500);
}

pub async fn a_case_is_decided_while_its_record_is_open(app: &App) {
    let (sam, ada) = (
        app.staff("Sam", "moderator").await,
        app.staff("Ada", "lead").await,
    );
    let (case, path) = opened(app, &sam).await;
    sam.claims(&case).await.ok(200);
    let decline = json!({ "decision": "decline", "reason": "other" });
    sam.decides(&case, decline).await.ok(200);
    let open = ada.all(RECORDS).await;
    assert_eq!(open.len(), 1, "it stays on the list");
    sam.post(&format!("{path}/actions"), words("still at it"))
        .await
        .ok(200);
}

pub async fn a_record_outlives_the_account(app: &App) {
    let ada = app.staff("Ada", "lead").await;
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let case = ada.case_of(&mia.posts(CRISIS).await).await;
    let record = ada.post(RECORDS, concern(&case)).await.ok(201);
    let export = mia.get("/v1/me/export").await.ok(200);
    assert!(!export.to_string().contains(WORDS));
    let kept = &export["kept_apart"];
    assert!(kept.as_str().unwrap().contains("in danger"), "{kept}");
    let theirs = zoe.get("/v1/me/export").await.ok(200);
    assert_eq!(&theirs["kept_apart"], kept, "it tells nobody of a record");
    mia.delete("/v1/me").await.ok(204);
    let path = format!("{RECORDS}/{}", record["id"].as_str().unwrap());
    assert_eq!(ada.get(&path).await.ok(200)["entries"][0]["words"], WORDS);
}

pub async fn an_admin_erases_what_was_kept_for_long_enough(app: &App) {
    let ada = app.staff("Ada", "lead").await;
    let eve = app.staff("Eve", "admin").await;
    let (_, path) = opened(app, &ada).await;
    eve.delete(&path).await.refused(409);
    ada.post(&format!("{path}/actions"), words("rang"))
        .await
        .ok(200);
    ada.post(&format!("{path}/decisions"), decision())
        .await
        .ok(200);
    ada.post(&format!("{path}/outcomes"), words("safe"))
        .await
        .ok(200);
    ada.post(&format!("{path}/close"), Value::Null)
        .await
        .ok(200);
    let problem = eve.delete(&path).await.refused(409);
    assert!(problem["detail"].as_str().unwrap().contains("2040"));
    ada.delete(&path).await.refused(403);

    app.later(14 * 366 * 24 * 60);
    let eve = Console::open(app, "Eva", "admin").await;
    let page = eve.reads("/console/safeguarding").await;
    let id = path.rsplit('/').next().unwrap();
    assert!(page.contains(id) && !page.contains("belt"), "{page}");
    let erase = format!("/console/safeguarding/{id}/erase");
    eve.does(&erase, &[]).await;
    assert_eq!(eve.sends(&erase, &[]).await.status, 404);
    for table in ["safeguarding_records", "safeguarding_entries"] {
        assert_eq!(app.database.count(table).await, 0, "{table}");
    }
    let lines = app
        .database
        .number("SELECT count(*) FROM audit WHERE action = 'safeguarding.erase'");
    assert_eq!(lines.await, 1, "that there was one is on the record");
}

pub async fn a_record_is_written_on_its_page(app: &App) {
    let ada = Console::open(app, "Ada", "lead").await;
    let sam = Console::open(app, "Sam", "moderator").await;
    let mia = app.person("13-15").await;
    let case = ada.case_of(&mia.posts(RED).await).await;
    let id = case["id"].as_str().unwrap();
    let about = format!("/console/safeguarding/about?case={id}");
    let page = sam.reads(&about).await;
    assert!(page.contains("Open a safeguarding record"), "{page}");

    let hostile = "<script>alert(1)</script> \" ' & ]]>";
    let form = [
        ("case_id", id),
        ("category", "neglect"),
        ("risk", "high"),
        ("words", hostile),
    ];
    let unsigned = sam.asks(Method::POST, "/console/safeguarding").form(&form);
    assert_eq!(app.send(unsigned).await.status, 403);
    let path = sam.does("/console/safeguarding", &form).await;
    let again = sam.sends("/console/safeguarding", &form).await;
    assert_eq!(again.status, 409, "one is open");

    let page = sam.reads(&path).await;
    assert!(
        page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
        "{page}"
    );
    assert!(!page.contains("<script>alert"), "{page}");
    assert!(!page.contains("/close"), "that is a lead's");
    assert!(sam.reads(&about).await.contains(&path));

    let overview = ada.reads("/console/safeguarding").await;
    assert!(overview.contains(&path) && overview.contains("the outcome"));
    let empty = ada
        .sends(&format!("{path}/actions"), &[("words", " \r\n ")])
        .await;
    assert_eq!(empty.status, 400);
    let steps: [(&str, &[(&str, &str)]); 4] = [
        ("actions", &[("words", "rang the school\r\nand the nurse")]),
        (
            "decisions",
            &[
                ("decision", "signposted"),
                ("reference", ""),
                ("words", "enough"),
            ],
        ),
        ("outcomes", &[("words", "they are safe")]),
        ("told", &[("told", "true"), ("words", "in our answer")]),
    ];
    let close = format!("{path}/close");
    for (what, fields) in steps {
        if what != "told" {
            assert_eq!(ada.sends(&close, &[]).await.status, 409, "{what}");
        }
        assert_eq!(ada.does(&format!("{path}/{what}"), fields).await, path);
    }
    ada.does(&close, &[]).await;
    let listed = async |query: &str| {
        let page = ada.reads(&format!("/console/safeguarding{query}")).await;
        page.contains(&path)
    };
    assert!(listed("?state=closed").await && !listed("").await);
    let page = ada.reads(&path).await;
    assert!(
        page.contains("Kept until") && page.contains("They were told."),
        "{page}"
    );
    assert!(!page.contains("Add to it"), "{page}");
    let nobody = match app.database.engine {
        Engine::Embedded => "org_worker",
        Engine::Production => "analyst",
    };
    let nobody = Console::open(app, "Nobody", nobody).await;
    for path in [&path, &about, "/console/safeguarding"] {
        assert_eq!(nobody.visits(path).await.status, 403, "{path}");
    }
}
