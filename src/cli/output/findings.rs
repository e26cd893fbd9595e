//! What an audit found, in words, and what to do about it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use super::describe;
use crate::catalogue::Resource;
use crate::cli::failure::command_line::{About, CommandLine};
use crate::cli::failure::hint::Hint;
use crate::cli::failure::invocation::Invocation;
use crate::cli::session::inventory::{Inventory, Life, Listed, ProfilePlace};
use crate::cloudflare::TokenOwner;
use crate::lifecycle::{Finding, Role, What};
use crate::profile::{Lifetime, Severity};
use crate::text::{count, one_line};

/// An inventory with everything that was found, in words.
pub(in crate::cli) struct AuditView<'a> {
    pub(in crate::cli) inventory: &'a Inventory,
    /// The tokens, those with the worst findings first, then in the order of the inventory.
    pub(in crate::cli) tokens: Vec<(&'a Listed, Vec<FindingView>)>,
}

impl<'a> AuditView<'a> {
    pub(in crate::cli) fn new(inventory: &'a Inventory, invocation: &Invocation) -> Self {
        let mut tokens: Vec<(&Listed, Vec<FindingView>)> = inventory
            .tokens
            .iter()
            .map(|listed| (listed, describe_all(inventory, listed, invocation)))
            .collect();
        tokens.sort_by_key(|(_, said)| said.first().map_or(u8::MAX, |first| first.severity as u8));
        Self { inventory, tokens }
    }

    pub(in crate::cli) fn said_of(&self, listed: &Listed) -> &[FindingView] {
        let found = self.tokens.iter().find(|(token, _)| std::ptr::eq(*token, listed));
        found.map_or(&[], |(_, said)| said)
    }

    pub(in crate::cli) fn said(&self) -> impl Iterator<Item = &FindingView> {
        self.tokens.iter().flat_map(|(_, said)| said)
    }

    /// How many findings matter as much as this, or more.
    pub(in crate::cli) fn count_from(&self, severity: Severity) -> usize {
        self.said().filter(|said| said.severity <= severity).count()
    }

    /// What was found, for people: token by token, the sum at the end.
    pub(in crate::cli) fn text(&self) -> String {
        let mut text = format!("{}\n", self.inventory.title());
        for (listed, said) in self.tokens.iter().filter(|(_, said)| !said.is_empty()) {
            writeln!(text, "\n{}{}", one_line(&listed.live.name), about(listed)).ok();
            for said in said {
                writeln!(text, "  {}[{}]: {}", said.severity.word(), said.code, one_line(&said.message)).ok();
                for (index, line) in said.hint.lines().enumerate() {
                    let lead = if index == 0 { "help: " } else { "      " };
                    writeln!(text, "    {lead}{line}").ok();
                }
            }
        }
        writeln!(text, "\n{}", self.sum()).ok();
        text
    }

    /// How much was found, in a line.
    fn sum(&self) -> String {
        let of = |wanted: Severity| self.said().filter(|said| said.severity == wanted).count();
        let counts = [Severity::Error, Severity::Warning, Severity::Note]
            .into_iter()
            .map(|wanted| (of(wanted), wanted.word()))
            .filter(|(number, _)| *number > 0)
            .map(|(number, noun)| count(number, noun))
            .collect::<Vec<_>>();
        if counts.is_empty() { "Nothing was found.".to_owned() } else { format!("{}.", counts.join(", ")) }
    }
}

/// What stands behind a token's name: what it is, and where it belongs.
pub(in crate::cli) fn about(listed: &Listed) -> String {
    match (&listed.place, listed.role) {
        (Some(place), _) => format!(" ({})", place.named()),
        (None, Role::Bootstrap) => " (the bootstrap)".to_owned(),
        (None, Role::Other) => String::new(),
    }
}

/// A finding as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct FindingView {
    pub(in crate::cli) code: &'static str,
    pub(in crate::cli) severity: Severity,
    /// What it is, one line.
    pub(in crate::cli) message: String,
    /// What to do about it; may be empty.
    pub(in crate::cli) hint: String,
    /// The first command in it.
    pub(in crate::cli) command: Option<String>,
}

/// Everything that was found about a token.
fn describe_all(inventory: &Inventory, listed: &Listed, invocation: &Invocation) -> Vec<FindingView> {
    let describer = Describer { inventory, listed };
    let view = |finding: &Finding| {
        let hints = describer.hints(&finding.what);
        let lines: Vec<String> = hints.iter().map(|hint| hint.line(invocation)).collect();
        FindingView {
            code: finding.what.code(),
            severity: finding.severity,
            message: describer.message(finding),
            hint: lines.join("\n"),
            command: hints.iter().find_map(|hint| hint.command(invocation)),
        }
    };
    listed.findings.iter().map(view).collect()
}

struct Describer<'a> {
    inventory: &'a Inventory,
    listed: &'a Listed,
}

/// How many grants a message names.
const MOST_GRANTS: usize = 3;

impl Describer<'_> {
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
                    Life::OfCommand => format!("it was made for a command, and expired{at}"),
                    _ => format!("it expired{at}"),
                }
            }
            What::Pending { since, ends } => {
                let since = since.map(|at| format!(" since {}", describe::time(at))).unwrap_or_default();
                let end = describe::end_and_rest(*ends, self.inventory.now);
                format!(
                    "it is pending{since}: the run that made it did not finish, or is still active; \
                    it {end}"
                )
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
            What::EveryAccount => "it is for every account of the user, now and in the future".to_owned(),
            What::EveryZone { of } => format!("it is for {}, now and in the future", names.resource(of)),
            What::WithoutEffect { groups } => {
                let groups: BTreeSet<String> = groups.iter().map(|group| names.group(group)).collect();
                let groups: Vec<String> = groups.into_iter().collect();
                format!(
                    "{} has no effect: the token has it for no resource of the right kind",
                    groups.join(", ")
                )
            }
            What::Unused { since, last_used_on } => {
                let idle = describe::elapsed(self.inventory.now.signed_duration_since(*since));
                match last_used_on {
                    Some(used) => {
                        format!(
                            "it was last used {}, and there was no sign of use for {idle}",
                            describe::time(*used)
                        )
                    }
                    None => format!("it was never seen in use, {idle} after it was made or changed"),
                }
            }
            What::SeveralGenerations { successor } => {
                let end = describe::end_and_rest(self.listed.live.expires_on, self.inventory.now);
                format!("{successor} has replaced it, but it is not being retired: it {end}")
            }
            What::NoProfile if self.listed.live.marked.is_some() => {
                format!(
                    "cfmint made it, but it belongs to none of the given profiles{}",
                    unless_unknown(finding)
                )
            }
            What::NoProfile => format!(
                "cfmint did not make it, and it belongs to none of the given profiles{}",
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
                format!("cfmint cannot tell whether it may do more than its profile asks for: {why}")
            }
            What::SecretReadableByOthers { file, mode } => {
                format!("others can read {file}, which is for its secret (mode {mode:o})")
            }
        }
    }

    fn hints(&self, what: &What) -> Vec<Hint> {
        let place = self.listed.place.as_ref();
        let hint = match what {
            What::Exposed { .. } => match place {
                Some(place) => Hint::run("find out where it was seen, then make a new one", apply(place)),
                None => Hint::run("find out where it was seen, then delete it", self.revoke()),
            },
            What::Expired { .. } => match place {
                Some(place) if self.listed.life == Life::Over && place.is_exact() => {
                    Hint::run("make a new one", apply(place))
                }
                _ => Hint::run("delete it", self.revoke()),
            },
            What::Pending { since, .. } => self.hint_to_finish(*since),
            What::HooksDue => Hint::run("run them", self.command("apply")),
            What::Disabled => match place {
                Some(place) => {
                    let switch_on = Hint::run("switch it on", apply(place));
                    return vec![switch_on, Hint::run("or end it", self.revoke())];
                }
                None => Hint::run("end it, if nobody needs it again", self.revoke()),
            },
            What::NoExpiry => match place {
                Some(place) if place.profile.ttl.value == Lifetime::Never => {
                    Hint::run("write `ttl: 90d` in the profile, then", apply(place))
                }
                Some(place) => Hint::run("give it the end that its profile says", apply(place)),
                None => self.without_place(
                    "give its profile too, which may want this; or write a `ttl` there, then apply it",
                    "give it an end",
                ),
            },
            What::NoAddressRule => match place {
                Some(place) if place.profile.ip.is_some() => {
                    Hint::run("give it the rule that its profile says", apply(place))
                }
                Some(place) => {
                    Hint::run("write `ip: { allow: [ADDRESS] }` in the profile, then", apply(place))
                }
                None => self.without_place(
                    "write `ip: { allow: [ADDRESS] }` in its profile, then apply it",
                    "give it a client IP address filter",
                ),
            },
            What::MakesTokens if self.listed.role == Role::Bootstrap => {
                Hint::text("keep it in a password manager or the secrets of CI, and nowhere else")
            }
            What::MakesTokens => Hint::run("if it is nobody's bootstrap, end it", self.revoke()),
            What::EveryAccount | What::EveryZone { of: Resource::AllZones } => match place {
                Some(place) => Hint::run("name what it needs under `resources`, then", apply(place)),
                None => self.without_place(
                    "name what it needs under `resources` of its profile, then apply it",
                    "name what it needs",
                ),
            },
            What::EveryZone { .. } => match place {
                Some(place) => Hint::run("if it needs fewer, name them under `zones`, then", apply(place)),
                None => self.without_place(
                    "if it needs fewer, name them under `zones` of its profile, then apply it",
                    "if it needs fewer, name them",
                ),
            },
            What::WithoutEffect { .. } => match place {
                Some(place) => Hint::run("give it what its profile asks for", apply(place)),
                None => self.without_place(
                    "apply its profile, which gives each permission the right resources",
                    "give each permission a resource of the right kind, or remove it",
                ),
            },
            What::Unused { .. } => match place {
                Some(_) => Hint::run("if nothing needs it, end it", self.command("revoke")),
                None => Hint::run("if nothing needs it, end it", self.revoke()),
            },
            What::SeveralGenerations { .. } => match place {
                Some(_) => {
                    let rotate = self.command("rotate").flag("--due");
                    Hint::run("let a rotation that is due retire it", rotate)
                }
                None => Hint::run("when nothing uses it any more, end it", self.revoke()),
            },
            What::NoProfile if self.listed.live.marked.is_some() => {
                Hint::run("name its profile too, or end it", self.revoke())
            }
            What::NoProfile => Hint::run("write a profile for what uses it, then end it", self.revoke()),
            What::BroaderThanProfile { .. } => match place {
                Some(place) => Hint::run("remove what is too much", apply(place)),
                None => return Vec::new(),
            },
            What::NotCompared { .. } => match place {
                Some(_) => Hint::run("see what is wrong with the profile", self.command("plan")),
                None => return Vec::new(),
            },
            What::SecretReadableByOthers { file, .. } => {
                Hint::run("close it to others", CommandLine::on_path("chmod 600", file.as_ref()))
            }
        };
        vec![hint]
    }

    /// A command about the token's profile.
    fn command(&self, name: &'static str) -> CommandLine {
        let place = self.listed.place.as_ref();
        let about = place.map_or(About::AnyProfile, |place| About::Profile(place.arguments()));
        CommandLine::new(name, about)
    }

    /// What finishes a run that left a token pending, and from when.
    fn hint_to_finish(&self, since: Option<DateTime<Utc>>) -> Hint {
        let from = describe::finished_from(since, self.inventory.now);
        let from = from.map(|from| format!("after {}, ", describe::time(from))).unwrap_or_default();
        let what = match &self.listed.place {
            Some(_) => "finish what the run left, before its secret ends",
            None => "finish what the run left",
        };
        Hint::run(format!("{from}{what}"), self.command("recover"))
    }

    /// What to do where no profile is at hand: a token that cfmint made has one somewhere, and another can be corrected
    /// in the dashboard alone.
    fn without_place(&self, in_profile: &str, by_hand: &str) -> Hint {
        let page = match self.inventory.owner {
            TokenOwner::User => "My Profile > API Tokens",
            TokenOwner::Account(_) => "Manage Account > Account API Tokens",
        };
        match self.listed.role {
            Role::Other if self.listed.live.marked.is_some() => Hint::text(in_profile),
            Role::Other => {
                Hint::run(format!("{by_hand} in the dashboard ({page}), or end it"), self.revoke())
            }
            Role::Bootstrap => Hint::text(format!("{by_hand} in the dashboard: {page}")),
        }
    }

    fn revoke(&self) -> CommandLine {
        CommandLine::revoke(&self.inventory.owner, &self.listed.live.id)
    }
}

/// Where the name of a profile is not known, a token in no profile is no more than a note.
fn unless_unknown(finding: &Finding) -> &'static str {
    if finding.severity == Severity::Note { " whose names are known" } else { "" }
}

fn apply(place: &ProfilePlace) -> CommandLine {
    CommandLine::new("apply", About::Profile(place.arguments()))
}
