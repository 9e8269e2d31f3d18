//! Who may do what: every operation of the API and every page of the console, as everybody.
//!
//! A route without a row fails, and a row without a route.

use std::collections::BTreeSet;

use hearth::console;
use reqwest::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, LOCATION, ORIGIN};
use reqwest::{Method, RequestBuilder};

use crate::harness::{Answer, App, Console, Contract};

/// For whom a route is, by their role; a young person is a `person`.
type Who = &'static [&'static str];

const EVERYBODY: Who = &[
    "nobody",
    "person",
    "moderator",
    "lead",
    "org_worker",
    "analyst",
    "admin",
];
const PEOPLE: Who = &["person"];
const STAFF: Who = &["moderator", "lead", "org_worker", "analyst", "admin"];
const MODERATORS: Who = &["moderator", "lead"];
const AUDITORS: Who = &["moderator", "lead", "analyst", "admin"];
const LEADS_AND_ADMINS: Who = &["lead", "admin"];
const LEADS: Who = &["lead"];
/// Whoever has a part in safeguarding.
const GUARDIANS: Who = &["moderator", "lead", "admin"];
const ADMINS: Who = &["admin"];

/// In the order of their paths, then of their methods.
#[rustfmt::skip]
const TABLE: &[(&str, &str, Who)] = &[
    ("/console", "GET", STAFF),
    ("/console/assets/console.css", "GET", EVERYBODY),
    ("/console/assets/console.js", "GET", EVERYBODY),
    ("/console/audit", "GET", AUDITORS),
    ("/console/audit/export", "POST", AUDITORS),
    ("/console/audit/verify", "GET", AUDITORS),
    ("/console/bulk", "GET", MODERATORS),
    ("/console/bulk", "POST", MODERATORS),
    ("/console/bulk/{id}", "GET", MODERATORS),
    ("/console/bulk/{id}/confirm", "POST", MODERATORS),
    ("/console/bulk/{id}/go-on", "POST", MODERATORS),
    ("/console/bulk/{id}/undo", "POST", MODERATORS),
    ("/console/care", "GET", MODERATORS),
    ("/console/care/back", "POST", MODERATORS),
    ("/console/care/break", "POST", MODERATORS),
    ("/console/care/cases/{id}/claim", "POST", MODERATORS),
    ("/console/cases/{id}", "GET", MODERATORS),
    ("/console/cases/{id}/assign", "GET", MODERATORS),
    ("/console/cases/{id}/assign", "POST", MODERATORS),
    ("/console/cases/{id}/author-posts", "POST", MODERATORS),
    ("/console/cases/{id}/claim", "POST", MODERATORS),
    ("/console/cases/{id}/decide", "POST", MODERATORS),
    ("/console/cases/{id}/release", "POST", MODERATORS),
    ("/console/cases/{id}/undo", "POST", MODERATORS),
    ("/console/enrol/{token}", "GET", EVERYBODY),
    ("/console/enrol/{token}", "POST", EVERYBODY),
    ("/console/figures", "GET", AUDITORS),
    ("/console/figures/rules", "GET", AUDITORS),
    ("/console/figures/{file}", "GET", AUDITORS),
    ("/console/handover", "GET", MODERATORS),
    ("/console/handover", "POST", MODERATORS),
    ("/console/handover/read", "POST", MODERATORS),
    ("/console/me", "GET", STAFF),
    ("/console/me/password", "POST", STAFF),
    ("/console/me/sessions/end", "POST", STAFF),
    ("/console/me/sessions/end-others", "POST", STAFF),
    ("/console/queue", "GET", MODERATORS),
    ("/console/queue/live", "GET", MODERATORS),
    ("/console/queue/views", "POST", MODERATORS),
    ("/console/queue/views/delete", "POST", MODERATORS),
    ("/console/reviews", "GET", AUDITORS),
    ("/console/reviews/{id}", "GET", MODERATORS),
    ("/console/reviews/{id}/claim", "POST", MODERATORS),
    ("/console/reviews/{id}/opinion", "POST", MODERATORS),
    ("/console/reviews/{id}/settle", "POST", LEADS),
    ("/console/safeguarding", "GET", GUARDIANS),
    ("/console/safeguarding", "POST", MODERATORS),
    ("/console/safeguarding/about", "GET", MODERATORS),
    ("/console/safeguarding/disclosures", "GET", LEADS_AND_ADMINS),
    ("/console/safeguarding/disclosures", "POST", LEADS_AND_ADMINS),
    ("/console/safeguarding/disclosures/new", "GET", LEADS_AND_ADMINS),
    ("/console/safeguarding/disclosures/{id}", "GET", LEADS_AND_ADMINS),
    ("/console/safeguarding/disclosures/{id}/answer", "POST", LEADS_AND_ADMINS),
    ("/console/safeguarding/disclosures/{id}/look", "POST", LEADS_AND_ADMINS),
    ("/console/safeguarding/disclosures/{id}/told", "POST", LEADS_AND_ADMINS),
    ("/console/safeguarding/escalations/{id}/acknowledge", "POST", LEADS),
    ("/console/safeguarding/ringing", "GET", STAFF),
    ("/console/safeguarding/rota", "GET", GUARDIANS),
    ("/console/safeguarding/rota", "POST", LEADS_AND_ADMINS),
    ("/console/safeguarding/rota/{id}/remove", "POST", LEADS_AND_ADMINS),
    ("/console/safeguarding/{id}", "GET", MODERATORS),
    ("/console/safeguarding/{id}/actions", "POST", MODERATORS),
    ("/console/safeguarding/{id}/close", "POST", LEADS),
    ("/console/safeguarding/{id}/concerns", "POST", MODERATORS),
    ("/console/safeguarding/{id}/decisions", "POST", LEADS),
    ("/console/safeguarding/{id}/erase", "POST", ADMINS),
    ("/console/safeguarding/{id}/outcomes", "POST", LEADS),
    ("/console/safeguarding/{id}/told", "POST", MODERATORS),
    ("/console/sign-in", "GET", EVERYBODY),
    ("/console/sign-in", "POST", EVERYBODY),
    ("/console/sign-out", "POST", STAFF),
    ("/console/staff", "GET", ADMINS),
    ("/console/staff", "POST", ADMINS),
    ("/console/staff/{id}", "GET", ADMINS),
    ("/console/staff/{id}/deactivate", "POST", ADMINS),
    ("/console/staff/{id}/end-sessions", "POST", ADMINS),
    ("/console/staff/{id}/link", "POST", ADMINS),
    ("/console/staff/{id}/reactivate", "POST", ADMINS),
    ("/console/surge", "GET", LEADS_AND_ADMINS),
    ("/console/surge/off", "POST", LEADS_AND_ADMINS),
    ("/console/surge/on", "POST", LEADS_AND_ADMINS),
    ("/healthz", "GET", EVERYBODY),
    ("/metrics", "GET", EVERYBODY),
    ("/readyz", "GET", EVERYBODY),
    ("/v1/accounts", "POST", EVERYBODY),
    ("/v1/areas", "GET", EVERYBODY),
    ("/v1/live", "GET", PEOPLE),
    ("/v1/live/tickets", "POST", PEOPLE),
    ("/v1/me", "DELETE", PEOPLE),
    ("/v1/me", "GET", PEOPLE),
    ("/v1/me", "PATCH", PEOPLE),
    ("/v1/me/export", "GET", PEOPLE),
    ("/v1/me/posts", "GET", PEOPLE),
    ("/v1/moderation/agreement", "GET", AUDITORS),
    ("/v1/moderation/audit", "GET", AUDITORS),
    ("/v1/moderation/cases", "GET", MODERATORS),
    ("/v1/moderation/cases/{id}", "GET", MODERATORS),
    ("/v1/moderation/cases/{id}/assign", "POST", MODERATORS),
    ("/v1/moderation/cases/{id}/author-posts", "POST", MODERATORS),
    ("/v1/moderation/cases/{id}/claim", "POST", MODERATORS),
    ("/v1/moderation/cases/{id}/claim_anyway", "POST", MODERATORS),
    ("/v1/moderation/cases/{id}/decide", "POST", MODERATORS),
    ("/v1/moderation/cases/{id}/release", "POST", MODERATORS),
    ("/v1/moderation/cases/{id}/undo", "POST", MODERATORS),
    ("/v1/moderation/figures", "GET", AUDITORS),
    ("/v1/moderation/reviews", "GET", MODERATORS),
    ("/v1/moderation/reviews/{id}", "GET", MODERATORS),
    ("/v1/moderation/reviews/{id}/claim", "POST", MODERATORS),
    ("/v1/moderation/reviews/{id}/opinion", "POST", MODERATORS),
    ("/v1/moderation/reviews/{id}/settle", "POST", LEADS),
    ("/v1/posts", "GET", PEOPLE),
    ("/v1/posts", "POST", PEOPLE),
    ("/v1/posts/{id}", "DELETE", PEOPLE),
    ("/v1/posts/{id}", "GET", PEOPLE),
    ("/v1/posts/{id}", "PATCH", PEOPLE),
    ("/v1/posts/{id}/appeals", "POST", PEOPLE),
    ("/v1/posts/{id}/reactions/{kind}", "DELETE", PEOPLE),
    ("/v1/posts/{id}/reactions/{kind}", "PUT", PEOPLE),
    ("/v1/posts/{id}/reports", "POST", PEOPLE),
    ("/v1/posts/{id}/support", "GET", PEOPLE),
    ("/v1/receipts/{receipt}", "GET", EVERYBODY),
    ("/v1/safeguarding/disclosures", "GET", LEADS_AND_ADMINS),
    ("/v1/safeguarding/disclosures", "POST", LEADS_AND_ADMINS),
    ("/v1/safeguarding/disclosures/{id}", "GET", LEADS_AND_ADMINS),
    ("/v1/safeguarding/disclosures/{id}/answer", "POST", LEADS_AND_ADMINS),
    ("/v1/safeguarding/disclosures/{id}/look", "POST", LEADS_AND_ADMINS),
    ("/v1/safeguarding/disclosures/{id}/told", "POST", LEADS_AND_ADMINS),
    ("/v1/safeguarding/records", "GET", MODERATORS),
    ("/v1/safeguarding/records", "POST", MODERATORS),
    ("/v1/safeguarding/records/{id}", "DELETE", ADMINS),
    ("/v1/safeguarding/records/{id}", "GET", MODERATORS),
    ("/v1/safeguarding/records/{id}/actions", "POST", MODERATORS),
    ("/v1/safeguarding/records/{id}/close", "POST", LEADS),
    ("/v1/safeguarding/records/{id}/concerns", "POST", MODERATORS),
    ("/v1/safeguarding/records/{id}/decisions", "POST", LEADS),
    ("/v1/safeguarding/records/{id}/outcomes", "POST", LEADS),
    ("/v1/safeguarding/records/{id}/told", "POST", MODERATORS),
    ("/v1/services", "GET", EVERYBODY),
    ("/v1/services/{id}", "GET", EVERYBODY),
    ("/v1/staff/sessions", "POST", EVERYBODY),
    ("/v1/tokens", "POST", EVERYBODY),
    ("/v1/topics", "GET", EVERYBODY),
    ("/v1/transparency", "GET", EVERYBODY),
    ("/v1/transparency/{year}", "GET", EVERYBODY),
];

/// A route as one of the rows has it.
#[derive(Clone, Copy)]
struct Row {
    method: &'static str,
    pattern: &'static str,
    who: Who,
}

impl Row {
    fn is_of_console(&self) -> bool {
        self.pattern.starts_with("/console")
    }

    /// The path, with something that is not there in each variable part.
    fn path(&self) -> String {
        let parts = self.pattern.split('/').map(|part| match part {
            "{kind}" => "hug",
            "{token}" | "{receipt}" => "x",
            part if part.starts_with('{') => "00000000-0000-4000-8000-000000000000",
            part => part,
        });
        parts.collect::<Vec<_>>().join("/")
    }

    fn request(&self, app: &App) -> RequestBuilder {
        let request = app.request(self.method.parse().unwrap(), &self.path());
        match self.pattern {
            // What is no upgrade is nobody's yet.
            "/v1/live" => request
                .header("connection", "upgrade")
                .header("upgrade", "websocket")
                .header("sec-websocket-version", "13")
                .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            _ => request,
        }
    }

    #[track_caller]
    fn check(&self, caller: &str, answer: &Answer) {
        let context = format!("{} {} as {caller}: {answer:#?}", self.method, self.pattern);
        let to_sign_in = answer.status == 303 && answer.headers[LOCATION] == "/console/sign-in";
        if self.who.contains(&caller) {
            assert!(!matches!(answer.status, 401 | 403 | 405 | 500), "{context}");
            assert!(
                !to_sign_in || self.pattern == "/console/sign-out",
                "{context}"
            );
        } else if STAFF.contains(&caller) && self.who != PEOPLE {
            assert_eq!(answer.status, 403, "{context}");
        } else if self.is_of_console() {
            assert!(to_sign_in, "{context}");
        } else {
            assert_eq!(answer.status, 401, "{context}");
        }
        if self.is_of_console() {
            is_safe(answer);
        } else if answer.status >= 400 {
            answer.is_problem();
        }
    }
}

/// No script but ours runs in a page.
#[track_caller]
fn is_safe(answer: &Answer) {
    let policy = answer.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"));
    assert!(!policy.contains("unsafe"), "{policy}");
    let kind = answer.headers.get(CONTENT_TYPE);
    if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
        let page = answer.body.as_str().unwrap_or_default();
        for inline in ["<script>", "<style", " style=", " onclick=", "javascript:"] {
            assert!(!page.contains(inline), "{inline} in {page}");
        }
    }
}

pub async fn every_route_is_for_its_roles(app: &App) {
    assert!(
        TABLE.is_sorted_by_key(|(path, method, _)| (path, method)),
        "keep the table in its order: it is easier to read, and to merge"
    );
    let contract = Contract::of(app).await.0.iter();
    let contract = contract.map(|operation| (operation.path.as_str(), operation.method.as_str()));
    let pages = console::all_routes().into_iter();
    let there: BTreeSet<_> = contract
        .chain(pages.map(|route| (route.path, route.method)))
        .collect();
    let rows: BTreeSet<_> = TABLE
        .iter()
        .map(|(path, method, _)| (*path, *method))
        .collect();
    let without_row: Vec<_> = there.difference(&rows).collect();
    assert!(
        without_row.is_empty(),
        "say in the table for whom these are: {without_row:#?}"
    );
    let without_route: Vec<_> = rows.difference(&there).collect();
    assert!(
        without_route.is_empty(),
        "these are in the table and nowhere else: {without_route:#?}"
    );

    let row = |&(pattern, method, who): &(&'static str, &'static str, Who)| Row {
        method,
        pattern,
        who,
    };
    let (pages, operations): (Vec<Row>, Vec<Row>) =
        TABLE.iter().map(row).partition(Row::is_of_console);
    as_nobody_and_as_a_person(app, &pages, &operations).await;
    for role in STAFF {
        let console = Console::open(app, role, role).await;
        for row in &operations {
            let answer = app
                .send(row.request(app).bearer_auth(console.token()))
                .await;
            row.check(role, &answer);
        }
        // Whoever signs out cannot go on.
        let (last, pages): (Vec<&Row>, Vec<&Row>) = pages
            .iter()
            .partition(|row| row.pattern == "/console/sign-out");
        for row in pages.into_iter().chain(last) {
            at_the_console(app, &console, role, row).await;
        }
    }
}

async fn as_nobody_and_as_a_person(app: &App, pages: &[Row], operations: &[Row]) {
    for row in operations {
        row.check("nobody", &app.send(row.request(app)).await);
        // One of the rows has them leave for good.
        let mia = app.person("13-15").await;
        let asked = row.request(app).bearer_auth(mia.token());
        row.check("person", &app.send(asked).await);
    }
    let mia = app.person("13-15").await.token();
    for row in pages {
        row.check("nobody", &app.send(row.request(app)).await);
        let asked = row.request(app).bearer_auth(&mia);
        let asked = asked.header(COOKIE, format!("hearth_staff={mia}"));
        row.check("person", &app.send(asked).await);
        if row.method == "POST" {
            let elsewhere = row.request(app).header(ORIGIN, "https://elsewhere.example");
            assert_eq!(app.send(elsewhere).await.status, 403, "{}", row.pattern);
        }
    }
}

/// One route as one role; and nothing is done that a page of their session did not ask for.
async fn at_the_console(app: &App, console: &Console<'_>, role: &str, row: &Row) {
    if row.method == "GET" {
        return match row.pattern {
            // It would never end.
            "/console/queue/live" => {
                let opened = console.asks(Method::GET, &row.path()).send().await.unwrap();
                let is_for = row.who.contains(&role);
                assert_eq!(opened.status() == 200, is_for, "{role}: {opened:?}");
            }
            _ => row.check(role, &console.visits(&row.path()).await),
        };
    }
    let path = row.path();
    if row.who != EVERYBODY {
        let without_token = console.asks(Method::POST, &path).form(&[("x", "y")]);
        let of_another = console
            .asks(Method::POST, &path)
            .form(&[("form_token", "y")]);
        for forged in [without_token, of_another] {
            let answer = app.send(forged).await;
            assert_eq!(answer.status, 403, "{}: {answer:#?}", row.pattern);
        }
    }
    row.check(role, &console.sends(&path, &[]).await);
}
