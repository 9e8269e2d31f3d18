//! Accounts and the tokens that stand for them.

use serde_json::json;

use crate::harness::App;

pub async fn a_new_account_has_tokens_that_work(app: &App) {
    let made = app
        .post("/v1/accounts", json!({ "age_band": "13-15" }))
        .await
        .ok(201);
    assert_eq!(made["token_type"], "Bearer");
    let mia = app.person("16-17").await;
    assert_eq!(mia.get("/v1/me").await.ok(200)["age_band"], "16-17");
}
