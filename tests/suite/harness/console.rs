//! A member of staff at the console: a browser without a script.

use std::ops::Deref;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Method, RequestBuilder};

use super::{Answer, App, Member};

/// Somebody who has signed in to the console.
pub struct Console<'a> {
    pub member: Member<'a>,
    app: &'a App,
    pub cookie: String,
}

impl<'a> Deref for Console<'a> {
    type Target = Member<'a>;
    fn deref(&self) -> &Member<'a> {
        &self.member
    }
}

impl<'a> Console<'a> {
    /// Somebody new.
    pub async fn open(app: &'a App, name: &str, role: &str) -> Console<'a> {
        Console::of(app, Member::add(app, name, role).await).await
    }

    /// Somebody whom the API knows already; the clock goes on until their next code.
    pub async fn of(app: &'a App, member: Member<'a>) -> Console<'a> {
        app.later(30);
        let form = [
            ("name", &member.name),
            ("password", &member.password),
            ("code", &member.code()),
        ];
        let request = app.request(Method::POST, "/console/sign-in").form(&form);
        let answer = app.send(request).await;
        assert_eq!(answer.status, 303, "{answer:#?}");
        let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Console {
            member,
            app,
            cookie,
        }
    }

    /// A request with the cookie of the session, and without its form token.
    pub fn asks(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request(method, path).header(COOKIE, &self.cookie)
    }

    /// The same, of another process.
    pub fn asks_at(&self, app: &App, method: Method, path: &str) -> RequestBuilder {
        app.request(method, path).header(COOKIE, &self.cookie)
    }

    /// A page as it is, whatever its status.
    pub async fn visits(&self, path: &str) -> Answer {
        self.app.send(self.asks(Method::GET, path)).await
    }

    /// The HTML of a page that is there.
    pub async fn reads(&self, path: &str) -> String {
        match self.visits(path).await.ok(200) {
            serde_json::Value::String(html) => html,
            other => panic!("{path} is no page: {other}"),
        }
    }

    /// The token that the forms of this session bring along.
    pub async fn form_token(&self) -> String {
        let page = self.reads("/console").await;
        let (_, rest) = page.split_once("name=\"form_token\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    /// Where the account of a member of staff is looked after.
    pub async fn account_of(&self, name: &str) -> String {
        let page = self.reads("/console/staff").await;
        let (_, table) = page.split_once("<tbody>").unwrap();
        let (before, _) = table.split_once(&format!("\">{name}</a>")).unwrap();
        let (_, path) = before.rsplit_once("href=\"").unwrap();
        path.to_owned()
    }

    /// Sends a form, as a page's button does.
    pub async fn sends(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token().await;
        let mut form = vec![("form_token", &*token)];
        form.extend_from_slice(fields);
        self.app
            .send(self.asks(Method::POST, path).form(&form))
            .await
    }

    /// Sends a form that is accepted: where the browser goes next.
    pub async fn does(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.sends(path, fields).await;
        assert_eq!(answer.status, 303, "{answer:#?}");
        answer.headers[LOCATION].to_str().unwrap().to_owned()
    }
}
