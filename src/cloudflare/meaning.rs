//! What a code means at an endpoint, in a sentence, with what to do.
//!
//! The same code means different things at different endpoints, and 10000 is even the code of a success
//! message, so no code is ever read without its endpoint.

use super::endpoint::{Endpoint, TokenOwner};
use super::refusal::Refusal;

/// The sentence for a refusal, where it is known.
pub(super) fn meaning(endpoint: &Endpoint, refusal: &Refusal) -> Option<&'static str> {
    let says = |words: &str| refusal.says(words);
    let sentence = match refusal.code() {
        _ if refusal.is_lock_out() => {
            "Too many failed log-ins: Cloudflare has locked this credential out for a while. Wait, then check the bootstrap."
        }
        _ if says("from location") => {
            "The token's IP rule does not allow this machine's address: run from an allowed one, or change the rule."
        }
        7001 | 10405 => "Cloudflare does not take this request at this address: check --api-url.",
        _ if refusal.status == 405 || says("not supported by this API") => {
            "Cloudflare does not take this request from this kind of credential."
        }
        1000 => match endpoint {
            Endpoint::VerifyToken(_) => NO_SUCH_SECRET,
            _ => {
                "The bootstrap is not a valid token: it was deleted, rolled, has expired, or was pasted wrong."
            }
        },
        1001 => return forbidden(endpoint, refusal),
        1003 => "There is no token with this id any more.",
        1011 => "This product does not accept account-owned tokens: write `owner: user`.",
        400 if says("expires_on") || says("not_before") => "Cloudflare does not take this time.",
        400 if says("name must have a length") => "The token's name is empty or too long for Cloudflare.",
        6003 => malformed(endpoint, refusal),
        7000 if refusal.errors.iter().all(|error| error.code == 7000) => {
            "There is no API at this address: check --api-url; Cloudflare's own ends in /client/v4."
        }
        7000 | 7003 => "The id in the request is malformed.",
        9103 => "The e-mail address or the global key is wrong.",
        9106 => "No credential reached Cloudflare: a proxy may have removed it.",
        9109 if says("user-level authentication") => {
            "This bootstrap belongs to an account and cannot act for a user: use a user's token (`cfut_…`), or write `owner: { account: NAME }`."
        }
        9109 if says("Invalid access token") => match endpoint {
            Endpoint::VerifyToken(_) => NO_SUCH_SECRET,
            _ => {
                "The bootstrap is dead: it was deleted, rolled or has expired. Make a new one in the dashboard."
            }
        },
        10042 => "R2 is not switched on for this account: open R2 in the dashboard once.",
        10000 | 10001 | 10002 | 1068 => return Some(missing_permission(endpoint)),
        9109 if says("Unauthorized to access") => return Some(missing_permission(endpoint)),
        0 if says("requires permission") => return Some(missing_permission(endpoint)),
        _ => return None,
    };
    Some(sentence)
}

/// What a verification says that finds no token.
const NO_SUCH_SECRET: &str = "No token has this secret at this endpoint: it was deleted, rolled, has expired, was pasted wrong, or belongs to another kind of owner.";

/// Code 1001: something about the request that Cloudflare will not do, told apart by its words alone.
fn forbidden(endpoint: &Endpoint, refusal: &Refusal) -> Option<&'static str> {
    let says = |words: &str| refusal.says(words);
    Some(if says("common permission check") {
        "The bootstrap's owner may not grant this permission on that resource: give the owner the role, name all zones of the account (`zones: all`), or use a bootstrap that holds the permission itself."
    } else if says("sub-token is not allowed") {
        "A token cannot give another token the right to manage tokens: make such a token in the dashboard, or with the global key."
    } else if says("ermission group not found") {
        "Cloudflare does not know one of the permission groups, or this owner may not grant it: write the permission by its name instead of its id."
    } else if says("Must specify a zone") {
        "An account-owned token cannot span the zones of all accounts: write `zones: all` with the account, or name the zones."
    } else if says("granular resource scopes") {
        "This permission exists for account-owned tokens only: write `owner: { account: NAME }`."
    } else if says("does not support account owned tokens") {
        "This bootstrap belongs to an account and may not list accounts: write the account's 32-digit id in the profile."
    } else if says("Missing \"Authorization\" header") {
        "The global key cannot verify itself; only tokens can."
    } else if says("supported resource type") {
        "Cloudflare does not scope tokens to this kind of resource for this owner."
    } else if says("Reusing existing policies") {
        "The policies of a new token may not carry ids."
    } else if matches!(endpoint, Endpoint::DeleteToken(..)) {
        "Cloudflare manages this token itself and lets nobody delete it."
    } else {
        return None;
    })
}

/// Code 6003: what lies beneath tells which header is wrong.
fn malformed(endpoint: &Endpoint, refusal: &Refusal) -> &'static str {
    let beneath = refusal.errors.iter().flat_map(|error| &error.error_chain);
    let codes: Vec<i64> = beneath.map(|cause| cause.code).collect();
    if matches!(endpoint, Endpoint::VerifyToken(_)) {
        "This does not look like a token to Cloudflare: check for quotes, spaces or a line break around it."
    } else if codes.contains(&6102) || codes.contains(&6103) {
        "CLOUDFLARE_EMAIL or CLOUDFLARE_API_KEY does not look like an address or a global key to Cloudflare: check for quotes and spaces, and that no token is given as a key."
    } else {
        "The bootstrap does not look like a credential to Cloudflare: check for quotes, spaces or a line break around it, and that a global key is not given as a token."
    }
}

/// The permission that a refused look or write wants.
fn missing_permission(endpoint: &Endpoint) -> &'static str {
    match (endpoint, endpoint.owner()) {
        // Verification needs no permission.
        (Endpoint::VerifyToken(_), _) => {
            "Not every server of Cloudflare's knows the secret yet, or it does not work here: ask again in a minute."
        }
        (_, Some(TokenOwner::User)) => {
            "The bootstrap lacks `API Tokens: Edit` (user): make one from the dashboard's template \"Create Additional Tokens\"."
        }
        (_, Some(TokenOwner::Account(_))) => {
            "The bootstrap lacks `Account API Tokens: Edit` on this account, or the account's id is wrong."
        }
        (Endpoint::Zones, _) => {
            "The bootstrap may not list zones: write the zones' 32-digit ids, or give it `Zone: Read`."
        }
        (Endpoint::Accounts, _) => {
            "The bootstrap may not list accounts: write the account's 32-digit id, or give it `Account Settings: Read`."
        }
        _ => "The bootstrap lacks `User Details: Read`, which shows the user's id.",
    }
}
