//! All that is held about a person: shown to them, and gone when they leave.

use hearth::posts::Posts;
use serde_json::{Value, json};

use crate::harness::{AMBER, App, CRISIS, GREEN, Person, Posted, account};

/// What one person can leave behind: an older post of somebody else's that they reacted to, and
/// everything else that they can do.
struct Traces<'a> {
    mia: Person<'a>,
    /// Somebody else, and a post of theirs from before Mia joined.
    zoe: Person<'a>,
    zoes: Posted,
    live: Posted,
    held: Posted,
    declined: Posted,
    receipts: Vec<String>,
}

async fn traces(app: &App) -> Traces<'_> {
    let zoe = app.person("16-17").await;
    let zoes = zoe.posts(GREEN).await;
    app.later(3 * 24 * 60);
    let mia = app.person("13-15").await;
    zoe.refreshes().await;
    let sam = app.staff("Sam", "moderator").await;
    let (live, held) = (mia.posts(AMBER).await, mia.posts(CRISIS).await);
    let declined = mia.posts("i wish i could just disappear today").await;
    sam.declines(&declined, "other").await;
    mia.posts("withdrawn").await;
    let withdrawn = mia.posts("i got a kitten").await;
    mia.delete(&withdrawn.path()).await.ok(204);
    for kind in ["heart", "me2", "hug"] {
        mia.gives(kind, &zoes).await;
    }
    zoe.gives("hug", &live).await;
    let receipts = [
        mia.reports(&zoes, "spam").await,
        mia.appeals(&declined, "please look again").await,
        zoe.reports(&live, "worried_about_them").await,
    ];
    let receipts = receipts
        .iter()
        .map(|r| r["receipt"].as_str().unwrap().to_owned())
        .collect();
    let key = mia
        .request(reqwest::Method::POST, "/v1/posts")
        .header("idempotency-key", "k1");
    app.send(key.json(&json!({ "text": "my dog is great" })))
        .await
        .ok(201);
    mia.post("/v1/live/tickets", Value::Null).await.ok(201);
    Traces {
        mia,
        zoe,
        zoes,
        live,
        held,
        declined,
        receipts,
    }
}

pub async fn the_export_holds_everything(app: &App) {
    let t = traces(app).await;
    let export = t.mia.get("/v1/me/export").await.ok(200);
    assert_eq!(export["account"]["profile"]["age_band"], "13-15");
    let posts = export["posts"].as_array().unwrap();
    assert_eq!(posts.len(), 6);
    for post in [&t.live, &t.held, &t.declined] {
        let found = posts.iter().find(|found| found["id"] == *post.id).unwrap();
        assert_eq!(found["text"], post.post["text"]);
    }
    let given = export["reactions"].as_array().unwrap();
    assert_eq!(given.len(), 3, "{export:#}");
    assert!(
        given
            .iter()
            .all(|reaction| reaction["post_id"] == *t.zoes.id)
    );
    assert_eq!(export["reports"][0]["reason"], "spam");
    assert_eq!(
        export["reports"].as_array().unwrap().len(),
        1,
        "not those of others"
    );
    assert_eq!(export["appeals"][0]["text"], "please look again");

    let theirs = t.zoe.get("/v1/me/export").await.ok(200);
    assert!(
        !theirs.to_string().contains(&t.held.id),
        "a held post is in nobody else's export"
    );
}

pub async fn who_leaves_leaves_nothing(app: &App) {
    let t = traces(app).await;
    let id = account(&t.mia);
    let posts: Posts = app.part().await;
    let own = posts.ids_of(id, 100).await.unwrap();
    assert_eq!(own.len(), 6);
    let hex = |id: &uuid::Uuid| data_encoding::HEXLOWER.encode(id.as_bytes());
    let before = app.database.dump().await;
    let tokens = [
        "token_families.account_id",
        "live_tickets.account_id",
        "accounts.id",
    ];
    let places = before.places_of(&hex(&id.uuid()));
    assert_eq!(
        places,
        tokens.map(String::from).into(),
        "the dump shows what there is"
    );

    t.mia.delete("/v1/me").await.ok(204);

    let after = app.database.dump().await;
    assert_eq!(after.places_of(&hex(&id.uuid())), [].into());
    // By chance one of the decisions is drawn for a second opinion.
    let stays = ["cases.post_id", "events.post_id", "reviews.post_id"]
        .map(String::from)
        .into();
    for post in &own {
        let places = after.places_of(&hex(&post.uuid()));
        assert!(places.is_subset(&stays), "{places:?}");
    }
    let keys = &posts.keys;
    let zoes: hearth::ids::PostId = t.zoes.id.parse().unwrap();
    let mut tags = vec![keys.report_tag(id, zoes), keys.idempotency_tag(id, "k1")];
    tags.extend((0..8).map(|n| keys.post_tag(id, n)));
    tags.extend(["heart", "me2", "hug"].map(|kind| keys.reaction_tag(id, zoes, kind)));
    for tag in tags {
        assert_eq!(
            after.places_of(&data_encoding::HEXLOWER.encode(&tag)),
            [].into()
        );
    }
    for words in [
        "disappear",
        "kill myself",
        "look again",
        "withdrawn",
        "my dog",
    ] {
        assert_eq!(after.places_of(words), [].into(), "{words}");
    }
    assert_eq!(app.database.count("posts").await, 1);
    assert_eq!(
        app.database.count("reports").await,
        0,
        "nor reports about what is gone"
    );
}

pub async fn who_leaves_cannot_come_back_and_is_not_counted(app: &App) {
    let t = traces(app).await;
    assert_eq!(
        t.zoe.get(&t.zoes.path()).await.ok(200)["reactions"]["heart"],
        1
    );
    t.mia.delete("/v1/me").await.ok(204);

    let none = json!({ "heart": 0, "me2": 0, "hug": 0 });
    assert_eq!(t.zoe.get(&t.zoes.path()).await.ok(200)["reactions"], none);
    t.zoe.get(&t.live.path()).await.refused(404);
    assert_eq!(t.zoe.feed().await, [&*t.zoes.id]);
    t.mia.get("/v1/me").await.refused(401);
    t.mia.delete("/v1/me").await.refused(401);
    let code = json!({ "recovery_code": t.mia.recovery_code });
    app.post("/v1/tokens", code).await.refused(401);
    let grant = json!({ "refresh_token": t.mia.refresh_token() });
    app.post("/v1/tokens", grant).await.refused(401);
    for receipt in &t.receipts[..2] {
        app.get(&format!("/v1/receipts/{receipt}"))
            .await
            .refused(404);
    }
    // Zoe told us of something, and hears how it ended.
    let told = app
        .get(&format!("/v1/receipts/{}", t.receipts[2]))
        .await
        .ok(200);
    assert_eq!(told["outcome"], "closed");
}

pub async fn the_cases_of_who_leaves_are_closed_and_hold_no_words(app: &App) {
    let t = traces(app).await;
    t.mia.delete("/v1/me").await.ok(204);
    let ali = app.staff("Ali", "lead").await;
    let open = ali.all("/v1/moderation/cases").await;
    // Zoe's post was reported by Mia: somebody has to look all the same.
    assert!(
        open.iter().all(|case| case["post_id"] == *t.zoes.id),
        "{open:#?}"
    );
    let closed = ali.all("/v1/moderation/cases?state=decided").await;
    assert_eq!(closed.len(), 4);
    assert!(
        closed
            .iter()
            .all(|case| case["text"] == "" && case["matches"] == json!([]))
    );
}

pub async fn others_hear_that_a_post_is_gone_when_its_author_leaves(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let (hers, zoes) = (mia.posts(GREEN).await, zoe.posts(GREEN).await);
    mia.gives("hug", &zoes).await;
    let mut ear = zoe.listens().await;
    mia.delete("/v1/me").await.ok(204);
    let counts = ear.hears("reactions").await;
    assert_eq!(
        (&counts["post_id"], &counts["reactions"]["hug"]),
        (&json!(zoes.id), &json!(0))
    );
    assert_eq!(ear.hears("gone").await["post_id"], *hers.id);
}
