//! `hearth rules replay`: verdicts of the past, made again.

use std::error::Error;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::changes::{row, write_alerts, write_change, write_totals, write_words};
use super::diff::packs;
use super::since::since;
use crate::app::{self, Stores};
use crate::clock::Clock;
use crate::config::Settings;
use crate::db::Db;
use crate::hindsight::{self, Exact, Minutes, Past, Window};
use crate::ids::PostId;
use crate::triage::compare::Change;

/// What is said beside words.
const NOTE: &str = "These are words of young people, and it is on the record that they were \
    shown. Do not copy them: examples for rules are invented.";

/// Which verdicts are made again, and with what.
#[derive(Debug, Args)]
pub struct Replay {
    /// The packs to try; those that the settings name where nothing is said
    #[arg(value_name = "DRAFT_DIR", conflicts_with = "post")]
    draft: Option<PathBuf>,
    /// One post, with the rules that made its verdict
    #[arg(long, value_name = "ID", conflicts_with = "since")]
    post: Option<PostId>,
    /// The posts of so long: hours, days or weeks, such as 12h, 30d or 4w
    #[arg(long, value_name = "TIME", value_parser = since, required_unless_present = "post")]
    since: Option<Duration>,
    /// How long a person takes over a case, where too few decisions can be timed
    #[arg(long, value_name = "N", default_value_t = 5.0, value_parser = minutes,
        conflicts_with = "post")]
    minutes_per_case: f64,
    /// Show the posts whose verdicts change, with their words; that is put on the record
    #[arg(long)]
    show: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn minutes(text: &str) -> Result<f64, String> {
    let minutes = text.parse().ok();
    minutes
        .filter(|minutes| (0.0..=1_440.0).contains(minutes))
        .ok_or_else(|| "expected minutes, from 0 to 1440".to_owned())
}

/// A post whose verdict changes, as it is shown.
#[derive(Serialize)]
struct Shown<'a> {
    post: PostId,
    text: &'a str,
    #[serde(flatten)]
    change: &'a Change,
}

impl Replay {
    pub async fn run(&self, settings: &Settings) -> Result<ExitCode, Box<dyn Error>> {
        match (self.post, self.since) {
            (Some(post), _) => self.one(settings, post).await,
            (None, since) => self.many(settings, since.unwrap_or_default()).await,
        }
    }

    /// One verdict, with its own rules.
    async fn one(&self, settings: &Settings, post: PostId) -> Result<ExitCode, Box<dyn Error>> {
        let named = app::load_rules(settings)?;
        let Stores { db, .. } = app::open_stores(settings).await?;
        let exact = hindsight::exact(&db, post, &named).await?;
        if self.show {
            hindsight::record_showing(&db, Clock::System.now(), &post.to_string()).await?;
        }
        let mut output = io::stdout().lock();
        match self.json {
            true => {
                let mut value = serde_json::to_value(&exact)?;
                value["same"] = exact.differences.is_empty().into();
                if self.show {
                    value["note"] = NOTE.into();
                    value["text"] = exact.text.as_str().into();
                }
                writeln!(output, "{value:#}")?;
            }
            false => self.write_exact(&mut output, &exact)?,
        }
        Ok(match exact.differences.is_empty() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }

    fn write_exact(&self, output: &mut impl Write, exact: &Exact) -> io::Result<()> {
        let Exact {
            post,
            created_at,
            rules_hash,
            level,
            differences,
            ..
        } = exact;
        let level = level.as_str().unwrap_or_default();
        let from = match exact.rules_kept {
            true => "as they are kept",
            false => "which are not kept here, and are those that the settings name",
        };
        writeln!(output, "Post {post}, written at {created_at}: {level}")?;
        writeln!(output, "by the rules {rules_hash}, {from}.")?;
        if self.show {
            writeln!(output, "{NOTE}")?;
            write_words(output, &exact.text)?;
        }
        if differences.is_empty() {
            return writeln!(output, "Made again, the verdict is exactly the same.");
        }
        writeln!(
            output,
            "Made again, the verdict is NOT the same, then → now:"
        )?;
        for difference in differences {
            writeln!(output, "    {difference}")?;
        }
        writeln!(
            output,
            "The rules are the same, so the program reads them otherwise: this is Hearth {}.",
            env!("CARGO_PKG_VERSION")
        )
    }

    /// Many verdicts, with other rules.
    async fn many(&self, settings: &Settings, since: Duration) -> Result<ExitCode, Box<dyn Error>> {
        let engine = match &self.draft {
            Some(dir) => Arc::new(packs(dir)?),
            None => app::load_rules(settings)?,
        };
        let policy = app::load_policy(settings)?;
        let Stores { db, .. } = app::open_stores(settings).await?;
        let window = Window::up_to(Clock::System.now(), since);
        let minutes = Minutes::measure(&db, window, self.minutes_per_case).await?;
        if self.show {
            self.record(&db, window).await?;
        }
        let mut output = BufWriter::new(io::stdout().lock());
        self.begin(&mut output)?;
        let mut shown = 0;
        let notice = |post: &Past, change: &Change| {
            if self.show {
                self.show_one(&mut output, shown, post, change)?;
                shown += 1;
            }
            Ok(())
        };
        let rules = (&*engine, &policy);
        let replay = hindsight::replay(&db, window, rules, minutes, notice).await?;
        match self.json {
            true => {
                let close = if self.show { "\n], " } else { "" };
                write!(output, "{close}\"summary\": ")?;
                serde_json::to_writer_pretty(&mut output, &replay)?;
                writeln!(output, "}}")?;
            }
            false => write_replay(&mut output, &replay)?,
        }
        output.flush()?;
        Ok(ExitCode::SUCCESS)
    }

    async fn record(&self, db: &Db, window: Window) -> sqlx::Result<()> {
        let what = format!("posts since {}", window.since);
        hindsight::record_showing(db, window.until, &what).await
    }

    fn begin(&self, output: &mut impl Write) -> io::Result<()> {
        match (self.json, self.show) {
            (true, false) => write!(output, "{{"),
            (true, true) => write!(output, "{{\"note\": {}, \"changed\": [", json!(NOTE)),
            (false, true) => writeln!(output, "{NOTE}\n"),
            (false, false) => Ok(()),
        }
    }

    /// Posts are shown as they come: nobody knows how many there are.
    fn show_one(
        &self,
        output: &mut impl Write,
        shown: usize,
        Past { id, text, .. }: &Past,
        change: &Change,
    ) -> io::Result<()> {
        if !self.json {
            write_change(output, &format!("post {id}"), change)?;
            write_words(output, text)?;
            return writeln!(output);
        }
        let post = *id;
        write!(output, "{}", if shown == 0 { "\n" } else { ",\n" })?;
        Ok(serde_json::to_writer(
            output,
            &Shown { post, text, change },
        )?)
    }
}

fn write_replay(output: &mut impl Write, replay: &hindsight::Replay) -> io::Result<()> {
    let hindsight::Replay {
        since,
        days,
        rules_hash,
        erased,
        totals,
        minutes,
        hours,
        hours_per_day,
        caught,
        ..
    } = replay;
    writeln!(
        output,
        "The rules {} on {} posts of {days:.1} days, since {since}; {erased} more whose words are \
         erased.\nBefore is what was said then, by whatever rules; after is what these rules say. \
         What becomes\nof a post is what the policy of today does, while moderators are at work.\n",
        &rules_hash[..12.min(rules_hash.len())],
        totals.texts
    )?;
    write_totals(output, totals)?;
    write_alerts(output, &totals.alerts, |number| {
        format!(" ({:.2} a day)", number as f64 / days)
    })?;
    let Minutes {
        per_case,
        measured,
        timed,
    } = minutes;
    let work = match replay.everything_is_read {
        true => "no more: a person reads every post anyway".to_owned(),
        false => format!("{hours:+.1} hours ({hours_per_day:+.2} a day)"),
    };
    row(output, "Work of moderators", &work)?;
    let from = match measured {
        true => format!("the median of {timed} decisions, from claim to decision"),
        false => format!(
            "assumed, because {timed} decisions could be timed and it takes {}",
            Minutes::fewest()
        ),
    };
    row(
        output,
        "  minutes a case",
        &format!("{per_case:.1}, {from}"),
    )?;
    row(
        output,
        "Missed by the rules, caught by people",
        &caught.misses.to_string(),
    )?;
    row(output, "  found by these rules", &caught.found.to_string())?;
    writeln!(
        output,
        "\nCaught by people: nobody was called to the post, a reader reported it, and a person \
         then\ndeclined or escalated it."
    )
}
