//! Looking behind anonymity: never alone, never twice, never without saying whether the young
//! person was told.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Console, GREEN, Member, Person, Posted, RED, account};

const DISCLOSURES: &str = "/v1/safeguarding/disclosures";
const REASON: &str = "says that they will not be home tonight";

/// A young person with two posts, one of which has a case.
struct Setting<'a> {
    mia: Person<'a>,
    green: Posted,
    case: Value,
    ada: Member<'a>,
    ben: Member<'a>,
}

async fn setting(app: &App) -> Setting<'_> {
    let (ada, ben) = (
        app.staff("Ada", "lead").await,
        app.staff("Ben", "admin").await,
    );
    let mia = app.person("13-15").await;
    let profile = json!({ "area": "E08000009" });
    mia.patch("/v1/me", profile).await.ok(200);
    let green = mia.posts(GREEN).await;
    app.later(1);
    let case = ada.case_of(&mia.posts(RED).await).await;
    Setting {
        mia,
        green,
        case,
        ada,
        ben,
    }
}

fn request(case: &Value, asks: &[&str]) -> Value {
    json!({
        "case_id": case["id"], "asks": asks, "reason": REASON,
        "recipient": "Greater Manchester Police", "reference": "Log 77",
        "necessity": "nobody else can find them",
    })
}

impl Setting<'_> {
    /// Ada asks: the path of her request.
    async fn asked(&self) -> String {
        let asks = ["posts", "age_band", "area"];
        let made = self.ada.post(DISCLOSURES, request(&self.case, &asks)).await;
        format!("{DISCLOSURES}/{}", made.ok(201)["id"].as_str().unwrap())
    }
}

async fn answers(member: &Member<'_>, path: &str, approve: bool) -> crate::harness::Answer {
    let answer = json!({ "approve": approve });
    member.post(&format!("{path}/answer"), answer).await
}

async fn looks(member: &Member<'_>, path: &str) -> crate::harness::Answer {
    member.post(&format!("{path}/look"), Value::Null).await
}

async fn tells(member: &Member<'_>, path: &str) -> crate::harness::Answer {
    let told = json!({ "told": false, "words": "the father reads their phone" });
    member.post(&format!("{path}/told"), told).await
}

pub async fn two_people_and_one_look(app: &App) {
    let setting = setting(app).await;
    let (ada, ben) = (&setting.ada, &setting.ben);
    let path = setting.asked().await;
    looks(ada, &path).await.refused(409);
    tells(ada, &path).await.refused(409);
    let asked = ben.get(&path).await.ok(200);
    assert_eq!(
        (
            &asked["state"],
            &asked["requested_by"],
            &asked["request"]["reason"]
        ),
        (&json!("requested"), &json!("Ada"), &json!(REASON))
    );
    answers(ben, &path, true).await.ok(200);
    looks(ben, &path).await.refused(409);
    let seen = looks(ada, &path).await.ok(200);
    assert_eq!(
        (&seen["age_band"], &seen["area"], &seen["area_name"]),
        (&json!("13-15"), &json!("E08000009"), &json!("Trafford"))
    );
    let texts: Vec<&Value> = (seen["posts"].as_array().unwrap().iter())
        .map(|post| &post["text"])
        .collect();
    assert_eq!(texts, [GREEN, RED]);
    assert!(
        !seen
            .to_string()
            .contains(&account(&setting.mia).to_string())
    );
    looks(ada, &path).await.refused(409);
    answers(ben, &path, true).await.refused(409);
    answers(ben, &path, false).await.refused(409);

    assert_eq!(ada.get(&path).await.ok(200)["state"], "looked");
    tells(ben, &path).await.refused(409);
    let complete = tells(ada, &path).await.ok(200);
    assert_eq!(complete["state"], "complete");
    assert_eq!(complete["told"]["told"], false);
    tells(ada, &path).await.refused(409);
    looks(ada, &path).await.refused(409);

    let timeline = ada.case_of_id(&setting.case).await["timeline"].clone();
    let steps: Vec<&str> = (timeline.as_array().unwrap().iter())
        .map(|step| step["action"].as_str().unwrap())
        .collect();
    let all = ["request", "answer", "look", "tell"].map(|step| format!("disclosure.{step}"));
    assert_eq!(steps, all);
    assert_eq!(timeline[3]["details"]["told"], false);
}

pub async fn nobody_agrees_with_themself(app: &App) {
    let setting = setting(app).await;
    let path = setting.asked().await;
    let problem = answers(&setting.ada, &path, true).await.refused(409);
    assert!(problem["detail"].as_str().unwrap().contains("your own"));
    answers(&setting.ada, &path, false).await.refused(409);
    looks(&setting.ada, &path).await.refused(409);
    let alone = "UPDATE disclosures SET state = 'approved', answered_at = 0,
        answered_by = requested_by";
    let refused = app.database.write(alone).await;
    assert!(refused.is_err(), "the database says so too");
}

pub async fn what_is_refused_is_never_seen(app: &App) {
    let setting = setting(app).await;
    let path = setting.asked().await;
    answers(&setting.ben, &path, false).await.ok(200);
    looks(&setting.ada, &path).await.refused(409);
    let cleo = app.staff("Cleo", "lead").await;
    answers(&cleo, &path, true).await.refused(409);
    looks(&setting.ada, &path).await.refused(409);
    assert_eq!(setting.ada.get(&path).await.ok(200)["state"], "refused");
}

pub async fn what_runs_out_is_never_seen(app: &App) {
    // Sessions last twelve hours.
    let begin = setting(app).await;
    let path = begin.asked().await;
    app.later(24 * 60);
    let cleo = app.staff("Cleo", "admin").await;
    answers(&cleo, &path, true).await.refused(409);
    assert_eq!(cleo.get(&path).await.ok(200)["state"], "expired");

    let setting = Setting {
        ada: app.staff("Ida", "lead").await,
        ..begin
    };
    let path = setting.asked().await;
    answers(&cleo, &path, true).await.ok(200);
    app.later(60);
    looks(&setting.ada, &path).await.refused(409);
    assert_eq!(setting.ada.get(&path).await.ok(200)["state"], "expired");
    let path = setting.asked().await;
    answers(&cleo, &path, true).await.ok(200);
    app.later(59);
    looks(&setting.ada, &path).await.ok(200);
}

pub async fn of_two_answers_at_once_one_counts(app: &App) {
    let setting = setting(app).await;
    let cleo = app.staff("Cleo", "lead").await;
    for _ in 0..3 {
        let path = setting.asked().await;
        let (yes, no) = tokio::join!(
            answers(&setting.ben, &path, true),
            answers(&cleo, &path, false)
        );
        let mut statuses = [yes.status, no.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        let look = looks(&setting.ada, &path).await;
        assert_eq!(look.status == 200, yes.status == 200, "{look:#?}");
    }
}

pub async fn of_two_looks_at_once_one_sees(app: &App) {
    let setting = setting(app).await;
    let path = setting.asked().await;
    answers(&setting.ben, &path, true).await.ok(200);
    let (one, other) = tokio::join!(looks(&setting.ada, &path), looks(&setting.ada, &path));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let lines = "SELECT count(*) FROM audit WHERE action = 'disclosure.look'";
    assert_eq!(app.database.number(lines).await, 1);
}

pub async fn no_other_role_comes_near_it(app: &App) {
    let setting = setting(app).await;
    let path = setting.asked().await;
    let before = app.database.count("disclosures").await;
    for role in ["moderator", "analyst", "org_worker"] {
        let other = app.staff(role, role).await;
        other.get(DISCLOSURES).await.refused(403);
        other.get(&path).await.refused(403);
        let asked = request(&setting.case, &["posts"]);
        other.post(DISCLOSURES, asked).await.refused(403);
        answers(&other, &path, true).await.refused(403);
        looks(&other, &path).await.refused(403);
        tells(&other, &path).await.refused(403);
    }
    setting.mia.get(&path).await.refused(401);
    assert_eq!(app.database.count("disclosures").await, before);
    assert_eq!(setting.ada.get(&path).await.ok(200)["state"], "requested");
}

pub async fn who_has_left_cannot_be_seen(app: &App) {
    let setting = setting(app).await;
    let path = setting.asked().await;
    answers(&setting.ben, &path, true).await.ok(200);
    setting.mia.delete("/v1/me").await.ok(204);
    let problem = looks(&setting.ada, &path).await.refused(409);
    assert!(problem["detail"].as_str().unwrap().contains("erased"));
    assert_eq!(setting.ada.get(&path).await.ok(200)["state"], "approved");
    let again = request(&setting.case, &["posts"]);
    setting.ada.post(DISCLOSURES, again).await.refused(409);
    let nowhere = request(&json!({ "id": uuid::Uuid::nil() }), &["posts"]);
    setting.ada.post(DISCLOSURES, nowhere).await.refused(404);
}

pub async fn what_was_asked_for_is_all_that_is_shown(app: &App) {
    let setting = setting(app).await;
    for asks in [&[][..], &["posts"; 4], &["name"]] {
        let asked = request(&setting.case, asks);
        let fault = setting.ada.post(DISCLOSURES, asked).await.fault();
        assert!(fault.starts_with("asks"), "{asks:?}: {fault}");
    }
    for (asks, shown) in [
        (&["age_band"][..], &["age_band"][..]),
        (&["area"], &["area", "area_name"]),
        (&["posts"], &["posts"]),
    ] {
        let made = setting.ada.post(DISCLOSURES, request(&setting.case, asks));
        let made = made.await.ok(201);
        let path = format!("{DISCLOSURES}/{}", made["id"].as_str().unwrap());
        answers(&setting.ben, &path, true).await.ok(200);
        let seen = looks(&setting.ada, &path).await.ok(200);
        let fields: Vec<&String> = seen.as_object().unwrap().keys().collect();
        assert_eq!(fields, shown);
    }
    assert_eq!(setting.ada.all(DISCLOSURES).await.len(), 3);
    assert_eq!(setting.green.post["state"], "live");
}

pub async fn no_words_are_on_the_record_or_in_a_stolen_database(app: &App) {
    let setting = setting(app).await;
    let path = setting.asked().await;
    answers(&setting.ben, &path, true).await.ok(200);
    looks(&setting.ada, &path).await.ok(200);
    tells(&setting.ada, &path).await.ok(200);
    let dump = app.database.dump().await;
    for secret in [
        REASON,
        "Greater Manchester",
        "Log 77",
        "nobody else",
        "father",
    ] {
        assert_eq!(dump.places_of(secret), [].into(), "{secret}");
    }
    let of_account = account(&setting.mia).to_string().replace('-', "");
    let places = dump.places_of(&of_account);
    let of_accounts = ["accounts.id", "token_families.account_id"];
    assert_eq!(places, of_accounts.map(String::from).into());
}

pub async fn it_is_done_on_pages(app: &App) {
    let ada = Console::open(app, "Ada", "lead").await;
    let ben = Console::open(app, "Ben", "lead").await;
    let sam = Console::open(app, "Sam", "moderator").await;
    let mia = app.person("13-15").await;
    mia.posts("<b>my puppy</b> & me").await;
    let case = ada.case_of(&mia.posts(RED).await).await;
    let id = case["id"].as_str().unwrap();
    let home = "/console/safeguarding/disclosures";
    let form_page = format!("{home}/new?case={id}");
    assert!(
        ada.reads(&form_page)
            .await
            .contains("Why nothing less will do")
    );
    let form = [
        ("case_id", id),
        ("asks", "posts"),
        ("asks", "age_band"),
        ("reason", "<i>why</i>"),
        ("necessity", "no other way"),
        ("recipient", "Kent Police"),
        ("reference", ""),
    ];
    let unsigned = ada.asks(Method::POST, home).form(&form);
    assert_eq!(app.send(unsigned).await.status, 403);
    for path in [home, &form_page] {
        assert_eq!(sam.visits(path).await.status, 403);
    }
    assert_eq!(sam.sends(home, &form).await.status, 403);
    let path = ada.does(home, &form).await;
    let own = ada.reads(&path).await;
    assert!(
        own.contains("&lt;i&gt;why") && !own.contains("/answer"),
        "{own}"
    );
    let (answer, look, told) = (
        format!("{path}/answer"),
        format!("{path}/look"),
        format!("{path}/told"),
    );
    let agree = [("approve", "true")];
    assert_eq!(ada.sends(&answer, &agree).await.status, 409);
    assert_eq!(sam.sends(&answer, &agree).await.status, 403);
    assert!(
        ben.reads("/console/safeguarding")
            .await
            .contains("to be seen to")
    );
    assert!(ben.reads("/console").await.contains(&path), "on top");
    assert!(!ada.reads("/console").await.contains(&path), "not her own");
    assert!(ben.reads(&path).await.contains("Agree"));
    ben.does(&answer, &agree).await;
    assert_eq!(ben.sends(&look, &[]).await.status, 409);
    assert_eq!(
        ada.visits(&look).await.status,
        405,
        "nobody looks by a link"
    );
    let seen = ada.sends(&look, &[]).await.ok(200);
    let seen = seen.as_str().unwrap();
    assert!(
        seen.contains("&lt;b&gt;my puppy&lt;/b&gt; &amp; me"),
        "{seen}"
    );
    assert!(
        seen.contains("13-15") && seen.contains("was the young person told")
            || seen.contains("Was the young person told?"),
        "{seen}"
    );
    assert_eq!(ada.sends(&look, &[]).await.status, 409, "it is shown once");

    let unfinished = ben.reads(home).await;
    let on_top = unfinished.split_once("All requests").unwrap().0;
    assert!(on_top.contains(&path), "until it is said: {unfinished}");
    let words = [("told", "false"), ("words", "it would put them in danger")];
    assert!(
        ada.reads("/console").await.contains(&path),
        "it waits for her"
    );
    assert_eq!(ada.sends(&told, &words[..1]).await.status, 400);
    ada.does(&told, &words).await;
    let finished = ben.reads(home).await;
    let on_top = finished.split_once("All requests").unwrap().0;
    assert!(!on_top.contains(&path), "{finished}");
    assert!(
        ben.reads(&path)
            .await
            .contains("The young person was not told")
    );
}
