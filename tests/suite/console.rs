//! The frame of the console: signing in and out, and what comes from elsewhere.

use reqwest::Method;
use reqwest::header::{CONTENT_SECURITY_POLICY, LOCATION, ORIGIN, SET_COOKIE};

use crate::harness::{App, Console};

pub async fn nobody_sees_a_page_without_signing_in(app: &App) {
    let answer = app.send(app.request(Method::GET, "/console")).await;
    assert_eq!(answer.status, 303, "{answer:#?}");
    assert_eq!(answer.headers[LOCATION], "/console/sign-in");
    let page = app.get("/console/sign-in").await.ok(200);
    assert!(page.as_str().unwrap().contains("Sign in"), "{page}");
}

pub async fn a_session_is_a_cookie_that_no_script_reads(app: &App) {
    let sam = app.staff("Sam", "moderator").await;
    app.later(30);
    let form = [
        ("name", &sam.name),
        ("password", &sam.password),
        ("code", &sam.code()),
    ];
    let sign_in = || app.request(Method::POST, "/console/sign-in").form(&form);
    let answer = app.send(sign_in()).await;
    let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/console"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");
    let again = app.send(sign_in()).await;
    assert_eq!(again.status, 401, "a code works once: {again:#?}");
}

pub async fn what_changes_something_comes_from_a_page_of_ours(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    let token = sam.form_token().await;
    let sign_out = |token: &str| {
        let form = [("form_token", token)];
        sam.asks(Method::POST, "/console/sign-out").form(&form)
    };
    for refused in [
        sign_out(""),
        sign_out(&token.replace(|c| c != '0', "0")),
        sam.asks(Method::POST, "/console/sign-out"),
        sign_out(&token).header(ORIGIN, "https://elsewhere.example"),
        sign_out(&token).header(ORIGIN, "null"),
        sign_out(&token).header("sec-fetch-site", "cross-site"),
    ] {
        let answer = app.send(refused).await;
        assert_eq!(answer.status, 403, "{answer:#?}");
    }
    assert!(sam.reads("/console").await.contains("Hello Sam"));
    assert_eq!(sam.does("/console/sign-out", &[]).await, "/console/sign-in");
    assert_eq!(sam.visits("/console").await.status, 303);
}

pub async fn pages_run_no_script_but_ours(app: &App) {
    let sam = Console::open(app, "Sam", "moderator").await;
    for path in ["/console", "/console/nowhere", "/console/sign-in"] {
        let answer = sam.visits(path).await;
        let policy = answer.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"));
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}
