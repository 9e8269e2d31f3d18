//! What happens to a text after the rules have read it: `moderation-rules/policy.toml`.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use data_encoding::HEXLOWER;
use jiff::Zoned;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::abuse::ABUSE_SIGNAL;
use super::policy_file::{Action, ConcernAction, PolicyFile, PreModerate, Shift, WeakAction};
pub use super::policy_file::{DeclineReason, PolicyError};
use super::staff_policy::{Care, SecondOpinion};
use super::topic::find;
use super::{Concern, Level, Span, UnknownName, Verdict, verdict};

/// What happens to a post. Ordered by how strict it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Treatment {
    /// Published.
    Publish,
    /// Published, and a case opened.
    Review,
    /// Seen by its author and staff only, and a case opened.
    Hold,
    /// Declined, with the code of a [`DeclineReason`]. No shipped policy declines unread.
    Decline {
        /// A code of the policy's reasons.
        reason: String,
    },
}

/// What is done about a text as a publication, whatever risk it speaks of. Ordered by how strict
/// it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Moderation {
    /// Nothing.
    Allow,
    /// What is personal in it is hidden from others.
    Mask,
    /// A person looks at it.
    Review,
    /// Nobody but its author sees it until a person has looked at it.
    Hold,
}

/// A queue of human review.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// Amber, red and crisis.
    Safeguarding,
    /// Something wrong with a text as a publication.
    Conduct,
    /// What readers report.
    Reports,
    /// Second looks that an author asks for.
    Appeals,
    /// Green posts that wait only because every post does.
    Checks,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Queue; 5] = [
        Queue::Safeguarding,
        Queue::Conduct,
        Queue::Reports,
        Queue::Appeals,
        Queue::Checks,
    ];

    /// The name that clients and the database use.
    pub fn as_str(self) -> &'static str {
        match self {
            Queue::Safeguarding => "safeguarding",
            Queue::Conduct => "conduct",
            Queue::Reports => "reports",
            Queue::Appeals => "appeals",
            Queue::Checks => "checks",
        }
    }
}

impl FromStr for Queue {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Queue, UnknownName> {
        find("queue", &Queue::ALL, Queue::as_str, name)
    }
}

/// What happens to posts, how soon people look, and what children read.
#[derive(Debug, Clone)]
pub struct Policy {
    text: String,
    hash: String,
    file: PolicyFile,
    shifts: Vec<Shift>,
    london: TimeZone,
}

impl Policy {
    /// The policy built into the binary.
    pub fn shipped() -> Policy {
        Policy::parse(include_str!("../../moderation-rules/policy.toml"))
            .expect("a test parses the shipped policy")
    }

    /// Reads a policy file.
    ///
    /// # Errors
    /// As [`Policy::parse`], or that the file cannot be read.
    pub fn load(path: &Path) -> Result<Policy, PolicyError> {
        Policy::parse(&std::fs::read_to_string(path)?)
    }

    /// Reads a policy.
    ///
    /// # Errors
    /// Names the key or value that is wrong or missing, and what was expected.
    pub fn parse(text: &str) -> Result<Policy, PolicyError> {
        let file = PolicyFile::parse(text)?;
        let shifts = file.shifts()?;
        let london = TimeZone::get("Europe/London").expect("the time zones are built in");
        Ok(Policy {
            text: text.to_owned(),
            hash: HEXLOWER.encode(&Sha256::digest(text)),
            file,
            shifts,
            london,
        })
    }

    /// As it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Hexadecimal SHA-256 of it: what decisions cite.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// What happens to a post with this verdict.
    ///
    /// `staffed` says whether moderators are at work (see [`Policy::is_staffed`]) and keep up; a
    /// caller passes false in a surge.
    pub fn treatment(&self, verdict: &Verdict, staffed: bool) -> Treatment {
        if !staffed || self.pre_moderates_all() {
            return Treatment::Hold;
        }
        let treatment = self.level_action(verdict.level);
        treatment.max(self.moderation(verdict).into())
    }

    /// What the concerns of a verdict do to a post, whatever its level.
    pub fn moderation(&self, verdict: &Verdict) -> Moderation {
        let of_concern = |concern: &Concern| match self.concern_action(*concern) {
            Moderation::Mask if verdict.masks.is_empty() => Moderation::Hold,
            action => action,
        };
        let weak = self.file.weak_signs.abuse == WeakAction::Review && is_weak_sign(verdict);
        let weak = weak.then_some(Moderation::Review);
        let concerns = verdict.concerns.iter().map(of_concern);
        concerns.chain(weak).max().unwrap_or(Moderation::Allow)
    }

    /// A text as others see it, where something in it is hidden from them.
    pub fn masked(&self, text: &str, verdict: &Verdict) -> Option<String> {
        let masks = self.masks(verdict);
        (!masks.is_empty()).then(|| verdict::masked(text, masks))
    }

    /// What of a text is hidden from others without anybody having looked.
    pub fn masks<'a>(&self, verdict: &'a Verdict) -> &'a [Span] {
        match self.concern_action(Concern::PersonalInformation) {
            Moderation::Mask => &verdict.masks,
            _ => &[],
        }
    }

    /// Whether every post waits for a person, flagged or not.
    pub fn pre_moderates_all(&self) -> bool {
        self.file.pre_moderate == PreModerate::All
    }

    /// What a level does to a post.
    pub fn level_action(&self, level: Level) -> Treatment {
        let levels = &self.file.levels;
        match level {
            Level::Green => levels.green,
            Level::Amber => levels.amber,
            Level::Red => levels.red,
            Level::Crisis => levels.crisis,
        }
        .into()
    }

    /// What a concern does to a post.
    pub fn concern_action(&self, concern: Concern) -> Moderation {
        match self.file.concerns.get(&concern) {
            Some(ConcernAction::Publish) => Moderation::Allow,
            Some(ConcernAction::Mask) => Moderation::Mask,
            Some(ConcernAction::Review) => Moderation::Review,
            Some(ConcernAction::Hold) | None => Moderation::Hold,
        }
    }

    /// Whether moderators are at work.
    pub fn is_staffed(&self, at: &Zoned) -> bool {
        let local = at.with_time_zone(self.london.clone());
        let (day, now) = (local.weekday(), local.time());
        self.shifts.iter().any(|shift| {
            shift.day == day && shift.from <= now && shift.to.is_none_or(|to| now < to)
        })
    }

    /// How long no moderator may have been seen at work before nobody is taken to be on shift,
    /// whatever the hours say; none where the hours alone count.
    pub fn nobody_for(&self) -> Option<Duration> {
        self.file.staffed.nobody_for.map(|period| period.0)
    }

    /// Where a case with this verdict waits.
    pub fn queue(&self, verdict: &Verdict) -> Queue {
        if verdict.level >= Level::Amber {
            Queue::Safeguarding
        } else if !verdict.concerns.is_empty() || is_weak_sign(verdict) {
            Queue::Conduct
        } else {
            Queue::Checks
        }
    }

    /// How soon a person must have decided. A level of amber or more counts in every queue but
    /// appeals, where it is the sooner of the two.
    pub fn review_within(&self, queue: Queue, level: Level) -> Duration {
        let within = &self.file.review_within;
        let own = match queue {
            Queue::Safeguarding | Queue::Checks => within.green,
            Queue::Conduct => within.conduct,
            Queue::Reports => within.reports,
            Queue::Appeals => within.appeals,
        };
        let level = match level {
            Level::Green => own,
            Level::Amber => within.amber,
            Level::Red => within.red,
            Level::Crisis => within.crisis,
        };
        level.0.min(own.0)
    }

    /// How long a claim on a case lasts.
    pub fn lease(&self) -> Duration {
        self.file.claims.lease.0
    }

    /// How much of what people decide is looked at again.
    pub fn second_opinion(&self) -> &SecondOpinion {
        &self.file.second_opinion
    }

    /// How much of what is hard to read anybody takes on.
    pub fn care(&self) -> &Care {
        &self.file.care
    }

    /// The reason with a code.
    pub fn decline_reason(&self, code: &str) -> Option<&DeclineReason> {
        self.file
            .decline_reason
            .iter()
            .find(|reason| reason.code == code)
    }

    /// Every reason, in the order of the file.
    pub fn decline_reasons(&self) -> &[DeclineReason] {
        &self.file.decline_reason
    }
}

fn is_weak_sign(verdict: &Verdict) -> bool {
    verdict
        .matches
        .iter()
        .any(|found| found.rule == ABUSE_SIGNAL && !found.shadow)
}

impl From<Moderation> for Treatment {
    fn from(moderation: Moderation) -> Treatment {
        match moderation {
            Moderation::Allow | Moderation::Mask => Treatment::Publish,
            Moderation::Review => Treatment::Review,
            Moderation::Hold => Treatment::Hold,
        }
    }
}

impl From<Action> for Treatment {
    fn from(action: Action) -> Treatment {
        match action {
            Action::Publish => Treatment::Publish,
            Action::Review => Treatment::Review,
            Action::Hold => Treatment::Hold,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::{RuleMatch, View};

    fn verdict(level: Level, concerns: &[Concern]) -> Verdict {
        Verdict {
            level,
            topics: vec![],
            concerns: concerns.to_vec(),
            matches: vec![],
            masks: vec![],
            rules_hash: String::new(),
        }
    }

    fn changed(from: &str, to: &str) -> Result<Policy, PolicyError> {
        let shipped = include_str!("../../moderation-rules/policy.toml");
        assert!(shipped.contains(from), "{from}");
        Policy::parse(&shipped.replacen(from, to, 1))
    }

    #[test]
    fn the_strictest_of_level_concern_and_hours_counts() {
        let policy = Policy::shipped();
        let treatment = |verdict: &Verdict| policy.treatment(verdict, true);
        assert_eq!(treatment(&verdict(Level::Green, &[])), Treatment::Publish);
        assert_eq!(treatment(&verdict(Level::Amber, &[])), Treatment::Review);
        assert_eq!(treatment(&verdict(Level::Crisis, &[])), Treatment::Hold);
        assert_eq!(
            treatment(&verdict(Level::Amber, &[Concern::Hate])),
            Treatment::Hold
        );
        assert_eq!(
            policy.treatment(&verdict(Level::Green, &[]), false),
            Treatment::Hold
        );
        let all = changed("pre_moderate = \"flagged\"", "pre_moderate = \"all\"").unwrap();
        assert_eq!(
            all.treatment(&verdict(Level::Green, &[]), true),
            Treatment::Hold
        );
    }

    #[test]
    fn the_weak_sign_alone_never_hides_a_post() {
        let mut verdict = verdict(Level::Green, &[]);
        verdict.matches.push(RuleMatch {
            rule: ABUSE_SIGNAL.into(),
            rev: 1,
            why: String::new(),
            span: Span { from: 0, to: 1 },
            view: View::V0,
            level: Level::Green,
            shadow: false,
        });
        assert_eq!(
            Policy::shipped().treatment(&verdict, true),
            Treatment::Review
        );
        assert_eq!(Policy::shipped().queue(&verdict), Queue::Conduct);
        let error = changed("abuse = \"review\"", "abuse = \"hold\"")
            .unwrap_err()
            .to_string();
        assert!(error.contains("expected `publish` or `review`"), "{error}");
    }

    #[test]
    fn every_case_has_its_queue_and_time() {
        let policy = Policy::shipped();
        let minutes = |queue, level| policy.review_within(queue, level).as_secs() / 60;
        assert_eq!(
            policy.queue(&verdict(Level::Amber, &[Concern::Hate])),
            Queue::Safeguarding
        );
        assert_eq!(
            policy.queue(&verdict(Level::Green, &[Concern::Spam])),
            Queue::Conduct
        );
        assert_eq!(policy.queue(&verdict(Level::Green, &[])), Queue::Checks);
        assert_eq!(minutes(Queue::Safeguarding, Level::Crisis), 15);
        assert_eq!(minutes(Queue::Safeguarding, Level::Red), 60);
        assert_eq!(minutes(Queue::Safeguarding, Level::Amber), 480);
        assert_eq!(minutes(Queue::Reports, Level::Green), 1440);
        assert_eq!(minutes(Queue::Reports, Level::Red), 60);
        assert_eq!(minutes(Queue::Appeals, Level::Green), 4320);
        assert_eq!(policy.lease().as_secs(), 900);
    }

    #[test]
    fn hours_are_those_of_london() {
        let at = |text: &str| text.parse::<Zoned>().unwrap();
        let night = at("2026-07-01T02:00:00[UTC]");
        assert!(Policy::shipped().is_staffed(&night));
        let day = changed(
            "from = \"00:00\", to = \"24:00\"",
            "from = \"09:00\", to = \"17:30\"",
        );
        let day = day.unwrap();
        assert!(!day.is_staffed(&night));
        assert!(
            day.is_staffed(&at("2026-07-01T08:00:00[UTC]")),
            "summer time"
        );
        assert!(!day.is_staffed(&at("2026-12-01T08:00:00[UTC]")));
        assert!(!day.is_staffed(&at("2026-12-01T17:30:00[UTC]")));
    }

    #[test]
    fn the_hours_alone_count_unless_it_says_otherwise() {
        assert_eq!(Policy::shipped().nobody_for(), None);
        let watched = changed("[staffed]\n", "[staffed]\nnobody_for = \"30m\"\n").unwrap();
        assert_eq!(watched.nobody_for(), Some(Duration::from_secs(1_800)));
        assert!(changed("[staffed]\n", "[staffed]\nnobody_for = \"soon\"\n").is_err());
    }

    #[test]
    fn mistakes_are_named() {
        for (from, to, part) in [
            ("pre_moderate", "premoderate", "unknown field `premoderate`"),
            (
                "crisis = \"hold\"",
                "crisis = \"hide\"",
                "unknown variant `hide`",
            ),
            (
                "hate                 = \"hold\"",
                "",
                "says nothing of `hate`",
            ),
            (
                "crisis  = \"15m\"",
                "crisis  = \"soon\"",
                "expected minutes or hours",
            ),
            (
                "0\", to = \"24:00\"",
                "0\", to = \"25:00\"",
                "expected \"HH:MM\"",
            ),
            (
                "code    = \"other\"",
                "code    = \"distress\"",
                "does not exist",
            ),
            (
                "code    = \"other\"",
                "code    = \"misc\"",
                "`other` is missing",
            ),
            (
                "one part: {part}.",
                "one part: {Part}.",
                "named in small letters",
            ),
            ("version = 1", "version = 0", "count from 1"),
        ] {
            let error = changed(from, to).unwrap_err().to_string();
            assert!(error.contains(part), "{to}: {error}");
        }
    }
}
