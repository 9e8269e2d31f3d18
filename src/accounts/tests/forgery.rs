use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde_json::{Value, json};

use super::*;

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
