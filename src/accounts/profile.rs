//! What a person tells us of themself, all of it rough, most of it as they like.

use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::QuietHours;
use crate::error::{Error, FieldError};
use crate::triage::Topic;

const GENDER_MAX_CHARS: usize = 40;

/// How old a person is, as finely as is ever asked.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
pub enum AgeBand {
    /// 11 or 12.
    #[serde(rename = "11-12")]
    From11To12,
    /// 13 to 15.
    #[serde(rename = "13-15")]
    From13To15,
    /// 16 or 17.
    #[serde(rename = "16-17")]
    From16To17,
    /// 18 or 19.
    #[serde(rename = "18-19")]
    From18To19,
}

impl AgeBand {
    /// Every age band, youngest first.
    pub const ALL: [AgeBand; 4] = [
        AgeBand::From11To12,
        AgeBand::From13To15,
        AgeBand::From16To17,
        AgeBand::From18To19,
    ];

    /// The name that clients and the database use.
    pub fn as_str(self) -> &'static str {
        match self {
            AgeBand::From11To12 => "11-12",
            AgeBand::From13To15 => "13-15",
            AgeBand::From16To17 => "16-17",
            AgeBand::From18To19 => "18-19",
        }
    }

    /// The ages in the band, in years.
    pub fn ages(self) -> RangeInclusive<u8> {
        match self {
            AgeBand::From11To12 => 11..=12,
            AgeBand::From13To15 => 13..=15,
            AgeBand::From16To17 => 16..=17,
            AgeBand::From18To19 => 18..=19,
        }
    }
}

/// The name is not that of an age band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 11-12, 13-15, 16-17 or 18-19")]
pub struct UnknownAgeBand;

impl FromStr for AgeBand {
    type Err = UnknownAgeBand;

    fn from_str(name: &str) -> Result<AgeBand, UnknownAgeBand> {
        AgeBand::ALL
            .into_iter()
            .find(|band| band.as_str() == name)
            .ok_or(UnknownAgeBand)
    }
}

impl TryFrom<String> for AgeBand {
    type Error = UnknownAgeBand;

    fn try_from(name: String) -> Result<AgeBand, UnknownAgeBand> {
        name.parse()
    }
}

/// What is asked of somebody new: nothing that says who they are.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// How old they are.
    pub age_band: AgeBand,
    /// Roughly where they live: the GSS code of an area from `/v1/areas`.
    #[serde(default)]
    #[schema(example = "E08000009")]
    pub area: Option<String>,
    /// In their own words, at most 40 characters.
    #[serde(default)]
    #[schema(max_length = 40)]
    pub gender: Option<String>,
}

impl NewAccount {
    pub(super) fn check(&self) -> Result<(), Error> {
        check(self.area.as_deref(), self.gender.as_deref(), None)
    }
}

/// What is to be changed; what is not there stays as it is, and `null` clears it.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AccountChanges)]
pub struct Changes {
    /// How old they are; cannot be cleared.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    pub age_band: Option<AgeBand>,
    /// Roughly where they live: the GSS code of an area from `/v1/areas`.
    #[serde(default, deserialize_with = "present")]
    pub area: Option<Option<String>>,
    /// In their own words, at most 40 characters.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 40)]
    pub gender: Option<Option<String>>,
    /// What they do not want to see in their feed; cannot be cleared, but be empty.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    pub muted_topics: Option<Vec<Topic>>,
    /// When they do not want to hear from us.
    #[serde(default, deserialize_with = "present")]
    pub quiet_hours: Option<Option<QuietHours>>,
}

impl Changes {
    pub(super) fn check(&self) -> Result<(), Error> {
        check(
            self.area.as_ref().and_then(Option::as_deref),
            self.gender.as_ref().and_then(Option::as_deref),
            self.quiet_hours.flatten(),
        )
    }
}

/// Reads a field that is there, so that one that is absent and one that is `null` differ.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn check(
    area: Option<&str>,
    gender: Option<&str>,
    quiet_hours: Option<QuietHours>,
) -> Result<(), Error> {
    let faults = [
        area.is_some_and(|area| !valid_area(area))
            .then_some(("area", "Choose an area from the list.")),
        gender
            .is_some_and(|gender| !valid_gender(gender))
            .then_some((
                "gender",
                "Use 1 to 40 letters, all on one line, or leave it out.",
            )),
        quiet_hours
            .is_some_and(|quiet| quiet.from == quiet.to)
            .then_some(("quiet_hours", "Choose two different times.")),
    ];
    let faults: Vec<FieldError> = faults
        .into_iter()
        .flatten()
        .map(|(field, message)| FieldError {
            field: field.into(),
            message: message.into(),
        })
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(faults))
    }
}

/// Whether `code` has the shape of a GSS code, such as `E08000009`.
fn valid_area(code: &str) -> bool {
    let (country, digits) = code.split_at_checked(1).unwrap_or_default();
    matches!(country, "E" | "W" | "S" | "N")
        && digits.len() == 8
        && digits.bytes().all(|b| b.is_ascii_digit())
}

fn valid_gender(gender: &str) -> bool {
    !gender.trim().is_empty()
        && gender.chars().count() <= GENDER_MAX_CHARS
        && !gender.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::parse;

    #[test]
    fn age_bands_agree_with_serde_and_cover_11_to_19() {
        for band in AgeBand::ALL {
            assert_eq!(serde_json::to_value(band).unwrap(), band.as_str());
            assert_eq!(band.as_str().parse(), Ok(band));
        }
        assert!(AgeBand::ALL.into_iter().flat_map(AgeBand::ages).eq(11..=19));
        assert!("10-12".parse::<AgeBand>().is_err());
    }

    #[test]
    fn a_name_an_address_and_a_number_have_no_place() {
        for field in ["name", "email", "phone"] {
            let body = format!(r#"{{"age_band": "13-15", "{field}": "x"}}"#);
            assert!(parse::<NewAccount>(body.as_bytes()).is_err(), "{field}");
        }
    }

    #[test]
    fn null_clears_what_can_be_cleared() {
        let changes: Changes = parse(br#"{"area": null}"#).unwrap();
        assert!(changes.area == Some(None) && changes.gender.is_none());
        for field in ["age_band", "muted_topics"] {
            let body = format!(r#"{{"{field}": null}}"#);
            assert!(parse::<Changes>(body.as_bytes()).is_err(), "{field}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_by_field() {
        let gender = |text: &str| check(None, Some(text), None).is_ok();
        assert!(gender("non-binary") && gender(&"é".repeat(40)));
        assert!(!gender("") && !gender(" ") && !gender("a\nb") && !gender(&"é".repeat(41)));
        let area = |code| check(Some(code), None, None).is_ok();
        assert!(area("E08000009") && area("N09000003"));
        assert!(!area("M1 1AE") && !area("é08000009") && !area("E0800000") && !area(""));
    }
}
