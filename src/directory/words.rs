//! The words that people search with.

use super::service::Service;
use crate::triage::Topic;

/// Words that say nothing of what is looked for.
const EMPTY: &[&str] = &[
    "about", "am", "and", "are", "can", "do", "dont", "feel", "feeling", "find", "for", "get",
    "have", "help", "helpline", "im", "in", "is", "ive", "line", "me", "my", "need", "of", "on",
    "or", "service", "services", "so", "some", "somebody", "someone", "support", "talk", "the",
    "to", "want", "who", "with", "you", "your",
];

/// The words of a search that say something, in small letters.
pub(super) fn of(text: &str) -> Vec<String> {
    split(text)
        .filter(|word| word.chars().count() > 1 && !EMPTY.contains(&word.as_str()))
        .collect()
}

fn split(text: &str) -> impl Iterator<Item = String> {
    // "don't" and "Winston's" are one word each.
    let text = text.to_lowercase().replace(['\'', '’'], "");
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(Into::into)
        .collect();
    words.into_iter()
}

/// How well a service answers the words: 0 is not at all. Any word may do; a word in the name
/// counts the most, then one for a topic, then one in the description.
pub(super) fn rank(words: &[String], service: &Service) -> u32 {
    words.iter().map(|word| rank_of(word, service)).sum()
}

fn rank_of(word: &str, service: &Service) -> u32 {
    let names = |text: &str| split(text).any(|other| other.starts_with(word));
    let texts = [&service.description, &service.note];
    if names(&service.name) {
        10
    } else if service.topics.iter().any(|topic| is_about(word, *topic)) {
        6
    } else if texts.into_iter().flatten().any(|text| names(text)) {
        3
    } else if service.any_topic && Topic::ALL.into_iter().any(|topic| is_about(word, topic)) {
        2
    } else {
        0
    }
}

fn is_about(word: &str, topic: Topic) -> bool {
    let name = topic.as_str().replace('_', " ");
    [name.as_str(), topic.label(), others(topic)]
        .into_iter()
        .flat_map(split)
        .any(|other| !EMPTY.contains(&other.as_str()) && other.starts_with(word))
}

/// What else people call a topic.
fn others(topic: Topic) -> &'static str {
    match topic {
        Topic::Suicide => "suicidal die dying dead",
        Topic::SelfHarm => "selfharm cut cutting cuts",
        Topic::Abuse => "abused hit hits hitting touched rape raped neglect unsafe scared",
        Topic::SexualExploitation => "nudes nude sexting groomed grooming pictures exploitation",
        Topic::EatingDisorder => "anorexia bulimia ed binge food",
        Topic::Bullying => "bullied bully bullies picked teased",
        Topic::Anxiety => "anxious panic attacks worry worried stress stressed nervous",
        Topic::LowMood => "sad depressed depression down unhappy crying hopeless",
        Topic::Exams => "gcse gcses alevels revision tests grades",
        Topic::School => "teacher teachers homework lessons",
        Topic::Family => "mum dad parents brother sister divorce arguments",
        Topic::Friendship => "mates",
        Topic::Relationships => "boyfriend girlfriend dating dumped",
        Topic::Identity => {
            "gay lesbian bi bisexual trans transgender lgbt lgbtq queer gender coming out"
        }
        Topic::BodyImage => "ugly fat skinny looks weight",
        Topic::Substances => "weed vape vaping drunk drinking drug addiction cocaine ketamine",
        Topic::Bereavement => "grief died death funeral",
        Topic::Loneliness => "alone isolated",
        Topic::Sleep => "insomnia nightmares tired",
        Topic::OnlineSafety => "internet blackmail hacked catfish",
        Topic::RunningAway => "runaway missing",
        Topic::Homelessness => "homeless kicked out sofa housing",
        Topic::Violence => "knife gang stabbed fight crime attacked",
        Topic::YoungCarer => "carer caring",
        Topic::InCare => "foster fostered leaver",
        Topic::Health => "ill doctor gp pain",
        Topic::Money => "poor debt afford broke",
        Topic::Faith => "religion muslim christian god mosque church",
        Topic::SexualHealth => "pregnant contraception condom sti clinic",
        Topic::Racism => "racist skin colour",
        Topic::GoodNews => "happy proud",
    }
}
