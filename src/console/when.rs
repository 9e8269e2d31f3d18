//! Times as people read them: by the clock in the United Kingdom, and how long until or since.

use std::time::Duration;

use maud::{Markup, html};

use crate::clock::Time;

/// A moment: today's by the hour, others with their day. The exact one goes with it, for whoever
/// hovers over it and for the script.
pub fn moment(time: Time, now: Time) -> Markup {
    let (local, today) = (time.in_uk(), now.in_uk().date());
    let pattern = match local.date() == today {
        true => "%H:%M",
        false => "%a %-d %b, %H:%M",
    };
    let text = local.strftime(pattern).to_string();
    html! { time datetime=(time) title=(local.strftime("%A %-d %B %Y, %H:%M:%S")) { (text) } }
}

/// How long until a deadline, or how long it is past.
pub fn left(due_at: Time, now: Time) -> String {
    let (from, to) = (now.micros(), due_at.micros());
    let span = length(Duration::from_micros(to.abs_diff(from)));
    match to >= from {
        true => format!("{span} left"),
        false => format!("{span} late"),
    }
}

/// A length of time in its two largest units.
pub fn length(span: Duration) -> String {
    let minutes = span.as_secs() / 60;
    match (minutes / 1_440, minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => "under a minute".into(),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (1, hours, _) => format!("1 day {hours} h"),
        (days, hours, _) => format!("{days} days {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_and_what_is_late() {
        let now = Time::from_micros(1_768_924_800_000_000);
        let in_a_while = now.plus(Duration::from_secs(125 * 60));
        assert_eq!(left(in_a_while, now), "2 h 5 min left");
        assert_eq!(left(now, in_a_while), "2 h 5 min late");
        assert_eq!(left(now, now), "under a minute left");
        assert_eq!(length(Duration::from_secs(90_000)), "1 day 1 h");
    }

    #[test]
    fn a_moment_is_told_by_the_clock_in_the_united_kingdom() {
        let summer = Time::from_micros(1_784_000_000_000_000);
        let told = moment(summer, summer).into_string();
        assert!(told.contains(">04:33<"), "{told}");
        let told = moment(summer, summer.plus(Duration::from_secs(86_400))).into_string();
        assert!(told.contains(">Tue 14 Jul, 04:33<"), "{told}");
    }
}
