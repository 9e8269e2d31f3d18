//! `hearth rules check`: whether packs may be put in force.

use std::error::Error;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::corpus;
use crate::app::{self, StartError};
use crate::cli::terminal::is_coloured;
use crate::config::Settings;
use crate::triage::compare::Action;
use crate::triage::{BENIGN, Engine, ExampleFailure, Level, PackError, PackFacts, Policy};

/// The file beside the packs with harmless texts.
const BENIGN_FILE: &str = "benign.txt";

/// What packs are held against, beside their own examples.
#[derive(Debug, Args)]
pub struct Check {
    /// Harmless texts: a text a line, lines of {"id", "text"}, or labelled posts, of which those
    /// count that are green and without a concern. Else benign.txt beside the packs, else the one
    /// that is built in
    #[arg(long, value_name = "FILE")]
    benign: Option<PathBuf>,
    /// The share of harmless texts that may come out as amber or more, in per cent
    #[arg(long, value_name = "PERCENT", default_value_t = 1.0)]
    max_alerts: f64,
    /// The share of harmless texts that may be held, in per cent
    #[arg(long, value_name = "PERCENT", default_value_t = 1.0)]
    max_held: f64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    /// Why the packs cannot be used at all; the rest is empty then.
    mistakes: Vec<PackError>,
    packs: Vec<PackFacts>,
    /// Examples that do not do what they say, and disguises of them.
    failures: Vec<ExampleFailure>,
    /// What could be better.
    advice: Vec<PackError>,
    harmless: Option<Harmless>,
}

/// What the rules make of harmless texts.
#[derive(Serialize)]
struct Harmless {
    texts: usize,
    alerts: Share,
    held: Share,
    alarms: Vec<Alarm>,
}

#[derive(Serialize)]
struct Share {
    texts: usize,
    percent: f64,
    at_most: f64,
}

/// A harmless text that is amber or more, or held.
#[derive(Serialize)]
struct Alarm {
    id: String,
    text: String,
    level: Level,
    action: Action,
    rules: Vec<String>,
}

impl Check {
    pub fn run(&self, settings: &Settings) -> Result<ExitCode, Box<dyn Error>> {
        let report = match app::load_rules(settings) {
            Ok(engine) => self.report(settings, &engine)?,
            Err(StartError::Rules(mistakes)) if self.json => Report {
                ok: false,
                mistakes,
                packs: Vec::new(),
                failures: Vec::new(),
                advice: Vec::new(),
                harmless: None,
            },
            Err(error) => return Err(error.into()),
        };
        let stdout = io::stdout().lock();
        let coloured = is_coloured(&stdout);
        let mut output = BufWriter::new(stdout);
        match self.json {
            true => {
                serde_json::to_writer_pretty(&mut output, &report)?;
                writeln!(output)?;
            }
            false => report.write(&mut output, coloured)?,
        }
        output.flush()?;
        Ok(match report.ok {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }

    fn report(&self, settings: &Settings, engine: &Engine) -> Result<Report, Box<dyn Error>> {
        let policy = app::load_policy(settings)?;
        let harmless = self.harmless(settings, engine, &policy)?;
        let (failures, advice) = (engine.check(), engine.advice());
        let within = [&harmless.alerts, &harmless.held]
            .iter()
            .all(|share| share.is_within());
        Ok(Report {
            ok: failures.is_empty() && advice.is_empty() && within,
            mistakes: Vec::new(),
            packs: engine.packs(),
            failures,
            advice,
            harmless: Some(harmless),
        })
    }

    fn harmless(
        &self,
        settings: &Settings,
        engine: &Engine,
        policy: &Policy,
    ) -> Result<Harmless, Box<dyn Error>> {
        let beside = settings.rules_dir.as_ref().map(|dir| dir.join(BENIGN_FILE));
        let beside = beside.filter(|file| file.exists());
        let file = self.benign.as_ref().or(beside.as_ref());
        let named = |error: &dyn std::fmt::Display| match file {
            Some(file) => format!("{}: {error}", file.display()),
            None => error.to_string(),
        };
        let text = match file {
            Some(file) => std::fs::read_to_string(file).map_err(|error| named(&error))?,
            None => BENIGN.to_owned(),
        };
        let mut texts = corpus::read(&text).map_err(|error| named(&error))?;
        texts.retain(|text| text.is_harmless);
        let mut alarms = Vec::new();
        for text in &texts {
            let verdict = engine.verdict(&text.words);
            let action = Action::of(policy, &verdict);
            if verdict.level >= Level::Amber || action >= Action::Hold {
                let live = verdict.matches.iter().filter(|found| !found.shadow);
                alarms.push(Alarm {
                    id: text.name.clone(),
                    text: text.words.clone(),
                    level: verdict.level,
                    action,
                    rules: live.map(|found| found.rule.clone()).collect(),
                });
            }
        }
        let share = |counts: fn(&&Alarm) -> bool, at_most| {
            let found = alarms.iter().filter(counts).count();
            Share {
                texts: found,
                percent: 100.0 * found as f64 / texts.len().max(1) as f64,
                at_most,
            }
        };
        Ok(Harmless {
            texts: texts.len(),
            alerts: share(|alarm| alarm.level >= Level::Amber, self.max_alerts),
            held: share(|alarm| alarm.action >= Action::Hold, self.max_held),
            alarms,
        })
    }
}

impl Share {
    fn is_within(&self) -> bool {
        self.percent <= self.at_most
    }

    fn write(&self, output: &mut impl Write, title: &str, of: usize) -> io::Result<()> {
        let Share {
            texts,
            percent,
            at_most,
        } = self;
        let said = if self.is_within() { "" } else { ": TOO MANY" };
        writeln!(
            output,
            "{title:44} {texts} of {of} ({percent:.1} %, at most {at_most} %){said}"
        )
    }
}

impl Report {
    fn write(&self, output: &mut impl Write, coloured: bool) -> io::Result<()> {
        for advice in &self.advice {
            writeln!(output, "{}\n", advice.render_warning(coloured))?;
        }
        for failure in &self.failures {
            writeln!(output, "{failure}")?;
        }
        if !self.failures.is_empty() {
            writeln!(output)?;
        }
        writeln!(
            output,
            "{:28} {:>6} {:>7} {:>6} {:>9} {:>7}",
            "pack", "live", "shadow", "parts", "examples", "failed"
        )?;
        for pack in &self.packs {
            let failed = self.failures.iter();
            let failed = failed.filter(|failure| failure.file == pack.file).count();
            let PackFacts {
                file,
                live,
                shadow,
                parts,
                examples,
            } = pack;
            writeln!(
                output,
                "{file:28} {live:6} {shadow:7} {parts:6} {examples:9} {failed:7}"
            )?;
        }
        let rules = |pack: &PackFacts| pack.live + pack.shadow + pack.parts;
        writeln!(
            output,
            "\n{} rules in {} packs, {} examples that do not do what they say.",
            self.packs.iter().map(rules).sum::<usize>(),
            self.packs.len(),
            self.failures.len()
        )?;
        writeln!(output, "What could be better: {}.\n", self.advice.len())?;
        let Some(harmless) = &self.harmless else {
            return Ok(());
        };
        let Harmless {
            texts,
            alerts,
            held,
            alarms,
        } = harmless;
        alerts.write(output, "Harmless texts that are amber or more", *texts)?;
        held.write(output, "Harmless texts that are held", *texts)?;
        if alerts.is_within() && held.is_within() {
            return Ok(());
        }
        for Alarm {
            id,
            text,
            level,
            action,
            rules,
        } in alarms
        {
            let rules = rules.join(" ");
            writeln!(output, "  {id}: {level}, {action} [{rules}]")?;
            super::changes::write_words(output, text)?;
        }
        Ok(())
    }
}
