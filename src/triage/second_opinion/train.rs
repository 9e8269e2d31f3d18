//! Training the second opinion: logistic regression by AdaGrad (Duchi, Hazan, Singer, 2011).

use super::SecondOpinion;
use super::features::Features;
use crate::triage::fold::fold;
use crate::triage::words::Words;

/// Weights are kept as one byte each.
const BUCKETS: usize = 1 << 16;

const EPOCHS: usize = 30;

const RATE: f32 = 0.3;

/// Pulls weights towards nothing, so that one text alone teaches little.
const DECAY: f32 = 2e-5;

/// Each text is scored by a model that was trained without its part.
const PARTS: usize = 5;

/// What the threshold would have done to the texts that it was trained on, each scored by a model
/// that had not seen it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gain {
    /// The share of the texts that need a look for which it asks for one, in per cent.
    pub found: f64,
    /// The share of the others for which it does, in per cent.
    pub false_alarms: f64,
}

/// A model that tells texts that need a look (true) from others, and asks for a look at no more
/// than `false_alarms` per cent of the others. The same texts make the same model.
pub fn train(texts: &[(&str, bool)], rev: u32, false_alarms: f64) -> (SecondOpinion, Gain) {
    let examples: Vec<Example> = texts
        .iter()
        .map(|(text, needs_look)| Example {
            features: Features::of(&Words::plain(&fold(text)), BUCKETS),
            needs_look: *needs_look,
        })
        .collect();
    let mut scores: Vec<(f32, bool)> = Vec::new();
    for part in 0..PARTS {
        let of_part = |at: usize| at % PARTS == part;
        let others: Vec<&Example> = of(&examples, |at| !of_part(at));
        let weights = Weights::fit(&others);
        let held_out = of(&examples, of_part);
        scores.extend(
            held_out
                .iter()
                .map(|one| (weights.score(&one.features), one.needs_look)),
        );
    }
    let mut of_others: Vec<f32> = scores
        .iter()
        .filter(|(_, look)| !look)
        .map(|(s, _)| *s)
        .collect();
    of_others.sort_by(f32::total_cmp);
    let allowed = (of_others.len() as f64 * false_alarms / 100.0) as usize;
    let highest = of_others
        .len()
        .checked_sub(allowed + 1)
        .map(|at| of_others[at]);
    // Just above the highest score that must not raise it.
    let threshold = highest.unwrap_or(0.0).next_up();
    let share = |needs_look: bool| {
        let all = scores.iter().filter(|(_, look)| *look == needs_look);
        let (raised, count) = all.fold((0, 0), |(raised, count), (score, _)| {
            (raised + u32::from(*score >= threshold), count + 1)
        });
        100.0 * f64::from(raised) / f64::from(count.max(1))
    };
    let gain = Gain {
        found: share(true),
        false_alarms: share(false),
    };
    let weights = Weights::fit(&of(&examples, |_| true));
    (weights.quantised(rev, threshold), gain)
}

struct Example {
    features: Features,
    needs_look: bool,
}

fn of(examples: &[Example], wanted: impl Fn(usize) -> bool) -> Vec<&Example> {
    let numbered = examples.iter().enumerate();
    numbered
        .filter(|(at, _)| wanted(*at))
        .map(|(_, one)| one)
        .collect()
}

struct Weights {
    bias: f32,
    of: Vec<f32>,
}

impl Weights {
    fn fit(examples: &[&Example]) -> Weights {
        let mut weights = Weights {
            bias: 0.0,
            of: vec![0.0; BUCKETS],
        };
        let mut squares = vec![1e-6f32; BUCKETS];
        for epoch in 0..EPOCHS {
            for turn in 0..examples.len() {
                // Another order each time, the same each run.
                let at = (turn * STRIDE + epoch * 31) % examples.len();
                weights.step(examples[at], &mut squares);
            }
        }
        weights
    }

    fn step(&mut self, example: &Example, squares: &mut [f32]) {
        let wanted = f32::from(u8::from(example.needs_look));
        let error = 1.0 / (1.0 + (-self.score(&example.features)).exp()) - wanted;
        self.bias -= 0.01 * error;
        let (of_words, of_letters) = example.features.scales();
        let halves = [
            (&example.features.words, of_words),
            (&example.features.letters, of_letters),
        ];
        for (buckets, scale) in halves {
            for bucket in buckets {
                let at = *bucket as usize;
                let slope = error * scale + DECAY * self.of[at];
                squares[at] += slope * slope;
                self.of[at] -= RATE * slope / squares[at].sqrt();
            }
        }
    }

    fn score(&self, features: &Features) -> f32 {
        let sum = |buckets: &[u32]| -> f32 { buckets.iter().map(|b| self.of[*b as usize]).sum() };
        let (of_words, of_letters) = features.scales();
        self.bias + sum(&features.words) * of_words + sum(&features.letters) * of_letters
    }

    fn quantised(&self, rev: u32, threshold: f32) -> SecondOpinion {
        let largest = self
            .of
            .iter()
            .fold(f32::MIN_POSITIVE, |most, weight| most.max(weight.abs()));
        let step = largest / f32::from(i8::MAX);
        SecondOpinion {
            rev,
            live: true,
            bias: self.bias,
            step,
            threshold,
            weights: self
                .of
                .iter()
                .map(|weight| (weight / step).round() as i8)
                .collect(),
        }
    }
}

/// Has no factor in common with most numbers of examples.
const STRIDE: usize = 7_919;
