//! Who is on call, and what rings for them.

use hearth::posts::Posts;
use hearth::safeguarding::escalations;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, CRISIS, Console, RED};

const ROTA: &str = "/console/safeguarding/rota";
/// What stands on the page of whom a case rings for.
const BELL: &str = "A case needs a lead";

/// What the form calls a lead.
async fn id_of(console: &Console<'_>, name: &str) -> String {
    let page = console.reads(ROTA).await;
    let (before, _) = page.split_once(&format!("\">{name}</option>")).unwrap();
    before.rsplit('"').next().unwrap().to_owned()
}

/// A wall clock in the United Kingdom, so many minutes from now.
fn uk(app: &App, minutes: u64) -> String {
    let then = app
        .clock
        .now()
        .plus(std::time::Duration::from_secs(60 * minutes));
    then.in_uk().strftime("%Y-%m-%dT%H:%M").to_string()
}

/// Puts leads on call for the next day, in this order.
async fn on_call(app: &App, by: &Console<'_>, leads: &[&str]) {
    for (n, name) in leads.iter().enumerate() {
        on_call_for(app, by, name, n + 1, 24 * 60).await;
    }
}

async fn on_call_for(app: &App, by: &Console<'_>, name: &str, place: usize, minutes: u64) {
    let (id, place) = (id_of(by, name).await, place.to_string());
    let form = [
        ("lead", &*id),
        ("from", &uk(app, 0)),
        ("to", &uk(app, minutes)),
        ("place", &place),
    ];
    assert_eq!(by.does(ROTA, &form).await, ROTA);
}

/// A moderator escalates a new post.
async fn escalates(app: &App, sam: &Console<'_>, text: &str) -> Value {
    let mia = app.person("13-15").await;
    let post = mia.posts(text).await;
    sam.settles(&post, json!({ "decision": "escalate" })).await
}

/// Does what is done every few seconds.
async fn looks(app: &App) {
    let posts: Posts = app.part().await;
    escalations::once(&posts).await.unwrap();
}

async fn rings(console: &Console<'_>) -> bool {
    console.reads("/console").await.contains(BELL)
}

/// The button on a lead's page.
async fn bell(console: &Console<'_>) -> String {
    let page = console.reads("/console").await;
    let (_, rest) = page
        .split_once("action=\"/console/safeguarding/esc")
        .unwrap();
    let path = rest.split('"').next().unwrap();
    format!("/console/safeguarding/esc{path}")
}

async fn staff(app: &App) -> (Console<'_>, Console<'_>, Console<'_>, Console<'_>) {
    (
        Console::open(app, "Ada", "lead").await,
        Console::open(app, "Ben", "lead").await,
        Console::open(app, "Cleo", "lead").await,
        Console::open(app, "Sam", "moderator").await,
    )
}

pub async fn the_rota_says_who_is_on_call_and_when_nobody_is(app: &App) {
    let (ada, _, _, sam) = staff(app).await;
    let page = sam.reads(ROTA).await;
    assert!(page.contains("nobody is on call"), "{page}");
    assert!(page.contains("Nobody is on the rota"), "{page}");
    on_call(app, &ada, &["Ada", "Ben"]).await;
    let page = sam.reads(ROTA).await;
    assert!(
        page.contains("Ada <span class=\"tag\">now</span>"),
        "{page}"
    );
    assert!(page.contains("1st") && page.contains("2nd"), "{page}");
    assert!(page.contains("nobody is on call"), "after the first day");
    assert!(!page.contains("Put somebody on call"), "moderators read it");

    let cleo = id_of(&ada, "Cleo").await;
    let form = [
        ("lead", &*cleo),
        ("from", &uk(app, 23 * 60)),
        ("to", &uk(app, 8 * 24 * 60)),
        ("place", "1"),
    ];
    ada.does(ROTA, &form).await;
    let page = ada.reads(ROTA).await;
    assert!(page.contains("at every hour of the next 7 days"), "{page}");

    let remove = page
        .split_once("action=\"/console/safeguarding/rota/")
        .unwrap();
    let remove = format!("{ROTA}/{}", remove.1.split('"').next().unwrap());
    ada.does(&remove, &[]).await;
    assert_eq!(ada.sends(&remove, &[]).await.status, 404, "it is gone");
    assert_eq!(app.database.count("on_call").await, 2);
}

pub async fn leads_and_admins_alone_change_the_rota(app: &App) {
    let (ada, _, _, sam) = staff(app).await;
    let eve = Console::open(app, "Eve", "admin").await;
    let id = id_of(&ada, "Ada").await;
    let (from, to) = (uk(app, 0), uk(app, 60));
    let form =
        |from, to, lead, place| [("lead", lead), ("from", from), ("to", to), ("place", place)];
    let good = form(&*from, &*to, &*id, "1");
    assert_eq!(sam.sends(ROTA, &good).await.status, 403);
    let unsigned = ada.asks(Method::POST, ROTA).form(&good);
    assert_eq!(app.send(unsigned).await.status, 403);
    let nobody = uuid::Uuid::nil().to_string();
    let long = uk(app, 15 * 24 * 60);
    for bad in [
        form(&*to, &*from, &*id, "1"),
        form(&*from, &*from, &*id, "1"),
        form(&*from, &*long, &*id, "1"),
        form("2020-01-01T10:00", "2020-01-02T10:00", &*id, "1"),
        form("tomorrow", &*to, &*id, "1"),
        form(&*from, &*to, &*nobody, "1"),
        form(&*from, &*to, "Ada", "1"),
        form(&*from, &*to, &*id, "0"),
        form(&*from, &*to, &*id, "10"),
        form(&*from, &*to, &*id, "256"),
    ] {
        let answer = ada.sends(ROTA, &bad).await;
        assert_eq!(answer.status, 400, "{bad:?}: {answer:#?}");
    }
    assert_eq!(app.database.count("on_call").await, 0);
    eve.does(ROTA, &good).await;
    let ana = Console::open(app, "Ana", "analyst").await;
    assert_eq!(ana.visits(ROTA).await.status, 403);
}

pub async fn an_escalated_case_rings_until_a_lead_has_taken_it(app: &App) {
    let (ada, ben, _, sam) = staff(app).await;
    on_call(app, &ada, &["Ada", "Ben"]).await;
    let case = escalates(app, &sam, CRISIS).await;
    assert_eq!(case["state"], "escalated");
    assert!(rings(&ada).await && !rings(&ben).await && !rings(&sam).await);
    let lost = ada.visits("/console/nowhere").await;
    assert!(lost.body.as_str().unwrap().contains(BELL), "on every page");
    let fragment = ada.reads("/console/safeguarding/ringing").await;
    assert!(fragment.contains(BELL) && !fragment.contains("<html"));
    let nothing = ben.visits("/console/safeguarding/ringing").await;
    assert_eq!(nothing.ok(200), Value::Null);

    let path = bell(&ada).await;
    assert_eq!(sam.sends(&path, &[]).await.status, 403);
    let unsigned = app.send(ada.asks(Method::POST, &path)).await;
    assert_eq!(unsigned.status, 403);
    let id = case["id"].as_str().unwrap();
    assert_eq!(ada.does(&path, &[]).await, format!("/console/cases/{id}"));
    assert!(!rings(&ada).await);
    let late = ben.sends(&path, &[]).await;
    assert_eq!(late.status, 409);
    assert!(late.body.as_str().unwrap().contains("Ada has acknowledged"));
    app.later(60);
    looks(app).await;
    assert!(!rings(&ben).await, "it does not ring any more");
    let about = format!("/console/safeguarding/about?case={id}");
    let about = sam.reads(&about).await;
    assert!(about.contains("Ada has taken it."), "{about}");
}

pub async fn who_does_not_answer_is_passed_over(app: &App) {
    let (ada, ben, cleo, sam) = staff(app).await;
    on_call(app, &ada, &["Ada", "Ben"]).await;
    let case = escalates(app, &sam, CRISIS).await;
    app.later(9);
    looks(app).await;
    assert!(rings(&ada).await && !rings(&ben).await);
    app.later(1);
    looks(app).await;
    assert!(!rings(&ada).await && rings(&ben).await && !rings(&cleo).await);
    app.later(10);
    looks(app).await;
    assert!(rings(&ada).await && rings(&ben).await && rings(&cleo).await);
    let figures = app.get("/metrics").await.ok(200);
    let figures = figures.as_str().unwrap();
    assert!(figures.contains("hearth_escalations_unacknowledged"));
    app.later(10);
    looks(app).await;
    assert!(rings(&cleo).await, "until somebody answers");
    cleo.does(&bell(&cleo).await, &[]).await;
    assert!(!rings(&ada).await && !rings(&cleo).await);

    let timeline = sam.case_of_id(&case).await["timeline"].clone();
    let rings: Vec<&Value> = (timeline.as_array().unwrap().iter())
        .filter(|step| step["action"] == "escalation.ring")
        .collect();
    assert_eq!(rings.len(), 4, "{timeline:#}");
    assert!(rings.iter().all(|ring| ring["actor"] == "system"));
    assert!(rings[1]["details"]["lead"].is_string());
    assert!(rings[2]["details"]["lead"].is_null());
}

pub async fn of_processes_that_look_at_once_one_rings(app: &App) {
    let (ada, ben, _, sam) = staff(app).await;
    on_call(app, &ada, &["Ada", "Ben"]).await;
    escalates(app, &sam, RED).await;
    app.later(29);
    looks(app).await;
    assert_eq!(app.database.count("escalation_rings").await, 1);
    app.later(1);
    let other = app.another(app.database.redis_url()).await;
    let others = other.as_ref().unwrap_or(app);
    tokio::join!(looks(app), looks(others), looks(app), looks(others));
    assert!(rings(&ben).await);
    assert_eq!(app.database.count("escalation_rings").await, 2);
    if let Some(other) = other {
        other.stops().await;
    }
}

pub async fn of_leads_who_answer_at_once_one_has_it(app: &App) {
    let (ada, ben, _, sam) = staff(app).await;
    escalates(app, &sam, CRISIS).await;
    let path = bell(&ada).await;
    let (one, other) = tokio::join!(ada.sends(&path, &[]), ben.sends(&path, &[]));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
}

pub async fn with_nobody_on_call_it_rings_for_every_lead(app: &App) {
    let (ada, ben, _, sam) = staff(app).await;
    on_call_for(app, &ada, "Ada", 1, 60).await;
    app.later(60);
    escalates(app, &sam, RED).await;
    assert!(rings(&ada).await && rings(&ben).await, "her time is over");
    let overview = ada.reads("/console/safeguarding").await;
    assert!(overview.contains("rings for every lead"), "{overview}");
}

pub async fn whoever_claims_the_case_has_answered(app: &App) {
    let (ada, ben, _, sam) = staff(app).await;
    on_call(app, &ada, &["Ada", "Ben"]).await;
    let case = escalates(app, &sam, CRISIS).await;
    ben.claims(&case).await.ok(200);
    assert!(!rings(&ada).await);
    // A lead who escalates wants another one.
    ben.decides(&case, json!({ "decision": "escalate" }))
        .await
        .ok(200);
    assert!(rings(&ada).await && !rings(&ben).await);
    ada.claims(&case).await.ok(200);
    ada.decides(&case, json!({ "decision": "escalate" }))
        .await
        .ok(200);
    assert!(!rings(&ada).await && rings(&ben).await);
}

pub async fn a_decision_ends_the_ringing(app: &App) {
    let (ada, _, _, sam) = staff(app).await;
    on_call(app, &ada, &["Ada"]).await;
    let case = escalates(app, &sam, CRISIS).await;
    ada.claims(&case).await.ok(200);
    ada.decides(&case, json!({ "decision": "approve" }))
        .await
        .ok(200);
    app.later(60);
    looks(app).await;
    assert!(!rings(&ada).await);
    let resolved = "SELECT count(*) FROM escalations WHERE state = 'resolved'
        AND decision = 'approve' AND acknowledged_by IS NOT NULL";
    assert_eq!(app.database.number(resolved).await, 1);
    let overview = ada.reads("/console/safeguarding").await;
    assert!(overview.contains("Nothing rings"), "{overview}");
}

pub async fn nothing_rings_over_a_post_that_is_erased(app: &App) {
    let (ada, _, _, sam) = staff(app).await;
    on_call(app, &ada, &["Ada"]).await;
    let mia = app.person("13-15").await;
    let post = mia.posts(CRISIS).await;
    sam.settles(&post, json!({ "decision": "escalate" })).await;
    assert!(rings(&ada).await);
    mia.delete("/v1/me").await.ok(204);
    assert!(!rings(&ada).await);
}
