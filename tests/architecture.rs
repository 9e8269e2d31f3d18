//! The shape of the program: who may use what, and how large a file may grow.
//!
//! The rules read the sources as text, without comments and strings. A parser would see less: a
//! query inside `on_db!(…)` is but tokens to it. Each rule takes any sources, so that a test can
//! show that it fails.

#[path = "architecture/paths.rs"]
mod paths;
#[path = "architecture/rules.rs"]
mod rules;
#[path = "architecture/source.rs"]
mod source;

use rules::{Kept, WITHIN_A_ROW};
use source::{Broken, Source};

#[track_caller]
fn assert_none(broken: Vec<Broken>) {
    let list: Vec<String> = broken.iter().map(Broken::to_string).collect();
    assert!(list.is_empty(), "\n\n{}\n", list.join("\n"));
}

/// The lines that a rule finds in made-up sources.
fn places(broken: &[Broken]) -> Vec<&str> {
    broken.iter().map(|broken| broken.at.as_str()).collect()
}

#[test]
fn modules_use_only_what_stands_above_them_in_the_map() {
    assert_none(rules::direction(&source::all(), &WITHIN_A_ROW));
}

#[test]
fn what_is_kept_stays_where_it_belongs() {
    assert_none(rules::kept(&source::all(), &rules::KEPT));
}

#[test]
fn pure_modules_do_no_input_or_output() {
    assert_none(rules::pure(&source::all()));
}

#[test]
fn files_can_be_read_at_once() {
    use std::io::Write;
    let sources = source::all();
    for source in &sources {
        let lines = source.text.lines().count();
        if lines > rules::AIM {
            // Not `eprintln!`: that is shown only where a test fails.
            let _ = writeln!(
                std::io::stderr(),
                "note: src/{} has {lines} lines; aim for {}",
                source.path,
                rules::AIM
            );
        }
    }
    assert_none(rules::length(&sources));
}

#[test]
fn names_say_what_a_module_is_about() {
    assert_none(rules::names(&source::all()));
}

#[test]
fn every_exception_is_still_needed() {
    let sources = source::all();
    for i in 0..WITHIN_A_ROW.len() {
        let mut fewer = WITHIN_A_ROW.to_vec();
        let (from, to, _) = fewer.remove(i);
        let broken = rules::direction(&sources, &fewer);
        assert!(
            !broken.is_empty(),
            "WITHIN_A_ROW: `{from}` does not use `{to}` any more"
        );
    }
}

/// The tests of the rules: what each lets pass, and what it finds.
mod can_fail {
    use super::*;

    const MAP: &str = "//! | [`clock`], [`keys`] | low |\n//! | [`posts`] | high |\n";

    fn broken_by(path: &str, text: &str) -> Vec<String> {
        let sources = [Source::new("lib.rs", MAP), Source::new(path, text)];
        let broken = rules::direction(&sources, &[("keys", "clock", "a reason")]);
        places(&broken).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn the_map_is_read() {
        let sources = source::all();
        let map = rules::map(&sources);
        assert!(map.len() > 5 && map[0].contains(&"clock"), "{map:?}");
        assert!(map.concat().contains(&"cli"), "{map:?}");
    }

    #[test]
    fn an_import_from_above_is_found_however_it_is_written() {
        assert!(broken_by("posts/mod.rs", "use crate::clock::Time;").is_empty());
        assert!(broken_by("keys.rs", "use crate::clock::Time;").is_empty());
        for text in [
            "use crate::posts::Post;",
            "use crate::{clock, posts::{self, Post}};",
            "use crate::{\n    posts,\n    clock,\n};",
            "fn f() { g(crate::posts::h()) }",
            "fn f() { on_tx!(tx, |c| hearth::posts::h(c)) }",
            "use crate::*;",
            "use super::posts;",
            "mod tests { use super::super::posts; }",
            "mod tests { use super::super::{clock, posts}; }",
        ] {
            assert_eq!(broken_by("keys.rs", text).len(), 1, "{text}");
        }
        assert_eq!(
            broken_by("clock.rs", "\n\nuse crate::keys;"),
            ["src/clock.rs:3"]
        );
        assert_eq!(
            broken_by("clock/a.rs", "\nuse super::super::posts;"),
            ["src/clock/a.rs:2"]
        );
    }

    #[test]
    fn what_is_no_import_is_not_found() {
        for text in [
            "// use crate::posts::Post;",
            "/* crate::posts */",
            "const A: &str = \"crate::posts\";",
            "const A: &str = r#\"\" crate::posts\"#; const B: char = '\"';",
            "fn f<'a>(a: &'a str) { own_crate::posts() }",
            "mod tests { use super::posts; }",
            "use super::clock::posts;",
        ] {
            assert!(broken_by("keys.rs", text).is_empty(), "{text}");
        }
        assert!(broken_by("clock/a.rs", "use super::posts;").is_empty());
    }

    #[test]
    fn a_module_without_a_place_is_found() {
        let sources = [
            Source::new("lib.rs", MAP),
            Source::new("letters/mod.rs", ""),
        ];
        let broken = rules::direction(&sources, &[]);
        assert_eq!(places(&broken), ["src/letters/mod.rs"]);
        assert!(broken[0].what_to_do.contains("src/lib.rs"));
    }

    fn misplaced(path: &str, text: &str) -> Vec<String> {
        let broken = rules::kept(&[Source::new(path, text)], &rules::KEPT);
        places(&broken).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn sql_outside_a_store_is_found() {
        let query = "\nfn f() { on_db!(db, |c| sqlx::query(\"SELECT 1\")) }";
        assert_eq!(misplaced("posts/mod.rs", query), ["src/posts/mod.rs:2"; 2]);
        assert_eq!(misplaced("posts/deep/store.rs", query).len(), 2);
        assert!(misplaced("posts/store.rs", query).is_empty());
        assert!(misplaced("posts/tests.rs", query).is_empty());
        assert_eq!(
            misplaced("posts/mod.rs", "use sqlx::{Result, QueryBuilder};").len(),
            1
        );
        assert_eq!(misplaced("posts/mod.rs", "use sqlx;").len(), 1);
        let plain = "#[derive(sqlx::FromRow)]\nstruct A { #[sqlx(json)] b: B }\n\
            fn f() -> sqlx::Result<()> {}\n#[cfg(test)]\nmod tests { fn f() { on_db!(c) } }";
        assert!(misplaced("posts/mod.rs", plain).is_empty());
    }

    #[test]
    fn http_outside_routes_is_found() {
        let text = "use axum::Json;\nuse utoipa_axum::routes;";
        assert_eq!(
            misplaced("posts/mod.rs", text),
            ["src/posts/mod.rs:1", "src/posts/mod.rs:2"]
        );
        assert!(misplaced("posts/routes.rs", text).is_empty());
    }

    #[test]
    fn each_crate_that_is_kept_is_found_elsewhere() {
        for Kept { what, places, .. } in &rules::KEPT {
            let text = match what.ends_with('!') {
                true => format!("fn f() {{ {what}(x) }}"),
                false => format!("fn f() {{ {what}::x() }}"),
            };
            assert_eq!(misplaced("posts/view.rs", &text).len(), 1, "{what}");
            for (place, reason) in *places {
                assert!(!reason.is_empty(), "{what} in {place}");
            }
        }
    }

    #[test]
    fn input_and_output_in_a_pure_module_is_found() {
        let found = |path: &str, text: &str| rules::pure(&[Source::new(path, text)]).len();
        assert_eq!(found("triage/words.rs", "use std::{fmt, fs::File};"), 1);
        assert_eq!(
            found("triage/words.rs", "async fn f() { tokio::spawn(g()); }"),
            1
        );
        assert_eq!(found("signpost/mod.rs", "use sqlx::Result;"), 1);
        assert_eq!(found("triage/engine.rs", "use std::net::IpAddr;"), 1);
        assert_eq!(found("triage/engine.rs", "use std::fs;"), 0);
        assert_eq!(
            found(
                "triage/words.rs",
                "#[cfg(test)]\nmod tests { use std::fs; }"
            ),
            0
        );
        assert_eq!(found("posts/mod.rs", "use std::fs;"), 0);
    }

    #[test]
    fn a_long_file_is_found() {
        let lines = |n: usize| [Source::new("posts/mod.rs", &"\n".repeat(n))];
        assert!(rules::length(&lines(rules::MOST)).is_empty());
        assert_eq!(
            places(&rules::length(&lines(rules::MOST + 1))),
            ["src/posts/mod.rs:500"]
        );
    }

    #[test]
    fn an_empty_name_is_found() {
        let found = |path: &str, text: &str| rules::names(&[Source::new(path, text)]).len();
        assert_eq!(found("posts/utils.rs", ""), 1);
        assert_eq!(found("helpers/mod.rs", ""), 1);
        assert_eq!(found("posts/mod.rs", "\nmod manager {\n}"), 1);
        assert_eq!(found("posts/mod.rs", "mod view;\nfn utils() {}"), 0);
    }
}
