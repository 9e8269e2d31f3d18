//! Invariant 3, and the rest of what a signpost promises.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::directory::{Facts, Feature, Gender, Stated, area, areas};

const BANDS: [RangeInclusive<u8>; 4] = [11..=12, 13..=15, 16..=17, 18..=19];
const HOUR: i64 = 3_600_000_000;

fn asker(ages: RangeInclusive<u8>, area: Option<&str>, gender: Option<&str>) -> Asker {
    Asker {
        ages,
        area: area.map(Into::into),
        gender: gender.map(Into::into),
    }
}

fn shipped() -> Snapshot {
    Snapshot::new(Vec::new())
}

fn ids(support: &Support) -> Vec<&str> {
    support
        .services
        .iter()
        .map(|found| found.service.id.as_str())
        .collect()
}

fn author(asker: &Asker, topics: &[Topic], level: Level) -> Support {
    // A Tuesday in term, 16:00 in the UK.
    let now = Time::from_micros(1_768_924_800_000_000);
    support(&shipped(), asker, topics, level, Audience::Author, now)
}

/// What holds of the services for every post, person and hour.
fn check(found: &Support, asker: &Asker, now: Time) {
    let services: Vec<&Service> = found.services.iter().map(|found| &found.service).collect();
    assert!((4..=6).contains(&services.len()));
    // Said again from the facts alone, so that a slip in the matching is not repeated here.
    let day_and_night = |service: &Service, contacts: &[&Option<String>]| {
        service.hours == "24/7"
            && service.nations.len() == 4
            && service.areas.is_empty()
            && contacts.iter().any(|contact| contact.is_some())
    };
    assert!(
        services
            .iter()
            .any(|s| day_and_night(s, &[&s.phone, &s.text])),
        "no national 24-hour service"
    );
    assert!(
        services
            .iter()
            .any(|s| day_and_night(s, &[&s.text, &s.chat])),
        "no way but the phone"
    );
    let mut seen = BTreeMap::new();
    for found in &found.services {
        let service = &found.service;
        assert!(
            seen.insert(&service.id, ()).is_none(),
            "{} twice",
            service.id
        );
        assert!(
            service.min_age.is_none_or(|min| min <= *asker.ages.start()),
            "{}",
            service.id
        );
        assert!(
            service.max_age.is_none_or(|max| *asker.ages.end() <= max),
            "{}",
            service.id
        );
        if let Some(area) = asker.area.as_deref().and_then(area) {
            assert!(service.nations.contains(&area.nation), "{}", service.id);
        }
        assert!(
            Stated::read(asker.gender.as_deref()).suits(service.gender),
            "{}",
            service.id
        );
        assert!(!service.is(Feature::ForAdults) && !service.is(Feature::Emergency));
        assert_eq!(found.open_now, service.is_open_at(now));
        assert!(!found.why.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]
    #[test]
    fn support_is_always_there(
        topics in proptest::sample::subsequence(Topic::ALL.to_vec(), 0..=Topic::ALL.len()),
        ages in proptest::sample::select(BANDS.to_vec()),
        area in proptest::option::of(0..areas().len()),
        gender in proptest::option::of(proptest::sample::select(vec!["girl", "boy", "enby"])),
        level in proptest::sample::select(Level::ALL.to_vec()),
        hour in 0i64..24 * 366,
    ) {
        let asker = asker(ages, area.map(|at| areas()[at].code.as_str()), gender);
        let now = Time::from_micros(1_767_225_600_000_000 + hour * HOUR);
        let snapshot = shipped();
        let own = support(&snapshot, &asker, &topics, level, Audience::Author, now);
        check(&own, &asker, now);
        prop_assert_eq!(own.level, Some(level));
        prop_assert_eq!(own.urgent.is_empty(), level < Level::Red);
        prop_assert_eq!(&own, &support(&snapshot, &asker, &topics, level, Audience::Author, now));

        let seen = support(&snapshot, &asker, &topics, level, Audience::Other, now);
        check(&seen, &asker, now);
        prop_assert_eq!(seen.urgent, urgent());
        let green = support(&snapshot, &asker, &topics, Level::Green, Audience::Other, now);
        prop_assert_eq!(seen, green, "what others see must not depend on the level");
    }
}

#[test]
fn support_is_there_for_each_topic_band_nation_and_level() {
    let places = [
        None,
        Some("E09000012"),
        Some("S12000036"),
        Some("W06000015"),
        Some("N09000003"),
    ];
    for at in [3, 12, 19] {
        let now = Time::from_micros(1_768_867_200_000_000 + at * HOUR);
        for topic in Topic::ALL {
            for ages in BANDS {
                for place in places {
                    for level in Level::ALL {
                        let asker = asker(ages.clone(), place, None);
                        let snapshot = shipped_once();
                        let audience = Audience::Author;
                        check(
                            &support(snapshot, &asker, &[topic], level, audience, now),
                            &asker,
                            now,
                        );
                    }
                }
            }
        }
    }
}

fn shipped_once() -> &'static Snapshot {
    static SHIPPED: std::sync::LazyLock<Snapshot> = std::sync::LazyLock::new(shipped);
    &SHIPPED
}

#[test]
fn the_best_match_comes_first_and_says_why() {
    let found = author(
        &asker(13..=15, None, None),
        &[Topic::EatingDisorder],
        Level::Amber,
    );
    assert_eq!(ids(&found)[0], "beat");
    assert_eq!(
        found.services[0].why,
        [
            "Helps with worries about eating",
            "Open now",
            "Free to call",
            "You can chat online, no need to talk",
            "Works all over the UK",
        ]
    );
    let found = author(
        &asker(13..=15, None, None),
        &[Topic::Bullying],
        Level::Green,
    );
    assert_eq!(ids(&found)[0], "childline");
    assert!(
        found.services[0]
            .why
            .contains(&"Open now if you call".to_owned())
    );
}

#[test]
fn people_to_talk_to_come_before_things_to_read() {
    let found = author(
        &asker(13..=15, Some("E09000012"), None),
        &[Topic::Bullying],
        Level::Green,
    );
    let ids = ids(&found);
    let read = ids.iter().position(|id| *id == "anti-bullying-alliance");
    assert_eq!(read.unwrap_or(ids.len() - 1), ids.len() - 1, "{ids:?}");
}

#[test]
fn a_service_for_women_is_kept_from_those_who_say_they_are_not() {
    let found = |gender| {
        let asker = asker(18..=19, Some("E09000012"), gender);
        author(&asker, &[Topic::Abuse, Topic::Relationships], Level::Amber)
    };
    let has_refuge = |found: &Support| ids(found).contains(&"refuge");
    assert!(has_refuge(&found(Some("woman"))));
    assert!(!has_refuge(&found(Some("man"))) && !has_refuge(&found(Some("non-binary"))));
    for unsaid in found(None).services {
        let women_only = unsaid.service.gender == Some(Gender::Women);
        assert_eq!(
            women_only,
            unsaid.why.contains(&"Only for women and girls".to_owned())
        );
    }
}

#[test]
fn nobody_is_taken_to_belong_to_a_group() {
    let place = |topics| {
        let found = author(&asker(16..=17, None, None), topics, Level::Green);
        ids(&found)
            .iter()
            .position(|id| *id == "muslim-youth-helpline")
    };
    assert!(place(&[Topic::LowMood]).is_none_or(|place| place >= 4));
    assert!(place(&[Topic::Faith]).is_some_and(|place| place <= 1));
}

#[test]
fn the_nation_of_a_person_brings_in_its_own_services() {
    let wales = author(
        &asker(13..=15, Some("W06000015"), None),
        &[Topic::Exams],
        Level::Green,
    );
    let meic = wales
        .services
        .iter()
        .find(|found| found.service.id == "meic")
        .unwrap();
    assert!(meic.why.contains(&"Works in Wales".to_owned()));
    let unknown = author(&asker(13..=15, None, None), &[Topic::Suicide], Level::Green);
    assert!(
        !ids(&unknown).contains(&"lifeline"),
        "there are enough that surely cover them"
    );
    let ni = author(
        &asker(13..=15, Some("N09000003"), None),
        &[Topic::Suicide],
        Level::Crisis,
    );
    assert!(ids(&ni).contains(&"lifeline") && !ids(&ni).contains(&"nhs-111-mental-health"));
}

#[test]
fn the_json_is_that_of_the_contract() {
    let asker = asker(13..=15, None, None);
    let json = serde_json::to_value(author(&asker, &[Topic::Suicide], Level::Red)).unwrap();
    assert_eq!(json["level"], "red");
    assert_eq!(json["urgent"][0]["phone"], "999");
    assert!(json["urgent"][0].get("service").is_none());
    let first = &json["services"][0];
    assert!(first["service"]["id"].is_string() && first["why"].is_array());
    assert!(first["open_now"].is_boolean() && first["handoff"] == false);
    let now = Time::from_micros(0);
    let other = support(&shipped(), &asker, &[], Level::Red, Audience::Other, now);
    assert!(serde_json::to_value(other).unwrap().get("level").is_none());
}

#[test]
fn a_directory_that_lost_its_helplines_still_has_support() {
    let only = Service::new(
        "drop-in",
        Facts {
            name: "Drop-in".into(),
            ..Facts::default()
        },
        None,
    );
    let snapshot = Snapshot::new(vec![only]);
    let asker = asker(11..=12, None, None);
    let now = Time::from_micros(0);
    check(
        &support(&snapshot, &asker, &[], Level::Green, Audience::Author, now),
        &asker,
        now,
    );
}
