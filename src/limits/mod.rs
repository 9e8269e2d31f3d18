//! How much anybody may do: per person, and per network.
//!
//! [`Work`] is the table of what is counted, `quota` the one rule, and there are two places to
//! count in: Redis, for all processes together, and the memory of this process, where there is
//! no Redis or it does not answer. Nobody is refused, or kept waiting, because Redis is gone.
//!
//! Callers are known by tags alone: MACs under the key of [`Keys`] and a secret that is made anew
//! every day, and then forgotten. Whoever steals Redis lacks the key; whoever has the key lacks
//! yesterday's secret. No address is stored or logged anywhere.

mod attempts;
mod layer;
mod memory;
mod network;
mod quota;
mod shared;
mod work;

use std::sync::Arc;

use ipnet::IpNet;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

pub use attempts::Attempt;
pub use layer::{Gate, limited};
pub use network::Network;
pub use quota::{Quota, Standing};
pub use work::{EVERYTHING, Work, names, table};

use crate::clock::{Clock, Time};
use crate::keys::{self, Keys, Tag};
use memory::Memory;
use shared::Shared;

/// Counts what everybody does. Cheap to clone.
#[derive(Clone)]
pub struct Limits(Arc<Inner>);

struct Inner {
    keys: Arc<Keys>,
    clock: Clock,
    /// Proxies that are believed when they say whom a request comes from.
    trusted: Vec<IpNet>,
    /// What who cannot post just now is told about where to turn.
    support: &'static str,
    memory: Memory,
    shared: Option<Shared>,
}

/// A secret that lasts for a day, counted from the Unix epoch.
#[derive(Clone, Debug)]
struct Secret {
    day: i64,
    bytes: Zeroizing<Vec<u8>>,
}

impl Secret {
    fn random(now: Time) -> Secret {
        Secret {
            day: now.day(),
            bytes: Zeroizing::new(keys::random_bytes::<32>().to_vec()),
        }
    }
}

/// A request that is to be counted.
struct Count<'a> {
    quota: &'static Quota,
    /// Who sent it: the bytes of an identifier or of a network.
    caller: &'a [u8],
}

impl Count<'_> {
    /// What the caller is known by today, for this quota alone.
    fn tag(&self, keys: &Keys, secret: &Secret) -> Tag {
        keys.caller_tag(&secret.bytes, self.quota.name, self.caller)
    }
}

/// What came of counting a request.
struct Verdict {
    admitted: bool,
    standings: Vec<Standing>,
}

impl Limits {
    /// Counts in `redis_url`, where there is one and while it answers, or else within this
    /// process. `support` is what somebody who cannot post just now is told about where to turn.
    ///
    /// # Errors
    /// Where `redis_url` is not an address of Redis; whether it answers shows later.
    pub async fn new(
        keys: Arc<Keys>,
        clock: Clock,
        trusted: Vec<IpNet>,
        redis_url: Option<&str>,
        support: &'static str,
    ) -> redis::RedisResult<Limits> {
        let shared = redis_url.map(Shared::new).transpose()?;
        if let Some(shared) = &shared {
            shared.connect().await;
        }
        Ok(Limits(Arc::new(Inner {
            memory: Memory::new(clock.now()),
            shared,
            keys,
            clock,
            trusted,
            support,
        })))
    }

    /// Keeps the connection to Redis up, where there is one, until `stop` is cancelled.
    pub async fn run(self, stop: CancellationToken) {
        if let Some(shared) = &self.0.shared {
            shared.run(stop).await;
        }
    }

    /// Counts one request against each quota, or against none where one of them is used up.
    async fn count(&self, counts: &[Count<'_>]) -> Verdict {
        let Inner {
            keys,
            clock,
            memory,
            shared,
            ..
        } = &*self.0;
        let now = clock.now();
        if let Some(shared) = shared
            && let Some(verdict) = shared.count(counts, keys, now).await
        {
            return verdict;
        }
        memory.count(counts, keys, now)
    }

    /// Takes back everything that these callers have used.
    async fn forget(&self, counts: &[Count<'_>]) {
        let Inner {
            keys,
            clock,
            memory,
            shared,
            ..
        } = &*self.0;
        let now = clock.now();
        if let Some(shared) = shared {
            shared.forget(counts, keys, now).await;
        }
        memory.forget(counts, keys);
    }
}
