//! The pages, in plain words.

use maud::{DOCTYPE, Markup, html};

use super::{Count, Yearly};
use crate::triage::Level;

/// The list of years.
pub fn years(years: &[i16]) -> Markup {
    frame(
        "How we look after this place",
        html! {
            p {
                "People look at posts here, to keep everybody safe. Once a year is over, we tell \
                 you what they did: how soon they looked, what they took down, and how often they \
                 changed their mind."
            }
            @if years.is_empty() {
                p { "The first year is not over yet. Come back in January." }
            } @else {
                ul {
                    @for year in years {
                        li { a href={ "/transparency/" (year) } { (year) } }
                    }
                }
            }
        },
    )
}

/// A year.
pub fn year(yearly: &Yearly) -> Markup {
    frame(
        &format!("How we looked after this place in {}", yearly.year),
        html! {
            h2 { "How soon a person looked" }
            p {
                "A computer reads every post first. Where it sees that somebody may need help, or \
                 that a post may hurt others, a person looks. So does a person when somebody \
                 reports a post."
            }
            div.scrolls tabindex="0" { table {
                caption.visually-hidden { "What people looked at, and how soon" }
                thead { tr {
                    th scope="col" { "What it was about" }
                    th.number scope="col" { "Times a person decided" }
                    th.number scope="col" { "Half of them within" }
                    th.number scope="col" { "In the time we promise" }
                } }
                tbody {
                    @for line in &yearly.levels {
                        tr {
                            th scope="row" { (about(line.level)) }
                            td.number { (count(line.decided)) }
                            td.number { (line.median_minutes.map_or_else(unknown, minutes)) }
                            td.number {
                                (line.in_time_percent
                                    .map_or_else(unknown, |n| format!("at least {n} of 100")))
                            }
                        }
                    }
                }
            } }
            h2 { "What people decided" }
            dl.facts {
                dt { "The post could be there" } dd { (count(yearly.approved)) }
                dt { "The post could not be there" } dd { (count(yearly.declined)) }
                dt { "They looked because somebody reported it" } dd { (count(yearly.reports)) }
            }
            p { "Nobody is ever turned down for how they feel, or for saying that they were hurt." }
            h2 { "Why posts were turned down" }
            div.scrolls tabindex="0" { table {
                caption.visually-hidden { "Reasons, and how many posts" }
                thead { tr {
                    th scope="col" { "Reason" }
                    th.number scope="col" { "Posts" }
                } }
                tbody {
                    @for line in &yearly.reasons {
                        tr {
                            th scope="row" { (line.reason.replace('_', " ")) }
                            td.number { (count(line.declined)) }
                        }
                    }
                }
            } }
            h2 { "When somebody asked us to look again" }
            dl.facts {
                dt { "They asked" } dd { (count(yearly.appeals)) }
                dt { "We were wrong, and the post came back" } dd { (count(yearly.appeals_granted)) }
                dt { "The post stayed down" } dd { (count(yearly.appeals_refused)) }
            }
            h2 { "What is not counted here" }
            ul {
                li {
                    "Numbers under " (yearly.fewest) ", and numbers from which you could work out \
                     such a one. Nobody is to be found behind a number."
                }
                li { "Posts that nobody had to look at." }
                li { "What was decided without a person, because somebody left and took it along." }
                li { "Decisions that were taken back." }
                li { "Who decided. We do not keep score of the people who help." }
                li {
                    "A post counts for the year in which it first had to be looked at; a reason \
                     counts for the year in which it was given. The two do not add up."
                }
            }
            p {
                a href={ "/v1/transparency/" (yearly.year) } { "The same for computers (JSON)" }
                " · " a href="/transparency" { "Other years" }
            }
        },
    )
}

fn about(level: Level) -> &'static str {
    match level {
        Level::Crisis => "Somebody may be in danger now",
        Level::Red => "Something very serious",
        Level::Amber => "Somebody may need help",
        Level::Green => "Everything else",
    }
}

fn count(count: Count) -> Markup {
    html! {
        @match count {
            Some(count) => (count),
            None => span.note { "too few to tell" },
        }
    }
}

fn unknown() -> String {
    "–".into()
}

fn minutes(minutes: i64) -> String {
    match minutes {
        0 => "a minute".into(),
        1..=119 => format!("{minutes} minutes"),
        120..=2_879 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    }
}

fn frame(title: &str, content: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – Hearth" }
                link rel="stylesheet" href="/console/assets/console.css";
                link rel="icon" href="data:,";
            }
            body {
                header.bar { span.brand { "Hearth" } }
                main id="content" {
                    h1 { (title) }
                    (content)
                }
            }
        }
    }
}
