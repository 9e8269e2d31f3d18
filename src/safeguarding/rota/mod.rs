//! The rota: which leads are on call, from when to when, and who of them is rung first.

mod store;

use std::time::Duration;

use serde_json::json;

pub(super) use store::on_call;
pub use store::{Lead, Shift, leads};

use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::{ShiftId, StaffId};
use crate::posts::Posts;
use crate::staff::Member;

/// The longest that somebody is on call without a break.
const LONGEST: Duration = Duration::from_secs(14 * 86_400);
/// The last place in the order.
pub const LAST_PLACE: u8 = 9;
/// For how long there has to be somebody on call.
pub const AHEAD: Duration = Duration::from_secs(7 * 86_400);

/// A time on call, as it is asked for.
#[derive(Clone, Debug)]
pub struct NewShift {
    /// Who.
    pub lead: StaffId,
    /// From when.
    pub from: Time,
    /// Until when.
    pub to: Time,
    /// Of those who are on call at the same time, 1 is rung first.
    pub place: u8,
}

/// A time for which nobody is on call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// From when.
    pub from: Time,
    /// Until when.
    pub to: Time,
}

/// Who is on call now and later, the earliest first.
pub async fn shifts(db: &Db, now: Time) -> sqlx::Result<Vec<Shift>> {
    store::shifts(db, now).await
}

/// Puts a lead on the rota.
///
/// # Errors
/// Names the field that is at fault.
pub async fn add(posts: &Posts, member: &Member, new: NewShift) -> Result<()> {
    let now = posts.clock.now();
    if new.to <= new.from || new.to > new.from.plus(LONGEST) {
        return Err(Error::field(
            "to",
            "Expected a time after the start, and within 14 days of it.",
        ));
    }
    if new.to <= now {
        return Err(Error::field("to", "Expected a time that is still to come."));
    }
    if !(1..=LAST_PLACE).contains(&new.place) {
        return Err(Error::field("place", "Expected a number from 1 to 9."));
    }
    let leads = leads(&posts.db).await?;
    if !leads.iter().any(|lead| lead.id == new.lead) {
        return Err(Error::field("lead", "Expected a safeguarding lead."));
    }
    let id = ShiftId::random();
    let mut tx = posts.db.begin().await?;
    store::insert(&mut tx, id, &new).await?;
    let details = json!({
        "shift": id, "lead": new.lead, "from": new.from, "to": new.to, "place": new.place,
    });
    let actor = Actor::Staff(member.id);
    audit::record(&mut tx, now, actor, "rota.add", new.lead, details).await?;
    Ok(tx.commit().await?)
}

/// Takes a time on call off the rota.
///
/// # Errors
/// Not found where there is none.
pub async fn remove(posts: &Posts, member: &Member, id: ShiftId) -> Result<()> {
    let now = posts.clock.now();
    let mut tx = posts.db.begin().await?;
    let lead = store::delete(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let actor = Actor::Staff(member.id);
    let details = json!({ "shift": id, "lead": lead });
    audit::record(&mut tx, now, actor, "rota.remove", lead, details).await?;
    Ok(tx.commit().await?)
}

/// When nobody is on call between two moments. The shifts come earliest first.
pub fn gaps(shifts: &[Shift], from: Time, to: Time) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut covered = from;
    for shift in shifts.iter().take_while(|shift| shift.starts_at < to) {
        if shift.starts_at > covered {
            gaps.push(Gap {
                from: covered,
                to: shift.starts_at,
            });
        }
        covered = covered.max(shift.ends_at);
    }
    if covered < to {
        gaps.push(Gap { from: covered, to });
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shift(from: i64, to: i64) -> Shift {
        Shift {
            id: ShiftId::random(),
            lead: StaffId::random(),
            name: String::new(),
            starts_at: Time::from_micros(from),
            ends_at: Time::from_micros(to),
            place: 1,
        }
    }

    fn gaps_of(shifts: &[(i64, i64)]) -> Vec<(i64, i64)> {
        let shifts: Vec<Shift> = shifts.iter().map(|(from, to)| shift(*from, *to)).collect();
        let gaps = gaps(&shifts, Time::from_micros(10), Time::from_micros(20));
        (gaps.iter())
            .map(|gap| (gap.from.micros(), gap.to.micros()))
            .collect()
    }

    #[test]
    fn a_gap_is_where_no_shift_is() {
        assert_eq!(gaps_of(&[]), [(10, 20)]);
        assert_eq!(gaps_of(&[(0, 30)]), []);
        assert_eq!(gaps_of(&[(0, 12), (12, 25)]), []);
        assert_eq!(gaps_of(&[(0, 18), (11, 13), (19, 20)]), [(18, 19)]);
        assert_eq!(
            gaps_of(&[(12, 14), (16, 18)]),
            [(10, 12), (14, 16), (18, 20)]
        );
        assert_eq!(gaps_of(&[(0, 5), (25, 30)]), [(10, 20)]);
    }
}
