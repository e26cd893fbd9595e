//! The commands as a person meets them: each file of `cases/` is a story of sessions, with everything that is
//! printed and every exit code. `UPDATE_TRANSCRIPTS=1 cargo test --test cli` writes what is printed now.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test stops where it fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod codes;
mod exits;
mod schema;
mod terminal;
#[path = "../support/transcript.rs"]
mod transcript;

use std::path::{Path, PathBuf};

/// Where the stories are.
fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/cases")
}

fn tell(story: &str) {
    transcript::run(&cases().join(story));
}

#[test]
fn every_story_is_told() {
    let told = include_str!("main.rs");
    for case in std::fs::read_dir(cases()).expect("the cases can be listed").flatten() {
        let name = case.file_name().into_string().expect("a name is text");
        assert!(told.contains(&format!("tell(\"{name}\")")), "{name} is told by no test");
    }
}

#[test]
fn check_finds_mistakes_offline() {
    tell("check.md");
}

#[test]
fn plan_shows_and_changes_nothing() {
    tell("plan.md");
}

#[test]
fn apply_makes_tokens_and_stores_their_secrets() {
    tell("apply.md");
}

#[test]
fn sinks_that_would_lose_or_leak_a_secret_are_refused() {
    tell("sinks.md");
}

#[test]
fn documents_bring_several_values_to_one_program() {
    tell("documents.md");
}

#[test]
fn environments_that_share_a_sink_are_told_of_each_other() {
    tell("shared-sink.md");
}

#[test]
fn rotate_due_acts_only_on_what_it_is_time_for() {
    tell("due.md");
}

#[test]
fn schedule_prints_what_schedulers_take() {
    tell("schedule.md");
}

#[test]
fn roll_and_revoke_end_secrets() {
    tell("roll-and-revoke.md");
}

#[test]
fn prune_ends_what_nothing_uses() {
    tell("prune.md");
}

#[test]
fn list_and_audit_look_at_every_token() {
    tell("audit.md");
}

#[test]
fn import_and_adopt_take_over_tokens_that_exist() {
    tell("import.md");
}

#[test]
fn permissions_are_found_by_their_names_and_by_what_needs_them() {
    tell("permissions.md");
}

#[test]
fn the_bootstrap_comes_from_anywhere_but_the_arguments() {
    tell("bootstrap.md");
}

#[test]
fn what_is_typed_wrong_is_said_at_once() {
    tell("usage.md");
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    tell("dry-run.md");
}

#[test]
fn a_near_miss_is_told_what_is_meant() {
    tell("near-misses.md");
}

#[test]
fn a_folder_may_hold_profiles_of_different_environments() {
    tell("folder.md");
}

#[test]
fn hints_can_be_pasted_as_they_stand() {
    tell("hints.md");
}

#[test]
fn the_state_folder_and_the_places_of_secrets_are_looked_at_first() {
    tell("state.md");
}

#[test]
fn doctor_finds_the_cause_and_says_what_to_do() {
    tell("doctor.md");
}

#[test]
fn doctor_names_the_cause_of_what_guides_call_common_failures() {
    tell("doctor-guides.md");
}

#[test]
fn init_writes_the_first_profile() {
    tell("init.md");
}

#[test]
fn resources_can_be_pasted_into_a_profile() {
    tell("resources.md");
}

#[test]
fn a_link_fills_in_the_dashboards_form() {
    tell("link.md");
}

#[test]
fn what_cloudflare_meant_is_explained() {
    tell("explain.md");
}

#[test]
fn what_a_program_asks_for_becomes_the_least_profile() {
    tell("learn.md");
}

#[test]
fn a_command_gets_a_token_that_ends_with_it() {
    tell("exec.md");
}

#[test]
fn shells_pagers_and_editors_are_answered() {
    tell("habits.md");
}
