//! One heart for all sockets: it visits them in turns, pings who says nothing, notices who is
//! gone, and looks after accounts that have changed.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::Live;
use super::connection::Connection;
use super::end::End;
use super::frames;
use crate::ids::AccountId;

/// How often each client is visited: every second time is a ping, where it says nothing else.
/// Proxies close a connection over which nothing goes for a minute.
const VISIT: Duration = Duration::from_millis(12_500);
/// Parts of the sockets that have their turn one after the other.
const TURNS: u32 = 25;

/// Pings until the program stops; then tells every socket.
pub async fn heartbeat(live: Arc<Live>) {
    let mut beats = interval(VISIT / TURNS);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for turn in (0..TURNS as usize).cycle() {
        let beat = async {
            beats.tick().await;
            beat(&live, turn).await;
        };
        tokio::select! {
            () = beat => {}
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
    let pinged: Vec<(Arc<Connection>, AccountId)> = live
        .fanout
        .at(places)
        .into_iter()
        .filter_map(|connection| {
            let account = connection.visit(&ping)?;
            Some((connection, account))
        })
        .collect();
    let accounts: Vec<AccountId> = pinged.iter().map(|(_, account)| *account).collect();
    match live.accounts.muted_topics(&accounts).await {
        // What they mute may have changed since, and they may have left.
        Ok(muted) => {
            for (connection, account) in pinged {
                match muted.get(&account) {
                    Some(topics) => connection.mute(topics.iter().collect()),
                    None => connection.end(End::SIGNED_OUT),
                }
            }
        }
        Err(error) => tracing::warn!(%error, "live sockets cannot read their accounts"),
    }
}
