//! A link to the dashboard's form, and what it cannot carry, in words and as a row for a program.

use serde::Serialize;

use super::describe::{span, time};
use crate::lifecycle::{ByHand, Link};
use crate::profile::{Lifetime, Profile, Start};

/// A link to the dashboard's form for a token.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct LinkRow {
    /// The profile's file.
    pub(in crate::cli) profile: String,
    /// Its environment.
    pub(in crate::cli) environment: Option<String>,
    /// The token's name in the form.
    pub(in crate::cli) name: String,
    /// Whose form it is: `user` or `account`.
    pub(in crate::cli) owner: &'static str,
    /// The link.
    pub(in crate::cli) address: String,
    /// The permissions that it fills in.
    pub(in crate::cli) permissions: Vec<LinkPermissionRow>,
    /// What is left to do in the form.
    pub(in crate::cli) by_hand: Vec<String>,
}

/// A permission that a link fills in.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct LinkPermissionRow {
    /// The section of the profile.
    pub(in crate::cli) section: &'static str,
    /// The API's name of the group.
    pub(in crate::cli) name: String,
    /// The word of links for it.
    pub(in crate::cli) key: &'static str,
    /// The level, as links say it.
    #[serde(rename = "type")]
    pub(in crate::cli) level: &'static str,
    /// How surely the word is known: `documented`, `seen` in published links, `inferred`.
    pub(in crate::cli) source: &'static str,
}

/// What a program reads of a link.
pub(in crate::cli) fn row(profile: &Profile, link: &Link, is_for_account: bool) -> LinkRow {
    let permission = link.permissions.iter().map(|(section, name, template)| LinkPermissionRow {
        section: section.key(),
        name: name.clone(),
        key: template.key,
        level: template.level,
        source: template.source.word(),
    });
    LinkRow {
        profile: profile.source.path.clone(),
        environment: profile.environment.clone(),
        name: profile.name.value.clone(),
        owner: if is_for_account { "account" } else { "user" },
        address: link.address.clone(),
        permissions: permission.collect(),
        by_hand: link.by_hand.iter().map(by_hand).collect(),
    }
}

/// What to do in the form, or to know of it, in a line.
fn by_hand(one: &ByHand) -> String {
    match one {
        ByHand::Check { section, line, key } => format!(
            "see that the form shows {} `{line}`: the link's word for it, {key}, is inferred",
            section.key()
        ),
        ByHand::Add { section, line } => {
            format!("add the permission {} `{line}`: links have no word for it", section.key())
        }
        ByHand::NotForAccounts { line } => {
            format!("do without user `{line}`: tokens of an account cannot have it")
        }
        ByHand::Refused { line, product } => format!(
            "do without `{line}`, or take the user's form: {product} refuses tokens that an account owns"
        ),
        ByHand::Accounts(names) => format!("choose under Account Resources: {}", names.join(", ")),
        ByHand::Zones(names) => format!("choose under Zone Resources: {}", names.join(", ")),
        ByHand::ZonesOf(names) => {
            format!("choose under Zone Resources: all zones from an account, {}", names.join(", "))
        }
        ByHand::Buckets(names) => format!(
            "make a token of its own for buckets ({}), under R2 > Manage API Tokens: this form has none",
            names.join(", ")
        ),
        ByHand::Workers(names) => format!("choose the Workers: {}", names.join(", ")),
        ByHand::Apart => {
            "make several tokens: the form gives every permission to every account and zone that is \
            chosen, and the profile does not"
                .to_owned()
        }
        ByHand::Addresses { allow, deny } => {
            let part = |word: &str, nets: &[String]| {
                (!nets.is_empty()).then(|| format!("{word} {}", nets.join(", ")))
            };
            let parts = [part("is in", allow), part("is not in", deny)];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            format!("choose under Client IP Address Filtering: {}", parts.join("; "))
        }
        ByHand::Start(Start::At(start)) => format!("choose under TTL: start {}", time(*start)),
        ByHand::Start(Start::Now) => "choose under TTL: no start".to_owned(),
        ByHand::End(Lifetime::For(length)) => {
            format!("choose under TTL: end {} after today", span(*length))
        }
        ByHand::End(Lifetime::Until(end)) => format!("choose under TTL: end {}", time(*end)),
        ByHand::End(Lifetime::Never) => "choose under TTL: no end".to_owned(),
    }
}
