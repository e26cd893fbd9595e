//! Whatever a server makes of what it was sent: a second look finds nothing to do, and nothing of what hands
//! added is lost on the way.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cfmint::catalogue::Resource;
use cfmint::cloudflare::wire::{Token, TokenWrite};
use cfmint::custody::{creation, replacement};
use cfmint::plan::{
    Addresses, Change, ClockReading, Goal, Grant, Live, Mark, MarkedName, Note, Phase, Plan, Policy,
    PolicyEffect, Renewal, Replace, Situation, Step, Wanted, changes, decide, grants,
};
use cfmint::profile::{Jurisdiction, Lifetime, Start, Strategy as Renew};
use cfmint::survey::live;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn now() -> DateTime<Utc> {
    "2026-01-15T12:00:00Z".parse().unwrap()
}

/// Few ids, so that tokens and profiles have some in common.
fn id() -> impl Strategy<Value = String> {
    prop_oneof![Just("ab".repeat(16)), Just("cd".repeat(16)), Just("0123456789abcdef".repeat(2))]
}

fn resource() -> impl Strategy<Value = Resource> {
    let jurisdiction = proptest::sample::select(Jurisdiction::ALL.to_vec());
    prop_oneof![
        id().prop_map(Resource::Account),
        Just(Resource::AllAccounts),
        id().prop_map(Resource::Zone),
        id().prop_map(Resource::ZonesOf),
        Just(Resource::AllZones),
        id().prop_map(Resource::User),
        id().prop_map(Resource::BucketsOf),
        (id(), jurisdiction, "[a-z0-9-]{3,8}").prop_map(|(account, jurisdiction, name)| Resource::Bucket {
            account,
            jurisdiction,
            name
        }),
    ]
}

/// An allow policy as a profile asks for it: resources of one scope, so that no two share a key.
fn policy() -> impl Strategy<Value = Policy> {
    let groups = btree_map(id(), Just(String::new()), 1..4);
    (groups, btree_set(resource(), 1..4)).prop_map(|(groups, resources)| {
        let scope = resources.first().and_then(Resource::section);
        let resources = resources.into_iter().filter(|resource| resource.section() == scope).collect();
        Policy { effect: PolicyEffect::Allow, groups, resources }
    })
}

fn network() -> impl Strategy<Value = String> {
    prop_oneof![
        (any::<[u8; 4]>(), 0..=32u8).prop_map(|([a, b, c, d], length)| format!("{a}.{b}.{c}.{d}/{length}")),
        (any::<[u16; 2]>(), 0..=128u8).prop_map(|([a, b], length)| format!("{a:x}:0:0::{b:x}/{length}")),
        any::<[u8; 4]>().prop_map(|[a, b, c, d]| format!("{a}.{b}.{c}.{d}")),
    ]
}

fn addresses() -> impl Strategy<Value = Addresses> {
    (vec(network(), 0..3), vec(network(), 0..3)).prop_map(|(allow, deny)| Addresses::read(&allow, &deny))
}

/// A whole second within a year of now.
fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    (-31_536_000..31_536_000i64).prop_map(|seconds| now() + TimeDelta::seconds(seconds))
}

prop_compose! {
    fn wanted()(
        policies in vec(policy(), 1..4),
        addresses in option::of(addresses()),
        lifetime in prop_oneof![
            (1..400i64).prop_map(|days| Lifetime::For(TimeDelta::days(days))),
            (1..400i64).prop_map(|days| Lifetime::Until(now() + TimeDelta::days(days))),
            Just(Lifetime::Never),
        ],
        not_before in option::of(prop_oneof![9 => moment().prop_map(Start::At), 1 => Just(Start::Now)]),
    ) -> Wanted {
        Wanted {
            name: "shop-deploy".to_owned(),
            owner: None,
            policies,
            addresses,
            lifetime,
            not_before,
            account: None,
            zone: None,
            buckets: None,
        }
    }
}

/// Choices of a server, one after the other; when they run out, it always takes the first way.
#[derive(Debug)]
struct Whims(std::vec::IntoIter<usize>);

impl Whims {
    fn choose(&mut self, ways: usize) -> usize {
        self.0.next().unwrap_or_default() % ways
    }

    fn agrees(&mut self) -> bool {
        self.choose(2) == 1
    }

    fn shuffle<T>(&mut self, mut items: Vec<T>) -> Vec<T> {
        let mut shuffled = Vec::new();
        while !items.is_empty() {
            let next = self.choose(items.len());
            shuffled.push(items.remove(next));
        }
        shuffled
    }
}

fn whims() -> impl Strategy<Value = Whims> {
    vec(any::<usize>(), 0..200).prop_map(|choices| Whims(choices.into_iter()))
}

/// What a server holds after a write: what was sent and nothing else, its policies numbered.
fn stored(write: &TokenWrite, issued_on: DateTime<Utc>) -> Value {
    let mut token = serde_json::to_value(write).unwrap();
    token["id"] = json!("e0000000000000000000000000000f01");
    token["issued_on"] = json!(issued_on);
    if token.get("status").is_none() {
        token["status"] = json!("active");
    }
    for (number, policy) in token["policies"].as_array_mut().unwrap().iter_mut().enumerate() {
        policy["id"] = json!(format!("{number:032x}"));
    }
    token
}

/// The same token in another dress, read as an answer is read.
fn dressed(mut token: Value, whims: &mut Whims) -> Token {
    let policies = std::mem::take(token["policies"].as_array_mut().unwrap());
    let policies = policies.into_iter().flat_map(|policy| parts(policy, whims)).collect();
    token["policies"] = Value::Array(whims.shuffle(policies));
    token["creator_email_at_creation"] = json!("user@example.com");
    if let Some(condition) = token.get_mut("condition").and_then(Value::as_object_mut) {
        respell(condition, whims);
    } else if whims.agrees() {
        token["condition"] = json!({});
    }
    serde_json::from_str(&text(&token, whims)).unwrap()
}

/// One policy, or two that mean the same, with other names and groups in another order and case.
fn parts(mut policy: Value, whims: &mut Whims) -> Vec<Value> {
    let groups = std::mem::take(policy["permission_groups"].as_array_mut().unwrap());
    let mut groups = whims.shuffle(groups);
    for group in &mut groups {
        group["name"] = json!("Renamed Meanwhile");
        group["meta"] = json!({ "label": "renamed", "editable": "true" });
        group["id"] = cased(&group["id"], whims);
    }
    policy["resources"] = policy["resources"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| {
            let (kind, id) = key.rsplit_once('.').unwrap();
            let is_id = id.len() == 32;
            let id = if is_id { cased(&json!(id), whims) } else { json!(id) };
            (format!("{kind}.{}", id.as_str().unwrap()), value.clone())
        })
        .collect();
    policy["comment"] = json!("a field of next year");
    let half = whims.choose(groups.len());
    let rest = groups.split_off(half);
    let of = |groups: Vec<Value>| {
        let mut part = policy.clone();
        part["permission_groups"] = Value::Array(groups);
        part
    };
    [groups, rest].into_iter().filter(|groups| !groups.is_empty()).map(of).collect()
}

fn cased(id: &Value, whims: &mut Whims) -> Value {
    let id = id.as_str().unwrap();
    if whims.agrees() { json!(id.to_uppercase()) } else { json!(id) }
}

/// Other spellings of the same networks, under either key, with the empty lists that were left out.
fn respell(condition: &mut Map<String, Value>, whims: &mut Whims) {
    let Some(mut rule) = condition.remove("request_ip") else { return };
    for side in ["in", "not_in"] {
        let Some(networks) = rule.get(side).and_then(Value::as_array) else {
            if whims.agrees() {
                rule[side] = json!([]);
            }
            continue;
        };
        let networks = networks.iter().map(|network| spelled(network.as_str().unwrap(), whims)).collect();
        rule[side] = json!(whims.shuffle(networks));
    }
    let key = if whims.agrees() { "request.ip" } else { "request_ip" };
    condition.insert(key.to_owned(), rule);
}

fn spelled(network: &str, whims: &mut Whims) -> String {
    let Some((address, length)) = network.split_once('/') else { return network.to_owned() };
    match (address.parse(), length) {
        (Ok(std::net::IpAddr::V4(_)), "32") if whims.agrees() => address.to_owned(),
        // The last bit is the host's wherever there is one.
        (Ok(std::net::IpAddr::V4(address)), length) if length != "32" => {
            let [a, b, c, d] = address.octets();
            format!("{a}.{b}.{c}.{}/{length}", d | 1)
        }
        (Ok(std::net::IpAddr::V6(address)), length) => {
            let groups = address.segments().map(|group| format!("{group:04X}"));
            format!("{}/{length}", groups.join(":"))
        }
        _ => network.to_owned(),
    }
}

/// JSON with the keys of each map in any order.
fn text(value: &Value, whims: &mut Whims) -> String {
    match value {
        Value::Object(map) => {
            let mut written = String::new();
            for (key, value) in whims.shuffle(map.iter().collect()) {
                let comma = if written.is_empty() { "" } else { "," };
                write!(written, "{comma}{}:{}", json!(key), text(value, whims)).unwrap();
            }
            format!("{{{written}}}")
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| text(item, whims)).collect();
            format!("[{}]", items.join(","))
        }
        other => other.to_string(),
    }
}

/// What makes the token of a name that is in force at once.
fn made(wanted: &Wanted, name: String, mark: Mark) -> TokenWrite {
    let name = MarkedName { name, phase: Phase::InForce, mark };
    creation(wanted, &name, wanted.expiry(now()), None, now())
}

prop_compose! {
    /// A token that hands have been at: denials, strange resources and conditions, any dates.
    fn meddled()(
        wanted in wanted(),
        denied in vec(policy(), 0..2),
        strange in any::<bool>(),
        device in option::of("[a-z]{1,8}"),
        (not_before, expires_on) in (option::of(moment()), option::of(1..400i64)),
        disabled in any::<bool>(),
        mut whims in whims(),
    ) -> Token {
        let mark = Mark::from_random([3; 8]);
        let write = made(&wanted, wanted.name.clone(), mark);
        let mut token = stored(&write, now() - TimeDelta::days(30));
        let denied = Wanted { policies: denied, ..wanted };
        for policy in made(&denied, String::new(), Mark::from_random([3; 8])).policies {
            let mut policy = json!(policy);
            policy["effect"] = json!("deny");
            token["policies"].as_array_mut().unwrap().push(policy);
        }
        if strange {
            token["policies"][0]["resources"] = json!({ "com.cloudflare.new.thing": { "within": { "it": "*" } } });
        }
        if let Some(device) = device {
            token["condition"]["device"] = json!({ "posture": device });
        }
        for (key, time) in [("not_before", not_before), ("expires_on", expires_on.map(|days| now() + TimeDelta::days(days)))] {
            token.as_object_mut().unwrap().remove(key);
            if let Some(time) = time {
                token[key] = json!(time);
            }
        }
        token["status"] = json!(if disabled { "disabled" } else { "active" });
        dressed(token, &mut whims)
    }
}

fn denials(live: &Live) -> BTreeSet<Grant> {
    grants(&live.policies).into_iter().filter(|grant| grant.effect == PolicyEffect::Deny).collect()
}

fn plan(wanted: &Wanted, token: &Token) -> Plan {
    let (tokens, own) = ([live(token)], BTreeSet::new());
    let renewal = Renewal { strategy: Renew::Generation, overlap: TimeDelta::hours(1) };
    let (replace, clock) = (Replace::Never, ClockReading::at(now()));
    let situation = Situation { wanted, tokens: &tokens, sinks: &[], own: &own, renewal, replace, clock };
    decide(Goal::Converge, &situation)
}

fn does_nothing(plan: &Plan) -> bool {
    matches!(&plan.step, Step::Keep(keep) if keep.is_idle())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_left_to_do_after_a_create(wanted in wanted(), mut whims in whims(), bytes in any::<[u8; 8]>()) {
        let write = made(&wanted, wanted.name.clone(), Mark::from_random(bytes));
        let token = dressed(stored(&write, now()), &mut whims);
        let plan = plan(&wanted, &token);
        prop_assert!(does_nothing(&plan), "{:#?}", plan);
        prop_assert!(!plan.notes.iter().any(|note| matches!(note, Note::Kept(_))), "{:?}", plan.notes);
    }

    #[test]
    fn nothing_is_left_to_do_after_an_update(wanted in wanted(), token in meddled(), mut whims in whims()) {
        let planned = changes(&wanted, &live(&token), now());
        let write = replacement(&wanted, &token, &planned);
        let after = dressed(stored(&write, now() - TimeDelta::days(30)), &mut whims);
        prop_assert!(does_nothing(&plan(&wanted, &after)), "{:#?}", plan(&wanted, &after));
    }

    #[test]
    fn an_update_loses_nothing_that_the_profile_is_silent_about(wanted in wanted(), token in meddled()) {
        let before = live(&token);
        let planned = changes(&wanted, &before, now());
        let write = replacement(&wanted, &token, &planned);
        let sent = serde_json::to_value(&write).unwrap();
        let after = dressed(stored(&write, now()), &mut Whims(Vec::new().into_iter()));
        let after_live = live(&after);

        prop_assert_eq!(&after_live.name, &before.name);
        prop_assert_eq!(denials(&after_live), denials(&before));
        let others = |token: &Token| token.condition.clone().unwrap_or_default().other;
        prop_assert_eq!(others(&after), others(&token));
        if wanted.addresses.is_none() {
            prop_assert_eq!(&after_live.addresses, &before.addresses);
        }
        if !planned.iter().any(|change| matches!(change, Change::Start { .. })) {
            prop_assert_eq!(after_live.not_before, before.not_before);
        }
        if !planned.iter().any(|change| matches!(change, Change::Expiry { .. })) {
            prop_assert_eq!(after_live.expires_on, before.expires_on);
        }
        // What Cloudflare refuses or may misread is never sent.
        prop_assert!(!sent.to_string().contains("[]") || write.policies.is_empty(), "{}", sent);
        prop_assert!(write.policies.iter().all(|policy| policy.id.is_none()));
    }
    #[test]
    fn a_successor_differs_from_what_is_asked_for_only_by_what_was_added_by_hand(
        wanted in wanted(),
        predecessor in meddled(),
        mut whims in whims(),
    ) {
        let before = live(&predecessor);
        let name = MarkedName { name: wanted.name.clone(), phase: Phase::InForce, mark: Mark::from_random([5; 8]) };
        let write = creation(&wanted, &name, wanted.expiry(now()), Some(&predecessor), now());
        let token = dressed(stored(&write, now()), &mut whims);
        let after = live(&token);
        prop_assert!(does_nothing(&plan(&wanted, &token)), "{:#?}", plan(&wanted, &token));
        prop_assert_eq!(denials(&after), denials(&before));
        let others = |token: &Token| token.condition.clone().unwrap_or_default().other;
        prop_assert_eq!(others(&token), others(&predecessor));
        if wanted.addresses.is_none() {
            prop_assert_eq!(&after.addresses, &before.addresses);
        }
        if wanted.not_before.is_none() {
            prop_assert_eq!(after.not_before, before.not_before.filter(|start| *start > now()));
        }
    }
}
