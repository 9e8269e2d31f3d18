//! Posts from their first words to their last state.

use serde_json::json;

use crate::harness::{AMBER, App, CRISIS, GREEN, RED};

pub async fn a_green_post_is_live_at_once(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("16-17").await);
    let secret = mia.posts(GREEN).await;
    assert_eq!(secret.support["level"], "green");
    let expected = json!({
        "id": secret.id, "text": GREEN, "created_at": "2026-01-20T16:00:00Z", "state": "live",
        "topics": [], "reactions": { "heart": 0, "me2": 0, "hug": 0 }, "my_reactions": [],
        "mine": true,
    });
    assert_eq!(secret.post, expected);

    let mut theirs = expected;
    theirs["mine"] = json!(false);
    assert_eq!(zoe.get(&secret.path()).await.ok(200), theirs);
    assert_eq!(zoe.all("/v1/posts").await, [theirs]);
    assert_eq!(app.database.count("cases").await, 0);
}

pub async fn an_amber_post_is_live_and_somebody_looks(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("16-17").await);
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(AMBER).await;
    assert_eq!(
        (&secret.post["state"], &secret.support["level"]),
        (&json!("live"), &json!("amber"))
    );
    assert_eq!(secret.post["review_by"], "2026-01-21T00:00:00Z");
    let seen = zoe.get(&secret.path()).await.ok(200);
    assert!(
        seen.get("review_by").is_none(),
        "others do not learn that somebody looks"
    );

    let case = sam.case_of(&secret).await;
    assert_eq!(
        (&case["level"], &case["state"]),
        (&json!("amber"), &json!("open"))
    );
    assert_eq!(
        (&case["text"], &case["due_at"]),
        (&json!(AMBER), &secret.post["review_by"])
    );
    assert!(!case["matches"].as_array().unwrap().is_empty());
}

pub async fn a_held_post_says_so_and_by_when_a_person_looks(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    for (words, level, due) in [
        (RED, "red", "2026-01-20T17:00:00Z"),
        (CRISIS, "crisis", "2026-01-20T16:15:00Z"),
    ] {
        let secret = mia.posts(words).await;
        assert_eq!(secret.support["level"], level);
        assert_eq!(
            (&secret.post["state"], &secret.post["review_by"]),
            (&json!("held"), &json!(due))
        );
        let case = sam.case_of(&secret).await;
        assert_eq!(
            (&case["level"], &case["due_at"]),
            (&json!(level), &json!(due))
        );
    }
}

pub async fn an_author_sees_their_posts_in_every_state(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let (live, held) = (mia.posts(GREEN).await, mia.posts(CRISIS).await);
    let (declined, withdrawn) = (mia.posts(RED).await, mia.posts("i got a kitten").await);
    sam.declines(&declined, "other").await;
    mia.delete(&withdrawn.path()).await.ok(204);

    let own = mia.all("/v1/me/posts").await;
    let states = [
        (&live, "live"),
        (&held, "held"),
        (&declined, "declined"),
        (&withdrawn, "withdrawn"),
    ];
    assert_eq!(own.len(), states.len());
    for (post, state) in states {
        let found = own.iter().find(|found| found["id"] == *post.id).unwrap();
        assert_eq!(found["state"], state);
        assert_eq!(mia.get(&post.path()).await.ok(200), *found);
    }
}

pub async fn who_takes_a_post_back_takes_it_from_everybody(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let secret = mia.posts(GREEN).await;
    zoe.gives("hug", &secret).await;
    mia.delete(&secret.path()).await.ok(204);
    mia.delete(&secret.path()).await.ok(204);

    zoe.get(&secret.path()).await.refused(404);
    assert_eq!(zoe.feed().await, [""; 0]);
    let own = mia.get(&secret.path()).await.ok(200);
    assert_eq!(
        (&own["state"], &own["text"]),
        (&json!("withdrawn"), &json!(""))
    );
    assert_eq!(
        app.database.dump().await.places_of("puppy"),
        [].into(),
        "the words are gone"
    );
}

pub async fn a_cry_for_help_is_not_lost_by_taking_it_back(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let secret = mia.posts(CRISIS).await;
    mia.delete(&secret.path()).await.ok(204);
    assert_eq!(mia.get(&secret.path()).await.ok(200)["text"], "");

    let case = sam.case_of(&secret).await;
    assert_eq!(
        (&case["text"], &case["post_state"]),
        (&json!(CRISIS), &json!("withdrawn"))
    );
    sam.settles(&secret, json!({ "decision": "close" })).await;
    assert_eq!(
        app.database.dump().await.places_of("kill myself"),
        [].into()
    );
}

pub async fn nobody_takes_back_the_post_of_another(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let (live, held) = (mia.posts(GREEN).await, mia.posts(CRISIS).await);
    zoe.delete(&live.path()).await.refused(403);
    zoe.delete(&held.path()).await.refused(404);
    for post in [live, held] {
        assert_eq!(
            mia.get(&post.path()).await.ok(200)["state"],
            post.post["state"]
        );
    }
}

pub async fn topics_that_the_author_names_are_added_to_what_is_found(app: &App) {
    let mia = app.person("13-15").await;
    let secret = mia.posts_about(AMBER, &["exams", "exams"]).await;
    let topics = secret.post["topics"].as_array().unwrap();
    for topic in ["suicide", "exams"] {
        assert!(topics.contains(&json!(topic)), "{topics:?}");
    }
    let draft = |topics| json!({ "text": GREEN, "topics": topics });
    assert_eq!(
        mia.post("/v1/posts", draft(json!(["weather"])))
            .await
            .fault(),
        "topics[0]"
    );
    let six = json!(["exams", "school", "family", "abuse", "bullying", "anxiety"]);
    assert_eq!(mia.post("/v1/posts", draft(six)).await.fault(), "topics");
}

pub async fn what_cannot_be_read_is_not_a_post(app: &App) {
    let mia = app.person("13-15").await;
    for text in [
        "",
        "  \n\t ",
        "a\0b",
        "a\u{202E}b",
        "a\u{1B}[2Jb",
        "\u{200B}\u{200D}\u{FEFF}",
        "\u{3164}\u{2800}",
        &"x".repeat(1_001),
        &"é".repeat(1_001),
    ] {
        assert_eq!(
            mia.post("/v1/posts", json!({ "text": text })).await.fault(),
            "text",
            "{text:?}"
        );
    }
    assert_eq!(app.database.count("posts").await, 0);
    for text in ["x", &"é".repeat(1_000), "👨‍👩‍👧‍👦", "مرحبا"] {
        assert_eq!(mia.posts(text).await.post["text"], text);
    }
}
