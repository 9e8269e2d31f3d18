//! What the app promises, tried out over real sockets: on SQLite as `embedded::`, on
//! PostgreSQL as `production::`.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on has to say so and stop"
)]

mod accounts;
mod harness;

use harness::Engine;

/// Each behaviour is an `async fn(&App)` in the module of its area, and one test per engine.
macro_rules! behaviours {
    ($($area:ident: $behaviours:tt)+) => {
        mod embedded {
            $(mod $area { $crate::behaviours!(@ Embedded $area $behaviours); })+
        }
        mod production {
            $(mod $area { $crate::behaviours!(@ Production $area $behaviours); })+
        }
    };
    (@ $engine:ident $area:ident { $($behaviour:ident)+ }) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                $crate::harness::on($crate::Engine::$engine, $crate::$area::$behaviour).await;
            }
        )+
    };
}
pub(crate) use behaviours;

behaviours! {
    accounts: {
        a_new_account_has_tokens_that_work
    }
}
