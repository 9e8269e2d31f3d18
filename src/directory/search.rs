//! Searching the directory: what may be asked, and what answers it.

use super::gender::Stated;
use super::geo::{self, Area, Nation};
use super::hours::Window;
use super::outcode::{Outcode, holds_postcode, outcode};
use super::page::{self, Place};
use super::service::Service;
use super::terms::{Channel, Cost, Feature};
use super::{Snapshot, words};
use crate::clock::Time;
use crate::error::{Error, FieldError};
use crate::page::Page;
use crate::triage::Topic;

/// Entries on a page where no limit is given, and at the most.
const LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;
/// Characters of a search, at the most.
const MAX_SEARCH: usize = 100;
/// Kilometres, at the most: about the length of the United Kingdom.
const MAX_KM: f64 = 1_500.0;

const ONLY_THE_FIRST_HALF: &str = "To keep you safe, we do not take a whole postcode. Please give \
                                   only the first half, like E8.";

/// When a service has to be open.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Open {
    Now,
    In(Window),
}

/// What is asked of the directory. Everything that is given must hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Search {
    words: Vec<String>,
    topic: Option<Topic>,
    age: Option<u8>,
    gender: Option<String>,
    area: Option<&'static Area>,
    outcode: Option<Outcode>,
    open: Option<Open>,
    channel: Option<Channel>,
    cost: Option<Cost>,
    feature: Option<Feature>,
    within_km: Option<f64>,
    after: Option<Place>,
    limit: Option<usize>,
}

impl Search {
    /// Reads the parameters of a request. Every fault is named by its parameter; what was sent
    /// is never repeated.
    pub fn read(parameters: &[(String, String)]) -> Result<Search, Error> {
        let mut search = Search::default();
        let mut faults = Vec::new();
        for (at, (name, value)) in parameters.iter().enumerate() {
            let twice = parameters[..at].iter().any(|(earlier, _)| earlier == name);
            let read = match twice {
                true => Err("Please give this only once.".into()),
                false => search.take(name, value.trim()),
            };
            if let Err(message) = read {
                faults.push(FieldError {
                    field: name.chars().take(40).collect(),
                    message,
                });
            }
        }
        if search.within_km.is_some() && search.outcode.is_none() && search.area.is_none() {
            let message = "Please also give an outcode or an area to measure from.".into();
            // A place that was given and refused has its own fault.
            if faults.is_empty() {
                faults.push(FieldError {
                    field: "within_km".into(),
                    message,
                });
            }
        }
        if faults.is_empty() {
            Ok(search)
        } else {
            Err(Error::Invalid(faults))
        }
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        if holds_postcode(value) && name != "after" {
            return Err(ONLY_THE_FIRST_HALF.into());
        }
        match name {
            "q" if value.chars().count() > MAX_SEARCH => {
                return Err(format!("Please use at most {MAX_SEARCH} letters."));
            }
            "q" => self.words = words::of(value),
            "topic" => self.topic = Some(one_of(value, &Topic::ALL, Topic::as_str)?),
            "age" => {
                let age = value.parse().ok().filter(|age| *age <= 120);
                self.age = Some(age.ok_or("Please give a whole number of years, 0 to 120.")?);
            }
            "gender" => self.gender = Some(value.to_owned()),
            "area" => {
                let area =
                    geo::area(value).ok_or("Please give the code of an area from /v1/areas.");
                self.area = Some(area?);
            }
            "outcode" => {
                // "M1 1" is not M11, but more than the first half of a postcode.
                if value.contains(char::is_whitespace) {
                    return Err(ONLY_THE_FIRST_HALF.into());
                }
                let outcode = outcode(value);
                self.outcode = Some(outcode.ok_or(
                    "We do not know that one. Please give the first half of a UK postcode, like E8.",
                )?);
            }
            "open" => {
                self.open = Some(match value {
                    "now" => Open::Now,
                    "evening" => Open::In(Window::Evening),
                    "weekend" => Open::In(Window::Weekend),
                    "after_school" => Open::In(Window::AfterSchool),
                    _ => return Err(expected(["now", "evening", "weekend", "after_school"])),
                });
            }
            "channel" => self.channel = Some(one_of(value, Channel::ALL, Channel::as_str)?),
            "cost" => self.cost = Some(one_of(value, Cost::ALL, Cost::as_str)?),
            "feature" => self.feature = Some(one_of(value, Feature::ALL, Feature::as_str)?),
            "within_km" => {
                let km: Option<f64> = value.parse().ok();
                let km = km.filter(|km| *km > 0.0 && *km <= MAX_KM);
                self.within_km =
                    Some(km.ok_or_else(|| format!("Please give a number up to {MAX_KM}."))?);
            }
            "after" => {
                let place = Place::read(value);
                self.after = Some(place.ok_or("Please give the next of the page before.")?);
            }
            "limit" => self.limit = Some(limit(value)?),
            _ => {
                return Err(expected([
                    "q",
                    "topic",
                    "age",
                    "gender",
                    "area",
                    "outcode",
                    "open",
                    "channel",
                    "cost",
                    "feature",
                    "within_km",
                    "after",
                    "limit",
                ]));
            }
        }
        Ok(())
    }

    /// The page of services that answers this, the best first.
    pub fn run(&self, snapshot: &Snapshot, now: Time) -> Page<Service> {
        let found = snapshot
            .services()
            .iter()
            .filter(|service| self.admits(service, now));
        let ranked = found.filter_map(|service| {
            let rank = match self.words.is_empty() {
                true => 1,
                false => words::rank(&self.words, service),
            };
            (rank > 0).then(|| (Place::new(rank, &service.id), service))
        });
        let page = page::page(
            ranked.collect(),
            self.after.as_ref(),
            self.limit.unwrap_or(LIMIT),
        );
        Page {
            items: page.items.into_iter().cloned().collect(),
            next: page.next,
        }
    }

    fn admits(&self, service: &Service, now: Time) -> bool {
        self.topic
            .is_none_or(|topic| service.any_topic || service.topics.contains(&topic))
            && self.age.is_none_or(|age| service.takes_ages(&(age..=age)))
            && Stated::read(self.gender.as_deref()).suits(service.gender)
            && self.area.is_none_or(|area| service.covers(area))
            && self
                .outcode
                .is_none_or(|outcode| covers_any(service, outcode.nations))
            && self.channel.is_none_or(|channel| service.has(channel))
            && self
                .open
                .is_none_or(|open| self.is_open(service, open, now))
            && self.cost.is_none_or(|cost| service.cost == Some(cost))
            && self.feature.is_none_or(|feature| service.is(feature))
            && self.within_km.is_none_or(|km| self.is_near(service, km))
    }

    fn is_open(&self, service: &Service, open: Open, now: Time) -> bool {
        // Hours of the phone say nothing of the chat.
        let other_channel = |only: Channel| self.channel.is_some_and(|asked| asked != only);
        !service.schedule_for.is_some_and(other_channel)
            && match open {
                Open::Now => service.is_open_at(now),
                Open::In(window) => service.schedule.is_open_in(window),
            }
    }

    /// A service that nobody goes to is near everybody. Where we cannot measure (Northern
    /// Ireland is one region), its whole nation is near.
    fn is_near(&self, service: &Service, km: f64) -> bool {
        let here = match self.outcode {
            Some(outcode) => outcode.position,
            None => self.area.map(Area::centre),
        };
        match (here, service.position) {
            (Some(here), Some(there)) => here.km_to(there) <= km,
            _ => true,
        }
    }
}

fn covers_any(service: &Service, nations: &[Nation]) -> bool {
    nations
        .iter()
        .any(|nation| service.nations.contains(nation))
}

fn one_of<T: Copy>(value: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, String> {
    let found = all.iter().copied().find(|one| name(*one) == value);
    found.ok_or_else(|| expected(all.iter().map(|one| name(*one))))
}

fn expected(names: impl IntoIterator<Item = &'static str>) -> String {
    let names: Vec<_> = names.into_iter().collect();
    format!("Expected one of: {}.", names.join(", "))
}

/// Reads how many entries a page may have.
pub(super) fn limit(value: &str) -> Result<usize, String> {
    let limit = value
        .parse()
        .ok()
        .filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| format!("Please give a whole number, 1 to {MAX_LIMIT}."))
}

#[cfg(test)]
mod tests;
