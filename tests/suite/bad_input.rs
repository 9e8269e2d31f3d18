//! Bad input, to every endpoint that the description names.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{App, Contract, GREEN, Operation};

/// Who asks, and what there is to ask about.
struct Setting {
    person: String,
    staff: String,
    post: String,
    case: String,
}

async fn setting(app: &App) -> Setting {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "lead").await;
    let secret = zoe.posts(GREEN).await;
    mia.reports(&secret, "spam").await;
    let case = sam.case_of(&secret).await;
    sam.claims(&case).await.ok(200);
    Setting {
        person: mia.token(),
        staff: sam.token(),
        post: secret.id,
        case: case["id"].as_str().unwrap().to_owned(),
    }
}

impl Setting {
    /// The path with something that is there in each variable part.
    fn path(&self, operation: &Operation) -> String {
        let id = if operation.path.contains("/cases/") {
            &self.case
        } else {
            &self.post
        };
        let path = operation.path.replace("{id}", id).replace("{kind}", "hug");
        path.replace("{receipt}", "x").replace("{year}", "2025")
    }

    fn request(&self, app: &App, operation: &Operation, path: &str) -> RequestBuilder {
        let method: Method = operation.method.parse().unwrap();
        let request = app.request(method, path);
        match operation.security.as_deref() {
            Some("staff") => request.bearer_auth(&self.staff),
            _ => request.bearer_auth(&self.person),
        }
    }
}

/// Bodies that no endpoint can take, and the content type they come with.
fn bodies() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    const JSON: &str = "application/json";
    let bodies = [
        ("wrong content type", "text/plain", b"{}".to_vec()),
        (
            "a form",
            "application/x-www-form-urlencoded",
            b"text=hello".to_vec(),
        ),
        ("empty", JSON, Vec::new()),
        ("bad UTF-8", JSON, b"{\"text\": \"\xff\xfe\"}".to_vec()),
        (
            "1 MiB",
            JSON,
            format!("{{\"text\": \"{}\"}}", "x".repeat(1 << 20)).into_bytes(),
        ),
        ("a million levels", JSON, "[".repeat(1_000_000).into_bytes()),
        ("many levels", JSON, "[".repeat(10_000).into_bytes()),
        (
            "deep field",
            JSON,
            format!("{{\"text\": {}", "{\"a\":".repeat(5_000)).into_bytes(),
        ),
        ("cut off", JSON, b"{\"text\": \"hel".to_vec()),
        ("two of them", JSON, b"{} {}".to_vec()),
        ("null", JSON, b"null".to_vec()),
        ("array", JSON, b"[]".to_vec()),
        ("a string", JSON, b"\"text\"".to_vec()),
        ("a number", JSON, b"1e999".to_vec()),
        ("unknown field", JSON, b"{\"\\u0000\": 1}".to_vec()),
        (
            "a lone surrogate",
            JSON,
            b"{\"text\": \"\\ud800\"}".to_vec(),
        ),
    ];
    bodies.into()
}

pub async fn no_endpoint_takes_a_body_that_makes_no_sense(app: &App) {
    let setting = setting(app).await;
    let before = app.database.dump().await;
    let mut tried = 0;
    for operation in Contract::of(app)
        .await
        .0
        .iter()
        .filter(|operation| operation.has_body)
    {
        let path = setting.path(operation);
        for (what, content_type, body) in bodies() {
            let request = setting.request(app, operation, &path);
            let request = request.header("content-type", content_type).body(body);
            let answer = app.send(request).await;
            let context = format!("{what} to {} {path}: {answer:#?}", operation.method);
            assert!((400..500).contains(&answer.status), "{context}");
            answer.is_problem();
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
    assert!(app.database.dump().await == before, "something was stored");
}

/// A body that the endpoint takes.
fn good(operation: &Operation) -> Value {
    match operation.path.as_str() {
        "/v1/accounts" => json!({ "age_band": "13-15", "gender": "girl" }),
        "/v1/tokens" => json!({ "refresh_token": "x" }),
        "/v1/me" => json!({ "age_band": "13-15", "area": "E08000009", "gender": "girl",
            "muted_topics": ["exams"], "quiet_hours": { "from": "22:00", "to": "07:00" } }),
        "/v1/posts" => json!({ "text": GREEN, "topics": ["exams"] }),
        "/v1/posts/{id}" => json!({ "text": GREEN }),
        "/v1/posts/{id}/reports" => json!({ "reason": "spam", "note": "look" }),
        "/v1/posts/{id}/appeals" => json!({ "text": "please" }),
        "/v1/moderation/cases/{id}/decide" => json!({ "decision": "approve", "note": "fine",
            "reason": "other", "version": 5, "fill": { "part": "x" }, "hours": 5,
            "topics": ["exams"], "level": "amber", "mask": { "found": true }, "policy": "x" }),
        "/v1/moderation/cases/{id}/author-posts" => json!({ "reason": "they may be in danger" }),
        "/v1/safeguarding/records" => {
            json!({ "case_id": uuid::Uuid::nil(), "category": "neglect", "risk": "low",
                "words": "hungry" })
        }
        "/v1/safeguarding/records/{id}/concerns" => {
            json!({ "category": "neglect", "risk": "low", "words": "hungry" })
        }
        "/v1/safeguarding/records/{id}/decisions" => {
            json!({ "decision": "signposted", "reference": "1", "words": "fine" })
        }
        "/v1/safeguarding/records/{id}/actions" | "/v1/safeguarding/records/{id}/outcomes" => {
            json!({ "words": "done" })
        }
        "/v1/safeguarding/records/{id}/told" | "/v1/safeguarding/disclosures/{id}/told" => {
            json!({ "told": true, "words": "by us" })
        }
        "/v1/safeguarding/disclosures" => {
            json!({ "case_id": uuid::Uuid::nil(), "asks": ["posts"], "reason": "why",
                "recipient": "police", "reference": "1", "necessity": "danger" })
        }
        "/v1/safeguarding/disclosures/{id}/answer" => json!({ "approve": true }),
        "/v1/moderation/cases/{id}/assign" => json!({ "to": "Sam" }),
        "/v1/moderation/reviews/{id}/opinion" => json!({ "decision": "decline",
            "reason": "other", "note": "fine" }),
        "/v1/moderation/reviews/{id}/settle" => json!({ "ruling": "overturned",
            "reason": "other", "note": "fine" }),
        "/v1/staff/sessions" => json!({ "name": "Sam", "password": "x", "totp": "000000" }),
        other => panic!("say here what a good body of {other} is"),
    }
}

pub async fn no_field_takes_what_it_is_not(app: &App) {
    let setting = setting(app).await;
    let before = app.database.dump().await;
    for operation in Contract::of(app)
        .await
        .0
        .iter()
        .filter(|operation| operation.has_body)
    {
        let (path, good) = (setting.path(operation), good(operation));
        for (field, right) in good.as_object().unwrap() {
            for wrong in [
                json!(5),
                json!(true),
                json!([[]]),
                json!({ "a": 1 }),
                json!([5]),
            ] {
                if wrong == *right {
                    continue;
                }
                let mut body = good.clone();
                body[field] = wrong.clone();
                let answer = app
                    .send(setting.request(app, operation, &path).json(&body))
                    .await;
                let fault = answer.fault();
                let names = fault.starts_with(field.as_str());
                assert!(names, "{path}: {field}: {wrong}: named {fault:?} instead");
            }
        }
        let mut body = good.clone();
        body["surprise"] = json!(1);
        let answer = app
            .send(setting.request(app, operation, &path).json(&body))
            .await;
        assert_eq!(answer.fault(), "surprise", "{path}");
    }
    assert!(app.database.dump().await == before, "something was stored");
}

pub async fn no_text_takes_what_nobody_can_read(app: &App) {
    let setting = setting(app).await;
    let before = app.database.dump().await;
    let long = "x".repeat(2_001);
    let texts = ["a\0b", "\u{1B}[31m", &long];
    let written = ["a\u{202E}b", "\u{200B}\u{200D}"];
    for operation in Contract::of(app)
        .await
        .0
        .iter()
        .filter(|operation| operation.has_body)
    {
        let (path, good) = (setting.path(operation), good(operation));
        for field in [
            "text",
            "note",
            "gender",
            "name",
            "refresh_token",
            "password",
            "totp",
            "words",
            "reason",
            "recipient",
            "reference",
            "necessity",
        ] {
            if !good[field].is_string() {
                continue;
            }
            let others_read = field == "text" || path.ends_with("/reports");
            let more: &[&str] = if others_read { &written } else { &[] };
            for text in texts.iter().chain(more) {
                let mut body = good.clone();
                body[field] = json!(text);
                let answer = app
                    .send(setting.request(app, operation, &path).json(&body))
                    .await;
                let context = format!("{path}: {field}: {:?}: {answer:#?}", text.get(..9));
                assert!((400..500).contains(&answer.status), "{context}");
                answer.is_problem();
            }
        }
    }
    assert!(app.database.dump().await == before, "something was stored");
}

pub async fn no_path_or_query_breaks_it(app: &App) {
    let setting = setting(app).await;
    for operation in &Contract::of(app).await.0 {
        if operation.path.contains('{') && operation.method == "GET" {
            for part in [
                "x",
                "%00",
                "%FF",
                "..%2F..",
                "'%20OR%201=1",
                &"a".repeat(4_000),
            ] {
                let path = operation
                    .path
                    .replace("{id}", part)
                    .replace("{receipt}", part);
                let answer = app.send(setting.request(app, operation, &path)).await;
                answer.refused(404);
            }
        }
        let own_query = operation.path == "/v1/services" || operation.path == "/v1/areas";
        let lists = [
            "/v1/posts",
            "/v1/me/posts",
            "/v1/moderation/cases",
            "/v1/moderation/audit",
            "/v1/safeguarding/records",
            "/v1/safeguarding/disclosures",
            "/v1/moderation/reviews",
        ];
        if operation.method == "GET" && (own_query || lists.contains(&&*operation.path)) {
            for query in ["after=%FF", "after=!", "limit=0", "limit=1e9", "x=%00"] {
                let path = format!("{}?{query}", operation.path);
                let answer = app.send(setting.request(app, operation, &path)).await;
                assert_eq!(answer.status, 400, "{path}: {answer:#?}");
                answer.is_problem();
            }
        }
    }
}
