//! What each reason of Cloudflare's means for a person, and what to do, in a sentence.

use crate::cloudflare::{Lacking, Reason};

/// The sentence for a reason.
pub(super) fn sentence(reason: Reason) -> &'static str {
    match reason {
        Reason::LockedOut => {
            "Too many failed log-ins: Cloudflare has locked this credential out for a while. Wait, then check the bootstrap."
        }
        Reason::OutsideAddresses => {
            "The token's IP rule does not allow this machine's address: run from an allowed one, or change the rule."
        }
        Reason::NoSuchRequest => "Cloudflare does not take this request at this address: check --api-url.",
        Reason::NotForThisCredential => "Cloudflare does not take this request from this kind of credential.",
        Reason::NoSuchSecret => {
            "No token has this secret at this endpoint: it was deleted, rolled, has expired, was pasted wrong, or belongs to another kind of owner."
        }
        Reason::NotAToken => {
            "The bootstrap is not a valid token: it was deleted, rolled, has expired, or was pasted wrong."
        }
        Reason::DeadBootstrap => {
            "The bootstrap is dead: it was deleted, rolled or has expired. Make a new one in the dashboard."
        }
        Reason::MayNotGrant => {
            "The bootstrap's owner may not grant this permission on that resource: give the owner the role, name all zones of the account (`zones: all`), or use a bootstrap that holds the permission itself."
        }
        Reason::MayNotDelegate => {
            "A token cannot give another token the right to manage tokens: make such a token in the dashboard, or with the global key."
        }
        Reason::NoSuchGroup => {
            "Cloudflare does not know one of the permission groups, or this owner may not grant it: write the permission by its name instead of its id."
        }
        Reason::ZonesOfAllAccounts => {
            "An account-owned token cannot span the zones of all accounts: write `zones: all` with the account, or name the zones."
        }
        Reason::OnlyForAccounts => {
            "This permission exists for account-owned tokens only: write `owner: { account: NAME }`."
        }
        Reason::NotForAccounts => "This product does not accept account-owned tokens: write `owner: user`.",
        Reason::AccountsNotListed => {
            "This bootstrap belongs to an account and may not list accounts: write the account's 32-digit id in the profile."
        }
        Reason::KeyNotVerified => "The global key cannot verify itself; only tokens can.",
        Reason::ResourceKind => "Cloudflare does not scope tokens to this kind of resource for this owner.",
        Reason::PolicyIds => "The policies of a new token may not carry ids.",
        Reason::ManagedByCloudflare => "Cloudflare manages this token itself and lets nobody delete it.",
        Reason::NoSuchToken => "There is no token with this id any more.",
        Reason::Time => "Cloudflare does not take this time.",
        Reason::Name => "The token's name is empty or too long for Cloudflare.",
        Reason::MalformedSecret => {
            "This does not look like a token to Cloudflare: check for quotes, spaces or a line break around it."
        }
        Reason::MalformedKey => {
            "CLOUDFLARE_EMAIL or CLOUDFLARE_API_KEY does not look like an address or a global key to Cloudflare: check for quotes and spaces, and that no token is given as a key."
        }
        Reason::MalformedBootstrap => {
            "The bootstrap does not look like a credential to Cloudflare: check for quotes, spaces or a line break around it, and that a global key is not given as a token."
        }
        Reason::NoApi => {
            "There is no API at this address: check --api-url; Cloudflare's own ends in /client/v4."
        }
        Reason::MalformedId => "The id in the request is malformed.",
        Reason::WrongKey => "The e-mail address or the global key is wrong.",
        Reason::NoCredential => "No credential reached Cloudflare: a proxy may have removed it.",
        Reason::OnlyForUsers => {
            "This bootstrap belongs to an account and cannot act for a user: use a user's token (`cfut_…`), or write `owner: { account: NAME }`."
        }
        Reason::NoR2 => "R2 is not switched on for this account: open R2 in the dashboard once.",
        Reason::NotKnownYet => {
            "Not every server of Cloudflare's knows the secret yet, or it does not work here: ask again in a minute."
        }
        Reason::Lacks(lacking) => match lacking {
            Lacking::UserTokens => {
                "The bootstrap lacks `API Tokens: Edit` (user): make one from the dashboard's template \"Create Additional Tokens\"."
            }
            Lacking::AccountTokens => {
                "The bootstrap lacks `Account API Tokens: Edit` on this account, or the account's id is wrong."
            }
            Lacking::Zones => {
                "The bootstrap may not list zones: write the zones' 32-digit ids, or give it `Zone: Read`."
            }
            Lacking::Accounts => {
                "The bootstrap may not list accounts: write the account's 32-digit id, or give it `Account Settings: Read`."
            }
            Lacking::User => "The bootstrap lacks `User Details: Read`, which shows the user's id.",
        },
    }
}
