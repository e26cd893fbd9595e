//! Why Cloudflare said no, as far as the code, its words and the endpoint tell together.
//!
//! The same code means different things at different endpoints, and 10000 is even the code of a success
//! message, so no code is ever read without its endpoint. What to do about it is not said here.

use super::endpoint::{Endpoint, TokenOwner};
use super::refusal::Refusal;

/// Why a request of cfmint's was refused. "The bootstrap" is the credential that it was sent with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Too many bad credentials came from here.
    LockedOut,
    /// The token's IP rule does not allow this machine's address.
    OutsideAddresses,
    /// There is no such request at this address.
    NoSuchRequest,
    /// The request is not for this kind of credential.
    NotForThisCredential,
    /// No token has the secret that was verified.
    NoSuchSecret,
    /// The bootstrap is no token (any more).
    NotAToken,
    /// The bootstrap was a token and is dead.
    DeadBootstrap,
    /// The bootstrap's owner lacks what it should grant.
    MayNotGrant,
    /// A token may not give the right to manage tokens.
    MayNotDelegate,
    /// A permission group is not known, or not for this owner.
    NoSuchGroup,
    /// An account's token may not span all accounts' zones.
    ZonesOfAllAccounts,
    /// A permission that only an account's tokens can have.
    OnlyForAccounts,
    /// A product that refuses an account's tokens.
    NotForAccounts,
    /// An account's token may not list accounts.
    AccountsNotListed,
    /// The global key cannot be verified.
    KeyNotVerified,
    /// Tokens of this owner cannot be scoped to this kind of resource.
    ResourceKind,
    /// The policies of a new token carry ids.
    PolicyIds,
    /// Cloudflare manages the token itself.
    ManagedByCloudflare,
    /// There is no token with this id.
    NoSuchToken,
    /// A time is not taken.
    Time,
    /// The name is empty or too long.
    Name,
    /// What was verified does not look like a token.
    MalformedSecret,
    /// The e-mail address or the global key does not look like one.
    MalformedKey,
    /// The bootstrap does not look like a credential.
    MalformedBootstrap,
    /// There is no API at this address.
    NoApi,
    /// An id in the request is malformed.
    MalformedId,
    /// The e-mail address or the global key is wrong.
    WrongKey,
    /// No credential arrived.
    NoCredential,
    /// An account's token asked what only a user's may.
    OnlyForUsers,
    /// R2 is not switched on for the account.
    NoR2,
    /// The bootstrap lacks a permission.
    Lacks(Lacking),
    /// Verification needs no permission: the secret is not known everywhere yet, or does not work here.
    NotKnownYet,
}

/// What a bootstrap lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacking {
    /// `API Tokens: Edit` of the user.
    UserTokens,
    /// `Account API Tokens: Edit`.
    AccountTokens,
    /// `Zone: Read`.
    Zones,
    /// `Account Settings: Read`.
    Accounts,
    /// `User Details: Read`.
    User,
}

/// The reason for a refusal, where it is known.
pub(super) fn reason(endpoint: &Endpoint, refusal: &Refusal) -> Option<Reason> {
    let says = |words: &str| refusal.says(words);
    let is_verification = matches!(endpoint, Endpoint::VerifyToken(_));
    Some(match refusal.code() {
        _ if refusal.is_lock_out() => Reason::LockedOut,
        _ if says("from location") => Reason::OutsideAddresses,
        7001 | 10405 => Reason::NoSuchRequest,
        _ if refusal.status == 405 || says("not supported by this API") => Reason::NotForThisCredential,
        1000 if is_verification => Reason::NoSuchSecret,
        1000 => Reason::NotAToken,
        1001 => return forbidden(endpoint, refusal),
        1003 => Reason::NoSuchToken,
        1011 => Reason::NotForAccounts,
        400 if says("expires_on") || says("not_before") => Reason::Time,
        400 if says("name must have a length") => Reason::Name,
        6003 => malformed(endpoint, refusal),
        7000 if refusal.errors.iter().all(|error| error.code == 7000) => Reason::NoApi,
        7000 | 7003 => Reason::MalformedId,
        9103 => Reason::WrongKey,
        9106 => Reason::NoCredential,
        9109 if says("user-level authentication") => Reason::OnlyForUsers,
        9109 if says("Invalid access token") && is_verification => Reason::NoSuchSecret,
        9109 if says("Invalid access token") => Reason::DeadBootstrap,
        10042 => Reason::NoR2,
        10000 | 10001 | 10002 | 1068 => missing_permission(endpoint),
        9109 if says("Unauthorized to access") => missing_permission(endpoint),
        0 if says("requires permission") => missing_permission(endpoint),
        _ => return None,
    })
}

/// Code 1001: something about the request that Cloudflare will not do, told apart by its words alone.
fn forbidden(endpoint: &Endpoint, refusal: &Refusal) -> Option<Reason> {
    let by_words = [
        ("common permission check", Reason::MayNotGrant),
        ("sub-token is not allowed", Reason::MayNotDelegate),
        ("ermission group not found", Reason::NoSuchGroup),
        ("Must specify a zone", Reason::ZonesOfAllAccounts),
        ("granular resource scopes", Reason::OnlyForAccounts),
        ("does not support account owned tokens", Reason::AccountsNotListed),
        ("Missing \"Authorization\" header", Reason::KeyNotVerified),
        ("supported resource type", Reason::ResourceKind),
        ("Reusing existing policies", Reason::PolicyIds),
    ];
    let said = by_words.into_iter().find(|(words, _)| refusal.says(words)).map(|(_, reason)| reason);
    said.or_else(|| matches!(endpoint, Endpoint::DeleteToken(..)).then_some(Reason::ManagedByCloudflare))
}

/// Code 6003: what lies beneath tells which header is wrong.
fn malformed(endpoint: &Endpoint, refusal: &Refusal) -> Reason {
    let mut beneath = refusal.errors.iter().flat_map(|error| &error.error_chain);
    if matches!(endpoint, Endpoint::VerifyToken(_)) {
        Reason::MalformedSecret
    } else if beneath.any(|cause| [6102, 6103].contains(&cause.code)) {
        Reason::MalformedKey
    } else {
        Reason::MalformedBootstrap
    }
}

/// The permission that a refused look or write wants.
fn missing_permission(endpoint: &Endpoint) -> Reason {
    Reason::Lacks(match (endpoint, endpoint.owner()) {
        (Endpoint::VerifyToken(_), _) => return Reason::NotKnownYet,
        (_, Some(TokenOwner::User)) => Lacking::UserTokens,
        (_, Some(TokenOwner::Account(_))) => Lacking::AccountTokens,
        (Endpoint::Zones, _) => Lacking::Zones,
        (Endpoint::Accounts, _) => Lacking::Accounts,
        _ => Lacking::User,
    })
}
