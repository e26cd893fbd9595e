//! Whatever Cloudflare lists and whatever the sinks hold: no plan ends what is needed, or touches what is another's, and
//! what one plan does leaves the next nothing to do.

use std::collections::{BTreeMap, BTreeSet};

use cfmint::catalogue::Resource;
use cfmint::plan::{
    Addresses, Change, ClockReading, Ends, Goal, Live, Mark, MarkedName, Phase, Plan, Policy, PolicyEffect,
    Protected, RUN_WINDOW, Renewal, Replace, Retirement, SinkKind, SinkView, Situation, Status, Step, Wanted,
    Whose, decide,
};
use cfmint::profile::{Lifetime, Strategy as Renew};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

fn now() -> DateTime<Utc> {
    "2026-01-15T12:00:00Z".parse().unwrap()
}

fn policies() -> Vec<Policy> {
    vec![Policy {
        effect: PolicyEffect::Allow,
        groups: BTreeMap::from([("4755a26eedb94da69e1066d98aa820be".to_owned(), String::new())]),
        resources: BTreeSet::from([Resource::AllZones]),
    }]
}

fn wanted() -> Wanted {
    Wanted {
        name: "shop".to_owned(),
        owner: None,
        policies: policies(),
        addresses: None,
        lifetime: Lifetime::For(TimeDelta::days(90)),
        not_before: None,
        account: None,
        zone: None,
        buckets: None,
    }
}

/// Everything that a decision rests on, owned.
#[derive(Debug, Clone)]
struct World {
    tokens: Vec<Live>,
    sinks: Vec<SinkView>,
    own: BTreeSet<Mark>,
    renewal: Renewal,
    replace: Replace,
}

impl World {
    fn decide(&self, goal: Goal) -> Plan {
        let (wanted, clock) = (wanted(), ClockReading::at(now()));
        let Self { tokens, sinks, own, renewal, replace } = self;
        let (renewal, replace) = (*renewal, *replace);
        decide(goal, &Situation { wanted: &wanted, tokens, sinks, own, renewal, replace, clock })
    }

    fn token(&self, id: &str) -> &Live {
        self.tokens.iter().find(|token| token.id == id).unwrap()
    }
}

/// Another name, none, or this name in some phase.
fn name(number: usize) -> impl Strategy<Value = String> {
    let usual = [Phase::InForce, Phase::InForce, Phase::Pending, Phase::Pending];
    let phases = select([Phase::ALL.as_slice(), &usual].concat());
    prop_oneof![
        12 => phases.prop_map(move |phase| {
            let mark = Mark::parse(&format!("a000000{number}")).unwrap();
            MarkedName { name: "shop".to_owned(), phase, mark }.to_string()
        }),
        1 => Just(format!("shop-dns@b000000{number}")),
        1 => Just("shop".to_owned()),
        1 => Just("made by hand".to_owned()),
    ]
}

/// A token as the protocol leaves it: a pending one has lived a day at most, one on its way out ends within the overlap.
fn token(number: usize) -> impl Strategy<Value = Live> {
    // Young, unordered, of a dead run, older than its life.
    let minutes = prop_oneof![0..20i64, 16..60i64, 60..1_400i64, 1_400..60_000i64];
    let status = prop_oneof![8 => Just("active"), 1 => Just("disabled"), 1 => Just("revoked (exposed)")];
    let dateless = prop_oneof![15 => Just(false), 1 => Just(true)];
    (name(number), minutes, status, dateless, any::<bool>()).prop_map(
        move |(name, minutes, status, is_dateless, is_ruled)| {
            let marked = MarkedName::parse(&name);
            let phase = marked.as_ref().map(|marked| marked.phase);
            let issued = now() - TimeDelta::minutes(minutes);
            let expires_on = match phase {
                Some(Phase::Pending | Phase::StandIn | Phase::Exec) => issued + TimeDelta::days(1),
                Some(Phase::Retiring) => now() + TimeDelta::minutes(30) - TimeDelta::minutes(minutes % 60),
                _ => issued + TimeDelta::days(30),
            };
            let status = if phase.is_some_and(Phase::is_pending) { "active" } else { status };
            Live {
                id: format!("t{number}"),
                name,
                marked,
                status: Status::read(status),
                policies: policies(),
                addresses: if is_ruled {
                    Addresses::read(&["192.0.2.0/24".to_owned()], &[])
                } else {
                    Addresses::default()
                },
                not_before: None,
                expires_on: Some(expires_on),
                issued_on: (!is_dateless).then_some(issued),
                modified_on: Some(issued),
                last_used_on: None,
            }
        },
    )
}

fn whose() -> impl Strategy<Value = Whose> {
    prop_oneof![
        12 => (0..4usize).prop_map(|number| Whose::Token(format!("t{number}"))),
        2 => Just(Whose::Opaque),
        1 => Just(Whose::Nobody),
        1 => Just(Whose::NoSecret),
        1 => Just(Whose::Placeholder),
        1 => Just(Whose::Dead),
        1 => Just(Whose::ShutOut),
        1 => Just(Whose::Unanswered("time-out".to_owned())),
        1 => Just(Whose::Token("unseen".to_owned())),
        1 => Just(Whose::Protected(Protected::Reference)),
    ]
}

fn sinks() -> impl Strategy<Value = Vec<SinkView>> {
    // All of one value is as common as any mixture.
    let same = (whose(), 1..3usize).prop_map(|(whose, count)| vec![whose; count]);
    let held = prop_oneof![same, vec(whose(), 0..4)];
    let pairs = vec(prop_oneof![5 => Just(false), 1 => Just(true)], 4);
    (held, any::<Index>(), any::<bool>(), pairs).prop_map(|(held, stale, has_stale, pairs)| {
        let is_stale = |number| has_stale && number == stale.index(4);
        let is_pair = |number: usize, whose: &Whose| pairs[number] && matches!(whose, Whose::Token(_));
        let view = |(number, whose)| SinkView {
            shown: format!(".env{number}"),
            kind: SinkKind::File,
            is_pair: is_pair(number, &whose),
            whose,
            is_stale: is_stale(number),
        };
        held.into_iter().enumerate().map(view).collect()
    })
}

prop_compose! {
    fn world()(
        all in (token(0), token(1), token(2), token(3)),
        listed in subsequence((0..4usize).collect::<Vec<_>>(), 0..=4),
        own in subsequence((0..4usize).collect::<Vec<_>>(), 0..=2),
        sinks in sinks(),
        overlap in select(vec![0, 0, 60, 600]),
        strategy in select(vec![Renew::Generation, Renew::Generation, Renew::Roll]),
        replace in select(vec![Replace::Never, Replace::Never, Replace::Foreign]),
    ) -> World {
        let all = [all.0, all.1, all.2, all.3];
        World {
            tokens: listed.into_iter().map(|number| all[number].clone()).collect(),
            sinks,
            own: own.into_iter().filter_map(|number| Mark::parse(&format!("a000000{number}"))).collect(),
            renewal: Renewal { strategy, overlap: TimeDelta::minutes(overlap) },
            replace,
        }
    }
}

fn goal() -> impl Strategy<Value = Goal> {
    select(vec![Goal::Converge, Goal::Converge, Goal::Successor, Goal::NewSecret, Goal::Finish])
}

fn retirements(step: &Step) -> &[Retirement] {
    match step {
        Step::Create(create) => &create.retire,
        Step::Keep(keep) => &keep.retire,
        Step::Nothing | Step::Roll { .. } | Step::Refuse(_) => &[],
    }
}

/// Every token that a step does something about.
fn touched(step: &Step) -> Vec<String> {
    let kept = match step {
        Step::Create(create) => create.predecessor.clone(),
        Step::Keep(keep) if !keep.is_idle() => Some(keep.id.clone()),
        Step::Roll { id, .. } => Some(id.clone()),
        _ => None,
    };
    kept.into_iter().chain(retirements(step).iter().map(|one| one.id.clone())).collect()
}

/// The world after a step that succeeded.
fn after(mut world: World, step: &Step) -> World {
    let fresh = || Live {
        id: "fresh".to_owned(),
        name: "shop@c0000000".to_owned(),
        marked: MarkedName::parse("shop@c0000000"),
        status: Status::Active,
        policies: policies(),
        addresses: Addresses::default(),
        not_before: None,
        expires_on: Some(now() + TimeDelta::days(90)),
        issued_on: Some(now()),
        modified_on: Some(now()),
        last_used_on: None,
    };
    let retired = retirements(step).to_vec();
    match step {
        Step::Create(_) => {
            world.tokens.push(fresh());
            deliver(&mut world.sinks, "fresh", None);
        }
        Step::Roll { id, .. } => deliver(&mut world.sinks, id, None),
        Step::Keep(keep) => {
            deliver(&mut world.sinks, &keep.id, Some(&keep.deliver));
            let kept = world.tokens.iter_mut().find(|token| token.id == keep.id).unwrap();
            if keep.hooks {
                rename(kept, Phase::InForce);
            }
            if !keep.changes.is_empty() {
                kept.status = Status::Active;
                kept.modified_on = Some(now());
                let is_open = kept.addresses.is_empty();
                if is_open && keep.changes.contains(&Change::Enable) {
                    answer(&mut world.sinks, &keep.id);
                }
            }
        }
        Step::Nothing | Step::Refuse(_) => {}
    }
    for Retirement { id, ends, .. } in retired {
        match ends {
            Ends::Now => world.tokens.retain(|token| token.id != id),
            Ends::AfterOverlap => {
                let end = now() + world.renewal.overlap;
                let token = world.tokens.iter_mut().find(|token| token.id == id).unwrap();
                rename(token, Phase::Retiring);
                token.expires_on = Some(token.expires_on.map_or(end, |own| own.min(end)));
            }
        }
    }
    world
}

fn rename(token: &mut Live, phase: Phase) {
    let marked = token.marked.clone().unwrap().in_phase(phase);
    token.name = marked.to_string();
    token.marked = Some(marked);
}

/// Puts a secret into these sinks, or into all of them.
fn deliver(sinks: &mut [SinkView], id: &str, positions: Option<&[usize]>) {
    for (number, sink) in sinks.iter_mut().enumerate() {
        if positions.is_none_or(|positions| positions.contains(&number)) {
            sink.is_stale = false;
            if !matches!(sink.whose, Whose::Opaque | Whose::NoSecret) {
                sink.whose = Whose::Token(id.to_owned());
            }
        }
    }
}

/// A token that was switched on is asked for by every secret that could not say before whose it was. Had one of them been
/// another's, the step would not have succeeded.
fn answer(sinks: &mut [SinkView], id: &str) {
    for sink in sinks.iter_mut().filter(|sink| matches!(sink.whose, Whose::Dead | Whose::ShutOut)) {
        sink.is_stale = false;
        sink.whose = Whose::Token(id.to_owned());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: 4096,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_a_sink_holds_is_never_ended_unless_the_sink_gets_another_secret(world in world(), goal in goal()) {
        let step = world.decide(goal).step;
        for retirement in retirements(&step) {
            let live = world.token(&retirement.id);
            if !live.is_alive(now()) {
                continue;
            }
            for (number, sink) in world.sinks.iter().enumerate() {
                let is_replaced = match &step {
                    Step::Create(_) => true,
                    Step::Keep(keep) => keep.deliver.contains(&number) && keep.source.is_some(),
                    _ => false,
                };
                let is_held = sink.whose == Whose::Token(live.id.clone());
                prop_assert!(!is_held || is_replaced, "{:?} {:#?}", sink, step);
            }
        }
        if let Step::Keep(keep) = &step {
            prop_assert!(retirements(&step).iter().all(|retirement| retirement.id != keep.id));
        }
    }

    #[test]
    fn what_a_sink_may_hold_is_never_ended_where_one_in_force_is_kept(world in world(), goal in goal()) {
        // A sink that does not tell may hold the secret of one whose delivery may have come after that of the one kept.
        let Step::Keep(keep) = world.decide(goal).step else { return Ok(()) };
        let tells = |sink: &SinkView| !matches!(sink.whose, Whose::Opaque | Whose::Unanswered(_));
        if world.sinks.iter().all(tells) {
            return Ok(());
        }
        for retirement in &keep.retire {
            let (live, kept) = (world.token(&retirement.id), world.token(&keep.id));
            let is_rival = live.issued_on.zip(kept.issued_on).is_none_or(|(at, since)| at > since - RUN_WINDOW);
            let is_in_force = live.is_alive(now()) && live.phase().is_some_and(Phase::is_in_force);
            prop_assert!(!is_in_force || !is_rival, "{:#?}", live);
        }
    }

    #[test]
    fn a_living_token_that_may_be_in_a_sink_is_deleted_only_without_an_overlap(world in world(), goal in goal()) {
        for retirement in retirements(&world.decide(goal).step) {
            let live = world.token(&retirement.id);
            let is_pending = live.phase().is_some_and(Phase::is_pending);
            if retirement.ends == Ends::Now && live.is_alive(now()) && world.renewal.overlap > TimeDelta::zero() {
                // Who asks for a new secret wants the old ones dead, and no others.
                prop_assert!(goal == Goal::NewSecret && !is_pending, "{:?}", live);
            }
        }
    }

    #[test]
    fn nothing_is_done_about_a_token_without_the_profiles_mark(world in world(), goal in goal()) {
        for id in touched(&world.decide(goal).step) {
            let live = world.token(&id);
            let marked = live.marked.as_ref().map(|marked| marked.name.as_str());
            prop_assert!(marked == Some("shop") && live.phase() != Some(Phase::Exec), "{:?}", live);
        }
    }

    #[test]
    fn nobodys_pending_token_is_ended_but_ones_own_and_those_that_a_sink_held(world in world(), goal in goal()) {
        for retirement in retirements(&world.decide(goal).step) {
            let live = world.token(&retirement.id);
            if live.is_alive(now()) && live.phase().is_some_and(Phase::is_pending) {
                let is_own = live.marked.as_ref().is_some_and(|marked| world.own.contains(&marked.mark));
                let is_held = world.sinks.iter().any(|sink| sink.whose == Whose::Token(live.id.clone()));
                prop_assert!(is_own || is_held, "{:?}", live);
            }
        }
    }

    #[test]
    fn a_run_that_may_be_under_way_stops_whatever_would_change_something(world in world(), goal in goal()) {
        let step = world.decide(goal).step;
        let is_young = |live: &&Live| {
            live.is_alive(now())
                && live.is_generation_of("shop")
                && live.phase().is_some_and(Phase::is_pending)
                && live.issued_on.is_none_or(|at| now() - at < RUN_WINDOW)
        };
        let is_own = |live: &Live| live.marked.as_ref().is_some_and(|marked| world.own.contains(&marked.mark));
        if world.tokens.iter().filter(is_young).any(|live| !is_own(live)) {
            prop_assert!(!step.acts(), "{:#?}", step);
        }
    }

    #[test]
    fn a_value_that_must_not_be_lost_is_overwritten_only_where_that_was_asked_for(world in world(), goal in goal()) {
        let step = world.decide(goal).step;
        let is_ours = |id: &String| {
            id != "unseen" && world.tokens.iter().any(|live| live.id == *id && (live.is_generation_of("shop") || !live.is_alive(now())))
        };
        let is_precious = |sink: &SinkView| match &sink.whose {
            Whose::Token(id) => !is_ours(id),
            Whose::Protected(_) | Whose::Unanswered(_) => true,
            _ => false,
        };
        let overwritten = |number: usize| match &step {
            Step::Create(_) | Step::Roll { .. } => true,
            Step::Keep(keep) => keep.deliver.contains(&number),
            _ => false,
        };
        for (number, sink) in world.sinks.iter().enumerate() {
            let is_lost = is_precious(sink) && overwritten(number);
            prop_assert!(!is_lost || world.replace == Replace::Foreign, "{:?} {:#?}", sink, step);
        }
    }

    #[test]
    fn what_one_plan_does_leaves_the_next_nothing_to_do(world in world(), goal in goal()) {
        let first = world.decide(goal).step;
        if !first.acts() {
            return Ok(());
        }
        let next = after(world.clone(), &first);
        match (goal, &first) {
            // The rest of what a roll or a rotation finds is the next apply's: it makes no token for it.
            (Goal::Successor | Goal::NewSecret, Step::Roll { .. } | Step::Keep(_)) => {
                let second = next.decide(Goal::Converge).step;
                let makes = matches!(second, Step::Create(_) | Step::Roll { .. });
                prop_assert!(!makes || matches!(first, Step::Roll { .. }), "{:#?} then {:#?}", first, second);
            }
            (Goal::Finish, _) => {
                let second = next.decide(Goal::Finish).step;
                prop_assert!(!second.acts(), "{:#?} then {:#?}", first, second);
            }
            _ => {
                let second = next.decide(Goal::Converge).step;
                prop_assert!(!second.acts(), "{:#?} then {:#?}", first, second);
            }
        }
    }
}
