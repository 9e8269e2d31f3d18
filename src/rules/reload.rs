//! Newer rules out of the directory: noticed, tried, and put in force or refused.
//!
//! The directory is looked at every two seconds, in place of asking the kernel to tell (inotify):
//! a Kubernetes ConfigMap changes by a symbolic link above the files, network file systems tell
//! nobody, and an editor may put a new file in the place of the old. A look costs one `stat` for
//! each pack, and whoever is two seconds late has lost nothing.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{Mistake, Rules, RulesError, State, keep, show_in_force};
use crate::clock::Time;
use crate::triage::{Engine, ExampleFailure};

/// How often the directory is looked at.
const EVERY: Duration = Duration::from_secs(2);

/// Mistakes that are logged one by one.
const MOST_LOGGED: usize = 20;

/// What became of a reload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reloaded {
    /// The rules of the directory are in force, and were before.
    Same,
    /// They are in force now.
    Green,
    /// They cannot be used: what was in force is.
    Red,
    /// They are good, and could not be kept in the database: they are to be tried again.
    NotKept,
}

/// What somebody who only looks at a directory sees of the packs in it, or why they see nothing.
type Looks = Result<BTreeMap<String, Option<Look>>, String>;

/// What a file looks like from outside. Two that look alike are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Look {
    size: u64,
    number: u64,
    /// Which anybody can set back ...
    modified: (i64, i64),
    /// ... and when anything was last done to it, which nobody can.
    changed: (i64, i64),
}

/// What the rules of the directory are worth.
enum Tried {
    Good(Engine),
    /// They compile, and some of their own examples do not do what they say.
    Examples(Engine, Vec<Mistake>),
    Bad(Vec<Mistake>),
}

impl Rules {
    /// Watches the directory until `stop` is cancelled; does nothing where the rules are built in.
    /// First of all it runs the examples of the rules that were loaded at the start, for which
    /// nobody should have to wait.
    pub async fn watch(self, stop: CancellationToken) {
        let Some(dir) = self.0.dir.clone() else {
            return;
        };
        let look = async || {
            let dir = dir.clone();
            let looks = spawn_blocking(move || look(&dir)).await;
            looks.unwrap_or_else(|error| Err(error.to_string()))
        };
        let mut seen = look().await;
        let mut tried: Option<Looks> = None;
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stop.cancelled() => return,
            }
            let looks = look().await;
            // What still changes from one look to the next may be half written.
            if looks == seen
                && tried.as_ref() != Some(&looks)
                && self.reload().await != Reloaded::NotKept
            {
                tried = Some(looks.clone());
            }
            seen = looks;
        }
    }

    /// Tries the rules that are in the directory now, with their own examples. Good ones are in
    /// force when this returns, for everybody at once; otherwise what was in force stays.
    pub async fn reload(&self) -> Reloaded {
        let _one_at_a_time = self.0.reloading.lock().await;
        let Some(dir) = self.0.dir.clone() else {
            return Reloaded::Same;
        };
        let State {
            engine: current,
            since,
            last_error,
        } = (**self.0.state.load()).clone();
        let tried = spawn_blocking(move || attempt(&dir)).await;
        // A panic is a mistake of ours; what is in force stays in force for that, too.
        let tried = tried.unwrap_or_else(|error| Tried::Bad(vec![whole(&error)]));
        let is_current = |engine: &Engine| engine.rules_hash() == current.rules_hash();
        let (in_force, mistakes) = match tried {
            Tried::Good(engine) if is_current(&engine) => {
                if last_error.is_some() {
                    tracing::info!(hash = current.rules_hash(), "these rules are good again");
                }
                self.set(current, since, None);
                return Reloaded::Same;
            }
            Tried::Good(engine) => match self.put_in_force(engine).await {
                Ok(()) => return Reloaded::Green,
                Err(error) => {
                    tracing::error!(%error, "good new rules wait, because they cannot be kept");
                    let why = "these rules are good, and wait until the database can keep them";
                    self.set(current, since, Some(self.error(false, &[whole(&why)])));
                    return Reloaded::NotKept;
                }
            },
            Tried::Examples(engine, mistakes) => (is_current(&engine), mistakes),
            Tried::Bad(mistakes) => (false, mistakes),
        };
        log(&mistakes, in_force, current.rules_hash());
        self.set(current, since, Some(self.error(in_force, &mistakes)));
        if in_force {
            return Reloaded::Same;
        }
        metrics::counter!("hearth_rules_reloads_total", "result" => "red").increment(1);
        Reloaded::Red
    }

    fn error(&self, in_force: bool, mistakes: &[Mistake]) -> RulesError {
        let unnamed = || whole(&"the rules cannot be used");
        RulesError {
            at: self.0.clock.now(),
            in_force,
            mistakes: mistakes.len(),
            first: mistakes.first().cloned().unwrap_or_else(unnamed),
        }
    }

    async fn put_in_force(&self, engine: Engine) -> sqlx::Result<()> {
        let now = self.0.clock.now();
        // First of all: no verdict may name rules that nobody can look up.
        keep(&self.0.db, &engine, now).await?;
        tracing::info!(
            hash = engine.rules_hash(),
            rules = engine.rule_count(),
            packs = engine.pack_count(),
            "new rules are in force"
        );
        show_in_force(&self.engine(), 0.0);
        self.set(Arc::new(engine), now, None);
        metrics::counter!("hearth_rules_reloads_total", "result" => "green").increment(1);
        Ok(())
    }

    fn set(&self, engine: Arc<Engine>, since: Time, last_error: Option<RulesError>) {
        self.0.state.store(Arc::new(State {
            engine,
            since,
            last_error,
        }));
    }
}

/// A mistake that has no place.
fn whole(message: &impl ToString) -> Mistake {
    Mistake {
        file: "the rules directory".to_owned(),
        line: None,
        message: message.to_string(),
    }
}

fn log(mistakes: &[Mistake], in_force: bool, hash: &str) {
    for Mistake {
        file,
        line,
        message,
    } in mistakes.iter().take(MOST_LOGGED)
    {
        tracing::error!(file, line, "{message}");
    }
    let mistakes = mistakes.len();
    match in_force {
        true => tracing::error!(
            mistakes,
            hash,
            "the rules in force do not do what their own examples say"
        ),
        false => tracing::error!(
            mistakes,
            hash,
            "the new rules are refused, and the last good ones stay in force"
        ),
    }
}

/// Compiles what is in the directory, and runs its examples.
fn attempt(dir: &Path) -> Tried {
    match Engine::load(dir) {
        Err(errors) => Tried::Bad(errors.into_iter().map(Mistake::from).collect()),
        Ok(engine) => {
            let failures = engine.check();
            match failures.is_empty() {
                true => Tried::Good(engine),
                false => {
                    let mistakes = failures.iter().map(|failure| mistake(&engine, failure));
                    let mistakes = mistakes.collect();
                    Tried::Examples(engine, mistakes)
                }
            }
        }
    }
}

/// An example that fails, at the line where its rule begins.
fn mistake(engine: &Engine, failure: &ExampleFailure) -> Mistake {
    let begins = |line: &str| {
        let value = line.trim_start().strip_prefix("id");
        let value = value.and_then(|rest| rest.trim_start().strip_prefix('='));
        let value = value.map(|rest| rest.trim_start().trim_start_matches(['"', '\'']));
        value
            .and_then(|rest| rest.strip_prefix(failure.rule.as_str()))
            .is_some_and(|rest| rest.starts_with(['"', '\'']))
    };
    let mut sources = engine.sources().iter();
    let text = sources.find(|(file, _)| *file == failure.file);
    Mistake {
        file: failure.file.clone(),
        line: text
            .and_then(|(_, text)| text.lines().position(begins))
            .map(|line| line + 1),
        message: format!("an example of `{}`: {}", failure.rule, failure.problem),
    }
}

fn look(dir: &Path) -> Looks {
    let entries = std::fs::read_dir(dir).map_err(|error| error.to_string())?;
    let mut looks = BTreeMap::new();
    for entry in entries {
        let entry = entry.map_err(|error| error.to_string())?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".toml") && !name.starts_with('.') {
            // Of what a link leads to, not of the link.
            let file = std::fs::metadata(entry.path()).ok();
            let look = file.map(|file| Look {
                size: file.len(),
                number: file.ino(),
                modified: (file.mtime(), file.mtime_nsec()),
                changed: (file.ctime(), file.ctime_nsec()),
            });
            looks.insert(name, look);
        }
    }
    Ok(looks)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const PACK: &str = "schema = 1\npack = 'p'\n[[rule]]\nid = 'p.a'\nrev = 1\nstatus = 'live'\n\
        level = 'amber'\nwhy = 'w'\nmatch = ['so cold']\nhit = ['so cold', 'so cold a', 'a so cold']\n\
        miss = ['x', 'y', 'z']\n";

    #[test]
    fn a_change_is_seen_however_it_is_made() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let mut seen = look(dir.path());
        let mut changes = || {
            let looks = look(dir.path());
            std::mem::replace(&mut seen, looks.clone()) != looks
        };
        assert!(!changes());
        fs::write(at("p.toml"), PACK).unwrap();
        assert!(changes(), "a new file");
        let other = PACK.replace("amber", "ambre");
        fs::write(at("q.toml.new"), &other).unwrap();
        fs::write(at(".p.toml"), &other).unwrap();
        assert!(!changes(), "no packs");
        let old = fs::metadata(at("p.toml")).unwrap().modified().unwrap();
        let new = fs::File::open(at("q.toml.new")).unwrap();
        new.set_modified(old).unwrap();
        fs::rename(at("q.toml.new"), at("p.toml")).unwrap();
        assert!(changes(), "another in its place, of the same size and time");
        fs::remove_file(at("p.toml")).unwrap();
        assert!(changes(), "none");

        // As a ConfigMap does it: a link to a folder is replaced.
        for (folder, text) in [("one", PACK), ("two", &other)] {
            fs::create_dir(at(folder)).unwrap();
            fs::write(at(folder).join("p.toml"), text).unwrap();
        }
        std::os::unix::fs::symlink("one", at("data")).unwrap();
        std::os::unix::fs::symlink("data/p.toml", at("p.toml")).unwrap();
        assert!(changes());
        std::os::unix::fs::symlink("two", at("data.new")).unwrap();
        fs::rename(at("data.new"), at("data")).unwrap();
        assert!(changes(), "what a link leads to");
        assert!(look(&at("nowhere")).is_err());
    }

    #[test]
    fn a_mistake_has_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("p.toml");
        fs::write(&file, PACK).unwrap();
        assert!(matches!(attempt(dir.path()), Tried::Good(_)));
        fs::write(&file, PACK.replace("'x'", "'how so cold'")).unwrap();
        let Tried::Examples(_, mistakes) = attempt(dir.path()) else {
            panic!("an example fails");
        };
        assert_eq!((mistakes[0].line, mistakes.len()), (Some(4), 1));
        assert!(mistakes[0].message.starts_with("an example of `p.a`: "));
        fs::write(&file, PACK.replace("'amber'", "'orange'")).unwrap();
        let Tried::Bad(mistakes) = attempt(dir.path()) else {
            panic!("it does not compile");
        };
        assert_eq!((&*mistakes[0].file, mistakes[0].line), ("p.toml", Some(7)));
        assert!(matches!(
            attempt(&dir.path().join("nowhere")),
            Tried::Bad(_)
        ));
    }
}
