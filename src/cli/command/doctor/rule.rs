//! An IP rule that shuts this machine out -> a check: which rule it is, and what lets this machine in beside the others.
//!
//! In: the address, as Cloudflare sees it; the rule of the token where a list tells it, or else the profile's. Nothing that
//! is allowed today is left out of what is offered.

use std::net::IpAddr;

use crate::cli::failure::hint::Hint;
use crate::cli::output::checks::Check;
use crate::doctor::{CheckCode, CheckStatus, admits, denying};
use crate::plan::{Addresses, Live, Network};
use crate::profile::Profile;

/// The check, as long as nobody knows the rule.
pub(super) fn shut_out(address: Option<IpAddr>) -> Check {
    let shown =
        address.map_or_else(|| "this machine".to_owned(), |address| format!("this machine ({address})"));
    let mut hints = vec![Hint::text("use it from an allowed address, and another token on your own machine")];
    hints.extend(address.map(|address| {
        Hint::text(format!(
            "or add {address} to the addresses that it allows: in its profile (`ip:`), or in the dashboard"
        ))
    }));
    Check::failed(CheckCode::Address, format!("it works, but its IP rule shuts {shown} out"), hints)
}

/// Says which rule it is, where the token in force has one that does so, and what to write in the profile.
pub(super) fn explain(
    checks: &mut [Check],
    address: IpAddr,
    current: Option<&Live>,
    profile: Option<&Profile>,
) {
    let is_it = |check: &&mut Check| check.code == CheckCode::Address && check.status == CheckStatus::Failed;
    let Some(check) = checks.iter_mut().find(is_it) else { return };
    let live = current.map(|live| &live.addresses).filter(|rule| !admits(rule, address));
    if let Some(rule) = live {
        check.message = format!("{} (it allows {rule})", check.message);
    }
    let of_profile = profile.and_then(|profile| profile.ip.as_ref()).map(Addresses::from);
    let of_profile = of_profile.filter(|rule| !admits(rule, address));
    if let (Some(rule), Some(last)) =
        (of_profile.as_ref().or(live).filter(|_| profile.is_some()), check.hints.last_mut())
    {
        *last = Hint::text(way_in(rule, address));
    }
}

/// What lets an address in that a rule shuts out.
fn way_in(rule: &Addresses, address: IpAddr) -> String {
    let list = |networks: &mut dyn Iterator<Item = &Network>| {
        networks.map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let denying = denying(rule, address);
    if !denying.is_empty() {
        let denying = list(&mut denying.into_iter());
        return format!("or make `deny` narrower in `ip:` of the profile: {denying} holds {address}");
    }
    let allow = list(&mut rule.allow.iter());
    let deny = list(&mut rule.deny.iter());
    let deny = if deny.is_empty() { deny } else { format!(", deny: [{deny}]") };
    format!("or allow this one too: ip: {{ allow: [{allow}, {address}]{deny} }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_keeps_what_is_allowed_and_denied() {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        for (allow, deny, offered) in [
            (
                &["198.51.100.0/24", "2001:db8::/32"][..],
                &[][..],
                "or allow this one too: ip: { allow: [198.51.100.0/24, 2001:db8::/32, 203.0.113.7] }",
            ),
            (
                &["198.51.100.0/24"],
                &["198.51.100.9"],
                "or allow this one too: ip: { allow: [198.51.100.0/24, 203.0.113.7], deny: [198.51.100.9/32] }",
            ),
            (
                &["203.0.113.0/24"],
                &["203.0.113.0/28"],
                "or make `deny` narrower in `ip:` of the profile: 203.0.113.0/28 holds 203.0.113.7",
            ),
        ] {
            let rule = Addresses::read(&list(allow), &list(deny));
            assert_eq!(way_in(&rule, IpAddr::from([203, 0, 113, 7])), offered);
        }
    }
}
