//! How long things took, counted from when they should have begun.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// Parts of a histogram, so that recording threads do not wait for each other.
const SHARDS: usize = 16;
/// The longest time that is told apart from longer ones.
const LONGEST: Duration = Duration::from_secs(120);

/// A histogram that many tasks record into.
pub struct Latency {
    shards: Vec<Mutex<Histogram<u64>>>,
}

impl Latency {
    /// Nothing is recorded yet.
    pub fn new() -> Latency {
        Latency {
            shards: (0..SHARDS).map(|_| Mutex::new(empty())).collect(),
        }
    }

    /// Records a time; `who` spreads the recorders.
    pub fn record(&self, who: usize, took: Duration) {
        self.shards[who % SHARDS]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .saturating_record(took.as_micros() as u64);
    }

    /// What was recorded since this was last asked.
    pub fn take(&self) -> Quantiles {
        let mut all = empty();
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            // Both have the same bounds.
            all += &*shard;
            shard.reset();
        }
        Quantiles::from(&all)
    }
}

fn empty() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST.as_micros() as u64, 3)
        .expect("the bounds are in order and the precision is from 0 to 5")
}

/// What is said of a histogram; milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Quantiles {
    /// How many were recorded.
    pub count: u64,
    /// Half took no longer.
    pub p50_ms: f64,
    /// 99 of 100 took no longer.
    pub p99_ms: f64,
    /// None took longer.
    pub max_ms: f64,
}

impl From<&Histogram<u64>> for Quantiles {
    fn from(all: &Histogram<u64>) -> Quantiles {
        let ms = |micros: u64| micros as f64 / 1_000.0;
        Quantiles {
            count: all.len(),
            p50_ms: ms(all.value_at_quantile(0.5)),
            p99_ms: ms(all.value_at_quantile(0.99)),
            max_ms: ms(all.max()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_is_not_told_twice() {
        let latency = Latency::new();
        for n in 1..=100 {
            latency.record(n, Duration::from_millis(n as u64));
        }
        let told = latency.take();
        assert_eq!(told.count, 100);
        assert!((told.p50_ms - 50.0).abs() < 0.1, "{told:?}");
        assert!((told.p99_ms - 99.0).abs() < 0.1, "{told:?}");
        assert!((told.max_ms - 100.0).abs() < 0.2, "{told:?}");
        assert_eq!(latency.take().count, 0);
    }
}
