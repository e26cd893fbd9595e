//! A profile -> the link that fills in the dashboard's form for the same token, and what is left to do by hand there.
//!
//! In: a valid profile. Out: an address, and everything that the address cannot carry. Nothing is left out unsaid.

mod places;

use crate::catalogue::{Catalogue, KeySource, KnownGroup, TemplatePermission, template_link};
use crate::profile::{Lifetime, Owner, Permission, PermissionRef, Profile, Section, Start};

/// A link, and what it cannot carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The address.
    pub address: String,
    /// The permissions that it fills in: the section and the name of each group, and how the link says it.
    pub permissions: Vec<(Section, String, TemplatePermission)>,
    /// What is left to do in the form, in the order of the form.
    pub by_hand: Vec<ByHand>,
}

/// Something that the link cannot carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByHand {
    /// The key of this permission is inferred: whether the form shows it is to be looked at.
    Check {
        /// Its section.
        section: Section,
        /// The line that asks for it.
        line: String,
        /// The key.
        key: &'static str,
    },
    /// A permission that no key stands for.
    Add {
        /// Its section.
        section: Section,
        /// The line that asks for it.
        line: String,
    },
    /// A permission that tokens of an account cannot have.
    NotForAccounts {
        /// The line that asks for it.
        line: String,
    },
    /// A product refuses tokens of an account at what this permission is for.
    Refused {
        /// The line that asks for it.
        line: String,
        /// The product.
        product: &'static str,
    },
    /// These accounts are to be chosen.
    Accounts(Vec<String>),
    /// These zones are to be chosen.
    Zones(Vec<String>),
    /// All zones of these accounts are to be chosen.
    ZonesOf(Vec<String>),
    /// The form has no choice of single buckets.
    Buckets(Vec<String>),
    /// These Workers are to be chosen.
    Workers(Vec<String>),
    /// The form gives every permission to every resource of its kind, and the profile does not.
    Apart,
    /// The addresses that may use it, and those that may not.
    Addresses {
        /// These may.
        allow: Vec<String>,
        /// These may not.
        deny: Vec<String>,
    },
    /// When it begins.
    Start(Start),
    /// When it ends.
    End(Lifetime),
}

/// The link for a profile; for an account's form whoever owns the profile's token, if that is asked for.
#[must_use]
pub fn link(profile: &Profile, account_form: AccountForm) -> Link {
    let is_for_account = account_form == AccountForm::Asked || profile.owner != Owner::User;
    let mut permissions: Vec<(Section, String, TemplatePermission)> = Vec::new();
    let mut by_hand: Vec<ByHand> = Vec::new();
    for permission in profile.all_rights().flat_map(|rights| &rights.permissions) {
        for asked in asked(permission) {
            let line = asked.line();
            let section = permission.section;
            if is_for_account && section == Section::User {
                add(&mut by_hand, ByHand::NotForAccounts { line });
                continue;
            }
            // Of a profile for an account's token, the check of its permissions says so.
            if let Some(product) = asked.group.and_then(KnownGroup::refused_to_accounts)
                && is_for_account
                && profile.owner == Owner::User
            {
                add(&mut by_hand, ByHand::Refused { line: line.clone(), product });
            }
            let Some((group, template)) =
                asked.group.and_then(|group| Some((group, group.template_permission()?)))
            else {
                // Those on buckets go with the buckets.
                if section != Section::R2 {
                    add(&mut by_hand, ByHand::Add { section, line });
                }
                continue;
            };
            if template.source == KeySource::Inferred {
                add(&mut by_hand, ByHand::Check { section, line, key: template.key });
            }
            let row = (section, group.name.clone(), template);
            if !permissions.contains(&row) {
                permissions.push(row);
            }
        }
    }
    let keys: Vec<TemplatePermission> = permissions.iter().map(|(.., template)| *template).collect();
    let (form, choices) =
        if is_for_account { places::in_account_form(profile) } else { places::in_user_form(profile) };
    by_hand.extend(choices);
    by_hand.extend(limits(profile));
    Link { address: template_link(form.as_template(), &keys, &profile.name.value), permissions, by_hand }
}

/// Whether the form of an account is asked for where the profile's token is the user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountForm {
    /// As the profile says.
    AsOwned,
    /// It is.
    Asked,
}

fn add(by_hand: &mut Vec<ByHand>, one: ByHand) {
    if !by_hand.contains(&one) {
        by_hand.push(one);
    }
}

/// A permission that is asked for.
struct Asked<'a> {
    permission: &'a Permission,
    /// The group that it means; `None` where only Cloudflare's own list can tell.
    group: Option<&'static KnownGroup>,
}

/// The groups that a permission means, each with the section's own line.
fn asked(permission: &Permission) -> Vec<Asked<'_>> {
    match Catalogue::embedded().resolve(permission) {
        Ok(understood) => understood
            .groups
            .into_iter()
            .map(|usable| Asked { permission, group: Some(usable.group) })
            .collect(),
        Err(_) => vec![Asked { permission, group: None }],
    }
}

impl Asked<'_> {
    fn line(&self) -> String {
        match (self.group, &self.permission.reference) {
            (Some(group), _) => group.line(),
            (None, PermissionRef::Label { label, level }) => {
                format!("{}: {}", label.value, level.value.word())
            }
            (None, PermissionRef::Item(item)) => item.value.to_string(),
        }
    }
}

/// From where and how long, which no link carries.
fn limits(profile: &Profile) -> Vec<ByHand> {
    let texts = |nets: &[ipnet::IpNet]| nets.iter().map(ToString::to_string).collect();
    let addresses = profile.ip.as_ref().filter(|rules| !(rules.allow.is_empty() && rules.deny.is_empty()));
    let addresses =
        addresses.map(|rules| ByHand::Addresses { allow: texts(&rules.allow), deny: texts(&rules.deny) });
    let start = profile.not_before.filter(|start| matches!(start, Start::At(_))).map(ByHand::Start);
    let end = Some(profile.ttl.value).filter(|ttl| *ttl != Lifetime::Never).map(ByHand::End);
    addresses.into_iter().chain(start).chain(end).collect()
}
