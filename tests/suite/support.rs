//! Support is always there.

use serde_json::{Value, json};

use crate::harness::{AMBER, App, CRISIS, GREEN, RED};

fn list<'a>(value: &'a Value, field: &str) -> Vec<&'a Value> {
    value[field].as_array().unwrap().iter().collect()
}

/// One national service that is open day and night, and one way that is not the phone.
#[track_caller]
fn somebody_is_there(support: &Value) {
    let services: Vec<&Value> = list(support, "services")
        .iter()
        .map(|m| &m["service"])
        .collect();
    let always = |service: &&&Value| {
        service["schedule"]["kind"] == "always" && service["areas"] == json!([])
    };
    // Its hours may be those of its phone alone.
    let written = |service: &&&Value| {
        let ways = ["text", "chat"];
        ways.iter().any(|way| service[way].is_string()) && service["schedule_for"] != "phone"
    };
    assert!(services.iter().any(|s| always(&s)), "{support:#}");
    assert!(
        services.iter().filter(|s| always(s)).any(|s| written(&s)),
        "{support:#}"
    );
    assert!(!support["message"].as_str().unwrap().is_empty());
}

pub async fn every_post_has_somebody_to_turn_to(app: &App) {
    for band in ["11-12", "13-15", "16-17", "18-19"] {
        let mia = app.person(band).await;
        for (words, level) in [
            (GREEN, "green"),
            (AMBER, "amber"),
            (RED, "red"),
            (CRISIS, "crisis"),
        ] {
            let secret = mia.posts(words).await;
            assert_eq!(secret.support["level"], level);
            somebody_is_there(&secret.support);
            assert_eq!(
                mia.get(&format!("{}/support", secret.path())).await.ok(200),
                secret.support
            );
        }
    }
}

pub async fn support_is_there_at_every_hour_and_in_every_state(app: &App) {
    let mia = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    let (declined, withdrawn) = (mia.posts(RED).await, mia.posts(CRISIS).await);
    sam.declines(&declined, "other").await;
    mia.delete(&withdrawn.path()).await.ok(204);
    for _ in 0..4 {
        app.later(6 * 60);
        mia.refreshes().await;
        for post in [&declined, &withdrawn] {
            somebody_is_there(&mia.get(&format!("{}/support", post.path())).await.ok(200));
        }
    }
}

pub async fn the_urgent_list_comes_with_the_answer_always_the_same(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("18-19").await);
    zoe.patch("/v1/me", json!({ "area": "N09000003", "gender": "boy" }))
        .await
        .ok(200);
    let urgent = mia.posts(CRISIS).await.support["urgent"].clone();
    let name = |n: usize| urgent[n]["name"].as_str().unwrap();
    assert!(
        name(0).starts_with("999") && name(1).starts_with("Childline"),
        "{urgent:#}"
    );
    for (person, words) in [(&mia, RED), (&zoe, RED), (&zoe, CRISIS)] {
        assert_eq!(person.posts(words).await.support["urgent"], urgent);
    }
}

pub async fn others_cannot_tell_the_level_from_the_support(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "moderator").await;
    let topics = ["suicide", "low_mood"];
    let green = mia.posts_about(GREEN, &topics).await;
    let crisis = mia.posts_about(CRISIS, &topics).await;
    sam.approves(&crisis).await;
    let of_green = zoe.get(&format!("{}/support", green.path())).await.ok(200);
    let of_crisis = zoe.get(&format!("{}/support", crisis.path())).await.ok(200);
    assert_eq!(of_green, of_crisis);
    assert!(of_crisis.get("level").is_none());
    somebody_is_there(&of_crisis);
    assert!(!list(&of_crisis, "urgent").is_empty());
    for path in ["/v1/posts", &crisis.path()] {
        let seen = zoe.get(path).await.ok(200).to_string();
        assert!(
            !seen.contains("level") && !seen.contains("verdict"),
            "{seen}"
        );
    }
}
