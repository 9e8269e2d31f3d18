//! Accounts and the tokens that stand for them.

use std::sync::Arc;
use std::time::Duration;

use hearth::keys::Keys;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, GREEN};

pub async fn a_new_account_has_tokens_that_work(app: &App) {
    let made = app
        .post("/v1/accounts", json!({ "age_band": "13-15" }))
        .await
        .ok(201);
    assert_eq!(
        (&made["token_type"], &made["expires_in"]),
        (&json!("Bearer"), &json!(900))
    );
    assert!(
        made.get("id").is_none(),
        "an account's identifier is never written out"
    );

    let mia = app.person("16-17").await;
    let me = mia.get("/v1/me").await.ok(200);
    let fresh = json!({
        "age_band": "16-17", "area": null, "gender": null, "muted_topics": [], "quiet_hours": null
    });
    assert_eq!(me, fresh);
}

pub async fn an_account_takes_nothing_that_says_who_they_are(app: &App) {
    for (body, field) in [
        (json!({}), "."),
        (json!({ "age_band": "10-12" }), "age_band"),
        (json!({ "age_band": "13-15", "name": "Mia" }), "name"),
        (json!({ "age_band": "13-15", "email": "a@b.uk" }), "email"),
        (json!({ "age_band": "13-15", "area": "M1 1AE" }), "area"),
        (
            json!({ "age_band": "13-15", "gender": "x".repeat(41) }),
            "gender",
        ),
    ] {
        assert_eq!(app.post("/v1/accounts", body).await.fault(), field);
    }
    for table in ["accounts", "token_families", "refresh_tokens"] {
        assert_eq!(app.database.count(table).await, 0, "{table}");
    }
}

pub async fn a_refresh_token_works_once(app: &App) {
    let mia = app.person("13-15").await;
    let first = mia.refresh_token();
    mia.refreshes().await;
    assert_ne!(mia.refresh_token(), first);
    mia.refreshes().await;
    mia.get("/v1/me").await.ok(200);
}

pub async fn a_refresh_token_used_twice_ends_its_family(app: &App) {
    let mia = app.person("13-15").await;
    let stolen = mia.refresh_token();
    mia.refreshes().await;
    let code = json!({ "recovery_code": mia.recovery_code });
    let elsewhere = app.post("/v1/tokens", code).await.ok(200);

    app.post("/v1/tokens", json!({ "refresh_token": stolen }))
        .await
        .refused(401);
    mia.get("/v1/me").await.refused(401);
    let newest = json!({ "refresh_token": mia.refresh_token() });
    app.post("/v1/tokens", newest).await.refused(401);

    let other_family = elsewhere["access_token"].as_str().unwrap();
    let request = app.request(Method::GET, "/v1/me").bearer_auth(other_family);
    app.send(request).await.ok(200);
}

pub async fn of_refreshes_at_once_one_wins_at_the_most(app: &App) {
    let mia = app.person("13-15").await;
    let grant = json!({ "refresh_token": mia.refresh_token() });
    let all = (0..8).map(|_| app.post("/v1/tokens", grant.clone()));
    let all = futures_util::future::join_all(all).await;
    let won = all.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1, "a refresh token is good once");
    assert!(all.iter().all(|answer| matches!(answer.status, 200 | 401)));
    mia.get("/v1/me").await.refused(401);
}

pub async fn a_recovery_code_opens_the_account_again(app: &App) {
    let mia = app.person("13-15").await;
    mia.posts(GREEN).await;
    let typed = mia.recovery_code.to_lowercase().replace('-', " ");
    let tokens = app
        .post("/v1/tokens", json!({ "recovery_code": typed }))
        .await
        .ok(200);
    assert!(tokens.get("recovery_code").is_none());
    let token = tokens["access_token"].as_str().unwrap();
    let request = app.request(Method::GET, "/v1/me/posts").bearer_auth(token);
    let posts = app.send(request).await.ok(200);
    assert_eq!(posts["items"].as_array().unwrap().len(), 1);

    let wrong = json!({ "recovery_code": "0000-0000-0000-0000-0000" });
    app.post("/v1/tokens", wrong).await.refused(401);
}

pub async fn an_access_token_lasts_a_quarter_of_an_hour(app: &App) {
    let mia = app.person("13-15").await;
    app.clock.advance(Duration::from_secs(15 * 60 - 1));
    mia.get("/v1/me").await.ok(200);
    app.clock.advance(Duration::from_secs(1));
    mia.get("/v1/me").await.refused(401);
    mia.refreshes().await;
    mia.get("/v1/me").await.ok(200);
}

pub async fn a_family_lasts_sixty_days_from_its_last_use(app: &App) {
    let mia = app.person("13-15").await;
    app.later(59 * 24 * 60);
    mia.refreshes().await;
    app.later(59 * 24 * 60);
    mia.refreshes().await;
    app.later(60 * 24 * 60);
    let grant = json!({ "refresh_token": mia.refresh_token() });
    app.post("/v1/tokens", grant).await.refused(401);
}

pub async fn tokens_survive_a_restart(app: &App) {
    let mia = app.person("13-15").await;
    app.restarts().await;
    mia.get("/v1/me").await.ok(200);
    mia.refreshes().await;
}

/// Tokens by hand: claims of a real one, under another header or signature.
mod forger {
    use data_encoding::BASE64URL_NOPAD;
    use ed25519_dalek::Signer;
    use hmac::{KeyInit, Mac};

    use super::*;

    pub fn claims(token: &str) -> Value {
        part(token, 1)
    }

    pub fn part(token: &str, n: usize) -> Value {
        let part = BASE64URL_NOPAD.decode(token.split('.').nth(n).unwrap().as_bytes());
        serde_json::from_slice(&part.unwrap()).unwrap()
    }

    fn encode(value: &Value) -> String {
        BASE64URL_NOPAD.encode(value.to_string().as_bytes())
    }

    pub fn signed(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = sign(message.as_bytes());
        format!("{message}.{}", BASE64URL_NOPAD.encode(&signature))
    }

    pub fn eddsa(keys: &Keys, epoch: i64) -> impl Fn(&[u8]) -> Vec<u8> {
        let key = keys.signing_key(epoch);
        move |message| key.sign(message).to_bytes().to_vec()
    }

    pub fn hs256(secret: &[u8]) -> impl Fn(&[u8]) -> Vec<u8> {
        let mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(secret).unwrap();
        move |message| {
            mac.clone()
                .chain_update(message)
                .finalize()
                .into_bytes()
                .to_vec()
        }
    }
}

pub async fn forged_tokens_are_refused(app: &App) {
    let mia = app.person("13-15").await;
    let ours = Arc::new(Keys::load_or_create(&app.key_file()).unwrap());
    let (claims, header) = (forger::claims(&mia.token()), forger::part(&mia.token(), 0));
    let epoch: i64 = header["kid"].as_str().unwrap().parse().unwrap();
    let with = |value: &Value, name: &str, new: Value| {
        let mut value = value.clone();
        value[name] = new;
        value
    };
    let public = ours.signing_key(epoch).verifying_key().to_bytes();
    let sign = forger::eddsa(&ours, epoch);
    let as_me = async |token: &str| {
        app.send(app.request(Method::GET, "/v1/me").bearer_auth(token))
            .await
    };
    as_me(&forger::signed(&header, &claims, &sign))
        .await
        .ok(200);

    let none = with(&header, "alg", json!("none"));
    let hs256 = with(&header, "alg", json!("HS256"));
    let theirs = Keys::from_root([7; 32]);
    for (what, token) in [
        (
            "no algorithm",
            forger::signed(&none, &claims, |_| Vec::new()),
        ),
        (
            "no signature",
            forger::signed(&header, &claims, |_| Vec::new()),
        ),
        (
            "HS256",
            forger::signed(&hs256, &claims, forger::hs256(&public)),
        ),
        (
            "another key",
            forger::signed(&header, &claims, forger::eddsa(&theirs, epoch)),
        ),
        (
            "another audience",
            forger::signed(&header, &with(&claims, "aud", json!("staff")), &sign),
        ),
        (
            "another issuer",
            forger::signed(&header, &with(&claims, "iss", json!("x")), &sign),
        ),
        (
            "no expiry",
            forger::signed(&header, &with(&claims, "exp", Value::Null), &sign),
        ),
        ("the refresh token", mia.refresh_token()),
        ("nothing", String::new()),
    ] {
        let answer = as_me(&token).await;
        assert_eq!(answer.status, 401, "{what}");
        answer.is_problem();
    }
}

pub async fn tokens_of_people_and_of_staff_do_not_mix(app: &App) {
    let (mia, sam) = (app.person("13-15").await, app.staff("Sam", "lead").await);
    for path in ["/v1/me", "/v1/posts", "/v1/me/export"] {
        sam.get(path).await.refused(401);
    }
    sam.post("/v1/posts", json!({ "text": GREEN }))
        .await
        .refused(401);
    for path in ["/v1/moderation/cases", "/v1/moderation/audit"] {
        mia.get(path).await.refused(401);
    }
    assert_eq!(app.database.count("posts").await, 0);
}

pub async fn people_change_what_they_tell_of_themselves(app: &App) {
    let mia = app.person("13-15").await;
    let changes = json!({
        "age_band": "16-17", "area": "E08000009", "gender": "girl",
        "muted_topics": ["exams", "abuse", "exams"],
        "quiet_hours": { "from": "22:00", "to": "07:00" },
    });
    let mut expected = changes.clone();
    expected["muted_topics"] = json!(["abuse", "exams"]);
    assert_eq!(mia.patch("/v1/me", changes).await.ok(200), expected);
    assert_eq!(mia.get("/v1/me").await.ok(200), expected);

    for (wrong, field) in [
        (json!({ "age_band": null }), "age_band"),
        (json!({ "area": "somewhere" }), "area"),
        (json!({ "gender": "a\u{0}b" }), "gender"),
        (json!({ "muted_topics": ["weather"] }), "muted_topics[0]"),
        (
            json!({ "quiet_hours": { "from": "22:00", "to": "22:00" } }),
            "quiet_hours",
        ),
        (json!({ "recovery_code": "x" }), "recovery_code"),
    ] {
        assert_eq!(mia.patch("/v1/me", wrong).await.fault(), field);
    }
    assert_eq!(
        mia.get("/v1/me").await.ok(200),
        expected,
        "what is refused changes nothing"
    );
    let cleared = json!({ "area": null, "gender": null, "quiet_hours": null });
    let me = mia.patch("/v1/me", cleared).await.ok(200);
    assert_eq!(
        (&me["area"], &me["gender"], &me["quiet_hours"]),
        (&json!(null), &json!(null), &json!(null))
    );
}
