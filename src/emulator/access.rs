//! A caller's policies -> what it may touch and what it sees.
//!
//! An explicit deny beats an explicit allow, which beats silence; a group counts only on its own scope.
//! Source: <https://developers.cloudflare.com/fundamentals/api/how-to/create-via-api/>.

use super::groups;
use super::owner::EmulatorOwner;
use super::resource::{AccessTarget, ResourceKey};
use crate::cloudflare::wire::ApiPolicy;

/// Who asks.
#[derive(Debug, Clone)]
pub(super) enum Caller {
    /// The user, by the global key: everything is theirs.
    Key,
    /// A token.
    Token {
        /// Its id.
        id: String,
        /// Whose it is.
        owner: EmulatorOwner,
        /// What it holds.
        policies: Vec<ApiPolicy>,
    },
}

impl Caller {
    /// Whether it is an account's token.
    pub(super) fn is_account_owned(&self) -> bool {
        matches!(self, Self::Token { owner: EmulatorOwner::Account(_), .. })
    }

    /// Whether it holds one of these groups on the target.
    pub(super) fn holds(&self, groups: &[&str], target: AccessTarget<'_>) -> bool {
        match self {
            Self::Key => true,
            Self::Token { policies, .. } => groups.iter().any(|group| granted(policies, group, target)),
        }
    }

    /// Whether it holds any group at all that applies to the target, which is what lists show.
    pub(super) fn sees(&self, target: AccessTarget<'_>) -> bool {
        match self {
            Self::Key => true,
            Self::Token { policies, .. } => policies
                .iter()
                .flat_map(|policy| &policy.permission_groups)
                .filter(|group| groups::find(&group.id).is_some_and(|group| group.scope == target.scope()))
                .any(|group| granted(policies, &group.id, target)),
        }
    }

    /// Whether it holds zones only one by one, so that no policy speaks of all zones of anything.
    pub(super) fn holds_single_zones_only(&self) -> bool {
        let Self::Token { policies, .. } = self else { return false };
        let mut zones = policies.iter().flat_map(resources).filter(|resource| {
            matches!(resource, ResourceKey::Zone(_) | ResourceKey::ZonesOf(_) | ResourceKey::AllZones)
        });
        let mut any = false;
        zones.all(|resource| {
            any = true;
            matches!(resource, ResourceKey::Zone(_))
        }) && any
    }
}

fn granted(policies: &[ApiPolicy], group: &str, target: AccessTarget<'_>) -> bool {
    let named = |effect: &str| {
        policies
            .iter()
            .filter(|policy| policy.effect == effect)
            .filter(|policy| policy.permission_groups.iter().any(|held| held.id == group))
            .any(|policy| resources(policy).any(|resource| resource.covers(target)))
    };
    named("allow") && !named("deny")
}

/// What a stored policy names; keys that cannot be read name nothing.
fn resources(policy: &ApiPolicy) -> impl Iterator<Item = ResourceKey> {
    policy.resources.iter().flat_map(|(key, value)| ResourceKey::read(key, value).unwrap_or_default())
}
