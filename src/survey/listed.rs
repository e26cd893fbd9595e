//! Cloudflare's own list of permission groups for an owner, and how the embedded catalogue differs from it. Reads only.

use super::lookups::live_group;
use crate::catalogue::{Catalogue, Difference};
use crate::cloudflare::{Client, Error, TokenOwner};

/// The permission groups that an owner may use.
pub struct ListedGroups {
    /// How many there are; none where the bootstrap may not read them.
    pub count: usize,
    /// The catalogue as the owner has it.
    pub catalogue: Catalogue,
    /// How the embedded catalogue differs.
    pub differences: Vec<Difference>,
}

/// Asks for an owner's permission groups, and compares.
pub async fn listed_groups(client: &Client, owner: &TokenOwner) -> Result<ListedGroups, Error> {
    let groups = client.permission_groups(owner).await?;
    let count = groups.len();
    let groups = groups.into_iter().map(live_group).collect();
    let (catalogue, differences) = Catalogue::embedded().with_live(groups);
    Ok(ListedGroups { count, catalogue, differences })
}
