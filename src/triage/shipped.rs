//! The packs built into the binary.

macro_rules! pack {
    ($file:literal) => {
        (
            $file,
            include_str!(concat!("../../moderation-rules/", $file)),
        )
    };
}

/// Each pack's file name and text.
pub(super) const PACKS: &[(&str, &str)] = &[
    pack!("abuse.toml"),
    pack!("bullying.toml"),
    pack!("contact_exchange.toml"),
    pack!("context.toml"),
    pack!("eating_disorder.toml"),
    pack!("exploitation.toml"),
    pack!("hate.toml"),
    pack!("low_mood.toml"),
    pack!("personal_information.toml"),
    pack!("running_away.toml"),
    pack!("self_harm.toml"),
    pack!("sexual.toml"),
    pack!("sexual_abuse.toml"),
    pack!("spam.toml"),
    pack!("suicide.toml"),
    pack!("threat.toml"),
    pack!("topics.toml"),
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
