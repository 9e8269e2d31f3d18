//! One heart for all sockets: it pings them in turns, notices who is gone, and looks after
//! accounts that have changed.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::Live;
use super::connection::Connection;
use super::end::End;
use super::frames;
use crate::ids::AccountId;

/// How often each client is pinged.
const PING: Duration = Duration::from_secs(25);
/// Parts of the sockets that have their turn one after the other.
const TURNS: u32 = 25;

/// Pings until the program stops; then tells every socket.
pub async fn heartbeat(live: Arc<Live>) {
    let mut beats = interval(PING / TURNS);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for turn in (0..TURNS as usize).cycle() {
        tokio::select! {
            _ = beats.tick() => beat(&live, turn).await,
            () = live.stop.cancelled() => break,
        }
    }
    for connection in live.fanout.at(0..live.fanout.places()) {
        connection.end(End::STOPPING);
    }
}

async fn beat(live: &Live, turn: usize) {
    let ping = frames::ping();
    let places = (turn..live.fanout.places()).step_by(TURNS as usize);
    let alive: Vec<(Arc<Connection>, AccountId)> = live
        .fanout
        .at(places)
        .into_iter()
        .filter_map(|connection| {
            let account = connection.ping(&ping)?.account;
            Some((connection, account))
        })
        .collect();
    let accounts: Vec<AccountId> = alive.iter().map(|(_, account)| *account).collect();
    match live.accounts.muted_topics(&accounts).await {
        // What they mute may have changed since, and they may have left.
        Ok(muted) => {
            for (connection, account) in alive {
                match muted.get(&account) {
                    Some(topics) => connection.mute(topics.iter().collect()),
                    None => connection.end(End::SIGNED_OUT),
                }
            }
        }
        Err(error) => tracing::warn!(%error, "live sockets cannot read their accounts"),
    }
}
