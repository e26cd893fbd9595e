//! One live token, with the names of all that it names: everything that is known of it. Reads only.

use futures_util::future::{join, try_join4};

use super::lookups::groups;
use super::names::{accounts, all_zones, user, workers};
use super::surveyor::catalogue;
use super::translate;
use crate::catalogue::{Catalogue, Resource};
use crate::cloudflare::{Client, Error, TokenOwner};
use crate::plan::{Directory, Live};

/// A token and the names of what it names.
pub struct TokenDetails {
    /// The token.
    pub live: Live,
    /// The keys of its conditions that are no address rule.
    pub conditions: Vec<String>,
    /// The accounts, zones and user it names, as far as the bootstrap sees them.
    pub directory: Directory,
    /// The permission groups of its owner as they are now.
    pub catalogue: Catalogue,
}

/// Looks at a token, then asks for the names at once. Names that the bootstrap may not list are left out.
pub async fn token_details(client: &Client, owner: &TokenOwner, id: &str) -> Result<TokenDetails, Error> {
    let (token, groups) = join(client.token(owner, id), groups(client, owner)).await;
    let token = token?;
    let live = translate::live(&token);
    let names =
        |kind: fn(&Resource) -> bool| live.policies.iter().flat_map(|policy| &policy.resources).any(kind);
    let of_account = matches!(owner, TokenOwner::Account(_))
        || names(|resource| {
            matches!(
                resource,
                Resource::Account(_)
                    | Resource::ZonesOf(_)
                    | Resource::Bucket { .. }
                    | Resource::BucketsOf(_)
                    | Resource::Worker { .. }
            )
        });
    let of_zone = names(|resource| matches!(resource, Resource::Zone(_)));
    let accounts = async { if of_account { accounts(client).await } else { Ok(Vec::new()) } };
    let zones = async { if of_zone { all_zones(client).await } else { Ok(Vec::new()) } };
    let of_user = names(|resource| matches!(resource, Resource::User(_)));
    let of_worker = names(|resource| matches!(resource, Resource::Worker { .. }));
    let workers = workers(client, std::iter::once(owner).filter(|_| of_worker));
    let (accounts, zones, user, workers) = try_join4(accounts, zones, user(client, of_user), workers).await?;
    let conditions = token.condition.iter().flat_map(|condition| condition.other.keys().cloned()).collect();
    Ok(TokenDetails {
        live,
        conditions,
        directory: Directory { accounts, zones, workers, user, ..Directory::default() },
        catalogue: catalogue(groups?),
    })
}
