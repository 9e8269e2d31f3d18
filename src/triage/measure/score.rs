//! Shares with how sure they are, and the harmonic mean of precision and recall.

use std::fmt;

use crate::interval;

/// How many of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    yes: u32,
    all: u32,
}

impl Share {
    /// Counts one more.
    pub fn count(&mut self, yes: bool) {
        self.yes += u32::from(yes);
        self.all += 1;
    }

    /// How many there are.
    pub fn all(self) -> u32 {
        self.all
    }

    /// In per cent; 0 of nothing.
    pub fn percent(self) -> f64 {
        match self.all {
            0 => 0.0,
            all => 100.0 * f64::from(self.yes) / f64::from(all),
        }
    }

    /// The interval that holds the true share with 95 % confidence, in per cent, by Wilson's
    /// score; 0 to 100 of nothing.
    pub fn wilson(self) -> (f64, f64) {
        if self.all == 0 {
            return (0.0, 100.0);
        }
        let all = f64::from(self.all);
        let (low, high) = interval::wilson(f64::from(self.yes) / all, all);
        (100.0 * low, 100.0 * high)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.yes, self.all)
    }
}

/// Precision and recall over many labels, each counted alike.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct F1 {
    /// Labels that were said and wanted.
    pub right: usize,
    /// Labels that were said.
    pub said: usize,
    /// Labels that were wanted.
    pub wanted: usize,
}

impl F1 {
    /// Adds one text.
    pub fn count(&mut self, right: usize, said: usize, wanted: usize) {
        self.right += right;
        self.said += said;
        self.wanted += wanted;
    }

    /// From 0 to 1; 1 where nothing was said and nothing wanted.
    pub fn value(self) -> f64 {
        match self.said + self.wanted {
            0 => 1.0,
            both => 2.0 * self.right as f64 / both as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_is_as_published() {
        let share = Share { yes: 8, all: 10 };
        let (low, high) = share.wilson();
        // R: binom::binom.confint(8, 10, methods = "wilson")
        assert!(
            (low - 49.0162).abs() < 1e-3 && (high - 94.3318).abs() < 1e-3,
            "{low} {high}"
        );
        let (low, high) = Share { yes: 0, all: 20 }.wilson();
        assert!(low == 0.0 && (high - 16.1125).abs() < 1e-3, "{low} {high}");
    }

    #[test]
    fn f1_is_the_harmonic_mean() {
        let mut topics = F1::default();
        topics.count(1, 2, 1);
        topics.count(2, 2, 3);
        assert!((topics.value() - 0.75).abs() < 1e-9);
        assert!((F1::default().value() - 1.0).abs() < 1e-9);
    }
}
