//! How somebody becomes a member of staff.

use hearth::audit::Actor;
use hearth::staff::{AddError, Role, Staff};
use reqwest::Method;
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use serde_json::{Value, json};

use crate::harness::{Answer, App, Console, Home, said, totp};

const PASSWORD: &str = "otter lamp friday";

/// Somebody who looks at their link.
struct Guest<'a> {
    app: &'a App,
    link: String,
    page: String,
}

impl<'a> Guest<'a> {
    async fn opens(app: &'a App, link: &str) -> Guest<'a> {
        let page = app.get(link).await.ok(200).as_str().unwrap().to_owned();
        Guest {
            app,
            link: link.to_owned(),
            page,
        }
    }

    fn sealed(&self) -> &str {
        let (_, rest) = self.page.split_once("name=\"secret\" value=\"").unwrap();
        rest.split('"').next().unwrap()
    }

    /// The secret as it stands there to be typed in.
    fn secret(&self) -> String {
        let (_, rest) = self.page.split_once("<code>").unwrap();
        rest.split('<').next().unwrap().replace(' ', "")
    }

    fn code(&self) -> String {
        totp(&self.secret(), self.app.clock.now().seconds())
    }

    async fn sends(&self, password: &str, again: &str, code: &str) -> Answer {
        let form = [
            ("secret", self.sealed()),
            ("password", password),
            ("again", again),
            ("code", code),
        ];
        let request = self.app.request(Method::POST, &self.link).form(&form);
        self.app.send(request).await
    }

    async fn enrols(&self) -> Answer {
        self.sends(PASSWORD, PASSWORD, &self.code()).await
    }

    async fn signs_in_as(&self, name: &str) -> Answer {
        let session = json!({ "name": name, "password": PASSWORD, "totp": self.code() });
        self.app.post("/v1/staff/sessions", session).await
    }
}

/// Invites somebody, as an admin; answers the path of the link.
async fn invites(ada: &Console<'_>, fields: &[(&str, &str)]) -> String {
    let answer = ada.sends("/console/staff", fields).await;
    link_on(answer.ok(200).as_str().unwrap())
}

fn link_on(page: &str) -> String {
    let (_, rest) = page.split_once("/console/enrol/").unwrap();
    format!("/console/enrol/{}", rest.split('<').next().unwrap())
}

pub async fn a_link_makes_a_member_once(app: &App) {
    let ada = Console::open(app, "Ada", "admin").await;
    let link = invites(&ada, &[("name", "Zoë <b>"), ("role", "moderator")]).await;
    let account = ada.account_of("Zoë &lt;b&gt;").await;
    assert!(ada.reads(&account).await.contains("good until"));
    let stored = app.database.dump().await;
    assert!(
        stored
            .places_of(link.rsplit('/').next().unwrap())
            .is_empty(),
        "a hash alone"
    );

    let guest = Guest::opens(app, &link).await;
    assert!(guest.page.contains("Hello Zoë &lt;b&gt;") && guest.page.contains("<svg"));
    assert!(
        guest
            .page
            .contains("otpauth://totp/Hearth:Zo%C3%AB%20%3Cb%3E?secret=")
    );
    // Nobody who only saw the link knows the secret that is used in the end.
    assert_ne!(Guest::opens(app, &link).await.secret(), guest.secret());
    guest.signs_in_as("Zoë <b>").await.refused(401);

    let answer = guest.enrols().await;
    assert_eq!(answer.status, 303, "{answer:#?}");
    assert_eq!(answer.headers[LOCATION], "/console");
    let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let home = app.request(Method::GET, "/console").header(COOKIE, cookie);
    assert!(
        app.send(home)
            .await
            .ok(200)
            .as_str()
            .unwrap()
            .contains("Zoë")
    );

    assert_eq!(app.get(&link).await.status, 404);
    assert_eq!(guest.enrols().await.status, 404, "a link works once");
    guest.signs_in_as("Zoë <b>").await.refused(401); // and so does a code
    app.later(1);
    guest.signs_in_as("Zoë <b>").await.ok(200);
    assert!(ada.reads("/console/staff").await.contains("20 Jan 2026"));
}

pub async fn a_link_ends_and_is_replaced(app: &App) {
    let ada = Console::open(app, "Ada", "admin").await;
    let first = invites(&ada, &[("name", "Zoe"), ("role", "analyst")]).await;
    let account = ada.account_of("Zoe").await;
    let again = ada.sends(&format!("{account}/link"), &[]).await.ok(200);
    let second = link_on(again.as_str().unwrap());
    let page = app.get(&first).await.ok(404);
    assert!(
        page.as_str().unwrap().contains("does not work any more"),
        "{page}"
    );
    let guest = Guest::opens(app, &second).await;
    // A secret of one link is none of another.
    let third = invites(&ada, &[("name", "Ida"), ("role", "lead")]).await;
    let mut swapped = Guest::opens(app, &third).await;
    swapped.page = guest.page.clone();
    assert_eq!(swapped.enrols().await.status, 400);
    app.later(72 * 60 - 1);
    Guest::opens(app, &second).await;
    app.later(1);
    assert_eq!(app.get(&second).await.status, 404);
    assert_eq!(guest.enrols().await.status, 404);

    // Who is deactivated before they came cannot come.
    let ada = Console::of(app, ada.member).await;
    let fourth = invites(&ada, &[("name", "Eve"), ("role", "lead")]).await;
    let eve = ada.account_of("Eve").await;
    ada.does(&format!("{eve}/deactivate"), &[]).await;
    assert_eq!(app.get(&fourth).await.status, 404);
    ada.does(&format!("{eve}/reactivate"), &[]).await;
    assert_eq!(app.get(&fourth).await.status, 404);
    assert!(ada.reads(&eve).await.contains("has run out"));
}

pub async fn what_is_wrong_is_said_and_the_secret_stays(app: &App) {
    let ada = Console::open(app, "Ada", "admin").await;
    let link = invites(&ada, &[("name", "Zoe"), ("role", "lead")]).await;
    let guest = Guest::opens(app, &link).await;
    let code = guest.code();
    for (password, again, code, said) in [
        (PASSWORD, "otter lamp sunday", &*code, "not the same"),
        ("elevenchars", "elevenchars", &*code, "at least 12"),
        (
            "Password2026!",
            "Password2026!",
            &*code,
            "anybody would try",
        ),
        (
            "zoe zoe zoe zoe",
            "zoe zoe zoe zoe",
            &*code,
            "anybody would try",
        ),
        (PASSWORD, PASSWORD, "", "code is not right"),
        (PASSWORD, PASSWORD, "00000x", "code is not right"),
    ] {
        let refused = guest.sends(password, again, code).await;
        assert_eq!(refused.status, 400, "{refused:#?}");
        let page = refused.body.as_str().unwrap();
        assert!(
            page.contains(said) && page.contains("role=\"alert\""),
            "{page}"
        );
        assert!(
            !page.contains(password),
            "nobody's password stands on a page"
        );
        let retry = Guest {
            page: page.to_owned(),
            link: link.clone(),
            app,
        };
        assert_eq!(retry.secret(), guest.secret());
        assert_ne!(retry.sealed(), guest.sealed());
    }
    let elsewhere = app
        .request(Method::POST, &link)
        .header(ORIGIN, "https://elsewhere.example");
    assert_eq!(app.send(elsewhere).await.status, 403);
    assert_eq!(guest.enrols().await.status, 303);
}

pub async fn a_link_used_twice_at_once_makes_one_member(app: &App) {
    let ada = Console::open(app, "Ada", "admin").await;
    let link = invites(&ada, &[("name", "Zoe"), ("role", "lead")]).await;
    let guests = futures_util::future::join_all((0..3).map(|_| Guest::opens(app, &link))).await;
    let done = futures_util::future::join_all(guests.iter().map(Guest::enrols)).await;
    let statuses: Vec<u16> = done.iter().map(|answer| answer.status).collect();
    let count = |status| statuses.iter().filter(|s| **s == status).count();
    assert_eq!((count(303), count(404)), (1, 2), "{statuses:?}");
}

pub async fn who_lost_their_phone_begins_anew(app: &App) {
    let ada = Console::open(app, "Ada", "admin").await;
    let sam = Console::open(app, "Sam", "moderator").await;
    let account = ada.account_of("Sam").await;
    let page = ada.sends(&format!("{account}/link"), &[]).await.ok(200);
    assert_eq!(sam.visits("/console").await.status, 303);
    sam.get("/v1/moderation/cases").await.refused(401);
    app.later(1);
    sam.signs_in().await.refused(401);
    let guest = Guest::opens(app, &link_on(page.as_str().unwrap())).await;
    assert_ne!(guest.secret(), sam.totp_secret);
    assert_eq!(guest.enrols().await.status, 303);
    app.later(1);
    sam.signs_in().await.refused(401);
    guest.signs_in_as("Sam").await.ok(200);
    let acts = acts(app).await;
    for act in ["staff.reset", "staff.enrol"] {
        assert!(acts.contains(&act.to_owned()), "{acts:?}");
    }
}

async fn acts(app: &App) -> Vec<String> {
    let lines = hearth::audit::lines(app.database.db(), 0, 100)
        .await
        .unwrap();
    lines.into_iter().map(|line| line.action).collect()
}

pub async fn an_invitation_has_a_name_and_a_role(app: &App) {
    let ada = Console::open(app, "Ada", "admin").await;
    for (fields, status) in [
        (vec![("name", "Zoe")], 400),
        (vec![("name", "Zoe"), ("role", "king")], 400),
        (vec![("name", " "), ("role", "lead")], 400),
        (vec![("name", "Z\noe"), ("role", "lead")], 400),
        (vec![("name", "Z\0oe"), ("role", "lead")], 400),
        (
            vec![
                ("name", "Zoe"),
                ("role", "org_worker"),
                ("organisation", " "),
            ],
            400,
        ),
        (
            vec![("name", "Zoe"), ("role", "lead"), ("surprise", "x")],
            400,
        ),
        (vec![("name", "Ada"), ("role", "lead")], 409),
    ] {
        let refused = ada.sends("/console/staff", &fields).await;
        assert_eq!(refused.status, status, "{fields:?}: {refused:#?}");
    }
    assert_eq!(app.database.count("staff").await, 1);
    let worker = [
        ("name", "Zoe"),
        ("role", "org_worker"),
        ("organisation", "org-1"),
    ];
    invites(&ada, &worker).await;
    let account = ada.account_of("Zoe").await;
    assert!(ada.reads(&account).await.contains("org-1"));
    let staff: Staff = app.part().await;
    let refused = staff.invite(Actor::Operator, "Zoe", Role::Lead, None).await;
    assert!(matches!(refused, Err(AddError::Taken)));
}

pub async fn links_are_made_by_commands_too(app: &App) {
    let home = Home::new(app.database.engine).await;
    let runs = async |arguments: &[&str]| {
        let output = home.runs(arguments).await;
        let json: Option<Value> = serde_json::from_slice(&output.stdout).ok();
        (json.unwrap_or_default(), said(&output))
    };
    let invite = ["staff", "invite", "Ada", "--role", "admin", "--json"];
    let (invited, said) = runs(&invite).await;
    let link = invited["link"].as_str().unwrap_or_else(|| panic!("{said}"));
    assert!(
        invited["name"] == "Ada" && invited["expires_at"].is_string(),
        "{said}"
    );
    assert!(runs(&invite).await.1.contains("already"));
    let no_organisation = ["staff", "invite", "Zoe", "--role", "org_worker", "--json"];
    assert!(runs(&no_organisation).await.1.contains("organisation"));
    assert!(
        runs(&["staff", "reset", "Eve", "--json"])
            .await
            .1
            .contains("no active")
    );

    let program = home.starts().await;
    let code = |guest: &Guest| {
        totp(
            &guest.secret(),
            hearth::clock::Clock::System.now().seconds(),
        )
    };
    let guest = Guest::opens(&program, link).await;
    let answer = guest.sends(PASSWORD, PASSWORD, &code(&guest)).await;
    assert_eq!(answer.status, 303, "{answer:#?}");
    // The last admin has lost their phone.
    let (reset, said) = runs(&["staff", "reset", "Ada", "--json"]).await;
    let link = reset["link"].as_str().unwrap_or_else(|| panic!("{said}"));
    Guest::opens(&program, link).await;
    let cookie = answer.headers[SET_COOKIE]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let home_page = program
        .request(Method::GET, "/console")
        .header(COOKIE, cookie);
    assert_eq!(program.send(home_page).await.status, 303);
    drop(program);
    home.drop().await;
}
