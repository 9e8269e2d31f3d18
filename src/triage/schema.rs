//! A JSON Schema of rule packs, so that editors complete and check them while they are written.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};

use super::pack::Pack;

/// The JSON Schema (draft 2020-12) of a pack. It knows the form of packs; what names mean is for
/// the compiler to say.
pub fn pack_schema() -> String {
    let schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Pack>();
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text.push('\n');
    text
}

/// Texts that a pack holds and that have a form of their own: what each is called in the schema,
/// what it says, and the expression that it fits.
macro_rules! texts {
    ($($(#[doc = $doc:literal])+ $name:ident: $pattern:literal)+) => {$(
        $(#[doc = $doc])+
        pub(super) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "description": concat!($($doc),+).trim(),
                    "pattern": $pattern,
                })
            }
        }
    )+};
}

texts! {
    /// The file's name without .toml.
    PackName: r"^[a-z0-9_]+$"
    /// The id of a rule: `pack.name`.
    RuleName: r"^[a-z0-9_]+\.[a-z0-9_.]+$"
    /// The name of a list.
    ListName: r"^[a-z0-9_]+$"
    /// Words as they are read: lower case, no apostrophes, no hyphens. `(a|b)` is one of several,
    /// `[a]` may be missing, `@name` is a list, `~3` a gap of at most three words, `bully*` any
    /// word that begins so.
    PatternText: r"^[^A-Z'’-]+$"
    /// A level (it counts as that at most), `none` (it is dropped), or the id of another rule (it
    /// counts as that one instead).
    EffectText: r"^(green|amber|red|crisis|none|[a-z0-9_]+\.[a-z0-9_.]+)$"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::{Engine, second_opinion};

    #[test]
    fn the_one_beside_the_packs_is_this_one() {
        let kept = include_str!("../../moderation-rules/pack.schema.json");
        assert!(
            kept == pack_schema(),
            "cargo run -- rules schema > moderation-rules/pack.schema.json"
        );
    }

    #[test]
    fn the_packs_fit_it_and_misspelt_ones_do_not() {
        let schema = serde_json::from_str(&pack_schema()).unwrap();
        let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
        compiler.add_resource("pack.json", schema).unwrap();
        let schema = compiler.compile("pack.json", &mut schemas).unwrap();
        let check = |text: &str| {
            let pack: serde_json::Value = toml::from_str(text).unwrap();
            schemas
                .validate(&pack, schema)
                .map_err(|error| error.to_string())
        };
        let engine = Engine::shipped().unwrap();
        let packs = (engine.sources().iter()).filter(|(file, _)| file != second_opinion::FILE);
        for (file, text) in packs {
            if let Err(error) = check(text) {
                panic!("{file}: {error}");
            }
        }
        let pack = "schema = 1\npack = 'p'\n[[rule]]\nid = 'p.a'\nrev = 1\nstatus = 'live'\n";
        assert_eq!(check(pack), Ok(()));
        for wrong in [
            "levle = 'red'",
            "level = 'orange'",
            "topics = ['scool']",
            "match = ['Die']",
            "fold = 4",
            "context = { past = 'never' }",
            "hit = [{ txt = 'a' }]",
        ] {
            assert!(check(&format!("{pack}{wrong}\n")).is_err(), "{wrong}");
        }
    }
}
