//! What is planned for whom, mostly as tables.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod adopt;
mod beside;
mod change;
mod decide;
mod directory;
mod live;
mod loss;
mod notes;
mod refusals;
mod renew;
mod retirement;
mod rotation;
mod states;
mod wanted;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::catalogue::Resource;
use crate::profile::{Lifetime, Start, Strategy};

const ZONE_READ: &str = "c8fed203ed3043cba015a93ad1616f1f";
const DNS_WRITE: &str = "4755a26eedb94da69e1066d98aa820be";
const ZONE: &str = "e0000000000000000000000000000101";
const OTHER_ZONE: &str = "e0000000000000000000000000000102";

/// When the tests take place.
fn now() -> DateTime<Utc> {
    at("2026-01-15T12:00:00Z")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn days(number: i64) -> TimeDelta {
    TimeDelta::days(number)
}

fn minutes(number: i64) -> TimeDelta {
    TimeDelta::minutes(number)
}

/// These groups on these resources.
fn policy(effect: PolicyEffect, groups: &[&str], resources: &[Resource]) -> Policy {
    let groups: BTreeMap<String, String> =
        groups.iter().map(|id| ((*id).to_owned(), String::new())).collect();
    Policy { effect, groups, resources: resources.iter().cloned().collect::<BTreeSet<_>>() }
}

fn zone(id: &str) -> Resource {
    Resource::Zone(id.to_owned())
}

/// A user's token called `shop` that edits one zone for 90 days.
fn wanted() -> Wanted {
    Wanted {
        name: "shop".to_owned(),
        owner: None,
        policies: vec![policy(PolicyEffect::Allow, &[DNS_WRITE], &[zone(ZONE)])],
        addresses: None,
        lifetime: Lifetime::For(days(90)),
        not_before: None,
        account: None,
        zone: Some(ZONE.to_owned()),
        buckets: None,
    }
}

/// A token that is all that [`wanted`] asks for, ten days old.
fn token(id: &str, name: &str) -> Live {
    made(id, name, days(10), days(90))
}

/// The same with another age and life.
fn made(id: &str, name: &str, age: TimeDelta, life: TimeDelta) -> Live {
    let made = now() - age;
    Live {
        id: id.to_owned(),
        name: name.to_owned(),
        marked: MarkedName::parse(name),
        status: Status::Active,
        policies: wanted().policies,
        addresses: Addresses::default(),
        not_before: None,
        expires_on: Some(made + life),
        issued_on: Some(made),
        modified_on: Some(made),
        last_used_on: None,
    }
}

/// The generation in force, ten days old.
fn current() -> Live {
    token("current", "shop@a0000002")
}

fn addresses(allow: &[&str], deny: &[&str]) -> Addresses {
    let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    Addresses::read(&list(allow), &list(deny))
}

/// A sink called `.env` and its number.
fn sinks(held: impl IntoIterator<Item = Whose>) -> Vec<SinkView> {
    let view = |(number, whose)| SinkView {
        shown: format!(".env{number}"),
        kind: SinkKind::File,
        whose,
        is_pair: false,
        is_stale: false,
    };
    held.into_iter().enumerate().map(view).collect()
}

fn held(id: &str) -> Whose {
    Whose::Token(id.to_owned())
}

/// What a decision rests on, with all that most tests do not care about.
struct Case {
    wanted: Wanted,
    tokens: Vec<Live>,
    sinks: Vec<SinkView>,
    own: BTreeSet<Mark>,
    renewal: Renewal,
    replace: Replace,
    clock: ClockReading,
}

impl Case {
    fn new(tokens: impl IntoIterator<Item = Live>, held: impl IntoIterator<Item = Whose>) -> Self {
        Self {
            wanted: wanted(),
            tokens: tokens.into_iter().collect(),
            sinks: sinks(held),
            own: BTreeSet::new(),
            renewal: Renewal { strategy: Strategy::Generation, overlap: TimeDelta::hours(1) },
            replace: Replace::Never,
            clock: ClockReading::at(now()),
        }
    }

    /// The state folder's note has this mark.
    fn noted(mut self, mark: &str) -> Self {
        self.own.extend(Mark::parse(mark));
        self
    }

    fn replacing(mut self, replace: Replace) -> Self {
        self.replace = replace;
        self
    }

    fn decide(&self, goal: Goal) -> Plan {
        let Self { wanted, tokens, sinks, own, renewal, replace, clock } = self;
        let (renewal, replace, clock) = (*renewal, *replace, *clock);
        decide(goal, &Situation { wanted, tokens, sinks, own, renewal, replace, clock })
    }

    /// The step in a few words.
    fn step(&self, goal: Goal) -> String {
        words::of(&self.decide(goal).step)
    }
}
