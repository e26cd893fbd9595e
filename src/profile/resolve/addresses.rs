//! From which addresses a token may be used, and rules that say more or less than their writer thinks.

use ipnet::IpNet;

use super::Resolver;
use super::address_set::{AddressSet, Family};
use crate::profile::codes::DiagnosticCode;
use crate::profile::decode::Field;
use crate::profile::diagnostic::{Span, Spanned};
use crate::profile::layer::IpChoice;
use crate::profile::model::IpRules;
use crate::profile::scalar::Templated;
use crate::profile::scalars::Cidr;

/// Networks that no request comes from across the internet. Loopback is left out: the emulator sees it.
const PRIVATE: [&str; 7] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "fc00::/7",
    "fe80::/10",
];

/// The networks of a list, each once.
struct Networks {
    list: Vec<Spanned<IpNet>>,
    /// Whether the list holds no others: ones that are at fault, or that wait for a variable.
    is_complete: bool,
}

impl Networks {
    /// The addresses of one family that they come to.
    fn set(&self, family: Family) -> AddressSet {
        AddressSet::of(family, self.list.iter().map(|network| &network.value))
    }

    /// Those of a family.
    fn of(&self, family: Family) -> impl Iterator<Item = &Spanned<IpNet>> {
        self.list.iter().filter(move |network| Family::of(&network.value) == family)
    }

    fn plain(self) -> Vec<IpNet> {
        self.list.into_iter().map(|network| network.value.trunc()).collect()
    }
}

impl Resolver<'_> {
    /// The rule; `None` where the profile is silent, an empty one for the word `any`.
    pub(super) fn ip(&mut self, ip: &Field<IpChoice>) -> Option<IpRules> {
        let (lists, span) = match ip.get()? {
            IpChoice::Any => return Some(IpRules::default()),
            IpChoice::Rules(lists) => (&lists.value, lists.span),
        };
        let is_empty =
            |list: &Field<Vec<Templated<Cidr>>>| list.is_absent() || list.get().is_some_and(Vec::is_empty);
        if is_empty(&lists.allow) && is_empty(&lists.deny) {
            self.lint_silent(span);
        }
        // A list that is there and empty is a rule too: it lifts the one of a lower layer.
        if lists.allow.is_absent() && lists.deny.is_absent() {
            return None;
        }
        let (allow, deny) = (self.networks(&lists.allow), self.networks(&lists.deny));
        self.lint_everywhere(&allow);
        if !allow.list.is_empty() {
            self.lint_local(span);
        }
        let private: Vec<IpNet> = PRIVATE.iter().filter_map(|network| network.parse().ok()).collect();
        for network in &allow.list {
            self.lint_private(network, &private);
        }
        for network in allow.list.iter().chain(&deny.list) {
            self.lint_host_bits(network);
        }
        if is_empty(&lists.allow) {
            self.lint_denied_family(&deny);
        } else if allow.is_complete {
            self.lint_nowhere(&allow, &deny);
        }
        Some(IpRules { allow: allow.plain(), deny: deny.plain() })
    }

    fn networks(&mut self, field: &Field<Vec<Templated<Cidr>>>) -> Networks {
        let written = field.get().map(Vec::as_slice).unwrap_or_default();
        let values = self.values(written);
        let is_complete = !field.is_invalid() && values.len() == written.len();
        let mut list: Vec<Spanned<IpNet>> = Vec::new();
        for network in values {
            if !list.iter().any(|earlier| earlier.value.trunc() == network.value.0.trunc()) {
                list.push(network.map(|network| network.0));
            }
        }
        Networks { list, is_complete }
    }

    /// The address of a machine that people carry around is another one tomorrow.
    fn lint_local(&mut self, span: Span) {
        const LOCAL: [&str; 4] = ["local", "localhost", "laptop", "home"];
        if self.options.environment.is_some_and(|name| LOCAL.contains(&name)) {
            self.problems
                .warning(
                    DiagnosticCode::IpOfLocal,
                    span,
                    "at home and on the way, addresses change: requests then fail with code 9109",
                )
                .hint("write `ip: any` in this environment, with a short `ttl`");
        }
    }

    /// A rule without addresses may be meant to let nobody in; it lets everybody in.
    fn lint_silent(&mut self, span: Span) {
        self.problems
            .warning(
                DiagnosticCode::IpEverywhere,
                span,
                "this names no address, so it is no rule: every address is let in",
            )
            .hint("name the addresses that the token is used from, or write `ip: any` to have no rule");
    }

    /// Whether what is allowed comes to a whole family, by one network or by several.
    fn lint_everywhere(&mut self, allow: &Networks) {
        const HINT: &str = "name the addresses that the token is used from, or write `ip: any` to say so";
        for family in Family::ALL {
            if !allow.set(family).is_all() {
                continue;
            }
            let name = family.name();
            let (place, message) = match allow.of(family).find(|network| network.value.prefix_len() == 0) {
                Some(whole) => (Some(whole), format!("this lets in every {name} address there is")),
                None => (
                    allow.of(family).next(),
                    format!("together, these networks let in every {name} address there is"),
                ),
            };
            if let Some(network) = place {
                self.problems.warning(DiagnosticCode::IpEverywhere, network.span, message).hint(HINT);
            }
        }
    }

    /// Whether all that is allowed is denied.
    fn lint_nowhere(&mut self, allow: &Networks, deny: &Networks) {
        let is_denied = |family| deny.set(family).covers(&allow.set(family));
        if let Some(network) = deny.list.first()
            && Family::ALL.into_iter().all(is_denied)
        {
            self.problems
                .warning(
                    DiagnosticCode::IpNowhere,
                    network.span,
                    "every address that is allowed is denied too",
                )
                .hint("leave out of `deny` what the token is used from");
        }
    }

    /// Whether a family is denied where nothing else is allowed.
    fn lint_denied_family(&mut self, deny: &Networks) {
        let denied: Vec<Family> =
            Family::ALL.into_iter().filter(|family| deny.set(*family).is_all()).collect();
        let (place, message) = match denied.as_slice() {
            [] => return,
            [family] => (
                deny.of(*family).next(),
                format!(
                    "every {} address is denied, so only {} is let in",
                    family.name(),
                    family.other().name()
                ),
            ),
            _ => (deny.list.first(), "every address is denied, so the token is of no use".to_owned()),
        };
        if let Some(network) = place {
            self.problems.warning(DiagnosticCode::IpNowhere, network.span, message).hint(
                "write what the token is used from instead, as in `ip: { allow: [203.0.113.0/24] }`; \
                 `ip: any` is no rule",
            );
        }
    }

    fn lint_private(&mut self, network: &Spanned<IpNet>, private: &[IpNet]) {
        let family = Family::of(&network.value);
        if AddressSet::of(family, private).covers(&AddressSet::of(family, [&network.value])) {
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
