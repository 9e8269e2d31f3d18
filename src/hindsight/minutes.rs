//! How long people take over a case.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Serialize;

use super::{Window, store};
use crate::clock::Time;
use crate::db::Db;

/// So many cases have to be timed before their median is believed.
const FEWEST: usize = 20;

/// How long a person takes over a case.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Minutes {
    /// Minutes from a claim to the decision.
    pub per_case: f64,
    /// Whether that is the median of what was timed; else it was assumed.
    pub measured: bool,
    /// How many decisions could be timed.
    pub timed: usize,
}

impl Minutes {
    /// The median of what the record tells, or `assumed` where it tells of too few.
    pub async fn measure(db: &Db, window: Window, assumed: f64) -> sqlx::Result<Minutes> {
        let mut seconds = timed(db, window).await?;
        seconds.sort_unstable();
        let timed = seconds.len();
        Ok(match timed >= FEWEST {
            true => Minutes {
                per_case: f64::from(seconds[timed / 2]) / 60.0,
                measured: true,
                timed,
            },
            false => Minutes {
                per_case: assumed,
                measured: false,
                timed,
            },
        })
    }

    /// The least that has to be timed.
    pub fn fewest() -> usize {
        FEWEST
    }
}

/// The seconds from each claim to the decision of the same person. Who renews a claim works on;
/// a claim that was given back, or that another took over, is not counted.
async fn timed(db: &Db, window: Window) -> sqlx::Result<Vec<u32>> {
    let mut held: HashMap<String, (String, Time)> = HashMap::new();
    let (mut seconds, mut last) = (Vec::new(), 0);
    loop {
        let acts = store::acts(db, window, last).await?;
        let Some(end) = acts.last() else {
            return Ok(seconds);
        };
        last = end.seq;
        for act in acts {
            match (act.action.as_str(), held.entry(act.subject)) {
                ("case.claim", Entry::Vacant(free)) => {
                    free.insert((act.actor, act.made_at));
                }
                ("case.claim", Entry::Occupied(mut held)) if held.get().0 != act.actor => {
                    held.insert((act.actor, act.made_at));
                }
                ("case.release", Entry::Occupied(held)) => {
                    held.remove();
                }
                ("case.decide", Entry::Occupied(held)) => {
                    let (actor, since) = held.remove();
                    let took = act.made_at.seconds() - since.seconds();
                    if let (true, Ok(took)) = (actor == act.actor, u32::try_from(took)) {
                        seconds.push(took);
                    }
                }
                _ => {}
            }
        }
    }
}
