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
