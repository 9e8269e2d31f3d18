//! What time it is, from a source that tests can turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A moment in UTC, to the microsecond, which is what the databases keep.
///
/// Serialises as RFC 3339 with a trailing `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(Timestamp);

impl Time {
    /// The moment `micros` microseconds after the Unix epoch; the nearest one that can be
    /// written down where that is out of range (years -9999 to 9999).
    pub fn from_micros(micros: i64) -> Time {
        Time(
            Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 {
                Timestamp::MIN
            } else {
                Timestamp::MAX
            }),
        )
    }

    /// The first moment of a day, counted from the Unix epoch.
    pub fn from_day(day: i64) -> Time {
        Time::from_micros(day.saturating_mul(86_400_000_000))
    }

    /// Microseconds since the Unix epoch.
    pub fn micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// Whole seconds since the Unix epoch.
    pub fn seconds(self) -> i64 {
        self.0.as_second()
    }

    /// Whole days since the Unix epoch: as much of a time as is kept where more would let
    /// two rows be joined by their times.
    pub fn day(self) -> i64 {
        self.micros().div_euclid(86_400_000_000)
    }

    /// This moment and `duration` more.
    pub fn plus(self, duration: Duration) -> Time {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Time::from_micros(self.micros().saturating_add(micros))
    }

    /// `duration` before this moment.
    pub fn minus(self, duration: Duration) -> Time {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Time::from_micros(self.micros().saturating_sub(micros))
    }

    /// The date and the time of day in UTC.
    pub fn in_utc(self) -> jiff::Zoned {
        self.0.to_zoned(jiff::tz::TimeZone::UTC)
    }

    /// The moment that a wall clock in the United Kingdom shows as `text`, such as
    /// `2026-01-20T18:00`; the earlier one where it shows that twice, and an hour later where it
    /// skips it.
    pub fn from_uk(text: &str) -> Option<Time> {
        let local: jiff::civil::DateTime = text.parse().ok()?;
        let zone = jiff::tz::TimeZone::get("Europe/London").ok()?;
        local
            .to_zoned(zone)
            .ok()
            .map(|zoned| Time(zoned.timestamp()))
    }

    /// The wall clock in the United Kingdom at this moment: opening and staffed hours are
    /// kept in it.
    pub fn in_uk(self) -> jiff::Zoned {
        let zone = jiff::tz::TimeZone::get("Europe/London").unwrap_or(jiff::tz::TimeZone::UTC);
        self.0.to_zoned(zone)
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Where the time comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Stands still until a test turns it.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `at` until it is turned.
    pub fn manual(at: Time) -> Clock {
        Clock::Manual(Arc::new(AtomicI64::new(at.micros())))
    }

    /// The time now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    pub fn now(&self) -> Time {
        match self {
            Clock::System => Time::from_micros(Timestamp::now().as_microsecond()),
            Clock::Manual(micros) => Time::from_micros(micros.load(Ordering::SeqCst)),
        }
    }

    /// Turns a manual clock forward; the machine's clock cannot be turned.
    pub fn advance(&self, duration: Duration) {
        if let Clock::Manual(micros) = self {
            let step = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
            micros.fetch_add(step, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc_with_a_z() {
        let time = Time::from_micros(1_700_000_000_123_456);
        assert_eq!(time.to_string(), "2023-11-14T22:13:20.123456Z");
        assert_eq!(
            serde_json::to_string(&time).unwrap(),
            "\"2023-11-14T22:13:20.123456Z\""
        );
    }

    #[test]
    fn a_clock_on_a_wall_in_the_uk_is_read() {
        let read = |text| Time::from_uk(text).map(|time| time.to_string());
        let winter = read("2026-01-20T18:00");
        assert_eq!(winter.as_deref(), Some("2026-01-20T18:00:00Z"));
        let summer = read("2026-07-14T18:00");
        assert_eq!(summer.as_deref(), Some("2026-07-14T17:00:00Z"));
        let skipped = read("2026-03-29T01:30");
        assert_eq!(skipped.as_deref(), Some("2026-03-29T01:30:00Z"));
        for unreadable in ["", "tomorrow", "2026-02-30T10:00"] {
            assert_eq!(read(unreadable), None, "{unreadable}");
        }
    }

    #[test]
    fn out_of_range_times_do_not_panic() {
        assert_eq!(
            Time::from_micros(i64::MAX),
            Time::from_micros(i64::MAX).plus(Duration::MAX)
        );
        assert_eq!(Time::from_micros(-1).day(), -1);
    }

    #[test]
    fn a_manual_clock_stands_still_until_it_is_turned() {
        let clock = Clock::manual(Time::from_micros(0));
        clock.advance(Duration::from_secs(90));
        assert_eq!(clock.now().seconds(), 90);
    }
}
