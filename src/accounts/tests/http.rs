use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;

impl World {
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
