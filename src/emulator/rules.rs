//! The policies of a write -> the policies that are stored, or why they may not be.
//!
//! Sources: <https://developers.cloudflare.com/fundamentals/api/how-to/create-via-api/> for the forms; the
//! words of the refusals are from public reports.

use super::access::Caller;
use super::error_reply::ErrorReply;
use super::groups::{self, ServedGroup};
use super::owner::EmulatorOwner;
use super::resource::{AccessTarget, ResourceKey, SCRIPT_SCOPE, USER_SCOPE};
use super::settings::{Children, Switches, Ungrantable, Verdict};
use super::state::{State, StoredToken};
use super::world::USER_ID;
use crate::cloudflare::wire::{ApiPolicy, GroupReference};

/// What a write is judged by.
pub(super) struct Judge<'a> {
    /// The world.
    pub(super) state: &'a State,
    /// The sides taken in disputes.
    pub(super) switches: &'a Switches,
    /// Who writes.
    pub(super) caller: &'a Caller,
    /// Whose token it is or will be.
    pub(super) owner: &'a EmulatorOwner,
    /// The token that is replaced; `None` for a new one.
    pub(super) replaced: Option<&'a StoredToken>,
}

impl Judge<'_> {
    /// Judges every policy; what comes back may lack groups that were dropped in silence.
    pub(super) fn policies(&self, policies: Vec<ApiPolicy>) -> Result<Vec<ApiPolicy>, ErrorReply> {
        if self.replaced.is_none() && policies.iter().any(|policy| policy.id.is_some()) {
            return Err(ErrorReply::PolicyReuse);
        }
        policies.into_iter().map(|policy| self.policy(policy)).collect()
    }

    fn policy(&self, mut policy: ApiPolicy) -> Result<ApiPolicy, ErrorReply> {
        let mut resources = Vec::new();
        for (key, value) in &policy.resources {
            for resource in ResourceKey::read(key, value)? {
                self.form(key, &resource)?;
                resources.push(resource);
            }
        }
        let mut held: Vec<&ServedGroup> = Vec::new();
        for reference in &policy.permission_groups {
            if let Some(group) = self.group(reference)? {
                held.push(group);
            }
        }
        for group in &held {
            for resource in &resources {
                let is_on_scope = group.scope == resource.scope();
                let passes_off_scope = self.switches.off_scope_groups == Verdict::Accepted;
                let is_given = is_on_scope && policy.effect == "allow";
                if !self.within_reach(resource)
                    || !(is_on_scope || passes_off_scope)
                    || (is_given && !self.can_give(group, resource))
                {
                    return Err(ErrorReply::PermissionCheck(group.name.to_owned()));
                }
            }
        }
        let named =
            |group: &ServedGroup| GroupReference { id: group.id.into(), name: Some(group.name.into()) };
        policy.permission_groups = held.into_iter().map(named).collect();
        Ok(policy)
    }

    /// Whether the owner's tokens can hold a resource of this form.
    fn form(&self, key: &str, resource: &ResourceKey) -> Result<(), ErrorReply> {
        match (self.owner, resource) {
            (EmulatorOwner::Account(_), ResourceKey::AllZones) => Err(ErrorReply::ZonesNotNested),
            (EmulatorOwner::Account(_), ResourceKey::AllAccounts | ResourceKey::User(_)) => {
                Err(ErrorReply::Unsupported(key.to_owned()))
            }
            (EmulatorOwner::User, ResourceKey::Script { key, .. }) => {
                Err(ErrorReply::Unsupported(key.clone()))
            }
            (_, ResourceKey::AllBuckets) if self.switches.flat_buckets == Verdict::Refused => {
                Err(ErrorReply::Unauthorized)
            }
            _ => Ok(()),
        }
    }

    /// The group that is meant; `None` where it is dropped in silence.
    fn group(&self, reference: &GroupReference) -> Result<Option<&'static ServedGroup>, ErrorReply> {
        let Some(group) = groups::find(&reference.id) else {
            return self.ungrantable(ErrorReply::UnknownGroup(reference.id.clone()));
        };
        if self.switches.withheld_groups.contains(group.id) {
            return self.ungrantable(ErrorReply::PermissionCheck(group.name.to_owned()));
        }
        match self.owner {
            EmulatorOwner::Account(_) if group.scope == USER_SCOPE => {
                return self.ungrantable(ErrorReply::PermissionCheck(group.name.to_owned()));
            }
            EmulatorOwner::User if group.scope == SCRIPT_SCOPE => return Err(ErrorReply::Granular),
            _ => {}
        }
        if groups::TOKEN_MAKERS.contains(&group.id) && !self.may_make_makers(group) {
            return Err(ErrorReply::SubToken);
        }
        Ok(Some(group))
    }

    /// Whether the caller may give a group to a new token, as the list of groups tells it.
    pub(super) fn may_grant(&self, group: &ServedGroup) -> bool {
        let reference = GroupReference { id: group.id.to_owned(), name: None };
        self.group(&reference).is_ok_and(|granted| granted.is_some())
    }

    fn ungrantable(&self, refusal: ErrorReply) -> Result<Option<&'static ServedGroup>, ErrorReply> {
        match self.switches.ungrantable {
            Ungrantable::Refused => Err(refusal),
            Ungrantable::Dropped => Ok(None),
        }
    }

    /// A token may replace itself by something wider, and keep what a token already holds.
    fn may_make_makers(&self, group: &ServedGroup) -> bool {
        let Caller::Token { id, .. } = self.caller else { return true };
        let kept = self.replaced.is_some_and(|stored| {
            let policies = &stored.token.policies;
            stored.token.id == *id
                || policies
                    .iter()
                    .any(|policy| policy.permission_groups.iter().any(|held| held.id == group.id))
        });
        kept || self.switches.token_makers == Verdict::Accepted
    }

    /// Whether the resource is the owner's to give: nobody exceeds the user's own roles, and an account's
    /// token stays in its account.
    fn within_reach(&self, resource: &ResourceKey) -> bool {
        let account = |id: &str| match self.owner {
            EmulatorOwner::User => self.state.account(id).is_some(),
            EmulatorOwner::Account(own) => own == id,
        };
        match resource {
            ResourceKey::User(id) => id == USER_ID,
            ResourceKey::Account(id)
            | ResourceKey::ZonesOf(id)
            | ResourceKey::Bucket(id)
            | ResourceKey::BucketsOf(id)
            | ResourceKey::Script { account: id, .. } => account(id),
            ResourceKey::Zone(id) => self.state.zone(id).is_some_and(|zone| account(&zone.account.id)),
            ResourceKey::AllAccounts | ResourceKey::AllZones | ResourceKey::AllBuckets => true,
        }
    }

    /// Whether the caller may give the group away, where that depends on what it holds itself.
    fn can_give(&self, group: &ServedGroup, resource: &ResourceKey) -> bool {
        match (self.switches.children, resource) {
            (Children::CappedOnZones, ResourceKey::Zone(id)) => self.state.zone(id).is_some_and(|zone| {
                self.caller.holds(&[group.id], AccessTarget::Zone { account: &zone.account.id, zone: id })
            }),
            _ => true,
        }
    }
}
