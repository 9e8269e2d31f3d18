//! When a service is open: a small grammar for hours, and questions about them.
//!
//! ```text
//! hours   = [ "phone " | "text " | "chat " ] ( "24/7" | parts | span { ";" span } )
//! parts   = part { ( "," | " and " ) part }     part = "weekdays" | "evenings" | "weekends"
//! span    = [ days " " ] time "-" time          without days: every day
//! days    = range { "," range }                 range = day [ "-" day ], day = "Mon" … "Sun"
//! time    = HH:MM, 00:00 to 24:00               an end before its start is on the next day
//! ```
//!
//! Times are those of the clock on a wall in the UK. Anything else is [`Schedule::Unknown`], and
//! what is not known exactly is never said to be open now.

use std::fmt;

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::terms::Channel;
use crate::clock::Time;

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Day {
    /// The week, as the UK counts it.
    pub const ALL: [Day; 7] = [
        Day::Monday,
        Day::Tuesday,
        Day::Wednesday,
        Day::Thursday,
        Day::Friday,
        Day::Saturday,
        Day::Sunday,
    ];

    fn named(short: &str) -> Option<usize> {
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
            .iter()
            .position(|name| *name == short)
    }

    fn is_weekend(self) -> bool {
        matches!(self, Day::Saturday | Day::Sunday)
    }
}

/// A time of day in minutes since midnight, 0 to 1,440 (24:00); written `HH:MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// 00:00.
    pub const MIDNIGHT: TimeOfDay = TimeOfDay(0);
    /// 24:00.
    pub const END_OF_DAY: TimeOfDay = TimeOfDay(24 * 60);

    /// `hour`:`minute`; `None` past 24:00.
    pub const fn new(hour: u16, minute: u16) -> Option<TimeOfDay> {
        if minute < 60 && (hour < 24 || (hour == 24 && minute == 0)) {
            Some(TimeOfDay(hour * 60 + minute))
        } else {
            None
        }
    }

    fn parse(text: &str) -> Option<TimeOfDay> {
        let (hour, minute) = text.split_once(':')?;
        let digits = |s: &str| (s.len() == 2).then(|| s.parse::<u16>().ok()).flatten();
        TimeOfDay::new(digits(hour)?, digits(minute)?)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Open on one day of every week, from `opens` until just before `closes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[schema(as = OpeningSpan)]
pub struct Span {
    /// The day.
    pub day: Day,
    /// `HH:MM`, UK time.
    #[schema(value_type = String, example = "12:00")]
    pub opens: TimeOfDay,
    /// `HH:MM`, UK time; `24:00` is the end of the day.
    #[schema(value_type = String, example = "22:00")]
    pub closes: TimeOfDay,
}

/// A part of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Monday to Friday.
    Weekdays,
    /// From 18:00 to 22:00 on any day.
    Evenings,
    /// Saturday and Sunday.
    Weekends,
}

/// When a service is open, in UK time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Schedule {
    /// Every hour of every day.
    Always,
    /// At these times of every week; sorted by day and time.
    Weekly {
        /// When.
        spans: Vec<Span>,
    },
    /// Somewhere in these parts of the week: the exact times are not known.
    Roughly {
        /// Which parts.
        parts: Vec<Part>,
    },
    /// Nobody has said, or not in a way that we can read.
    Unknown,
}

/// The times of day that people look for, beside "now".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// At some time from 18:00 to 22:00, on any day.
    Evening,
    /// At some time on a Saturday or Sunday.
    Weekend,
    /// At some time from 15:30 to 18:00, Monday to Friday.
    AfterSchool,
}

impl Schedule {
    /// Whether it is surely open at `now`.
    pub fn is_open_at(&self, now: Time) -> bool {
        match self {
            Schedule::Always => true,
            Schedule::Weekly { spans } => {
                let uk = now.in_uk();
                let day = Day::ALL[uk.weekday().to_monday_zero_offset().unsigned_abs() as usize];
                let minute = u16::from(uk.hour().unsigned_abs()) * 60
                    + u16::from(uk.minute().unsigned_abs());
                spans
                    .iter()
                    .any(|span| span.day == day && (span.opens.0..span.closes.0).contains(&minute))
            }
            Schedule::Roughly { .. } | Schedule::Unknown => false,
        }
    }

    /// Whether it is open at some time within the window, as far as is known.
    pub fn is_open_in(&self, window: Window) -> bool {
        let overlaps = |span: &Span, from: (u16, u16), until: (u16, u16)| {
            span.opens.0 < until.0 * 60 + until.1 && from.0 * 60 + from.1 < span.closes.0
        };
        match self {
            Schedule::Always => true,
            Schedule::Weekly { spans } => spans.iter().any(|span| match window {
                Window::Evening => overlaps(span, (18, 0), (22, 0)),
                Window::Weekend => span.day.is_weekend(),
                Window::AfterSchool => !span.day.is_weekend() && overlaps(span, (15, 30), (18, 0)),
            }),
            Schedule::Roughly { parts } => match window {
                Window::Evening => parts.contains(&Part::Evenings),
                Window::Weekend => parts.contains(&Part::Weekends),
                Window::AfterSchool => false,
            },
            Schedule::Unknown => false,
        }
    }
}

/// Opening hours as they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// When.
    pub schedule: Schedule,
    /// The one channel they are said of; `None` where they hold for all.
    pub only: Option<Channel>,
}

impl Hours {
    /// Reads the grammar above. What it cannot read is unknown.
    pub fn parse(text: &str) -> Hours {
        let text = text.trim().to_lowercase();
        let channels = [Channel::Phone, Channel::Text, Channel::Chat];
        let (only, rest) = channels
            .into_iter()
            .find_map(|channel| {
                let rest = text.strip_prefix(channel.as_str())?.strip_prefix(' ')?;
                Some((Some(channel), rest.trim()))
            })
            .unwrap_or((None, text.as_str()));
        let schedule = if rest == "24/7" {
            Schedule::Always
        } else {
            parts(rest)
                .map(|parts| Schedule::Roughly { parts })
                .or_else(|| weekly(rest).map(|spans| Schedule::Weekly { spans }))
                .unwrap_or(Schedule::Unknown)
        };
        Hours { schedule, only }
    }
}

fn parts(text: &str) -> Option<Vec<Part>> {
    text.split(',')
        .flat_map(|piece| piece.split(" and "))
        .map(|piece| match piece.trim() {
            "weekdays" => Some(Part::Weekdays),
            "evenings" => Some(Part::Evenings),
            "weekends" => Some(Part::Weekends),
            _ => None,
        })
        .collect()
}

fn weekly(text: &str) -> Option<Vec<Span>> {
    let mut spans = Vec::new();
    for piece in text.split(';').map(str::trim) {
        let (days, times) = match piece.rsplit_once(' ') {
            Some((days, times)) => (days_named(days)?, times),
            None => ((0..7).collect(), piece),
        };
        let (opens, closes) = times.split_once('-')?;
        let (opens, closes) = (TimeOfDay::parse(opens)?, TimeOfDay::parse(closes)?);
        if opens == closes {
            return None;
        }
        for day in days {
            let mut add = |day: usize, opens, closes| {
                if opens < closes {
                    spans.push(Span {
                        day: Day::ALL[day % 7],
                        opens,
                        closes,
                    });
                }
            };
            if opens < closes {
                add(day, opens, closes);
            } else {
                add(day, opens, TimeOfDay::END_OF_DAY);
                add(day + 1, TimeOfDay::MIDNIGHT, closes);
            }
        }
    }
    spans.sort_unstable();
    Some(spans)
}

fn days_named(text: &str) -> Option<Vec<usize>> {
    let mut days = Vec::new();
    for range in text.split(',').map(str::trim) {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last) = (Day::named(first.trim())?, Day::named(last.trim())?);
        // "Fri-Mon" goes over the end of the week.
        let length = (last + 7 - first) % 7;
        days.extend((first..=first + length).map(|day| day % 7));
    }
    Some(days)
}

#[cfg(test)]
mod tests;
