//! A folder of rule packs that a test writes.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use hearth::rules::{Reloaded, Rules};
use tempfile::TempDir;

use super::App;

/// One pack, in a folder of its own. Its name is no other test's: the figures of all tests of
/// this process stand side by side.
pub struct Packs {
    dir: TempDir,
    pub name: String,
}

/// A rule as it is written, but for its pack: its name, its status, what it says, and the words
/// that it looks for.
pub fn rule(name: &str, status: &str, says: &str, words: &str) -> String {
    format!(
        "[[rule]]\nid = \"PACK.{name}\"\nrev = 1\nstatus = \"{status}\"\n{says}\nwhy = \"w\"\n\
         match = [\"{words}\"]\nhit = [\"{words}\", \"{words} a\", \"a {words}\"]\n\
         miss = [\"x\", \"y\", \"z\"]\n"
    )
}

impl Packs {
    pub fn new(rules: &[String]) -> Packs {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let packs = Packs {
            dir: TempDir::new().unwrap(),
            name: format!("pack{number}"),
        };
        packs.write(rules);
        packs
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn flag(&self) -> String {
        format!("--rules-dir={}", self.path().display())
    }

    /// The whole name of a rule.
    pub fn id(&self, rule: &str) -> String {
        format!("{}.{rule}", self.name)
    }

    pub fn write(&self, rules: &[String]) {
        self.write_text(&format!("schema = 1\npack = \"PACK\"\n{}", rules.concat()));
    }

    pub fn write_text(&self, text: &str) {
        let file = self.path().join(format!("{}.toml", self.name));
        std::fs::write(file, text.replace("PACK", &self.name)).unwrap();
    }

    /// An app on the same data that has these rules.
    pub async fn serve(&self, app: &App) -> App {
        app.beside(&["--rate-limits=off", &self.flag()]).await
    }

    /// Writes these rules, and has the app take them at once.
    pub async fn change(&self, app: &App, rules: &[String]) -> Reloaded {
        let before = app.part::<Rules>().await.engine();
        self.write(rules);
        let reloaded = self.reload(app).await;
        let after = app.part::<Rules>().await.engine();
        // Whoever watches the directory may have been there first.
        match reloaded == Reloaded::Same && before.rules_hash() != after.rules_hash() {
            true => Reloaded::Green,
            false => reloaded,
        }
    }

    pub async fn reload(&self, app: &App) -> Reloaded {
        app.part::<Rules>().await.reload().await
    }
}
