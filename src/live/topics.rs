//! Topics as a set that takes eight bytes: there is one for each socket.

use crate::triage::Topic;

/// Some topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TopicSet(u64);

const _: () = assert!(Topic::ALL.len() <= u64::BITS as usize);

impl TopicSet {
    /// Whether there is none in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a topic is in both.
    pub fn meets(self, other: TopicSet) -> bool {
        self.0 & other.0 != 0
    }

    /// What is in either.
    pub fn and(self, other: TopicSet) -> TopicSet {
        TopicSet(self.0 | other.0)
    }
}

impl<'a> FromIterator<&'a Topic> for TopicSet {
    fn from_iter<I: IntoIterator<Item = &'a Topic>>(topics: I) -> TopicSet {
        let bits = topics.into_iter().map(|topic| 1 << *topic as u32);
        TopicSet(bits.fold(0, |all, bit| all | bit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_has_a_place_of_its_own() {
        let alone = Topic::ALL.map(|topic| TopicSet::from_iter(&[topic]));
        for (n, one) in alone.into_iter().enumerate() {
            assert!(one.meets(one) && !one.is_empty());
            assert!(alone.iter().skip(n + 1).all(|other| !one.meets(*other)));
        }
        let all = alone.into_iter().fold(TopicSet::default(), TopicSet::and);
        assert_eq!(all, Topic::ALL.iter().collect());
        assert!(!all.meets(TopicSet::default()));
    }
}
