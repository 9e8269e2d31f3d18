//! `policy.toml` as it is written, and what it must say to make sense.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::{Time, Weekday};
use serde::Deserialize;

use super::Concern;
use super::staff_policy::{Care, SecondOpinion};
use super::template::{self, Unfilled};

/// The format that this engine reads.
const SCHEMA: u32 = 1;

/// The reasons that must always have a message.
const REQUIRED_REASONS: &[&str] = &["method_detail", "other"];

/// A code that no policy may give a reason for: distress is never declined.
const FORBIDDEN_REASONS: &[&str] = &["distress", "suicide", "self_harm", "abuse", "low_mood"];

/// Why a person may decline a post, and what its author then reads.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclineReason {
    /// Its permanent code.
    pub code: String,
    /// Counts how often the message was changed, from 1.
    #[serde(default = "first_version")]
    pub version: u32,
    /// Kind and short, for a reader of ten. `{part}` stands for what a moderator has to say.
    pub message: String,
}

fn first_version() -> u32 {
    1
}

impl DeclineReason {
    /// What a moderator has to say, by the names of the gaps in the message.
    pub fn gaps(&self) -> Vec<&str> {
        template::gaps(&self.message)
    }

    /// The message with words in all its gaps.
    ///
    /// # Errors
    /// Where a gap has no words, or words have no gap.
    pub fn told(&self, filling: &BTreeMap<String, String>) -> Result<String, Unfilled> {
        template::fill(&self.message, filling)
    }
}

/// A policy that makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, or a key or value that does not belong; says where and what was expected.
    #[error("policy: {0}")]
    Form(#[from] toml::de::Error),
    /// A value that cannot work; says which and what was expected.
    #[error("policy: {0}")]
    Value(String),
    /// The file cannot be read.
    #[error("policy: {0}")]
    Read(#[from] std::io::Error),
}

/// What a level or a concern may do to a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Action {
    Publish,
    Review,
    Hold,
}

/// What a concern may do to a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ConcernAction {
    Publish,
    /// For personal information alone.
    Mask,
    Review,
    Hold,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum WeakAction {
    Publish,
    Review,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PreModerate {
    Flagged,
    All,
}

/// When moderators are at work on one day of the week, in London time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shift {
    pub day: Weekday,
    pub from: Time,
    /// None for the end of the day.
    pub to: Option<Time>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyFile {
    schema: u32,
    pub pre_moderate: PreModerate,
    pub levels: Levels,
    pub concerns: BTreeMap<Concern, ConcernAction>,
    pub weak_signs: WeakSigns,
    pub staffed: Staffed,
    pub review_within: ReviewWithin,
    pub claims: Claims,
    #[serde(default)]
    pub second_opinion: SecondOpinion,
    #[serde(default)]
    pub care: Care,
    pub decline_reason: Vec<DeclineReason>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Levels {
    pub green: Action,
    pub amber: Action,
    pub red: Action,
    pub crisis: Action,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WeakSigns {
    pub abuse: WeakAction,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Staffed {
    hours: Vec<Hours>,
    /// How long nobody may have been at work before nobody is on shift, whatever the hours say.
    #[serde(default)]
    pub nobody_for: Option<Period>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hours {
    days: Vec<Day>,
    from: String,
    to: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReviewWithin {
    pub crisis: Period,
    pub red: Period,
    pub amber: Period,
    pub green: Period,
    pub conduct: Period,
    pub reports: Period,
    pub appeals: Period,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    pub lease: Period,
}

/// Minutes or hours, more than none and at most a month.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Period(pub Duration);

impl TryFrom<String> for Period {
    type Error = String;

    fn try_from(text: String) -> Result<Period, String> {
        let minutes = match (text.strip_suffix('m'), text.strip_suffix('h')) {
            (Some(minutes), _) => minutes.parse::<u64>().ok(),
            (_, Some(hours)) => hours
                .parse::<u64>()
                .ok()
                .and_then(|hours| hours.checked_mul(60)),
            _ => None,
        };
        match minutes {
            Some(minutes @ 1..=43_200) => Ok(Period(Duration::from_secs(minutes * 60))),
            _ => Err(format!(
                "`{text}`: expected minutes or hours, such as \"15m\" or \"8h\""
            )),
        }
    }
}

impl PolicyFile {
    /// Reads a policy and checks that it is whole.
    pub fn parse(text: &str) -> Result<PolicyFile, PolicyError> {
        let file: PolicyFile = toml::from_str(text)?;
        if file.schema != SCHEMA {
            return wrong(format!(
                "schema is {}; this engine reads {SCHEMA}",
                file.schema
            ));
        }
        let missing = Concern::ALL
            .iter()
            .find(|concern| !file.concerns.contains_key(concern));
        if let Some(concern) = missing {
            return wrong(format!("[concerns] says nothing of `{concern}`"));
        }
        let mask = |(concern, action): &(&Concern, &ConcernAction)| {
            **action == ConcernAction::Mask && **concern != Concern::PersonalInformation
        };
        if let Some((concern, _)) = file.concerns.iter().find(mask) {
            return wrong(format!(
                "[concerns] only personal_information can be masked, not `{concern}`"
            ));
        }
        if let Some(fault) = file.second_opinion.fault().or(file.care.fault()) {
            return wrong(fault.into());
        }
        let codes: Vec<&str> = file
            .decline_reason
            .iter()
            .map(|reason| reason.code.as_str())
            .collect();
        for (at, reason) in file.decline_reason.iter().enumerate() {
            let code = codes[at];
            if FORBIDDEN_REASONS.contains(&code) {
                return wrong(format!("`{code}`: a decline for distress does not exist"));
            }
            if codes[..at].contains(&code) {
                return wrong(format!("the decline reason `{code}` comes twice"));
            }
            if code.is_empty() || reason.message.trim().is_empty() {
                return wrong(format!(
                    "the decline reason `{code}` wants a code and a message"
                ));
            }
            if reason.version == 0 || !template::is_whole(&reason.message) {
                return wrong(format!(
                    "the decline reason `{code}`: versions count from 1, and what a moderator \
                     has to say is named in small letters, such as {{part}}"
                ));
            }
        }
        match REQUIRED_REASONS.iter().find(|code| !codes.contains(code)) {
            Some(missing) => wrong(format!("the decline reason `{missing}` is missing")),
            None => Ok(file),
        }
    }

    /// The hours that are staffed, day by day.
    pub fn shifts(&self) -> Result<Vec<Shift>, PolicyError> {
        let mut shifts = Vec::new();
        for hours in &self.staffed.hours {
            let (from, to) = (time(&hours.from)?, time(&hours.to)?);
            let Some(from) = from else {
                return wrong("[staffed] `from` is at most \"23:59\"".into());
            };
            if to.is_some_and(|to| to <= from) {
                return wrong(format!(
                    "[staffed] {} is not before {}",
                    hours.from, hours.to
                ));
            }
            shifts.extend(hours.days.iter().map(|day| Shift {
                day: day.weekday(),
                from,
                to,
            }));
        }
        Ok(shifts)
    }
}

fn wrong<T>(message: String) -> Result<T, PolicyError> {
    Err(PolicyError::Value(message))
}

/// "HH:MM"; none for "24:00".
fn time(text: &str) -> Result<Option<Time>, PolicyError> {
    let parts = match text.split_once(':') {
        Some((hour, minute)) if text.len() == 5 => hour.parse().ok().zip(minute.parse().ok()),
        _ => None,
    };
    match parts {
        Some((24, 0)) => return Ok(None),
        Some((hour, minute)) => Time::new(hour, minute, 0, 0).ok(),
        None => None,
    }
    .map_or_else(
        || wrong(format!("[staffed] `{text}`: expected \"HH:MM\"")),
        |time| Ok(Some(time)),
    )
}

impl Day {
    fn weekday(self) -> Weekday {
        match self {
            Day::Mon => Weekday::Monday,
            Day::Tue => Weekday::Tuesday,
            Day::Wed => Weekday::Wednesday,
            Day::Thu => Weekday::Thursday,
            Day::Fri => Weekday::Friday,
            Day::Sat => Weekday::Saturday,
            Day::Sun => Weekday::Sunday,
        }
    }
}
