//! The handover at the end of a shift.

use serde_json::{Value, json};

use crate::harness::{App, CRISIS, Console, RED};
use crate::queue::cases_on;

const HANDOVER: &str = "/console/handover";
const UNREAD: &str = "handover note";

pub async fn a_note_is_read_by_who_comes_next(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let kim = Console::open(app, "Kim", "moderator").await;
    let mia = app.person("13-15").await;
    let post = mia.posts(RED).await;
    let case = sam.case_of(&post).await;
    let id = case["id"].as_str().unwrap();
    let note = [
        (
            "text",
            "Called the school.\n<b>They</b> ring back at 18:00.",
        ),
        ("case", id),
    ];
    assert_eq!(sam.does(HANDOVER, &note).await, HANDOVER);
    assert!(
        !sam.reads("/console/queue").await.contains(UNREAD),
        "it is Sam's own"
    );
    let queue = kim.reads("/console/queue").await;
    assert!(
        queue.contains("1 handover note that you have not read"),
        "{queue}"
    );
    let page = kim.reads(HANDOVER).await;
    for part in [
        "<strong>Sam</strong>",
        "&lt;b&gt;They&lt;/b&gt; ring back",
        &format!("/console/cases/{id}"),
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let (_, until) = page.split_once("name=\"until\" value=\"").unwrap();
    let until = until.split('"').next().unwrap().to_owned();
    // What comes while Kim reads is not read by it.
    app.later(1);
    sam.does(HANDOVER, &[("text", "And one more thing.")]).await;
    let read = format!("{HANDOVER}/read");
    assert_eq!(
        kim.does(&read, &[("until", &until)]).await,
        "/console/queue"
    );
    let queue = kim.reads("/console/queue").await;
    assert!(
        queue.contains("1 handover note that you have not read"),
        "{queue}"
    );
    app.later(12 * 60 - 30);
    let zed = Console::open(app, "Zed", "lead").await;
    assert!(
        !zed.reads("/console/queue").await.contains(UNREAD),
        "it is old news"
    );
    assert!(zed.reads(HANDOVER).await.contains("And one more thing."));
    let lines = zed.all("/v1/moderation/audit?limit=100").await;
    let of = |action: &str| lines.iter().filter(|line| line["action"] == action).count();
    assert_eq!((of("handover.write"), of("handover.read")), (2, 1));
    assert!(
        !json!(lines).to_string().contains("school"),
        "the record holds no note"
    );
}

pub async fn all_that_is_held_is_given_back_at_once(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let kim = Console::open(app, "Kim", "moderator").await;
    let mia = app.person("13-15").await;
    let mut cases: Vec<Value> = Vec::new();
    for _ in 0..4 {
        cases.push(sam.case_of(&mia.posts(CRISIS).await).await);
    }
    for case in &cases[..2] {
        sam.claims(case).await.ok(200);
    }
    let assign = format!("/console/cases/{}/assign", cases[2]["id"].as_str().unwrap());
    kim.does(&assign, &[("to", "Sam")]).await;
    kim.claims(&cases[3]).await.ok(200);
    assert!(
        sam.reads(HANDOVER)
            .await
            .contains("Give back all that I hold (3)")
    );
    sam.does(
        HANDOVER,
        &[
            ("text", "Nothing special."),
            ("release", "yes"),
            ("case", ""),
        ],
    )
    .await;
    assert!(cases_on(&sam.reads("/console/queue?with=me").await).is_empty());
    assert_eq!(
        cases_on(&kim.reads("/console/queue?with=nobody").await).len(),
        3
    );
    assert_eq!(
        cases_on(&kim.reads("/console/queue?with=me").await).len(),
        1
    );
    for case in &cases[..3] {
        let found = sam.case_of_id(case).await;
        let last = found["timeline"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .clone();
        assert_eq!(last["action"], "case.release", "{found}");
        assert!(last["details"]["handover"].is_string(), "{found}");
        kim.claims(case).await.ok(200);
    }
}

pub async fn a_note_that_makes_no_sense_is_refused(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let mia = app.person("13-15").await;
    let case = sam.case_of(&mia.posts(CRISIS).await).await;
    sam.claims(&case).await.ok(200);
    let long = "x".repeat(2_001);
    for text in ["", " \n ", "a\0b", "\u{1B}[31m", &long] {
        let form = [("text", text), ("release", "yes")];
        let refused = sam.sends(HANDOVER, &form).await;
        assert_eq!(refused.status, 400, "{:?}: {refused:#?}", text.get(..9));
    }
    let nowhere = uuid::Uuid::max().to_string();
    for case in ["x", &nowhere] {
        let form = [("text", "fine"), ("release", "yes"), ("case", case)];
        assert_eq!(sam.sends(HANDOVER, &form).await.status, 404, "{case}");
    }
    let refused = sam
        .sends(HANDOVER, &[("text", "fine"), ("surprise", "x")])
        .await;
    assert_eq!(refused.status, 400);
    for until in ["", "x", "99999999999999999999"] {
        let refused = sam
            .sends("/console/handover/read", &[("until", until)])
            .await;
        assert_eq!(refused.status, 400, "{until}");
    }
    assert_eq!(app.database.count("handover_notes").await, 0);
    assert_eq!(
        sam.case_of_id(&case).await["claimed_by"],
        "Sam",
        "nothing was given back"
    );
    let whole = "é".repeat(2_000);
    sam.does(HANDOVER, &[("text", &whole)]).await;
}

pub async fn notes_are_forgotten(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let posts = [mia.posts(RED).await, zoe.posts(RED).await];
    for post in &posts {
        let case = sam.case_of(post).await;
        let id = case["id"].as_str().unwrap();
        sam.does(HANDOVER, &[("text", "about a case"), ("case", id)])
            .await;
    }
    sam.does(HANDOVER, &[("text", "about none")]).await;
    // With the person whom it is about.
    mia.delete("/v1/me").await.ok(204);
    assert_eq!(app.database.count("handover_notes").await, 2);
    let jobs = async || hearth::jobs::once(&app.part().await).await.unwrap();
    app.later(30 * 24 * 60 - 1);
    jobs().await;
    assert_eq!(app.database.count("handover_notes").await, 2);
    app.later(2);
    jobs().await;
    assert_eq!(app.database.count("handover_notes").await, 0);
}
