//! From which addresses a token may be used, and rules that say more or less than their writer thinks.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Resolver;
use crate::profile::codes::DiagnosticCode;
use crate::profile::decode::Field;
use crate::profile::diagnostic::Spanned;
use crate::profile::layer::IpChoice;
use crate::profile::model::IpRules;
use crate::profile::scalar::Templated;
use crate::profile::scalars::Cidr;

impl Resolver<'_> {
    /// The rule; `None` where the profile is silent, an empty one for the word `any`.
    pub(super) fn ip(&mut self, ip: &Field<IpChoice>) -> Option<IpRules> {
        let lists = match ip.get()? {
            IpChoice::Any => return Some(IpRules::default()),
            IpChoice::Rules(lists) => lists,
        };
        // A list that is there and empty is a rule too: it lifts the one of a lower layer.
        if lists.allow.is_absent() && lists.deny.is_absent() {
            return None;
        }
        let (allow, deny) = (self.networks(&lists.allow), self.networks(&lists.deny));
        for network in &allow {
            self.lint_allowed(network);
        }
        for network in allow.iter().chain(&deny) {
            self.lint_host_bits(network);
        }
        let is_known = !lists.allow.is_invalid() && !lists.deny.is_invalid();
        let plain = |networks: Vec<Spanned<IpNet>>| {
            networks.into_iter().map(|network| network.value.trunc()).collect::<Vec<IpNet>>()
        };
        let place = deny.first().map(|network| network.span);
        let rules = IpRules { allow: plain(allow), deny: plain(deny) };
        if let Some(place) = place.filter(|_| is_known && denies_all(&rules)) {
            self.problems
                .warning(DiagnosticCode::IpNowhere, place, "every address that is allowed is denied too")
                .hint("leave out of `deny` what the token is used from");
        }
        Some(rules)
    }

    /// Networks, each once.
    fn networks(&mut self, list: &Field<Vec<Templated<Cidr>>>) -> Vec<Spanned<IpNet>> {
        let mut networks: Vec<Spanned<IpNet>> = Vec::new();
        for network in self.values(list.get().into_iter().flatten()) {
            if !networks.iter().any(|earlier| earlier.value.trunc() == network.value.0.trunc()) {
                networks.push(network.map(|network| network.0));
            }
        }
        networks
    }

    fn lint_allowed(&mut self, network: &Spanned<IpNet>) {
        if network.value.prefix_len() == 0 {
            self.problems
                .warning(DiagnosticCode::IpEverywhere, network.span, "this lets in every address there is")
                .hint("name the addresses that the token is used from, or write `ip: any` to say so");
        } else if is_private(&network.value) {
            self.problems
                .warning(
                    DiagnosticCode::IpPrivate,
                    network.span,
                    "Cloudflare never sees a private address, so the token could not be used from there",
                )
                .hint("write the public address that requests come from");
        }
    }

    fn lint_host_bits(&mut self, network: &Spanned<IpNet>) {
        let plain = network.value.trunc();
        if plain != network.value {
            self.problems
                .note(
                    DiagnosticCode::IpHostBits,
                    network.span,
                    format!("the whole network {plain} is meant, not one address"),
                )
                .hint(format!("write `{plain}`, or `{}` for the one address", network.value.addr()));
        }
    }
}

/// Whether no address is left.
fn denies_all(rules: &IpRules) -> bool {
    let is_denied = |network: &IpNet| rules.deny.iter().any(|denied| denied.contains(network));
    if rules.allow.is_empty() {
        let everything = |is_v4: bool| {
            rules.deny.iter().any(|denied| denied.prefix_len() == 0 && denied.addr().is_ipv4() == is_v4)
        };
        return everything(true) && everything(false);
    }
    rules.allow.iter().all(is_denied)
}

/// Whether a network is of those that no request comes from across the internet. Loopback is left out: the emulator sees
/// it.
fn is_private(network: &IpNet) -> bool {
    match network.addr() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            (address.is_private() || address.is_link_local() || is_shared) && network.prefix_len() >= 8
        }
        IpAddr::V6(address) => {
            (address.is_unique_local() || address.is_unicast_link_local()) && network.prefix_len() >= 7
        }
    }
}
