//! What stands beside a secret, or without one: written again where it is not as it should be, and no reason for more.

use super::states::{COPY, KEEP, NOT_HELD};
use super::*;

const GOALS: [Goal; 2] = [Goal::Converge, Goal::Finish];

#[test]
fn a_sink_that_takes_no_secret_is_written_again_and_never_a_reason_for_another_token() {
    let mut case = Case::new([current()], [held("current"), Whose::NoSecret]);
    for goal in GOALS {
        assert_eq!(case.step(goal), KEEP);
    }
    case.sinks[1].is_stale = true;
    assert_eq!(case.step(Goal::Converge), "keep current; copy to [1] from 0");
    // Also where nobody can say who has the secret, and where the one that should have it is being renewed anyway.
    case.sinks[0].whose = Whose::Opaque;
    assert_eq!(case.step(Goal::Converge), "keep current; write [1] again");
    let case = Case::new([], [Whose::Nobody, Whose::NoSecret]);
    assert_eq!(case.step(Goal::Converge), "make: none in force");
}

#[test]
fn s3_credentials_keep_what_they_hold_and_supply_no_other_sink() {
    let mut case = Case::new([current()], [held("current")]);
    case.sinks[0].is_pair = true;
    assert_eq!(case.step(Goal::Converge), KEEP);
    case.sinks[0].is_stale = true;
    assert_eq!(case.step(Goal::Converge), "keep current; write [0] again");

    let mut case = Case::new([current()], [Whose::Nobody, held("current")]);
    assert_eq!(case.step(Goal::Converge), COPY);
    case.sinks[1].is_pair = true;
    assert_eq!(case.step(Goal::Converge), NOT_HELD);
}

#[test]
fn taking_a_token_over_writes_again_what_holds_it_and_copies_no_hash_of_it() {
    let mut views = sinks([Whose::Nobody, held("by-hand"), Whose::NoSecret]);
    views[1].is_pair = true;
    views[1].is_stale = true;
    views[2].is_stale = true;
    let adoptee = Adoptee { id: "by-hand".to_owned(), mark: Mark::from_random([0; 8]) };
    let tokens = [token("by-hand", "made by hand")];
    let plan = adopt(&wanted(), &tokens, adoptee, &views, Replace::Never, now());
    assert_eq!(words::of(&plan.step), "keep by-hand; 1 changes; write [1, 2] again");
    assert_eq!(plan.notes, [Note::NotHeld { sink: ".env0".to_owned() }]);
}
