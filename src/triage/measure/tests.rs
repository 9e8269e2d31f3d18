//! What the shipped packs find in the posts that their writers may look at: it must not get less.
//! It proves nothing about posts that nobody has seen.

use super::*;

/// The least, or the most, share of each measure, in per cent.
const BOUNDS: [(&str, Goal); 14] = [
    ("red", Goal::AtLeast(92.0)),
    ("red-false", Goal::AtMost(3.0)),
    ("crisis", Goal::AtLeast(90.0)),
    ("crisis-false", Goal::AtMost(1.0)),
    ("explicit", Goal::AtLeast(95.0)),
    ("amber", Goal::AtLeast(92.0)),
    ("amber-false", Goal::AtMost(5.0)),
    ("disguised", Goal::AtLeast(95.0)),
    ("lookalike", Goal::AtMost(1.0)),
    ("aimed", Goal::AtLeast(95.0)),
    ("aimed-false", Goal::AtMost(1.0)),
    ("personal", Goal::AtLeast(97.0)),
    ("helpline", Goal::AtMost(0.0)),
    ("identity", Goal::AtMost(0.0)),
];

#[test]
fn the_packs_find_what_they_found() {
    let engine = Engine::shipped().unwrap_or_else(|errors| panic!("{errors:?}"));
    let posts = read(include_str!("../../../tests/triage/development/look.tsv")).unwrap();
    let report = measure(&engine, &Policy::shipped(), &posts);
    for (name, bound) in BOUNDS {
        let row = report
            .rows
            .iter()
            .find(|row| row.measure.name == name)
            .unwrap();
        let share = row.share.percent();
        let kept = match bound {
            Goal::AtLeast(least) => share >= least,
            Goal::AtMost(most) => share <= most,
        };
        assert!(kept, "{name}: {share:.1} %, expected {bound:?}\n{report}");
    }
}

#[test]
fn what_is_no_labelled_post_has_its_line_named() {
    for (file, part) in [
        ("# fine\n\ngreen\t-\t-\thi", "line 3: expected level"),
        ("orange\t-\t-\t-\thi", "unknown level `orange`"),
        ("red\tsadness\t-\t-\thi", "unknown topic `sadness`"),
        ("red\t-\trude\t-\thi", "unknown concern `rude`"),
        ("red\t-\t-\todd\thi", "unknown flag `odd`"),
    ] {
        let error = read(file).unwrap_err().to_string();
        assert!(error.contains(part), "{file:?}: {error}");
    }
}
