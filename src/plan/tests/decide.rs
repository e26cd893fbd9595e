//! Which step is taken, for everything a sink can hold.

use super::*;

/// A step in a few words.
pub(super) fn word(plan: &Plan) -> String {
    if let Step::Converge { id, changes, deliver, source } = &plan.step {
        return match (changes.len(), deliver.is_empty()) {
            (0, true) => format!("keep {id}"),
            (count, _) => format!("converge {id}: {count} changes, {deliver:?} from {source:?}"),
        };
    }
    let Step::Refuse(refused) = &plan.step else { return format!("{:?}", plan.step) };
    match refused {
        Refused::Foreign { id, name, .. } => format!("refuse: holds {id} {}", name.as_deref().unwrap_or("?")),
        Refused::Adoptable { id, name, .. } => format!("refuse: holds {id} {name}"),
        Refused::ForeignShutOut { .. } => "refuse: holds a token that is shut out".to_owned(),
        Refused::Unanswered { reason, .. } => format!("refuse: unanswered, {reason}"),
        Refused::Precious { .. } => "refuse: precious".to_owned(),
        Refused::NotHeld { sink, generation } => format!("refuse: {sink} does not hold {generation}"),
        Refused::NothingToRoll => "refuse: nothing to roll".to_owned(),
        Refused::NotTheOwners { id } => format!("refuse: no {id}"),
        Refused::Dead { id, status, .. } => format!("refuse: {id} is {status}"),
        Refused::HasGeneration { generation } => format!("refuse: has {generation}"),
    }
}

/// The current generation, an older one, and tokens that are no generation of this name.
pub(super) fn tokens() -> Vec<Live> {
    let older = Live { issued_on: Some(now() - days(40)), ..token("older", "shop@a0000001") };
    let current = token("current", "shop@a0000002");
    let expired = Live { expires_on: Some(now() - days(1)), ..token("expired", "shop@a0000000") };
    let foreign = token("foreign", "shop-dns@a0000003");
    let by_hand = token("by-hand", "made by hand");
    vec![foreign, current, by_hand, older, expired]
}

/// The same without a generation that is alive.
pub(super) fn strangers() -> Vec<Live> {
    tokens().into_iter().filter(|token| !matches!(token.id.as_str(), "current" | "older")).collect()
}

fn unanswered() -> Held {
    Held::Unanswered("time-out".to_owned())
}

const CREATE: &str = "Create";
const ROLL: &str = "Roll { id: \"current\" }";
const NOT_HELD: &str = "refuse: .env0 does not hold shop@a0000002";
const SHUT_OUT: &str = "refuse: holds a token that is shut out";
const PRECIOUS: &str = "refuse: precious";
const FOREIGN: &str = "refuse: holds foreign shop-dns@a0000003";
const BY_HAND: &str = "refuse: holds by-hand made by hand";
const UNSEEN: &str = "refuse: holds unseen ?";

#[test]
fn apply_never_loses_a_live_secret() {
    // What the sink holds; the step without a generation and with one, each also with `--replace`.
    let rows: [(Held, [&str; 4]); 13] = [
        (Held::Nothing, [CREATE, CREATE, NOT_HELD, NOT_HELD]),
        (Held::NoToken, [CREATE, CREATE, NOT_HELD, NOT_HELD]),
        (Held::Invalid, [CREATE, CREATE, NOT_HELD, NOT_HELD]),
        (Held::Unreadable, [CREATE, CREATE, "keep current", "keep current"]),
        (unanswered(), ["refuse: unanswered, time-out", CREATE, "keep current", "keep current"]),
        (Held::ShutOut, [SHUT_OUT, CREATE, SHUT_OUT, NOT_HELD]),
        (Held::Precious, [PRECIOUS; 4]),
        (held("foreign"), [FOREIGN, CREATE, FOREIGN, NOT_HELD]),
        (held("by-hand"), [BY_HAND, CREATE, BY_HAND, NOT_HELD]),
        (held("unseen"), [UNSEEN, CREATE, UNSEEN, NOT_HELD]),
        (held("expired"), [CREATE, CREATE, NOT_HELD, NOT_HELD]),
        (held("older"), ["refuse: holds older ?", CREATE, NOT_HELD, NOT_HELD]),
        (held("current"), ["refuse: holds current ?", CREATE, "keep current", "keep current"]),
    ];
    for (held, expected) in rows {
        let step = |tokens: &[Live], replace| {
            word(&apply(&wanted(), tokens, &sinks([held.clone()]), replace, now()))
        };
        let actual = [
            step(&strangers(), Replace::Never),
            step(&strangers(), Replace::Foreign),
            step(&tokens(), Replace::Never),
            step(&tokens(), Replace::Foreign),
        ];
        assert_eq!(actual, expected, "{held:?}");
    }
}

#[test]
fn a_sink_that_holds_the_secret_supplies_the_others() {
    let rows: [(Held, &str); 9] = [
        (Held::Nothing, "converge current: 0 changes, [0] from Some(1)"),
        (Held::NoToken, "converge current: 0 changes, [0] from Some(1)"),
        (Held::Invalid, "converge current: 0 changes, [0] from Some(1)"),
        (held("older"), "converge current: 0 changes, [0] from Some(1)"),
        (held("expired"), "converge current: 0 changes, [0] from Some(1)"),
        (held("current"), "keep current"),
        (held("foreign"), FOREIGN),
        (Held::ShutOut, SHUT_OUT),
        (Held::Precious, PRECIOUS),
    ];
    for (first, expected) in rows {
        let views = sinks([first.clone(), held("current")]);
        let plan = apply(&wanted(), &tokens(), &views, Replace::Never, now());
        assert_eq!(word(&plan), expected, "{first:?}");
    }
    let replaced =
        apply(&wanted(), &tokens(), &sinks([held("foreign"), held("current")]), Replace::Foreign, now());
    assert_eq!(word(&replaced), "converge current: 0 changes, [0] from Some(1)");
}

#[test]
fn a_stale_variable_beside_the_secret_is_written_anew() {
    let mut views = sinks([held("current")]);
    views[0].stale = true;
    let plan = apply(&wanted(), &tokens(), &views, Replace::Never, now());
    assert_eq!(word(&plan), "converge current: 0 changes, [0] from Some(0)");
}

/// What hands or time did to a token.
type Change<'a> = &'a dyn Fn(Live) -> Live;

#[test]
fn what_cannot_be_told_is_never_replaced() {
    let young = |live: Live| Live { modified_on: Some(now() - TimeDelta::seconds(119)), ..live };
    let no_longer_young = |live: Live| Live { modified_on: Some(now() - TimeDelta::seconds(120)), ..live };
    let ruled = |live: Live| Live { addresses: addresses(&["192.0.2.0/24"], &[]), ..live };
    let disabled = |live: Live| Live { status: Status::Disabled, ..live };
    let disabled_step = "converge current: 1 changes, [] from None";
    let rows: [(&str, Change<'_>, Held, &str); 8] = [
        ("young", &young, Held::Invalid, "keep current"),
        ("no longer young", &no_longer_young, Held::Invalid, NOT_HELD),
        ("young", &young, Held::ShutOut, NOT_HELD),
        ("with an address rule", &ruled, Held::Invalid, "keep current"),
        ("with an address rule", &ruled, Held::ShutOut, "keep current"),
        ("disabled", &disabled, Held::Invalid, disabled_step),
        ("disabled", &disabled, Held::ShutOut, disabled_step),
        ("disabled", &disabled, Held::Nothing, NOT_HELD),
    ];
    for (which, change, held, expected) in rows {
        let current = change(token("current", "shop@a0000002"));
        let plan = apply(&wanted(), &[current], &sinks([held.clone()]), Replace::Foreign, now());
        assert_eq!(word(&plan), expected, "{which}, {held:?}");
    }
}

#[test]
fn roll_replaces_its_own_secret_and_nobody_elses() {
    let rows: [(Held, &str, &str); 12] = [
        (Held::Nothing, ROLL, ROLL),
        (Held::NoToken, ROLL, ROLL),
        (Held::Invalid, ROLL, ROLL),
        (Held::Unreadable, ROLL, ROLL),
        (unanswered(), "refuse: unanswered, time-out", ROLL),
        (Held::ShutOut, SHUT_OUT, ROLL),
        (Held::Precious, PRECIOUS, PRECIOUS),
        (held("foreign"), FOREIGN, ROLL),
        (held("unseen"), UNSEEN, ROLL),
        (held("expired"), ROLL, ROLL),
        (held("older"), ROLL, ROLL),
        (held("current"), ROLL, ROLL),
    ];
    for (held, never, replacing) in rows {
        let views = sinks([held.clone()]);
        let step = |replace| word(&roll(&wanted(), &tokens(), &views, replace, now()));
        assert_eq!(
            (step(Replace::Never), step(Replace::Foreign)),
            (never.into(), replacing.into()),
            "{held:?}"
        );
    }
    let nothing = roll(&wanted(), &strangers(), &sinks([Held::Nothing]), Replace::Foreign, now());
    assert_eq!(word(&nothing), "refuse: nothing to roll");
}
