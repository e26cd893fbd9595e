//! Two looks at one list: whether anything about the generations of a name has changed in between, other than by this
//! run. What was seen first is what a successor takes over and what a retirement is built from, so all of it counts.
//! Pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::plan::{Addresses, Grant, Live, Mark, MarkedName, Phase, Status, generations, grants};

/// The generations of one name, as a list showed them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Look {
    seen: BTreeMap<String, TokenSnapshot>,
}

/// What a change of a generation would show in.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TokenSnapshot {
    name: String,
    marked: Option<MarkedName>,
    ends: Option<DateTime<Utc>>,
    starts: Option<DateTime<Utc>>,
    grants: BTreeSet<Grant>,
    addresses: Addresses,
    /// Whether it works, but for its end, which comes by itself.
    is_on: bool,
    is_alive: bool,
}

/// What somebody else did meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meanwhile {
    /// A generation appeared.
    Appeared {
        /// Its whole name.
        name: String,
    },
    /// A generation was changed.
    Changed {
        /// Its whole name now.
        name: String,
    },
    /// A generation was deleted.
    Went {
        /// The whole name that it had.
        name: String,
    },
}

impl Look {
    /// Takes in the generations of a name.
    pub(super) fn new(name: &str, tokens: &[Live], now: DateTime<Utc>) -> Self {
        let seen = |live: &&Live| {
            let is_on = !matches!(live.status, Status::Disabled | Status::Other(_));
            let seen = TokenSnapshot {
                name: live.name.clone(),
                marked: live.marked.clone(),
                ends: live.expires_on,
                starts: live.not_before,
                grants: grants(&live.policies),
                addresses: live.addresses.clone(),
                is_on,
                is_alive: live.is_alive(now),
            };
            (live.id.clone(), seen)
        };
        Self { seen: generations(name, tokens).iter().map(seen).collect() }
    }

    /// What somebody else did between this look and a later one. `ours` are the ids that this run works on, `own` the
    /// marks that its state folder announced: what happens to those while they are pending is a late effect of a run of
    /// ours.
    pub(super) fn meanwhile(
        &self,
        later: &Self,
        ours: &BTreeSet<&str>,
        own: &BTreeSet<Mark>,
    ) -> Option<Meanwhile> {
        let is_own_pending = |seen: &TokenSnapshot| {
            seen.marked.as_ref().is_some_and(|marked| own.contains(&marked.mark) && marked.phase.is_pending())
        };
        for (id, now) in later.seen.iter().filter(|(id, _)| !ours.contains(id.as_str())) {
            let name = now.name.clone();
            match self.seen.get(id) {
                None if now.is_alive && !is_own_pending(now) => return Some(Meanwhile::Appeared { name }),
                Some(before) if !is_same(before, now) && !is_own_pending(now) => {
                    return Some(Meanwhile::Changed { name });
                }
                _ => {}
            }
        }
        let is_gone = |(id, before): &(&String, &TokenSnapshot)| {
            !ours.contains(id.as_str()) && !later.seen.contains_key(*id) && !is_own_pending(before)
        };
        let gone = self.seen.iter().find(is_gone);
        gone.map(|(_, before)| Meanwhile::Went { name: before.name.clone() })
    }

    /// Whether a generation is in force in this look.
    pub(super) fn is_in_force(&self, id: &str) -> bool {
        let phase = |seen: &TokenSnapshot| seen.marked.as_ref().map(|marked| marked.phase);
        self.seen.get(id).is_some_and(|seen| seen.is_alive && phase(seen).is_some_and(Phase::is_in_force))
    }
}

/// Whether nothing was done to a generation. That its end came is nobody's doing.
fn is_same(before: &TokenSnapshot, now: &TokenSnapshot) -> bool {
    let written = |seen: &TokenSnapshot| TokenSnapshot { is_alive: true, ..seen.clone() };
    written(before) == written(now)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where it fails")]
    use chrono::TimeDelta;

    use super::*;
    use crate::catalogue::Resource;
    use crate::plan::{Policy, PolicyEffect};

    fn now() -> DateTime<Utc> {
        "2027-01-15T12:00:00Z".parse().unwrap()
    }

    fn live(id: &str, name: &str, hours: i64) -> Live {
        Live {
            id: id.to_owned(),
            name: name.to_owned(),
            marked: MarkedName::parse(name),
            status: Status::Active,
            policies: Vec::new(),
            addresses: Addresses::default(),
            not_before: None,
            expires_on: Some(now() + TimeDelta::hours(hours)),
            issued_on: Some(now()),
            modified_on: Some(now()),
            last_used_on: None,
        }
    }

    fn meanwhile(before: &[Live], later: &[Live]) -> Option<Meanwhile> {
        let own = BTreeSet::from([Mark::parse("o0000000").unwrap()]);
        let look = |tokens| Look::new("shop", tokens, now());
        look(before).meanwhile(&look(later), &BTreeSet::from(["mine"]), &own)
    }

    #[test]
    fn only_what_others_did_to_the_generations_of_the_name_counts() {
        let current = || live("current", "shop@a0000000", 9);
        let with = |other: Live| vec![current(), other];
        for later in [
            vec![current()],
            with(live("mine", "shop+new@m0000000", 5)),
            with(live("late", "shop+new@o0000000", 5)),
            with(live("another", "blog@b0000000", 5)),
            with(live("dead", "shop@b0000000", -5)),
            with(live("by hand", "shop", 5)),
        ] {
            assert_eq!(meanwhile(&[current()], &later), None, "{later:?}");
        }
        let disabled = Live { status: Status::Disabled, ..current() };
        let by_hand = Live { not_before: Some(now()), ..current() };
        let shut_out = Live { addresses: Addresses::read(&["192.0.2.0/24".to_owned()], &[]), ..current() };
        let policy = Policy {
            effect: PolicyEffect::Deny,
            groups: [("dns".to_owned(), "DNS Write".to_owned())].into(),
            resources: [Resource::AllZones].into(),
        };
        let denied = Live { policies: vec![policy], ..current() };
        for (later, found) in [
            (with(live("other", "shop+new@b0000000", 5)), "Appeared"),
            (with(live("other", "shop+roll@b0000000", 5)), "Appeared"),
            (with(live("other", "shop@b0000000", 5)), "Appeared"),
            (vec![live("current", "shop+old@a0000000", 1)], "Changed"),
            (vec![live("current", "shop@a0000000", 1)], "Changed"),
            (vec![disabled], "Changed"),
            (vec![by_hand], "Changed"),
            (vec![shut_out], "Changed"),
            (vec![denied], "Changed"),
            (Vec::new(), "Went"),
        ] {
            let meanwhile = format!("{:?}", meanwhile(&[current()], &later).unwrap());
            assert!(meanwhile.starts_with(found), "{meanwhile} for {later:?}");
        }
    }

    #[test]
    fn an_end_that_comes_by_itself_is_nobodys_doing() {
        let before = live("retiring", "shop+old@a0000000", 1);
        let later = Live { status: Status::Expired, ..before.clone() };
        assert_eq!(meanwhile(&[before], &[later]), None);
    }
}
