//! What is counted in Redis, for all processes together.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use data_encoding::HEXLOWER;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, RedisResult, Script};
use tokio::sync::Notify;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::quota::Standing;
use super::{Count, Secret, Verdict};
use crate::clock::Time;
use crate::keys::{self, Keys};

/// How long a request waits for Redis before it is counted within this process. One that waits
/// in vain is the last to ask until Redis is back.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long Redis may take to take a connection.
const CONNECT_PATIENCE: Duration = Duration::from_secs(2);
/// What every name in Redis begins with.
const PREFIX: &str = "hearth:limits";

/// The rule of `quota`, for all processes by one clock, that of Redis: a name lives for as long
/// as it takes until everything has run off, and holds nothing.
const COUNT: &str = "
local left, admitted = {}, 1
for i, name in ipairs(KEYS) do
  local pace, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  left[i] = math.min(math.max(redis.call('PTTL', name), 0), window)
  if left[i] + pace > window then admitted = 0 end
end
if admitted == 1 then
  for i, name in ipairs(KEYS) do
    left[i] = left[i] + tonumber(ARGV[2 * i - 1])
    redis.call('SET', name, '', 'PX', left[i])
  end
end
return {admitted, left}";

/// The secret of the day: the first process to ask makes it, and with the day it is gone.
const SECRET: &str = "
redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[2])
return redis.call('GET', KEYS[1])";

/// A connection to Redis that comes back by itself.
pub(super) struct Shared {
    client: Client,
    connection: Mutex<Option<MultiplexedConnection>>,
    lost: Notify,
    secret: Mutex<Option<Secret>>,
    count: Script,
    make_secret: Script,
}

impl Shared {
    pub fn new(url: &str) -> RedisResult<Shared> {
        Ok(Shared {
            client: Client::open(url)?,
            connection: Mutex::default(),
            lost: Notify::new(),
            secret: Mutex::default(),
            count: Script::new(COUNT),
            make_secret: Script::new(SECRET),
        })
    }

    /// Keeps the connection up until `stop` is cancelled.
    pub async fn run(&self, stop: CancellationToken) {
        let keep = async {
            loop {
                if lock(&self.connection).is_some() {
                    self.lost.notified().await;
                    tracing::warn!("Redis does not answer; each process limits by itself");
                }
                // Half a second to a second and a half: processes do not come back all at once.
                let [chance] = keys::random_bytes();
                sleep(Duration::from_millis(500 + 4 * u64::from(chance))).await;
                self.connect().await;
            }
        };
        tokio::select! {
            () = keep => {}
            () = stop.cancelled() => {}
        }
    }

    /// Connects, where Redis answers.
    pub async fn connect(&self) {
        match self.connection().await {
            Ok(connection) => *lock(&self.connection) = Some(connection),
            Err(error) => tracing::debug!(%error, "Redis does not answer"),
        }
    }

    async fn connection(&self) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let mut connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        redis::cmd("PING").exec_async(&mut connection).await?;
        Ok(connection)
    }

    /// Counts one request against each quota, or against none where one of them is used up;
    /// `None` where Redis does not answer.
    pub async fn count(&self, counts: &[Count<'_>], keys: &Keys, now: Time) -> Option<Verdict> {
        let connection = lock(&self.connection).clone()?;
        match self.count_with(connection, counts, keys, now).await {
            Ok(verdict) => Some(verdict),
            Err(error) => {
                tracing::debug!(%error, "Redis does not count");
                if lock(&self.connection).take().is_some() {
                    self.lost.notify_one();
                }
                None
            }
        }
    }

    /// Takes back everything that these callers have used, where Redis answers. Where it does
    /// not, they wait once more than they should.
    pub async fn forget(&self, counts: &[Count<'_>], keys: &Keys, now: Time) {
        let Some(mut connection) = lock(&self.connection).clone() else {
            return;
        };
        let forgotten = async {
            let secret = self.secret(&mut connection, now).await?;
            let names = counts.iter().map(|count| name(count, keys, &secret));
            let mut delete = redis::cmd("DEL");
            for name in names {
                delete.arg(name);
            }
            delete.exec_async(&mut connection).await
        };
        if let Err(error) = forgotten.await {
            tracing::debug!(%error, "Redis does not forget");
        }
    }

    async fn count_with(
        &self,
        mut connection: MultiplexedConnection,
        counts: &[Count<'_>],
        keys: &Keys,
        now: Time,
    ) -> Result<Verdict, RedisError> {
        let secret = self.secret(&mut connection, now).await?;
        let mut script = self.count.prepare_invoke();
        for count in counts {
            let quota = count.quota;
            script
                .key(name(count, keys, &secret))
                .arg(quota.pace().as_millis() as u64)
                .arg(quota.window.as_millis() as u64);
        }
        let (admitted, left): (u8, Vec<u64>) = script.invoke_async(&mut connection).await?;
        let standings = counts.iter().zip(left).map(|(count, left)| Standing {
            quota: count.quota,
            left: Duration::from_millis(left),
        });
        Ok(Verdict {
            admitted: admitted == 1,
            standings: standings.collect(),
        })
    }

    /// The secret of the day that all processes share.
    async fn secret(
        &self,
        connection: &mut MultiplexedConnection,
        now: Time,
    ) -> Result<Secret, RedisError> {
        if let Some(secret) = lock(&self.secret).clone()
            && secret.day == now.day()
        {
            return Ok(secret);
        }
        let offered = Secret::random(now);
        let lifetime = Time::from_day(now.day() + 1).seconds() - now.seconds();
        let shared: Vec<u8> = self
            .make_secret
            .key(format!("{PREFIX}:secret:{}", now.day()))
            .arg(offered.bytes.as_slice())
            .arg(lifetime.max(1))
            .invoke_async(connection)
            .await?;
        let secret = Secret {
            day: offered.day,
            bytes: shared.into(),
        };
        *lock(&self.secret) = Some(secret.clone());
        Ok(secret)
    }
}

/// What a caller's use of a quota is called today.
fn name(count: &Count<'_>, keys: &Keys, secret: &Secret) -> String {
    format!("{PREFIX}:{}", HEXLOWER.encode(&count.tag(keys, secret)))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
