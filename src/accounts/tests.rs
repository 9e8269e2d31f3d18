use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::clock::Time;

const DAY: Duration = Duration::from_secs(86_400);
const ROOT: [u8; 32] = [7; 32];

/// An hour into an epoch of signing keys.
fn start() -> Time {
    Time::from_micros((600 * 30 * 86_400 + 3_600) * 1_000_000)
}

struct World {
    accounts: Accounts,
    _dir: tempfile::TempDir,
}

async fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open_file(&dir.path().join("hearth.db")).await.unwrap();
    db.migrate().await.unwrap();
    let keys = Arc::new(Keys::from_root(ROOT));
    let accounts = Accounts::new(db, keys, Clock::manual(start()));
    World {
        accounts,
        _dir: dir,
    }
}

impl World {
    async fn join(&self) -> (Tokens, String) {
        let new = NewAccount {
            age_band: AgeBand::From13To15,
            area: Some("E08000009".into()),
            gender: None,
        };
        self.accounts.create(&new).await.unwrap()
    }

    async fn alive(&self, tokens: &Tokens) -> bool {
        self.accounts
            .authenticate(&tokens.access_token)
            .await
            .is_ok()
    }

    async fn call(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        let router: Router = routes::<Accounts>()
            .with_state(self.accounts.clone())
            .into();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::from(body.to_string()))
            .unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }
}

#[tokio::test]
async fn a_refresh_token_works_once_and_the_second_time_ends_its_family() {
    let world = world().await;
    let (first, _) = world.join().await;
    let (bystander, _) = world.join().await;
    let second = world.accounts.refresh(&first.refresh_token).await.unwrap();
    let third = world.accounts.refresh(&second.refresh_token).await.unwrap();
    assert!(world.alive(&first).await && world.alive(&third).await);

    let again = world.accounts.refresh(&first.refresh_token).await;
    assert!(matches!(again, Err(Error::Unauthenticated)));
    for tokens in [&first, &second, &third] {
        assert!(!world.alive(tokens).await);
        assert!(world.accounts.refresh(&tokens.refresh_token).await.is_err());
    }
    assert!(world.alive(&bystander).await);
}

#[tokio::test]
async fn of_many_refreshes_at_once_at_most_one_wins() {
    let world = world().await;
    let (tokens, _) = world.join().await;
    let refreshes = (0..8).map(|_| world.accounts.refresh(&tokens.refresh_token));
    let done = futures_util::future::join_all(refreshes).await;
    assert_eq!(done.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(!world.alive(&tokens).await);
}

#[tokio::test]
async fn a_recovery_code_opens_a_family_of_its_own_as_often_as_it_takes() {
    let world = world().await;
    let (lost, code) = world.join().await;
    let sloppy = code.to_lowercase().replace('-', " ");
    let one = world.accounts.recover(&sloppy).await.unwrap();
    let other = world.accounts.recover(&code).await.unwrap();
    assert_ne!(one.refresh_token, other.refresh_token);
    for tokens in [&lost, &one, &other] {
        assert!(world.alive(tokens).await);
    }
    for wrong in ["", "7Q3K-0M9T-ZX4A-PB2E-HW8C", &one.refresh_token] {
        assert!(matches!(
            world.accounts.recover(wrong).await,
            Err(Error::Unauthenticated)
        ));
    }
}

#[tokio::test]
async fn tokens_die_with_time() {
    let world = world().await;
    let (tokens, _) = world.join().await;
    let clock = &world.accounts.clock;
    clock.advance(tokens::LIFETIME - Duration::from_secs(1));
    assert!(world.alive(&tokens).await);
    clock.advance(Duration::from_secs(1));
    assert!(!world.alive(&tokens).await);

    clock.advance(59 * DAY);
    let tokens = world.accounts.refresh(&tokens.refresh_token).await.unwrap();
    clock.advance(59 * DAY);
    let tokens = world.accounts.refresh(&tokens.refresh_token).await.unwrap();
    clock.advance(60 * DAY);
    assert!(world.accounts.refresh(&tokens.refresh_token).await.is_err());

    prune(&world.accounts.db, clock.now()).await.unwrap();
    let left: i64 = crate::db::on_db!(world.accounts.db, |c| sqlx::query_scalar(
        "SELECT count(*) FROM refresh_tokens"
    )
    .fetch_one(c)
    .await)
    .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_token_outlives_the_change_of_keys() {
    let world = world().await;
    let (tokens, _) = world.join().await;
    let clock = &world.accounts.clock;
    clock.advance(30 * DAY - Duration::from_secs(3_600 + 60));
    let late = world.accounts.refresh(&tokens.refresh_token).await.unwrap();
    clock.advance(Duration::from_secs(120));
    assert!(world.alive(&late).await);
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let world = world().await;
    let (tokens, _) = world.join().await;
    let mut parts = tokens.access_token.split('.');
    let claims = BASE64URL_NOPAD
        .decode(parts.nth(1).unwrap().as_bytes())
        .unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let epoch = start().day() / 30;
    let sign = |key: &Keys, from: i64, kid: Option<String>, claims: &Value| {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = kid;
        let key = EncodingKey::from_ed_der(key.signing_key(from).as_bytes());
        jsonwebtoken::encode(&header, claims, &key).unwrap()
    };
    let ours = Keys::from_root(ROOT);
    let kid = Some(epoch.to_string());
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        sign(&ours, epoch, kid.clone(), &claims)
    };
    let without = |name: &str| {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        sign(&ours, epoch, kid.clone(), &claims)
    };
    let by_hand = |header: Value, sign: &dyn Fn(&str) -> Vec<u8>| {
        let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let message = format!("{}.{}", encode(&header), encode(&claims));
        let signature = BASE64URL_NOPAD.encode(&sign(&message));
        format!("{message}.{signature}")
    };
    let hs256 = |message: &str| {
        use hmac::{KeyInit, Mac};
        let public = ours.signing_key(epoch).verifying_key().to_bytes();
        let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(&public).unwrap();
        mac.update(message.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let now = start().seconds();

    let good = sign(&ours, epoch, kid.clone(), &claims);
    assert!(world.accounts.authenticate(&good).await.is_ok());
    let forged = [
        ("not a token", "x.y.z".into()),
        ("empty", String::new()),
        (
            "alg none",
            by_hand(json!({"alg": "none", "kid": kid}), &|_| vec![]),
        ),
        (
            "HS256 with the public key",
            by_hand(json!({"alg": "HS256", "kid": kid}), &hs256),
        ),
        (
            "no signature",
            by_hand(json!({"alg": "EdDSA", "kid": kid}), &|_| vec![]),
        ),
        (
            "another root",
            sign(&Keys::from_root([8; 32]), epoch, kid.clone(), &claims),
        ),
        ("no kid", sign(&ours, epoch, None, &claims)),
        (
            "a kid of long ago",
            sign(&ours, epoch - 2, Some((epoch - 2).to_string()), &claims),
        ),
        (
            "a kid of some day",
            sign(&ours, epoch + 2, Some((epoch + 2).to_string()), &claims),
        ),
        (
            "another epoch's key",
            sign(&ours, epoch - 1, kid.clone(), &claims),
        ),
        (
            "a kid out of range",
            sign(&ours, epoch, Some(i64::MIN.to_string()), &claims),
        ),
        ("another audience", with("aud", json!("staff"))),
        ("another issuer", with("iss", json!("somebody"))),
        ("expired", with("exp", json!(now))),
        ("not yet made", with("iat", json!(now + 60))),
        ("another account", with("sub", json!(AccountId::random()))),
        ("another family", with("sid", json!(FamilyId::random()))),
        ("no audience", without("aud")),
        ("no issuer", without("iss")),
        ("no expiry", without("exp")),
    ];
    for (what, token) in forged {
        let refused = world.accounts.authenticate(&token).await;
        assert!(matches!(refused, Err(Error::Unauthenticated)), "{what}");
    }
}

#[test]
fn the_provider_does_eddsa_alone() {
    eddsa::install();
    let header = Header::new(Algorithm::HS256);
    let key = EncodingKey::from_secret(b"secret");
    assert!(jsonwebtoken::encode(&header, &json!({}), &key).is_err());
    let key = DecodingKey::from_ed_der(&[0; 31]);
    assert!(jsonwebtoken::crypto::verify("", b"", &key, Algorithm::EdDSA).is_err());
}

#[tokio::test]
async fn a_ticket_works_once_for_half_a_minute() {
    let world = world().await;
    let (tokens, _) = world.join().await;
    let accounts = &world.accounts;
    let account = accounts.authenticate(&tokens.access_token).await.unwrap();

    let (ticket, lifetime) = accounts.issue_ticket(account.id).await.unwrap();
    assert_eq!(accounts.redeem_ticket(&ticket).await.unwrap(), account);
    assert!(accounts.redeem_ticket(&ticket).await.is_err());

    let (late, _) = accounts.issue_ticket(account.id).await.unwrap();
    accounts.clock.advance(lifetime);
    assert!(accounts.redeem_ticket(&late).await.is_err());
}

#[tokio::test]
async fn an_erased_account_leaves_nothing() {
    let world = world().await;
    let (tokens, code) = world.join().await;
    let accounts = &world.accounts;
    let id = accounts
        .authenticate(&tokens.access_token)
        .await
        .unwrap()
        .id;
    accounts.issue_ticket(id).await.unwrap();
    let held = export(&accounts.db, id).await.unwrap();
    assert_eq!(held["created_on"], "2019-04-14");
    assert_eq!(held["profile"]["area"], "E08000009");
    assert_eq!(held["signed_in_until"], json!(["2019-06-13"]));

    let mut tx = accounts.db.begin().await.unwrap();
    assert!(erase(&mut tx, id).await.unwrap());
    tx.commit().await.unwrap();
    assert!(!world.alive(&tokens).await);
    assert!(accounts.recover(&code).await.is_err());
    assert!(accounts.find(id).await.unwrap().is_none());
    assert_eq!(export(&accounts.db, id).await.unwrap(), Value::Null);
}

#[tokio::test]
async fn over_http() {
    let world = world().await;
    let (status, made) = world
        .call("POST", "/v1/accounts", "", json!({"age_band": "16-17"}))
        .await;
    assert_eq!(
        (status, &made["expires_in"]),
        (StatusCode::CREATED, &json!(900))
    );
    let token = made["access_token"].as_str().unwrap();

    let (_, me) = world.call("GET", "/v1/me", token, Value::Null).await;
    let fresh = json!({
        "age_band": "16-17", "area": null, "gender": null, "muted_topics": [], "quiet_hours": null
    });
    assert_eq!(me, fresh);
    let changes = json!({
        "area": "W06000015", "gender": "girl", "muted_topics": ["exams", "abuse", "exams"],
        "quiet_hours": {"from": "22:00", "to": "07:00"}
    });
    let (_, me) = world.call("PATCH", "/v1/me", token, changes).await;
    assert_eq!(me["muted_topics"], json!(["abuse", "exams"]));
    let (_, me) = world
        .call(
            "PATCH",
            "/v1/me",
            token,
            json!({"area": null, "quiet_hours": null}),
        )
        .await;
    assert_eq!((&me["area"], &me["gender"]), (&Value::Null, &json!("girl")));
    assert_eq!(me["quiet_hours"], Value::Null);

    let refused = [
        ("POST", "/v1/accounts", json!({}), 400),
        ("POST", "/v1/accounts", json!({"age_band": "20-99"}), 400),
        (
            "POST",
            "/v1/accounts",
            json!({"age_band": "11-12", "area": "M1 1AE"}),
            400,
        ),
        (
            "POST",
            "/v1/accounts",
            json!({"age_band": "11-12", "email": "a@b.uk"}),
            400,
        ),
        ("POST", "/v1/tokens", json!({}), 400),
        (
            "POST",
            "/v1/tokens",
            json!({"refresh_token": "a", "recovery_code": "b"}),
            400,
        ),
        ("POST", "/v1/tokens", json!({"refresh_token": 5}), 400),
        ("POST", "/v1/tokens", json!({"refresh_token": "a"}), 401),
        ("POST", "/v1/tokens", json!({"recovery_code": "b"}), 401),
        ("PATCH", "/v1/me", json!({"id": "x"}), 400),
        ("PATCH", "/v1/me", json!({"age_band": null}), 400),
        ("PATCH", "/v1/me", json!({"muted_topics": ["weather"]}), 400),
        (
            "PATCH",
            "/v1/me",
            json!({"quiet_hours": {"from": "7:00", "to": "08:00"}}),
            400,
        ),
        (
            "PATCH",
            "/v1/me",
            json!({"quiet_hours": {"from": "08:00", "to": "08:00"}}),
            400,
        ),
    ];
    for (method, path, body, expected) in refused {
        let (status, problem) = world.call(method, path, token, body.clone()).await;
        assert_eq!(status, expected, "{method} {path} {body}: {problem}");
        assert_eq!(problem["status"], expected);
    }
    let (status, _) = world.call("GET", "/v1/me", "", Value::Null).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}
