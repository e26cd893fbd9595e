//! What an owner has, beside what its profiles ask for: for looking, not for acting. Sinks are no matter here, and a
//! profile that cannot be understood now is no error: why is told in its place.

use futures_util::future::{join, try_join3, try_join5};

use super::lookups::{Owned, seen, user_named_by};
use super::names::{NamesToResolve, accounts, all_zones, user, workers, zones};
use super::own_token::own_token;
use super::purpose::Purpose;
use super::surveyor::{catalogue, wanted};
use crate::catalogue::Catalogue;
use crate::cloudflare::{Client, Error, TokenOwner};
use crate::plan::{Directory, Wanted};
use crate::profile::{Diagnostic, Profile};

/// One owner, as the bootstrap sees it.
pub struct Inspection {
    /// Its tokens and permission groups.
    pub owned: Owned,
    /// The id of the bootstrap, if it is one of these tokens.
    pub bootstrap: Option<String>,
    /// Accounts, zones and the user, as far as they are needed.
    pub directory: Directory,
    /// The permission groups' names.
    pub catalogue: Catalogue,
    /// What each profile asks for, in their order, or what is wrong with it.
    pub wanted: Vec<Result<Wanted, Vec<Diagnostic>>>,
}

/// Asks Cloudflare for an owner's tokens and for what these profiles of that owner name, all at once.
pub async fn inspect(
    client: &Client,
    owner: &TokenOwner,
    profiles: &[&Profile],
) -> Result<Inspection, Error> {
    let names = NamesToResolve::of(profiles.iter().copied(), Purpose::Make);
    // Without profiles there is nothing to compare, and the groups' names come with the tokens.
    let purpose = if profiles.is_empty() { Purpose::End } else { Purpose::Make };
    let found = try_join5(
        seen(client, owner, purpose),
        accounts(client),
        zones(client, &names.zones),
        user(client, names.user),
        workers(client, std::iter::once(owner).filter(|_| !names.workers.is_empty())),
    );
    let (found, own) = join(found, own_token(client, owner)).await;
    let (has, accounts, zones, user, workers) = found?;
    let bootstrap = match own {
        Ok(own) => own,
        // What it is cannot be told; nothing is deleted here.
        Err(error) if error.refusal().is_some() => None,
        Err(error) => return Err(error),
    };
    let user = user.or_else(|| user_named_by(&has.live));
    let directory = Directory { accounts, zones, workers, user, ..Directory::default() };
    let catalogue = catalogue(has.groups.clone());
    let wanted =
        profiles.iter().map(|profile| wanted(profile, &catalogue, &directory).map(|(wanted, _)| wanted));
    let wanted = wanted.collect();
    Ok(Inspection { owned: has, bootstrap, directory, catalogue, wanted })
}

/// What a token sees of the names of a profile, and of everything where there is none: asked with the token itself, since
/// nobody else says what it may do.
pub async fn seen_by_itself(client: &Client, profile: Option<&Profile>) -> Result<Directory, Error> {
    let names = NamesToResolve::of(profile, Purpose::Make);
    let zones =
        async { if profile.is_some() { zones(client, &names.zones).await } else { all_zones(client).await } };
    let (accounts, zones, user) = try_join3(accounts(client), zones, user(client, names.user)).await?;
    Ok(Directory { accounts, zones, user, ..Directory::default() })
}

/// What a profile asks for by names that are known already, its permissions as the embedded catalogue has them.
pub fn wanted_by(profile: &Profile, directory: &Directory) -> Result<Wanted, Vec<Diagnostic>> {
    wanted(profile, Catalogue::embedded(), directory).map(|(wanted, _)| wanted)
}
