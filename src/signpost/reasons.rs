//! Why a service is offered, in words that a ten-year-old reads.

use super::matching::{Person, Relevance};
use crate::directory::{Channel, Cost, Feature, Gender, Schedule, Service};

pub(super) fn why(
    service: &Service,
    relevance: Option<&Relevance>,
    person: &Person,
    open_now: bool,
) -> Vec<String> {
    let mut why = about(relevance);
    if service.min_age.or(service.max_age).is_some() {
        why.push("For people your age".into());
    }
    match service.gender {
        Some(Gender::Women) => why.push("Only for women and girls".into()),
        Some(Gender::Men) => why.push("Only for men and boys".into()),
        None => {}
    }
    if open_now {
        why.push(open(service).into());
    }
    why.extend(cost(service).map(Into::into));
    why.extend(without_talking(service).map(Into::into));
    why.push(place(service, person));
    why
}

fn about(relevance: Option<&Relevance>) -> Vec<String> {
    let helps = |topic: &crate::triage::Topic| format!("Helps with {}", topic.label());
    match relevance {
        Some(Relevance::Helps(topics)) => topics.iter().take(2).map(helps).collect(),
        Some(Relevance::Related(topic)) => vec![helps(topic)],
        Some(Relevance::Anything) => vec!["You can talk about anything".into()],
        Some(Relevance::Listens) | None => Vec::new(),
    }
}

fn open(service: &Service) -> &'static str {
    match (&service.schedule, service.schedule_for) {
        (Schedule::Always, None) => "Open now, and all day and night",
        (_, None) => "Open now",
        (_, Some(Channel::Phone)) => "Open now if you call",
        (_, Some(Channel::Text)) => "Open now if you text",
        (_, Some(_)) => "Open now if you chat online",
    }
}

fn cost(service: &Service) -> Option<&'static str> {
    Some(match service.cost? {
        Cost::Free if service.has(Channel::Phone) => "Free to call",
        Cost::Free if service.has(Channel::Text) => "Free to text",
        Cost::Free => "Free",
        Cost::StandardRate => "Costs the same as a normal call",
    })
}

fn without_talking(service: &Service) -> Option<&'static str> {
    let has = |channel| service.has(channel);
    if service.is(Feature::InformationOnly) {
        return Some("Has things to read, but nobody to talk to");
    }
    if service.is(Feature::OnlineReport) {
        return Some("You can tell them on a website, no need to talk");
    }
    match (has(Channel::Text), has(Channel::Chat), has(Channel::Email)) {
        (true, true, _) => Some("You can text or chat, no need to talk"),
        (true, false, _) => Some("You can text, no need to talk"),
        (false, true, _) => Some("You can chat online, no need to talk"),
        (false, false, true) => Some("You can write an email, no need to talk"),
        _ if service.is(Feature::FindsLocalService) => Some("Finds help near you"),
        _ => None,
    }
}

fn place(service: &Service, person: &Person) -> String {
    if service.is(Feature::SomePlaces) {
        return "Only in some places: the website says where".into();
    }
    if service.is_national() {
        return "Works all over the UK".into();
    }
    match person.area {
        Some(area) if service.areas.is_empty() => format!("Works in {}", area.nation.as_str()),
        Some(area) => format!("Works in {}", area.name),
        None if service.areas.is_empty() => {
            let names: Vec<_> = service
                .nations
                .iter()
                .map(|nation| nation.as_str())
                .collect();
            match names.split_last() {
                Some((last, [])) => format!("Only for people in {last}"),
                Some((last, others)) => {
                    format!("Only for people in {} and {last}", others.join(", "))
                }
                None => "Only in some places".into(),
            }
        }
        None => "Only in some places".into(),
    }
}
