//! What an organisation offers to young people: the facts that are kept, and what is shown.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::gender::Gender;
use super::geo::{Area, Nation, Position};
use super::hours::{Day, Hours, Schedule, Span, TimeOfDay};
use super::terms::{Channel, Confidence, Cost, Feature};
use crate::clock::Time;
use crate::triage::Topic;

/// The facts of a service as they are kept, and as an operator verifies them. A field that is
/// not known is left out, so that a new kind of fact does not change the hash of old ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "`Service` documents the same fields")]
pub struct Facts {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    pub url: Option<String>,
    /// In the grammar of `hours.rs` where it can be.
    pub hours: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_age: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u8>,
    pub topics: Vec<Topic>,
    pub any_topic: bool,
    pub nations: Vec<Nation>,
    /// GSS codes of the only areas that are covered; empty: the nations are covered whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// Channels that the contact fields do not show.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Channel>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<Feature>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence_contact: Option<Confidence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence_hours: Option<Confidence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Facts {
    fn channels(&self) -> Vec<Channel> {
        let contacts = [
            (Channel::Phone, &self.phone),
            (Channel::Text, &self.text),
            (Channel::Chat, &self.chat),
            (Channel::Email, &self.email),
        ];
        let shown = contacts
            .into_iter()
            .filter(|(_, contact)| contact.is_some());
        let mut channels: Vec<Channel> = shown
            .map(|(channel, _)| channel)
            .chain(self.also.iter().copied())
            .collect();
        channels.sort_unstable();
        channels.dedup();
        channels
    }
}

/// A service: what an organisation offers to young people.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Service {
    /// Names it here; a short word such as `childline`.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it does, in a sentence.
    pub description: Option<String>,
    /// The number to call, as people say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// How to send a text message: a number, or a word and a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where to chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<String>,
    /// Where to write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Its website.
    pub url: Option<String>,
    /// When it is open, for people to read; UK time.
    pub hours: String,
    /// When it is open, for programs to read; UK time.
    pub schedule: Schedule,
    /// The one channel that the hours are known for; left out where they hold for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_for: Option<Channel>,
    /// From which age, in years; left out where there is no such bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_age: Option<u8>,
    /// Up to which age, in years, that year included; left out where there is no such bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u8>,
    /// What it helps with.
    pub topics: Vec<Topic>,
    /// Whether a person may talk there about anything.
    pub any_topic: bool,
    /// The nations whose people it serves.
    pub nations: Vec<Nation>,
    /// GSS codes of the only areas that it serves; empty where it serves its nations whole.
    pub areas: Vec<String>,
    /// Where it is, if people go there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Whom it is for, where it is not for everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// What it costs; left out where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// The ways to reach it.
    pub channels: Vec<Channel>,
    /// What else is good to know about it.
    pub features: Vec<Feature>,
    /// Whether a person has checked these facts against the service's own site.
    pub verified: bool,
    /// When they did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub verified_at: Option<Time>,
    /// What to bear in mind about facts that nobody has checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caution: Option<&'static str>,
    /// What to know before getting in touch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether a person can ask us to pass their details on to it.
    pub handoff: bool,
    /// How sure the person was who gathered the contacts; for ranking, until they are verified.
    #[serde(skip)]
    pub confidence: Option<Confidence>,
}

/// What is said of facts that nobody has checked.
pub const CAUTION: &str = "We have not checked these details yet.";
const HOURS_UNKNOWN: &str = "We do not know the opening times yet.";

impl Service {
    /// The service that `facts` describe.
    pub fn new(id: impl Into<String>, facts: Facts, verified_at: Option<Time>) -> Service {
        let channels = facts.channels();
        let Hours { schedule, only } = Hours::parse(&facts.hours);
        let hours = match schedule {
            Schedule::Unknown => HOURS_UNKNOWN.into(),
            _ => facts.hours,
        };
        Service {
            id: id.into(),
            name: facts.name,
            description: facts.description,
            phone: facts.phone,
            text: facts.text,
            chat: facts.chat,
            email: facts.email,
            url: facts.url,
            hours,
            schedule,
            schedule_for: only,
            min_age: facts.min_age,
            max_age: facts.max_age,
            topics: facts.topics,
            any_topic: facts.any_topic,
            nations: facts.nations,
            areas: facts.areas,
            position: facts.position,
            gender: facts.gender,
            cost: facts.cost,
            channels,
            features: facts.features,
            verified: verified_at.is_some(),
            verified_at,
            caution: verified_at.is_none().then_some(CAUTION),
            note: facts.note,
            handoff: false,
            confidence: facts.confidence_contact,
        }
    }

    /// Whether it has this feature.
    pub fn is(&self, feature: Feature) -> bool {
        self.features.contains(&feature)
    }

    /// Whether people can reach it this way.
    pub fn has(&self, channel: Channel) -> bool {
        self.channels.contains(&channel)
    }

    /// Whether it is for people of every one of these ages.
    pub fn takes_ages(&self, ages: &RangeInclusive<u8>) -> bool {
        self.min_age.is_none_or(|min| min <= *ages.start())
            && self.max_age.is_none_or(|max| *ages.end() <= max)
    }

    /// Whether it serves the people of an area.
    pub fn covers(&self, area: &Area) -> bool {
        self.nations.contains(&area.nation)
            && (self.areas.is_empty() || self.areas.contains(&area.code))
    }

    /// Whether it serves all of the United Kingdom.
    pub fn is_national(&self) -> bool {
        self.areas.is_empty()
            && !self.is(Feature::SomePlaces)
            && Nation::UK
                .iter()
                .all(|nation| self.nations.contains(nation))
    }

    /// Whether it is surely open at `now`, by at least one channel.
    pub fn is_open_at(&self, now: Time) -> bool {
        self.schedule.is_open_at(now)
    }

    /// The times at which it opens and closes, for directories that list them; every day from
    /// 00:00 to 24:00 where it never closes, none where they are not known.
    pub fn spans(&self) -> Vec<Span> {
        match &self.schedule {
            Schedule::Always => Day::ALL
                .into_iter()
                .map(|day| Span {
                    day,
                    opens: TimeOfDay::MIDNIGHT,
                    closes: TimeOfDay::END_OF_DAY,
                })
                .collect(),
            Schedule::Weekly { spans } => spans.clone(),
            Schedule::Roughly { .. } | Schedule::Unknown => Vec::new(),
        }
    }
}
