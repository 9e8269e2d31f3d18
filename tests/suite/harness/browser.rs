//! A real browser: Chromium, driven over WebDriver.

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};

use super::{App, Member, PATIENCE};

/// Finds what an assistive technology would stumble over: axe-core by Deque, MPL-2.0.
const AXE: &str = include_str!("../browser/axe.min.js");

/// How wide and high a window is, in CSS pixels.
#[derive(Clone, Copy)]
pub enum Screen {
    /// An old phone.
    Phone,
    /// A laptop.
    Laptop,
}

/// A browser window.
pub struct Browser<'a> {
    app: &'a App,
    client: Client,
}

impl<'a> Browser<'a> {
    /// A window of a browser of its own, with nothing remembered.
    pub async fn open(app: &'a App, screen: Screen) -> Browser<'a> {
        let (width, height) = match screen {
            Screen::Phone => (360, 740),
            Screen::Laptop => (1280, 800),
        };
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-quic",
            "--disable-sync",
            "--no-first-run",
        ];
        let options = json!({ "args": arguments, "mobileEmulation": match screen {
            Screen::Phone => json!({ "deviceMetrics": {
                "width": width, "height": height, "pixelRatio": 2.0, "touch": true
            }}),
            Screen::Laptop => Value::Null,
        }});
        let mut capabilities = serde_json::Map::new();
        let mut options = options.as_object().unwrap().clone();
        options.retain(|_, value| !value.is_null());
        capabilities.insert("goog:chromeOptions".into(), options.into());
        let driver = std::env::var("HEARTH_TEST_WEBDRIVER")
            .expect("HEARTH_TEST_WEBDRIVER is not set: run tests/run, which starts a ChromeDriver");
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver)
            .await
            .unwrap();
        if let Screen::Laptop = screen {
            client.set_window_size(width, height).await.unwrap();
        }
        Browser { app, client }
    }

    /// Signs in on the page, as a person would.
    pub async fn signs_in(&self, member: &Member<'_>) {
        self.app.later(1);
        self.goes_to("/console/sign-in").await;
        for (name, text) in [
            ("name", &member.name),
            ("password", &member.password),
            ("code", &member.code()),
        ] {
            self.finds(&format!("[name={name}]"))
                .await
                .send_keys(text)
                .await
                .unwrap();
        }
        self.finds("main button[type=submit]")
            .await
            .click()
            .await
            .unwrap();
        self.finds(".who").await;
    }

    pub async fn goes_to(&self, path: &str) {
        self.client.goto(&self.app.url(path)).await.unwrap();
    }

    /// What a CSS selector names; waits for it.
    pub async fn finds(&self, selector: &str) -> Element {
        self.client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(selector))
            .await
            .unwrap_or_else(|error| panic!("{selector}: {error}"))
    }

    /// Types on the keyboard, wherever the focus is.
    pub async fn types(&self, keys: &str) {
        let focused = self.client.active_element().await.unwrap();
        focused.send_keys(keys).await.unwrap();
    }

    /// Waits until the page says something.
    pub async fn reads(&self, text: &str) {
        let xpath = format!("//body[contains(normalize-space(.), \"{text}\")]");
        let found = self.client.wait().at_most(PATIENCE);
        if found.for_element(Locator::XPath(&xpath)).await.is_err() {
            panic!("the page does not say {text:?}: {}", self.text().await);
        }
    }

    /// All that the page says.
    pub async fn text(&self) -> String {
        self.finds("body").await.text().await.unwrap()
    }

    /// Where the window is.
    pub async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    pub async fn runs(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// What axe finds on the page that is serious or worse.
    pub async fn barriers(&self) -> Vec<String> {
        self.client.execute(AXE, Vec::new()).await.unwrap();
        let run = "const done = arguments[arguments.length - 1];
            axe.run().then(done, (error) => done({ error: String(error) }));";
        let found = self.client.execute_async(run, Vec::new()).await.unwrap();
        let violations = found["violations"].as_array().expect("axe ran");
        (violations.iter())
            .filter(|it| matches!(it["impact"].as_str(), Some("serious" | "critical")))
            .map(|it| format!("{}: {} {}", it["id"], it["help"], it["nodes"][0]["html"]))
            .collect()
    }

    /// Whether something of the page lies beyond its right edge.
    pub async fn is_too_wide(&self) -> bool {
        let script = "return document.documentElement.scrollWidth > window.innerWidth";
        self.runs(script).await == json!(true)
    }

    /// Keeps a picture where `HEARTH_TEST_PICTURES` says, for people to look at.
    pub async fn is_pictured(&self, name: &str) {
        let Some(dir) = std::env::var_os("HEARTH_TEST_PICTURES") else {
            return;
        };
        let picture = self.client.screenshot().await.unwrap();
        std::fs::write(
            std::path::Path::new(&dir).join(format!("{name}.png")),
            picture,
        )
        .unwrap();
    }

    pub async fn closes(self) {
        self.client.close().await.unwrap();
    }
}
