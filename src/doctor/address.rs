//! This machine's address, as Cloudflare sees it, and a token's IP rule.
//!
//! In: a refusal whose words name the address that the request came from; a rule. Out: the address, and whether the rule
//! lets it in. Nobody else is asked for the address: what Cloudflare sees is what counts.

use std::net::IpAddr;

use crate::cloudflare::Error;
use crate::plan::{Addresses, Network};

/// What stands before the address.
///
/// Source: code 9109, "Cannot use the access token from location: …", in public reports.
const BEFORE: &str = "from location: ";

/// The address that Cloudflare named as shut out.
#[must_use]
pub fn told_address(error: &Error) -> Option<IpAddr> {
    let refusal = error.refusal()?;
    refusal.errors.iter().find_map(|one| address_in(&one.message))
}

fn address_in(message: &str) -> Option<IpAddr> {
    let (_, rest) = message.split_once(BEFORE)?;
    let is_part = |sign: char| sign.is_ascii_hexdigit() || matches!(sign, '.' | ':');
    let end = rest.find(|sign| !is_part(sign)).unwrap_or(rest.len());
    rest[..end].trim_end_matches(['.', ':']).parse().ok()
}

/// Whether a rule lets an address in. What is no network to us lets nothing in and keeps nothing out.
#[must_use]
pub fn admits(rule: &Addresses, address: IpAddr) -> bool {
    let is_allowed = rule.allow.is_empty() || rule.allow.iter().any(|network| has(network, address));
    is_allowed && denying(rule, address).is_empty()
}

/// What a rule denies that has the address.
#[must_use]
pub fn denying(rule: &Addresses, address: IpAddr) -> Vec<&Network> {
    rule.deny.iter().filter(|network| has(network, address)).collect()
}

fn has(network: &Network, address: IpAddr) -> bool {
    matches!(network, Network::Known(known) if known.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_out_of_cloudflares_words() {
        for (message, address) in [
            ("Cannot use the access token from location: 203.0.113.7", Some("203.0.113.7")),
            ("Cannot use the access token from location: 203.0.113.7. [code: 9109]", Some("203.0.113.7")),
            ("Cannot use the access token from location: 2001:db8::7", Some("2001:db8::7")),
            ("Cannot use the access token from location: nowhere", None),
            ("Invalid access token", None),
        ] {
            let expected = address.and_then(|text| text.parse::<IpAddr>().ok());
            assert_eq!(address_in(message), expected, "{message}");
        }
    }

    #[test]
    fn a_rule_lets_in_what_it_allows_and_does_not_deny() {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        for (allow, deny, is_in) in [
            (&[][..], &[][..], true),
            (&["203.0.113.0/24"], &[], true),
            (&["198.51.100.0/24"], &[], false),
            (&["203.0.113.0/24"], &["203.0.113.7"], false),
            (&[], &["203.0.113.7/32"], false),
            (&["everywhere"], &[], false),
        ] {
            let rule = Addresses::read(&list(allow), &list(deny));
            assert_eq!(admits(&rule, IpAddr::from([203, 0, 113, 7])), is_in, "{allow:?} but not {deny:?}");
        }
    }
}
