//! The headers of a request -> the caller, or why nobody is let in.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use ipnet::IpNet;

use super::access::Caller;
use super::error_reply::ErrorReply;
use super::route::Route;
use super::settings::{AddressRefusal, Switches, VerifyAnswer};
use super::state::{ACTIVE, DISABLED, EXPIRED, State, StoredToken};
use super::world::{LEGACY_EMAIL, LEGACY_KEY};
use crate::cloudflare::wire::Condition;

/// What a request shows of its caller.
pub(super) struct Arrival<'a> {
    /// Its headers.
    pub(super) headers: &'a HeaderMap,
    /// Where it comes from.
    pub(super) address: IpAddr,
    /// When.
    pub(super) now: DateTime<Utc>,
    /// Where to; `verify` has refusals of its own.
    pub(super) route: &'a Route,
}

/// Finds out who asks.
pub(super) fn admit(state: &State, switches: &Switches, arrival: &Arrival<'_>) -> Result<Caller, ErrorReply> {
    let headers = arrival.headers;
    let email = headers.get("x-auth-email");
    let key = headers.get("x-auth-key");
    match (headers.get(AUTHORIZATION), email, key) {
        (Some(_), _, Some(_)) => Err(ErrorReply::KeyFormat),
        (Some(header), _, None) => {
            let secret = header.to_str().ok().and_then(bearer).ok_or(ErrorReply::BearerFormat)?;
            token(state, switches, arrival, secret)
        }
        (None, Some(_), Some(_)) if arrival.route.is_verify() => Err(ErrorReply::NoAuthorizationHeader),
        (None, Some(email), Some(key)) => {
            let email =
                email.to_str().ok().filter(|text| text.contains('@')).ok_or(ErrorReply::EmailFormat)?;
            let key = key.to_str().ok().filter(|text| is_key(text)).ok_or(ErrorReply::KeyFormat)?;
            let known = email == LEGACY_EMAIL && key == LEGACY_KEY;
            if known { Ok(Caller::Key) } else { Err(ErrorReply::UnknownKey) }
        }
        _ => Err(ErrorReply::NoCredential),
    }
}

/// The token in a `Bearer` header: 40 to 80 letters, digits, hyphens and underscores.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, secret) = header.split_once(' ')?;
    let fits = scheme.eq_ignore_ascii_case("bearer") && (40..=80).contains(&secret.len());
    (fits && secret.bytes().all(is_token_byte)).then_some(secret)
}

/// Whether a text looks like a global key: 37 to 45 lower-case hexadecimal digits, or the newer form.
fn is_key(text: &str) -> bool {
    match text.strip_prefix("cfk_") {
        Some(rest) => rest.len() >= 40 && rest.bytes().all(is_token_byte),
        None => {
            (37..=45).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        }
    }
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn token(
    state: &State,
    switches: &Switches,
    arrival: &Arrival<'_>,
    secret: &str,
) -> Result<Caller, ErrorReply> {
    let verify = arrival.route.is_verify();
    let dead = || if verify { ErrorReply::InvalidToken } else { ErrorReply::DeadToken };
    let stored = state.by_secret(secret).ok_or_else(dead)?;
    if stored.works_from.is_some_and(|from| arrival.now < from) {
        return Err(if verify { ErrorReply::InvalidToken } else { ErrorReply::NotYetKnown });
    }
    if let Route::Tokens(owner, _) = arrival.route
        && verify
        && *owner != stored.owner
    {
        return Err(ErrorReply::InvalidToken);
    }
    if !works(stored, arrival, switches) {
        return Err(dead());
    }
    if !admits(stored.token.condition.as_ref(), arrival.address) {
        let vague = verify && switches.address_refusal == AddressRefusal::Invalid;
        return Err(if vague { ErrorReply::InvalidToken } else { ErrorReply::Location(arrival.address) });
    }
    Ok(Caller::Token {
        id: stored.token.id.clone(),
        owner: stored.owner.clone(),
        policies: stored.token.policies.clone(),
    })
}

fn works(stored: &StoredToken, arrival: &Arrival<'_>, switches: &Switches) -> bool {
    let told = |answer: VerifyAnswer| arrival.route.is_verify() && answer == VerifyAnswer::Status;
    match stored.status(arrival.now) {
        ACTIVE if stored.is_early(arrival.now) => told(switches.early_verify),
        ACTIVE => true,
        DISABLED => told(switches.disabled_verify),
        EXPIRED => told(switches.expired_verify),
        _ => false,
    }
}

/// Whether a condition lets an address through: in one of the allowed blocks, if there are any, and in none
/// of the others. A block that cannot be read matches nothing.
fn admits(condition: Option<&Condition>, address: IpAddr) -> bool {
    let Some(rule) = condition.and_then(|condition| condition.request_ip.as_ref()) else { return true };
    let among = |blocks: &[String]| {
        blocks.iter().filter_map(|block| block.parse::<IpNet>().ok()).any(|block| block.contains(&address))
    };
    (rule.allow.is_empty() || among(&rule.allow)) && !among(&rule.deny)
}
