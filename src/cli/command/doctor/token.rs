//! What the secret itself tells, and what Cloudflare says of it: form, verification, times, IP rule, account.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::rule;
use super::subject::Subject;
use crate::cli::failure::command_line::{About, CommandLine};
use crate::cli::failure::hint::{Hint, Hints};
use crate::cli::failure::problem::Problem;
use crate::cli::output::checks::Check;
use crate::cli::output::describe;
use crate::cloudflare::wire::Verification;
use crate::cloudflare::{Client, SecretKind, TokenOwner};
use crate::doctor::{
    AccountVerdict, CheckCode, CheckStatus, LifeVerdict, Verified, ZoneVerdict, fit_token, judge_account,
    judge_life, judge_zone, odd_length, verify,
};
use crate::plan::{Directory, Live, Status};
use crate::profile::is_id;
use crate::secret::Secret;
use crate::survey::{self, SecretForm};
use crate::text::one_line;

/// A token that works.
pub(super) struct KnownToken {
    /// Whose it is.
    pub(super) owner: TokenOwner,
    /// What Cloudflare says of it.
    pub(super) token: Verification,
    /// Whether Cloudflare was asked with the secret itself, from this machine.
    pub(super) is_verified: bool,
}

/// What asking whose the secret is came to.
pub(super) enum Asked {
    /// It is the secret of this token.
    Known(KnownToken),
    /// The token's IP rule shuts this machine out.
    ShutOut(Option<IpAddr>),
    /// Nothing that could be built on.
    Nothing,
}

/// The kind of token that the subject holds, by its form.
pub(super) fn form(subject: &Subject, has_profile: bool, checks: &mut Vec<Check>) -> Option<SecretKind> {
    let secret = subject.secret.as_ref()?;
    match fit_token(secret) {
        Ok(kind) => {
            let what = match kind {
                SecretKind::UserToken => "a user's token (cfut_…)",
                SecretKind::AccountToken => "an account's token (cfat_…)",
                _ => "a token from before April 2026, of a user or an account",
            };
            checks.push(Check::ok(CheckCode::Form, format!("it has the form of {what}")));
            Some(kind)
        }
        Err(unfit) => {
            let mut hints = Hints::from(unfit.fix).0;
            if let Some(sink) = subject.sink.as_ref().filter(|_| has_profile) {
                let rotate = CommandLine::new("rotate", About::SameProfiles);
                let text = if is_protected(secret) {
                    format!("or remove the value from {sink} first, then make a new one")
                } else {
                    "or make a new one".to_owned()
                };
                hints.push(Hint::run(text, rotate));
            }
            checks.push(Check::failed(CheckCode::Form, format!("the value {}", unfit.what), hints));
            None
        }
    }
}

/// Whether no command replaces the value unasked.
fn is_protected(secret: &Secret) -> bool {
    matches!(survey::form(secret), SecretForm::Protected(_))
}

/// Asks Cloudflare whose the secret is.
pub(super) async fn verified(
    client: &Client,
    subject: &Subject,
    kind: SecretKind,
    advice: Option<Hint>,
    checks: &mut Vec<Check>,
) -> Asked {
    let beside = subject.account.iter().map(|(_, id)| id).filter(|id| is_id(id)).cloned();
    let accounts: Vec<String> = beside.collect();
    let mut asked = Asked::Nothing;
    let check = match verify(client, kind, &accounts).await {
        Verified::Known { owner, token } => {
            let whose = match &owner {
                TokenOwner::User => "a user".to_owned(),
                TokenOwner::Account(_) => "an account".to_owned(),
            };
            let message = format!("Cloudflare knows it: token {} of {whose}", one_line(&token.id));
            checks.push(Check::ok(CheckCode::Verify, message));
            return Asked::Known(KnownToken { owner, token, is_verified: true });
        }
        Verified::Dead => dead(subject, kind, advice),
        Verified::ShutOut(address) => {
            asked = Asked::ShutOut(address);
            rule::shut_out(address)
        }
        Verified::Elsewhere if kind == SecretKind::UserToken => Check::unknown(
            CheckCode::Verify,
            "it works, and its verification does not know it yet",
            "if it was made seconds ago, run the same command again in a minute",
        ),
        Verified::Elsewhere => Check::failed(
            CheckCode::Verify,
            match &subject.account {
                Some((place, _)) => format!("it works, but not for the account that {place} names"),
                None => "it works, but for another account than was asked".to_owned(),
            },
            "write the id of the account that owns it (Workers & Pages > Overview)",
        ),
        Verified::AccountUnknown => Check::unknown(
            CheckCode::Verify,
            "an account owns the token, and only its own address verifies it",
            "write CLOUDFLARE_ACCOUNT_ID=… beside the token",
        ),
        Verified::Unanswered(error) => Check::of_problem(CheckCode::Verify, Problem::from(&error)),
    };
    checks.push(check);
    asked
}

/// A secret that no token has.
fn dead(subject: &Subject, kind: SecretKind, advice: Option<Hint>) -> Check {
    let odd = subject.secret.as_ref().and_then(|secret| odd_length(secret, kind));
    let hints: Vec<Hint> = odd.map(Hint::text).into_iter().chain(advice).collect();
    let message = "Cloudflare does not know it: deleted, rolled, expired, or pasted wrong";
    Check::failed(CheckCode::Verify, message, hints)
}

/// Status, times and IP rule of a token: the verification tells the first two, its listing the rest.
pub(super) fn life(known: &KnownToken, live: Option<&Live>, now: DateTime<Utc>, again: &Hint) -> Vec<Check> {
    let token = &known.token;
    let status = live.map_or_else(|| Status::read(&token.status), |live| live.status.clone());
    let end = live.map_or(token.expires_on, |live| live.expires_on);
    let start = live.map_or(token.not_before, |live| live.not_before);
    let mut checks = vec![match judge_life(&status, start, end, now) {
        LifeVerdict::Endless => Check::ok(CheckCode::Expiry, "it is active, and never ends"),
        LifeVerdict::EndsAt(end) => Check::ok(
            CheckCode::Expiry,
            format!("it is active, and {}", describe::end_and_rest(Some(end), now)),
        ),
        LifeVerdict::EndsSoon(end) => Check::new(
            CheckCode::Expiry,
            CheckStatus::Ok,
            format!("it is active, and {}", describe::end_and_rest(Some(end), now)),
            again.clone(),
        ),
        LifeVerdict::Over(end) => {
            let when = end.map(|end| format!(" since {}", describe::time(end))).unwrap_or_default();
            Check::failed(CheckCode::Expiry, format!("it has expired{when}"), again.clone())
        }
        LifeVerdict::Disabled => Check::failed(
            CheckCode::Expiry,
            "it is switched off",
            "switch it on where it was made: cfmint apply does so, or the dashboard",
        ),
        LifeVerdict::Dead(word) => Check::failed(
            CheckCode::Expiry,
            format!("it is dead: Cloudflare calls it {}", one_line(&word)),
            again.clone(),
        ),
        LifeVerdict::Early(start) => Check::failed(
            CheckCode::Start,
            format!("it does not work before {}", describe::time(start)),
            "wait, or write `not_before: now` in the profile and apply it",
        ),
    }];
    let rule = live.filter(|live| !live.addresses.is_empty());
    checks.push(match rule {
        Some(live) if known.is_verified => {
            Check::ok(CheckCode::Address, format!("its IP rule lets this machine in: {}", live.addresses))
        }
        Some(live) => Check::unknown(
            CheckCode::Address,
            format!("it may be used from {}; this machine was not tried", live.addresses),
            Vec::new(),
        ),
        None => Check::ok(CheckCode::Address, "this machine's address may use it"),
    });
    checks
}

/// Whether the zone id beside the secret is one of the token's zones.
pub(super) fn zone(
    subject: &Subject,
    live: Option<&Live>,
    directory: &Directory,
    sees_own: bool,
) -> Option<Check> {
    let (place, id) = subject.zone.as_ref()?;
    let policies = live.map(|live| live.policies.as_slice());
    Some(match judge_zone(id, policies, directory, sees_own) {
        ZoneVerdict::Fits => Check::ok(CheckCode::Zone, format!("{place} is one of its zones")),
        ZoneVerdict::NoId => Check::failed(
            CheckCode::Zone,
            format!("{place} is no id: an id has 32 hexadecimal digits"),
            "the domain's Overview in the dashboard shows it",
        ),
        ZoneVerdict::Account => Check::failed(
            CheckCode::Zone,
            format!("{place} is the id of an account, not of a zone"),
            "the domain's Overview in the dashboard shows the zone's id",
        ),
        ZoneVerdict::NotAmong => Check::failed(
            CheckCode::Zone,
            format!("it may do nothing in the zone that {place} names"),
            "write the id of one of its zones, or give it a permission on this one",
        ),
        ZoneVerdict::CannotTell => Check::unknown(
            CheckCode::Zone,
            format!("whether {place} is one of its zones cannot be told"),
            Vec::new(),
        ),
    })
}

/// No account id beside the secret: Wrangler then asks for it, which takes a permission of its own.
fn no_account(owner: &TokenOwner, directory: &Directory) -> Check {
    let own = match (owner, directory.accounts.as_slice()) {
        (TokenOwner::Account(id), _) => Some(id.clone()),
        (TokenOwner::User, [one]) => Some(one.id.clone()),
        _ => None,
    };
    let id = own.unwrap_or_else(|| "ID".to_owned());
    Check::unknown(
        CheckCode::Account,
        "no CLOUDFLARE_ACCOUNT_ID beside it: programs must find it themselves",
        format!("write CLOUDFLARE_ACCOUNT_ID={id}"),
    )
}

/// Whether the account id beside the secret is one of the token's accounts.
pub(super) fn account(
    subject: &Subject,
    owner: &TokenOwner,
    live: Option<&Live>,
    directory: &Directory,
    sees_own: bool,
) -> Option<Check> {
    let policies = live.map(|live| live.policies.as_slice());
    let Some((place, id)) = subject.account.as_ref() else {
        return subject.lacks_account.then(|| no_account(owner, directory));
    };
    let shown = |id: &String| match directory.account_name(id) {
        name if name == *id => id.clone(),
        name => format!("{id} ({})", one_line(&name)),
    };
    Some(match judge_account(id, owner, policies, directory, sees_own) {
        AccountVerdict::Fits => Check::ok(CheckCode::Account, format!("{place} is one of its accounts")),
        AccountVerdict::NoId => Check::failed(
            CheckCode::Account,
            format!("{place} is no id: an id has 32 hexadecimal digits"),
            "Workers & Pages > Overview in the dashboard shows it",
        ),
        AccountVerdict::Zone(name) => Check::failed(
            CheckCode::Account,
            format!("{place} is the id of zone {}, not of an account", one_line(&name)),
            "Workers & Pages > Overview in the dashboard shows the account's id",
        ),
        AccountVerdict::NotAmong(own) if own.is_empty() => Check::failed(
            CheckCode::Account,
            format!("it may do nothing in the account that {place} names"),
            "give the token a permission on that account",
        ),
        AccountVerdict::NotAmong(own) => Check::failed(
            CheckCode::Account,
            format!("it has no access to the account that {place} names"),
            format!("write the id of its own: {}", own.iter().map(shown).collect::<Vec<_>>().join(", ")),
        ),
        AccountVerdict::CannotTell => Check::unknown(
            CheckCode::Account,
            format!("whether {place} is one of its accounts cannot be told"),
            Vec::new(),
        ),
    })
}
