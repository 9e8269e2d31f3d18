//! `hearth rules …`: what a safeguarding lead asks of the rule packs.

mod changes;
mod corpus;
mod diff;
mod replay;
mod since;
mod stats;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use crate::app;
use crate::config::Settings;
use crate::hindsight;
use crate::triage::measure::{self, Labelled};

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// Run every pack's own examples
    Check,
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
        RulesCommand::Check => check(settings),
        RulesCommand::Measure { files, wrong } => measure(settings, &files, wrong.as_deref()),
        RulesCommand::Diff(diff) => diff.run(settings),
        RulesCommand::Replay(replay) => replay.run(settings).await,
        RulesCommand::Stats(stats) => stats.run(settings).await,
    }
}

fn check(settings: &Settings) -> Result<ExitCode, Box<dyn Error>> {
    let engine = app::load_rules(settings)?;
    let failures = engine.check();
    for failure in &failures {
        println!("{failure}");
    }
    println!(
        "{} rules in {} packs, {} examples that do not do what they say.",
        engine.rule_count(),
        engine.pack_count(),
        failures.len()
    );
    Ok(if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn measure(
    settings: &Settings,
    files: &[PathBuf],
    wrong: Option<&str>,
) -> Result<ExitCode, Box<dyn Error>> {
    let engine = app::load_rules(settings)?;
    let policy = app::load_policy(settings)?;
    let mut posts: Vec<Labelled> = Vec::new();
    for file in files {
        let named = |error: &dyn Error| format!("{}: {error}", file.display());
        let text = std::fs::read_to_string(file).map_err(|error| named(&error))?;
        posts.extend(measure::read(&text).map_err(|error| named(&error))?);
    }
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
