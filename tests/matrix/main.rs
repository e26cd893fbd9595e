//! The promise, case by case: after any failure at any point of any command, and one later run, nothing is lost, nothing is
//! left over, nothing leaked.
//!
//! The cases are not written down. A clean run of each command is recorded; then every request it made meets every
//! mishap, and every effect it had fails, runs out of space, panics, or is where the process dies. A new request or
//! effect joins by itself. Every case is tried where the variable CI is set, elsewhere a sample that is always the same.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test stops where it fails, and says what it tried"
)]
#![allow(clippy::disallowed_methods, reason = "tests look at files as they are")]

#[path = "../support/mod.rs"]
mod support;

mod acts;
mod case;
mod hands;
mod history;
mod late;
mod machines;
mod pairs;
mod promise;
mod stage;
mod trouble;

use acts::{ACTS, Act, Ends};
use case::{Case, Next};
use support::sample;

#[test]
fn every_request_of_every_command_meets_every_mishap() {
    let mut case = Case::new("a mishap to a request");
    for (number, act) in ACTS.iter().enumerate() {
        let story = Case::story(act);
        for trouble in sample(13, number, trouble::mishaps(&story)) {
            let label = format!("{number} {} × {trouble}", act.command);
            case.check(&label, &case::once(act, &trouble, &Next::same(act)));
        }
    }
    case.end(100);
}

/// Splits the acts between two tests, which run side by side.
fn every_effect_of(acts: impl Iterator<Item = (usize, &'static Act)>) {
    let mut case = Case::new("a failing effect");
    for (number, act) in acts {
        let story = Case::story(act);
        for trouble in sample(17, number, trouble::dooms(&story)) {
            let label = format!("{number} {} × {trouble}", act.command);
            case.check(&label, &case::once(act, &trouble, &Next::same(act)));
        }
    }
    case.end(100);
}

#[test]
fn every_effect_of_every_command_fails_runs_out_of_space_or_is_the_last() {
    every_effect_of(ACTS.iter().enumerate().filter(|(number, _)| number % 2 == 0));
}

#[test]
fn every_effect_of_every_other_command_fails_runs_out_of_space_or_is_the_last() {
    every_effect_of(ACTS.iter().enumerate().filter(|(number, _)| number % 2 == 1));
}

/// What may come next, whatever command has died.
const NEXTS: [(&str, Ends, &str); 8] = [
    ("apply shop.yaml", Ends::InForce, ""),
    ("rotate shop.yaml", Ends::InForce, ""),
    ("rotate shop.yaml --due", Ends::InForce, ""),
    ("roll shop.yaml", Ends::Either, "custody.nothing-to-roll"),
    ("recover", Ends::InForce, ""),
    ("recover shop.yaml", Ends::Either, ""),
    ("revoke shop.yaml --yes", Ends::Gone, ""),
    ("prune shop.yaml --older-than 0s --yes", Ends::Gone, ""),
];

#[test]
fn a_command_that_died_is_followed_by_whatever_command_comes_next() {
    let mut case = Case::new("another command after a death");
    for (number, act) in ACTS.iter().enumerate() {
        let Some(act) = act.that_may_die() else { continue };
        let story = Case::story(&act);
        for (command, ends, may_refuse) in NEXTS {
            for trouble in sample(13, number, trouble::deaths(&story)) {
                let after = if command == "recover" { &["apply shop.yaml"][..] } else { &[] };
                let next = Next { line: Some(command), after, ends, may_refuse };
                let label = format!("{number} {} × {trouble} × {command}", act.command);
                case.check(&label, &case::once(&act, &trouble, &next));
            }
        }
    }
    case.end(50);
}
