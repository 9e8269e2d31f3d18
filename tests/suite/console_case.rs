//! The page of a case: what stands on it, and the forms by which it is decided.

use hearth::triage::Policy;
use serde_json::{Value, json};

use crate::harness::{AMBER, Answer, App, CRISIS, Console, GREEN, Posted, RED};

/// The page of the undecided case about a post, and its address.
async fn page_of(sam: &Console<'_>, post: &Posted) -> (String, String) {
    let case = sam.case_of(post).await;
    let path = format!("/console/cases/{}", case["id"].as_str().unwrap());
    (sam.reads(&path).await, path)
}

/// The same once it is taken, by the button.
async fn takes(sam: &Console<'_>, post: &Posted) -> String {
    let (page, path) = page_of(sam, post).await;
    let action = format!("action=\"{path}/claim\"");
    assert!(
        page.contains(&action) && !page.contains("name=\"decision\""),
        "{page}"
    );
    assert_eq!(sam.does(&format!("{path}/claim"), &[]).await, path);
    path
}

#[track_caller]
fn has(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part:?} is missing in {page}");
    }
}

fn html(answer: Answer, status: u16) -> String {
    match answer.ok(status) {
        Value::String(html) => html,
        other => panic!("no page: {other}"),
    }
}

pub async fn all_there_is_to_know_stands_on_it(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = Console::open(app, "Sam", "moderator").await;
    mia.refreshes().await;
    zoe.refreshes().await;
    let post = mia.posts(AMBER).await;
    let note = json!({ "reason": "worried_about_them", "note": "she is my friend <3" });
    zoe.post(&format!("{}/reports", post.path()), note)
        .await
        .ok(202);
    let case = sam.case_of(&post).await;
    let (page, path) = page_of(&sam, &post).await;
    let found = &case["matches"][0];
    has(
        &page,
        &[
            "<mark>",
            "href=\"#why-1\"",
            "id=\"why-1\"",
            "id=\"at-1\"",
            found["rule"].as_str().unwrap(),
            &format!("revision {}", found["rev"]),
            "read as written",
            "worried about them",
            "she is my friend &lt;3",
            "1 h 0 min left",
            "level level-red",
            "level level-amber",
            "The support that was shown",
            "Childline",
            "Nobody has done anything about it yet.",
        ],
    );
    assert!(
        !page.contains("What the same author wrote lately"),
        "not without the claim"
    );
    sam.does(&format!("{path}/claim"), &[]).await;
    let page = sam.reads(&path).await;
    has(
        &page,
        &[
            "<strong>Sam</strong> took it.",
            "name=\"decision\" value=\"approve\"",
            "name=\"decision\" value=\"hold\"",
            "name=\"reason\"",
            "one part: {part}.",
            "What the same author wrote lately",
            "held by Sam",
        ],
    );
    // Every label names a control, and everything is labelled.
    for part in page.split("<label for=\"").skip(1) {
        let id = part.split('"').next().unwrap();
        assert!(page.contains(&format!(" id=\"{id}\"")), "{id}");
    }
    let back = sam.does(&format!("{path}/release"), &[]).await;
    assert_eq!(back, "/console/queue");
    has(
        &sam.reads(&path).await,
        &["gave it back.", "Take this case"],
    );
}

pub async fn hostile_words_do_nothing(app: &App) {
    let mia = app.person("13-15").await;
    let sam = Console::open(app, "Sam", "moderator").await;
    mia.refreshes().await;
    let piled = format!("my dad hits me with a belt e{}", "\u{301}".repeat(950));
    let page = page_of(&sam, &mia.posts(&piled).await).await.0;
    assert!(page.matches('\u{301}').count() < 20 && page.contains("more marks"));

    let words = "</div><script>alert(1)</script><b onclick=x>my dad h\u{200B}its me with a belt\
        \u{200F} &amp; \u{061C}";
    let post = mia.posts(words).await;
    let page = page_of(&sam, &post).await.0;
    let own = "<script src=\"/console/assets/console.js\" defer></script>";
    assert_eq!(page.matches("<script").count(), page.matches(own).count());
    assert!(!page.contains("<b onclick"), "{page}");
    has(
        &page,
        &[
            "&lt;script&gt;",
            "&amp;amp;",
            "dir=\"auto\"",
            "zero-width space",
        ],
    );

    let path = takes(&sam, &post).await;
    let hostile = "\"><script>alert(2)</script>";
    let form = [
        ("decision", "decline"),
        ("reason", hostile),
        ("note", hostile),
        ("mask_words", hostile),
        ("fill_one_part_part", hostile),
        ("hours", hostile),
    ];
    let page = html(sam.sends(&format!("{path}/decide"), &form).await, 400);
    assert_eq!(page.matches("<script").count(), 1, "{page}");
}

pub async fn what_is_hidden_is_shown_as_hidden(app: &App) {
    let mia = app.person("13-15").await;
    let sam = Console::open(app, "Sam", "moderator").await;
    mia.refreshes().await;
    let words = "i want to kill myself tonight call me on 07700 900123 ok";
    let post = mia.posts(words).await;
    let page = page_of(&sam, &post).await.0;
    has(
        &page,
        &[
            "<mark class=\"masked\"",
            "What others read",
            "tonight [hidden] ok",
        ],
    );
}

pub async fn each_decision_has_its_form(app: &App) {
    let mia = app.person("13-15").await;
    let sam = Console::open(app, "Sam", "moderator").await;
    mia.refreshes().await;
    let state = async |post: &Posted| mia.get(&post.path()).await.ok(200);

    let post = mia
        .posts("my dad hits me with a belt and only Jonas knows")
        .await;
    let path = takes(&sam, &post).await;
    let (decide, policy) = (format!("{path}/decide"), Policy::shipped());
    let form = [
        ("decision", "approve"),
        ("policy", policy.hash()),
        ("topics_shown", "yes"),
        ("topics", "abuse"),
        ("topics", "friendship"),
        ("level", "amber"),
        ("note", "safe now"),
        ("mask_span", "0-6"),
        ("mask_words", "jonas\r\n\r\n"),
        ("hours", "24"),
        ("reason", ""),
        ("fill_one_part_part", ""),
    ];
    assert_eq!(sam.does(&decide, &form).await, path);
    let own = state(&post).await;
    assert_eq!(
        (&own["state"], &own["topics"]),
        (&json!("live"), &json!(["abuse", "friendship"]))
    );
    let seen = own["hidden"]["text"].as_str().unwrap();
    assert!(
        seen.starts_with("[hidden] hits") && seen.ends_with("only [hidden] knows"),
        "{seen}"
    );
    has(
        &sam.reads(&path).await,
        &[
            "You decided: approved",
            "action=\"",
            "/undo\"",
            "decided: approved; level red is amber now; about abuse, friendship now; hid words in 2 places.",
            "safe now",
        ],
    );

    // A decline and an escalation are asked about once more, with what the author will read.
    let post = mia.posts(RED).await;
    let path = takes(&sam, &post).await;
    let decide = format!("{path}/decide");
    let decline = [
        ("decision", "decline"),
        ("reason", "one_part"),
        ("fill_one_part_part", "the <name> of it"),
        ("note", "n"),
    ];
    let page = html(sam.sends(&decide, &decline).await, 200);
    has(
        &page,
        &[
            "one part: the &lt;name&gt; of it. You",
            "name=\"confirmed\" value=\"yes\"",
            "type=\"submit\" autofocus",
            "name=\"fill_one_part_part\" value=\"the &lt;name&gt; of it\"",
        ],
    );
    assert_eq!(state(&post).await["state"], "held", "nothing is done yet");
    let sure = [&decline[..], &[("confirmed", "yes")]].concat();
    assert_eq!(sam.does(&decide, &sure).await, path);
    let own = state(&post).await;
    assert_eq!(
        (&own["state"], &own["reason"]["code"]),
        (&json!("declined"), &json!("one_part"))
    );

    let post = mia.posts(RED).await;
    let path = takes(&sam, &post).await;
    let decide = format!("{path}/decide");
    let page = html(sam.sends(&decide, &[("decision", "escalate")]).await, 200);
    has(&page, &["Hand this to a lead?"]);
    let sure = [("decision", "escalate"), ("confirmed", "yes")];
    assert_eq!(sam.does(&decide, &sure).await, path);
    has(
        &sam.reads(&path).await,
        &["waits for a lead", "waits for a safeguarding lead"],
    );

    let post = mia.posts(AMBER).await;
    let path = takes(&sam, &post).await;
    let decide = format!("{path}/decide");
    sam.does(&decide, &[("decision", "hold"), ("hours", "8")])
        .await;
    assert_eq!(state(&post).await["state"], "held");

    let post = mia.posts(CRISIS).await;
    let path = takes(&sam, &post).await;
    mia.delete(&post.path()).await.ok(204);
    has(
        &sam.reads(&path).await,
        &["name=\"decision\" value=\"close\"", "cannot be undone"],
    );
    sam.does(&format!("{path}/decide"), &[("decision", "close")])
        .await;
    let page = sam.reads(&path).await;
    has(&page, &["The words are erased."]);
    assert!(!page.contains("/undo"), "{page}");
}

pub async fn a_form_that_cannot_be_done_is_shown_again(app: &App) {
    let mia = app.person("13-15").await;
    let sam = Console::open(app, "Sam", "moderator").await;
    let kim = Console::open(app, "Kim", "moderator").await;
    mia.refreshes().await;
    let post = mia.posts(RED).await;
    let path = takes(&sam, &post).await;
    let decide = format!("{path}/decide");
    let approve: &[(&str, &str)] = &[("decision", "approve")];
    for (wrong, said) in [
        (&[][..], "Choose what is to be done."),
        (&[("decision", "burn")], "Choose what is to be done."),
        (&[("decision", "decline")], "Expected one of"),
        (
            &[("decision", "decline"), ("reason", "one_part")],
            "say what `part` is",
        ),
        (&[("decision", "hold"), ("hours", "99")], "Expected 1 to 72"),
        (
            &[("decision", "hold"), ("hours", "x")],
            "Expected a number.",
        ),
        (
            &[("decision", "approve"), ("level", "green")],
            "Say why there is less risk",
        ),
        (
            &[("decision", "approve"), ("level", "x")],
            "Choose one of the levels.",
        ),
        (
            &[
                ("decision", "approve"),
                ("topics_shown", "yes"),
                ("topics", "x"),
            ],
            "Choose from the",
        ),
        (
            &[("decision", "approve"), ("mask_words", "nowhere")],
            "do not stand in the text",
        ),
        (
            &[("decision", "approve"), ("mask_span", "7")],
            "Expected places in the text.",
        ),
        (
            &[("decision", "approve"), ("mask_span", "7-9999")],
            "Expected places within the text",
        ),
    ] {
        let mut form = wrong.to_vec();
        form.push(("note", ""));
        let page = html(sam.sends(&decide, &form).await, 400);
        has(&page, &["role=\"alert\"", said]);
    }
    let kept = [
        ("decision", "decline"),
        ("reason", "hate"),
        ("fill_one_part_part", "kept"),
        ("level", "crisis"),
        ("mask_words", "belt"),
        ("mask_span", "0-11"),
        ("topics_shown", "yes"),
        ("topics", "sleep"),
    ];
    let page = html(sam.sends(&decide, &kept).await, 400);
    has(
        &page,
        &[
            "value=\"decline\" required data-key=\"2\" checked",
            "<option value=\"hate\" selected>",
            "value=\"kept\"",
            "<option value=\"crisis\" selected>",
            "belt</textarea>",
            "value=\"sleep\" checked",
            "<details open>",
        ],
    );
    // Others, and those who come late, are told why not.
    let told = html(kim.sends(&decide, approve).await, 409);
    has(&told, &["You do not hold this case."]);
    let old = [("decision", "approve"), ("policy", "0")];
    has(
        &html(sam.sends(&decide, &old).await, 409),
        &["The policy has changed"],
    );
    mia.patch(&post.path(), json!({ "text": GREEN }))
        .await
        .ok(200);
    html(sam.sends(&decide, approve).await, 409);
    let page = sam.reads(&path).await;
    has(
        &page,
        &[
            "Revision 1",
            "href=\"#r1-why-1\"",
            "id=\"r1-why-1\"",
            "Take this case",
        ],
    );
    sam.does(&format!("{path}/claim"), &[]).await;
    sam.does(&decide, approve).await;
    html(sam.sends(&decide, approve).await, 409);
}

pub async fn a_decision_is_undone_by_its_button(app: &App) {
    let mia = app.person("13-15").await;
    let sam = Console::open(app, "Sam", "moderator").await;
    let kim = Console::open(app, "Kim", "moderator").await;
    mia.refreshes().await;
    let post = mia.posts(RED).await;
    let path = takes(&sam, &post).await;
    let (decide, undo) = (format!("{path}/decide"), format!("{path}/undo"));
    let button = format!("action=\"{undo}\"");
    sam.does(&decide, &[("decision", "approve")]).await;
    assert!(!kim.reads(&path).await.contains(&button));
    html(kim.sends(&undo, &[]).await, 409);
    assert!(sam.reads(&path).await.contains(&button));
    assert_eq!(sam.does(&undo, &[]).await, path);
    let page = sam.reads(&path).await;
    has(
        &page,
        &[
            "undid a decision: approved.",
            "approved, undone",
            "name=\"decision\"",
        ],
    );
    assert_eq!(mia.get(&post.path()).await.ok(200)["state"], "held");
    sam.does(&decide, &[("decision", "approve")]).await;
    app.later(2);
    assert!(!sam.reads(&path).await.contains(&button));
    has(
        &html(sam.sends(&undo, &[]).await, 409),
        &["A minute has gone by."],
    );
}

pub async fn each_role_sees_its_own(app: &App) {
    let mia = app.person("13-15").await;
    let ana = Console::open(app, "Ana", "analyst").await;
    let sam = Console::open(app, "Sam", "moderator").await;
    mia.refreshes().await;
    let (_, path) = page_of(&sam, &mia.posts(RED).await).await;
    assert_eq!(ana.visits(&path).await.status, 403);
    for act in ["claim", "release", "decide", "undo", "author-posts"] {
        let path = format!("{path}/{act}");
        let form = [("decision", "approve"), ("reason", "because")];
        let fields: &[(&str, &str)] = match act {
            "decide" => &form[..1],
            "author-posts" => &form[1..],
            _ => &[],
        };
        html(ana.sends(&path, fields).await, 403);
        let bare = sam.asks(reqwest::Method::POST, &path).form(fields);
        html(app.send(bare).await, 403);
    }
    for nowhere in ["x", "00000000-0000-4000-8000-000000000000"] {
        assert_eq!(
            sam.visits(&format!("/console/cases/{nowhere}"))
                .await
                .status,
            404
        );
    }
}

pub async fn what_the_author_wrote_is_shown_once(app: &App) {
    let mia = app.person("13-15").await;
    let sam = Console::open(app, "Sam", "moderator").await;
    mia.refreshes().await;
    mia.posts("I got a <puppy> today").await;
    let path = takes(&sam, &mia.posts(RED).await).await;
    let look = format!("{path}/author-posts");
    html(sam.sends(&look, &[("reason", " ")]).await, 400);
    let page = html(sam.sends(&look, &[("reason", "is she safe?")]).await, 200);
    has(
        &page,
        &[
            "I got a &lt;puppy&gt; today",
            "Shown once.",
            "looked at what the author wrote lately: is she safe?",
        ],
    );
    let page = sam.reads(&path).await;
    assert!(!page.contains("puppy"), "{page}");
    has(
        &page,
        &["looked at what the author wrote lately: is she safe?"],
    );
}
