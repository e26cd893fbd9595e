//! A live token -> a profile that asks for what it has, as a person would have written it.
//!
//! In: the token as it is listed, and the names of what it names. Out: the profile's text, which is valid and means
//! exactly what the token may do, and in words what it could not say. Never more than the token has: taken over by
//! its profile, a token gains nothing.

use crate::text::whole_line;
mod express;
mod parts;
#[cfg(test)]
mod tests;
mod write;

use chrono::{DateTime, Utc};

use crate::catalogue::Catalogue;
use crate::lifecycle::Role;
use crate::plan::{Directory, Live, Policy, PolicyEffect, Status};
use express::Reach;

/// What a profile is written from.
pub struct Origin<'a> {
    /// The token.
    pub live: &'a Live,
    /// The account that owns it; `None` for the user.
    pub owner: Option<&'a str>,
    /// The conditions of it that are no address rule, by their keys.
    pub conditions: &'a [String],
    /// The names of the accounts and zones it names.
    pub directory: &'a Directory,
    /// The permission groups as they are now.
    pub catalogue: &'a Catalogue,
    /// What it is to the run.
    pub role: Role,
    /// The options that lead other commands to where the token is.
    pub flags: &'a str,
    /// Says a policy in words.
    pub say: &'a dyn Fn(&Policy) -> String,
}

/// A profile, written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The text of the profile.
    pub text: String,
    /// The name it gives the token.
    pub name: String,
    /// What the token has besides, in words; updates keep it.
    pub kept: Vec<String>,
    /// What the token may do and no profile can say, in words; taking it over ends that.
    pub lost: Vec<String>,
    /// What else to know before it is taken over.
    pub remarks: Vec<String>,
}

/// Why there is nothing to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no profile can say what the token may do: {}", .lost.join("; "))]
pub struct Inexpressible {
    /// What it may do, in words.
    pub lost: Vec<String>,
}

/// Writes a profile. Its header names the file that it will be in.
pub fn import(origin: &Origin<'_>, file: &str, now: DateTime<Utc>) -> Result<Imported, Inexpressible> {
    let Origin { live, owner, directory, catalogue, say, .. } = origin;
    let reach = Reach { owner: *owner, user: directory.user.as_deref() };
    let expressed = express::express(&live.policies, reach, catalogue);
    let lost: Vec<String> = expressed.left.iter().map(|policy| whole_line(&say(policy))).collect();
    if expressed.rights.is_empty() {
        return Err(Inexpressible { lost });
    }
    let name = parts::name(live);
    let rule = parts::rule(&live.addresses);
    let mut kept = kept(origin);
    if rule.is_none() && !live.addresses.is_empty() {
        kept.push(format!("the IP rule: {}", whole_line(&live.addresses.to_string())));
    }
    let ttl = parts::ttl(live, now);
    let start = parts::start(live, now);
    let mut imported = Imported { text: String::new(), name, kept, lost, remarks: remarks(origin, now) };
    let file = can_be_taken_over(origin, now).then_some(file);
    imported.text =
        write::text(&write::Parts { origin, imported: &imported, expressed, rule, ttl, start, file });
    Ok(imported)
}

/// What updates leave as it is although no profile says it.
fn kept(origin: &Origin<'_>) -> Vec<String> {
    let denials = origin.live.policies.iter().filter(|policy| policy.effect == PolicyEffect::Deny);
    let denials = denials.map(|policy| format!("the denial of {}", (origin.say)(policy)));
    let conditions = origin.conditions.iter().map(|key| format!("the condition `{key}`"));
    denials.chain(conditions).map(|words| whole_line(&words)).collect()
}

fn can_be_taken_over(origin: &Origin<'_>, now: DateTime<Utc>) -> bool {
    origin.role == Role::Other && origin.live.is_alive(now)
}

fn remarks(origin: &Origin<'_>, now: DateTime<Utc>) -> Vec<String> {
    let never =
        |what: &str| vec![format!("{what}, so it cannot be taken over; the profile makes one like it")];
    let live = origin.live;
    match &live.status {
        _ if origin.role == Role::Bootstrap => never("the token is the one cfmint works with"),
        Status::Other(word) => never(&format!("the token is {}", whole_line(word))),
        _ if !live.is_alive(now) => never("the token has ended"),
        Status::Disabled => vec!["the token is disabled; taking it over switches it on".to_owned()],
        Status::Active | Status::Expired => Vec::new(),
    }
}
