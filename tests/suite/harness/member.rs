//! A member of staff.

use std::ops::Deref;

use hearth::staff::Staff;
use serde_json::{Value, json};
use totp_rs::{Algorithm, Builder};

use super::{Answer, App, Caller, Posted};

/// A member of staff who has signed in.
pub struct Member<'a> {
    caller: Caller<'a>,
    pub name: String,
    pub password: String,
    pub totp_secret: String,
}

impl<'a> Deref for Member<'a> {
    type Target = Caller<'a>;
    fn deref(&self) -> &Caller<'a> {
        &self.caller
    }
}

/// The code that an authenticator app shows at a time.
pub fn totp(secret: &str, seconds: i64) -> String {
    let secret = data_encoding::BASE32_NOPAD
        .decode(secret.as_bytes())
        .unwrap();
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(secret)
        .build()
        .unwrap();
    totp.generate(u64::try_from(seconds).unwrap()).to_string()
}

impl<'a> Member<'a> {
    pub async fn add(app: &'a App, name: &str, role: &str) -> Member<'a> {
        let staff: Staff = app.part().await;
        let added = staff.add(name, role.parse().unwrap(), None).await.unwrap();
        let secrets = (added.password, added.totp_secret);
        Member::sign_in(app, added.name, secrets, role).await
    }

    /// One whom `hearth staff add --json` has added: what it printed.
    pub async fn of(app: &'a App, added: &Value, role: &str) -> Member<'a> {
        let text = |field: &str| added[field].as_str().unwrap().to_owned();
        let secrets = (text("password"), text("totp_secret"));
        Member::sign_in(app, text("name"), secrets, role).await
    }

    async fn sign_in(
        app: &'a App,
        name: String,
        (password, totp_secret): (String, String),
        role: &str,
    ) -> Member<'a> {
        let mut member = Member {
            caller: Caller::new(app, ""),
            name,
            password,
            totp_secret,
        };
        let session = member.signs_in().await.ok(200);
        assert_eq!(session["role"], role);
        member.caller = Caller::new(app, session["access_token"].as_str().unwrap());
        member
    }

    /// The code of this moment.
    pub fn code(&self) -> String {
        totp(&self.totp_secret, self.app.clock.now().seconds())
    }

    pub async fn signs_in(&self) -> Answer {
        let (name, password) = (&self.name, &self.password);
        let session = json!({ "name": name, "password": password, "totp": self.code() });
        self.app.post("/v1/staff/sessions", session).await
    }

    /// The undecided case about a post.
    pub async fn case_of(&self, post: &Posted) -> Value {
        let cases = self.all("/v1/moderation/cases").await;
        let mut ours = cases.into_iter().filter(|case| case["post_id"] == *post.id);
        let case = ours.next().expect("there is a case");
        assert!(ours.next().is_none(), "there is one case for a post");
        case
    }

    /// A case as it is now, with its timeline.
    pub async fn case_of_id(&self, case: &Value) -> Value {
        self.get(&path(case)).await.ok(200)
    }

    pub async fn claims(&self, case: &Value) -> Answer {
        self.post(&format!("{}/claim", path(case)), Value::Null)
            .await
    }

    pub async fn releases(&self, case: &Value) -> Answer {
        self.post(&format!("{}/release", path(case)), Value::Null)
            .await
    }

    pub async fn decides(&self, case: &Value, decision: Value) -> Answer {
        self.post(&format!("{}/decide", path(case)), decision).await
    }

    /// Finds the case of a post, claims it and decides it.
    pub async fn settles(&self, post: &Posted, decision: Value) -> Value {
        let case = self.case_of(post).await;
        self.claims(&case).await.ok(200);
        self.decides(&case, decision).await.ok(200)
    }

    /// Claims a case, and hands it to the leads.
    pub async fn escalates(&self, case: &Value) -> Value {
        self.claims(case).await.ok(200);
        let decision = json!({ "decision": "escalate" });
        self.decides(case, decision).await.ok(200)
    }

    pub async fn approves(&self, post: &Posted) -> Value {
        self.settles(post, json!({ "decision": "approve" })).await
    }

    pub async fn declines(&self, post: &Posted, reason: &str) -> Value {
        self.settles(post, json!({ "decision": "decline", "reason": reason }))
            .await
    }
}

/// Where a case is.
pub fn path(case: &Value) -> String {
    format!("/v1/moderation/cases/{}", case["id"].as_str().unwrap())
}
