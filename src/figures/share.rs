//! Shares and percentiles, with what keeps a few cases from looking like many.

use serde::Serialize;
use utoipa::ToSchema;

use crate::interval::wilson;

/// Fewer than so many, and no share and no percentile is made of them.
pub const FEWEST: u64 = 5;

/// A share, and where the true one lies, 95 times of 100 (the interval of Wilson).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Share {
    /// The share, 0 to 1.
    pub share: f64,
    /// It is hardly less than this,
    pub low: f64,
    /// and hardly more than this.
    pub high: f64,
}

impl Share {
    /// The share that `part` is of `whole`; none where the whole is too few.
    pub fn of(part: u64, whole: u64) -> Option<Share> {
        if whole < FEWEST {
            return None;
        }
        let share = part as f64 / whole as f64;
        let (low, high) = wilson(share, whole as f64);
        Some(Share { share, low, high })
    }
}

/// How long it took, in seconds: half of all took no longer than `p50`, and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Percentiles {
    /// Half took no longer.
    pub p50: i64,
    /// Nine of ten took no longer.
    pub p90: i64,
    /// 99 of 100 took no longer.
    pub p99: i64,
}

impl Percentiles {
    /// Those of these times, by the nearest rank: each is one of the times. None where they are
    /// too few.
    pub fn of(times: &mut [i64]) -> Option<Percentiles> {
        if (times.len() as u64) < FEWEST {
            return None;
        }
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() * percent).div_ceil(100) - 1];
        Some(Percentiles {
            p50: at(50),
            p90: at(90),
            p99: at(99),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let of = |times: &[i64]| Percentiles::of(&mut times.to_vec());
        assert_eq!(of(&[1, 2, 3, 4]), None, "too few");
        let five = of(&[50, 15, 40, 20, 35]).unwrap();
        assert_eq!((five.p50, five.p90, five.p99), (35, 50, 50));
        let hundred: Vec<i64> = (1..=100).rev().collect();
        let hundred = of(&hundred).unwrap();
        assert_eq!((hundred.p50, hundred.p90, hundred.p99), (50, 90, 99));
    }

    #[test]
    fn a_share_says_how_sure_it_is() {
        assert_eq!(Share::of(4, 4), None, "too few");
        let close = |share: Option<Share>, expected: [f64; 3]| {
            let share = share.unwrap();
            for (is, expected) in [share.share, share.low, share.high]
                .into_iter()
                .zip(expected)
            {
                assert!((is - expected).abs() < 5e-4, "{share:?}");
            }
        };
        // Figures of Newcombe (1998), table I.
        close(Share::of(81, 263), [0.3080, 0.2553, 0.3662]);
        close(Share::of(15, 148), [0.1014, 0.0624, 0.1605]);
        close(Share::of(0, 20), [0.0, 0.0, 0.1611]);
        close(Share::of(1, 29), [0.0345, 0.0061, 0.1718]);
        close(Share::of(29, 29), [1.0, 0.8830, 1.0]);
    }
}
