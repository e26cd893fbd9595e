//! What is: everything that is known before a step is taken. Reads files, asks git and Cloudflare; writes
//! nothing but, where asked to, lines of `.gitignore`.

use std::collections::BTreeMap;

use super::demands::{lacking, shared_variables, undelivered};
use super::held::{Question, Trial};
use super::lookups::{Known, LookupError, Owned, Purpose, ask, look, owner};
use super::sinks::{self, Located, SecretPlace, guard_all, locate, read_places};
use super::subject::Subject;
use chrono::{DateTime, Utc};

use crate::catalogue::{Catalogue, LiveGroup, resolve_all};
use crate::cloudflare::wire::Token;
use crate::cloudflare::{self, Client, TokenOwner};
use crate::plan::{self, Directory, Held, Plan, Renewal, Replace, SinkView, Step, Wanted};
use crate::profile::{Diagnostic, Profile, Severity};
use crate::sink::{FixGitignore, Guarded, Root, SinkError};
use crate::world::World;

/// One profile with everything that planning and carrying out a step for it needs.
pub struct Job {
    /// The profile.
    pub profile: Profile,
    /// Whose token it is, and its sinks.
    pub subject: Subject,
    /// What planning sees of the places where a secret stands, in their order.
    pub views: Vec<SinkView>,
    /// What the token should be.
    pub wanted: Wanted,
}

impl Job {
    /// Whether every sink holds the secret that this token has now. The id of S3 credentials is the same before and
    /// after a roll, so it says nothing here.
    #[must_use]
    pub fn holds_surely(&self, id: &str) -> bool {
        let held = Held::Token(id.to_owned());
        let places = self.subject.places.iter().zip(&self.views);
        places.into_iter().all(|(place, view)| view.held == held && place.named().is_none())
    }
}

/// Everything that is known.
pub struct Survey {
    /// One for each profile, in their order.
    pub jobs: Vec<Job>,
    /// Per owner, what it has.
    pub owners: BTreeMap<TokenOwner, Owned>,
    /// Accounts, zones and the user.
    pub directory: Directory,
    /// Per owner, the catalogue as Cloudflare's own list has it.
    pub catalogues: BTreeMap<TokenOwner, Catalogue>,
    /// What git said of the env files.
    pub guarded: Vec<Guarded>,
    /// What it was made for.
    pub purpose: Purpose,
    /// Notes about permissions: names understood as others, differences from the embedded catalogue.
    pub notes: Vec<Diagnostic>,
}

/// What a survey is to be made with.
pub struct Surveyor<'a> {
    /// The machine.
    pub world: &'a dyn World,
    /// Cloudflare.
    pub client: &'a Client,
    /// What relative sink paths start from.
    pub root: &'a Root,
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
        let seen = self.see(profiles)?;
        let looked = look(self.client, self.purpose, &seen.profiles, &seen.questions).await;
        let (known, held) = looked.map_err(|error| failed(error, &seen.profiles))?;
        self.put_together(seen, known, held)
    }

    /// What the owners of these profiles have, for those who choose among it first; no sink is looked at.
    pub async fn known(&self, profiles: &[Profile]) -> Result<Known, SurveyError> {
        self.bootstrap_fits(profiles)?;
        let looked = look(self.client, self.purpose, profiles, &[]).await;
        looked.map(|(known, _)| known).map_err(|error| failed(error, profiles))
    }

    /// The survey of profiles whose owners' tokens are known: only their sinks are looked at.
    pub async fn survey_knowing(&self, profiles: Vec<Profile>, known: Known) -> Result<Survey, SurveyError> {
        let seen = self.see(profiles)?;
        let asked = ask(self.client, &seen.profiles, &known, &seen.questions).await;
        let held = asked.map_err(|error| failed(error, &seen.profiles))?;
        self.put_together(seen, known, held)
    }

    /// Locates, guards and reads the sinks.
    fn see(&self, profiles: Vec<Profile>) -> Result<Seen, SurveyError> {
        let (located, guarded) = self.sinks(&profiles)?;
        let places: Vec<Vec<SecretPlace>> = located
            .iter()
            .map(|located| read_places(self.world, located))
            .collect::<Result<_, _>>()
            .map_err(|error| SurveyError::Sinks(vec![error]))?;
        let questions: Vec<Question> = places
            .iter()
            .enumerate()
            .flat_map(|(profile, places)| places.iter().map(move |place| place.question(profile, self.trial)))
            .collect();
        Ok(Seen { profiles, located, guarded, places, questions })
    }

    fn put_together(&self, seen: Seen, known: Known, held: Vec<Held>) -> Result<Survey, SurveyError> {
        let Seen { profiles, located, guarded, places, .. } = seen;
        let Known { owners, directory } = known;
        let catalogues = match self.purpose {
            Purpose::Make => {
                let known =
                    |(owner, owned): (&TokenOwner, &Owned)| (owner.clone(), catalogue(owned.groups.clone()));
                owners.iter().map(known).collect()
            }
            Purpose::End => BTreeMap::new(),
        };
        let purpose = self.purpose;
        let mut survey =
            Survey { jobs: Vec::new(), owners, directory, catalogues, guarded, purpose, notes: Vec::new() };

        let now = self.client.server_time().unwrap_or_else(|| self.world.now());
        let mut errors = Vec::new();
        let mut answers = held.into_iter();
        for ((profile, located), places) in profiles.into_iter().zip(located).zip(places) {
            let answers: Vec<Held> = answers.by_ref().take(places.len()).collect();
            match survey.wanted(&profile, self.purpose) {
                Ok((owner, wanted)) => {
                    // Found out now, a sink that asks for what there is not costs no token.
                    if self.purpose == Purpose::Make {
                        lacking(&located, &wanted).map_err(SurveyError::Sinks)?;
                    }
                    let subject = Subject {
                        user: survey.directory.user.clone(),
                        ..subject(&profile, (located, places), owner, &wanted)
                    };
                    let job = Job { profile, subject, views: Vec::new(), wanted };
                    let views = survey.views(self.world, &job, &answers, now);
                    let views = views.map_err(|error| SurveyError::Sinks(vec![error]))?;
                    survey.jobs.push(Job { views, ..job });
                }
                Err(diagnostics) => errors.extend(diagnostics),
            }
        }
        if errors.is_empty() { Ok(survey) } else { Err(SurveyError::Profiles(errors)) }
    }

    fn bootstrap_fits(&self, profiles: &[Profile]) -> Result<(), SurveyError> {
        let of_account = matches!(self.client.credential(), cloudflare::Credential::Token(token)
            if cloudflare::SecretKind::of(token) == cloudflare::SecretKind::AccountToken);
        let for_user = profiles.iter().any(|profile| profile.owner == crate::profile::Owner::User);
        if of_account && for_user { Err(SurveyError::AccountBootstrap) } else { Ok(()) }
    }

    fn sinks(&self, profiles: &[Profile]) -> Result<(Vec<Vec<Located>>, Vec<Guarded>), SurveyError> {
        if self.purpose == Purpose::End {
            // What ends is not kept alive by a sink that is gone or was never safe: nothing is written but what
            // takes a dead secret away.
            let reachable = |profile: &Profile| {
                let (located, errors) = locate(self.world, self.root, profile);
                for error in errors {
                    tracing::warn!("{error}; it is left as it is");
                }
                located
            };
            return Ok((profiles.iter().map(reachable).collect(), Vec::new()));
        }
        let mut errors = Vec::new();
        let mut located = Vec::new();
        for profile in profiles {
            let (sinks, found) = locate(self.world, self.root, profile);
            located.push(sinks);
            errors.extend(found);
        }
        if !errors.is_empty() {
            return Err(SurveyError::Sinks(errors));
        }
        let undelivered: Vec<Diagnostic> = profiles
            .iter()
            .zip(&located)
            .filter_map(|(profile, sinks)| undelivered(profile, sinks))
            .collect();
        if !undelivered.is_empty() {
            return Err(SurveyError::Profiles(undelivered));
        }
        let shared = shared_variables(profiles, &located);
        if !shared.is_empty() {
            return Err(SurveyError::Profiles(shared));
        }
        let all: Vec<&Located> = located.iter().flatten().collect();
        let guarded = guard_all(self.world, self.root, &all, self.fix).map_err(SurveyError::Sinks)?;
        Ok((located, guarded))
    }
}

/// The sinks of some profiles, and what to ask about them.
struct Seen {
    profiles: Vec<Profile>,
    located: Vec<Vec<Located>>,
    guarded: Vec<Guarded>,
    places: Vec<Vec<SecretPlace>>,
    questions: Vec<Question>,
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

fn subject(
    profile: &Profile,
    (located, places): (Vec<Located>, Vec<SecretPlace>),
    owner: TokenOwner,
    wanted: &Wanted,
) -> Subject {
    Subject {
        profile: profile.source.path.clone(),
        environment: profile.environment.clone(),
        owner,
        user: None,
        located,
        places,
        account: wanted.account.clone(),
        zone: wanted.zone.clone(),
        buckets: wanted.buckets.clone(),
    }
}

/// Cloudflare's own list decides; where the bootstrap may not read it, the embedded catalogue stands in.
pub(super) fn catalogue(groups: Option<Vec<LiveGroup>>) -> Catalogue {
    match groups {
        Some(groups) if !groups.is_empty() => Catalogue::embedded().with_live(groups).0,
        _ => Catalogue::embedded(),
    }
}

/// Turns a profile's permissions and names into ids; notes are about what was understood.
pub(super) fn wanted(
    profile: &Profile,
    catalogue: &Catalogue,
    directory: &Directory,
) -> Result<(Wanted, Vec<Diagnostic>), Vec<Diagnostic>> {
    let resolution = resolve_all(catalogue, &profile.source, &profile.permissions);
    let (mut errors, notes): (Vec<_>, Vec<_>) =
        resolution.diagnostics.into_iter().partition(|diagnostic| diagnostic.severity == Severity::Error);
    match Wanted::new(profile, &resolution.granted, directory) {
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
        Ok((owner, wanted))
    }

    /// What planning sees of a job's sinks, given the answers to their questions.
    fn views(
        &self,
        world: &dyn World,
        job: &Job,
        answers: &[Held],
        now: DateTime<Utc>,
    ) -> Result<Vec<SinkView>, SinkError> {
        let Some(owned) = self.owners.get(&job.subject.owner) else { return Ok(Vec::new()) };
        let generations = plan::generations(&job.wanted.name, &owned.live);
        let current =
            plan::current(&generations, now).and_then(|live| self.token(&job.subject.owner, &live.id));
        let ids: Vec<&str> = owned.live.iter().map(|token| token.id.as_str()).collect();
        let mut views = Vec::new();
        for (place, answer) in job.subject.places.iter().zip(answers) {
            let stale = match (current, place.token(), job.subject.located.get(place.sink)) {
                // What ends need not hold the right values first.
                (Some(token), Some(secret), Some(located)) if self.purpose == Purpose::Make => {
                    sinks::is_stale(world, located, &job.subject.values(token, secret))?
                }
                _ => false,
            };
            views.push(place.view(answer, &ids, stale));
        }
        Ok(views)
    }

    /// A token as Cloudflare sent it.
    #[must_use]
    pub fn token(&self, owner: &TokenOwner, id: &str) -> Option<&Token> {
        self.owners.get(owner)?.tokens.iter().find(|token| token.id == id)
    }

    /// What `apply` would do for a job.
    #[must_use]
    pub fn plan_apply(&self, job: &Job, replace: Replace, now: DateTime<Utc>) -> Plan {
        plan::apply(&job.wanted, self.live(job), &job.views, replace, now)
    }

    /// What `roll` would do for a job.
    #[must_use]
    pub fn plan_roll(&self, job: &Job, replace: Replace, now: DateTime<Utc>) -> Plan {
        plan::roll(&job.wanted, self.live(job), &job.views, replace, now)
    }

    /// What `rotate` would do for a job.
    #[must_use]
    pub fn plan_rotate(&self, job: &Job, replace: Replace, now: DateTime<Utc>) -> Plan {
        plan::rotate(&job.wanted, self.live(job), &job.views, renewal(job), replace, now)
    }

    /// The predecessors that a rotation left alive whose hooks had not run. The sinks at the positions `delivered` were
    /// given the secret of the token with this id since they were looked at.
    #[must_use]
    pub fn unretired(&self, job: &Job, id: &str, delivered: &[usize], now: DateTime<Utc>) -> Vec<String> {
        let mut views = job.views.clone();
        for position in delivered {
            if let Some(view) = views.get_mut(*position) {
                view.held = Held::Token(id.to_owned());
            }
        }
        match plan::rotate(&job.wanted, self.live(job), &views, renewal(job), Replace::Never, now).step {
            Step::Finish { predecessors, .. } => predecessors,
            _ => Vec::new(),
        }
    }

    /// The tokens of a job's owner.
    pub(super) fn live(&self, job: &Job) -> &[plan::Live] {
        self.owners.get(&job.subject.owner).map_or(&[], |owned| &owned.live)
    }

    /// The generation of a job's token that is in force.
    #[must_use]
    pub fn current(&self, job: &Job, now: DateTime<Utc>) -> Option<&plan::Live> {
        plan::current(&plan::generations(&job.wanted.name, self.live(job)), now)
    }

    /// Every generation of a job's token, oldest first, as Cloudflare sent them.
    #[must_use]
    pub fn generations(&self, job: &Job) -> Vec<&Token> {
        plan::generations(&job.wanted.name, self.live(job))
            .iter()
            .filter_map(|live| self.token(&job.subject.owner, &live.id))
            .collect()
    }
}

fn renewal(job: &Job) -> Renewal {
    Renewal { strategy: job.profile.strategy(), overlap: job.profile.overlap() }
}
