//! The rules of a running Hearth: which are in force, since when, and why newer ones are not.
//!
//! Triage itself knows nothing of files, of time or of other rules than its own. Here stands the
//! handle from which whoever needs a verdict takes the engine, once for each message, so that
//! nothing is judged half by old rules and half by new ones. Where the rules come from a
//! directory it is watched, and every set of rules is kept before a verdict is made with it
//! ([`keep`]): what was said of a text can be worked out again, however the rules have changed.

mod reload;
mod store;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use serde::Serialize;
use tokio::sync::Mutex;
use utoipa::ToSchema;

pub use reload::Reloaded;
pub use store::Packs;

use crate::clock::{Clock, Time};
use crate::db::Db;
use crate::triage::{ABUSE_SIGNAL, Engine, PackError, Verdict};

/// The rules in force. Cheap to clone, and every clone sees a reload at the same moment.
#[derive(Clone)]
pub struct Rules(Arc<Shared>);

struct Shared {
    state: ArcSwap<State>,
    /// Where newer ones come from; nowhere where they are built in.
    dir: Option<PathBuf>,
    db: Db,
    clock: Clock,
    /// One reload at a time.
    reloading: Mutex<()>,
}

/// All that a reload changes, at once.
#[derive(Clone)]
struct State {
    engine: Arc<Engine>,
    since: Time,
    last_error: Option<RulesError>,
}

/// Why the rules in the directory are not in force, or are and should not be relied on. It goes
/// with the next reload that is green.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RulesError {
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// Whether these rules are in force all the same: so it is where examples failed at the
    /// start. Otherwise the last good ones are.
    pub in_force: bool,
    /// How many mistakes there are.
    pub mistakes: usize,
    /// The first of them.
    #[serde(flatten)]
    pub first: Mistake,
}

/// One mistake, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Mistake {
    /// The pack's file, or the directory.
    pub file: String,
    /// From 1; absent where the file as a whole is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl From<PackError> for Mistake {
    fn from(error: PackError) -> Mistake {
        Mistake {
            line: (error.line > 0).then_some(error.line),
            message: error.advice(),
            file: error.file,
        }
    }
}

/// What operators see of the rules.
#[derive(Clone, Debug)]
pub struct Status {
    /// Those in force.
    pub engine: Arc<Engine>,
    /// Since when they are, in this process.
    pub since: Time,
    /// What is wrong with newer ones, or with these.
    pub last_error: Option<RulesError>,
}

impl Rules {
    /// The rules that `engine` was made of, which are kept when this returns. `dir` is where they
    /// come from; they are built in where there is none.
    pub async fn new(
        engine: Arc<Engine>,
        dir: Option<PathBuf>,
        db: Db,
        clock: Clock,
    ) -> sqlx::Result<Rules> {
        let since = clock.now();
        keep(&db, &engine, since).await?;
        Ok(Rules(Arc::new(Shared {
            state: ArcSwap::from_pointee(State {
                engine,
                since,
                last_error: None,
            }),
            dir,
            db,
            clock,
            reloading: Mutex::new(()),
        })))
    }

    /// The rules as they are now. Take them once for each message.
    pub fn engine(&self) -> Arc<Engine> {
        self.0.state.load().engine.clone()
    }

    /// What operators see of them.
    pub fn status(&self) -> Status {
        let State {
            engine,
            since,
            last_error,
        } = (**self.0.state.load()).clone();
        Status {
            engine,
            since,
            last_error,
        }
    }

    /// Sets the figures that are read, not counted.
    pub fn set_gauges(&self) {
        let state = self.0.state.load();
        let failing = u8::from(state.last_error.is_some());
        metrics::gauge!("hearth_rules_failing").set(f64::from(failing));
        show_in_force(&state.engine, 1.0);
    }

    /// Counts a decision of a person for each rule that had matched the post. Only rules that are
    /// loaded are counted: whatever verdicts hold, there are no more figures than rules.
    pub fn count_decision(&self, verdict: &Verdict, decision: &'static str) {
        let engine = self.engine();
        for (rule, _) in matched(verdict) {
            if rule == ABUSE_SIGNAL || engine.facts(rule).is_some() {
                let labels = [("rule", rule.to_owned()), ("decision", decision.to_owned())];
                metrics::counter!("hearth_rule_decisions_total", &labels).increment(1);
            }
        }
    }
}

/// Counts a new post for each rule that matched it, live or as a shadow.
pub fn count_matches(verdict: &Verdict) {
    for (rule, shadow) in matched(verdict) {
        let labels = [("rule", rule.to_owned()), ("shadow", shadow.to_string())];
        metrics::counter!("hearth_rule_matches_total", &labels).increment(1);
    }
}

/// The rules that matched a text, each once however often its words stand there, and whether as
/// a shadow.
pub fn matched(verdict: &Verdict) -> BTreeSet<(&str, bool)> {
    let matches = verdict.matches.iter();
    matches
        .map(|found| (found.rule.as_str(), found.shadow))
        .collect()
}

/// Keeps the rules that an engine was made of. To be done before a verdict of it is stored.
pub async fn keep(db: &Db, engine: &Engine, now: Time) -> sqlx::Result<()> {
    let packs: Packs = engine.sources().iter().cloned().collect();
    store::keep(db, engine.rules_hash(), packs, now).await
}

/// Why rules that were once in force cannot be had again.
#[derive(Debug, thiserror::Error)]
pub enum LostRules {
    /// They were never kept.
    #[error("no rules with the hash {0} are kept in this database")]
    Missing(String),
    /// Somebody has changed what is kept.
    #[error("the rules kept under the hash {0} are not the ones that were kept")]
    Changed(String),
    /// This program does not understand them any more.
    #[error("this version of Hearth does not understand the rules {hash}: {error}")]
    Foreign {
        /// Their hash.
        hash: String,
        /// The first thing that it does not understand.
        error: PackError,
    },
    /// The database does not do what was asked.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
}

/// The rules with this hash, as they were.
pub async fn kept(db: &Db, hash: &str) -> Result<Engine, LostRules> {
    let packs = store::find(db, hash).await?;
    let packs = packs.ok_or_else(|| LostRules::Missing(hash.to_owned()))?;
    let files: Vec<(&str, &str)> = packs
        .iter()
        .map(|(file, text)| (file.as_str(), text.as_str()))
        .collect();
    let engine = Engine::from_files(&files).map_err(|errors| match errors.into_iter().next() {
        Some(error) => LostRules::Foreign {
            hash: hash.to_owned(),
            error,
        },
        None => LostRules::Changed(hash.to_owned()),
    })?;
    match engine.rules_hash() == hash {
        true => Ok(engine),
        false => Err(LostRules::Changed(hash.to_owned())),
    }
}

/// Which rules are in force, as a figure.
fn show_in_force(engine: &Engine, value: f64) {
    metrics::gauge!("hearth_rules_info", "hash" => engine.rules_hash().to_owned()).set(value);
}
