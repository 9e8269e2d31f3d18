//! What the app promises, tried out over real sockets: on SQLite as `embedded::`, on
//! PostgreSQL as `production::`.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on has to say so and stop"
)]

mod accounts;
mod alarms;
mod appeals;
mod audit;
mod bad_input;
mod browser;
mod bulk;
mod care;
mod claims;
mod console;
mod console_case;
mod crash;
mod crowds;
mod deciding;
mod disclosures;
mod enrolment;
mod figures;
mod guessing;
mod handover;
mod harness;
mod held;
mod hindsight;
mod http;
mod leaving;
mod limits;
mod live;
mod masking;
mod moderation;
mod on_call;
mod outages;
mod overload;
mod paging;
mod posts;
mod program;
mod queue;
mod queue_live;
mod races;
mod reactions;
mod recent;
mod repeats;
mod reports;
mod resuming;
mod reviews;
mod roles;
mod rules;
mod rules_commands;
mod safeguarding;
mod schema;
mod settings;
mod sockets;
mod staff;
mod strangers;
mod support;
mod surge;
mod transfer;
mod triage_command;
mod undoing;
mod wire;

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
        tokens_survive_a_restart
        forged_tokens_are_refused
        tokens_of_people_and_of_staff_do_not_mix
        people_change_what_they_tell_of_themselves
    }
    console: {
        nobody_sees_a_page_without_signing_in
        a_session_is_a_cookie_that_no_script_reads
        what_changes_something_comes_from_a_page_of_ours
        pages_run_no_script_but_ours
    }
    browser: {
        signing_in_has_no_barrier
        a_whole_shift
        no_page_has_a_barrier
    }
    console_case: {
        all_there_is_to_know_stands_on_it
        hostile_words_do_nothing
        what_is_hidden_is_shown_as_hidden
        each_decision_has_its_form
        a_form_that_cannot_be_done_is_shown_again
        a_decision_is_undone_by_its_button
        each_role_sees_its_own
        what_the_author_wrote_is_shown_once
    }
    queue: {
        the_nearest_deadline_is_on_top_with_counts_for_every_queue
        a_filter_says_what_it_leaves_out
        cases_are_found_by_what_they_are
        the_page_goes_on_where_it_ended
        what_a_child_wrote_stays_harmless
        views_are_kept_under_a_name
        who_is_no_moderator_sees_no_queue
    }
    queue_live: {
        a_cry_for_help_is_on_the_screen_within_a_second
        what_a_filter_leaves_out_is_announced_all_the_same
        what_another_process_does_is_on_the_screen
        who_was_cut_off_hears_what_was_missed
        every_change_of_a_case_is_shown
        a_screen_ends_with_its_session_and_with_the_program
    }
    claims: {
        a_claim_is_taken_on_the_page_and_ends_by_itself
        who_comes_late_sees_who_has_it
        a_case_is_handed_to_a_colleague_by_name
        only_who_may_take_a_case_gets_it
        what_another_works_on_only_a_lead_hands_on
        assignments_at_once_leave_one_holder
    }
    handover: {
        a_note_is_read_by_who_comes_next
        all_that_is_held_is_given_back_at_once
        a_note_that_makes_no_sense_is_refused
        notes_are_forgotten
    }
    alarms: {
        a_breach_is_told_once_and_signed
        a_new_deadline_is_a_new_alarm
        who_sends_elsewhere_is_not_followed
        a_breach_is_in_the_figures
    }
    leaving: {
        the_export_holds_everything
        who_leaves_leaves_nothing
        who_leaves_cannot_come_back_and_is_not_counted
        the_cases_of_who_leaves_are_closed_and_hold_no_words
        others_hear_that_a_post_is_gone_when_its_author_leaves
    }
    posts: {
        a_green_post_is_live_at_once
        an_amber_post_is_live_and_somebody_looks
        a_held_post_says_so_and_by_when_a_person_looks
        an_author_sees_their_posts_in_every_state
        who_takes_a_post_back_takes_it_from_everybody
        a_cry_for_help_is_not_lost_by_taking_it_back
        nobody_takes_back_the_post_of_another
        topics_that_the_author_names_are_added_to_what_is_found
        what_cannot_be_read_is_not_a_post
    }
    held: {
        a_red_post_is_seen_by_its_author_alone
        a_crisis_post_is_seen_by_its_author_alone
        a_declined_post_is_seen_by_its_author_alone
        a_held_post_never_passes_over_a_socket
        a_held_post_is_not_replayed
        a_post_taken_down_is_not_replayed
        a_held_post_stays_held_over_a_restart
    }
    masking: {
        what_is_personal_is_hidden_from_others
        an_author_changes_what_was_hidden
        other_words_are_about_other_things
        a_change_may_hold_a_post
        a_cry_for_help_is_not_lost_by_changing_it
    }
    paging: {
        pages_have_no_gap_and_no_duplicate_while_posts_are_made
        own_posts_page_alike
        a_topic_is_a_feed_of_its_own
        what_is_muted_is_not_in_the_feed
        a_page_that_makes_no_sense_is_refused
    }
    recent: {
        memory_and_database_answer_to_the_letter_alike
        what_is_taken_down_is_in_no_page_from_then_on
        a_held_post_is_in_no_page_until_it_is_approved
        a_reaction_is_in_the_next_page
        pages_go_on_where_memory_ends
        a_page_does_not_wait_for_a_reader_of_the_log_that_is_stuck
        a_restart_shows_the_same_pages
        a_changed_account_is_changed_everywhere
        who_left_is_nobody_everywhere
    }
    repeats: {
        the_same_request_again_is_the_same_post
        another_request_with_the_same_key_is_refused
        a_key_belongs_to_one_person
        ten_at_once_are_one_post
        ten_at_once_without_a_key_are_ten_posts
        a_key_is_remembered_over_a_restart
        repeats_among_others_leave_no_gap
        a_key_that_makes_no_sense_is_refused
    }
    support: {
        every_post_has_somebody_to_turn_to
        support_is_there_at_every_hour_and_in_every_state
        the_urgent_list_comes_with_the_answer_always_the_same
        others_cannot_tell_the_level_from_the_support
    }
    reactions: {
        giving_twice_is_giving_once
        taking_back_twice_is_taking_back_once
        nobody_reacts_to_their_own_post
        there_are_three_reactions_and_no_words
        a_post_that_comes_back_has_its_reactions_still
        counts_are_right_after_everybody_toggled_at_once
        the_same_person_at_once_counts_once
        whatever_people_do_at_once_the_rows_are_the_count
        many_at_once_are_one_event
        what_is_refused_is_refused_alone
        who_comes_when_too_many_wait_is_asked_to_come_back
    }
    reports: {
        a_report_is_heard_to_its_end
        a_post_that_may_stay_stays
        who_takes_a_reported_post_back_ends_the_case
        the_same_report_again_has_the_same_receipt
        reports_of_many_at_once_are_one_case
        worry_about_somebody_is_as_urgent_as_red
        a_report_that_makes_no_sense_is_refused
    }
    appeals: {
        an_appeal_can_bring_a_post_back
        an_appeal_can_fail_and_cannot_be_made_again
        the_same_appeal_again_has_the_same_receipt
        appeals_at_once_are_one
        only_what_was_declined_can_be_appealed_and_by_its_author
        whoever_declined_does_not_judge_the_appeal
        an_appeal_and_a_claim_at_once_leave_it_to_somebody_else
        an_appeal_that_nobody_may_judge_is_said_aloud
    }
    reviews: {
        a_second_opinion_knows_nothing_of_the_first
        whoever_had_a_part_in_it_never_finds_it
        of_opinions_at_once_one_counts
        overturning_a_decline_publishes_the_post_everywhere
        overturning_an_approval_takes_the_post_down_everywhere
        what_stands_stays_as_it_is
        what_has_changed_since_is_looked_at_no_more
        agreement_is_shown_by_queue_and_never_by_person
        pages_do_what_the_api_does
    }
    care: {
        a_break_is_offered_and_then_required
        a_full_shift_is_over_whatever_breaks_there_were
        what_nobody_else_can_take_can_be_taken_anyway
        claims_at_once_weigh_together
        nobody_sees_what_another_had_to_read
        it_is_forgotten_after_two_days
        only_moderators_have_a_shift
    }
    staff: {
        a_session_needs_a_name_a_password_and_a_code
        of_one_code_used_at_once_one_session_comes
        a_session_lasts_twelve_hours
        each_role_may_do_its_own
        a_name_is_taken_once
        a_session_that_is_not_used_ends
        a_stream_keeps_no_session_alive
        a_cookie_that_is_made_up_opens_nothing
        every_sign_in_is_a_new_session
        who_is_deactivated_is_out_at_once
        nobody_shuts_out_themselves_or_the_last_admin
        people_see_and_end_their_own_sessions
        a_password_is_changed_with_password_and_code
    }
    enrolment: {
        a_link_makes_a_member_once
        a_link_ends_and_is_replaced
        what_is_wrong_is_said_and_the_secret_stays
        a_link_used_twice_at_once_makes_one_member
        who_lost_their_phone_begins_anew
        an_invitation_has_a_name_and_a_role
        links_are_made_by_commands_too
    }
    guessing: {
        who_guesses_waits_longer_each_time
        strangers_lock_nobody_out
        who_tries_many_names_is_slowed_and_the_owner_of_a_browser_is_not
        a_right_sign_in_takes_back_what_was_counted
        whoever_is_at_an_open_session_guesses_no_more_often
    }
    roles: {
        every_route_is_for_its_roles
    }
    moderation: {
        the_nearest_deadline_comes_first
        cases_are_found_by_their_state
        a_claim_keeps_others_out_until_it_ends
        nothing_is_decided_without_a_claim
        an_approved_post_is_live_within_two_seconds
        a_decline_has_a_reason_that_the_author_reads
        an_escalated_case_is_for_a_lead
        a_post_taken_back_can_only_be_closed
        a_case_past_its_deadline_is_seen
        cases_that_are_not_there_are_not_found
    }
    safeguarding: {
        a_record_closes_when_all_four_are_written
        a_record_is_only_ever_added_to
        of_records_opened_at_once_there_is_one
        a_record_is_for_leads_and_whoever_opened_it
        what_is_written_is_sealed
        a_case_is_decided_while_its_record_is_open
        a_record_outlives_the_account
        an_admin_erases_what_was_kept_for_long_enough
        a_record_is_written_on_its_page
    }
    on_call: {
        the_rota_says_who_is_on_call_and_when_nobody_is
        leads_and_admins_alone_change_the_rota
        an_escalated_case_rings_until_a_lead_has_taken_it
        who_does_not_answer_is_passed_over
        of_processes_that_look_at_once_one_rings
        of_leads_who_answer_at_once_one_has_it
        with_nobody_on_call_it_rings_for_every_lead
        whoever_claims_the_case_has_answered
        a_decision_ends_the_ringing
        nothing_rings_over_a_post_that_is_erased
    }
    disclosures: {
        two_people_and_one_look
        nobody_agrees_with_themself
        what_is_refused_is_never_seen
        what_runs_out_is_never_seen
        of_two_answers_at_once_one_counts
        of_two_looks_at_once_one_sees
        no_other_role_comes_near_it
        who_has_left_cannot_be_seen
        what_was_asked_for_is_all_that_is_shown
        no_words_are_on_the_record_or_in_a_stolen_database
        it_is_done_on_pages
    }
    deciding: {
        several_things_at_once_are_one_decision
        all_of_it_is_done_or_nothing
        what_is_held_longer_is_looked_at_again
        a_message_with_a_gap_is_not_told
        a_decision_cites_the_policy_in_force
        more_is_hidden_of_what_is_live
        a_level_is_raised_by_a_person
        only_what_was_read_is_decided
        what_an_author_wrote_elsewhere_is_looked_at_on_the_record
    }
    undoing: {
        a_decision_is_undone_within_a_minute
        an_undo_brings_back_what_was_live
        earlier_words_come_back_with_an_undo_and_are_gone_after_it
        who_leaves_takes_along_what_could_be_undone
        an_undo_comes_too_late
        of_undos_at_once_one_counts
        what_was_undone_tells_nothing_of_the_rules
    }
    races: {
        of_claims_at_once_one_wins
        of_decisions_at_once_one_counts
        a_decision_and_a_withdrawal_at_once_leave_nothing_live
        leaving_while_staff_are_at_work_leaves_nothing
        leaving_while_posting_leaves_nothing
    }
    audit: {
        every_act_has_its_line
        what_is_refused_is_not_on_the_record
        a_case_has_its_timeline
        the_database_refuses_to_change_the_record
        a_changed_letter_is_found
        a_changed_time_is_found
        a_deleted_line_is_found
        a_deleted_end_is_found
        a_line_moved_over_a_deleted_one_is_found
        a_flipped_byte_of_a_hash_is_found
        acts_at_once_make_one_chain
        the_record_is_read_at_the_console
        an_export_holds_the_lines_of_its_days_and_is_on_the_record
        an_export_that_was_touched_is_found_out
    }
    bulk: {
        what_is_decided_is_seen_first_and_its_count_typed
        a_query_chooses_and_words_are_no_part_of_it
        a_moderator_approves_what_is_harmless_and_a_lead_more
        the_grave_the_taken_and_the_appealed_are_left_out
        what_changed_meanwhile_is_skipped_and_listed
        all_of_it_is_taken_back
        what_moved_on_is_not_taken_back
        after_ten_minutes_it_stays
        what_was_seen_too_long_ago_is_chosen_again
        at_once_each_case_is_decided_once
        a_bulk_that_broke_off_is_gone_on_with
    }
    surge: {
        while_it_is_on_every_new_post_waits
        other_words_wait_as_well
        every_page_says_that_it_is_on
        only_leads_and_admins_switch_it_and_only_once
        nothing_slips_through_at_the_moment_of_the_switch
        a_repeated_request_at_the_switch_is_one_post
        every_process_agrees_and_a_restart_forgets_nothing
        it_begins_by_itself_when_nobody_is_seen_on_shift
        outside_staffed_hours_it_says_so
        what_was_held_is_let_out_together
    }
    figures: {
        times_and_deadlines_are_those_of_the_cases
        appeals_and_rules_are_counted
        the_pages_draw_them_and_the_files_hold_them
        no_figure_is_about_a_member_of_staff
        a_period_that_makes_no_sense_is_refused
        the_public_is_told_of_a_year_that_is_over
        who_leaves_afterwards_changes_nothing_of_it
    }
    live: {
        a_ticket_opens_one_socket
        a_ticket_at_once_opens_one_socket
        a_ticket_is_good_for_half_a_minute
        nobody_listens_without_a_token
        a_live_post_is_told_to_everybody
        ready_says_from_where_on
        a_subscription_can_be_to_topics
        what_is_muted_is_not_told
        of_many_counts_the_newest_is_told
        counts_that_were_missed_are_told_as_one
        a_notice_is_for_the_author_alone
        a_slow_reader_costs_nobody_else
    }
    resuming: {
        who_comes_back_hears_what_was_missed_in_order
        a_restart_loses_nothing
        sequence_numbers_only_grow
        who_was_away_too_long_starts_afresh
        a_number_that_makes_no_sense_starts_afresh
    }
    sockets: {
        what_is_no_subscription_ends_it
        bytes_end_it
        too_much_ends_it
        a_bad_message_later_ends_it_too
        who_says_goodbye_hears_goodbye
        who_never_subscribes_is_let_go
        a_stop_says_so_to_everybody
        people_hear_nothing_of_each_other
    }
    limits: {
        who_posts_a_lot_sees_it_coming_and_is_told_where_to_turn
        the_numbers_in_the_words_are_those_of_the_urgent_list
        every_operation_is_limited_and_says_so
        people_who_are_not_limited_hear_nothing_of_limits
        a_socket_is_counted_for_its_person
        a_quota_holds_across_processes
        without_redis_each_process_limits_by_itself
        a_proxy_is_believed_only_where_it_is_trusted
        at_midnight_a_network_is_forgotten
        nothing_of_an_address_is_kept
        the_description_says_how_each_operation_is_limited
    }
    overload: {
        a_database_that_hangs_is_an_answer_in_good_time
        a_database_that_takes_no_writes_is_an_answer
    }
    wire: {
        what_is_said_together_with_the_request_is_heard
        a_message_comes_in_any_pieces
        frames_that_no_client_may_write_end_it
    }
    crowds: {
        a_burst_comes_in_order
        two_thousand_hear_it
        who_vanishes_is_forgotten
        pings_are_answered_in_the_middle_of_it_all
        who_stops_reading_costs_nobody_else_and_starts_afresh
    }
    bad_input: {
        no_endpoint_takes_a_body_that_makes_no_sense
        no_field_takes_what_it_is_not
        no_text_takes_what_nobody_can_read
        no_path_or_query_breaks_it
    }
    http: {
        headers_that_make_no_sense_are_no_token
        what_is_not_there_is_a_problem
        every_answer_is_kept_by_no_cache
    }
    strangers: {
        an_account_is_named_by_its_own_tables_alone
        no_two_posts_of_one_person_share_what_others_do_not
        no_tag_is_on_two_rows
        with_the_key_everything_is_joined
        no_time_of_an_account_is_finer_than_a_day
        no_hidden_column_joins_an_account_to_a_post
        no_address_and_no_program_is_stored
    }
    rules: {
        new_rules_are_in_force_at_once_and_bad_ones_never
        rules_that_fail_at_the_start_serve_and_say_so
        the_directory_is_watched
        rules_that_cannot_be_kept_wait
        a_shadow_changes_nothing_and_is_counted
        a_decision_is_counted_for_the_rules_of_the_post
    }
    hindsight: {
        a_verdict_is_made_again_with_the_rules_of_then
        what_cannot_be_made_again_says_why
        agreement_is_what_people_decided
        a_draft_is_tried_on_the_past
        work_is_measured_from_claim_to_decision
    }
    rules_commands: {
        two_folders_of_packs_are_compared
        the_past_is_looked_back_on
        words_are_shown_only_where_asked_for_and_on_the_record
        packs_that_do_not_compile_do_not_start
        packs_are_checked_before_they_are_in_force
        editors_are_told_the_form_of_a_pack
        a_verdict_is_explained
    }
    triage_command: {
        each_text_is_answered_in_its_turn
        what_cannot_be_read_is_named_and_costs_nothing_else
        whoever_asks_line_by_line_is_answered_line_by_line
    }
    program: {
        it_says_what_it_serves_and_keeps_its_data
        asked_to_stop_it_finishes_what_it_began
        two_that_start_at_once_on_nothing_both_serve
        without_redis_events_still_come
        staff_are_added_and_the_record_verified
        the_record_is_exported_and_verified_elsewhere
        no_log_holds_words_addresses_or_programs
    }
    settings: {
        wrong_settings_are_refused_by_their_name
        help_lists_every_setting
        a_key_file_that_others_can_read_is_refused
        another_key_than_that_of_the_database_is_refused
    }
    crash: {
        a_kill_loses_nothing_that_was_acknowledged
        a_frozen_process_costs_its_own_clients_time_alone
    }
    outages: {
        a_database_that_is_gone_costs_time_alone
        a_full_disk_is_said_and_loses_nothing
        without_redis_for_a_while_everything_goes_on
        a_clock_that_jumps_hurts_nobody
    }
    transfer: {
        a_pilot_goes_on_with_everything_it_had
        odd_contents_arrive_as_they_are
        nothing_is_moved_over_something_else
        a_move_that_is_killed_leaves_nothing
    }
    schema: {
        it_is_ready
        migrating_again_changes_nothing
        both_have_the_same_tables_columns_and_nullability
        migrations_at_once_all_succeed
    }
}
