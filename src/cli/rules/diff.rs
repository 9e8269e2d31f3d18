//! `hearth rules diff`: which verdicts change from one folder of packs to another.

use std::error::Error;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::changes::{row, write_alerts, write_change, write_totals, write_words};
use super::corpus::{self, Text};
use crate::app::{self, StartError};
use crate::config::Settings;
use crate::triage::Engine;
use crate::triage::compare::{Change, Tally, Totals};

/// Two folders of packs, and what to try them on.
#[derive(Debug, Args)]
pub struct Diff {
    /// The packs before
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The packs after
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Texts to try them on: labelled posts (five columns with a tab between them), lines of
    /// {"id", "text"}, or a text a line
    #[arg(long, value_name = "FILE")]
    corpus: PathBuf,
    /// End with 1 where a verdict changes
    #[arg(long)]
    fail_on_change: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Changed<'a> {
    id: &'a str,
    text: &'a str,
    #[serde(flatten)]
    change: &'a Change,
}

/// How many levels are as the labels say.
#[derive(Clone, Copy, Default, Serialize)]
struct AsLabelled {
    before: usize,
    after: usize,
    of: usize,
}

#[derive(Serialize)]
struct Summary<'a> {
    #[serde(flatten)]
    totals: &'a Totals,
    #[serde(skip_serializing_if = "Option::is_none")]
    levels_as_labelled: Option<AsLabelled>,
}

impl Diff {
    pub fn run(&self, settings: &Settings) -> Result<ExitCode, Box<dyn Error>> {
        let (old, new) = (packs(&self.old)?, packs(&self.new)?);
        let policy = app::load_policy(settings)?;
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", self.corpus.display());
        let corpus = std::fs::read_to_string(&self.corpus).map_err(|error| named(&error))?;
        let corpus = corpus::read(&corpus).map_err(|error| named(&error))?;
        let (mut tally, mut changes) = (Tally::default(), Vec::new());
        let mut labelled = AsLabelled::default();
        for text in &corpus {
            let (before, after) = (old.verdict(&text.words), new.verdict(&text.words));
            if let Some(label) = text.label {
                labelled.of += 1;
                labelled.before += usize::from(before.level == label);
                labelled.after += usize::from(after.level == label);
            }
            if let Some(change) = tally.add(&policy, &before, &after) {
                changes.push((text, change));
            }
        }
        let summary = Summary {
            totals: &tally.totals(),
            levels_as_labelled: Some(labelled).filter(|labelled| labelled.of > 0),
        };
        let mut output = BufWriter::new(io::stdout().lock());
        match self.json {
            true => write_json(&mut output, &changes, &summary)?,
            false => write_text(&mut output, &changes, &summary)?,
        }
        output.flush()?;
        Ok(match self.fail_on_change && !changes.is_empty() {
            true => ExitCode::FAILURE,
            false => ExitCode::SUCCESS,
        })
    }
}

/// The packs of a folder.
pub fn packs(dir: &Path) -> Result<Engine, StartError> {
    Engine::load(dir).map_err(StartError::Rules)
}

fn write_json(
    output: &mut impl Write,
    changes: &[(&Text, Change)],
    summary: &Summary<'_>,
) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        changed: Vec<Changed<'a>>,
        summary: &'a Summary<'a>,
    }
    let changed = changes.iter().map(|(text, change)| Changed {
        id: &text.name,
        text: &text.words,
        change,
    });
    let document = Document {
        changed: changed.collect(),
        summary,
    };
    serde_json::to_writer_pretty(&mut *output, &document)?;
    writeln!(output)
}

fn write_text(
    output: &mut impl Write,
    changes: &[(&Text, Change)],
    summary: &Summary<'_>,
) -> io::Result<()> {
    for (text, change) in changes {
        write_change(output, &text.name, change)?;
        write_words(output, &text.words)?;
        writeln!(output)?;
    }
    write_totals(output, summary.totals)?;
    write_alerts(output, &summary.totals.alerts, |_| String::new())?;
    if let Some(AsLabelled { before, after, of }) = summary.levels_as_labelled {
        row(
            output,
            "Levels as labelled",
            &format!("{before} → {after} of {of}"),
        )?;
    }
    Ok(())
}
