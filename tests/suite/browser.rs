//! The console in a real browser.

use crate::harness::{App, Browser, Screen};

pub async fn signing_in_has_no_barrier(app: &App) {
    let sam = app.staff("Sam", "moderator").await;
    for (screen, name) in [(Screen::Phone, "phone"), (Screen::Laptop, "laptop")] {
        let browser = Browser::open(app, screen).await;
        browser.goes_to("/console/sign-in").await;
        browser.is_pictured(&format!("sign-in-{name}")).await;
        assert_eq!(browser.barriers().await, Vec::<String>::new());
        assert!(!browser.is_too_wide().await);
        browser.signs_in(&sam).await;
        assert_eq!(browser.path().await, "/console");
        browser.reads("Hello Sam").await;
        browser.is_pictured(&format!("start-{name}")).await;
        assert_eq!(browser.barriers().await, Vec::<String>::new());
        assert!(!browser.is_too_wide().await);
        browser.closes().await;
    }
}
