//! Which counts are told, so that nobody can be found behind a small one.

/// Counts below this are not told.
pub const FEWEST: u64 = 10;

/// Tells those counts of a whole that are not small, and from which no small one can be worked
/// out by whoever knows the sum: what is not told is never one count alone, nor fewer than ten
/// together, as far as there is another to leave out.
pub fn suppress(counts: impl Iterator<Item = u64>) -> Vec<Option<u64>> {
    let counts: Vec<u64> = counts.collect();
    let mut told: Vec<Option<u64>> = (counts.iter())
        .map(|count| (*count >= FEWEST).then_some(*count))
        .collect();
    loop {
        let hidden: Vec<u64> = (counts.iter().zip(&told))
            .filter_map(|(count, told)| told.is_none().then_some(*count))
            .collect();
        let safe = hidden.len() > 1 && hidden.iter().sum::<u64>() >= FEWEST;
        if hidden.is_empty() || safe {
            return told;
        }
        let smallest = told.iter_mut().filter(|told| told.is_some()).min();
        match smallest {
            Some(smallest) => *smallest = None,
            None => return told,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_small_count_is_told_nor_can_be_worked_out() {
        let of = |counts: &[u64]| suppress(counts.iter().copied());
        assert_eq!(of(&[10, 99, 20]), [Some(10), Some(99), Some(20)]);
        assert_eq!(
            of(&[9, 99, 20]),
            [None, Some(99), None],
            "20 would tell the 9"
        );
        assert_eq!(of(&[4, 5, 99, 20]), [None, None, Some(99), None]);
        assert_eq!(of(&[5, 5, 99, 20]), [None, None, Some(99), Some(20)]);
        assert_eq!(of(&[0, 99]), [None, None]);
        assert_eq!(of(&[3]), [None]);
        assert_eq!(of(&[]), []);
    }
}
