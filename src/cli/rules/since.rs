//! How long ago: `30d`, `12h`, `4w`.

use std::time::Duration;

/// Reads a number of hours, days or weeks.
pub fn since(text: &str) -> Result<Duration, String> {
    let wrong = || "expected hours, days or weeks, such as 12h, 30d or 4w".to_owned();
    let (number, unit) = text
        .char_indices()
        .next_back()
        .map(|(at, unit)| (&text[..at], unit))
        .ok_or_else(wrong)?;
    let hours: u64 = match unit {
        'h' => 1,
        'd' => 24,
        'w' => 7 * 24,
        _ => return Err(wrong()),
    };
    // Who writes more than a century has slipped on a key.
    let number: u64 = number.parse().map_err(|_| wrong())?;
    match hours.checked_mul(number) {
        Some(hours @ 1..=876_000) => Ok(Duration::from_secs(hours * 3_600)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_days_and_weeks_are_read() {
        assert_eq!(since("12h"), Ok(Duration::from_secs(12 * 3_600)));
        assert_eq!(since("30d"), Ok(Duration::from_secs(30 * 86_400)));
        assert_eq!(since("4w"), Ok(Duration::from_secs(28 * 86_400)));
        for wrong in [
            "",
            "d",
            "30",
            "-1d",
            "0d",
            "30 d",
            "3m",
            "5ф",
            "9999999999999999999w",
        ] {
            assert!(since(wrong).is_err(), "{wrong}");
        }
    }
}
