//! Stretches of whole days, for figures and exports. A day is one of UTC: in summer it begins at
//! one o'clock in the United Kingdom.

use std::time::Duration;

use jiff::civil::Date;
use serde::Serialize;

use crate::clock::Time;
use crate::error::{Error, Result};

/// The longest period that anything is made for, in days: a year and a day.
const MAX_DAYS: i64 = 367;
const DAY: Duration = Duration::from_secs(86_400);

/// Whole days, from the first moment of the first to the first moment after the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Period {
    /// From then on.
    pub from: Time,
    /// Until just before then.
    pub until: Time,
}

impl Period {
    /// From one day to another, both `YYYY-MM-DD` and both in it.
    ///
    /// # Errors
    /// Names the field that is no day, or the one that makes it too long.
    pub fn between(from: &str, to: &str) -> Result<Period> {
        let (first, last) = (day("from", from)?, day("to", to)?);
        match last - first {
            days if days < 0 => Err(Error::field("to", "Expected a day not before `from`.")),
            days if days >= MAX_DAYS => Err(Error::field("to", "Expected a year at the most.")),
            _ => Ok(Period::of_days(first, last)),
        }
    }

    /// So many days up to today, which is in it.
    pub fn up_to(now: Time, days: i64) -> Period {
        Period::of_days(now.day() - days + 1, now.day())
    }

    /// A month, `YYYY-MM`.
    ///
    /// # Errors
    /// Where it is none.
    pub fn month(text: &str) -> Result<Period> {
        let first = format!("{text}-01").parse::<Date>();
        let first = first.map_err(|_| Error::field("period", "Expected a month, YYYY-MM."))?;
        Ok(Period::of_days(
            number(first),
            number(first.last_of_month()),
        ))
    }

    /// A year.
    ///
    /// # Errors
    /// Not found where there is no such year.
    pub fn year(year: i16) -> Result<Period> {
        let first = Date::new(year, 1, 1).map_err(|_| Error::NotFound)?;
        Ok(Period::of_days(number(first), number(first.last_of_year())))
    }

    fn of_days(first: i64, last: i64) -> Period {
        Period {
            from: Time::from_day(first),
            until: Time::from_day(last + 1),
        }
    }

    /// How many days.
    pub fn days(&self) -> i64 {
        self.until.day() - self.from.day()
    }

    /// The first moment of each day.
    pub fn each_day(&self) -> impl Iterator<Item = Time> + use<> {
        (self.from.day()..self.until.day()).map(Time::from_day)
    }

    /// The first day, `YYYY-MM-DD`.
    pub fn first_day(&self) -> String {
        date(self.from)
    }

    /// The last day, `YYYY-MM-DD`.
    pub fn last_day(&self) -> String {
        date(self.until.minus(DAY))
    }
}

/// The day of a moment, `YYYY-MM-DD`.
pub fn date(time: Time) -> String {
    time.to_string().chars().take(10).collect()
}

fn day(field: &str, text: &str) -> Result<i64> {
    match text.parse::<Date>() {
        Ok(date) if text.len() == 10 && date.year() >= 1970 => Ok(number(date)),
        _ => Err(Error::field(field, "Expected a day, YYYY-MM-DD.")),
    }
}

/// The number of a day since the Unix epoch.
fn number(date: Date) -> i64 {
    let since = date.since((jiff::Unit::Day, Date::constant(1970, 1, 1)));
    since
        .map(|span| i64::from(span.get_days()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_days_are_in_it() {
        let period = Period::between("2026-01-30", "2026-02-01").unwrap();
        assert_eq!(period.days(), 3);
        assert_eq!(period.from.to_string(), "2026-01-30T00:00:00Z");
        assert_eq!(period.until.to_string(), "2026-02-02T00:00:00Z");
        assert_eq!(period.last_day(), "2026-02-01");
        assert_eq!(Period::month("2024-02").unwrap().days(), 29);
        assert_eq!(Period::year(2026).unwrap().days(), 365);
        let now = Time::from_micros(1_768_924_800_000_000);
        let week = Period::up_to(now, 7);
        assert_eq!(
            (week.first_day(), week.last_day()),
            ("2026-01-14".into(), "2026-01-20".into())
        );
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for (from, to) in [
            ("", "2026-01-01"),
            ("2026-1-1", "2026-01-01"),
            ("2026-02-30", "2026-03-01"),
            ("2026-02-02", "2026-02-01"),
            ("2024-01-01", "2026-01-01"),
            ("-009999-01-01", "2026-01-01"),
            ("2026-01-01T00:00", "2026-01-02"),
        ] {
            assert!(Period::between(from, to).is_err(), "{from} {to}");
        }
        assert!(Period::month("2026-13").is_err());
        assert!(Period::year(i16::MAX).is_err());
    }
}
