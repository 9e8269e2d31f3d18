//! What could show who or where somebody is, is hidden from others on every read path; its author
//! is told, and may change the words.

use serde_json::{Value, json};

use crate::harness::{App, Person, RED};

const NUMBER: &str = "07700 900123";

fn with_number() -> String {
    format!("really want some new mates to play fifa with my number is {NUMBER} lol")
}

async fn reads_nothing_of_it(reader: &Person<'_>, path: &str) {
    let mut read = String::new();
    for path in ["/v1/posts", "/v1/posts?limit=100", path] {
        read += &reader.get(path).await.ok(200).to_string();
    }
    assert!(read.contains("[hidden]"), "{read}");
    assert!(!read.contains(NUMBER) && !read.contains("900123"), "{read}");
}

pub async fn what_is_personal_is_hidden_from_others(app: &App) {
    let (mia, sam) = (app.person("13-15").await, app.person("16-17").await);
    let mut ear = sam.listens().await;
    let body = json!({ "text": with_number() });
    let post = mia.post("/v1/posts", body).await.ok(201)["post"].clone();
    assert_eq!(
        (&post["state"], &post["text"]),
        (&json!("live"), &json!(with_number()))
    );
    let hidden = &post["hidden"];
    assert!(
        hidden["text"].as_str().unwrap().contains("[hidden]"),
        "{hidden}"
    );
    assert!(
        hidden["message"]
            .as_str()
            .unwrap()
            .contains("did nothing wrong"),
        "{hidden}"
    );
    let path = format!("/v1/posts/{}", post["id"].as_str().unwrap());
    reads_nothing_of_it(&sam, &path).await;
    let heard = ear.hears("post").await.to_string();
    assert!(
        heard.contains("[hidden]") && !heard.contains(NUMBER),
        "{heard}"
    );
    // Its author reads their own words wherever they read them.
    for read in [
        mia.get(&path).await.ok(200),
        mia.get("/v1/me/posts").await.ok(200)["items"][0].clone(),
        mia.get("/v1/posts").await.ok(200)["items"][0].clone(),
    ] {
        assert_eq!(read["text"], with_number());
        assert_eq!(&read["hidden"], hidden);
    }
    assert_eq!(sam.get(&path).await.ok(200)["hidden"], Value::Null);
}

pub async fn an_author_changes_what_was_hidden(app: &App) {
    let (mia, sam) = (app.person("13-15").await, app.person("16-17").await);
    let post = mia.posts(&with_number()).await;
    let mine = "really want some new mates to play fifa with";
    let changed = mia
        .patch(&post.path(), json!({ "text": mine }))
        .await
        .ok(200);
    assert_eq!(changed["post"]["text"], mine);
    assert_eq!(changed["post"]["hidden"], Value::Null);
    assert_eq!(sam.get(&post.path()).await.ok(200)["text"], mine);
    // There is nothing left to mend, and nobody swaps the words of a post that others answered.
    mia.patch(&post.path(), json!({ "text": "something else" }))
        .await
        .refused(409);
    sam.patch(&post.path(), json!({ "text": "not mine" }))
        .await
        .refused(403);
    mia.patch(&post.path(), json!({ "text": "" }))
        .await
        .refused(400);
    mia.patch(&post.path(), json!({ "text": "a", "state": "live" }))
        .await
        .refused(400);
}

pub async fn other_words_are_about_other_things(app: &App) {
    let mia = app.person("13-15").await;
    let text = format!("so stressed about my gcses. {}", with_number());
    let draft = json!({ "text": text, "topics": ["faith"] });
    let posted = mia.post("/v1/posts", draft).await.ok(201);
    let topics = posted["post"]["topics"].as_array().unwrap();
    assert!(topics.contains(&json!("exams")), "{topics:?}");
    let path = format!("/v1/posts/{}", posted["post"]["id"].as_str().unwrap());
    let changed = mia.patch(&path, json!({ "text": "i love my cat" })).await;
    let changed = changed.ok(200);
    assert_eq!(
        changed["post"]["topics"],
        json!(["faith"]),
        "what the author named stays"
    );
}

pub async fn a_change_may_hold_a_post(app: &App) {
    let (mia, sam) = (app.person("13-15").await, app.person("16-17").await);
    let post = mia.posts(&with_number()).await;
    let changed = mia
        .patch(&post.path(), json!({ "text": RED }))
        .await
        .ok(200);
    assert_eq!(changed["post"]["state"], "held");
    assert!(!changed["support"]["urgent"].as_array().unwrap().is_empty());
    sam.get(&post.path()).await.refused(404);
    assert!(
        !sam.get("/v1/posts")
            .await
            .ok(200)
            .to_string()
            .contains(&post.id)
    );
}

pub async fn a_cry_for_help_is_not_lost_by_changing_it(app: &App) {
    let mia = app.person("13-15").await;
    let ada = app.staff("ada", "moderator").await;
    let post = mia.posts(RED).await;
    let case = ada.case_of(&post).await;
    ada.claims(&case).await.ok(200);
    let mild = "had pizza with my cousins today it was nice";
    let changed = mia
        .patch(&post.path(), json!({ "text": mild }))
        .await
        .ok(200);
    assert_eq!(changed["post"]["state"], "held", "a person still looks");
    // Whoever had read the old words has to read the new ones first.
    ada.decides(&case, json!({ "decision": "approve" }))
        .await
        .refused(409);
    ada.claims(&case).await.ok(200);
    let seen = ada.case_of_id(&case).await;
    assert_eq!(
        (&seen["text"], &seen["revision"]),
        (&json!(mild), &json!(2))
    );
    assert_eq!(
        (&seen["level"], &seen["earlier"][0]["text"]),
        (&json!("red"), &json!(RED))
    );
    ada.decides(&case, json!({ "decision": "approve" }))
        .await
        .ok(200);
    assert_eq!(mia.get(&post.path()).await.ok(200)["state"], "live");
    assert_eq!(
        app.database.count("earlier_words").await,
        0,
        "erased once looked at"
    );
}
