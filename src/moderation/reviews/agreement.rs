//! How often first and second decisions agree: over all of them and by queue, and never by
//! person. It says how clear the rules are, not how good anybody is.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, Pairs};
use crate::error::Result;
use crate::interval::wilson;
use crate::moderation::decision::Outcome;
use crate::posts::Posts;
use crate::triage::Queue;

/// Over how many days it is looked back.
const WINDOWS: [u32; 3] = [7, 30, 90];
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How often first and second decisions agree.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Agreement {
    /// Since the beginning of each of these windows.
    pub windows: Vec<Window>,
    /// From how many second opinions on a number is shown.
    pub minimum: u32,
}

/// The last so many days.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = AgreementWindow)]
pub struct Window {
    /// How many.
    pub days: u32,
    /// Over all queues.
    pub overall: Figures,
    /// In each queue of which there are second opinions.
    pub queues: Vec<OfQueue>,
}

/// How often they agree in one queue.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = AgreementOfQueue)]
pub struct OfQueue {
    /// Which.
    pub queue: Queue,
    /// How often.
    #[serde(flatten)]
    pub figures: Figures,
}

/// How often two people decided alike.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = AgreementFigures)]
pub struct Figures {
    /// Second opinions.
    pub opinions: u32,
    /// The numbers; absent where there are too few second opinions to say anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<Measured>,
}

/// What enough second opinions say.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = AgreementMeasured)]
pub struct Measured {
    /// The share that agrees.
    pub share: f64,
    /// The lower end of its 95 % interval (Wilson).
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Cohen's kappa: how much better than by chance they agree, 1 for always; absent where
    /// everybody always decided the same, and chance would agree as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kappa: Option<f64>,
}

/// How often first and second decisions agreed over the last days.
pub async fn agreement(posts: &Posts) -> Result<Agreement> {
    let minimum = posts.policy.second_opinion().minimum;
    let now = posts.clock.now();
    let mut windows = Vec::new();
    for days in WINDOWS {
        let pairs = store::pairs(&posts.db, now.minus(DAY * days)).await?;
        windows.push(window(days, &pairs, minimum));
    }
    Ok(Agreement { windows, minimum })
}

fn window(days: u32, pairs: &[Pairs], minimum: u32) -> Window {
    let of = |queue: Option<Queue>| {
        let mut table = Table::default();
        for pair in pairs {
            if queue.is_none_or(|queue| queue == pair.queue.0) {
                table.add(pair.first.0, pair.second.0, pair.count);
            }
        }
        table.figures(minimum)
    };
    let queues = Queue::ALL.into_iter().map(|queue| OfQueue {
        queue,
        figures: of(Some(queue)),
    });
    Window {
        days,
        overall: of(None),
        queues: queues.filter(|queue| queue.figures.opinions > 0).collect(),
    }
}

/// What was decided at first, by what was decided by the second.
#[derive(Default)]
struct Table([[f64; 3]; 3]);

impl Table {
    fn add(&mut self, first: Outcome, second: Outcome, count: i64) {
        let place = |outcome| match outcome {
            Outcome::Approve => 0,
            Outcome::Decline => 1,
            _ => 2,
        };
        self.0[place(first)][place(second)] += count as f64;
    }

    fn figures(&self, minimum: u32) -> Figures {
        let count: f64 = self.0.as_flattened().iter().sum();
        Figures {
            opinions: count as u32,
            measured: (count >= f64::from(minimum)).then(|| self.measured(count)),
        }
    }

    fn measured(&self, count: f64) -> Measured {
        let alike: f64 = (0..3).map(|i| self.0[i][i]).sum();
        let share = alike / count;
        let (low, high) = wilson(share, count);
        let by_chance: f64 = (0..3)
            .map(|i| {
                let first: f64 = self.0[i].iter().sum();
                let second: f64 = self.0.iter().map(|row| row[i]).sum();
                (first / count) * (second / count)
            })
            .sum();
        Measured {
            share,
            low,
            high,
            kappa: (by_chance < 1.0).then(|| (share - by_chance) / (1.0 - by_chance)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Name;

    use Outcome::{Approve, Decline, Escalate};

    fn pairs(queue: Queue, of: &[(Outcome, Outcome, i64)]) -> Vec<Pairs> {
        let pair = |(first, second, count): &(Outcome, Outcome, i64)| Pairs {
            queue: Name(queue),
            first: Name(*first),
            second: Name(*second),
            count: *count,
        };
        of.iter().map(pair).collect()
    }

    fn is(value: f64, expected: f64) -> bool {
        (value - expected).abs() < 5e-5
    }

    #[test]
    fn numbers_are_those_of_the_textbooks() {
        let table = [
            (Approve, Approve, 20),
            (Approve, Decline, 5),
            (Decline, Approve, 10),
            (Decline, Decline, 15),
        ];
        let window = window(7, &pairs(Queue::Reports, &table), 20);
        let measured = window.overall.measured.unwrap();
        assert!(is(measured.share, 0.7), "{measured:?}");
        assert!(is(measured.kappa.unwrap(), 0.4), "{measured:?}");
        assert!(is(measured.low, 0.56249), "{measured:?}");
        assert!(is(measured.high, 0.80897), "{measured:?}");
        assert_eq!(window.queues[0].figures, window.overall);
    }

    #[test]
    fn too_few_say_nothing_and_always_the_same_has_no_kappa() {
        let few = window(7, &pairs(Queue::Reports, &[(Approve, Escalate, 19)]), 20);
        assert_eq!((few.overall.opinions, few.overall.measured), (19, None));
        let mut all = pairs(Queue::Reports, &[(Approve, Approve, 19)]);
        all.extend(pairs(Queue::Checks, &[(Approve, Approve, 1)]));
        let all = window(7, &all, 20);
        let measured = all.overall.measured.unwrap();
        assert_eq!((measured.share, measured.kappa), (1.0, None));
        assert!(
            is(measured.low, 0.83887) && is(measured.high, 1.0),
            "{measured:?}"
        );
        assert_eq!(all.queues.len(), 2);
        assert!(
            all.queues
                .iter()
                .all(|queue| queue.figures.measured.is_none())
        );
    }
}
