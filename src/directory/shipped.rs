//! The national services that are part of the program: `data/signposts.csv`.
//!
//! They are unverified until an operator has checked each against its own site, and they are
//! there even where the database holds none, so that support always is.

use std::sync::LazyLock;

use serde::Deserialize;

use super::gender::Gender;
use super::geo::{self, Nation};
use super::service::Facts;
use super::terms::{Channel, Confidence, Cost, Feature};

/// One line of the table; `data/LICENCES.md` says how to read it.
#[derive(Deserialize)]
struct Row {
    id: String,
    name: String,
    description: Option<String>,
    phone: Option<String>,
    text: Option<String>,
    chat: Option<String>,
    email: Option<String>,
    url: Option<String>,
    hours: String,
    min_age: Option<u8>,
    max_age: Option<u8>,
    topics: String,
    nations: String,
    gender: Option<Gender>,
    cost: Option<Cost>,
    also: String,
    features: String,
    confidence_contact: Option<Confidence>,
    confidence_hours: Option<Confidence>,
    note: Option<String>,
}

fn list<T>(field: &str, read: impl Fn(&str) -> Option<T>) -> Vec<T> {
    let words = field.split(';').filter(|word| !word.is_empty());
    words
        .map(|word| read(word).unwrap_or_else(|| panic!("signposts.csv: `{word}` is not known")))
        .collect()
}

fn named<T: Copy>(all: &'static [T], name: fn(T) -> &'static str) -> impl Fn(&str) -> Option<T> {
    move |word| all.iter().copied().find(|one| name(*one) == word)
}

impl From<Row> for (String, Facts) {
    fn from(row: Row) -> (String, Facts) {
        let any_topic = row.topics == "*";
        let facts = Facts {
            name: row.name,
            description: row.description,
            phone: row.phone,
            text: row.text,
            chat: row.chat,
            email: row.email,
            url: row.url,
            hours: row.hours,
            min_age: row.min_age,
            max_age: row.max_age,
            topics: match any_topic {
                true => Vec::new(),
                false => list(&row.topics, |word| word.parse().ok()),
            },
            any_topic,
            nations: match row.nations.as_str() {
                "UK" => Nation::UK.to_vec(),
                nations => list(nations, named(&Nation::UK, Nation::as_str)),
            },
            areas: Vec::new(),
            position: None,
            gender: row.gender,
            cost: row.cost,
            also: list(&row.also, named(Channel::ALL, Channel::as_str)),
            features: list(&row.features, named(Feature::ALL, Feature::as_str)),
            confidence_contact: row.confidence_contact,
            confidence_hours: row.confidence_hours,
            note: row.note,
        };
        (row.id, facts)
    }
}

static SHIPPED: LazyLock<Vec<(String, Facts)>> = LazyLock::new(|| {
    let mut shipped: Vec<(String, Facts)> = geo::rows::<Row>(include_str!("data/signposts.csv"))
        .into_iter()
        .map(Into::into)
        .collect();
    shipped.sort_by(|(a, _), (b, _)| a.cmp(b));
    shipped
});

/// The services that are part of the program, with their ids, sorted by id.
pub fn shipped() -> &'static [(String, Facts)] {
    &SHIPPED
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::hours::Schedule;
    use crate::directory::service::Service;

    fn service(id: &str) -> Service {
        let (id, facts) = shipped().iter().find(|(shipped, _)| shipped == id).unwrap();
        Service::new(id, facts.clone(), None)
    }

    #[test]
    fn the_whole_table_is_read() {
        assert_eq!(shipped().len(), 35);
        for (id, facts) in shipped() {
            assert!(!facts.nations.is_empty(), "{id}");
            assert!(
                id.bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            );
            assert!(
                !Service::new(id, facts.clone(), None).channels.is_empty(),
                "{id}"
            );
        }
        let mut ids: Vec<_> = shipped().iter().map(|(id, _)| id).collect();
        ids.dedup();
        assert_eq!(ids.len(), 35, "each id once");
    }

    #[test]
    fn hours_that_nobody_knows_are_said_to_be_unknown() {
        let unknown: Vec<_> = shipped()
            .iter()
            .filter(|(id, _)| service(id).schedule == Schedule::Unknown)
            .map(|(_, facts)| facts.hours.as_str())
            .collect();
        assert!(
            unknown
                .iter()
                .all(|h| ["", "to be checked", "clinics"].contains(h)),
            "{unknown:?}"
        );
        assert!(service("frank").hours.starts_with("We do not know"));
        assert_eq!(service("shout").hours, "24/7");
    }

    #[test]
    fn nothing_that_is_shipped_claims_to_be_checked() {
        let json = serde_json::to_value(service("childline")).unwrap();
        assert_eq!(json["verified"], false);
        assert_eq!(json["caution"], "We have not checked these details yet.");
        assert_eq!(json["schedule"]["kind"], "always");
        assert_eq!(json["schedule_for"], "phone");
        assert_eq!(json["channels"], serde_json::json!(["phone", "chat"]));
        assert!(json.get("verified_at").is_none() && json.get("min_age").is_none());
    }
}
