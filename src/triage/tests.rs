//! The engine as a whole, with the shipped packs and with small ones made for the purpose.

use std::path::Path;

use super::*;
use crate::triage;

mod hiding;
mod invariants;
mod linear;
mod properties;

/// The packs of the folder, which are those built in (a test in `shipped` compares them).
fn engine() -> Engine {
    let dir = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/moderation-rules"));
    Engine::load(dir).unwrap_or_else(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"));
    })
}

#[test]
fn an_engine_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Engine>();
    shared::<Policy>();
}

#[test]
fn the_packs_pass_their_own_examples() {
    let failures: Vec<String> = engine().check().iter().map(ToString::to_string).collect();
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// A small pack for each mechanism; `{live}` rules without examples are refused, so shadows
/// stand in where the level does not matter.
const SMALL: &str = r#"
schema = 1
pack = "p"

[[context]]
name = "past"
match = ["used to"]
before = 1

[[context]]
name = "joke"
match = ["lol"]
after = 6
across = true
unless_red = true

[[context]]
name = "aimed"
match = ["(you|u)"]
anywhere = true
unless = ["p.me"]

[[rule]]
id = "p.me"
rev = 1
status = "live"
part = true
match = ["me"]

[[rule]]
id = "p.die"
rev = 3
status = "live"
level = "red"
topics = ["suicide"]
why = "w"
match = ["want to ~2 die", "kill (me|myself|yourself)"]
fold = 3
context = { past = "amber", joke = "none", aimed = "p.kys" }
hit = ["i want to die", "used to. i want to die", "i want to die lol and kill me"]
miss = ["want to go. then die", { text = "used to want to die", by = "past" }, { text = "want to die. lol", by = "joke" }]

[[rule]]
id = "p.kys"
rev = 1
status = "live"
concern = "bullying"
why = "w"
hit = ["u should kill yourself", "you can go kill yourself", "kill yourself, you"]
miss = ["kill yourself", "kill me", "you tell me to kill yourself"]

[[rule]]
id = "p.uncle"
rev = 1
status = "live"
part = true
match = ["my uncle"]
fold = 3

[[rule]]
id = "p.touch"
rev = 1
status = "live"
part = true
match = ["touch*"]
fold = 1

[[rule]]
id = "p.film"
rev = 1
status = "live"
part = true
match = ["(film|book)"]

[[rule]]
id = "p.relative_act"
rev = 1
status = "live"
level = "crisis"
topics = ["abuse", "family"]
why = "w"
all = ["p.uncle", "p.touch"]
none = ["p.film"]
within = 6
hit = [{ text = "so my uncle keeps touching me", span = "my uncle keeps touching" }, "he touched me, my uncle", "my unc1e t0uches me"]
miss = ["my uncle", { text = "my uncle touches in a film", by = "none" }, { text = "my uncle and a b c d e f touch", by = "within" }]

[[rule]]
id = "p.shadow"
rev = 1
status = "shadow"
level = "crisis"
topics = ["health"]
concern = "spam"
why = "w"
match = ["headache"]

[[rule]]
id = "p.phone"
rev = 1
status = "shadow"
why = "w"
regex = [{ on = "digits", pattern = '\b07\d{9}\b' }]
hit = [{ text = "me: 07700 900123!", span = "07700 900123" }]
"#;

fn small() -> Engine {
    Engine::from_files(&[("p.toml", SMALL)]).unwrap()
}

fn rules(verdict: &Verdict) -> Vec<&str> {
    verdict
        .matches
        .iter()
        .map(|found| found.rule.as_str())
        .collect()
}

#[test]
fn each_mechanism_does_what_its_examples_say() {
    assert_eq!(small().check(), []);
    assert_eq!((small().rule_count(), small().pack_count()), (9, 1));
}

#[test]
fn a_wrong_example_is_reported_with_its_reason() {
    let wrong = SMALL
        .replace(
            "\"used to want to die\", by = \"past\"",
            "\"used to want to die\", by = \"joke\"",
        )
        .replace("want to go. then die", "want to then die")
        .replace("touch\"]\nmiss = [\"my uncle\"", "touch\"]\nmiss = [\"x\"");
    let failures = Engine::from_files(&[("p.toml", &wrong)]).unwrap().check();
    let problems: Vec<&str> = failures
        .iter()
        .map(|failure| failure.problem.as_str())
        .collect();
    assert_eq!(
        problems,
        [
            "matched \"want to then die\" at red (contexts: no context)",
            "a match at amber was not touched by `joke` (contexts: past)",
        ]
    );
}

#[test]
fn a_verdict_tells_what_where_and_why() {
    let engine = small();
    let verdict = engine.verdict("Ok. I w4nt to d\u{200b}ie 😭");
    assert_eq!(
        (verdict.level, verdict.topics.as_slice()),
        (Level::Red, &[Topic::Suicide][..])
    );
    let found = &verdict.matches[0];
    assert_eq!(
        (found.rule.as_str(), found.rev, found.view),
        ("p.die", 3, View::V1)
    );
    assert_eq!(found.span, Span { from: 6, to: 18 });
    assert_eq!(verdict.rules_hash, engine.rules_hash());
    let json = serde_json::to_value(&verdict).unwrap();
    assert_eq!(json["matches"][0]["span"], serde_json::json!([6, 18]));
    assert_eq!(json["matches"][0]["view"], "v1");
    assert_eq!(serde_json::from_value::<Verdict>(json).unwrap(), verdict);
}

#[test]
fn a_shadow_is_recorded_and_changes_nothing() {
    let verdict = small().verdict("this headache");
    assert_eq!(
        (verdict.level, verdict.topics.len(), verdict.concerns.len()),
        (Level::Green, 0, 0)
    );
    assert!(verdict.matches[0].shadow);
}

#[test]
fn what_is_aimed_at_another_counts_as_the_other_rule() {
    let verdict = small().verdict("u should kill yourself");
    assert_eq!(rules(&verdict), ["p.kys"]);
    assert_eq!(
        (verdict.level, verdict.concerns),
        (Level::Green, vec![Concern::Bullying])
    );
}

#[test]
fn hyperbole_gives_way_to_another_red_match() {
    let engine = small();
    assert_eq!(engine.verdict("want to die lol").level, Level::Green);
    assert_eq!(
        rules(&engine.verdict("want to die lol and a b c d e kill me")),
        ["p.die", "p.die"]
    );
}

#[test]
fn the_hash_depends_on_contents_not_order() {
    let other = "schema = 1\npack = 'q'\n";
    let hash = |files: &[(&str, &str)]| Engine::from_files(files).unwrap().rules_hash().to_owned();
    let both = hash(&[("p.toml", SMALL), ("q.toml", other)]);
    assert_eq!(both, hash(&[("q.toml", other), ("p.toml", SMALL)]));
    assert_ne!(both, hash(&[("p.toml", SMALL)]));
    assert_eq!(both.len(), 64);
}

#[test]
fn mistakes_of_meaning_are_refused_with_their_place() {
    for (from, to, part) in [
        (
            "id = \"p.kys\"",
            "id = \"p.die\"",
            "the id `p.die` is taken",
        ),
        ("id = \"p.kys\"", "id = \"q.kys\"", "an id is `p.some_name`"),
        (
            "past = \"amber\"",
            "passed = \"amber\"",
            "there is no context `passed`",
        ),
        (
            "past = \"amber\"",
            "past = \"ambre\"",
            "there is no rule `ambre`",
        ),
        (
            "name = \"past\"",
            "name = \"negated\"",
            "there is no context `past`",
        ),
        (
            "all = [\"p.uncle\"",
            "all = [\"p.relative_act\"",
            "made of itself",
        ),
        ("all = [\"p.uncle\"", "all = [\"p.shadow\"", "is a shadow"),
        (
            "\"want to ~2 die\"",
            "\"want to ~2 @die\"",
            "no list `@die`",
        ),
        ("\"kill yourself, you\"]", "]", "at least 3 hits"),
        ("match = [\"me\"]", "", "can never match"),
        ("fold = 1", "fold = 4", "fold is 0, 1, 2 or 3"),
        (
            "regex = [{ on = \"digits\"",
            "regex = [{ on = \"text\"",
            "wants `needs`",
        ),
        ("anywhere = true", "", "where it acts"),
    ] {
        assert!(SMALL.contains(from), "{from}");
        let text = SMALL.replacen(from, to, 1);
        let errors = Engine::from_files(&[("p.toml", &text)]).unwrap_err();
        let found = errors
            .iter()
            .any(|error| error.line > 0 && error.advice().contains(part));
        assert!(found, "{part}: {errors:?}");
    }
    let silenced = SMALL
        .replace("past", "negated")
        .replace("\"amber\"", "\"green\"");
    let errors = Engine::from_files(&[("p.toml", &silenced)]).unwrap_err();
    assert!(
        errors[0].message.contains("negation never silences"),
        "{errors:?}"
    );
}
