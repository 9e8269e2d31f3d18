//! The engine as a whole, with the shipped packs and with small ones made for the purpose.

use super::*;

#[test]
fn the_shipped_packs_pass_their_own_examples() {
    let engine = Engine::shipped().unwrap_or_else(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"));
    });
    let failures: Vec<String> = engine.check().iter().map(ToString::to_string).collect();
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}
