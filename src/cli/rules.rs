//! `hearth rules …`: what a safeguarding lead asks of the rule packs.

mod changes;
mod check;
mod corpus;
mod diff;
mod explain;
mod replay;
mod since;
mod stats;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use crate::app;
use crate::config::Settings;
use crate::hindsight;
use crate::triage::measure::{self, Labelled};
use crate::triage::{Level, pack_schema, second_opinion};

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// Check whether packs may be put in force
    ///
    /// Runs every pack's own examples, and disguises made of them; says what could be better; and
    /// counts the alarms that the rules raise over harmless texts. Ends with 1 where an example
    /// fails, something could be better, or there are too many alarms.
    Check(check::Check),
    /// Print a JSON Schema of rule packs, for editors
    Schema,
    /// Show why a text has the verdict that it has
    ///
    /// The verdict and what the policy does with it; each rule that matched, with its words
    /// underlined and what surrounding words made of it; what composites are made of, and why some
    /// stayed quiet.
    Explain(explain::Explain),
    /// Count what the rules find in labelled posts, and what they take for something else
    ///
    /// A post is a line: level, topics, concerns, flags and text, with a tab between them.
    Measure {
        /// Files of labelled posts
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Show the posts that this measure counts against the rules
        #[arg(long, value_name = "MEASURE")]
        wrong: Option<String>,
    },
    /// Train the learned second opinion on labelled posts, and write it
    Train {
        /// Files of labelled posts
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Where to: second_opinion.toml in a directory of rule packs
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// The revision to give it
        #[arg(long, default_value_t = 1)]
        rev: u32,
        /// The share of harmless posts for which it may ask for a look, in per cent
        #[arg(long, value_name = "PERCENT", default_value_t = 2.0)]
        false_alarms: f64,
    },
    /// Show which verdicts change from one folder of rule packs to another, over a corpus
    Diff(diff::Diff),
    /// Make verdicts of the past again: with the rules of then, or with other rules
    ///
    /// With --post, one verdict is made again with the very rules that made it, which are kept in
    /// the database, and compared to the last letter. With --since, every post is read again by
    /// other rules, to see what they would have done. Nothing is changed, and no words are shown
    /// unless --show asks for them.
    Replay(replay::Replay),
    /// Show what each rule did, and how often people agreed with it
    #[command(after_help = hindsight::AGREEMENT)]
    Stats(stats::Stats),
}

pub(super) async fn run(
    settings: &Settings,
    command: RulesCommand,
) -> Result<ExitCode, Box<dyn Error>> {
    match command {
        RulesCommand::Check(check) => check.run(settings),
        RulesCommand::Schema => {
            print!("{}", pack_schema());
            Ok(ExitCode::SUCCESS)
        }
        RulesCommand::Explain(explain) => explain.run(settings),
        RulesCommand::Measure { files, wrong } => measure(settings, &files, wrong.as_deref()),
        RulesCommand::Train {
            files,
            out,
            rev,
            false_alarms,
        } => train(&files, &out, rev, false_alarms),
        RulesCommand::Diff(diff) => diff.run(settings),
        RulesCommand::Replay(replay) => replay.run(settings).await,
        RulesCommand::Stats(stats) => stats.run(settings).await,
    }
}

fn measure(
    settings: &Settings,
    files: &[PathBuf],
    wrong: Option<&str>,
) -> Result<ExitCode, Box<dyn Error>> {
    let engine = app::load_rules(settings)?;
    let policy = app::load_policy(settings)?;
    let posts = labelled(files)?;
    let report = measure::measure(&engine, &policy, &posts);
    let Some(name) = wrong else {
        print!("{report}");
        return Ok(ExitCode::SUCCESS);
    };
    let Some(wrong) = report.wrong(name) else {
        let names: Vec<&str> = report.names().collect();
        return Err(format!("no measure `{name}`; there are: {}", names.join(", ")).into());
    };
    for (post, verdict) in wrong {
        let rules: Vec<&str> = verdict
            .matches
            .iter()
            .map(|found| found.rule.as_str())
            .collect();
        println!(
            "{} as {} [{}]: {}",
            post.level,
            verdict.level,
            rules.join(" "),
            post.text
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn labelled(files: &[PathBuf]) -> Result<Vec<Labelled>, Box<dyn Error>> {
    let mut posts = Vec::new();
    for file in files {
        let named = |error: &dyn Error| format!("{}: {error}", file.display());
        let text = std::fs::read_to_string(file).map_err(|error| named(&error))?;
        posts.extend(measure::read(&text).map_err(|error| named(&error))?);
    }
    Ok(posts)
}

fn train(
    files: &[PathBuf],
    out: &Path,
    rev: u32,
    false_alarms: f64,
) -> Result<ExitCode, Box<dyn Error>> {
    let posts = labelled(files)?;
    // What is wrong with a post as a publication is not what the model is to tell.
    let texts: Vec<(&str, bool)> = posts
        .iter()
        .map(|post| {
            (
                post.text.as_str(),
                post.level >= Level::Amber,
                &post.concerns,
            )
        })
        .filter(|(_, needs_look, concerns)| *needs_look || concerns.is_empty())
        .map(|(text, needs_look, _)| (text, needs_look))
        .collect();
    let (model, gain) = second_opinion::train(&texts, rev, false_alarms);
    std::fs::write(out, model.to_toml()).map_err(|error| format!("{}: {error}", out.display()))?;
    println!(
        "Trained on {} posts. Of those that need a look it finds {:.1} % by itself, and takes {:.1} %\n\
         of the others for one of them; each post was scored by a model that had not seen it.\n\
         What it adds to the rules on other posts: hearth rules measure, with the file and without.",
        texts.len(),
        gain.found,
        gain.false_alarms
    );
    Ok(ExitCode::SUCCESS)
}
