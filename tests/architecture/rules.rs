//! The rules. Each returns the places where it is broken.

use super::paths::{self, Path};
use super::source::{Broken, Source};

/// The rows of the map in `lib.rs`, the first of which uses no other.
pub fn map(sources: &[Source]) -> Vec<Vec<&str>> {
    let lib = sources.iter().find(|source| source.path == "lib.rs");
    let lib = &lib.expect("src/lib.rs is there").text;
    lib.lines()
        .filter_map(|line| line.strip_prefix("//! | [`"))
        .map(|row| {
            let cell = row.split('|').next().unwrap_or_default();
            cell.split(',')
                .map(|name| name.trim().trim_matches(['[', ']', '`']))
                .collect()
        })
        .collect()
}

/// Imports between modules of one row, with the reason for each.
pub const WITHIN_A_ROW: [(&str, &str, &str); 16] = [
    ("ids", "keys", "a new identifier is a random one"),
    (
        "keys",
        "ids",
        "tags are made of identifiers, and say whose they are",
    ),
    ("extract", "error", "what cannot be extracted is a problem"),
    (
        "page",
        "error",
        "a cursor that is none of ours is a problem",
    ),
    ("period", "clock", "a day begins at a time"),
    ("period", "error", "what is no day is a problem"),
    ("bus", "db", "the log of events is a table"),
    ("audit", "db", "the record of staff acts is a table"),
    (
        "staff",
        "accounts",
        "an access token of a person never opens staff's doors",
    ),
    ("operations", "live", "the figures count open sockets"),
    ("jobs", "live", "old events are forgotten"),
    ("jobs", "operations", "the figures are swept"),
    ("cli", "app", "the commands run it"),
    ("app", "router", "the server serves every route"),
    ("app", "serve", "to whoever connects"),
    ("router", "app", "the routes share its state"),
];

/// Modules use only modules of the rows above their own.
pub fn direction(sources: &[Source], within_a_row: &[(&str, &str, &str)]) -> Vec<Broken> {
    let map = map(sources);
    let rank = |module: &str| match module {
        "main" | "lib" => Some(map.len()),
        _ => map.iter().position(|row| row.contains(&module)),
    };
    let mut broken = Vec::new();
    for source in sources {
        let module = source.module();
        let Some(own) = rank(module) else {
            broken.push(Broken {
                at: format!("src/{}", source.path),
                rule: format!("`{module}` has no place in the map"),
                what_to_do: "Add it to the table in src/lib.rs: below all that it uses, \
                    above all that uses it."
                    .into(),
            });
            continue;
        };
        for (at, used) in used_modules(source) {
            let listed = |(from, to, _): &(&str, &str, &str)| *from == module && *to == used;
            match rank(used) {
                _ if used == module => {}
                _ if used == "*" => broken.push(Broken {
                    at: source.at(at),
                    rule: format!("`{module}` uses everything"),
                    what_to_do: "Name what it uses.".into(),
                }),
                Some(other) if other < own => {}
                Some(other) if other == own && within_a_row.iter().any(listed) => {}
                Some(_) => broken.push(Broken {
                    at: source.at(at),
                    rule: format!(
                        "`{module}` uses `{used}`, which does not stand above it in the map"
                    ),
                    what_to_do: "Move what both need further up, or hand it in as an argument. \
                        Within one row: list it in WITHIN_A_ROW, with the reason."
                        .into(),
                }),
                None => {} // a macro at the root, or a module that is reported by itself
            }
        }
    }
    broken
}

/// Every module at the top level that a file names, and where.
fn used_modules(source: &Source) -> Vec<(usize, &str)> {
    let code = &source.code;
    let mut used = Vec::new();
    for root in ["crate", "hearth"] {
        for path in paths::beginning_with(code, root) {
            used.extend(paths::branches(code, &path, 1));
        }
    }
    // `super::super::…` can climb out of a module.
    for path in paths::beginning_with(code, "super") {
        let climbed = path
            .names
            .iter()
            .take_while(|name| **name == "super")
            .count();
        if climbed > depth(source, &path) {
            used.extend(paths::branches(code, &path, climbed));
        }
    }
    used
}

/// How many modules a path stands in, below the one at the top level.
fn depth(source: &Source, path: &Path<'_>) -> usize {
    let folders = source.path.matches('/').count();
    let own = usize::from(folders > 0 && !source.path.ends_with("/mod.rs"));
    let before = &source.code[..path.at];
    let mut inline = 0;
    let mut open = Vec::new();
    for (i, c) in before.char_indices() {
        match c {
            '{' => {
                let head = before[..i].trim_end();
                let head = head.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_');
                let is_module = head.ends_with("mod ");
                inline += usize::from(is_module);
                open.push(is_module);
            }
            '}' => inline -= usize::from(open.pop().unwrap_or_default()),
            _ => {}
        }
    }
    folders.saturating_sub(1) + own + inline
}

/// Something that only some files may name.
pub struct Kept {
    /// A crate or a path, or a macro with its `!`.
    pub what: &'static str,
    /// Where it may be named, with the reason. `dir/` is all below, `*/` any one folder.
    pub places: &'static [(&'static str, &'static str)],
    /// What follows it and may be named anywhere.
    pub free: &'static [&'static str],
    pub what_to_do: &'static str,
}

const SQL: &[(&str, &str)] = &[
    ("db/", "opens both engines, and teaches them our types"),
    ("bus/mod.rs", "the log of events"),
    ("audit.rs", "the record of staff acts"),
    ("*/store.rs", "the SQL of a domain"),
    (
        "transfer/",
        "copies every table there is, by what the schemas say",
    ),
    ("posts/repeats/store.rs", "part of a large domain"),
    ("posts/edit/store.rs", "part of a large domain"),
    ("staff/enrolment/store.rs", "part of a large domain"),
    ("staff/sessions/store.rs", "part of a large domain"),
    ("posts/amend/store.rs", "part of a large domain"),
    ("moderation/appeals/store.rs", "part of the largest domain"),
    ("moderation/bulk/store.rs", "another"),
    ("moderation/handover/store.rs", "another"),
    ("moderation/queue/store.rs", "another"),
    ("moderation/receipts/store.rs", "another"),
    ("moderation/decisions/store.rs", "another"),
    ("moderation/reports/store.rs", "another"),
    ("safeguarding/rota/store.rs", "part of a large domain"),
    ("safeguarding/escalations/store.rs", "another"),
    ("safeguarding/records/store.rs", "another"),
    ("safeguarding/disclosures/store.rs", "another"),
    ("moderation/views/store.rs", "another"),
    ("moderation/reviews/store.rs", "another"),
];
const HTTP: &[(&str, &str)] = &[
    ("*/routes.rs", "the HTTP of a domain"),
    ("safeguarding/records/routes.rs", "part of a large domain"),
    ("safeguarding/disclosures/routes.rs", "another"),
    ("moderation/reviews/routes.rs", "part of the largest domain"),
    ("extract.rs", "extractors"),
    ("*/extract.rs", "extractors that say who asks"),
    ("error/mod.rs", "the one mapping to HTTP"),
    ("operations.rs", "what operators look at"),
    ("router.rs", "all routes under one roof"),
    ("serve.rs", "takes connections for the router"),
    (
        "app.rs",
        "serves the router; handlers take parts of its state",
    ),
    (
        "limits/layer.rs",
        "counts every request, and tells every answer how the caller stands",
    ),
    ("console/", "the pages of staff"),
];
const CONNECTIONS: &[(&str, &str)] = &[
    (
        "serve.rs",
        "lets go of clients who never finish, which axum does not",
    ),
    (
        "live/upgrade.rs",
        "gives the plain connection back, which axum does not",
    ),
];
const NOT_IN_SQL: &str = "SQL goes into the domain's store.rs; call a function of it.";
const NOT_IN_HTTP: &str = "HTTP goes into the domain's routes.rs; take and return plain types.";

/// What only some files may name.
pub const KEPT: [Kept; 16] = [
    Kept {
        what: "sqlx",
        places: SQL,
        free: &["Result", "Error", "FromRow", "types"],
        what_to_do: NOT_IN_SQL,
    },
    Kept {
        what: "on_db!",
        places: SQL,
        free: &[],
        what_to_do: NOT_IN_SQL,
    },
    Kept {
        what: "on_tx!",
        places: SQL,
        free: &[],
        what_to_do: NOT_IN_SQL,
    },
    Kept {
        what: "axum",
        places: HTTP,
        free: &[],
        what_to_do: NOT_IN_HTTP,
    },
    Kept {
        what: "hyper",
        places: CONNECTIONS,
        free: &[],
        what_to_do: "Everything else speaks HTTP through axum.",
    },
    Kept {
        what: "hyper_util",
        places: CONNECTIONS,
        free: &[],
        what_to_do: "Everything else speaks HTTP through axum.",
    },
    Kept {
        what: "tungstenite",
        places: &[
            ("live/routes.rs", "the handshake"),
            ("live/incoming.rs", "frames that come"),
            ("live/frames.rs", "frames that go"),
        ],
        free: &[],
        what_to_do: "Take and return bytes or requests; frames are live's.",
    },
    Kept {
        what: "utoipa_axum",
        places: HTTP,
        free: &[],
        what_to_do: NOT_IN_HTTP,
    },
    Kept {
        what: "redis",
        places: &[
            ("bus/", "carries nudges between processes"),
            ("app.rs", "says why the program cannot start"),
            ("limits/", "counts for all processes together"),
        ],
        free: &[],
        what_to_do: "Processes speak through the bus alone, and count in limits.",
    },
    Kept {
        what: "reqwest",
        places: &[("webhooks/", "asks other systems")],
        free: &[],
        what_to_do: "Keep a message in webhooks, which signs it, sends it and tries again.",
    },
    Kept {
        what: "jsonwebtoken",
        places: &[("accounts/", "access tokens")],
        free: &[],
        what_to_do: "Take a Person; accounts alone knows what a token is.",
    },
    Kept {
        what: "argon2",
        places: &[("staff/password.rs", "passwords of staff")],
        free: &[],
        what_to_do: "Only staff have passwords.",
    },
    Kept {
        what: "rustrict",
        places: &[("triage/abuse.rs", "one signal for abuse")],
        free: &[],
        what_to_do: "It is one signal, weighed with others: ask for a verdict.",
    },
    Kept {
        what: "getrandom",
        places: &[("keys.rs", "the one place where chance comes from")],
        free: &[],
        what_to_do: "Ask keys::random_bytes.",
    },
    Kept {
        what: "aes",
        places: &[("keys.rs", "the one place that makes tags")],
        free: &[],
        what_to_do: "Ask Keys.",
    },
    Kept {
        what: "chacha20poly1305",
        places: &[("keys.rs", "the one place that seals")],
        free: &[],
        what_to_do: "Ask Keys.",
    },
];

fn fits(path: &str, place: &str) -> bool {
    match place.strip_prefix("*/") {
        Some(file) => path.split_once('/').is_some_and(|(_, rest)| rest == file),
        None if place.ends_with('/') => path.starts_with(place),
        None => path == place,
    }
}

/// What is kept is named only where it may be; tests may name it anywhere.
pub fn kept(sources: &[Source], kept: &[Kept]) -> Vec<Broken> {
    let mut broken = Vec::new();
    for source in sources.iter().filter(|source| !source.is_test()) {
        let code = source.code_without_tests();
        for kept in kept {
            if kept
                .places
                .iter()
                .any(|(place, _)| fits(&source.path, place))
            {
                continue;
            }
            for at in named(&code, kept) {
                broken.push(Broken {
                    at: source.at(at),
                    rule: format!("`{}` is not for this file", kept.what),
                    what_to_do: kept.what_to_do.into(),
                });
            }
        }
    }
    broken
}

fn named(code: &str, kept: &Kept) -> Vec<usize> {
    if kept.what.ends_with('!') {
        return code.match_indices(kept.what).map(|(at, _)| at).collect();
    }
    let mut named = Vec::new();
    for path in paths::beginning_with(code, kept.what) {
        let branches = paths::branches(code, &path, 1);
        // `#[sqlx(rename = "…")]` belongs to a derive.
        let attribute = code[..path.at].ends_with("#[") && !kept.free.is_empty();
        if branches.is_empty() && !attribute {
            named.push(path.at);
        }
        let free = |name: &str| kept.free.contains(&name);
        named.extend(
            branches
                .iter()
                .filter(|(_, name)| !free(name))
                .map(|(at, _)| *at),
        );
    }
    named
}

/// Modules that are pure: the same input gives the same answer, and nothing waits.
pub const PURE: [&str; 2] = ["triage/", "signpost/"];
/// Who may read files all the same, and why.
pub const LOADERS: [(&str, &str); 2] = [
    ("triage/engine.rs", "Engine::load reads a folder of packs"),
    ("triage/policy.rs", "Policy::load reads a policy file"),
];
/// Who may use threads all the same, and why.
pub const THREADED: [(&str, &str); 1] = [(
    "triage/parallel.rs",
    "packs are compiled by all processors; whichever is first, the engine is the same",
)];
const IMPURE: [&str; 8] = [
    "tokio",
    "tokio_util",
    "sqlx",
    "axum",
    "redis",
    "metrics",
    "tracing",
    "getrandom",
];
const IMPURE_STD: [&str; 5] = ["fs", "net", "env", "process", "thread"];

/// Pure modules do no input or output.
pub fn pure(sources: &[Source]) -> Vec<Broken> {
    let mut broken = Vec::new();
    let pure = |source: &&Source| PURE.iter().any(|place| fits(&source.path, place));
    for source in sources
        .iter()
        .filter(pure)
        .filter(|source| !source.is_test())
    {
        let code = source.code_without_tests();
        let mut found: Vec<(usize, String)> = Vec::new();
        for name in IMPURE {
            let paths = paths::beginning_with(&code, name);
            found.extend(paths.iter().map(|path| (path.at, name.to_owned())));
        }
        for path in paths::beginning_with(&code, "std") {
            for (at, name) in paths::branches(&code, &path, 1) {
                let may = |who: &[(&str, &str)]| who.iter().any(|(file, _)| *file == source.path);
                let excused =
                    (name == "fs" && may(&LOADERS)) || (name == "thread" && may(&THREADED));
                if IMPURE_STD.contains(&name) && !excused {
                    found.push((at, format!("std::{name}")));
                }
            }
        }
        broken.extend(found.into_iter().map(|(at, name)| Broken {
            at: source.at(at),
            rule: format!("`{name}` in a module that does no input or output"),
            what_to_do: "Hand in what it needs to know as an argument.".into(),
        }));
    }
    broken
}

/// A file that is longer is told of.
pub const AIM: usize = 300;
/// A file that is longer is refused.
pub const MOST: usize = 500;

/// No file is too long to be read at once.
pub fn length(sources: &[Source]) -> Vec<Broken> {
    let long = |source: &&Source| source.text.lines().count() > MOST;
    sources
        .iter()
        .filter(long)
        .map(|source| Broken {
            at: format!("src/{}:{MOST}", source.path),
            rule: format!("{} lines, {MOST} are the most", source.text.lines().count()),
            what_to_do: "Split it where it has two reasons to change.".into(),
        })
        .collect()
}

const EMPTY_NAMES: [&str; 8] = [
    "util", "utils", "helper", "helpers", "manager", "managers", "common", "misc",
];

/// A module's name says what it is about.
pub fn names(sources: &[Source]) -> Vec<Broken> {
    let mut broken = Vec::new();
    for source in sources {
        let stem = source.path.strip_suffix(".rs").unwrap_or(&source.path);
        let file = stem.split('/').find(|part| EMPTY_NAMES.contains(part));
        let inline = paths::beginning_with(&source.code, "mod")
            .into_iter()
            .find_map(|path| {
                let name = source.code[path.end..].trim_start();
                let length = name.find(|c: char| !c.is_alphanumeric() && c != '_')?;
                let name = &name[..length];
                EMPTY_NAMES.contains(&name).then_some((path.at, name))
            });
        let found = file.map(|name| (0, name)).or(inline);
        broken.extend(found.map(|(at, name)| Broken {
            at: source.at(at),
            rule: format!("a module named `{name}` says nothing"),
            what_to_do: "Name it after what it knows, or move each part to who needs it.".into(),
        }));
    }
    broken
}
