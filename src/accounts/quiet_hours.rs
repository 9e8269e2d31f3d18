//! When a person does not want to hear from us.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A time on the wall clock in the United Kingdom, to the minute, written `22:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay {
    minutes: u16,
}

impl TimeOfDay {
    /// Whole minutes since midnight, 0 to 1,439.
    pub fn minutes(self) -> u16 {
        self.minutes
    }
}

/// The text is not a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a time such as 22:00")]
pub struct NotATimeOfDay;

impl TryFrom<String> for TimeOfDay {
    type Error = NotATimeOfDay;

    fn try_from(text: String) -> Result<TimeOfDay, NotATimeOfDay> {
        let two_digits = |digits: &str, end: u16| {
            let all_digits = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
            digits
                .parse::<u16>()
                .ok()
                .filter(|n| all_digits && *n < end)
        };
        text.split_once(':')
            .and_then(|(hours, minutes)| {
                Some(two_digits(hours, 24)? * 60 + two_digits(minutes, 60)?)
            })
            .map(|minutes| TimeOfDay { minutes })
            .ok_or(NotATimeOfDay)
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> String {
        time.to_string()
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

/// When a person does not want to hear from us; past midnight where `to` is before `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// The first quiet minute.
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "22:00")]
    pub from: TimeOfDay,
    /// The first minute that is not quiet any more; never the same as `from`.
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "07:00")]
    pub to: TimeOfDay,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_strict() {
        for text in ["00:00", "07:05", "23:59"] {
            let time = TimeOfDay::try_from(text.to_owned()).unwrap();
            assert_eq!(time.to_string(), text);
        }
        for text in ["24:00", "7:00", "07:60", "+7:00", "07:00:00", "", "é:00"] {
            assert!(TimeOfDay::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
