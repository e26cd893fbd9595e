//! The ids that stand beside the secret, in the place of names that the token may not list.

use super::subject::Subject;
use crate::plan::{AccountEntry, Directory, ZoneEntry};
use crate::profile::{Accounts, Profile, Reference, Zones, is_id};

/// The directory with the account and the zone whose ids stand beside the secret: they are those that the profile names,
/// where it names one of each and the token may not list them. The user's id is in no path, so any will do.
pub(super) fn with_neighbours(
    mut directory: Directory,
    subject: &Subject,
    profile: Option<&Profile>,
) -> Directory {
    directory.user.get_or_insert_with(|| "0".repeat(32));
    let resources = profile.map(|profile| &profile.rights.resources);
    let account = id_of(subject.account.as_ref());
    if let (true, Some(id)) = (directory.accounts.is_empty(), &account) {
        let named = resources.and_then(|resources| match &resources.accounts {
            Accounts::Named(named) => name_of(named.iter().map(|one| &one.value)),
            Accounts::All => None,
        });
        directory.accounts.push(AccountEntry { id: id.clone(), name: named.unwrap_or_else(|| id.clone()) });
    }
    if let (true, Some(id)) = (directory.zones.is_empty(), id_of(subject.zone.as_ref())) {
        let named = resources.and_then(|resources| match &resources.zones {
            Zones::Named(named) => name_of(named.iter().map(|one| &one.value)),
            Zones::OfAccounts | Zones::AllAccounts => None,
        });
        let name = named.unwrap_or_else(|| id.clone());
        directory.zones.push(ZoneEntry { id, name, account: account.unwrap_or_default() });
    }
    directory
}

/// The id that stands at a place, if it is one.
fn id_of(beside: Option<&(String, String)>) -> Option<String> {
    beside.map(|(_, id)| id.to_ascii_lowercase()).filter(|id| is_id(id))
}

/// The one name among references, if there is only one and it is a name.
fn name_of<'a>(mut references: impl Iterator<Item = &'a Reference>) -> Option<String> {
    match (references.next(), references.next()) {
        (Some(Reference::Name(name)), None) => Some(name.clone()),
        _ => None,
    }
}
