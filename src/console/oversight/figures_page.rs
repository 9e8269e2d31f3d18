//! What the pages of figures look like.

use std::time::Duration;

use maud::{Markup, html};

use crate::clock::Time;
use crate::console::chart::{Chart, Series};
use crate::console::page;
use crate::console::when;
use crate::figures::{Counts, FEWEST, Figures, OfCases, OfRule, Share, Step};
use crate::period::{self, Period};
use crate::triage::Level;

/// Which period, and the way to others.
pub fn periods(path: &str, chosen: &str, period: Period, now: Time) -> Markup {
    let named = [("7", "7 days"), ("30", "30 days"), ("90", "90 days")];
    let month = if chosen.len() == 7 {
        chosen.to_owned()
    } else {
        period::date(now)[..7].to_owned()
    };
    html! {
        p {
            "Cases that were opened from " (period.first_day()) " to " (period.last_day())
            " (days in UTC), as they stand now. A share or a time of fewer than " (FEWEST)
            " is not shown, and none is about a member of staff."
        }
        div.row {
            @for (value, name) in named {
                @let here = chosen == value || (chosen.is_empty() && value == "30");
                a.button href={ (path) "?period=" (value) } aria-current=[here.then_some("true")] {
                    (name)
                }
            }
            form.row action=(path) {
                label.inline { "Month " input name="period" type="month" value=(month) pattern="[0-9]{4}-[0-9]{2}"; }
                button type="submit" { "Show" }
            }
            a href={ "/console/figures/rules?period=" (chosen) } { "Rules" }
            a href="/transparency" { "What the public sees" }
        }
    }
}

/// The files.
pub fn files(chosen: &str) -> Markup {
    let files = [
        "cases.csv",
        "steps.csv",
        "appeals.csv",
        "rules.csv",
        "figures.json",
    ];
    html! {
        h2 { "As files" }
        ul.row {
            @for file in files {
                li { a href={ "/console/figures/" (file) "?period=" (chosen) } { (file) } }
            }
        }
    }
}

/// Everything but the rules.
pub fn all(figures: &Figures) -> Markup {
    html! {
        h2 { "Response times and deadlines" }
        (cases("All cases, by level", &figures.levels))
        @if !figures.queues.is_empty() {
            h3 { "By queue" }
            (cases("Cases of each queue, by level", &figures.queues))
        }
        (steps(figures))
        h2 { "Appeals" }
        dl.facts {
            dt { "Made" } dd { (figures.appeals.made) }
            dt { "Decided" } dd { (figures.appeals.decided) }
            dt { "Overturned" } dd {
                (figures.appeals.overturned) " " (share(figures.appeals.share))
            }
        }
        h2 { "Agreement" }
        @match figures.agreement {
            None => p.note { "Nobody has decided about the same text twice." },
            Some(agreement) => p {
                "Of " (agreement.compared) " second looks, " (agreement.agreed)
                " came to the same decision " (share(agreement.share)) "."
            },
        }
    }
}

fn cases(caption: &str, lines: &[OfCases]) -> Markup {
    html! {
        div.scrolls tabindex="0" { table {
            caption.visually-hidden { (caption) }
            thead { tr {
                @if lines.iter().any(|line| line.queue.is_some()) { th scope="col" { "Queue" } }
                th scope="col" { "Level" }
                (counts_head())
            } }
            tbody {
                @for line in lines {
                    tr {
                        @if let Some(queue) = line.queue { td { (queue.as_str()) } }
                        th scope="row" { (page::level(line.level)) }
                        (counts(&line.counts))
                    }
                }
            }
        } }
    }
}

fn counts_head() -> Markup {
    html! {
        th.number scope="col" { "Opened" }
        th.number scope="col" { "Decided" }
        th.number scope="col" { "Waiting" }
        th.number scope="col" { "Half within" }
        th.number scope="col" { "90 % within" }
        th.number scope="col" { "99 % within" }
        th.number scope="col" { "Late" }
        th.number scope="col" { "Share late" }
    }
}

fn counts(counts: &Counts) -> Markup {
    let times = counts
        .seconds
        .map(|times| [times.p50, times.p90, times.p99]);
    html! {
        td.number { (counts.opened) }
        td.number { (counts.decided) }
        td.number { (counts.waiting) }
        @match times {
            Some(times) => @for seconds in times { td.number { (length(seconds)) } },
            None => @for _ in 0..3 { td.number { "–" } },
        }
        td.number.breached[counts.breached > 0] { (counts.breached) }
        td.number { (share(counts.breach_rate)) }
    }
}

fn steps(figures: &Figures) -> Markup {
    let each = if figures.days_in_a_step == 1 {
        "day"
    } else {
        "week"
    };
    let labels: Vec<String> = figures
        .steps
        .iter()
        .map(|step| step.day[5..].to_owned())
        .collect();
    let of_level = |level: Level| Series {
        name: level.as_str(),
        class: level.as_str(),
        values: (figures.steps.iter())
            .map(|step| Some(step.by_level[level as usize] as f64))
            .collect(),
    };
    let opened: u64 = figures.steps.iter().map(|step| step.counts.opened).sum();
    let opened = Chart {
        id: "opened",
        title: &format!("Cases opened each {each}, by level"),
        description: format!("{opened} cases in all. {}", most(&figures.steps, each)),
        labels: labels.clone(),
        series: Level::ALL.map(of_level).into(),
    };
    let minutes = |seconds: i64| seconds as f64 / 60.0;
    let half = (figures.steps.iter()).map(|step| step.counts.seconds.map(|s| minutes(s.p50)));
    let most = (figures.steps.iter()).map(|step| step.counts.seconds.map(|s| minutes(s.p90)));
    let measured = half.clone().flatten().count();
    let times = Chart {
        id: "times",
        title: &format!("Minutes from opening to deciding, each {each}"),
        description: format!(
            "Half and nine tenths of the cases of each {each}; {measured} of {} had enough cases.",
            figures.steps.len()
        ),
        labels,
        series: vec![
            Series {
                name: "half within",
                class: "first",
                values: half.collect(),
            },
            Series {
                name: "90 % within",
                class: "second",
                values: most.collect(),
            },
        ],
    };
    html! {
        h2 { (opened.title) }
        (opened.bars())
        h2 { (times.title) }
        @if measured == 0 { p.note { "Too few cases to show times." } } @else { (times.lines()) }
        details {
            summary { "The numbers of both charts" }
            div.scrolls tabindex="0" { table {
                caption.visually-hidden { "Cases of each " (each) }
                thead { tr {
                    th scope="col" { "From" }
                    @for level in Level::ALL { th.number scope="col" { (level.as_str()) } }
                    (counts_head())
                } }
                tbody {
                    @for step in &figures.steps {
                        tr {
                            th scope="row" { (step.day) }
                            @for count in step.by_level { td.number { (count) } }
                            (counts(&step.counts))
                        }
                    }
                }
            } }
        }
    }
}

fn most(steps: &[Step], each: &str) -> String {
    match steps.iter().max_by_key(|step| step.counts.opened) {
        Some(step) if step.counts.opened > 0 => format!(
            "The {each} with the most is {}, with {}.",
            step.day, step.counts.opened
        ),
        _ => "There were none.".into(),
    }
}

/// What each rule raised.
pub fn rules(rules: &[OfRule]) -> Markup {
    html! {
        @if rules.is_empty() {
            p { "No rule matched anything." }
        } @else {
            div.scrolls tabindex="0" { table {
                caption.visually-hidden { "Rules, those that raised most first" }
                thead { tr {
                    th scope="col" { "Rule" }
                    th.number scope="col" { "Posts" }
                    th.number scope="col" { "Decided" }
                    th.number scope="col" { "Declined or escalated" }
                    th.number scope="col" { "Agreement" }
                } }
                tbody {
                    @for rule in rules {
                        tr {
                            th scope="row" {
                                (rule.rule)
                                @if rule.shadow { " " span.tag { "shadow" } }
                            }
                            td.number { (rule.posts) }
                            td.number { (rule.decided) }
                            td.number { (rule.agreed) }
                            td.number { (share(rule.agreement)) }
                        }
                    }
                }
            } }
        }
    }
}

fn share(share: Option<Share>) -> Markup {
    let percent = |share: f64| format!("{:.0}", share * 100.0);
    html! {
        @match share {
            Some(share) => {
                (percent(share.share)) " % "
                span.note.small { "(" (percent(share.low)) "–" (percent(share.high)) ")" }
            }
            None => span.note { "–" },
        }
    }
}

fn length(seconds: i64) -> String {
    when::length(Duration::from_secs(seconds.max(0).unsigned_abs()))
}
