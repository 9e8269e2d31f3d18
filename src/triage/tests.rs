//! The engine as a whole, with the shipped packs and with small ones made for the purpose.

use std::path::Path;

use super::*;

/// The packs of the folder, which are those built in (a test in `shipped` compares them).
fn engine() -> Engine {
    let dir = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/moderation-rules"));
    Engine::load(dir).unwrap_or_else(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"));
    })
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
