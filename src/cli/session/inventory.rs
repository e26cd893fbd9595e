//! The live tokens of one owner, each with the profile it belongs to: what `list` and `audit` look at.
//!
//! In: an owner, and profiles where some are named. Out: every token, in the order of their names, with what an audit
//! finds about it. Nothing is written, and no profile is read that was not named.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};

use crate::catalogue::Catalogue;
use crate::cli::failure::Failure;
use crate::cli::failure::command_line::ProfileArguments;
use crate::cli::options::{ChoiceArgs, InventoryArgs, ProfileArgs};
use crate::cli::output::describe::Names;
use crate::cli::output::rows::{FindingRow, InventoryRows, ListedRow, QuotaRow, TokenRow};
use crate::cli::session::context::Context;
use crate::cli::session::interrupt::unless_interrupted;
use crate::cli::session::load::{Unchosen, load};
use crate::cli::session::loaded::Loaded;
use crate::cli::session::owner::owner;
use crate::cli::session::workspace::Workspace;
use crate::cloudflare::wire::timestamp;
use crate::cloudflare::{Client, TokenOwner};
use crate::lifecycle::{
    AuditContext, Finding, GenerationState, Measure, Membership, OpenFile, ProfileIndex, Role, audit,
    generation_state,
};
use crate::plan::{Directory, Live, Wanted, generations};
use crate::profile::{
    Diagnostic, DiagnosticCode, Owner, Position, Profile, Reference, Severity, SinkSpec, Unset,
};
use crate::sink::{Root, shell_word};
use crate::survey::{Inspection, accounts, inspect};
use crate::text::one_line;
use crate::world::{EntryKind, World};

/// Every token of an owner.
pub(in crate::cli) struct Inventory {
    pub(in crate::cli) owner: TokenOwner,
    pub(in crate::cli) tokens: Vec<Listed>,
    pub(in crate::cli) directory: Directory,
    pub(in crate::cli) catalogue: Catalogue,
    /// What paths of profiles are relative to in a report that leaves this machine.
    pub(in crate::cli) root: Root,
    /// What they are relative to here.
    pub(in crate::cli) folder: PathBuf,
    pub(in crate::cli) now: DateTime<Utc>,
}

/// A live token and what is known around it.
pub(in crate::cli) struct Listed {
    pub(in crate::cli) live: Live,
    pub(in crate::cli) role: Role,
    /// Where it belongs, among the profiles that were named.
    pub(in crate::cli) place: Option<ProfilePlace>,
    pub(in crate::cli) life: Life,
    pub(in crate::cli) findings: Vec<Finding>,
}

/// How far a token is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Life {
    /// It is the one in force.
    InForce,
    /// A run that made it did not finish.
    Pending,
    /// It was left beside the one in force.
    Left,
    /// A successor is in force, and it is about to end.
    Retiring,
    /// It is dead, and has a successor.
    Succeeded,
    /// It is dead, and all of its name are.
    Over,
    /// It was made for one command.
    OfCommand,
}

/// A profile in an environment, as a place in a file.
pub(in crate::cli) struct ProfilePlace {
    pub(in crate::cli) profile: Profile,
    pub(in crate::cli) environment: Option<String>,
}

impl ProfilePlace {
    /// Its path and environment, as the arguments of a command.
    pub(in crate::cli) fn arguments(&self) -> ProfileArguments {
        ProfileArguments { path: self.profile.source.path.clone(), environment: self.environment.clone() }
    }

    /// Its path and environment.
    pub(in crate::cli) fn named(&self) -> String {
        self.arguments().words()
    }

    /// Whether the profile was resolved for this environment itself, and not for an example of its pattern.
    pub(in crate::cli) fn is_exact(&self) -> bool {
        self.environment == self.profile.environment
    }

    /// The same for a table, without the folder.
    pub(in crate::cli) fn shown(&self) -> String {
        let named = self.named();
        named.rsplit_once('/').map_or(named.clone(), |(_, file)| file.to_owned())
    }

    /// Where the profile says its name.
    pub(in crate::cli) fn position(&self) -> Position {
        self.profile.source.position(self.profile.name.span.start)
    }
}

impl Inventory {
    /// How many tokens there can be.
    pub(in crate::cli) fn limit(&self) -> usize {
        self.owner.quota()
    }

    /// How many tokens there are that are not over.
    pub(in crate::cli) fn used(&self) -> usize {
        self.tokens.iter().filter(|token| token.live.is_alive(self.now)).count()
    }

    /// Whose they are and how many, in a line.
    pub(in crate::cli) fn title(&self) -> String {
        let owner = self.names().owner(&self.owner);
        // A bootstrap may be one that sees only the tokens it made: the list is all that is known.
        format!("Tokens of {owner} that this bootstrap sees: {} of {}", self.used(), self.limit())
    }

    pub(in crate::cli) fn names(&self) -> Names<'_> {
        Names { directory: &self.directory, catalogue: Some(&self.catalogue) }
    }

    /// Everything for JSON, with what is said about the findings of each.
    pub(in crate::cli) fn rows(&self, findings: impl Fn(&Listed) -> Vec<FindingRow>) -> InventoryRows {
        let row = |listed: &Listed| ListedRow {
            token: TokenRow::new(&self.owner, &listed.live),
            last_used_on: listed.live.last_used_on.map(timestamp),
            profile: listed.place.as_ref().map(|place| place.profile.source.path.clone()),
            environment: listed.place.as_ref().and_then(|place| place.environment.clone()),
            mark: listed.live.marked.as_ref().map(|marked| marked.mark.to_string()),
            bootstrap: listed.role == Role::Bootstrap,
            findings: findings(listed),
        };
        InventoryRows {
            quota: Some(QuotaRow { used: self.used(), limit: self.limit() }),
            tokens: self.tokens.iter().map(row).collect(),
        }
    }
}

/// Takes the inventory. On failure the problems are in the report, and the exit code is returned.
pub(in crate::cli) async fn take(
    context: &mut Context<'_>,
    arguments: &InventoryArgs,
    unused_for: TimeDelta,
) -> Result<Inventory, Failure> {
    context.report.inventory(InventoryRows::default());
    context.about(arguments.account.as_ref());
    let (profiles, clarity) = read(context, arguments)?;
    let Workspace { root, connection, .. } = Workspace::open(context, &arguments.connection).await?;
    let asked = unless_interrupted(context, ask(&connection.client, arguments, &profiles)).await??;
    for note in &asked.notes {
        context.screen.note(note);
    }
    let world = &**context.world;
    let now = connection.client.server_time().unwrap_or_else(|| world.now());
    Ok(asked.inventory(world, root, (&profiles, clarity), unused_for, now))
}

/// The profiles in all their environments. A variable without a value is no error: it leaves a name unknown.
fn read(context: &mut Context<'_>, arguments: &InventoryArgs) -> Result<(Loaded, Clarity), Failure> {
    let choice = ChoiceArgs {
        features: arguments.features.clone(),
        variables: arguments.variables.clone(),
        ..ChoiceArgs::default()
    };
    let wanted = ProfileArgs { profiles: arguments.profiles.clone(), choice };
    let mut loaded = load(&**context.world, &wanted, Unchosen::Every, Unset::Note);
    // What `check` has to say about a profile is its own affair.
    loaded.diagnostics.retain(|found| found.severity == Severity::Error || is_unset(found));
    let clarity = match loaded.diagnostics.iter().any(is_unset) {
        _ if arguments.profiles.is_empty() => Clarity::Unasked,
        true => Clarity::Unclear,
        false => Clarity::Clear,
    };
    Ok((loaded.accept(context)?, clarity))
}

fn is_unset(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == DiagnosticCode::UnsetVariable
}

/// How far it is known which names the tokens of the profiles have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clarity {
    /// No profile was named.
    Unasked,
    /// A variable without a value leaves a name unknown.
    Unclear,
    /// All names are known.
    Clear,
}

/// What Cloudflare said.
struct InspectedTokens<'a> {
    owner: TokenOwner,
    /// The profiles of this owner.
    profiles: Vec<&'a Profile>,
    found: Inspection,
    notes: Vec<String>,
}

async fn ask<'a>(
    client: &Client,
    arguments: &InventoryArgs,
    loaded: &'a Loaded,
) -> Result<InspectedTokens<'a>, Failure> {
    let owner = owner(client, arguments.account.as_deref()).await?;
    let is_name = |profile: &Profile| matches!(&profile.owner, Owner::Account(account) if matches!(account.value, Reference::Name(_)));
    let accounts = match &owner {
        TokenOwner::Account(_) if loaded.profiles.iter().any(is_name) => accounts(client).await,
        _ => Ok(Vec::new()),
    };
    let accounts = accounts?;
    let directory = Directory { accounts, ..Directory::default() };
    let is_of_owner = |profile: &&Profile| match (&profile.owner, &owner) {
        (Owner::User, TokenOwner::User) => true,
        (Owner::Account(written), TokenOwner::Account(id)) => {
            directory.account(written).is_ok_and(|named| named == *id)
        }
        _ => false,
    };
    let (profiles, others): (Vec<&Profile>, Vec<&Profile>) = loaded.profiles.iter().partition(is_of_owner);
    let found = inspect(client, &owner, &profiles).await?;
    let notes = left_out(&others).into_iter().chain(not_listed(&found)).collect();
    Ok(InspectedTokens { owner, profiles, found, notes })
}

/// What the list does not show.
fn not_listed(found: &Inspection) -> Vec<String> {
    let cut_off = (!found.owned.is_whole)
        .then(|| format!("the list was cut off after {} tokens: there are more", found.owned.tokens.len()));
    let unreadable = found.owned.unreadable.iter();
    let unreadable =
        unreadable.map(|name| format!("{} is listed in a form that cannot be read", one_line(name)));
    cut_off.into_iter().chain(unreadable).collect()
}

/// Profiles whose tokens are not among these, by owner.
fn left_out(others: &[&Profile]) -> Vec<String> {
    let mut files: BTreeMap<Option<&str>, BTreeSet<&str>> = BTreeMap::new();
    for profile in others {
        let owner = match &profile.owner {
            Owner::User => None,
            Owner::Account(account) => Some(account.value.text()),
        };
        files.entry(owner).or_default().insert(&profile.source.path);
    }
    let note = |(owner, files): (Option<&str>, BTreeSet<&str>)| {
        let files = match files.first() {
            Some(file) if files.len() == 1 => format!("{file} is left out: its tokens are"),
            _ => format!("{} profiles are left out: their tokens are", files.len()),
        };
        match owner {
            None => format!("{files} your user's, seen without --account"),
            Some(account) => {
                format!("{files} an account's, seen with --account {}", shell_word(account.as_ref()))
            }
        }
    };
    files.into_iter().map(note).collect()
}

impl InspectedTokens<'_> {
    fn inventory(
        self,
        world: &dyn World,
        root: Root,
        (loaded, clarity): (&Loaded, Clarity),
        unused_for: TimeDelta,
        now: DateTime<Utc>,
    ) -> Inventory {
        let Self { owner, profiles, found, .. } = self;
        let Inspection { owned, bootstrap, directory, catalogue, wanted } = found;
        let wanted: Vec<Result<Wanted, String>> = wanted.into_iter().map(why).collect();
        let profile_index = ProfileIndex::new(profiles.iter().copied(), &loaded.shapes);
        let measure = Measure { unused_for, catalogue: &catalogue, directory: &directory, now };
        let look = |live: &Live| {
            let alone = [live];
            let generations = match &live.marked {
                Some(marked) => generations(&marked.name, &owned.live),
                None => alone.to_vec(),
            };
            let belonging = profile_index.find(live);
            let overlap = belonging.as_ref().map(|belonging| belonging.profile.overlap());
            let state = generation_state(live, &generations, overlap, now);
            let place = belonging.as_ref().map(|belonging| ProfilePlace {
                profile: belonging.profile.clone(),
                environment: belonging.environment.clone(),
            });
            let open_files = match &place {
                Some(place) if state == GenerationState::InForce => open_files(world, &root, place),
                _ => Vec::new(),
            };
            let position = belonging.as_ref().and_then(|belonging| {
                profiles.iter().position(|profile| std::ptr::eq(*profile, belonging.profile))
            });
            let membership = match (belonging, position.and_then(|position| wanted.get(position))) {
                (Some(belonging), Some(wanted)) => {
                    Membership::In { belonging, wanted: wanted.as_ref().map_err(String::as_str) }
                }
                _ if clarity == Clarity::Unasked => Membership::Unasked,
                _ if clarity == Clarity::Unclear => Membership::Unclear,
                _ => Membership::Nowhere,
            };
            let role = if bootstrap.as_ref() == Some(&live.id) { Role::Bootstrap } else { Role::Other };
            let around =
                AuditContext { role, generations: &generations, membership, open_files: &open_files };
            let findings = audit(live, &around, &measure);
            Listed { live: live.clone(), role, place, life: life(state), findings }
        };
        let mut tokens: Vec<Listed> = owned.live.iter().map(look).collect();
        tokens.sort_by_cached_key(|listed| {
            let live = &listed.live;
            let name = live.marked.as_ref().map_or(&live.name, |marked| &marked.name);
            // Two of one second, as after a rotation right upon another: the one on its way out ends first.
            let end = live.expires_on.unwrap_or(DateTime::<Utc>::MAX_UTC);
            (name.to_lowercase(), live.issued_on, end, live.id.clone())
        });
        // The root is a real folder; so must be what is told relative to it.
        let folder = world.real_path(world.folder()).unwrap_or_else(|_| world.folder().to_owned());
        Inventory { owner, tokens, directory, catalogue, root, folder, now }
    }
}

fn life(state: GenerationState<'_>) -> Life {
    match state {
        GenerationState::InForce => Life::InForce,
        GenerationState::Pending => Life::Pending,
        GenerationState::Left { .. } => Life::Left,
        GenerationState::Retiring => Life::Retiring,
        GenerationState::Succeeded => Life::Succeeded,
        GenerationState::Over => Life::Over,
        GenerationState::OfCommand => Life::OfCommand,
    }
}

/// What a profile asks for, or the first reason why that cannot be known.
fn why(wanted: Result<Wanted, Vec<Diagnostic>>) -> Result<Wanted, String> {
    wanted.map_err(|diagnostics| {
        diagnostics.into_iter().next().map_or_else(String::new, |diagnostic| diagnostic.message)
    })
}

/// The env files of a profile that others than their owner can read. No content is looked at.
fn open_files(world: &dyn World, root: &Root, place: &ProfilePlace) -> Vec<OpenFile> {
    // The sinks of a pattern's example are not those of another environment.
    if !place.is_exact() {
        return Vec::new();
    }
    let files = place.profile.sinks.iter().filter_map(SinkSpec::file);
    let files = files.map(|file| (&file.path.value, file.mode.as_ref().map_or(0o600, |mode| mode.value)));
    let open = files.filter_map(|(path, mode)| {
        let real = world.real_path(&root.folder.join(path)).ok()?;
        let entry = world.look(&real).ok()??;
        let is_open = entry.kind == EntryKind::File && entry.mode & 0o077 & !mode != 0;
        is_open.then(|| OpenFile { shown: path.display().to_string(), mode: entry.mode })
    });
    open.collect()
}
