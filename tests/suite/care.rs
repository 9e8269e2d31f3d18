//! Care for moderators: breaks that are offered, and then required, and nobody else's business.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use hearth::posts::Posts;
use serde_json::{Value, json};

use crate::harness::{AMBER, App, CRISIS, Console, Contract, Member, RED};

/// Has somebody take so many crises, and let them go again: each weighs eight points.
async fn reads_crises(app: &App, member: &Member<'_>, count: usize) {
    let mia = app.person("13-15").await;
    for _ in 0..count {
        let case = member.case_of(&mia.posts(CRISIS).await).await;
        member.claims(&case).await.ok(200);
        member
            .decides(&case, json!({ "decision": "approve" }))
            .await
            .ok(200);
    }
}

async fn case(app: &App, member: &Member<'_>, words: &str) -> Value {
    let mia = app.person("13-15").await;
    member.case_of(&mia.posts(words).await).await
}

async fn claims_anyway(member: &Member<'_>, case: &Value) -> crate::harness::Answer {
    let id = case["id"].as_str().unwrap();
    let path = format!("/v1/moderation/cases/{id}/claim_anyway");
    member.post(&path, Value::Null).await
}

fn detail(problem: &Value) -> &str {
    problem["detail"].as_str().unwrap()
}

const NOTHING: &[(&str, &str)] = &[];

pub async fn a_break_is_offered_and_then_required(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let kim = app.staff("Kim", "moderator").await;
    reads_crises(app, &sam, 4).await;
    assert!(!sam.reads("/console").await.contains("A break of 10"));
    reads_crises(app, &sam, 1).await;
    assert!(sam.reads("/console").await.contains("A break of 10"));
    assert!(
        sam.reads("/console/reviews")
            .await
            .contains("A break of 10")
    );
    reads_crises(app, &sam, 3).await;
    let (crisis, red, amber) = (
        case(app, &sam, CRISIS).await,
        case(app, &sam, RED).await,
        case(app, &sam, AMBER).await,
    );
    let refused = sam.claims(&crisis).await.refused(409);
    assert!(detail(&refused).contains("Kim is here"), "{refused}");
    assert!(detail(&refused).contains(" at "), "{refused}");
    sam.claims(&red).await.refused(409);
    sam.claims(&amber).await.ok(200);
    assert!(
        sam.reads("/console")
            .await
            .contains("Please take a break now")
    );
    assert_eq!(
        app.database.count("exposures").await,
        9,
        "what is refused weighs nothing"
    );

    assert_eq!(
        sam.does("/console/care/break", NOTHING).await,
        "/console/care"
    );
    assert!(
        sam.reads("/console")
            .await
            .contains("You are on a break until")
    );
    app.later(9);
    let refused = sam.claims(&crisis).await.refused(409);
    assert!(
        detail(&refused).contains("Your break lasts until"),
        "{refused}"
    );
    assert_eq!(
        sam.does("/console/care/back", NOTHING).await,
        "/console/care"
    );
    sam.claims(&crisis).await.refused(409);
    sam.does("/console/care/break", NOTHING).await;
    sam.does("/console/care/break", NOTHING).await;
    app.later(10);
    assert!(
        sam.reads("/console/care")
            .await
            .contains("has lasted long enough")
    );
    sam.claims(&crisis).await.ok(200);
    assert!(!sam.reads("/console/care").await.contains("I am back"));
    kim.claims(&red).await.ok(200);
}

pub async fn a_full_shift_is_over_whatever_breaks_there_were(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    for crises in [7, 8] {
        reads_crises(app, &sam, crises).await;
        sam.does("/console/care/break", NOTHING).await;
        app.later(10);
        sam.does("/console/care/back", NOTHING).await;
    }
    app.staff("Kim", "moderator").await;
    let crisis = case(app, &sam, CRISIS).await;
    let refused = sam.claims(&crisis).await.refused(409);
    assert!(
        detail(&refused).contains("enough for this shift"),
        "{refused}"
    );
    assert!(
        sam.reads("/console")
            .await
            .contains("enough for this shift")
    );
    sam.claims(&case(app, &sam, AMBER).await).await.ok(200);
    // The first seven fall out of it eight hours after they were read.
    app.later(8 * 60 - 20);
    sam.claims(&crisis).await.ok(200);
}

pub async fn what_nobody_else_can_take_can_be_taken_anyway(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    reads_crises(app, &sam, 8).await;
    let (crisis, red) = (case(app, &sam, CRISIS).await, case(app, &sam, RED).await);
    let refused = sam.claims(&crisis).await.refused(409);
    assert!(
        detail(&refused).contains("Nobody else is here"),
        "{refused}"
    );
    let refused = sam.claims(&red).await.refused(409);
    assert!(detail(&refused).contains("can wait"), "{refused}");
    claims_anyway(&sam, &red).await.refused(409);
    app.later(51);
    // It would be late by the end of a break.
    claims_anyway(&sam, &red).await.ok(200);

    let ana = Console::open(app, "Ana", "analyst").await;
    let take = format!(
        "/console/care/cases/{}/claim",
        crisis["id"].as_str().unwrap()
    );
    assert_eq!(ana.sends(&take, NOTHING).await.status, 403);
    let unsigned = sam.asks(reqwest::Method::POST, &take);
    assert_eq!(app.send(unsigned).await.status, 403);
    assert!(sam.reads("/console/care").await.contains(&take));
    let kim = app.staff("Kim", "moderator").await;
    let refused = claims_anyway(&sam, &crisis).await.refused(409);
    assert!(detail(&refused).contains("Kim is here"), "{refused}");
    // Who has had enough, too, is no help: the child does not wait for both.
    reads_crises(app, &kim, 8).await;
    let refused = sam.claims(&crisis).await.refused(409);
    assert!(!detail(&refused).contains("Kim"), "{refused}");
    let next = sam.does(&take, NOTHING).await;
    assert_eq!(
        next,
        format!("/console/cases/{}", crisis["id"].as_str().unwrap())
    );
    let line = "SELECT count(*) FROM audit WHERE action = 'case.claim_anyway' AND details = '{}'";
    assert_eq!(app.database.number(line).await, 2);
}

pub async fn claims_at_once_weigh_together(app: &App) {
    let sam = app.staff("Sam", "moderator").await;
    let kim = app.staff("Kim", "moderator").await;
    reads_crises(app, &sam, 7).await;
    let mut cases = Vec::new();
    for _ in 0..4 {
        cases.push(case(app, &kim, CRISIS).await);
    }
    let answers = join_all(cases.iter().map(|case| sam.claims(case))).await;
    let taken: Vec<usize> = (0..4).filter(|n| answers[*n].status == 200).collect();
    assert_eq!(taken.len(), 1, "{answers:#?}");
    let held = &cases[taken[0]];
    sam.claims(held).await.ok(200);
    assert_eq!(
        app.database.count("exposures").await,
        8,
        "a claim renewed weighs nothing"
    );
}

/// Whether a text holds the number of points; as a part of a random identifier it is none.
fn tells(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| word == "791973")
}

pub async fn nobody_sees_what_another_had_to_read(app: &App) {
    let app = &app
        .with_policy(&[
            ("crisis           = 8", "crisis = 791973"),
            ("shift_points     = 120", "shift_points = 950000"),
            ("require_break_at = 60", "require_break_at = 900000"),
        ])
        .await;
    let sam = Console::open(app, "Sam", "moderator").await;
    reads_crises(app, &sam, 1).await;
    sam.does("/console/care/break", NOTHING).await;
    assert!(
        sam.reads("/console/care")
            .await
            .contains("791973 of 900000")
    );
    let sum = "SELECT CAST(sum(points) AS BIGINT) FROM exposures";
    assert_eq!(app.database.number(sum).await, 791973);
    for role in ["moderator", "lead", "analyst", "admin", "org_worker"] {
        let other = Console::open(app, role, role).await;
        let own = "A crisis case weighs 791973";
        // Everything that the description names, and every page that there is a way to.
        for operation in &Contract::of(app).await.0 {
            if operation.method != "GET" || operation.security.as_deref() != Some("staff") {
                continue;
            }
            let answer = other.get(&operation.path).await;
            assert!(!tells(&answer.body.to_string()), "{answer:#?}");
        }
        let (mut seen, mut next) = (BTreeSet::new(), vec!["/console".to_owned()]);
        while let Some(path) = next.pop() {
            if !seen.insert(path.clone()) {
                continue;
            }
            let answer = other.visits(&path).await;
            let html = answer.body.as_str().unwrap_or_default().replace(own, "");
            assert!(!tells(&html), "{role}: {path}");
            let links = html.split("href=\"").skip(1);
            let links = links.filter_map(|rest| rest.split('"').next());
            next.extend(
                links
                    .filter(|link| link.starts_with("/console"))
                    .map(str::to_owned),
            );
        }
        assert!(
            role == "org_worker" || seen.contains("/console/reviews"),
            "{seen:?}"
        );
    }
    let metrics = app.get("/metrics").await;
    assert!(!tells(&metrics.body.to_string()));
    let lines = "SELECT count(*) FROM audit WHERE details LIKE '%791973%' OR action LIKE 'care%'";
    assert_eq!(app.database.number(lines).await, 0);
    app.stops().await;
}

pub async fn it_is_forgotten_after_two_days(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    reads_crises(app, &sam, 2).await;
    sam.does("/console/care/break", NOTHING).await;
    let posts: Posts = app.part().await;
    app.later(48 * 60 - 1);
    hearth::jobs::once(&posts).await.unwrap();
    assert_eq!(app.database.count("exposures").await, 2);
    app.later(1);
    hearth::jobs::once(&posts).await.unwrap();
    assert_eq!(app.database.count("exposures").await, 0);
    assert_eq!(app.database.count("breaks").await, 0);
}

pub async fn only_moderators_have_a_shift(app: &App) {
    for role in ["analyst", "admin", "org_worker"] {
        let other = Console::open(app, role, role).await;
        for path in ["/console/care", "/console/care/break", "/console/care/back"] {
            let answer = match path {
                "/console/care" => other.visits(path).await,
                _ => other.sends(path, NOTHING).await,
            };
            assert_eq!(answer.status, 403, "{role} {path}");
        }
        assert!(!other.reads("/console").await.contains("Your shift"));
    }
    let sam = Console::open(app, "Sam", "moderator").await;
    let unsigned = sam.asks(reqwest::Method::POST, "/console/care/break");
    assert_eq!(app.send(unsigned).await.status, 403);
    assert_eq!(app.database.count("breaks").await, 0);
    sam.does("/console/care/back", NOTHING).await;
    assert!(
        sam.reads("/console/care")
            .await
            .contains("whenever you like")
    );
}
