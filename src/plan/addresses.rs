//! From where a token may be used, in a form in which spelling and order make no difference.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::profile::IpRules;

/// An address rule: allowed networks, less the denied ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Addresses {
    /// From these; from anywhere, if empty.
    pub allow: BTreeSet<Network>,
    /// But not from these.
    pub deny: BTreeSet<Network>,
}

/// A network, without the host bits that Cloudflare tolerates.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Network {
    /// As it should be.
    Known(IpNet),
    /// Something Cloudflare keeps that is no network to us.
    Odd(String),
}

impl Network {
    /// Reads a network or a single address.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map_or_else(|_| Self::Odd(text.to_owned()), |network| Self::Known(network.trunc()))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(network) => network.fmt(formatter),
            Self::Odd(text) => formatter.write_str(text),
        }
    }
}

impl Addresses {
    /// Reads the two lists of a live token.
    #[must_use]
    pub fn read(allow: &[String], deny: &[String]) -> Self {
        let networks = |list: &[String]| list.iter().map(|text| Network::read(text)).collect();
        Self { allow: networks(allow), deny: networks(deny) }
    }

    /// Whether it restricts nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.allow.is_empty() && self.deny.is_empty()
    }
}

impl From<&IpRules> for Addresses {
    fn from(rules: &IpRules) -> Self {
        let networks = |list: &[IpNet]| list.iter().map(|network| Network::Known(network.trunc())).collect();
        Self { allow: networks(&rules.allow), deny: networks(&rules.deny) }
    }
}

impl fmt::Display for Addresses {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |networks: &BTreeSet<Network>| {
            networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        };
        match (self.allow.is_empty(), self.deny.is_empty()) {
            (true, true) => formatter.write_str("any address"),
            (false, true) => write!(formatter, "{}", list(&self.allow)),
            (true, false) => write!(formatter, "any address but {}", list(&self.deny)),
            (false, false) => write!(formatter, "{} but not {}", list(&self.allow), list(&self.deny)),
        }
    }
}
