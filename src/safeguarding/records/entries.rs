//! What can be written into a safeguarding record.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::choices;
use super::super::words::{Words, blank_is_none};
use crate::clock::Time;
use crate::ids::CaseId;

choices! {
    /// What gives cause to worry. Closest first to what the rules flag most.
    #[schema(as = SafeguardingCategory)]
    Category {
        Suicide = "suicide", "Thoughts of suicide, or an attempt";
        SelfHarm = "self_harm", "Self-harm";
        PhysicalAbuse = "physical_abuse", "Physical abuse";
        EmotionalAbuse = "emotional_abuse", "Emotional abuse";
        SexualAbuse = "sexual_abuse", "Sexual abuse";
        Neglect = "neglect", "Neglect";
        DomesticAbuse = "domestic_abuse", "Domestic abuse at home or in a relationship";
        ChildOnChildAbuse = "child_on_child_abuse", "Abuse by another child, bullying included";
        Exploitation = "exploitation", "Sexual or criminal exploitation, county lines, grooming";
        OnlineHarm = "online_harm", "Harm online, shared images included";
        EatingDisorder = "eating_disorder", "An eating disorder";
        Substances = "substances", "Alcohol or drugs";
        HonourBasedAbuse = "honour_based_abuse", "Forced marriage, FGM, so-called honour";
        Radicalisation = "radicalisation", "Radicalisation";
        MissingOrHomeless = "missing_or_homeless", "Missing from home, or nowhere to stay";
        AdultInTrust = "adult_in_trust", "An adult who works with children";
        RiskToOthers = "risk_to_others", "A risk to somebody else";
        Other = "other", "Something else";
    }
}

choices! {
    /// How much danger the young person is in.
    #[schema(as = SafeguardingRisk)]
    Risk {
        Immediate = "immediate", "Immediate danger";
        High = "high", "High";
        Medium = "medium", "Medium";
        Low = "low", "Low";
    }
}

choices! {
    /// What is done about it.
    #[schema(as = SafeguardingDecision)]
    Verdict {
        NoFurtherAction = "no_further_action", "No further action";
        Signposted = "signposted", "Shown where there is support";
        EmergencyServices = "emergency_services", "Emergency services called";
        ReferredToPolice = "referred_to_police", "Referred to the police";
        ReferredToSocialCare = "referred_to_social_care", "Referred to children's social care";
        ReferredToLado = "referred_to_lado", "Referred to the LADO";
        ReferredToHealth = "referred_to_health", "Referred to health or mental health services";
        ReferredElsewhere = "referred_elsewhere", "Referred to somebody else";
    }
}

choices! {
    /// The kind of an entry.
    #[schema(as = SafeguardingEntryKind)]
    Kind {
        Concern = "concern", "Concern";
        Action = "action", "Action";
        Decision = "decision", "Decision";
        Outcome = "outcome", "Outcome";
        Told = "told", "Whether the young person was told";
    }
}

/// What gives cause to worry.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SafeguardingConcern)]
pub struct Concern {
    /// Of what kind.
    pub category: Category,
    /// How much danger there is.
    pub risk: Risk,
    /// What was seen, and what follows from it.
    #[schema(value_type = String, max_length = 4000)]
    pub words: Words<4000>,
}

/// What opens a safeguarding record.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSafeguardingRecord)]
pub struct NewRecord {
    /// The case that gives cause for it.
    #[schema(value_type = String)]
    pub case_id: CaseId,
    /// Of what kind the worry is.
    pub category: Category,
    /// How much danger there is.
    pub risk: Risk,
    /// What was seen, and what follows from it.
    #[schema(value_type = String, max_length = 4000)]
    pub words: Words<4000>,
}

impl From<NewRecord> for Concern {
    fn from(new: NewRecord) -> Concern {
        Concern {
            category: new.category,
            risk: new.risk,
            words: new.words,
        }
    }
}

/// Something that was done.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SafeguardingAction)]
pub struct Action {
    /// What, with whom, and when.
    #[schema(value_type = String, max_length = 4000)]
    pub words: Words<4000>,
}

/// What was decided.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SafeguardingDecided)]
pub struct Decided {
    /// What is done.
    pub decision: Verdict,
    /// What the other side calls it: an incident or referral number.
    #[serde(default, deserialize_with = "blank_is_none")]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub reference: Option<Words<200>>,
    /// Why.
    #[schema(value_type = String, max_length = 4000)]
    pub words: Words<4000>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SafeguardingOutcome)]
pub struct Outcome {
    /// In words.
    #[schema(value_type = String, max_length = 4000)]
    pub words: Words<4000>,
}

/// Whether the young person was told.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SafeguardingTold)]
pub struct Told {
    /// Whether they were.
    pub told: bool,
    /// How and by whom; or why not.
    #[schema(value_type = String, max_length = 4000)]
    pub words: Words<4000>,
}

/// An entry of a record, by its kind.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = SafeguardingEntry)]
pub enum Entry {
    /// What gives cause to worry.
    Concern(Concern),
    /// Something that was done.
    Action(Action),
    /// What was decided.
    Decision(Decided),
    /// What came of it.
    Outcome(Outcome),
    /// Whether the young person was told.
    Told(Told),
}

impl Entry {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Entry::Concern(_) => Kind::Concern,
            Entry::Action(_) => Kind::Action,
            Entry::Decision(_) => Kind::Decision,
            Entry::Outcome(_) => Kind::Outcome,
            Entry::Told(_) => Kind::Told,
        }
    }

    /// What was written in it.
    pub fn words(&self) -> &str {
        match self {
            Entry::Concern(Concern { words, .. })
            | Entry::Action(Action { words })
            | Entry::Decision(Decided { words, .. })
            | Entry::Outcome(Outcome { words })
            | Entry::Told(Told { words, .. }) => words.as_str(),
        }
    }
}

/// An entry, by whom and when.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SafeguardingEntryMade)]
pub struct Made {
    /// Counts the entries of a record, from 1.
    pub n: i64,
    /// The name of whoever wrote it.
    pub by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// What was written.
    #[serde(flatten)]
    pub entry: Entry,
}
