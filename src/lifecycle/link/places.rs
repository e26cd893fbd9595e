//! The resources of a profile -> what the link chooses in the form, and what is left to choose.

use std::collections::BTreeSet;

use super::ByHand;
use crate::catalogue::TemplateForm;
use crate::profile::{
    Accounts, Owner, Profile, Reference, Resources, Rights, Section, Spanned, Zones, is_id,
};

/// The form that a link opens.
pub(super) enum Form {
    /// The user's, with the one account and the one zone to choose in it.
    User { account: Option<String>, zone: Option<String> },
    /// An account's.
    Account,
}

impl Form {
    pub(super) fn as_template(&self) -> TemplateForm<'_> {
        match self {
            Self::User { account, zone } => {
                TemplateForm::User { account: account.as_deref(), zone: zone.as_deref() }
            }
            Self::Account => TemplateForm::Account,
        }
    }
}

/// What some permissions apply to, as the form says it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reach {
    /// Everything.
    All,
    /// These.
    Named(Vec<String>),
    /// All zones of these accounts.
    Of(Vec<String>),
}

/// An account's form: the dashboard asks for the account, and the form for the zones.
pub(super) fn in_account_form(profile: &Profile) -> (Form, Vec<ByHand>) {
    let (accounts, zones) = reaches(profile);
    let account = match (&profile.owner, accounts.as_slice()) {
        (Owner::Account(owner), _) => Some(vec![owner.value.to_string()]),
        (Owner::User, [Reach::Named(named)]) => Some(named.clone()),
        (Owner::User, _) => None,
    };
    let account = account.map(ByHand::Accounts);
    (
        Form::Account,
        account.into_iter().chain(zone_choices(&zones)).chain(finer(profile, &[], &zones)).collect(),
    )
}

/// The user's form: a link can choose one account and one zone in it, by their ids.
pub(super) fn in_user_form(profile: &Profile) -> (Form, Vec<ByHand>) {
    let (accounts, zones) = reaches(profile);
    let id = |reaches: &[Reach]| match reaches {
        [Reach::Named(named)] => <[String; 1]>::try_from(named.clone()).ok().map(|[one]| one),
        _ => None,
    };
    let (account, zone) = (id(&accounts).filter(|id| is_id(id)), id(&zones).filter(|id| is_id(id)));
    let mut by_hand = Vec::new();
    if account.is_none() {
        by_hand.extend(account_choices(&accounts));
    }
    if zone.is_none() {
        by_hand.extend(zone_choices(&zones));
    }
    by_hand.extend(finer(profile, &accounts, &zones));
    (Form::User { account, zone }, by_hand)
}

/// What the permissions on accounts apply to, and those on zones: each kind of reach once.
fn reaches(profile: &Profile) -> (Vec<Reach>, Vec<Reach>) {
    let (mut accounts, mut zones) = (Vec::new(), Vec::new());
    for rights in profile.all_rights() {
        let reach = [
            (Section::Account, &mut accounts, of_accounts(&rights.resources)),
            (Section::Zone, &mut zones, of_zones(&rights.resources)),
        ];
        for (section, reaches, reach) in reach {
            if has(rights, section) && !reaches.contains(&reach) {
                reaches.push(reach);
            }
        }
    }
    (accounts, zones)
}

fn has(rights: &Rights, section: Section) -> bool {
    rights.permissions.iter().any(|permission| permission.section == section)
}

fn of_accounts(resources: &Resources) -> Reach {
    match &resources.accounts {
        Accounts::Named(named) => Reach::Named(names(named)),
        Accounts::All => Reach::All,
    }
}

fn of_zones(resources: &Resources) -> Reach {
    match (&resources.zones, &resources.accounts) {
        (Zones::Named(named), _) => Reach::Named(names(named)),
        (Zones::OfAccounts, Accounts::Named(accounts)) => Reach::Of(names(accounts)),
        (Zones::OfAccounts, Accounts::All) | (Zones::AllAccounts, _) => Reach::All,
    }
}

/// The names, in one order, so that two lists of the same are one.
fn names(named: &[Spanned<Reference>]) -> Vec<String> {
    let mut texts: Vec<String> = named.iter().map(|one| one.value.to_string()).collect();
    texts.sort();
    texts
}

/// The accounts to choose; the form begins with all.
fn account_choices(reaches: &[Reach]) -> Option<ByHand> {
    let named = reaches.iter().filter_map(|reach| match reach {
        Reach::Named(named) => Some(named.clone()),
        Reach::All | Reach::Of(_) => None,
    });
    once(named).map(ByHand::Accounts)
}

/// The zones to choose; the form begins with all.
fn zone_choices(reaches: &[Reach]) -> impl Iterator<Item = ByHand> + use<> {
    let named = reaches.iter().filter_map(|reach| match reach {
        Reach::Named(named) => Some(named.clone()),
        Reach::All | Reach::Of(_) => None,
    });
    let of = reaches.iter().filter_map(|reach| match reach {
        Reach::Of(accounts) => Some(accounts.clone()),
        Reach::All | Reach::Named(_) => None,
    });
    once(named).map(ByHand::Zones).into_iter().chain(once(of).map(ByHand::ZonesOf))
}

/// All names, each once; `None` where there are none.
fn once(lists: impl Iterator<Item = Vec<String>>) -> Option<Vec<String>> {
    let names: BTreeSet<String> = lists.flatten().collect();
    (!names.is_empty()).then(|| names.into_iter().collect())
}

/// What the form cannot say, or not so.
fn finer(profile: &Profile, accounts: &[Reach], zones: &[Reach]) -> Vec<ByHand> {
    let with = |section: Section| profile.all_rights().filter(move |rights| has(rights, section));
    let bucket = |rights: &Rights| -> Vec<String> {
        let named = rights.resources.buckets.iter().map(|bucket| bucket.value.name.clone());
        named.map(|name| name.unwrap_or_else(|| "all".to_owned())).collect()
    };
    let worker = |rights: &Rights| -> Vec<String> {
        rights.resources.workers.iter().map(|worker| worker.value.name.to_string()).collect()
    };
    let buckets: Vec<String> = with(Section::R2).flat_map(bucket).collect();
    let workers: Vec<String> = with(Section::Worker).flat_map(worker).collect();
    let is_apart = accounts.len() > 1 || zones.len() > 1;
    [
        (!buckets.is_empty()).then_some(ByHand::Buckets(buckets)),
        (!workers.is_empty()).then_some(ByHand::Workers(workers)),
        is_apart.then_some(ByHand::Apart),
    ]
    .into_iter()
    .flatten()
    .collect()
}
