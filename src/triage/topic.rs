//! The closed sets that triage speaks in: how serious, what about, what is wrong.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A word that is not in a closed set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} `{found}`")]
pub struct UnknownName {
    /// What was looked for: "level", "topic", ...
    pub what: &'static str,
    /// What was found instead.
    pub found: String,
}

/// How much risk a text speaks of. Ordered: `Green < Amber < Red < Crisis`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    ToSchema,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing that needs a person to look soon.
    #[default]
    Green,
    /// A person should look within the day.
    Amber,
    /// Serious risk: held, and looked at within the hour.
    Red,
    /// Danger now.
    Crisis,
}

impl Level {
    /// Every level, lowest first.
    pub const ALL: [Level; 4] = [Level::Green, Level::Amber, Level::Red, Level::Crisis];

    /// Every level's name.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        Level::ALL.into_iter().map(Level::as_str)
    }

    /// The name that clients, packs and the database use.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Green => "green",
            Level::Amber => "amber",
            Level::Red => "red",
            Level::Crisis => "crisis",
        }
    }
}

/// What a post is about. Clients, feeds and the directory share these names.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "`label` says what each one means")]
pub enum Topic {
    Suicide,
    SelfHarm,
    Abuse,
    SexualExploitation,
    EatingDisorder,
    Bullying,
    Anxiety,
    LowMood,
    Exams,
    School,
    Family,
    Friendship,
    Relationships,
    Identity,
    BodyImage,
    Substances,
    Bereavement,
    Loneliness,
    Sleep,
    OnlineSafety,
    RunningAway,
    Homelessness,
    Violence,
    YoungCarer,
    InCare,
    Health,
    Money,
    Faith,
    SexualHealth,
    Racism,
    GoodNews,
}

impl Topic {
    /// Every topic, in the order in which lists show them.
    pub const ALL: [Topic; 31] = [
        Topic::Suicide,
        Topic::SelfHarm,
        Topic::Abuse,
        Topic::SexualExploitation,
        Topic::EatingDisorder,
        Topic::Bullying,
        Topic::Anxiety,
        Topic::LowMood,
        Topic::Exams,
        Topic::School,
        Topic::Family,
        Topic::Friendship,
        Topic::Relationships,
        Topic::Identity,
        Topic::BodyImage,
        Topic::Substances,
        Topic::Bereavement,
        Topic::Loneliness,
        Topic::Sleep,
        Topic::OnlineSafety,
        Topic::RunningAway,
        Topic::Homelessness,
        Topic::Violence,
        Topic::YoungCarer,
        Topic::InCare,
        Topic::Health,
        Topic::Money,
        Topic::Faith,
        Topic::SexualHealth,
        Topic::Racism,
        Topic::GoodNews,
    ];

    /// The name that clients, packs and the database use.
    pub fn as_str(self) -> &'static str {
        self.names().0
    }

    /// A kind, plain name that a child understands.
    pub fn label(self) -> &'static str {
        self.names().1
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Topic::Suicide => ("suicide", "thinking about ending your life"),
            Topic::SelfHarm => ("self_harm", "hurting yourself"),
            Topic::Abuse => ("abuse", "someone hurting you"),
            Topic::SexualExploitation => ("sexual_exploitation", "being used or pressured for sex"),
            Topic::EatingDisorder => ("eating_disorder", "worries about eating"),
            Topic::Bullying => ("bullying", "being bullied"),
            Topic::Anxiety => ("anxiety", "feeling anxious"),
            Topic::LowMood => ("low_mood", "feeling low"),
            Topic::Exams => ("exams", "exams and results"),
            Topic::School => ("school", "school or college"),
            Topic::Family => ("family", "family and home"),
            Topic::Friendship => ("friendship", "friends"),
            Topic::Relationships => ("relationships", "relationships and breakups"),
            Topic::Identity => ("identity", "who you are"),
            Topic::BodyImage => ("body_image", "how you feel about your body"),
            Topic::Substances => ("substances", "alcohol, smoking and drugs"),
            Topic::Bereavement => ("bereavement", "losing someone you love"),
            Topic::Loneliness => ("loneliness", "feeling lonely"),
            Topic::Sleep => ("sleep", "trouble sleeping"),
            Topic::OnlineSafety => ("online_safety", "staying safe online"),
            Topic::RunningAway => ("running_away", "running away"),
            Topic::Homelessness => ("homelessness", "having nowhere safe to stay"),
            Topic::Violence => ("violence", "violence and gangs"),
            Topic::YoungCarer => ("young_carer", "looking after someone at home"),
            Topic::InCare => ("in_care", "living in care"),
            Topic::Health => ("health", "your body and health"),
            Topic::Money => ("money", "money worries"),
            Topic::Faith => ("faith", "faith and belief"),
            Topic::SexualHealth => ("sexual_health", "sex, periods and pregnancy"),
            Topic::Racism => ("racism", "racism"),
            Topic::GoodNews => ("good_news", "good news"),
        }
    }
}

/// What is wrong with a text as a publication. Having been hurt is never a concern.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Concern {
    /// Attacks people for what they are.
    Hate,
    /// Sexual content that other children would read.
    Sexual,
    /// Tells who or where somebody is.
    PersonalInformation,
    /// Seeks contact outside the app.
    ContactExchange,
    /// Advertising, scams, floods.
    Spam,
    /// Abuse aimed at somebody.
    Bullying,
    /// Threatens to hurt somebody.
    Threat,
    /// Asks somebody for pictures, for sex, or to meet for it.
    Solicitation,
    /// Sends readers elsewhere.
    Link,
    /// Tells, or asks to be told, how somebody could be hurt.
    MethodDetail,
    /// Urges or praises hurting oneself.
    HarmEncouragement,
}

impl Concern {
    /// Every concern.
    pub const ALL: [Concern; 11] = [
        Concern::Hate,
        Concern::Sexual,
        Concern::PersonalInformation,
        Concern::ContactExchange,
        Concern::Spam,
        Concern::Bullying,
        Concern::Threat,
        Concern::Solicitation,
        Concern::Link,
        Concern::MethodDetail,
        Concern::HarmEncouragement,
    ];

    /// The name that clients, packs and the database use.
    pub fn as_str(self) -> &'static str {
        self.names().0
    }

    /// What staff read.
    pub fn label(self) -> &'static str {
        self.names().1
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Concern::Hate => ("hate", "hate towards a group"),
            Concern::Sexual => ("sexual", "sexual content"),
            Concern::PersonalInformation => {
                ("personal_information", "says who or where someone is")
            }
            Concern::ContactExchange => ("contact_exchange", "seeks contact outside the app"),
            Concern::Spam => ("spam", "spam"),
            Concern::Bullying => ("bullying", "aimed at hurting someone"),
            Concern::Threat => ("threat", "a threat to someone"),
            Concern::Solicitation => ("solicitation", "asks for pictures or for sex"),
            Concern::Link => ("link", "leads to another site"),
            Concern::MethodDetail => ("method_detail", "how somebody could be hurt"),
            Concern::HarmEncouragement => {
                ("harm_encouragement", "urges or praises hurting oneself")
            }
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Concern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Level {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Level, UnknownName> {
        find("level", &Level::ALL, Level::as_str, name)
    }
}

impl FromStr for Topic {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Topic, UnknownName> {
        find("topic", &Topic::ALL, Topic::as_str, name)
    }
}

impl FromStr for Concern {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Concern, UnknownName> {
        find("concern", &Concern::ALL, Concern::as_str, name)
    }
}

/// The member of a closed set that bears a name.
pub(super) fn find<T: Copy>(
    what: &'static str,
    all: &[T],
    name_of: fn(T) -> &'static str,
    name: &str,
) -> Result<T, UnknownName> {
    all.iter()
        .copied()
        .find(|member| name_of(*member) == name)
        .ok_or_else(|| UnknownName {
            what,
            found: name.to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_agree_with_serde_and_come_back() {
        for topic in Topic::ALL {
            assert_eq!(serde_json::to_value(topic).unwrap(), topic.as_str());
            assert_eq!(topic.as_str().parse(), Ok(topic));
        }
        for concern in Concern::ALL {
            assert_eq!(serde_json::to_value(concern).unwrap(), concern.as_str());
            assert_eq!(concern.as_str().parse(), Ok(concern));
        }
        for level in Level::ALL {
            assert_eq!(serde_json::to_value(level).unwrap(), level.as_str());
            assert_eq!(level.as_str().parse(), Ok(level));
        }
        assert!("Suicide".parse::<Topic>().is_err());
    }
}
