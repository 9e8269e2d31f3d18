//! `hearth rules stats`: what each rule did, and how often people agreed with it.

use std::error::Error;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::since::since;
use crate::app::{self, Stores};
use crate::clock::Clock;
use crate::config::Settings;
use crate::hindsight::{self, Kind, RuleStats, Window};

/// A stretch of time to look back on.
#[derive(Debug, Args)]
pub struct Stats {
    /// How far back: hours, days or weeks, such as 12h, 30d or 4w
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = since)]
    since: Duration,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Stats {
    pub async fn run(&self, settings: &Settings) -> Result<ExitCode, Box<dyn Error>> {
        let named = app::load_rules(settings)?;
        let Stores { db, .. } = app::open_stores(settings).await?;
        let window = Window::up_to(Clock::System.now(), self.since);
        let stats = hindsight::stats(&db, window, &named).await?;
        let mut output = BufWriter::new(io::stdout().lock());
        match self.json {
            true => {
                serde_json::to_writer_pretty(&mut output, &stats)?;
                writeln!(output)?;
            }
            false => write_text(&mut output, &stats)?,
        }
        output.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}

fn write_text(output: &mut impl Write, stats: &hindsight::Stats) -> io::Result<()> {
    let hindsight::Stats {
        posts,
        erased,
        days,
        since,
        ..
    } = stats;
    writeln!(
        output,
        "{posts} posts in {days:.1} days, since {since}; {erased} more whose words are erased.\n"
    )?;
    writeln!(
        output,
        "{:40} {:7} {:8} {:>7} {:>9} {:>8} {:>9} {:>9} {:>10} {:>10}",
        "rule",
        "kind",
        "status",
        "posts",
        "per day",
        "decided",
        "approved",
        "declined",
        "escalated",
        "agreement"
    )?;
    for rule in &stats.rules {
        let RuleStats {
            rule,
            shadow,
            kind,
            posts,
            per_day,
            decided,
            approved,
            declined,
            escalated,
            agreement,
        } = rule;
        let status = if *shadow { "shadow" } else { "live" };
        let (kind, at_least) = match kind {
            Kind::Concern => ("concern", ""),
            Kind::Level => ("level", "≥ "),
            Kind::Topic => ("topic", ""),
            Kind::Unknown => ("gone", ""),
        };
        let agreement = agreement.map(|share| format!("{at_least}{:.0} %", 100.0 * share));
        let agreement = agreement.unwrap_or_else(|| "-".to_owned());
        writeln!(
            output,
            "{rule:40} {kind:7} {status:8} {posts:>7} {per_day:>9.2} {decided:>8} {approved:>9} \
             {declined:>9} {escalated:>10} {agreement:>10}"
        )?;
    }
    writeln!(output, "\n{}", stats.agreement)
}
