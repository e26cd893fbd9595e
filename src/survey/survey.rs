//! Everything that is known before a step is taken: the tokens, the names, and whose secret each sink holds; and what
//! planning makes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::context::DeliveryContext;
use super::lookups::Owned;
use super::purpose::Purpose;
use crate::catalogue::Catalogue;
use crate::cloudflare::TokenOwner;
use crate::cloudflare::wire::Token;
use crate::plan::{
    self, Adoptee, ClockReading, Directory, Goal, Mark, MarkedName, Plan, Refused, Renewal, Replace,
    SinkView, Situation, Step, Wanted,
};
use crate::profile::{Diagnostic, Profile};
use crate::sink::{Guarded, SinkError};

/// One profile with everything that planning and carrying out a step for it needs.
pub struct Job {
    /// The profile.
    pub profile: Profile,
    /// Whose token it is, and its sinks.
    pub context: DeliveryContext,
    /// What planning sees of the places where a secret stands, in their order.
    pub views: Vec<SinkView>,
    /// What the token should be.
    pub wanted: Wanted,
}

/// Everything that is known.
pub struct Survey {
    /// One for each profile, in their order.
    pub jobs: Vec<Arc<Job>>,
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
    /// The time, as the two clocks had it.
    pub clock: ClockReading,
    /// When the list was asked for, by the clock that counts suspension.
    pub looked_at: Duration,
}

impl Survey {
    /// A token as Cloudflare sent it.
    #[must_use]
    pub fn token(&self, owner: &TokenOwner, id: &str) -> Option<&Token> {
        self.owners.get(owner)?.tokens.iter().find(|token| token.id == id)
    }

    /// What must be done for a job. `own` are the marks that this state folder announced and has not finished.
    #[must_use]
    pub fn plan(&self, goal: Goal, job: &Job, replace: Replace, own: &BTreeSet<Mark>) -> Plan {
        if let Some(refused) = self.unfit(job) {
            return Plan { step: Step::Refuse(refused), notes: Vec::new() };
        }
        plan::decide(
            goal,
            &Situation {
                wanted: &job.wanted,
                tokens: self.live(job),
                sinks: &job.views,
                own,
                renewal: renewal(job),
                replace,
                clock: self.clock,
            },
        )
    }

    /// What `apply --adopt` would do for a job; the token gets this mark.
    pub fn plan_adopt(&self, job: &Job, id: &str, mark: Mark, replace: Replace) -> Result<Plan, SinkError> {
        if let Some(refused) = self.unfit(job) {
            return Ok(Plan { step: Step::Refuse(refused), notes: Vec::new() });
        }
        // A sink that holds the secret already may lack what else the profile puts into it.
        let (context, mut views) = (&job.context, job.views.clone());
        if let Some(token) = self.token(&context.owner, id) {
            let secret = context.held(job.views.iter().map(|view| &view.whose), id);
            for (view, place) in views.iter_mut().zip(&context.places) {
                view.is_stale = context.is_stale(place, &view.whose, token, secret)?;
            }
        }
        let adoptee = Adoptee { id: id.to_owned(), mark };
        Ok(plan::adopt(&job.wanted, self.live(job), adoptee, &views, replace, self.clock.now))
    }

    /// Why the list of tokens is no ground for a job to act on: it is not whole, or a row of the job's own name cannot
    /// be read.
    fn unfit(&self, job: &Job) -> Option<Refused> {
        let owned = self.owners.get(&job.context.owner)?;
        if !owned.is_whole {
            return Some(Refused::ListCutOff { read: owned.tokens.len() });
        }
        let concerns =
            |name: &&String| MarkedName::parse(name).is_some_and(|marked| marked.name == job.wanted.name);
        owned.unreadable.iter().find(concerns).map(|name| Refused::Unreadable { name: name.clone() })
    }

    /// The tokens of a job's owner.
    #[must_use]
    pub fn live(&self, job: &Job) -> &[plan::Live] {
        self.owners.get(&job.context.owner).map_or(&[], |owned| &owned.live)
    }

    /// The generation of a job's token that is in force.
    #[must_use]
    pub fn current(&self, job: &Job) -> Option<&plan::Live> {
        plan::current(&plan::generations(&job.wanted.name, self.live(job)), self.clock.now)
    }

    /// The tokens of commands that were made for a job's profile, oldest first: no generations of its token.
    #[must_use]
    pub fn of_commands(&self, job: &Job) -> Vec<&plan::Live> {
        plan::of_commands(&job.wanted.name, self.live(job))
    }

    /// Every token that was made for a job's profile, as Cloudflare sent them: those of commands, then the generations.
    #[must_use]
    pub fn made_for(&self, job: &Job) -> Vec<&Token> {
        let of_commands = self.of_commands(job).into_iter();
        let of_commands = of_commands.filter_map(|live| self.token(&job.context.owner, &live.id));
        of_commands.chain(self.generations(job)).collect()
    }

    /// Every generation of a job's token, oldest first, as Cloudflare sent them.
    #[must_use]
    pub fn generations(&self, job: &Job) -> Vec<&Token> {
        plan::generations(&job.wanted.name, self.live(job))
            .iter()
            .filter_map(|live| self.token(&job.context.owner, &live.id))
            .collect()
    }
}

fn renewal(job: &Job) -> Renewal {
    Renewal { strategy: job.profile.strategy(), overlap: job.profile.overlap() }
}
