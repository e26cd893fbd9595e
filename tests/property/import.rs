//! A profile that is written from a token is valid, asks for nothing that the token has not, and for all that a
//! profile can ask for: taken over by it, a token stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use cfmint::catalogue::{Catalogue, Resource, Scope, resolve_all};
use cfmint::lifecycle::{Imported, Origin, Role, import};
use cfmint::plan::{
    AccountEntry, Addresses, Change, Directory, Live, MarkedName, Policy, PolicyEffect, Status, Wanted,
    ZoneEntry, allowed, changes,
};
use cfmint::profile::{
    Jurisdiction, Owner, Profile, ProfileFile, ResolveOptions, Section, Severity, Unset, name_is_valid,
};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const SECTIONS: [Section; 4] = [Section::Account, Section::Zone, Section::User, Section::R2];

fn now() -> DateTime<Utc> {
    "2026-01-15T12:00:00Z".parse().unwrap()
}

fn id(number: usize) -> String {
    format!("{number:x}").repeat(32)
}

/// The ids of the groups that can stand in a section.
fn groups() -> &'static BTreeMap<Section, Vec<String>> {
    static GROUPS: std::sync::OnceLock<BTreeMap<Section, Vec<String>>> = std::sync::OnceLock::new();
    GROUPS.get_or_init(|| {
        let mut groups: BTreeMap<Section, Vec<String>> = BTreeMap::new();
        for group in Catalogue::embedded().groups() {
            if let (Some(id), Some(section)) = (&group.id, group.scopes.first().and_then(Scope::section)) {
                groups.entry(section).or_default().push(id.clone());
            }
        }
        groups
    })
}

/// Names as the worst of dashboards lets people give them.
fn name() -> impl Strategy<Value = String> {
    let odd = [
        "all",
        "*",
        "null",
        "No",
        "1e9",
        "007",
        "a: b",
        "a #b",
        "'",
        "\"",
        "- a",
        "${environment}",
        "$${a}",
        "$",
        "${",
        "[a, b]",
        "{a: b}",
        "&a",
        "!a",
        "%a",
        "`",
        "shop@k3x9w2ab",
        "me@example.com",
        "a@b@c",
        "x+exec",
        "x+new+old",
        "  ",
        " a ",
        "",
        "a\nname: b",
        "\u{1b}[2J",
        "\u{202e}a",
        "ä💥",
        "\u{feff}",
        "2030-01-31",
        "~",
        "|",
        ">-",
        "---",
        "a\\nb",
    ];
    prop_oneof![
        select(odd.to_vec()).prop_map(str::to_owned),
        "[a-z]{1,12}",
        r"\PC{0,12}",
        ".{0,130}",
        "[$@{} #:]{1,6}"
    ]
}

/// A resource of a section that an owner's token can have.
fn resource(section: Section, owner: Option<usize>) -> BoxedStrategy<Resource> {
    let account = match owner {
        Some(owner) => Just(owner).boxed(),
        None => (1..4usize).boxed(),
    };
    let account = account.prop_map(id);
    let every = move |resource: Resource| Just(resource).boxed();
    match (section, owner) {
        (Section::Account, None) => {
            prop_oneof![4 => account.prop_map(Resource::Account), 1 => every(Resource::AllAccounts)].boxed()
        }
        (Section::Account, Some(_)) => account.prop_map(Resource::Account).boxed(),
        (Section::Zone, owner) => {
            let zone = (4..9usize).prop_map(id).prop_map(Resource::Zone).boxed();
            let wide = if owner.is_none() { every(Resource::AllZones) } else { zone.clone() };
            prop_oneof![3 => zone, 3 => account.prop_map(Resource::ZonesOf), 1 => wide].boxed()
        }
        (Section::User, _) | (Section::Worker, None) => every(Resource::User(id(15))),
        (Section::Worker, Some(_)) => (account, (9..12usize).prop_map(id))
            .prop_map(|(account, tag)| Resource::Worker { account, tag })
            .boxed(),
        (Section::R2, _) => {
            let place = select(Jurisdiction::ALL.to_vec());
            prop_oneof![
                account.clone().prop_map(Resource::BucketsOf),
                (account, place, "[a-z0-9]{3,6}|[a-z_]{2,4}").prop_map(|(account, jurisdiction, name)| {
                    Resource::Bucket { account, jurisdiction, name }
                }),
            ]
            .boxed()
        }
    }
}

/// Policies as other tools make them: any groups on any resources.
fn policies(owner: Option<usize>) -> impl Strategy<Value = Vec<Policy>> {
    let sections: &[Section] =
        if owner.is_none() { &SECTIONS } else { &[Section::Account, Section::Zone, Section::R2] };
    let policy = select(sections).prop_flat_map(move |section| {
        let groups = btree_set(select(groups()[&section].as_slice()), 1..4);
        let effect = prop_oneof![9 => Just(PolicyEffect::Allow), 1 => Just(PolicyEffect::Deny)];
        (effect, groups, btree_set(resource(section, owner), 1..4)).prop_map(|(effect, groups, resources)| {
            Policy {
                effect,
                groups: groups.into_iter().map(|id| (id.clone(), String::new())).collect(),
                resources,
            }
        })
    });
    vec(policy, 1..5)
}

/// Policies as the dashboard makes them: each scope once, all of its permissions on all of its resources.
fn tidy(owner: Option<usize>) -> impl Strategy<Value = Vec<Policy>> {
    let of = move |section: Section| {
        let groups = btree_set(select(groups()[&section].as_slice()), 1..9);
        let groups =
            groups.prop_map(|groups| groups.into_iter().map(|id| (id.clone(), String::new())).collect());
        (groups, btree_set(resource(section, owner), 1..5)).prop_map(|(groups, resources)| Policy {
            effect: PolicyEffect::Allow,
            groups,
            resources,
        })
    };
    let user = if owner.is_none() { option::of(of(Section::User)).boxed() } else { Just(None).boxed() };
    let sections =
        (option::of(of(Section::Account)), option::of(of(Section::Zone)), user, option::of(of(Section::R2)));
    sections.prop_filter_map("nothing is asked for", |(account, zone, user, r2)| {
        let mut policies: Vec<Policy> = [account, zone, user, r2].into_iter().flatten().collect();
        for policy in &mut policies {
            policy.resources.retain(|resource| {
                !matches!(resource, Resource::Bucket { name, .. } if name.len() < 3 || name.contains('_'))
            });
            // One form: every one there is, every one of some accounts, or some by name.
            let rank = |resource: &Resource| match resource {
                Resource::AllAccounts | Resource::AllZones => 0,
                Resource::ZonesOf(_) => 1,
                _ => 2,
            };
            let first = policy.resources.iter().map(rank).min();
            policy.resources.retain(|resource| Some(rank(resource)) == first);
        }
        // Every zone of accounts: those that the account permissions are on.
        let accounts =
            policies.iter().flat_map(|policy| &policy.resources).find_map(|resource| match resource {
                Resource::Account(_) | Resource::AllAccounts => Some(policies[0].resources.clone()),
                _ => None,
            });
        for policy in &mut policies {
            if let (Some(Resource::ZonesOf(_)), Some(accounts)) = (policy.resources.first(), &accounts) {
                let nested = |account: &Resource| match account {
                    Resource::Account(id) => Resource::ZonesOf(id.clone()),
                    _ => Resource::AllZones,
                };
                policy.resources = accounts.iter().map(nested).collect();
            }
        }
        policies.retain(|policy| !policy.resources.is_empty());
        (!policies.is_empty()).then_some(policies)
    })
}

fn network() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (any::<[u8; 4]>(), 0..=32u8).prop_map(|([a, b, c, d], length)| format!("{a}.{b}.{c}.{d}/{length}")),
        4 => (any::<[u16; 2]>(), 0..=128u8).prop_map(|([a, b], length)| format!("{a:x}:0:0::{b:x}/{length}")),
        1 => Just("anywhere".to_owned()),
    ]
}

fn directory() -> impl Strategy<Value = Directory> {
    (vec(option::of(name()), 3), vec(option::of(name()), 5), vec(1..4usize, 5)).prop_map(
        |(accounts, zones, homes)| {
            let accounts = accounts
                .into_iter()
                .enumerate()
                .filter_map(|(number, name)| Some(AccountEntry { id: id(number + 1), name: name? }));
            let zones = zones.into_iter().zip(homes).enumerate().filter_map(|(number, (name, home))| {
                Some(ZoneEntry { id: id(number + 4), name: name?, account: id(home) })
            });
            let user = Some(id(15));
            Directory { accounts: accounts.collect(), zones: zones.collect(), user, ..Directory::default() }
        },
    )
}

prop_compose! {
    fn token(policies: BoxedStrategy<Vec<Policy>>)(
        policies in policies,
        name in name(),
        disabled in any::<bool>(),
        addresses in (vec(network(), 0..9), vec(network(), 0..3)),
        issued in option::of(0..10_000_000i64),
        life in option::of(prop_oneof![(1..400i64).prop_map(|days| days * 86_400), (1..900i64).prop_map(|hours| hours * 3_600 + 1), 60..90_000_000i64]),
        start in option::of(-1_000_000..1_000_000i64),
    ) -> Live {
        let issued_on = issued.map(|ago| now() - TimeDelta::seconds(ago));
        // It is alive.
        let end = life.map(|life| issued_on.unwrap_or(now()) + TimeDelta::seconds(life)).filter(|end| *end > now());
        Live {
            id: "0123456789abcdef".repeat(2),
            marked: MarkedName::parse(&name),
            name,
            status: if disabled { Status::Disabled } else { Status::Active },
            policies,
            addresses: Addresses::read(&addresses.0, &addresses.1),
            not_before: start.map(|seconds| now() + TimeDelta::seconds(seconds)),
            expires_on: end,
            issued_on,
            modified_on: issued_on,
            last_used_on: None,
        }
    }
}

/// A user's token or an account's, with the names of what it names.
fn tokens(
    policies: impl Fn(Option<usize>) -> BoxedStrategy<Vec<Policy>>,
) -> impl Strategy<Value = (Option<String>, Live, Directory)> {
    let of_user = (Just(None), token(policies(None)), directory());
    let of_account = (Just(Some(id(1))), token(policies(Some(1))), directory());
    prop_oneof![of_user, of_account]
}

fn written(owner: Option<&str>, live: &Live, directory: &Directory) -> Option<Imported> {
    let origin = Origin {
        live,
        owner,
        conditions: &["a\nb".to_owned()],
        directory,
        catalogue: Catalogue::embedded(),
        flags: "",
        role: Role::Other,
        say: &|policy| format!("{:?}\nname: no", policy.resources),
    };
    import(&origin, "a\nb", now()).ok()
}

/// What may be said of a profile that only says what a token is.
const TELLING: [&str; 8] = [
    "profile.ttl-never",
    "profile.ttl-short",
    "profile.all-accounts",
    "profile.all-zones",
    "profile.bare-variable",
    "profile.ip-everywhere",
    "profile.ip-nowhere",
    "profile.ip-private",
];

/// The token that a profile's text asks for; it must have nothing to remark but that it is wide, or never ends.
fn wanted(text: &str, directory: &Directory) -> (Profile, Wanted) {
    let file = ProfileFile::from_bytes("any.yaml", text.as_bytes().to_vec());
    let file = file.unwrap_or_else(|found| panic!("{found:#?}\n{text}"));
    let choice = ResolveOptions {
        environment: None,
        features: &[],
        variables: &|_| Some("substituted".to_owned()),
        now: now(),
        unset: Unset::Error,
    };
    let resolved = file.resolve(&choice);
    let odd = resolved
        .diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Error || !TELLING.contains(&found.code.text()));
    let odd: Vec<&str> = odd.map(|found| found.message.as_str()).collect();
    assert!(odd.is_empty(), "{odd:?}\n{text}");
    let profile = resolved.profile.unwrap();
    let granted = profile.all_rights().map(|rights| {
        let resolution =
            resolve_all(Catalogue::embedded(), &profile.source, &rights.permissions, &Owner::User);
        assert!(resolution.diagnostics.is_empty(), "{:?}\n{text}", resolution.diagnostics);
        resolution.granted
    });
    let wanted = Wanted::new(&profile, &granted.collect::<Vec<_>>(), directory);
    (profile, wanted.unwrap_or_else(|found| panic!("{found:#?}\n{text}")))
}

/// What taking the token over would change, but for switching it on.
fn changed(wanted: &Wanted, live: &Live) -> Vec<Change> {
    let all = changes(wanted, live, now());
    all.into_iter().filter(|change| *change != Change::Enable).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_token_as_the_dashboard_makes_it_is_said_whole((owner, live, directory) in tokens(|owner| tidy(owner).boxed())) {
        let imported = written(owner.as_deref(), &live, &directory).unwrap();
        prop_assert_eq!(&imported.lost, &Vec::<String>::new(), "{}", imported.text);
        let (profile, wanted) = wanted(&imported.text, &directory);
        prop_assert_eq!(changed(&wanted, &live), vec![], "{}", imported.text);
        prop_assert_eq!(&wanted.owner, &owner);
        let own = live.marked.as_ref().map_or(&live.name, |marked| &marked.name);
        prop_assert_eq!(profile.name.value == *own, name_is_valid(own), "{}", imported.text);
    }

    #[test]
    fn any_other_token_gains_nothing_and_what_it_would_lose_is_said((owner, live, directory) in tokens(|owner| policies(owner).boxed())) {
        let Some(imported) = written(owner.as_deref(), &live, &directory) else {
            return Ok(());
        };
        let (_, wanted) = wanted(&imported.text, &directory);
        let changed = changed(&wanted, &live);
        prop_assert!(changed.iter().all(|change| matches!(change, Change::Withdraw(_))), "{:?}\n{}", changed, imported.text);
        prop_assert_eq!(changed.is_empty(), imported.lost.is_empty(), "{}", imported.text);
        let denied: BTreeSet<_> = allowed(&wanted.policies).difference(&allowed(&live.policies)).cloned().collect();
        prop_assert_eq!(denied, BTreeSet::new());
    }
}
