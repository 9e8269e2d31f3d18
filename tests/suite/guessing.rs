//! Whoever guesses passwords of staff is slowed; nobody else is.

use std::cell::RefCell;

use reqwest::Method;
use reqwest::header::{COOKIE, RETRY_AFTER, SET_COOKIE};
use serde_json::json;

use crate::harness::{Answer, App, Console, Engine, Member};

const FLAGS: [&str; 2] = ["--rate-limits=on", "--trusted-proxies=127.0.0.0/8"];
const HOME: &str = "198.51.100.7";
const ELSEWHERE: &str = "203.0.113.66";

/// Somebody with a browser, in some network.
struct Visitor<'a> {
    app: &'a App,
    network: &'static str,
    cookies: RefCell<Vec<String>>,
}

impl<'a> Visitor<'a> {
    fn new(app: &'a App, network: &'static str) -> Visitor<'a> {
        Visitor {
            app,
            network,
            cookies: RefCell::default(),
        }
    }

    async fn tries(&self, name: &str, password: &str, code: &str) -> Answer {
        let form = [("name", name), ("password", password), ("code", code)];
        let request = self.app.request(Method::POST, "/console/sign-in");
        let request = request.header("x-forwarded-for", self.network);
        let request = request.header(COOKIE, self.cookies.borrow().join("; "));
        let answer = self.app.send(request.form(&form)).await;
        for cookie in answer.headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            for part in ["HttpOnly", "SameSite=Strict"] {
                assert!(cookie.contains(part), "{cookie}");
            }
            // The session's own is not kept: what is tried here is the browser.
            if cookie.starts_with("hearth_browser_") {
                let cookie = cookie.split(';').next().unwrap().to_owned();
                let (name, _) = cookie.split_once('=').unwrap();
                let mut cookies = self.cookies.borrow_mut();
                cookies.retain(|kept| !kept.starts_with(name));
                cookies.push(cookie);
            }
        }
        answer
    }

    async fn guesses(&self, name: &str) -> u16 {
        self.tries(name, "what could it be", "000000").await.status
    }

    /// Guesses until somebody stops it; answers how often nobody did, and how long to wait.
    async fn guesses_on(&self, name: &str) -> (usize, u64) {
        for taken in 0..100 {
            let answer = self.tries(name, "what could it be", "000000").await;
            if answer.status == 429 {
                let wait = answer.headers[RETRY_AFTER].to_str().unwrap();
                return (taken, wait.parse().unwrap());
            }
            assert_eq!(answer.status, 401, "{answer:#?}");
        }
        panic!("nobody stops it");
    }

    async fn signs_in_as(&self, member: &Member<'_>) -> u16 {
        self.app.later(1);
        let code = member.code();
        self.tries(&member.name, &member.password, &code)
            .await
            .status
    }
}

pub async fn who_guesses_waits_longer_each_time(app: &App) {
    let limited = app.beside(&FLAGS).await;
    let stranger = Visitor::new(&limited, ELSEWHERE);
    // A name that nobody has is no different.
    for name in ["Sam", "Nobody"] {
        let (taken, wait) = stranger.guesses_on(name).await;
        assert_eq!(taken, 5, "{name}");
        assert!((1..=12).contains(&wait), "{wait}");
    }
    // Redis goes by its own clock, which no test can turn.
    if app.database.engine == Engine::Embedded {
        let mut waits = Vec::new();
        let mut tried = 5;
        while tried < 60 {
            app.later(1);
            match stranger.guesses_on("Sam").await {
                (0, wait) => waits.push(wait),
                (taken, _) => tried += taken,
            }
        }
        let longest = waits.iter().max().unwrap();
        assert!((1_500..=1_728).contains(longest), "{waits:?}");
    }
    limited.stops().await;
}

pub async fn strangers_lock_nobody_out(app: &App) {
    let limited = app.beside(&FLAGS).await;
    let sam = limited.staff("Sam", "moderator").await;
    let stranger = Visitor::new(&limited, ELSEWHERE);
    stranger.guesses_on("Sam").await;
    // From anywhere else, with a browser that nobody knows.
    let own = Visitor::new(&limited, HOME);
    assert_eq!(own.signs_in_as(&sam).await, 303);

    // The same at the API.
    let at_api = async |network: &str, password: &str, code: &str| {
        let request = limited.request(Method::POST, "/v1/staff/sessions");
        let request = request.header("x-forwarded-for", network);
        let body = json!({ "name": "Sam", "password": password, "totp": code });
        limited.send(request.json(&body)).await.status
    };
    for _ in 0..5 {
        at_api("203.0.113.99", "what could it be", "000000").await;
    }
    limited.later(1);
    assert_eq!(at_api("192.0.2.1", &sam.password, &sam.code()).await, 200);

    // In the very network of the stranger, it is the browser that is known.
    let office = Visitor::new(&limited, ELSEWHERE);
    office.cookies.replace(own.cookies.take());
    stranger.guesses_on("Sam").await;
    assert_eq!(office.signs_in_as(&sam).await, 303);
    // It is known for its own name alone, and guesses no more often than others do.
    let eve = Visitor::new(&limited, "192.0.2.200");
    eve.cookies.replace(office.cookies.borrow().clone());
    assert_eq!(eve.guesses_on("Ida").await.0, 5);
    assert_eq!(eve.guesses_on("Sam").await.0, 5);
    limited.stops().await;
}

pub async fn who_tries_many_names_is_slowed_and_the_owner_of_a_browser_is_not(app: &App) {
    let limited = app.beside(&FLAGS).await;
    let sam = limited.staff("Sam", "moderator").await;
    let own = Visitor::new(&limited, ELSEWHERE);
    assert_eq!(own.signs_in_as(&sam).await, 303);
    let stranger = Visitor::new(&limited, ELSEWHERE);
    let mut taken = 0;
    while stranger.guesses(&format!("Name {taken}")).await == 401 {
        taken += 1;
        assert!(taken < 40, "nobody stops it");
    }
    assert!((15..=20).contains(&taken), "{taken}");
    assert_eq!(own.signs_in_as(&sam).await, 303);
    limited.stops().await;
}

pub async fn a_right_sign_in_takes_back_what_was_counted(app: &App) {
    let limited = app.beside(&FLAGS).await;
    let sam = limited.staff("Sam", "moderator").await;
    let own = Visitor::new(&limited, HOME);
    for _ in 0..3 {
        for _ in 0..4 {
            assert_eq!(own.guesses("Sam").await, 401);
        }
        assert_eq!(own.signs_in_as(&sam).await, 303);
    }
    limited.stops().await;
}

pub async fn whoever_is_at_an_open_session_guesses_no_more_often(app: &App) {
    let limited = app.beside(&FLAGS).await;
    let sam = Console::open(&limited, "Sam", "moderator").await;
    let form = [
        ("password", "what could it be"),
        ("code", "000000"),
        ("new_password", "otter lamp friday"),
        ("again", "otter lamp friday"),
    ];
    for _ in 0..5 {
        assert_eq!(sam.sends("/console/me/password", &form).await.status, 400);
    }
    let refused = sam.sends("/console/me/password", &form).await;
    assert_eq!(refused.status, 429, "{refused:#?}");
    assert!(
        refused
            .body
            .as_str()
            .unwrap()
            .contains("Please wait a moment")
    );
    limited.stops().await;
}
