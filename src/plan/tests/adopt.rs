//! Which tokens are taken over, and what becomes of the sinks.

use super::loss::{strangers, tokens};
use super::*;

fn adopted(tokens: &[Live], id: &str, views: &[SinkView], replace: Replace) -> Plan {
    let adoptee = Adoptee { id: id.to_owned(), mark: Mark::from_random([0; 8]) };
    adopt(&wanted(), tokens, adoptee, views, replace, now())
}

#[test]
fn a_live_token_of_the_owner_is_taken_over_where_the_profile_has_none() {
    for (tokens, id, expected) in [
        (strangers(), "by-hand", "keep by-hand; 1 changes"),
        // The mark of another name: the profile was renamed, or the token was.
        (strangers(), "foreign", "keep foreign; 1 changes"),
        (strangers(), "unseen", "refuse: no unseen"),
        (strangers(), "expired", "refuse: expired is active"),
        (tokens(), "by-hand", "refuse: has shop@a0000002"),
        (tokens(), "older", "refuse: has shop@a0000002"),
    ] {
        assert_eq!(words::of(&adopted(&tokens, id, &[], Replace::Never).step), expected);
    }
    // A token on its way out is no reason against it; one that is pending is.
    for (name, expected) in [
        ("shop+old@a0000001", "keep by-hand; 1 changes"),
        ("shop+new@a0000001", "refuse: has shop+new@a0000001"),
    ] {
        let tokens = [token("by-hand", "made by hand"), token("other", name)];
        assert_eq!(words::of(&adopted(&tokens, "by-hand", &[], Replace::Never).step), expected);
    }
    // One of this name that is not in force gets the name of one that is.
    let old = [token("old", "shop+old@a0000001")];
    assert_eq!(words::of(&adopted(&old, "old", &[], Replace::Never).step), "keep old; 1 changes");
    // A second run finds it done.
    let own = [current()];
    assert_eq!(words::of(&adopted(&own, "current", &[], Replace::Never).step), "keep current");
}

#[test]
fn it_gets_the_name_and_what_differs_is_corrected_in_the_same_update() {
    let drifted = Live {
        policies: vec![policy(PolicyEffect::Allow, &[ZONE_READ], &[zone(ZONE)])],
        expires_on: None,
        ..token("by-hand", "made by hand")
    };
    let Step::Keep(keep) = adopted(&[drifted], "by-hand", &[], Replace::Never).step else {
        panic!("it is taken over");
    };
    let changes = keep.changes;
    let to = MarkedName { name: "shop".to_owned(), phase: Phase::InForce, mark: Mark::from_random([0; 8]) };
    assert_eq!(changes[0], Change::Rename { from: "made by hand".to_owned(), to });
    assert!(matches!(changes[1..], [Change::Allow(_), Change::Withdraw(_), Change::Expiry { .. }]));
}

#[test]
fn what_sinks_hold_is_no_reason_against_it_and_never_lost() {
    let foreign = || held("foreign");
    let refused = |sink: &str| Refused::Foreign {
        sink: sink.to_owned(),
        id: "foreign".to_owned(),
        name: Some("shop-dns@a0000003".to_owned()),
    };
    let real = |sink: &str| Refused::Protected {
        sink: sink.to_owned(),
        kind: SinkKind::File,
        what: Protected::Real,
    };
    let not_held = |sink: &str| Note::NotHeld { sink: sink.to_owned() };
    let program = Note::CannotTell { sink: ".env0".to_owned(), why: CannotTell::Program };
    let never = Replace::Never;
    let rows = [
        (vec![held("by-hand")], never, (vec![], Some(0)), vec![]),
        (vec![Whose::Nobody, Whose::Dead], never, (vec![], None), vec![not_held(".env0"), not_held(".env1")]),
        (vec![Whose::Nobody, held("by-hand")], never, (vec![0], Some(1)), vec![]),
        (vec![foreign()], never, (vec![], None), vec![Note::Spared(refused(".env0"))]),
        (vec![foreign(), held("by-hand")], never, (vec![], Some(1)), vec![Note::Spared(refused(".env0"))]),
        (vec![foreign(), held("by-hand")], Replace::Foreign, (vec![0], Some(1)), vec![]),
        (
            vec![Whose::Protected(Protected::Real)],
            Replace::Foreign,
            (vec![], None),
            vec![Note::Spared(real(".env0"))],
        ),
        (vec![Whose::Opaque], never, (vec![], None), vec![program]),
    ];
    for (held, replace, expected, notes) in rows {
        let plan = adopted(&strangers(), "by-hand", &sinks(held.clone()), replace);
        let Step::Keep(keep) = plan.step else { panic!("{held:?}") };
        assert_eq!((keep.deliver, keep.source), expected, "{held:?}");
        assert_eq!((keep.hooks, keep.retire), (false, vec![]), "nothing else is done");
        assert_eq!(plan.notes, notes, "{held:?}");
    }
}

#[test]
fn apply_offers_it_for_what_a_sink_holds_unless_the_profile_has_a_token() {
    let step = |tokens: &[Live], id| Case::new(tokens.to_vec(), [held(id)]).decide(Goal::Converge).step;
    let is_offered = |step| matches!(step, Step::Refuse(Refused::Adoptable { .. }));
    assert!(is_offered(step(&strangers(), "by-hand")));
    assert!(is_offered(step(&strangers(), "foreign")));
    assert!(!is_offered(step(&strangers(), "unseen")), "another owner's");
    assert!(!is_offered(step(&tokens(), "by-hand")));
}
