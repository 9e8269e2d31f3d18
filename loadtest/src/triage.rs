//! What a verdict costs, beside rustrict's own call and a plain scan for the words of the packs.
//!
//! All three read the same texts on one core, in turns; medians of the rounds are compared.

use std::fmt::Write;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use aho_corasick::AhoCorasick;
use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;
use hearth::triage::{Engine, measure};
use rustrict::Censor;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

/// How a verdict is measured.
#[derive(Args)]
pub struct Options {
    /// Labelled posts, as `hearth rules measure` reads them
    #[arg(long, value_name = "FILE", required = true)]
    posts: Vec<PathBuf>,

    /// A directory of rule packs; those that are built in where nothing is said
    #[arg(long, value_name = "DIR")]
    rules_dir: Option<PathBuf>,

    /// How often each reads all texts
    #[arg(long, default_value_t = 21)]
    rounds: usize,
}

/// What was measured of texts of about one length.
#[derive(Serialize)]
pub struct Figures {
    texts: usize,
    mean_bytes: usize,
    /// Nanoseconds a text.
    verdict: f64,
    rustrict: f64,
    scan: f64,
}

/// Measures posts as they are, and posts of about 300 bytes.
pub fn run(options: &Options) -> Result<Vec<Figures>> {
    let engine = match &options.rules_dir {
        Some(dir) => Engine::load(dir),
        None => Engine::shipped(),
    };
    let engine = engine.map_err(|errors| anyhow!("{}", errors[0]))?;
    let mut texts = Vec::new();
    for file in &options.posts {
        let name = || file.display().to_string();
        let posts = std::fs::read_to_string(file).with_context(name)?;
        let posts = measure::read(&posts).with_context(name)?;
        texts.extend(posts.into_iter().map(|post| post.text));
    }
    let words: Vec<&str> = engine.words().collect();
    let scan = AhoCorasick::new(&words)?;
    let long = pieces(&texts.join(". "), LONG);
    ensure!(texts.len() >= 20 && long.len() >= 20, "too few posts");
    Ok([texts, long]
        .iter()
        .map(|texts| figures(&engine, &scan, texts, options.rounds))
        .collect())
}

/// The length of a long post, in bytes.
const LONG: usize = 300;

/// Cuts a text into pieces of about `length` bytes, between words.
fn pieces(text: &str, length: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for word in text.split_inclusive(' ') {
        if let Some(piece) = pieces
            .last_mut()
            .filter(|piece| piece.len() + word.len() <= length)
        {
            piece.push_str(word);
        } else {
            pieces.push(word.to_owned());
        }
    }
    pieces
}

fn figures(engine: &Engine, scan: &AhoCorasick, texts: &[String], rounds: usize) -> Figures {
    let (mut verdict, mut rustrict, mut scanned) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds.max(1) {
        verdict.push(time(texts, |text| {
            black_box(engine.verdict(text));
        }));
        rustrict.push(time(texts, |text| {
            black_box(Censor::from_str(text).analyze());
        }));
        scanned.push(time(texts, |text| {
            let folded: String = text.nfkc().flat_map(char::to_lowercase).collect();
            black_box(scan.find_overlapping_iter(&folded).count());
        }));
    }
    Figures {
        texts: texts.len(),
        mean_bytes: texts.iter().map(|text| text.len()).sum::<usize>() / texts.len(),
        verdict: median(verdict),
        rustrict: median(rustrict),
        scan: median(scanned),
    }
}

/// Nanoseconds a text.
#[expect(
    clippy::disallowed_methods,
    reason = "this measures how long something takes"
)]
fn time(texts: &[String], read: impl Fn(&str)) -> f64 {
    let start = Instant::now();
    texts.iter().for_each(|text| read(text));
    start.elapsed().as_nanos() as f64 / texts.len() as f64
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The figures for people.
pub fn table(figures: &[Figures]) -> String {
    let mut table = String::from(
        "texts  mean bytes  verdict / rustrict  verdict / (scan + fold)  verdicts a second, one core\n",
    );
    for of in figures {
        let _ = writeln!(
            table,
            "{:>5}  {:>10}  {:>18.3}  {:>23.2}  {:>27.0}",
            of.texts,
            of.mean_bytes,
            of.verdict / of.rustrict,
            of.verdict / of.scan,
            1e9 / of.verdict,
        );
    }
    table
}
