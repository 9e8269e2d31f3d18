//! All that is personal is hidden, or nothing is.

use super::properties::ENGINE;
use super::{Concern, Engine, Moderation, Policy, Verdict};

fn of(text: &str) -> (Verdict, Option<String>) {
    let verdict = ENGINE.verdict(text);
    assert!(verdict.concerns.contains(&Concern::PersonalInformation));
    let masked = Policy::shipped().masked(text, &verdict);
    (verdict, masked)
}

#[test]
fn of_two_children_both_are_hidden() {
    let text = "im ella whitmore and i go to kingsmead high. it was so hard to be there at all \
                this year and i do not know what to do any more, nobody there ever listens to me. \
                my name is sam fletcher and i go to oakfield academy";
    let (_, masked) = of(text);
    let masked = masked.unwrap();
    for name in ["whitmore", "kingsmead", "fletcher", "oakfield"] {
        assert!(!masked.contains(name), "{name} is shown: {masked}");
    }
}

#[test]
fn what_holds_more_than_is_looked_at_waits_for_a_person() {
    let (verdict, masked) = of(&"07700 900123 ".repeat(600));
    assert_eq!(masked, None, "{} masks", verdict.masks.len());
    assert_eq!(Policy::shipped().moderation(&verdict), Moderation::Hold);
}

/// A name and a school: only together do they say who somebody is.
const TOGETHER: &str = r#"
schema = 1
pack = "p"

[[rule]]
id = "p.name"
rev = 1
status = "live"
part = true
match = ["sam", "ella"]

[[rule]]
id = "p.school"
rev = 1
status = "live"
part = true
match = ["oakfield", "kingsmead"]

[[rule]]
id = "p.who"
rev = 1
status = "live"
concern = "personal_information"
why = "w"
all = ["p.name", "p.school"]
within = 4
hit = ["sam at oakfield", "oakfield has ella", "kingsmead, sam"]
miss = ["sam", "oakfield", { text = "sam a b c d oakfield", by = "within" }]
"#;

#[test]
fn a_combination_is_found_behind_decoys_and_hidden_wherever_it_stands() {
    let engine = Engine::from_files(&[("p.toml", TOGETHER)]).unwrap();
    assert_eq!(engine.check(), []);
    let masked = |text: &str| Policy::shipped().masked(text, &engine.verdict(text));
    let decoys = "sam sat down with us. ".repeat(40);
    let hidden = format!("{decoys}[hidden], nobody else was there, and [hidden]");
    assert_eq!(
        masked(&format!(
            "{decoys}ella at oakfield, nobody else was there, and kingsmead has sam"
        )),
        Some(hidden)
    );
}
