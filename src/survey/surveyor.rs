//! Profiles -> a survey: locates, guards and reads the sinks, then asks Cloudflare all there is to ask at once. Writes
//! nothing but, where asked to, lines of `.gitignore`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::context::DeliveryContext;
use super::identify::Trial;
use super::lookups::{LookupError, Lookups, Owned, ask, look, owner};
use super::places::{SecretPlace, SurveyedSink, places, protect_real, settle_pairs, views};
use super::purpose::Purpose;
use super::requirements::{lacking, shared_variables, undelivered};
use super::survey::{Job, Survey};
use crate::catalogue::{Catalogue, LiveGroup, resolve_all};
use crate::cloudflare::{self, Client, TokenOwner};
use crate::plan::{self, ClockReading, Directory, Wanted, Whose, unseen};
use crate::profile::{Diagnostic, Profile, Severity, SinkValue};
use crate::sink::{FixGitignore, Guarded, Root, SecretFile, Sink, SinkError, guard, locate};
use crate::world::World;

/// What a survey must be made with.
pub struct Surveyor<'a> {
    /// The machine.
    pub world: &'a dyn World,
    /// Cloudflare.
    pub client: &'a Client,
    /// What relative sink paths start from.
    pub root: &'a Root,
    /// The state folder, in which no sink may lie.
    pub state_folder: &'a Path,
    /// Whether real values must be left alone.
    pub trial: Trial,
    /// Whether lines may be added to `.gitignore`.
    pub fix: FixGitignore,
    /// What it is for.
    pub purpose: Purpose,
}

/// Why the survey is not complete, and nothing may be done.
#[derive(Debug)]
pub enum SurveyError {
    /// Sinks that cannot be used.
    Sinks(Vec<SinkError>),
    /// A request failed.
    Api(cloudflare::Error),
    /// Names that lead nowhere, permissions that do not exist.
    Profiles(Vec<Diagnostic>),
    /// The bootstrap belongs to an account, and these profiles want tokens of a user.
    AccountBootstrap,
}

impl From<cloudflare::Error> for SurveyError {
    fn from(error: cloudflare::Error) -> Self {
        Self::Api(error)
    }
}

impl Surveyor<'_> {
    /// Locates, guards and reads the sinks, then asks Cloudflare all there is to ask at once.
    pub async fn survey(&self, profiles: Vec<Profile>) -> Result<Survey, SurveyError> {
        self.bootstrap_fits(&profiles)?;
        let looked_at = self.world.uptime();
        let read = self.read_sinks(profiles)?;
        let looked = look(self.client, self.purpose, &read.profiles, self.trial, &read.places).await;
        let (known, whose) = looked.map_err(|error| failed(error, &read.profiles))?;
        self.put_together(read, known, whose, looked_at)
    }

    /// What the owners of these profiles have, for those who choose among it first; no sink is looked at.
    pub async fn known(&self, profiles: &[Profile]) -> Result<Lookups, SurveyError> {
        self.bootstrap_fits(profiles)?;
        let looked = look(self.client, self.purpose, profiles, self.trial, &[]).await;
        looked.map(|(known, _)| known).map_err(|error| failed(error, profiles))
    }

    /// The survey of profiles whose owners' tokens are known: only their sinks are looked at.
    pub async fn survey_knowing(
        &self,
        profiles: Vec<Profile>,
        known: Lookups,
    ) -> Result<Survey, SurveyError> {
        let looked_at = self.world.uptime();
        let read = self.read_sinks(profiles)?;
        let asked = ask(self.client, &read.profiles, &known, self.trial, &read.places).await;
        let whose = asked.map_err(|error| failed(error, &read.profiles))?;
        self.put_together(read, known, whose, looked_at)
    }

    fn read_sinks(&self, profiles: Vec<Profile>) -> Result<Read, SurveyError> {
        let (sinks, guarded) = self.sinks(&profiles)?;
        let mut seen = Vec::new();
        let mut errors = Vec::new();
        for of_profile in sinks {
            let read = of_profile.into_iter().map(|sink| SurveyedSink::read(self.world, sink));
            let (read, failed): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
            seen.push(read.into_iter().filter_map(Result::ok).collect::<Vec<SurveyedSink>>());
            errors.extend(failed.into_iter().filter_map(Result::err));
        }
        if !errors.is_empty() {
            return Err(SurveyError::Sinks(errors));
        }
        let places = seen.iter().map(|seen| places(seen)).collect();
        Ok(Read { profiles, seen, guarded, places })
    }

    fn put_together(
        &self,
        read: Read,
        known: Lookups,
        whose: Vec<Vec<Whose>>,
        looked_at: Duration,
    ) -> Result<Survey, SurveyError> {
        let Read { profiles, seen, guarded, places } = read;
        let Lookups { owners, directory } = known;
        let catalogues = if self.purpose.makes() {
            let known =
                |(owner, owned): (&TokenOwner, &Owned)| (owner.clone(), catalogue(owned.groups.clone()));
            owners.iter().map(known).collect()
        } else {
            BTreeMap::new()
        };
        let machine = self.world.now();
        let clock = ClockReading { now: self.client.server_time().unwrap_or(machine), machine };
        let (purpose, notes) = (self.purpose, Vec::new());
        let jobs = Vec::new();
        let mut survey =
            Survey { jobs, owners, directory, catalogues, guarded, purpose, notes, clock, looked_at };

        let mut errors = Vec::new();
        let each = profiles.into_iter().zip(seen).zip(places).zip(whose);
        for (((profile, seen), places), whose) in each {
            match survey.wanted(&profile, self.purpose) {
                Ok((owner, wanted)) => {
                    // Found out now, a sink that asks for what there is not costs no token.
                    let asked: Vec<SinkValue> = match self.purpose {
                        Purpose::Make => seen.iter().flat_map(|seen| seen.sink.values()).collect(),
                        Purpose::Command => profile.command_variables().into_values().collect(),
                        Purpose::End => Vec::new(),
                    };
                    lacking(asked, &wanted).map_err(SurveyError::Sinks)?;
                    let context = context(&profile, (seen, places), owner, &wanted);
                    let job = self.job(&survey, profile, context, wanted, whose);
                    survey.jobs.push(Arc::new(job.map_err(|error| SurveyError::Sinks(vec![error]))?));
                }
                Err(diagnostics) => errors.extend(diagnostics),
            }
        }
        if errors.is_empty() { Ok(survey) } else { Err(SurveyError::Profiles(errors)) }
    }

    /// A job, with what planning sees of its places.
    fn job(
        &self,
        survey: &Survey,
        profile: Profile,
        mut context: DeliveryContext,
        wanted: Wanted,
        mut whose: Vec<Whose>,
    ) -> Result<Job, SinkError> {
        let owned = survey.owners.get(&context.owner);
        let live = owned.map_or(&[][..], |owned| &owned.live);
        let known: Vec<&str> = live.iter().map(|token| token.id.as_str()).collect();
        settle_pairs(&context.places, &mut whose, self.trial, &known);
        if self.trial == Trial::Yes && self.purpose == Purpose::Make {
            let should = |value: SinkValue| match value {
                SinkValue::AccountId => wanted.account.clone(),
                SinkValue::ZoneId => wanted.zone.clone(),
                _ => None,
            };
            let DeliveryContext { sinks, places, .. } = &mut context;
            protect_real(sinks, places, &mut whose, &known, should);
        }
        let generations = plan::generations(&wanted.name, live);
        let current = plan::current(&generations, survey.clock.now)
            .and_then(|live| survey.token(&context.owner, &live.id));
        // What ends need not hold the right values first.
        let current = current.filter(|_| self.purpose == Purpose::Make);
        let secret = current.and_then(|token| context.held(whose.iter(), &token.id));
        let mut stale = Vec::new();
        for (place, whose) in context.places.iter().zip(&whose) {
            let is_stale = match current {
                Some(token) => context.is_stale(place, whose, token, secret)?,
                None => false,
            };
            stale.push(is_stale);
        }
        let views = views(&context.sinks, &context.places, &whose, &stale);
        Ok(Job { profile, context, views, wanted })
    }

    fn bootstrap_fits(&self, profiles: &[Profile]) -> Result<(), SurveyError> {
        let of_account = matches!(self.client.credential(), cloudflare::Credential::Token(token)
            if cloudflare::SecretKind::of(token) == cloudflare::SecretKind::AccountToken);
        let for_user = profiles.iter().any(|profile| profile.owner == crate::profile::Owner::User);
        if of_account && for_user { Err(SurveyError::AccountBootstrap) } else { Ok(()) }
    }

    fn sinks(&self, profiles: &[Profile]) -> Result<(Vec<Sinks>, Vec<Guarded>), SurveyError> {
        let locate = |profile: &Profile| locate(self.world, self.root, Some(self.state_folder), profile);
        if self.purpose == Purpose::Command {
            return Ok((profiles.iter().map(|_| Vec::new()).collect(), Vec::new()));
        }
        if self.purpose == Purpose::End {
            // What ends is not kept alive by a sink that is gone or was never safe: nothing is written but what
            // takes a dead secret away.
            let reachable = |profile: &Profile| {
                let (sinks, errors) = locate(profile);
                for error in errors {
                    tracing::warn!("{error}; it is not changed");
                }
                sinks
            };
            return Ok((profiles.iter().map(reachable).collect(), Vec::new()));
        }
        let mut errors = Vec::new();
        let mut sinks = Vec::new();
        for profile in profiles {
            let (of_profile, found) = locate(profile);
            sinks.push(of_profile);
            errors.extend(found);
        }
        if !errors.is_empty() {
            return Err(SurveyError::Sinks(errors));
        }
        let undelivered: Vec<Diagnostic> =
            profiles.iter().zip(&sinks).filter_map(|(profile, sinks)| undelivered(profile, sinks)).collect();
        if !undelivered.is_empty() {
            return Err(SurveyError::Profiles(undelivered));
        }
        let shared = shared_variables(profiles, &sinks);
        if !shared.is_empty() {
            return Err(SurveyError::Profiles(shared));
        }
        let files: Vec<&SecretFile> = sinks.iter().flatten().filter_map(|sink| sink.file()).collect();
        let guarded = guard(self.world, self.root, &files, self.fix).map_err(SurveyError::Sinks)?;
        Ok((sinks, guarded))
    }
}

/// The sinks of one profile.
type Sinks = Vec<Box<dyn Sink>>;

/// The sinks of some profiles as they were read.
struct Read {
    profiles: Vec<Profile>,
    seen: Vec<Vec<SurveyedSink>>,
    guarded: Vec<Guarded>,
    places: Vec<Vec<SecretPlace>>,
}

/// Why look-ups for these profiles failed.
fn failed(error: LookupError, profiles: &[Profile]) -> SurveyError {
    match error {
        LookupError::Api(error) => SurveyError::Api(error),
        LookupError::Owner(unresolved) => SurveyError::Profiles(
            unresolved
                .into_iter()
                .filter_map(|(position, error)| Some(error.diagnostic(&profiles.get(position)?.source)))
                .collect(),
        ),
    }
}

fn context(
    profile: &Profile,
    (sinks, places): (Vec<SurveyedSink>, Vec<SecretPlace>),
    owner: TokenOwner,
    wanted: &Wanted,
) -> DeliveryContext {
    DeliveryContext {
        profile: profile.source.path.clone(),
        environment: profile.environment.clone(),
        owner,
        sinks,
        places,
        account: wanted.account.clone(),
        zone: wanted.zone.clone(),
        buckets: wanted.buckets.clone(),
    }
}

/// Cloudflare's own list decides; where the bootstrap may not read it, the embedded catalogue stands in.
pub(super) fn catalogue(groups: Option<Vec<LiveGroup>>) -> Catalogue {
    Catalogue::embedded().with_live(groups.unwrap_or_default()).0
}

/// Turns a profile's permissions and names into ids; notes are about what was understood.
pub(super) fn wanted(
    profile: &Profile,
    catalogue: &Catalogue,
    directory: &Directory,
) -> Result<(Wanted, Vec<Diagnostic>), Vec<Diagnostic>> {
    let (mut granted, mut errors, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for rights in profile.all_rights() {
        let resolution = resolve_all(catalogue, &profile.source, &rights.permissions, &profile.owner);
        granted.push(resolution.granted);
        for diagnostic in resolution.diagnostics {
            if diagnostic.severity == Severity::Error { &mut errors } else { &mut notes }.push(diagnostic);
        }
    }
    match Wanted::new(profile, &granted, directory) {
        Ok(wanted) if errors.is_empty() => return Ok((wanted, notes)),
        Ok(_) => {}
        Err(unresolved) => {
            errors.extend(unresolved.iter().map(|error| error.diagnostic(&profile.source)));
        }
    }
    Err(errors)
}

impl Survey {
    /// The owner of a profile's token, and what it should be.
    fn wanted(
        &mut self,
        profile: &Profile,
        purpose: Purpose,
    ) -> Result<(TokenOwner, Wanted), Vec<Diagnostic>> {
        let owner =
            owner(profile, &self.directory).map_err(|error| vec![error.diagnostic(&profile.source)])?;
        if purpose == Purpose::End {
            let account = match &owner {
                TokenOwner::User => None,
                TokenOwner::Account(id) => Some(id.clone()),
            };
            return Ok((owner, Wanted::named(profile, account)));
        }
        let Some(catalogue) = self.catalogues.get(&owner) else { return Err(Vec::new()) };
        let (wanted, notes) = wanted(profile, catalogue, &self.directory)?;
        self.notes.extend(notes);
        self.notes.extend(unseen(profile, &self.directory));
        Ok((owner, wanted))
    }
}
