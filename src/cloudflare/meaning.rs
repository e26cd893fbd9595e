//! What a code means at an endpoint, in a sentence, with what to do.
//!
//! The same code means different things at different endpoints, and 10000 is even the code of a success
//! message, so no code is ever read without its endpoint.

use super::endpoint::{Endpoint, TokenOwner};
use super::error::Refusal;

/// The sentence for a refusal, where it is known.
pub(super) fn meaning(endpoint: &Endpoint, refusal: &Refusal) -> Option<&'static str> {
    let says = |words: &str| refusal.says(words);
    let sentence = match refusal.code() {
        1000 => match endpoint {
            Endpoint::VerifyToken(_) => {
                "No token has this secret at this endpoint: it was deleted, rolled, has expired, was pasted wrong, or belongs to another kind of owner."
            }
            _ => {
                "The bootstrap is not a valid token: it was deleted, rolled, has expired, or was pasted wrong."
            }
        },
        1001 if says("common permission check") => {
            "The bootstrap's owner may not grant this permission on that resource: give the owner the role, name all zones of the account (`zones: all`), or use a bootstrap that holds the permission itself."
        }
        1001 if says("Must specify a zone") => {
            "An account-owned token cannot span the zones of all accounts: write `zones: all` with the account, or name the zones."
        }
        1001 if says("granular resource scopes") => {
            "This permission exists for account-owned tokens only: write `owner: { account: NAME }`."
        }
        1001 if says("does not support account owned tokens") => {
            "This bootstrap belongs to an account and may not list accounts: write the account's 32-digit id in the profile."
        }
        1001 if says("Missing \"Authorization\" header") => {
            "The global key cannot verify itself; only tokens can."
        }
        1001 if says("supported resource type") => {
            "Cloudflare does not scope tokens to this kind of resource for this owner."
        }
        1001 if matches!(endpoint, Endpoint::DeleteToken(..)) => {
            "Cloudflare manages this token itself and lets nobody delete it."
        }
        1003 => "There is no token with this id any more.",
        1011 => "This product does not accept account-owned tokens: write `owner: user`.",
        400 if says("expires_on") || says("not_before") => "Cloudflare does not take this time.",
        400 if says("name must have a length") => "The token's name is empty or too long for Cloudflare.",
        6003 => {
            "The bootstrap does not look like a credential to Cloudflare: check for quotes, spaces or a line break around it, and that a global key is not given as a token."
        }
        7003 => "The id in the request is malformed.",
        9103 => "The e-mail address or the global key is wrong.",
        9106 => "No credential reached Cloudflare: a proxy may have removed it.",
        9109 if says("user-level authentication") => {
            "This bootstrap belongs to an account and cannot act for a user: use a user's token (`cfut_…`), or write `owner: { account: NAME }`."
        }
        9109 if says("from location") => {
            "The token's IP rule does not allow this machine's address: run from an allowed one, or change the rule."
        }
        9109 if says("Invalid access token") => {
            "The bootstrap is dead: it was deleted, rolled or has expired. Make a new one in the dashboard."
        }
        9109 if says("Max auth failures") => {
            "Too many failed log-ins: Cloudflare has locked this credential out for a while. Wait, then check the bootstrap."
        }
        10502 => "Too many failed log-ins: Cloudflare has locked this credential out for a while.",
        9109 | 10000 | 10001 | 10002 | 1068 | 0 => return Some(missing_permission(endpoint)),
        _ => return None,
    };
    Some(sentence)
}

/// The permission that a refused look or write wants.
fn missing_permission(endpoint: &Endpoint) -> &'static str {
    match (endpoint, endpoint.owner()) {
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
        _ => "The bootstrap lacks `User Details: Read`, from which the user's id is learnt.",
    }
}
