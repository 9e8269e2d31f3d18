//! Any text at all, and what its verdict promises.

#![no_main]

use std::sync::LazyLock;

use hearth::triage;
use hearth::triage::{Engine, Policy};
use libfuzzer_sys::fuzz_target;

#[path = "../../src/triage/tests/invariants.rs"]
mod invariants;

static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::shipped().expect("the packs are free of mistakes"));
static POLICY: LazyLock<Policy> = LazyLock::new(Policy::shipped);

fuzz_target!(|text: &str| invariants::keeps_its_word(&ENGINE, &POLICY, text));
