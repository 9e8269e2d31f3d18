//! What the app promises, tried out over real sockets: on SQLite as `embedded::`, on
//! PostgreSQL as `production::`.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on has to say so and stop"
)]

mod accounts;
mod harness;
mod leaving;

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
        an_account_takes_nothing_that_says_who_they_are
        a_refresh_token_works_once
        a_refresh_token_used_twice_ends_its_family
        of_refreshes_at_once_one_wins_at_the_most
        a_recovery_code_opens_the_account_again
        an_access_token_lasts_a_quarter_of_an_hour
        a_family_lasts_sixty_days_from_its_last_use
        tokens_survive_a_restart_and_a_change_of_keys_does_not
        forged_tokens_are_refused
        tokens_of_people_and_of_staff_do_not_mix
        people_change_what_they_tell_of_themselves
    }
    leaving: {
        the_export_holds_everything
        who_leaves_leaves_nothing
        who_leaves_cannot_come_back_and_is_not_counted
        the_cases_of_who_leaves_are_closed_and_hold_no_words
        others_hear_that_a_post_is_gone_when_its_author_leaves
    }
}
