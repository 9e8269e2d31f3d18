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

use super::service::Channel;
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
mod tests {
    use super::*;

    fn at(when: &str) -> Time {
        let moment: jiff::Timestamp = when.parse().unwrap();
        Time::from_micros(moment.as_microsecond())
    }

    fn open(hours: &str, when: &str) -> bool {
        Hours::parse(hours).schedule.is_open_at(at(when))
    }

    #[test]
    fn hours_are_those_of_the_clock_on_a_wall_in_the_uk() {
        // A Wednesday in summer: 21:30 UTC is 22:30 in the UK.
        assert!(!open("10:00-22:00", "2026-07-15T21:30:00Z"));
        assert!(open("10:00-22:00", "2026-07-15T20:59:00Z"));
        // A Wednesday in winter.
        assert!(open("10:00-22:00", "2026-01-14T21:30:00Z"));
        // The night the clocks go forward: 01:00 UTC is 02:00 in the UK, on a Sunday.
        assert!(open("Sun 02:00-03:00", "2026-03-29T01:30:00Z"));
        assert!(!open("Sun 01:00-02:00", "2026-03-29T01:30:00Z"));
    }

    #[test]
    fn days_ranges_and_several_spans_are_read() {
        let kooth = "Mon-Fri 12:00-22:00; Sat-Sun 18:00-22:00";
        assert!(open(kooth, "2026-01-16T12:00:00Z"));
        assert!(!open(kooth, "2026-01-17T12:00:00Z"));
        assert!(open(kooth, "2026-01-18T21:59:59Z"));
        assert!(!open(kooth, "2026-01-18T22:00:00Z"));
        assert!(open("Fri-Mon 09:00-10:00", "2026-01-18T09:00:00Z"));
        assert!(open("Mon,Wed 09:00-10:00", "2026-01-14T09:00:00Z"));
        assert!(open("08:00-24:00", "2026-01-14T23:59:00Z"));
    }

    #[test]
    fn a_night_goes_over_midnight_and_over_the_end_of_the_week() {
        assert!(open("Sun 20:00-02:00", "2026-01-18T23:00:00Z"));
        assert!(open("Sun 20:00-02:00", "2026-01-19T01:59:00Z"));
        assert!(!open("Sun 20:00-02:00", "2026-01-18T01:00:00Z"));
        let until_midnight = Hours::parse("Sat 20:00-00:00").schedule;
        assert!(matches!(until_midnight, Schedule::Weekly { spans } if spans.len() == 1));
    }

    #[test]
    fn what_is_not_known_is_never_open() {
        for text in [
            "",
            "to be checked",
            "clinics",
            "25:00-26:00",
            "9-5",
            "Mon-Fri",
            "10:00-10:00",
            "Mon-Fri 09:00-17:00; sometimes",
            "Mon-Fry 09:00-17:00",
        ] {
            assert_eq!(Hours::parse(text).schedule, Schedule::Unknown, "{text}");
        }
        let roughly = Hours::parse("evenings and weekends").schedule;
        assert!(!roughly.is_open_at(at("2026-01-17T19:00:00Z")));
        assert!(roughly.is_open_in(Window::Evening) && roughly.is_open_in(Window::Weekend));
        assert!(
            !Hours::parse("weekdays")
                .schedule
                .is_open_in(Window::Weekend)
        );
    }

    #[test]
    fn hours_of_the_phone_alone_are_kept_apart() {
        let childline = Hours::parse("phone 24/7");
        assert_eq!(childline.schedule, Schedule::Always);
        assert_eq!(childline.only, Some(Channel::Phone));
    }

    #[test]
    fn windows_need_an_overlap() {
        let office = Hours::parse("Mon-Fri 09:00-17:00").schedule;
        assert!(office.is_open_in(Window::AfterSchool));
        assert!(!office.is_open_in(Window::Evening) && !office.is_open_in(Window::Weekend));
        assert!(
            Hours::parse("Sat 09:00-12:00")
                .schedule
                .is_open_in(Window::Weekend)
        );
        assert!(
            !Hours::parse("Sat 15:00-18:00")
                .schedule
                .is_open_in(Window::AfterSchool)
        );
    }
}
