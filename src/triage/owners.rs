//! Sets of what patterns are for.

/// A set of owners, of which there are rules and, after them, cues: a bit for each.
#[derive(Debug, Clone, Default)]
pub(super) struct Owners(Vec<u64>);

impl Owners {
    /// None of so many owners.
    pub fn none(owners: usize) -> Owners {
        Owners(vec![0; owners.div_ceil(64)])
    }

    pub fn insert(&mut self, owner: usize) {
        self.0[owner / 64] |= 1 << (owner % 64);
    }

    pub fn has(&self, owner: usize) -> bool {
        self.0[owner / 64] & 1 << (owner % 64) != 0
    }

    /// Those that are also in another set.
    pub fn common(&self, other: &Owners) -> Owners {
        let pairs = self.0.iter().zip(&other.0);
        Owners(pairs.map(|(one, other)| one & other).collect())
    }

    /// Every one of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(at, bits)| {
            let mut left = *bits;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
                left &= left - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_comes_out_in_order() {
        let mut owners = Owners::none(130);
        for owner in [129, 3, 64, 3] {
            owners.insert(owner);
        }
        assert!(owners.iter().eq([3, 64, 129]));
        assert!(owners.has(64) && !owners.has(65));
        let mut other = Owners::none(130);
        other.insert(64);
        assert!(owners.common(&other).iter().eq([64]));
    }
}
