//! The queue at the console: what waits, in which order, and what a filter leaves out.

use reqwest::Method;
use serde_json::json;

use crate::harness::{AMBER, App, CRISIS, Console, GREEN, RED};

/// The cases on a page, in their order.
pub fn cases_on(page: &str) -> Vec<String> {
    let ids = page.split("id=\"case-").skip(1);
    ids.map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

async fn id_of(sam: &Console<'_>, post: &crate::harness::Posted) -> String {
    sam.case_of(post).await["id"].as_str().unwrap().to_owned()
}

/// The cells of a queue's row among the counts.
fn counts<'a>(page: &'a str, queue: &str) -> Vec<&'a str> {
    let (_, row) = page.split_once(&format!("?queue={queue}\">")).unwrap();
    let row = row.split("</tr>").next().unwrap();
    let cells = row.split("<td").skip(1);
    cells
        .map(|cell| cell.split_once('>').unwrap().1.split('<').next().unwrap())
        .collect()
}

pub async fn the_nearest_deadline_is_on_top_with_counts_for_every_queue(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let (amber, red) = (mia.posts(AMBER).await, mia.posts(RED).await);
    let green = zoe.posts(GREEN).await;
    mia.reports(&green, "spam").await;
    let sam = Console::open(app, "Sam", "moderator").await;
    mia.refreshes().await;
    let crisis = mia.posts(CRISIS).await;
    let mut expected = Vec::new();
    for post in [&crisis, &red, &amber, &green] {
        expected.push(id_of(&sam, post).await);
    }
    let page = sam.reads("/console/queue").await;
    // Half an hour has gone by since the red one came.
    assert!(
        page.contains("15 min left") && page.contains("30 min left"),
        "{page}"
    );
    assert_eq!(cases_on(&page), expected);
    assert_eq!(counts(&page, "safeguarding"), ["3", "0", "30 min"]);
    assert_eq!(counts(&page, "reports"), ["1", "0", "30 min"]);
    assert_eq!(counts(&page, "appeals"), ["0", "0", "–"]);
    assert!(
        page.contains("level-crisis") && page.contains("reported: spam"),
        "{page}"
    );

    app.later(45);
    let page = sam.reads("/console/queue").await;
    assert_eq!(counts(&page, "safeguarding"), ["3", "2", "1 h 15 min"]);
    assert_eq!(cases_on(&page), expected);
    assert!(
        page.contains("30 min late") && page.contains("15 min late"),
        "{page}"
    );
    assert!(!page.contains("leaves out"), "{page}");
}

pub async fn a_filter_says_what_it_leaves_out(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = Console::open(app, "Sam", "moderator").await;
    mia.refreshes().await;
    zoe.refreshes().await;
    mia.posts(CRISIS).await;
    mia.posts(RED).await;
    mia.posts(AMBER).await;
    let green = zoe.posts(GREEN).await;
    mia.reports(&green, "spam").await;
    let page = sam.reads("/console/queue?queue=reports&level=").await;
    assert_eq!(cases_on(&page).len(), 1);
    let left_out = "This view leaves out 3 cases: 1 crisis, 1 red, 0 past their deadline. ";
    assert!(page.contains(left_out), "{page}");
    app.later(16);
    let page = sam.reads("/console/queue?level=amber").await;
    let left_out = "This view leaves out 3 cases: 1 crisis, 1 red, 1 past their deadline. ";
    assert!(page.contains(left_out), "{page}");
    assert!(
        page.contains("<a href=\"/console/queue\">Show all</a>"),
        "{page}"
    );
    let page = sam.reads("/console/queue?queue=appeals").await;
    assert!(page.contains("Nothing waits here") && page.contains("leaves out 4 cases"));
    for wrong in [
        "queue=lost",
        "score=5",
        "after=!",
        "breached=perhaps",
        "level=%FF",
    ] {
        let answer = sam.visits(&format!("/console/queue?{wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}: {answer:#?}");
    }
}

pub async fn cases_are_found_by_what_they_are(app: &App) {
    let mia = app.person("13-15").await;
    let sam = Console::open(app, "Sam", "moderator").await;
    mia.refreshes().await;
    let crisis = mia.posts(CRISIS).await;
    let red = mia.posts_about(RED, &["exams"]).await;
    let amber = mia.posts(AMBER).await;
    let all = [&crisis, &red, &amber];
    let [crisis, red, amber] = [
        id_of(&sam, all[0]).await,
        id_of(&sam, all[1]).await,
        id_of(&sam, all[2]).await,
    ];
    sam.claims(&json!({ "id": amber })).await.ok(200);
    app.later(16);
    // The claim has ended meanwhile.
    sam.claims(&json!({ "id": amber })).await.ok(200);
    for (query, expected) in [
        ("level=red", vec![&red]),
        ("topic=exams", vec![&red]),
        ("with=me", vec![&amber]),
        ("state=claimed", vec![&amber]),
        ("with=nobody", vec![&crisis, &red]),
        ("breached=true", vec![&crisis]),
        ("breached=false&with=nobody", vec![&red]),
        ("queue=appeals", vec![]),
    ] {
        let page = sam.reads(&format!("/console/queue?{query}")).await;
        assert_eq!(
            cases_on(&page).iter().collect::<Vec<_>>(),
            expected,
            "{query}"
        );
        let listed = sam
            .all(&format!("/v1/moderation/cases?{query}&limit=1"))
            .await;
        let listed: Vec<&str> = listed
            .iter()
            .map(|case| case["id"].as_str().unwrap())
            .collect();
        assert_eq!(listed, expected, "{query}");
    }
    sam.get("/v1/moderation/cases?with=Sam").await.refused(400);
    sam.get("/v1/moderation/cases?level=lost")
        .await
        .refused(400);
}

pub async fn the_page_goes_on_where_it_ended(app: &App) {
    let mia = app.person("13-15").await;
    for _ in 0..52 {
        mia.posts(AMBER).await;
    }
    let sam = Console::open(app, "Sam", "moderator").await;
    let first = sam.reads("/console/queue?level=amber").await;
    let (_, next) = first
        .split_once("<a href=\"/console/queue?level=amber&amp;after=")
        .unwrap();
    let after = next.split('"').next().unwrap();
    let second = sam
        .reads(&format!("/console/queue?level=amber&after={after}"))
        .await;
    let (mut seen, rest) = (cases_on(&first), cases_on(&second));
    assert_eq!((seen.len(), rest.len()), (50, 2));
    assert!(first.contains("50 of 52 shown") && second.contains("2 of 52 shown"));
    seen.extend(rest);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 52);
    assert!(second.contains("First page") && !second.contains("Next page"));
}

pub async fn what_a_child_wrote_stays_harmless(app: &App) {
    let mia = app.person("13-15").await;
    let text = "<script>alert(1)</script> my dad hits me with a belt\r\ndata: x\n\n\u{202E}abc";
    let answer = mia.post("/v1/posts", json!({ "text": text })).await;
    if answer.status != 201 {
        let text = "<script>alert(1)</script> my dad hits me with a belt\r\ndata: x\n\nabc";
        mia.posts(text).await;
    }
    let sam = Console::open(app, "<b>Sam</b>", "moderator").await;
    let page = sam.reads("/console/queue").await;
    assert!(
        page.contains("&lt;script&gt;alert(1)&lt;/script&gt; my dad"),
        "{page}"
    );
    assert!(
        !page.contains("<script>alert") && !page.contains("<b>Sam"),
        "{page}"
    );
    let mut stream = crate::harness::Stream::open(&sam, app, "/console/queue/live").await;
    let told = stream.next().await.unwrap();
    assert_eq!(told.kind, "board");
    assert!(
        told.data.contains("my dad hits me with a belt data: x"),
        "{told:?}"
    );
}

pub async fn views_are_kept_under_a_name(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let kim = Console::open(app, "Kim", "moderator").await;
    let save = |name: &'static str, query: &'static str| [("name", name), ("query", query)];
    const VIEWS: &str = "/console/queue/views";
    let went = sam
        .does(VIEWS, &save("My <reds>", "level=red&after=abc"))
        .await;
    assert_eq!(went, "/console/queue?level=red");
    sam.does(VIEWS, &save("My <reds>", "level=red&queue=safeguarding"))
        .await;
    let page = sam.reads("/console/queue").await;
    let link = "<a href=\"/console/queue?queue=safeguarding&amp;level=red\">My &lt;reds&gt;</a>";
    assert!(page.contains(link), "{page}");
    assert!(!kim.reads("/console/queue").await.contains("&lt;reds"));
    for (name, query) in [
        ("", "level=red"),
        ("a\0b", "level=red"),
        ("x", "level=lost"),
        ("x", "javascript=1"),
    ] {
        let refused = sam.sends(VIEWS, &[("name", name), ("query", query)]).await;
        assert_eq!(refused.status, 400, "{name:?} {query}: {refused:#?}");
    }
    kim.does("/console/queue/views/delete", &[("name", "My <reds>")])
        .await;
    assert!(
        sam.reads("/console/queue").await.contains(link),
        "it is not Kim's"
    );
    sam.does("/console/queue/views/delete", &[("name", "My <reds>")])
        .await;
    sam.does("/console/queue/views/delete", &[("name", "\0")])
        .await;
    assert!(!sam.reads("/console/queue").await.contains("&lt;reds"));
    for n in 0..20 {
        let name = format!("view {n}");
        sam.does(VIEWS, &[("name", &name), ("query", "")]).await;
    }
    assert_eq!(sam.sends(VIEWS, &save("one more", "")).await.status, 409);
    sam.does(VIEWS, &save("view 7", "level=amber")).await;
}

pub async fn who_is_no_moderator_sees_no_queue(app: &App) {
    let mia = app.person("13-15").await;
    mia.posts(CRISIS).await;
    let sam = Console::open(app, "Sam", "lead").await;
    let id = cases_on(&sam.reads("/console/queue").await).remove(0);
    let case = format!("/console/cases/{id}");
    for role in ["analyst", "admin", "org_worker"] {
        let other = Console::open(app, role, role).await;
        assert!(
            !other.reads("/console").await.contains("/console/queue"),
            "{role}"
        );
        for path in ["/console/queue", "/console/queue/live", "/console/handover"] {
            assert_eq!(other.visits(path).await.status, 403, "{role} {path}");
        }
        for act in ["claim", "release", "assign"] {
            let refused = other
                .sends(&format!("{case}/{act}"), &[("to", "Sam")])
                .await;
            assert_eq!(refused.status, 403, "{role} {act}");
        }
        let note = [("text", "x")];
        assert_eq!(other.sends("/console/handover", &note).await.status, 403);
    }
    for path in ["claim", "release", "assign"] {
        let without_token = sam.asks(Method::POST, &format!("{case}/{path}"));
        assert_eq!(app.send(without_token).await.status, 403, "{path}");
        let nobody = app.request(Method::POST, &format!("{case}/{path}"));
        assert_eq!(app.send(nobody).await.status, 303, "{path}");
    }
    assert_eq!(sam.sends("/console/cases/x/claim", &[]).await.status, 404);
}
