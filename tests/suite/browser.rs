//! The console in a real browser.

use serde_json::json;

use crate::harness::{AMBER, App, Browser, CRISIS, Console, RED, Screen};

/// The keys that have no letter, as WebDriver names them.
const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";

pub async fn signing_in_has_no_barrier(app: &App) {
    let sam = app.staff("Sam", "moderator").await;
    for (screen, name) in [(Screen::Phone, "phone"), (Screen::Laptop, "laptop")] {
        let browser = Browser::open(app, screen).await;
        browser.goes_to("/console/sign-in").await;
        is_sound(&browser, &format!("sign-in-{name}")).await;
        browser.signs_in(&sam).await;
        assert_eq!(browser.path().await, "/console");
        browser.reads("Hello Sam").await;
        is_sound(&browser, &format!("start-{name}")).await;
        browser.closes().await;
    }
}

/// Nothing stands in anybody's way, and nothing lies beyond the edge of the screen.
async fn is_sound(browser: &Browser<'_>, name: &str) {
    browser.is_pictured(name).await;
    assert_eq!(browser.barriers().await, Vec::<String>::new(), "{name}");
    assert!(!browser.is_too_wide().await, "{name} is too wide");
}

pub async fn a_whole_shift(app: &App) {
    let sam = app.staff("Sam", "moderator").await;
    let alex = Console::open(app, "Alex", "moderator").await;
    let browser = Browser::open(app, Screen::Laptop).await;
    browser.signs_in(&sam).await;

    // A crisis is on the open screen without anybody loading it again, and is announced.
    browser.goes_to("/console/queue").await;
    browser.reads("Live").await;
    let mia = app.person("13-15").await;
    let post = mia.posts(CRISIS).await;
    browser.finds("tr.of-crisis").await;
    browser.finds("#announcer p").await;
    is_sound(&browser, "queue-laptop").await;

    // The keyboard takes it; whoever comes second is told who has it.
    browser.types("j").await;
    browser.types("c").await;
    browser.finds("#decide-title").await;
    let case = browser.path().await;
    let second = alex.sends(&format!("{case}/claim"), &[]).await;
    assert_eq!(second.status, 409, "{second:#?}");
    let told = second.body.as_str().unwrap();
    assert!(told.contains("Sam is working on this case"), "{told}");
    browser.finds("mark").await;
    is_sound(&browser, "case-laptop").await;

    // Decided by keyboard alone, and taken back.
    browser.types("1").await;
    browser.types(ENTER).await;
    browser.reads("You decided").await;
    assert_eq!(mia.get(&post.path()).await.ok(200)["state"], "live");
    is_sound(&browser, "decided-laptop").await;
    tabs_to(&browser, "Undo").await;
    browser.types(ENTER).await;
    browser.finds("[data-key=\"2\"]").await;
    assert_eq!(mia.get(&post.path()).await.ok(200)["state"], "held");

    // Declined, which is asked once more.
    browser.types("2").await;
    browser.types("other").await;
    tabs_to(&browser, "Decide").await;
    browser.types(ENTER).await;
    browser.reads("Decline this post?").await;
    is_sound(&browser, "confirm-laptop").await;
    browser.types(ENTER).await;
    browser.reads("You decided").await;
    assert_eq!(mia.get(&post.path()).await.ok(200)["state"], "declined");

    // The author appeals. Whoever decided does not judge it; a colleague brings the post back.
    let appeal = json!({ "text": "i only wanted someone to hear it" });
    mia.post(&format!("{}/appeals", post.path()), appeal)
        .await
        .ok(202);
    let appealed = alex.case_of(&post).await;
    let path = format!("/console/cases/{}", appealed["id"].as_str().unwrap());
    let own = sam.claims(&appealed).await;
    assert_eq!(own.status, 403, "{own:#?}");
    alex.does(&format!("{path}/claim"), &[]).await;
    alex.does(&format!("{path}/decide"), &[("decision", "approve")])
        .await;
    assert_eq!(mia.get(&post.path()).await.ok(200)["state"], "live");

    // All of it is on the record, and the record is whole.
    browser.goes_to("/console/audit").await;
    for act in ["case.claim", "case.undo", "case.decide"] {
        browser.reads(act).await;
    }
    is_sound(&browser, "audit-laptop").await;
    browser.goes_to("/console/audit/verify").await;
    browser.reads("as they were written").await;
    browser.closes().await;
}

/// Goes on with the tab key until a button that says this has the focus.
async fn tabs_to(browser: &Browser<'_>, label: &str) {
    for _ in 0..80 {
        let focused = "const it = document.activeElement;
            return it.tagName === 'BUTTON' ? it.textContent.trim() : '';";
        if browser.runs(focused).await == json!(label) {
            return;
        }
        browser.types(TAB).await;
    }
    panic!("the tab key does not reach {label:?}");
}

pub async fn no_page_has_a_barrier(app: &App) {
    let lead = app.staff("Lee", "lead").await;
    let admin = app.staff("Ada", "admin").await;
    let mia = app.person("13-15").await;
    for text in [AMBER, RED, CRISIS] {
        mia.posts(text).await;
    }
    let case = lead.all("/v1/moderation/cases").await[0].clone();
    lead.claims(&case).await.ok(200);
    let case = format!("/console/cases/{}", case["id"].as_str().unwrap());
    let of_lead = [
        ("queue", "/console/queue"),
        ("case", &*case),
        ("handover", "/console/handover"),
        ("safeguarding", "/console/safeguarding"),
        ("rota", "/console/safeguarding/rota"),
        ("disclosures", "/console/safeguarding/disclosures"),
        ("reviews", "/console/reviews"),
        ("bulk", "/console/bulk"),
        ("surge", "/console/surge"),
        ("figures", "/console/figures"),
        ("audit", "/console/audit"),
        ("care", "/console/care"),
        ("me", "/console/me"),
    ];
    let of_admin = [
        ("staff", "/console/staff"),
        ("transparency", "/transparency"),
    ];
    for (screen, size) in [(Screen::Phone, "phone"), (Screen::Laptop, "laptop")] {
        for (member, pages) in [(&lead, &of_lead[..]), (&admin, &of_admin[..])] {
            let browser = Browser::open(app, screen).await;
            browser.signs_in(member).await;
            for (name, path) in pages {
                browser.goes_to(path).await;
                browser.finds("h1").await;
                is_sound(&browser, &format!("{name}-{size}")).await;
            }
            browser.closes().await;
        }
    }
}
