//! What the policy says of the people who look: how much of their work is looked at again, and
//! how much of the worst of it anybody reads in a shift.

use std::time::Duration;

use serde::Deserialize;

use super::Level;
use super::policy_file::Period;

/// How much of what people decide is looked at by a second person, who does not know what the
/// first one decided.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecondOpinion {
    /// The share of approvals and declines, from 0 to 1.
    pub share: f64,
    /// How many second opinions there have to be before their agreement is shown as a number.
    pub minimum: u32,
}

impl Default for SecondOpinion {
    fn default() -> SecondOpinion {
        SecondOpinion {
            share: 0.1,
            minimum: 20,
        }
    }
}

impl SecondOpinion {
    /// What makes no sense about it.
    pub(super) fn fault(&self) -> Option<&'static str> {
        if !(0.0..=1.0).contains(&self.share) {
            return Some("[second_opinion] `share` is from 0.0 to 1.0");
        }
        (self.minimum == 0).then_some("[second_opinion] `minimum` is at least 1")
    }
}

/// How much of what is hard to read a member of staff takes on before a break, and in a shift.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Care {
    crisis: u32,
    red: u32,
    amber: u32,
    green: u32,
    /// So many points since the last break, and a break is offered.
    pub offer_break_at: u32,
    /// So many, and red and crisis wait until there was one.
    pub require_break_at: u32,
    /// So many within a shift, and there is no more red or crisis in it.
    pub shift_points: u32,
    shift: Period,
    #[serde(rename = "break")]
    rest: Period,
}

impl Default for Care {
    fn default() -> Care {
        Care {
            crisis: 8,
            red: 4,
            amber: 2,
            green: 1,
            offer_break_at: 40,
            require_break_at: 60,
            shift_points: 120,
            shift: Period(Duration::from_secs(8 * 60 * 60)),
            rest: Period(Duration::from_secs(10 * 60)),
        }
    }
}

impl Care {
    /// The longest that a shift can be: what happened before is forgotten soon after.
    const LONGEST_SHIFT: Duration = Duration::from_secs(24 * 60 * 60);

    /// What a case of this level weighs.
    pub fn points(&self, level: Level) -> u32 {
        match level {
            Level::Green => self.green,
            Level::Amber => self.amber,
            Level::Red => self.red,
            Level::Crisis => self.crisis,
        }
    }

    /// How far back a shift reaches from any moment.
    pub fn shift(&self) -> Duration {
        self.shift.0
    }

    /// How long a break has to be to count as one.
    pub fn rest(&self) -> Duration {
        self.rest.0
    }

    /// What makes no sense about it.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let points = [self.crisis, self.red, self.amber, self.green];
        let most = 1_000_000;
        let in_order = [
            self.offer_break_at,
            self.require_break_at,
            self.shift_points,
            most,
        ];
        if points.into_iter().any(|points| points > most) {
            return Some("[care] a case has at most 1000000 points");
        }
        if self.offer_break_at == 0 || !in_order.is_sorted() {
            return Some(
                "[care] expected `offer_break_at`, `require_break_at` and `shift_points` to grow \
                 in this order, from 1 to 1000000",
            );
        }
        if self.shift.0 > Care::LONGEST_SHIFT {
            return Some("[care] `shift` is at most \"24h\"");
        }
        (self.rest.0 >= self.shift.0).then_some("[care] `break` is shorter than `shift`")
    }
}

#[cfg(test)]
mod tests {
    use crate::triage::{Level, Policy};

    const SHIPPED: &str = include_str!("../../moderation-rules/policy.toml");

    /// The shipped policy with other values in these two tables.
    fn with(tables: &str) -> Result<Policy, String> {
        let (before, rest) = SHIPPED.split_once("\n[second_opinion]").expect("a table");
        let (_, reasons) = rest.split_once("[[decline_reason]]").expect("a reason");
        Policy::parse(&format!("{before}\n{tables}\n[[decline_reason]]{reasons}"))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_policy_that_says_nothing_of_it_means_what_the_shipped_one_says() {
        let (silent, shipped) = (with("").unwrap(), Policy::shipped());
        assert_eq!(silent.second_opinion(), shipped.second_opinion());
        let all = |policy: &Policy| format!("{:?}", policy.care());
        assert_eq!(all(&silent), all(&shipped));
        assert_eq!(shipped.care().points(Level::Crisis), 8);
        let some = with("[care]\nbreak = \"15m\"").unwrap();
        assert_eq!(some.care().rest().as_secs(), 900);
        assert_eq!(some.care().shift().as_secs(), 8 * 3_600);
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (tables, part) in [
            ("[second_opinion]\nshare = 1.5", "`share` is from 0.0"),
            ("[second_opinion]\nshare = nan", "`share` is from 0.0"),
            ("[second_opinion]\nminimum = 0", "at least 1"),
            ("[second_opinion]\nshares = 1.0", "unknown field `shares`"),
            ("[care]\noffer_break_at = 0", "to grow"),
            ("[care]\nrequire_break_at = 39", "to grow"),
            ("[care]\nshift_points = 59", "to grow"),
            ("[care]\ncrisis = 1000001", "at most 1000000 points"),
            ("[care]\nred = -1", "invalid value"),
            ("[care]\nshift = \"25h\"", "at most \"24h\""),
            ("[care]\nbreak = \"8h\"", "shorter than"),
            ("[care]\nbreak = \"soon\"", "expected minutes or hours"),
        ] {
            let error = with(tables).unwrap_err();
            assert!(error.contains(part), "{tables}: {error}");
        }
    }
}
