//! What the shipped packs find in a corpus of invented posts: it must not get less.

use std::fmt::Write;

use super::{Concern, Engine, Level};

const POSTS: &str = include_str!("../../tests/triage/posts.tsv");

/// The share of posts of each kind, in per cent, that must be found; of green posts, that may be
/// touched.
const FLOORS: [(&str, f64); 4] = [
    ("crisis", 90.0),
    ("red", 95.0),
    ("amber", 95.0),
    ("concern", 95.0),
];
const GREEN_CEILING: f64 = 1.0;

struct Post {
    level: Option<Level>,
    concern: Option<Concern>,
    text: &'static str,
}

fn posts() -> impl Iterator<Item = Post> {
    POSTS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let [level, concern, text] = line.splitn(3, '\t').collect::<Vec<_>>()[..] else {
                panic!("expected level, concern and text, separated by tabs: {line}");
            };
            Post {
                level: level.parse().ok(),
                concern: concern.parse().ok(),
                text,
            }
        })
}

#[test]
fn the_packs_find_what_they_found() {
    let engine = Engine::shipped().unwrap_or_else(|errors| panic!("{errors:?}"));
    let (mut missed, mut rows) = (String::new(), [(0, 0); 5]);
    for post in posts() {
        let verdict = engine.verdict(post.text);
        let (row, good) = match (post.level, post.concern) {
            (_, Some(concern)) => (3, verdict.concerns.contains(&concern)),
            (Some(Level::Crisis), _) => (0, verdict.level == Level::Crisis),
            (Some(Level::Red), _) => (1, verdict.level >= Level::Red),
            (Some(Level::Amber), _) => (2, verdict.level >= Level::Amber),
            _ => (
                4,
                verdict.level == Level::Green && verdict.concerns.is_empty(),
            ),
        };
        rows[row].0 += usize::from(good);
        rows[row].1 += 1;
        if !good {
            writeln!(
                missed,
                "{:?} {:?}: {}",
                verdict.level, verdict.concerns, post.text
            )
            .unwrap();
        }
    }
    let share = |(good, all): (usize, usize)| 100.0 * good as f64 / all as f64;
    for ((kind, floor), row) in FLOORS.into_iter().zip(rows) {
        println!("{kind:8} {} of {}", row.0, row.1);
        assert!(
            share(row) >= floor,
            "{kind}: {row:?} found, {floor} % expected\n{missed}"
        );
    }
    let touched = 100.0 - share(rows[4]);
    println!("green    {} of {} untouched", rows[4].0, rows[4].1);
    assert!(
        touched <= GREEN_CEILING,
        "{touched} % of green posts are touched\n{missed}"
    );
}
