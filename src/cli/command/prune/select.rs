//! What would go: profiles read, tokens listed, the rules applied.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::PruneArgs;
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::problem::Problem;
use crate::cli::options::{ChoiceArgs, ProfileArgs};
use crate::cli::session::context::Context;
use crate::cli::session::interrupt::unless_interrupted;
use crate::cli::session::load::{Unchosen, load};
use crate::cli::session::loaded::Loaded;
use crate::cli::session::owner::owner;
use crate::cli::session::workspace::Workspace;
use crate::cloudflare::TokenOwner;
use crate::custody::CustodyError;
use crate::lifecycle::{self, Among, ProfileIndex, PruneRule, Reason, pick};
use crate::plan::{self, ClockReading, Live, Mark, Phase, RUN_WINDOW};
use crate::profile::{Profile, Severity, Unset};
use crate::sink::FixGitignore;
use crate::survey::{Lookups, Purpose, Surveyor};
use crate::world::World;

/// What there is, and what would go.
pub(super) struct Selected {
    /// When, by the server's clock where it is known: it stamped the tokens' times, and a machine whose clock is
    /// ahead must not take them for old.
    pub(super) now: DateTime<Utc>,
    /// What the owners have.
    pub(super) known: Lookups,
    /// The profiles of what would go, each in the environment of a token.
    pub(super) profiles: Vec<Profile>,
    /// What would go.
    pub(super) doomed: Vec<Doomed>,
    /// What meets the rules and stays, and why.
    pub(super) spared: Vec<(Doomed, Spared)>,
}

/// A token that meets every rule.
pub(super) struct Doomed {
    pub(super) owner: TokenOwner,
    pub(super) live: Live,
    pub(super) why: Vec<Reason>,
    /// Its profile's file and its environment, where profiles are given.
    pub(super) home: Option<Home>,
}

/// A profile's file and an environment.
pub(super) type Home = (String, Option<String>);

/// Why a token stays that meets the rules.
#[derive(Clone, Copy)]
pub(super) enum Spared {
    /// It is the bootstrap itself.
    Bootstrap,
    /// A run may be under way that made it.
    Young,
    /// It is a command's, which may be under way; it ends by itself.
    Command,
}

impl Doomed {
    /// Whether this profile, in its environment, is the token's own.
    pub(super) fn is_of(&self, profile: &Profile, owner: Option<&TokenOwner>) -> bool {
        let is_home =
            |(path, environment): &Home| profile.source.path == *path && profile.environment == *environment;
        self.home.as_ref().is_some_and(is_home)
            && self.live.marked.as_ref().is_some_and(|marked| marked.name == profile.name.value)
            && owner == Some(&self.owner)
    }
}

impl Selected {
    /// The profile of a token, in the token's own environment; `None` where that is not known.
    pub(super) fn profile(&self, doomed: &Doomed) -> Option<&Profile> {
        let is_its = |profile: &&Profile| doomed.is_of(profile, self.known.owner_of(profile).as_ref());
        self.profiles.iter().find(is_its)
    }
}

/// The profiles given, in every environment unless some are chosen.
pub(super) fn profiles(context: &mut Context<'_>, arguments: &PruneArgs) -> Result<Loaded, Failure> {
    let given = ProfileArgs { profiles: arguments.profiles.clone(), choice: arguments.choice.clone() };
    let mut loaded = load(&**context.world, &given, Unchosen::Every, Unset::Error);
    // What `check` has to say about a profile is its own affair.
    loaded.diagnostics.retain(|found| found.severity == Severity::Error);
    let mut loaded = loaded.accept(context)?;
    // An environment that is chosen by name must not stand for all of its pattern.
    if arguments.choice.all_envs {
        let shapes = std::mem::take(&mut loaded.shapes);
        loaded.profiles.retain(|profile| {
            !shapes.iter().any(|shape| {
                shape.source.path == profile.source.path
                    && profile.environment.as_ref() == Some(&shape.example)
            })
        });
    } else if !arguments.choice.environments.is_empty() {
        loaded.shapes.clear();
    }
    Ok(loaded)
}

/// What a run looks with.
pub(super) fn surveyor<'a>(world: &'a dyn World, workspace: &'a Workspace) -> Surveyor<'a> {
    workspace.surveyor(world, Purpose::End, FixGitignore::Refuse)
}

/// Lists and picks. No secret is used to ask who owns it: that would count as a use.
pub(super) async fn select(
    context: &mut Context<'_>,
    workspace: &Workspace,
    own: &BTreeSet<Mark>,
    loaded: &Loaded,
    arguments: &PruneArgs,
) -> Result<Selected, Failure> {
    let world = context.world;
    let surveyor = surveyor(&**world, workspace);
    let known = unless_interrupted(context, known(&surveyor, loaded, arguments)).await??;
    let machine = world.now();
    let now = workspace.connection.client.server_time().unwrap_or(machine);
    if let Some(refused) = unfit(&known, ClockReading { now, machine }, &rules(arguments)) {
        return Err(CustodyError::Refused(refused).into());
    }
    let (mut doomed, mut spared) = (Vec::new(), Vec::new());
    for (owner, owned) in &known.owners {
        let own_profiles =
            || loaded.profiles.iter().filter(|profile| known.owner_of(profile).as_ref() == Some(owner));
        let among = match &arguments.name {
            Some(shape) => Among::Unmarked(shape),
            None if arguments.profiles.is_empty() => Among::Marked,
            None => Among::Profiles(ProfileIndex::new(own_profiles(), &loaded.shapes)),
        };
        let picked = pick(&owned.live, &among, &rules(arguments), owned.own.as_deref(), now);
        let found = |one: lifecycle::PruneCandidate<'_>| Doomed {
            owner: owner.clone(),
            live: one.live.clone(),
            why: one.why,
            home: one.belonging.map(|found| (found.profile.source.path.clone(), found.environment)),
        };
        let in_use = |live: &Live| {
            let is_own = live.marked.as_ref().is_some_and(|marked| own.contains(&marked.mark));
            let is_recent = live.issued_on.is_none_or(|at| now - at < RUN_WINDOW);
            match live.phase()? {
                phase if phase.is_pending() && is_recent && !is_own => Some(Spared::Young),
                Phase::Exec if live.is_alive(now) && !is_own => Some(Spared::Command),
                _ => None,
            }
        };
        spared.extend(picked.bootstrap.map(|one| (found(one), Spared::Bootstrap)));
        for one in picked.candidates.into_iter().map(found) {
            match in_use(&one.live) {
                Some(why) => spared.push((one, why)),
                None => doomed.push(one),
            }
        }
    }
    let homes: BTreeSet<&Home> = doomed.iter().filter_map(|doomed| doomed.home.as_ref()).collect();
    let mut profiles = at_home(context, loaded, &arguments.choice, &homes);
    // An owner that depends on the environment may be one that nobody knew to look up.
    profiles.retain(|profile| known.owner_of(profile).is_some());
    Ok(Selected { now, known, profiles, doomed, spared })
}

/// Why nothing can be told from the lists: one is not whole, or the time is not known by which tokens are old.
fn unfit(known: &Lookups, clock: ClockReading, rules: &[PruneRule]) -> Option<plan::Refused> {
    let cut_off = known.owners.values().find(|owned| !owned.is_whole);
    let goes_by_time = rules.iter().any(|rule| !matches!(rule, PruneRule::Environments(_)));
    cut_off
        .map(|owned| plan::Refused::ListCutOff { read: owned.tokens.len() })
        .or_else(|| clock.doubt().filter(|_| goes_by_time))
}

/// What the owners have whose tokens are looked at: those of the profiles, or the one that is named.
async fn known(surveyor: &Surveyor<'_>, loaded: &Loaded, arguments: &PruneArgs) -> Result<Lookups, Failure> {
    let client = surveyor.client;
    let account = arguments.account.as_deref();
    if arguments.profiles.is_empty() {
        let owner = owner(client, account).await?;
        return Ok(Lookups::of(client, owner).await?);
    }
    let mut known = surveyor.known(&loaded.profiles).await?;
    if let Some(account) = account {
        let only = owner(client, Some(account)).await?;
        known.owners.retain(|owner, _| *owner == only);
        if known.owners.is_empty() {
            let message = format!("none of these profiles' tokens belong to the account `{account}`");
            let hint = "omit --account: the profiles say who owns their tokens";
            return Err(Problem::new(Code::UsageAccount, message, hint).into());
        }
    }
    Ok(known)
}

fn rules(arguments: &PruneArgs) -> Vec<PruneRule> {
    let PruneArgs { unused_for, older_than, expired, shape, .. } = arguments;
    let rules = [
        shape.clone().map(PruneRule::Environments),
        older_than.map(PruneRule::OlderThan),
        unused_for.map(PruneRule::UnusedFor),
        expired.then_some(PruneRule::Expired),
    ];
    rules.into_iter().flatten().collect()
}

/// The profiles of these homes. An environment that only a pattern names is resolved now: before the tokens were
/// listed, nobody knew it. One that cannot be resolved has no sinks that are known.
fn at_home(
    context: &Context<'_>,
    loaded: &Loaded,
    choice: &ChoiceArgs,
    homes: &BTreeSet<&Home>,
) -> Vec<Profile> {
    let is_named = |(path, environment): &Home| {
        let is_it = |profile: &&Profile| profile.source.path == *path && profile.environment == *environment;
        loaded.profiles.iter().find(is_it)
    };
    let mut profiles = Vec::new();
    let mut others: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for home in homes {
        match (is_named(home), home) {
            (Some(profile), _) => profiles.push(profile.clone()),
            (None, (path, Some(environment))) => others.entry(path).or_default().push(environment.clone()),
            (None, (_, None)) => {}
        }
    }
    for (path, environments) in others {
        let choice = ChoiceArgs { environments, all_envs: false, ..choice.clone() };
        let given = ProfileArgs { profiles: vec![PathBuf::from(path)], choice };
        profiles.extend(load(&**context.world, &given, Unchosen::Refuse, Unset::Error).profiles);
    }
    profiles
}
