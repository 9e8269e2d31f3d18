//! Changed verdicts in words, for whoever is no programmer.

use std::fmt::Display;
use std::io::{self, Write};

use crate::triage::RuleMatch;
use crate::triage::compare::{Alerts, Change, Counted, Exchange, Totals, Turn};

/// What changes of one text, on lines of its own: first what, then the rules it is owed to.
pub fn write_change(output: &mut impl Write, name: &str, change: &Change) -> io::Result<()> {
    let mut parts = Vec::new();
    let mut turn = |what: &str, turned: bool, text: String| {
        if turned {
            parts.push(format!("{what} {text}"));
        }
    };
    turn("level", change.level.is_turn(), change.level.to_string());
    turn("action", change.action.is_turn(), change.action.to_string());
    turn(
        "topics",
        !change.topics.is_empty(),
        change.topics.to_string(),
    );
    turn(
        "concerns",
        !change.concerns.is_empty(),
        change.concerns.to_string(),
    );
    turn("hides", change.hides_other_words, "other words".into());
    writeln!(output, "{name}: {}", parts.join("; "))?;
    write_rules(output, "before", &change.before)?;
    write_rules(output, "after", &change.after)
}

fn write_rules(output: &mut impl Write, when: &str, matches: &[RuleMatch]) -> io::Result<()> {
    if matches.is_empty() {
        return writeln!(output, "    {when:6}  no rule of its own");
    }
    for (n, found) in matches.iter().enumerate() {
        let RuleMatch {
            rule,
            rev,
            why,
            level,
            span,
            ..
        } = found;
        let when = if n == 0 { when } else { "" };
        let (from, to) = (span.from, span.to);
        writeln!(
            output,
            "    {when:6}  {rule} rev {rev} ({level}), characters {from} to {to}: {why}"
        )?;
    }
    Ok(())
}

/// The words of a text, each line of it further in, and no sign that a terminal obeys.
pub fn write_words(output: &mut impl Write, text: &str) -> io::Result<()> {
    for line in text.lines() {
        let line: String = line
            .chars()
            .map(|c| if c.is_control() { '\u{fffd}' } else { c })
            .collect();
        writeln!(output, "    | {line}")?;
    }
    Ok(())
}

/// What changes over all, but for the alerts.
pub fn write_totals(output: &mut impl Write, totals: &Totals) -> io::Result<()> {
    let Totals {
        texts,
        changed,
        levels,
        actions,
        concerns,
        topics,
        hides_other_words,
        alerts: _,
    } = totals;
    row(
        output,
        "Verdicts that change",
        &format!("{changed} of {texts}"),
    )?;
    write_turns(output, "Level", levels)?;
    write_turns(output, "What becomes of it", actions)?;
    write_exchange(output, "Concerns", concerns)?;
    write_exchange(output, "Topics", topics)?;
    if *hides_other_words > 0 {
        row(
            output,
            "Other words are hidden",
            &hides_other_words.to_string(),
        )?;
    }
    Ok(())
}

/// Calls to people; `per_day` says how many a day, where there are days.
pub fn write_alerts(
    output: &mut impl Write,
    alerts: &Alerts,
    per_day: impl Fn(u64) -> String,
) -> io::Result<()> {
    let Alerts {
        before,
        after,
        extra,
        fewer,
        extra_by_rule,
        fewer_by_rule,
    } = alerts;
    row(output, "A person is called", &format!("{before} → {after}"))?;
    for (what, number, by_rule) in [
        ("  besides", extra, extra_by_rule),
        ("  not any more", fewer, fewer_by_rule),
    ] {
        row(output, what, &format!("{number}{}", per_day(*number)))?;
        for Counted { what, texts } in by_rule {
            row(output, &format!("    {what}"), &texts.to_string())?;
        }
    }
    Ok(())
}

fn write_turns<T: Display>(
    output: &mut impl Write,
    title: &str,
    turns: &[Counted<Turn<T>>],
) -> io::Result<()> {
    if !turns.is_empty() {
        writeln!(output, "{title}")?;
    }
    for Counted { what, texts } in turns {
        row(output, &format!("  {what}"), &texts.to_string())?;
    }
    Ok(())
}

fn write_exchange<T: Display>(
    output: &mut impl Write,
    title: &str,
    exchange: &Exchange<Counted<T>>,
) -> io::Result<()> {
    if !exchange.gained.is_empty() || !exchange.lost.is_empty() {
        writeln!(output, "{title}")?;
    }
    let sides = [
        ("found besides", &exchange.gained),
        ("not found any more", &exchange.lost),
    ];
    for (what, side) in sides {
        for Counted { what: name, texts } in side {
            row(output, &format!("  {name}, {what}"), &texts.to_string())?;
        }
    }
    Ok(())
}

/// A line of a table of two columns.
pub fn row(output: &mut impl Write, title: &str, text: &str) -> io::Result<()> {
    writeln!(output, "{title:44} {text}")
}
