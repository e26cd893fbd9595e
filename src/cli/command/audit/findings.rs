//! What an audit found, in words, and what to do about it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::catalogue::Resource;
use crate::cli::failure::hints;
use crate::cli::failure::problem::led;
use crate::cli::output::describe;
use crate::cli::session::inventory::{Inventory, Life, Listed, Place};
use crate::cloudflare::TokenOwner;
use crate::lifecycle::{Finding, Role, What};
use crate::profile::{Lifetime, Severity};
use crate::sink::shell_word;

/// A finding as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Said {
    pub(in crate::cli) code: &'static str,
    pub(in crate::cli) severity: Severity,
    /// What it is, one line.
    pub(in crate::cli) message: String,
    /// What to do about it; may be empty.
    pub(in crate::cli) hint: String,
}

/// The word for how much something matters.
pub(in crate::cli) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// How many, with the noun in its number.
pub(in crate::cli) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Everything that was found about a token; commands are led to the same API by `flags`.
pub(in crate::cli) fn say(inventory: &Inventory, listed: &Listed, flags: &str) -> Vec<Said> {
    let teller = Teller { inventory, listed };
    let said = listed.findings.iter().map(|finding: &Finding| Said {
        code: finding.what.code(),
        severity: finding.severity,
        message: teller.message(finding),
        hint: led(&teller.hint(&finding.what), flags),
    });
    said.collect()
}

struct Teller<'a> {
    inventory: &'a Inventory,
    listed: &'a Listed,
}

/// How many grants a message names.
const MOST_GRANTS: usize = 3;

impl Teller<'_> {
    fn message(&self, finding: &Finding) -> String {
        let names = self.inventory.names();
        match &finding.what {
            What::Exposed { status } => format!(
                "Cloudflare has ended it (`{status}`), as it does with secrets that were found in public"
            ),
            What::Expired { since } => {
                let at = since.map(|since| format!(" {}", describe::time(since))).unwrap_or_default();
                match self.listed.life {
                    Life::Succeeded => format!("it expired{at}; its successor is in force"),
                    _ => format!("it expired{at}"),
                }
            }
            What::Pending { since, ends } => {
                let since = since.map(|at| format!(" since {}", describe::time(at))).unwrap_or_default();
                let end = describe::end_and_rest(*ends, self.inventory.now);
                format!("it is pending{since}: a run that made it did not finish, or is under way; it {end}")
            }
            What::HooksDue => {
                "it is in force, and its `delivered` hooks have not run or have failed".to_owned()
            }
            What::Disabled => "it is switched off, and can be switched on again".to_owned(),
            What::NoExpiry => "it never ends".to_owned(),
            What::NoAddressRule if self.listed.live.addresses.allow.is_empty() => {
                "it can be used from any address".to_owned()
            }
            What::NoAddressRule => {
                format!("it can be used from any address: its rule is {}", self.listed.live.addresses)
            }
            What::MakesTokens if self.listed.role == Role::Bootstrap => {
                "it is the bootstrap of this run: whoever has it can make any token".to_owned()
            }
            What::MakesTokens => "whoever has it can make any token".to_owned(),
            What::EveryAccount => "it holds on every account of the user, present and to come".to_owned(),
            What::EveryZone { of } => format!("it holds on {}, present and to come", names.resource(of)),
            What::WithoutEffect { groups } => {
                let groups: BTreeSet<String> = groups.iter().map(|group| names.group(group)).collect();
                let groups: Vec<String> = groups.into_iter().collect();
                format!(
                    "{} cannot take effect: the token holds it on nothing that it is for",
                    groups.join(", ")
                )
            }
            What::Unused { since, last_used_on } => {
                let idle = describe::elapsed(self.inventory.now.signed_duration_since(*since));
                match last_used_on {
                    Some(used) => {
                        format!("it was last used {}, {idle} without a sign of life", describe::time(*used))
                    }
                    None => format!("it was never seen in use, {idle} after it was made or changed"),
                }
            }
            What::SeveralGenerations { successor } => {
                let end = describe::end_and_rest(self.listed.live.expires_on, self.inventory.now);
                format!("{successor} has taken its place, and it is not being retired: it {end}")
            }
            What::NoProfile if self.listed.live.marked.is_some() => {
                format!("cfmint made it, and it is in none of the profiles given{}", unless_unknown(finding))
            }
            What::NoProfile => format!(
                "it was not made by cfmint, and is in none of the profiles given{}",
                unless_unknown(finding)
            ),
            What::BroaderThanProfile { beyond } => {
                let grants: BTreeSet<String> = beyond.iter().map(|grant| names.grant(grant)).collect();
                let more = match grants.len().saturating_sub(MOST_GRANTS) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                let grants: Vec<String> = grants.into_iter().take(MOST_GRANTS).collect();
                format!("it may do what its profile does not ask for: {}{more}", grants.join("; "))
            }
            What::NotCompared { why } => {
                format!("whether it may do more than its profile asks for cannot be told: {why}")
            }
            What::SecretReadableByOthers { file, mode } => {
                format!("{file}, which is for its secret, can be read by others (mode {mode:o})")
            }
        }
    }

    fn hint(&self, what: &What) -> String {
        let place = self.listed.place.as_ref();
        match what {
            What::Exposed { .. } => match place {
                Some(place) => format!("find out where it was seen, then make a new one: {}", apply(place)),
                None => format!("find out where it was seen; take it off the list: {}", self.revoke()),
            },
            What::Expired { .. } => match place {
                Some(place) if self.listed.life == Life::Over && place.is_exact() => {
                    format!("make a new one: {}", apply(place))
                }
                _ => format!("take it off the list: {}", self.revoke()),
            },
            What::Pending { since, .. } => self.hint_to_finish(*since),
            What::HooksDue => match place {
                Some(place) => format!("run them: {}", apply(place)),
                None => "run them: cfmint apply PROFILE".to_owned(),
            },
            What::Disabled => match place {
                Some(place) => format!("switch it on: {}\nor end it: {}", apply(place), self.revoke()),
                None => format!("end it, if nobody needs it again: {}", self.revoke()),
            },
            What::NoExpiry => match place {
                Some(place) if place.profile.ttl.value == Lifetime::Never => {
                    format!("write `ttl: 90d` in the profile, then: {}", apply(place))
                }
                Some(place) => format!("give it the end its profile says: {}", apply(place)),
                None => self.without_place(
                    "name its profile too, which may mean it; or write a `ttl` there, then apply that",
                    "give it an end",
                ),
            },
            What::NoAddressRule => match place {
                Some(place) if place.profile.ip.is_some() => {
                    format!("give it the rule its profile says: {}", apply(place))
                }
                Some(place) => {
                    format!("write `ip: {{ allow: [ADDRESS] }}` in the profile, then: {}", apply(place))
                }
                None => self.without_place(
                    "write `ip: { allow: [ADDRESS] }` in its profile, then apply that",
                    "give it a client IP address filter",
                ),
            },
            What::MakesTokens if self.listed.role == Role::Bootstrap => {
                "keep it in a password manager or the secrets of CI, and nowhere else".to_owned()
            }
            What::MakesTokens => {
                format!("if it is nobody's bootstrap, end it: {}", self.revoke())
            }
            What::EveryAccount | What::EveryZone { of: Resource::AllZones } => match place {
                Some(place) => format!("name what it needs under `resources`, then: {}", apply(place)),
                None => self.without_place(
                    "name what it needs under `resources` of its profile, then apply that",
                    "name what it needs",
                ),
            },
            What::EveryZone { .. } => match place {
                Some(place) => format!("if it needs fewer, name them under `zones`, then: {}", apply(place)),
                None => self.without_place(
                    "if it needs fewer, name them under `zones` of its profile, then apply that",
                    "if it needs fewer, name them",
                ),
            },
            What::WithoutEffect { .. } => match place {
                Some(place) => format!("let the profile decide: {}", apply(place)),
                None => self.without_place(
                    "apply its profile, which puts each permission on what it is for",
                    "put each permission on what it is for, or take it out",
                ),
            },
            What::Unused { .. } => match place {
                Some(place) => {
                    format!("if nothing needs it, end it: cfmint revoke {}", place.arguments())
                }
                None => format!("if nothing needs it, end it: {}", self.revoke()),
            },
            What::SeveralGenerations { .. } => match place {
                Some(place) => {
                    format!("let a rotation that is due retire it: cfmint rotate {} --due", place.arguments())
                }
                None => format!("when nothing uses it any more, end it: {}", self.revoke()),
            },
            What::NoProfile if self.listed.live.marked.is_some() => {
                format!("name its profile too, or end it: {}", self.revoke())
            }
            What::NoProfile => format!("write a profile for what uses it, then end it: {}", self.revoke()),
            What::BroaderThanProfile { .. } => match place {
                Some(place) => format!("take away what is too much: {}", apply(place)),
                None => String::new(),
            },
            What::NotCompared { .. } => match place {
                Some(place) => {
                    format!("see what is wrong with the profile: cfmint plan {}", place.arguments())
                }
                None => String::new(),
            },
            What::SecretReadableByOthers { file, .. } => {
                format!("close it to others: chmod 600 {}", shell_word(file.as_ref()))
            }
        }
    }

    /// What finishes a run that left a token pending, and from when.
    fn hint_to_finish(&self, since: Option<DateTime<Utc>>) -> String {
        let from = describe::finished_from(since, self.inventory.now);
        let from = from.map(|from| format!("after {}, ", describe::time(from))).unwrap_or_default();
        match &self.listed.place {
            Some(place) => {
                format!(
                    "{from}finish what the run left, before its secret ends: cfmint recover {}",
                    place.arguments()
                )
            }
            None => format!("{from}finish what the run left: cfmint recover PROFILE"),
        }
    }

    /// What to do where no profile is at hand: a token that cfmint made has one somewhere, and another can be mended
    /// in the dashboard alone.
    fn without_place(&self, in_profile: &str, by_hand: &str) -> String {
        let page = match self.inventory.owner {
            TokenOwner::User => "My Profile > API Tokens",
            TokenOwner::Account(_) => "Manage Account > Account API Tokens",
        };
        match self.listed.role {
            Role::Other if self.listed.live.marked.is_some() => in_profile.to_owned(),
            Role::Other => format!("{by_hand} in the dashboard ({page}), or end it: {}", self.revoke()),
            Role::Bootstrap => format!("{by_hand} in the dashboard: {page}"),
        }
    }

    fn revoke(&self) -> String {
        hints::revoke(&self.inventory.owner, &self.listed.live.id)
    }
}

/// Where the name of a profile is not known, a token in no profile is no more than a note.
fn unless_unknown(finding: &Finding) -> &'static str {
    if finding.severity == Severity::Note { " whose names are known" } else { "" }
}

fn apply(place: &Place) -> String {
    format!("cfmint apply {}", place.arguments())
}
