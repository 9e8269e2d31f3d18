//! The packs built into the binary.

macro_rules! pack {
    ($file:literal) => {
        (
            $file,
            include_str!(concat!("../../moderation-rules/", $file)),
        )
    };
}

/// Harmless texts, a line each: rules that raise an alarm over many of them are wrong.
pub const BENIGN: &str = include_str!("../../moderation-rules/benign.txt");

/// Each pack's file name and text.
pub(super) const PACKS: &[(&str, &str)] = &[
    pack!("abuse.toml"),
    pack!("abuse_clues.toml"),
    pack!("body_pairs.toml"),
    pack!("bullied.toml"),
    pack!("bullying.toml"),
    pack!("care_pairs.toml"),
    pack!("contact_exchange.toml"),
    pack!("context.toml"),
    pack!("couple_pairs.toml"),
    pack!("disguise.toml"),
    pack!("domestic_violence.toml"),
    pack!("done.toml"),
    pack!("eating_disorder.toml"),
    pack!("emotional_abuse.toml"),
    pack!("everyday_amber.toml"),
    pack!("exploitation.toml"),
    pack!("family_worry.toml"),
    pack!("friend.toml"),
    pack!("gangs.toml"),
    pack!("hate.toml"),
    pack!("home_now.toml"),
    pack!("home_pairs.toml"),
    pack!("home_signs.toml"),
    pack!("honour.toml"),
    pack!("honour_pairs.toml"),
    pack!("injury.toml"),
    pack!("languages.toml"),
    pack!("link.toml"),
    pack!("low_mood.toml"),
    pack!("method.toml"),
    pack!("neglect.toml"),
    pack!("personal_information.toml"),
    pack!("psychosis.toml"),
    pack!("radicalisation.toml"),
    pack!("running_away.toml"),
    pack!("second_opinion.toml"),
    pack!("self_harm.toml"),
    pack!("sextortion.toml"),
    pack!("sexual.toml"),
    pack!("sexual_abuse.toml"),
    pack!("sexual_signs.toml"),
    pack!("signs.toml"),
    pack!("solicitation.toml"),
    pack!("spam.toml"),
    pack!("substances.toml"),
    pack!("suicide.toml"),
    pack!("suicide_cues.toml"),
    pack!("suicide_hints.toml"),
    pack!("suicide_plain.toml"),
    pack!("suicide_signs.toml"),
    pack!("threat.toml"),
    pack!("topic_good_news.toml"),
    pack!("topic_harm.toml"),
    pack!("topic_mind.toml"),
    pack!("topic_mix.toml"),
    pack!("topic_people.toml"),
    pack!("topic_self.toml"),
    pack!("topic_words.toml"),
    pack!("topic_world.toml"),
    pack!("topics.toml"),
    pack!("urges.toml"),
    pack!("violence.toml"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pack_of_the_folder_is_built_in() {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/moderation-rules");
        let mut files: Vec<String> = std::fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".toml") && name != "policy.toml")
            .collect();
        files.sort();
        let built_in: Vec<&str> = PACKS.iter().map(|(file, _)| *file).collect();
        assert_eq!(
            built_in, files,
            "list each pack in shipped.rs, in alphabetical order"
        );
    }
}
