//! Hearth beside its peers, in the same run: Nchan for fan-out, plain handlers for requests.
//!
//! Each measure is taken several times, in turns, with servers that were started for it; the
//! medians are compared. Nothing is subtracted: Hearth also triages, stores and authenticates, and
//! its peers do not.

mod fanout;
mod requests;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::progress::say;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Measure {
    /// Processor time of a delivery in a trickle, and memory of an idle connection, beside Nchan
    Trickle,
    /// Processor time of a delivery in bursts, beside Nchan
    Bursts,
    /// Latency with many connections while other things go on, beside Nchan
    Crowd,
    /// Durable reactions a second on SQLite, beside a plain handler
    Sqlite,
    /// Durable reactions a second on PostgreSQL, beside a plain handler
    Postgres,
    /// Processor time of a page of the feed, beside a constant of the same size
    Feed,
}

/// How it is compared.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// How often each measure is taken
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub rounds: u32,

    /// Only these measures; all where nothing is said
    #[arg(long, value_delimiter = ',')]
    pub only: Vec<Measure>,

    /// Sockets in the trickle
    #[arg(long, default_value_t = 5_000)]
    pub trickle_sockets: usize,

    /// Sockets in the bursts
    #[arg(long, default_value_t = 1_000)]
    pub burst_sockets: usize,

    /// Sockets in the crowd
    #[arg(long, default_value_t = 10_000)]
    pub crowd_sockets: usize,
}

/// Whether a small ratio is good, or a large one.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

/// One thing, measured on Hearth and on a peer.
#[derive(Debug, Serialize)]
pub struct Comparison {
    what: String,
    unit: &'static str,
    peer: &'static str,
    hearth: Spread,
    of_peer: Spread,
    /// Of Hearth's median to the peer's, or the other way round: as `ratio_of` says.
    ratio: f64,
    ratio_of: &'static str,
    goal: Option<Goal>,
    reached: Option<bool>,
}

/// Several measurements of the same.
#[derive(Debug, Serialize)]
struct Spread {
    median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    fn of(values: &[f64]) -> Spread {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
        let (low, high) = (values.len().saturating_sub(1) / 2, values.len() / 2);
        Spread {
            median: (at(low) + at(high)) / 2.0,
            least: at(0),
            most: at(values.len().saturating_sub(1)),
        }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let Spread {
            median,
            least,
            most,
        } = self;
        let text = match *median {
            median if median < 10.0 => format!("{median:.2} ({least:.2} to {most:.2})"),
            median if median < 100.0 => format!("{median:.1} ({least:.1} to {most:.1})"),
            median => format!("{median:.0} ({least:.0} to {most:.0})"),
        };
        f.pad(&text)
    }
}

/// Measurements of Hearth and of a peer, by turns.
#[derive(Default)]
struct Pair {
    hearth: Vec<f64>,
    peer: Vec<f64>,
}

impl Pair {
    /// Hearth's share of what the peer takes; the less the better.
    fn share(
        &self,
        what: impl Into<String>,
        unit: &'static str,
        peer: &'static str,
        goal: Option<f64>,
    ) -> Comparison {
        let ratio = Spread::of(&self.hearth).median / Spread::of(&self.peer).median;
        let goal = goal.map(Goal::AtMost);
        self.compared(what.into(), unit, peer, ratio, "Hearth / peer", goal)
    }

    /// How many times less Hearth takes than the peer; the more the better.
    fn saving(
        &self,
        what: impl Into<String>,
        unit: &'static str,
        peer: &'static str,
        goal: f64,
    ) -> Comparison {
        let ratio = Spread::of(&self.peer).median / Spread::of(&self.hearth).median;
        let goal = Some(Goal::AtLeast(goal));
        self.compared(what.into(), unit, peer, ratio, "peer / Hearth", goal)
    }

    /// How many times more Hearth does than the peer; the more the better.
    fn gain(
        &self,
        what: impl Into<String>,
        unit: &'static str,
        peer: &'static str,
        goal: Option<f64>,
    ) -> Comparison {
        let ratio = Spread::of(&self.hearth).median / Spread::of(&self.peer).median;
        let goal = goal.map(Goal::AtLeast);
        self.compared(what.into(), unit, peer, ratio, "Hearth / peer", goal)
    }

    fn compared(
        &self,
        what: String,
        unit: &'static str,
        peer: &'static str,
        ratio: f64,
        ratio_of: &'static str,
        goal: Option<Goal>,
    ) -> Comparison {
        Comparison {
            what,
            unit,
            peer,
            hearth: Spread::of(&self.hearth),
            of_peer: Spread::of(&self.peer),
            ratio,
            ratio_of,
            goal,
            reached: goal.map(|goal| match goal {
                Goal::AtMost(most) => ratio <= most,
                Goal::AtLeast(least) => ratio >= least,
            }),
        }
    }
}

/// Takes every measure that is asked for.
pub async fn run(hearth: PathBuf, options: &Options) -> Result<Vec<Comparison>> {
    let wanted = |measure: Measure| options.only.is_empty() || options.only.contains(&measure);
    let mut all = Vec::new();
    if wanted(Measure::Trickle) {
        all.extend(fanout::trickle(&hearth, options).await?);
    }
    if wanted(Measure::Bursts) {
        all.extend(fanout::bursts(&hearth, options).await?);
    }
    if wanted(Measure::Crowd) {
        all.extend(fanout::crowd(&hearth, options).await?);
    }
    if wanted(Measure::Sqlite) {
        all.extend(requests::on_sqlite(&hearth, options).await?);
    }
    if wanted(Measure::Postgres) {
        all.extend(requests::on_postgres(&hearth, options).await?);
    }
    if wanted(Measure::Feed) {
        all.extend(requests::feed(&hearth, options).await?);
    }
    Ok(all)
}

/// Says which measurement comes.
fn announce(what: &str, round: u32, options: &Options) {
    say(&format!(
        "{what}: round {} of {}\n",
        round + 1,
        options.rounds
    ));
}

/// The comparisons as a table.
pub fn table(all: &[Comparison]) -> String {
    let mut text = format!(
        "{:54} {:>26} {:>26}  ratio of medians\n",
        "median (least to most)", "Hearth", "peer"
    );
    for c in all {
        let goal = match c.goal {
            None => String::new(),
            Some(Goal::AtMost(most)) => format!(", goal ≤ {most}"),
            Some(Goal::AtLeast(least)) => format!(", goal ≥ {least}"),
        };
        let reached = match c.reached {
            None => "",
            Some(true) => ": reached",
            Some(false) => ": NOT reached",
        };
        text.push_str(&format!(
            "{:54} {:>26} {:>26}  {} = {:.2}{goal}{reached}\n",
            format!("{}, {}", c.what, c.unit),
            c.hearth,
            c.of_peer,
            c.ratio_of.replace("peer", c.peer),
            c.ratio,
        ));
    }
    text.push_str(
        "\nWhat is not equal: Hearth authenticates each subscriber and request, triages each post and \
         stores\nit with its event; Nchan keeps messages in memory and authenticates nobody; the \
         plain handlers\ncheck, read and tell nothing.\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(Spread::of(&[3.0, 1.0, 2.0]).median, 2.0);
        assert_eq!(Spread::of(&[4.0, 1.0, 2.0, 3.0]).median, 2.5);
        assert_eq!(Spread::of(&[3.0, 1.0, 2.0]).least, 1.0);
    }

    #[test]
    fn a_goal_is_reached_or_not() {
        let pair = Pair {
            hearth: vec![2.0],
            peer: vec![10.0],
        };
        assert_eq!(pair.saving("CPU", "s", "Nchan", 8.0).reached, Some(false));
        assert_eq!(pair.saving("CPU", "s", "Nchan", 5.0).reached, Some(true));
        assert_eq!(
            pair.share("RAM", "B", "Nchan", Some(0.4)).reached,
            Some(true)
        );
        assert_eq!(pair.gain("rate", "/s", "plain", None).reached, None);
    }
}
