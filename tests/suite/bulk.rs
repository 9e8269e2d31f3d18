//! One decision about many cases.

use futures_util::future::join_all;
use hearth::audit;
use serde_json::{Value, json};

use crate::harness::{AMBER, App, CRISIS, Console, GREEN, Person, Posted, RED};

/// Green, and something wrong with it.
const SPAM: &str = "FREE robux!!! click here www.free-robux-now.example to win £££ today";

const APPROVE: [(&str, &str); 1] = [("decision", "approve")];

async fn amber(person: &Person<'_>, count: usize) -> Vec<Posted> {
    let mut posts = Vec::new();
    for _ in 0..count {
        posts.push(person.posts(AMBER).await);
    }
    posts
}

async fn state(person: &Person<'_>, post: &Posted) -> Value {
    person.get(&post.path()).await.ok(200)["state"].clone()
}

async fn confirms(console: &Console<'_>, there: &str, count: &str) -> String {
    let path = format!("{there}/confirm");
    let there = console.does(&path, &[("count", count)]).await;
    console.reads(&there).await
}

async fn lines(app: &App, condition: &str) -> i64 {
    let lines = format!("SELECT count(*) FROM audit WHERE {condition}");
    app.database.number(&lines).await
}

pub async fn what_is_decided_is_seen_first_and_its_count_typed(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let mia = app.person("13-15").await;
    let posts = amber(&mia, 3).await;
    mia.posts(RED).await;
    mia.posts(CRISIS).await;
    let there = sam.does("/console/bulk", &APPROVE).await;
    let page = sam.reads(&there).await;
    assert!(page.contains("Approve 3 cases?"), "{page}");
    assert!(
        page.contains("2 red or crisis") && page.contains(AMBER),
        "{page}"
    );
    assert!(!page.contains(RED), "{page}");
    let confirm = format!("{there}/confirm");
    for wrong in ["", "2", "5", "three", "-3", "3.0"] {
        let answer = sam.sends(&confirm, &[("count", wrong)]).await;
        assert_eq!(answer.status, 400, "{wrong}: {answer:#?}");
    }
    assert_eq!(
        lines(app, "action LIKE 'case.%' OR action LIKE 'bulk.%'").await,
        0
    );

    let page = confirms(&sam, &there, "3").await;
    assert!(page.contains("<dt>Done</dt><dd>3</dd>"), "{page}");
    let id = there.rsplit('/').next().unwrap();
    let decided = format!("action = 'case.decide' AND details LIKE '%\"bulk\":\"{id}\"%'");
    assert_eq!(lines(app, &decided).await, 3, "each has its own line");
    assert_eq!(lines(app, "action = 'case.claim'").await, 3);
    assert_eq!(lines(app, "action = 'bulk.confirm'").await, 1);
    for post in &posts {
        assert!(
            mia.get(&post.path())
                .await
                .ok(200)
                .get("review_by")
                .is_none()
        );
    }
    assert_eq!(
        sam.all("/v1/moderation/cases").await.len(),
        2,
        "red and crisis wait"
    );
    assert_eq!(sam.sends(&confirm, &[("count", "3")]).await.status, 409);
    assert!(audit::verify(app.database.db()).await.unwrap().is_ok());
}

pub async fn a_query_chooses_and_words_are_no_part_of_it(app: &App) {
    let lea = Console::open(app, "Lea", "lead").await;
    let mia = app.person("13-15").await;
    let exams = mia.posts_about(AMBER, &["exams"]).await;
    mia.posts(AMBER).await;
    let count = async |more: &[(&str, &str)]| {
        let fields = [&APPROVE, more].concat();
        let page = lea.does("/console/bulk", &fields).await;
        let page = lea.reads(&page).await;
        let (_, count) = page.split_once("<h1>Approve ").unwrap();
        count.split(' ').next().unwrap().to_owned()
    };
    assert_eq!(count(&[]).await, "2");
    assert_eq!(count(&[("topic", "exams")]).await, "1");
    assert_eq!(
        count(&[("queue", "safeguarding"), ("level", "amber")]).await,
        "2"
    );
    assert_eq!(count(&[("queue", "reports")]).await, "0");
    assert_eq!(count(&[("level", "green")]).await, "0");
    let rule = lea.case_of(&exams).await["matches"][0]["rule"].clone();
    assert_eq!(count(&[("rule", rule.as_str().unwrap())]).await, "2");
    assert_eq!(count(&[("rule", "no.such")]).await, "0");
    assert_eq!(count(&[("hours", "1")]).await, "0");
    app.later(60);
    // Whoever does nothing for half an hour signs in again.
    let lea = Console::of(app, lea.member).await;
    let there = lea
        .does("/console/bulk", &[("decision", "approve"), ("hours", "1")])
        .await;
    assert!(lea.reads(&there).await.contains("Approve 2 cases?"));
    for wrong in [
        ("queue", "lost"),
        ("level", "purple"),
        ("topic", "x"),
        ("hours", "-1"),
        ("hours", "99999999999"),
        ("decision", "delete"),
        ("words", "secret"),
    ] {
        let answer = lea
            .sends("/console/bulk", &[("decision", "approve"), wrong])
            .await;
        assert_eq!(answer.status, 400, "{wrong:?}: {answer:#?}");
    }
}

pub async fn a_moderator_approves_what_is_harmless_and_a_lead_more(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let lea = Console::open(app, "Lea", "lead").await;
    let mia = app.person("13-15").await;
    let spam = mia.posts(SPAM).await;
    assert_eq!(spam.post["state"], "held");
    let decline = [("decision", "decline"), ("reason", "spam")];
    assert_eq!(sam.sends("/console/bulk", &decline).await.status, 403);
    let there = sam.does("/console/bulk", &APPROVE).await;
    let page = sam.reads(&there).await;
    assert!(
        page.contains("Nothing fits") && page.contains("a lead can take these"),
        "{page}"
    );

    let wrong = [("decision", "decline"), ("reason", "distress")];
    assert_eq!(lea.sends("/console/bulk", &wrong).await.status, 400);
    let there = lea.does("/console/bulk", &decline).await;
    assert_eq!(sam.visits(&there).await.status, 403, "it is not Sam's");
    let confirm = format!("{there}/confirm");
    assert_eq!(sam.sends(&confirm, &[("count", "1")]).await.status, 403);
    assert!(
        confirms(&lea, &there, "1")
            .await
            .contains("Decline 1 case as spam")
    );
    let own = mia.get(&spam.path()).await.ok(200);
    assert_eq!(
        (&own["state"], &own["reason"]["code"]),
        (&json!("declined"), &json!("spam"))
    );
}

pub async fn the_grave_the_taken_and_the_appealed_are_left_out(app: &App) {
    let lea = Console::open(app, "Lea", "lead").await;
    let kim = app.staff("Kim", "moderator").await;
    let (mia, zoe) = (app.person("13-15").await, app.person("16-17").await);
    let posts = amber(&mia, 6).await;
    kim.claims(&kim.case_of(&posts[0]).await).await.ok(200);
    kim.declines(&posts[1], "other").await;
    mia.appeals(&posts[1], "please").await;
    kim.settles(&posts[2], json!({ "decision": "escalate" }))
        .await;
    mia.delete(&posts[3].path()).await.ok(204);
    zoe.reports(&posts[4], "worried_about_them").await;
    let there = lea.does("/console/bulk", &APPROVE).await;
    let page = lea.reads(&there).await;
    assert!(page.contains("Approve 1 case?"), "{page}");
    for left_out in [
        "1 red or crisis",
        "1 waiting for a lead",
        "1 appeals",
        "1 that a colleague is working on",
        "1 that the author took back",
    ] {
        assert!(page.contains(left_out), "{left_out}: {page}");
    }
}

pub async fn what_changed_meanwhile_is_skipped_and_listed(app: &App) {
    let lea = Console::open(app, "Lea", "lead").await;
    let kim = app.staff("Kim", "moderator").await;
    let (mia, zoe) = (app.person("13-15").await, app.person("16-17").await);
    lea.does("/console/surge/on", &[("reason", "a raid")]).await;
    let mut posts = Vec::new();
    for words in [GREEN, GREEN, GREEN, GREEN, AMBER] {
        posts.push(mia.posts(words).await);
    }
    lea.does("/console/surge/off", &[]).await;
    let live = mia.posts(AMBER).await;
    let there = lea.does("/console/bulk", &APPROVE).await;
    assert!(lea.reads(&there).await.contains("Approve 6 cases?"));
    app.later(1);
    kim.approves(&posts[0]).await;
    let words = json!({ "text": "my cat is called biscuit" });
    mia.patch(&posts[1].path(), words).await.ok(200);
    mia.delete(&posts[2].path()).await.ok(204);
    kim.claims(&kim.case_of(&posts[4]).await).await.ok(200);
    zoe.reports(&live, "spam").await;
    let page = confirms(&lea, &there, "6").await;
    assert!(page.contains("<dt>Done</dt><dd>1</dd>"), "{page}");
    assert!(page.contains("<dt>Skipped</dt><dd>5</dd>"), "{page}");
    for why in [
        "decided already",
        "The words have changed",
        "took the post back",
        "Kim is working on this case",
        "Somebody has reported it since",
    ] {
        assert!(page.contains(why), "{why}: {page}");
    }
    assert_eq!(state(&mia, &posts[3]).await, "live");
    assert_eq!(state(&mia, &posts[1]).await, "held");
    let open = lea.case_of(&posts[1]).await;
    assert_eq!(
        open["state"], "open",
        "who skips a case keeps no claim on it"
    );
}

pub async fn all_of_it_is_taken_back(app: &App) {
    let lea = Console::open(app, "Lea", "lead").await;
    let (mia, zoe) = (app.person("13-15").await, app.person("16-17").await);
    lea.does("/console/surge/on", &[("reason", "a raid")]).await;
    let held = mia.posts(GREEN).await;
    lea.does("/console/surge/off", &[]).await;
    let live = mia.posts(AMBER).await;
    let before = [lea.case_of(&held).await, lea.case_of(&live).await];
    let there = lea
        .does(
            "/console/bulk",
            &[("decision", "decline"), ("reason", "other")],
        )
        .await;
    confirms(&lea, &there, "2").await;
    assert_eq!(state(&mia, &held).await, "declined");
    zoe.get(&live.path()).await.refused(404);
    let (mut zoes, mut hers) = (zoe.listens().await, mia.listens().await);

    app.later(9);
    lea.does(&format!("{there}/undo"), &[]).await;
    let page = lea.reads(&there).await;
    assert!(page.contains("<dt>Taken back</dt><dd>2</dd>"), "{page}");
    assert_eq!(zoes.hears("post").await["post"]["id"], *live.id);
    assert_eq!(hers.hears("post").await["post"]["id"], *live.id);
    let notice = hers.hears("notice").await["notice"]["post"].clone();
    assert!(
        notice.get("reason").is_none() && notice["review_by"].is_string(),
        "{notice}"
    );
    assert_eq!(state(&mia, &held).await, "held");
    zoe.get(&held.path()).await.refused(404);
    for (post, before) in [&held, &live].into_iter().zip(&before) {
        let after = lea.case_of(post).await;
        for field in ["id", "state", "queue", "level", "due_at", "opened_at"] {
            assert_eq!(after[field], before[field], "{field}");
        }
    }
    assert_eq!(lines(app, "action = 'case.undo'").await, 2);
    assert_eq!(lines(app, "action = 'bulk.undo'").await, 1);
    lea.does(&format!("{there}/undo"), &[]).await;
    assert_eq!(lines(app, "action = 'case.undo'").await, 2, "twice is once");
    assert!(audit::verify(app.database.db()).await.unwrap().is_ok());
}

pub async fn what_moved_on_is_not_taken_back(app: &App) {
    let lea = Console::open(app, "Lea", "lead").await;
    let (mia, zoe) = (app.person("13-15").await, app.person("16-17").await);
    let posts = amber(&mia, 3).await;
    let there = lea.does("/console/bulk", &APPROVE).await;
    confirms(&lea, &there, "3").await;
    mia.delete(&posts[0].path()).await.ok(204);
    zoe.reports(&posts[1], "spam").await;
    lea.does(&format!("{there}/undo"), &[]).await;
    let page = lea.reads(&there).await;
    assert!(page.contains("<dt>Taken back</dt><dd>1</dd>"), "{page}");
    assert!(
        page.contains("<dt>Could not be taken back</dt><dd>2</dd>"),
        "{page}"
    );
    assert_eq!(state(&mia, &posts[0]).await, "withdrawn");
    assert_eq!(lea.case_of(&posts[1]).await["queue"], "reports");
    assert_eq!(lea.case_of(&posts[2]).await["state"], "open");
}

pub async fn after_ten_minutes_it_stays(app: &App) {
    let lea = Console::open(app, "Lea", "lead").await;
    let mia = app.person("13-15").await;
    amber(&mia, 1).await;
    let there = lea.does("/console/bulk", &APPROVE).await;
    let undo = format!("{there}/undo");
    assert_eq!(
        lea.sends(&undo, &[]).await.status,
        409,
        "nothing is done yet"
    );
    confirms(&lea, &there, "1").await;
    app.later(11);
    assert!(!lea.reads(&there).await.contains("Take it all back"));
    assert_eq!(lea.sends(&undo, &[]).await.status, 409);
}

pub async fn what_was_seen_too_long_ago_is_chosen_again(app: &App) {
    let lea = Console::open(app, "Lea", "lead").await;
    let mia = app.person("13-15").await;
    amber(&mia, 1).await;
    let there = lea.does("/console/bulk", &APPROVE).await;
    let confirm = format!("{there}/confirm");
    app.later(20);
    lea.reads(&there).await;
    app.later(11);
    assert_eq!(lea.sends(&confirm, &[("count", "1")]).await.status, 409);
    app.later(25 * 60);
    hearth::jobs::once(&app.part().await).await.unwrap();
    assert_eq!(
        app.database.count("bulk_cases").await,
        0,
        "and is forgotten in a day"
    );
}

pub async fn at_once_each_case_is_decided_once(app: &App) {
    let lea = Console::open(app, "Lea", "lead").await;
    let mia = app.person("13-15").await;
    amber(&mia, 8).await;
    let there = lea.does("/console/bulk", &APPROVE).await;
    let confirm = format!("{there}/confirm");
    let answers = join_all((0..4).map(|_| lea.sends(&confirm, &[("count", "8")]))).await;
    let won = answers.iter().filter(|answer| answer.status == 303).count();
    assert_eq!(won, 1, "{answers:#?}");
    let go_on = format!("{there}/go-on");
    join_all((0..3).map(|_| lea.does(&go_on, &[]))).await;
    assert_eq!(lines(app, "action = 'case.decide'").await, 8);
    let undo = format!("{there}/undo");
    join_all((0..3).map(|_| lea.does(&undo, &[]))).await;
    assert_eq!(lines(app, "action = 'case.undo'").await, 8);
    assert_eq!(lea.all("/v1/moderation/cases").await.len(), 8);
}

pub async fn a_bulk_that_broke_off_is_gone_on_with(app: &App) {
    let lea = Console::open(app, "Lea", "lead").await;
    let sam = Console::open(app, "Sam", "moderator").await;
    let mia = app.person("13-15").await;
    amber(&mia, 3).await;
    let there = lea.does("/console/bulk", &APPROVE).await;
    let go_on = format!("{there}/go-on");
    assert_eq!(
        lea.sends(&go_on, &[]).await.status,
        409,
        "nobody has confirmed it"
    );
    // As a process leaves it that dies right after the confirmation.
    let confirmed = "UPDATE bulk_decisions SET confirmed_at = made_at";
    app.database.write(confirmed).await.unwrap();
    let answer = lea.visits(&there).await;
    assert_eq!(answer.headers["refresh"], "3");
    assert!(
        answer
            .ok(200)
            .as_str()
            .unwrap()
            .contains("<dt>Still to do</dt><dd>3</dd>")
    );
    assert_eq!(sam.sends(&go_on, &[]).await.status, 403);
    lea.does(&go_on, &[]).await;
    assert!(lea.reads(&there).await.contains("<dt>Done</dt><dd>3</dd>"));
}
