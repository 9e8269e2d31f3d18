//! Paths, methods and headers, whatever the endpoint.

use reqwest::Method;

use crate::harness::{App, Contract};

pub async fn headers_that_make_no_sense_are_no_token(app: &App) {
    for value in [
        "",
        "Bearer",
        "Bearer ",
        "Basic eDp5",
        "bearer x y",
        "Bearer \u{e9}",
    ] {
        let request = app
            .request(Method::GET, "/v1/me")
            .header("authorization", value);
        app.send(request).await.refused(401);
    }
    let answer = app.get("/v1/me").await;
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
    answer.refused(401);
}

pub async fn what_is_not_there_is_a_problem(app: &App) {
    for path in [
        "/v1",
        "/v1/",
        "/v1/nothing",
        "/v2/posts",
        "/v1/posts/",
        "/.env",
        "/%00",
        "/v1//posts",
    ] {
        app.get(path).await.refused(404);
    }
    let contract = Contract::of(app).await;
    for operation in &contract.0 {
        let path = operation
            .path
            .replace("{kind}", "hug")
            .replace(['{', '}'], "");
        for method in [
            "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW",
        ] {
            let taken = contract
                .0
                .iter()
                .any(|o| o.path == operation.path && o.method == method);
            if !taken {
                let request = app.request(method.parse().unwrap(), &path);
                let answer = app.send(request).await;
                assert_eq!(answer.status, 405, "{method} {path}: {answer:#?}");
                answer.is_problem();
            }
        }
    }
}

pub async fn every_answer_is_kept_by_no_cache(app: &App) {
    let mia = app.person("13-15").await;
    for path in [
        "/v1/me",
        "/v1/posts",
        "/v1/nothing",
        "/v1/me/export",
        "/healthz",
    ] {
        let answer = mia.get(path).await;
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        assert_eq!(
            answer.headers["x-content-type-options"], "nosniff",
            "{path}"
        );
        assert!(answer.headers.get("set-cookie").is_none(), "{path}");
    }
}
