//! Which services suit a post and a person, and in which order.
//!
//! First what is ruled out; then a score, the sum of the weights below; then two places that
//! are always kept: for a national service that never closes, and for one to text or chat with
//! at any hour. Ties are broken by id.

use std::cmp::Reverse;

use super::{Asker, Match, reasons};
use crate::clock::Time;
use crate::directory::{
    Area, Channel, Confidence, Cost, Feature, Gender, Nation, Schedule, Service, Snapshot, Stated,
    area,
};
use crate::triage::Topic;

/// Services beside a post, at the most: a longer list is not read.
const AT_MOST: usize = 6;
/// Where fewer have to do with the post, people who listen to anybody fill the places up to this.
const AT_LEAST: usize = 4;

/// What a service has to do with a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Relevance {
    /// Helps with these topics of the post.
    Helps(Vec<Topic>),
    /// Listens to anything.
    Anything,
    /// Helps with something that often goes with a topic of the post.
    Related(Topic),
    /// Somebody to talk to, where no topic says more.
    Listens,
}

/// The asker, read once.
pub(super) struct Person<'a> {
    pub asker: &'a Asker,
    pub area: Option<&'static Area>,
    pub gender: Stated,
}

pub(super) fn services(
    snapshot: &Snapshot,
    asker: &Asker,
    topics: &[Topic],
    serious: bool,
    now: Time,
) -> Vec<Match> {
    let person = Person {
        asker,
        area: asker.area.as_deref().and_then(area),
        gender: Stated::read(asker.gender.as_deref()),
    };
    let mut candidates: Vec<Candidate> = snapshot
        .services()
        .iter()
        .filter(|service| suits(service, &person))
        .map(|service| Candidate::new(service, &person, topics, serious, now))
        .collect();
    candidates.sort_by_key(|candidate| (Reverse(candidate.score), &candidate.service.id));
    let mut chosen: Vec<Candidate> = Vec::with_capacity(AT_MOST);
    for is_kept in [is_always_there, is_always_there_in_writing] {
        if !chosen.iter().any(|candidate| is_kept(candidate.service))
            && let Some(at) = candidates
                .iter()
                .position(|candidate| is_kept(candidate.service))
        {
            chosen.push(candidates.remove(at));
        }
    }
    let (to_the_point, listeners): (Vec<_>, Vec<_>) = candidates
        .into_iter()
        .filter(|candidate| candidate.is_worth_a_place(&person))
        .partition(|c| topics.is_empty() || serious || c.relevance != Some(Relevance::Listens));
    chosen.extend(to_the_point.into_iter().take(AT_MOST - chosen.len()));
    chosen.extend(
        listeners
            .into_iter()
            .take(AT_LEAST.saturating_sub(chosen.len())),
    );
    chosen.sort_by_key(|candidate| (Reverse(candidate.score), &candidate.service.id));
    chosen
        .into_iter()
        .map(|candidate| candidate.matched(&person))
        .collect()
}

/// Whether a service may be offered to this person at all.
fn suits(service: &Service, person: &Person) -> bool {
    !service.is(Feature::Emergency)
        && !service.is(Feature::ForAdults)
        && service.takes_ages(&person.asker.ages)
        && person.area.is_none_or(|area| service.covers(area))
        && person.gender.suits(service.gender)
}

/// A national service with people to talk to that never closes.
pub(super) fn is_always_there(service: &Service) -> bool {
    service.is_national()
        && service.schedule == Schedule::Always
        && service.gender.is_none()
        && !service.is(Feature::InformationOnly)
}

/// One that answers to texts or chats at any hour.
pub(super) fn is_always_there_in_writing(service: &Service) -> bool {
    is_always_there(service)
        && [Channel::Text, Channel::Chat].into_iter().any(|channel| {
            service.has(channel) && service.schedule_for.is_none_or(|only| only == channel)
        })
}

struct Candidate<'a> {
    service: &'a Service,
    relevance: Option<Relevance>,
    open_now: bool,
    score: i32,
}

impl<'a> Candidate<'a> {
    fn new(
        service: &'a Service,
        person: &Person,
        topics: &[Topic],
        serious: bool,
        now: Time,
    ) -> Candidate<'a> {
        let relevance = relevance(service, topics, serious);
        let open_now = service.is_open_at(now);
        let score = weight(relevance.as_ref())
            + standing(service, topics)
            + reach(service, person)
            + if open_now { 25 } else { 0 }
            + if serious { urgency(service, person) } else { 0 };
        Candidate {
            service,
            relevance,
            open_now,
            score,
        }
    }

    /// Whether it has to do with the post, and is likely to be there for the person: most people
    /// live in England, so somebody who has not said where they live is sent elsewhere only for
    /// help with the very thing.
    fn is_worth_a_place(&self, person: &Person) -> bool {
        match self.relevance {
            None => false,
            Some(Relevance::Helps(_)) => true,
            Some(_) => person.area.is_some() || self.service.nations.contains(&Nation::England),
        }
    }

    fn matched(self, person: &Person) -> Match {
        Match {
            why: reasons::why(self.service, self.relevance.as_ref(), person, self.open_now),
            open_now: self.open_now,
            handoff: self.service.handoff,
            service: self.service.clone(),
        }
    }
}

fn relevance(service: &Service, topics: &[Topic], serious: bool) -> Option<Relevance> {
    let helps_with = |topic: &Topic| service.topics.contains(topic);
    let helps: Vec<Topic> = topics.iter().copied().filter(helps_with).collect();
    if !helps.is_empty() {
        return Some(Relevance::Helps(helps));
    }
    if service.any_topic {
        return Some(Relevance::Anything);
    }
    let mut related = topics.iter().flat_map(|topic| goes_with(*topic));
    if let Some(topic) = related.find(|topic| helps_with(topic)) {
        return Some(Relevance::Related(*topic));
    }
    let listens = helps_with(&Topic::LowMood) || (serious && service.is(Feature::Crisis));
    listens.then_some(Relevance::Listens)
}

fn weight(relevance: Option<&Relevance>) -> i32 {
    match relevance {
        Some(Relevance::Helps(topics)) => 100 + 20 * (topics.len().min(3) as i32 - 1),
        Some(Relevance::Anything) => 60,
        Some(Relevance::Related(_)) => 40,
        Some(Relevance::Listens) => 10,
        None => 0,
    }
}

/// What often goes with a topic for which few or no services are there.
fn goes_with(topic: Topic) -> &'static [Topic] {
    match topic {
        Topic::Exams | Topic::School | Topic::Money | Topic::Health => &[Topic::Anxiety],
        Topic::Sleep | Topic::Relationships => &[Topic::Anxiety, Topic::LowMood],
        Topic::Friendship => &[Topic::Loneliness, Topic::Bullying],
        Topic::Family | Topic::Bereavement | Topic::YoungCarer | Topic::InCare => &[Topic::LowMood],
        Topic::BodyImage => &[Topic::EatingDisorder, Topic::LowMood],
        Topic::EatingDisorder => &[Topic::LowMood],
        Topic::SelfHarm => &[Topic::Suicide, Topic::LowMood],
        Topic::Suicide | Topic::Anxiety => &[Topic::LowMood],
        Topic::LowMood => &[Topic::Anxiety],
        Topic::Bullying => &[Topic::Anxiety, Topic::LowMood],
        Topic::Loneliness => &[Topic::LowMood],
        Topic::Racism => &[Topic::Bullying],
        Topic::SexualExploitation => &[Topic::Abuse],
        Topic::Homelessness => &[Topic::RunningAway],
        Topic::RunningAway => &[Topic::Homelessness],
        _ => &[],
    }
}

/// Topics that make a service one for a group of people. Nobody is taken to belong to a group
/// because they feel low.
const GROUPS: [Topic; 4] = [
    Topic::Faith,
    Topic::Identity,
    Topic::InCare,
    Topic::YoungCarer,
];

/// What speaks for a service, whoever asks.
fn standing(service: &Service, topics: &[Topic]) -> i32 {
    let for_another_group = GROUPS
        .iter()
        .any(|group| service.topics.contains(group) && !topics.contains(group));
    let hours = match service.schedule {
        Schedule::Always => 10,
        Schedule::Weekly { .. } => 0,
        Schedule::Roughly { .. } => -5,
        Schedule::Unknown => -10,
    };
    let sure = match (service.verified, service.confidence) {
        (true, _) => 15,
        (false, Some(Confidence::High)) => 0,
        (false, Some(Confidence::Medium)) => -5,
        (false, _) => -15,
    };
    let features = service.features.iter().map(|feature| match feature {
        Feature::InformationOnly => -80,
        Feature::Specialist => -50,
        Feature::SomePlaces => -40,
        Feature::FindsLocalService => -20,
        Feature::OnlineReport => -15,
        _ => 0,
    });
    let young = service.max_age.is_some_and(|max| max <= 25);
    let in_writing = service.has(Channel::Text) || service.has(Channel::Chat);
    hours
        + sure
        + features.sum::<i32>()
        + if young { 20 } else { 0 }
        + if in_writing { 8 } else { 0 }
        + if service.cost == Some(Cost::Free) {
            5
        } else {
            0
        }
        - if for_another_group { 50 } else { 0 }
}

/// What speaks for it because of where and who the person is.
fn reach(service: &Service, person: &Person) -> i32 {
    let place = match person.area {
        _ if service.is_national() => 0,
        Some(_) if service.nations.len() == 1 => 10,
        Some(_) => 0,
        // It may be in a place that is not theirs.
        None if service.nations.contains(&Nation::England) => -20,
        None => -70,
    };
    let gender = match (service.gender, person.gender) {
        (Some(Gender::Women | Gender::Men), Stated::Nothing) => -60,
        (Some(_), _) => 10,
        (None, _) => 0,
    };
    place + gender
}

/// What speaks for it when it is serious: somebody there at this moment.
fn urgency(service: &Service, person: &Person) -> i32 {
    if person.area.is_none() && !service.is_national() {
        return 0;
    }
    let always = if service.schedule == Schedule::Always {
        60
    } else {
        0
    };
    let crisis = if service.is(Feature::Crisis) { 20 } else { 0 };
    let nobody_there = service.is(Feature::InformationOnly) || service.is(Feature::OnlineReport);
    always + crisis - if nobody_there { 60 } else { 0 }
}
