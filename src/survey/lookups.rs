//! What cfmint asks Cloudflare before it plans: tokens, permission groups, names, and whose secret a sink
//! holds. The questions of a run go out side by side; what a profile gives as an
//! id is asked for only to say that it leads nowhere.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join, join_all, join3, try_join, try_join_all, try_join3};

use super::identify::Trial;
use super::names::{NamesToResolve, accounts, mistaken_zones, unseen_zones, user, workers, zones};
use super::own_token::own_token;
use super::places::{self, SecretPlace};
use super::purpose::Purpose;
use super::translate;
use crate::catalogue::LiveGroup;
use crate::cloudflare::wire::{ApiPermissionGroup, Token};
use crate::cloudflare::{Client, Error, TokenList, TokenOwner};
use crate::plan::{AccountEntry, Directory, Live, Unresolved, Whose};
use crate::profile::{Owner, Profile};

/// What Cloudflare says of some owners.
pub struct Lookups {
    /// Per owner, what it has.
    pub owners: BTreeMap<TokenOwner, Owned>,
    /// Accounts, zones and the user.
    pub directory: Directory,
}

/// What one owner has.
pub struct Owned {
    /// Its tokens, as Cloudflare sent them.
    pub tokens: Vec<Token>,
    /// The same, as planning sees them.
    pub live: Vec<Live>,
    /// The names of tokens that could not be read: what concerns them is left alone.
    pub unreadable: Vec<String>,
    /// Whether these are all tokens: half a list is nothing to act on.
    pub is_whole: bool,
    /// The permission groups it may use; `None` where the bootstrap may not read the list. Asked only to make
    /// tokens.
    pub groups: Option<Vec<LiveGroup>>,
    /// The id of the bootstrap's own token, if it is one of these. Asked only to end tokens.
    pub own: Option<String>,
}

/// Why the look-ups are not complete.
#[derive(Debug)]
pub(super) enum LookupError {
    /// A request failed.
    Api(Error),
    /// The account that owns a profile's token is not known; by position of the profile.
    Owner(Vec<(usize, Unresolved)>),
}

impl From<Error> for LookupError {
    fn from(error: Error) -> Self {
        Self::Api(error)
    }
}

impl Lookups {
    /// What there is to know of one owner before tokens of it end.
    pub async fn of(client: &Client, owner: TokenOwner) -> Result<Self, Error> {
        let has = owned(client, &owner, Purpose::End).await?;
        let user = user_named_by(&has.live).filter(|_| owner == TokenOwner::User);
        let owners = BTreeMap::from([(owner, has)]);
        Ok(Self { owners, directory: Directory { user, ..Directory::default() } })
    }

    /// Whose tokens a profile's are; `None` where its account is not known.
    #[must_use]
    pub fn owner_of(&self, profile: &Profile) -> Option<TokenOwner> {
        owner(profile, &self.directory).ok()
    }
}

/// Asks whose secrets stand at the places of profiles whose owners are known.
pub(super) async fn ask(
    client: &Client,
    profiles: &[Profile],
    known: &Lookups,
    trial: Trial,
    places: &[Vec<SecretPlace>],
) -> Result<Vec<Vec<Whose>>, LookupError> {
    let owner_of = owners(profiles, &known.directory.accounts)?;
    Ok(ask_all(client, &owner_of, trial, places).await)
}

async fn ask_all(
    client: &Client,
    owner_of: &[TokenOwner],
    trial: Trial,
    places: &[Vec<SecretPlace>],
) -> Vec<Vec<Whose>> {
    join_all(owner_of.iter().zip(places).map(|(owner, places)| places::ask(client, owner, trial, places)))
        .await
}

/// Asks everything that these profiles need, and whose secrets stand at the places; the answers come in their order.
pub(super) async fn look(
    client: &Client,
    purpose: Purpose,
    profiles: &[Profile],
    trial: Trial,
    places: &[Vec<SecretPlace>],
) -> Result<(Lookups, Vec<Vec<Whose>>), LookupError> {
    let names = NamesToResolve::of(profiles, purpose);
    // The list of an account's tokens is under its id: an owner given by name must be known first.
    let early = if names.owner { Some(accounts(client).await?) } else { None };
    let owner_of = owners(profiles, early.as_deref().unwrap_or_default())?;
    let owners: BTreeSet<TokenOwner> = owner_of.iter().cloned().collect();

    let found_accounts = async {
        match early {
            Some(found) => Ok(found),
            None if names.needs_accounts() => accounts(client).await,
            None => Ok(Vec::new()),
        }
    };
    let directory = async {
        let found = try_join3(found_accounts, zones(client, &names.zones), user(client, names.user));
        let (accounts, mut zones, user) = found.await?;
        let (mistaken, mut unseen) = try_join(
            mistaken_zones(client, &names.account_ids, &accounts),
            unseen_zones(client, &names.zone_ids, &accounts),
        )
        .await?;
        zones.extend(mistaken);
        let is_account = |id: &&String| accounts.is_empty() || accounts.iter().any(|one| one.id == **id);
        unseen.extend(names.account_ids.iter().filter(|id| !is_account(id)).cloned());
        Ok::<_, Error>((accounts, zones, user, unseen))
    };
    let ((directory, workers), owned, whose) = join3(
        join(directory, workers(client, owners.iter().filter(|_| !names.workers.is_empty()))),
        try_join_all(owners.iter().map(|owner| owned(client, owner, purpose))),
        ask_all(client, &owner_of, trial, places),
    )
    .await;
    let ((accounts, zones, user, unseen), workers) = (directory?, workers?);
    let owners: BTreeMap<TokenOwner, Owned> = owners.into_iter().zip(owned?).collect();
    let user = user.or_else(|| user_named_by(&owners.get(&TokenOwner::User)?.live));
    Ok((Lookups { owners, directory: Directory { accounts, zones, workers, user, unseen } }, whose))
}

/// The owner of each profile's token, in the order of the profiles.
fn owners(profiles: &[Profile], accounts: &[AccountEntry]) -> Result<Vec<TokenOwner>, LookupError> {
    let directory = Directory { accounts: accounts.to_vec(), ..Directory::default() };
    let mut unresolved = Vec::new();
    let mut owners = Vec::new();
    for (position, profile) in profiles.iter().enumerate() {
        match owner(profile, &directory) {
            Ok(owner) => owners.push(owner),
            Err(error) => unresolved.push((position, error)),
        }
    }
    if unresolved.is_empty() { Ok(owners) } else { Err(LookupError::Owner(unresolved)) }
}

/// Whose tokens a profile's are.
pub(super) fn owner(profile: &Profile, directory: &Directory) -> Result<TokenOwner, Unresolved> {
    match &profile.owner {
        Owner::User => Ok(TokenOwner::User),
        Owner::Account(account) => directory.account(account).map(TokenOwner::Account),
    }
}

/// What an owner has, and, where tokens are to end, which of them is the bootstrap's own.
async fn owned(client: &Client, owner: &TokenOwner, purpose: Purpose) -> Result<Owned, Error> {
    let own = async { if purpose.makes() { Ok(None) } else { own_token(client, owner).await } };
    let (has, own) = join(seen(client, owner, purpose), own).await;
    Ok(Owned { own: own?, ..has? })
}

/// What an owner has.
pub(super) async fn seen(client: &Client, owner: &TokenOwner, purpose: Purpose) -> Result<Owned, Error> {
    let groups = async { if purpose.makes() { groups(client, owner).await } else { Ok(Some(Vec::new())) } };
    let (tokens, groups) = join(list(client, owner), groups).await;
    let Listing { tokens, live, unreadable, is_whole } = tokens?;
    Ok(Owned { tokens, live, unreadable, is_whole, groups: groups?, own: None })
}

/// An owner's tokens as they are listed now, expired ones too.
pub struct Listing {
    /// As Cloudflare sent them.
    pub tokens: Vec<Token>,
    /// As planning sees them.
    pub live: Vec<Live>,
    /// The names of those that could not be read.
    pub unreadable: Vec<String>,
    /// Whether these are all.
    pub is_whole: bool,
}

/// Lists an owner's tokens.
pub async fn list(client: &Client, owner: &TokenOwner) -> Result<Listing, Error> {
    let TokenList { tokens, unreadable, is_whole } = client.tokens(owner).await?;
    let live = tokens.iter().map(translate::live).collect();
    let unreadable = unreadable.into_iter().filter_map(|row| row.name).collect();
    Ok(Listing { tokens, live, unreadable, is_whole })
}

/// The permission groups that an owner may use; `None` where the bootstrap may not read the list.
pub async fn groups(client: &Client, owner: &TokenOwner) -> Result<Option<Vec<LiveGroup>>, Error> {
    match client.permission_groups(owner).await {
        Ok(groups) => Ok(Some(groups.into_iter().map(live_group).collect())),
        Err(error) if error.refusal().is_some() => Ok(None),
        Err(error) => Err(error),
    }
}

/// A permission group as the catalogue takes it.
pub(super) fn live_group(group: ApiPermissionGroup) -> LiveGroup {
    LiveGroup { id: group.id, name: group.name, scopes: group.scopes, is_selectable: group.is_selectable }
}

/// A bootstrap that may not read `/user` still sees tokens whose policies name the user, its own among them.
pub(super) fn user_named_by(tokens: &[Live]) -> Option<String> {
    use crate::catalogue::Resource;
    let policies = tokens.iter().flat_map(|token| &token.policies);
    policies.flat_map(|policy| &policy.resources).find_map(|resource| match resource {
        Resource::User(id) => Some(id.clone()),
        _ => None,
    })
}
