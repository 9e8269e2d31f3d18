//! The messages and the urgent list: `support.toml`, where a safeguarding lead finds them.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Audience;
use crate::triage::Level;

/// Someone to turn to at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Option)]
pub struct UrgentOption {
    /// The service of the directory whose facts these are; for the test that compares them.
    #[serde(skip_serializing)]
    #[schema(ignore)]
    service: String,
    /// Who they are.
    pub name: String,
    /// The number to call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// How to send a text message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where to chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<String>,
    /// Their website.
    pub url: String,
    /// When they are there.
    pub hours: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Messages {
    green: String,
    amber: String,
    red: String,
    crisis: String,
    other: String,
    wait: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    messages: Messages,
    urgent: Vec<UrgentOption>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    toml::from_str(include_str!("support.toml")).expect("support.toml is read by its tests")
});

/// What a person is told beside a post. Only its author is told by its level.
pub(super) fn message(level: Level, audience: Audience) -> &'static str {
    let messages = &WORDS.messages;
    match (audience, level) {
        (Audience::Other, _) => &messages.other,
        (Audience::Author, Level::Green) => &messages.green,
        (Audience::Author, Level::Amber) => &messages.amber,
        (Audience::Author, Level::Red) => &messages.red,
        (Audience::Author, Level::Crisis) => &messages.crisis,
    }
}

/// What a person is told who has posted so much that they have to wait.
pub fn while_waiting() -> &'static str {
    &WORDS.messages.wait
}

/// The fixed list of people to turn to at once, in its fixed order.
pub fn urgent() -> &'static [UrgentOption] {
    &WORDS.urgent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::shipped;

    #[test]
    fn the_urgent_list_says_what_the_directory_says() {
        for option in urgent() {
            let (_, facts) = shipped()
                .iter()
                .find(|(id, _)| *id == option.service)
                .expect("every urgent option is a shipped service");
            let ours = (&option.phone, &option.text, &option.chat, &option.hours);
            assert_eq!(ours, (&facts.phone, &facts.text, &facts.chat, &facts.hours));
            assert!(facts.url.as_ref().is_none_or(|url| *url == option.url));
        }
        let ids: Vec<_> = urgent()
            .iter()
            .map(|option| option.service.as_str())
            .collect();
        assert_eq!(ids[..3], ["999", "childline", "shout"]);
    }

    #[test]
    fn messages_are_short_sentences_of_plain_words() {
        let audience = Audience::Author;
        let authors = Level::ALL.map(|level| message(level, audience));
        for text in authors
            .into_iter()
            .chain([message(Level::Green, Audience::Other)])
        {
            for sentence in text.split(['.', ':']) {
                assert!(sentence.split_whitespace().count() <= 22, "{sentence}");
            }
            let long = text
                .split(|c: char| !c.is_alphabetic())
                .find(|word| word.len() > 9);
            assert_eq!(long, None);
        }
        for level in [Level::Red, Level::Crisis] {
            assert!(message(level, audience).contains("call 999"));
        }
    }
}
