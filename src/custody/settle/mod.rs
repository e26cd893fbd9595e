//! Settling: what an interrupted run left open is finished or undone, by what is, not by what was meant.
//!
//! A create is looked for by its mark: held by a sink, it is done; held by none, its secret is lost, so it is
//! deleted; not found, it stays watched for a while, since the request may still be under way. A roll whose
//! secret no sink holds is rolled again. A delete is deleted again, and what died is cleared. Settling may
//! itself be killed anywhere and begun again.

mod holding;
mod open;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};

use super::error::CustodyError;
use super::held::Trial;
use super::intent::{Intent, Work};
use super::sinks::{self, Located};
use super::steps::Announced;
use super::subject::Subject;
use holding::{HeldBy, NamedPairs};

use super::Custody;
use super::translate;
use crate::catalogue::Resource;
use crate::cloudflare::wire::Token;
use crate::cloudflare::{self, TokenOwner};
use crate::plan::{Live, MarkedName, current, generations};
use crate::sink::{FixGitignore, Root, SinkError, Stage, sweep};

/// How long a request whose answer was lost is watched for. Cloudflare answers in seconds or not at all.
const WATCH: TimeDelta = TimeDelta::minutes(10);

/// What became of something that was open.
#[derive(Debug)]
pub struct Settled {
    /// The token's whole name.
    pub name: String,
    /// Its id, where there is or was such a token.
    pub id: Option<String>,
    /// The profile it was for.
    pub profile: String,
    /// Its environment.
    pub environment: Option<String>,
    /// What was found, and done about it; or why it stays open.
    pub verdict: Result<SettledAs, CustodyError>,
}

impl Settled {
    fn new(intent: Intent, id: Option<String>, verdict: Result<SettledAs, CustodyError>) -> Self {
        let Intent { name, profile, environment, .. } = intent;
        Self { name, id, profile, environment, verdict }
    }

    /// Whether the token with this id is gone now.
    #[must_use]
    pub fn deleted(&self, id: &str) -> bool {
        self.id.as_deref() == Some(id)
            && matches!(self.verdict, Ok(SettledAs::StrayDeleted | SettledAs::Deleted(_)))
    }
}

/// How something open was settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettledAs {
    /// The token was made and its secret is in a sink: all is well.
    Delivered,
    /// The token was made and nobody has its secret: deleted.
    StrayDeleted,
    /// No token has the mark, and the request may still be under way: watched on.
    Watched,
    /// No token has the mark, and none will: it was never made, or renamed or deleted by hand.
    NeverMade,
    /// The token was changed, or not: the next `apply` compares.
    Compared,
    /// The token has not the name under which it was to be taken over.
    NotTakenOver {
        /// Its id.
        id: String,
        /// Its whole name.
        is: String,
    },
    /// The roll did not happen, or its secret is in a sink: all is well.
    RollHeld,
    /// The secret of the roll was lost: rolled again, and delivered.
    RolledAgain,
    /// The token to roll is gone.
    RollGone,
    /// Hands have given the token another name since, so it is left alone.
    Renamed {
        /// Its id.
        id: String,
        /// Its name now.
        is: String,
    },
    /// The temporary files are gone.
    Swept,
    /// Its hooks have not run, or failed: the next run of its profile runs them.
    HooksAwaited,
    /// They follow the delivery of a token that is gone, renamed by hand, or superseded: there is nothing to run them for.
    HooksMoot,
    /// The predecessor ends in time, or is gone.
    Retired,
    /// The token is deleted, now or before, and these variables went with it.
    Deleted(Vec<String>),
}

impl Custody {
    /// Settles what is open for this API. What belongs to another API or user stays, and so does what fails: it
    /// blocks its own token's next step, and no other. Rolls of the tokens named in `own` are left to the run,
    /// which has their profiles at hand, as they are now.
    pub async fn settle(
        &self,
        root: &Root,
        trial: Trial,
        own: &BTreeSet<String>,
    ) -> Result<Vec<Settled>, cloudflare::Error> {
        let here = self.client.base().as_str();
        let open: Vec<(u64, Intent)> = self
            .journal()
            .open_intents()
            .into_iter()
            .filter(|(_, intent)| {
                (intent.api == here || intent.work == Work::Prove) && !intent.is_roll_of(own)
            })
            .map(|(number, intent)| (number, intent.clone()))
            .collect();
        self.sweep(open.iter().flat_map(|(_, intent)| intent.folders()));
        let mut tokens: BTreeMap<TokenOwner, Vec<Token>> = BTreeMap::new();
        let mut settled = Vec::new();
        for (number, intent) in open {
            if intent.work == Work::Prove {
                self.settled(Announced(number));
                settled.push(Settled::new(intent, None, Ok(SettledAs::Swept)));
                continue;
            }
            let owner = intent.owner();
            if !tokens.contains_key(&owner) {
                tokens.insert(owner.clone(), self.client.tokens(&owner).await?.tokens);
            }
            let listed = tokens.get(&owner).map_or(&[][..], Vec::as_slice);
            if intent.user.is_some() && user_of(listed).is_some_and(|user| Some(user) != intent.user) {
                tracing::warn!("what was left open for {} is another user's, and stays open", intent.name);
                continue;
            }
            let settling = Settling { custody: self, root, trial, intent: &intent, listed };
            let verdict = settling.settle().await;
            let id = intent.work.id().map(str::to_owned).or_else(|| settling.made());
            let is_delivered =
                matches!(verdict, Ok(SettledAs::Delivered | SettledAs::RolledAgain | SettledAs::RollHeld));
            let may_be_delivered = matches!(intent.work, Work::Deliver { .. });
            let mut awaited = None;
            if let (true, true, Some(id)) = (intent.hooks, is_delivered || may_be_delivered, &id) {
                self.expect_hooks_of(&intent, id);
                awaited = Some(Settled::new(intent.clone(), Some(id.clone()), Ok(SettledAs::HooksAwaited)));
            }
            if !matches!(verdict, Ok(SettledAs::Watched | SettledAs::HooksAwaited) | Err(_)) {
                self.settled(Announced(number));
            }
            settled.push(Settled::new(intent, id, verdict));
            settled.extend(awaited);
        }
        Ok(settled)
    }

    /// Removes temporary files that a dead run left, in the state folder and beside sinks.
    pub(super) fn sweep(&self, beside: impl IntoIterator<Item = PathBuf>) {
        let folders: BTreeSet<PathBuf> = std::iter::once(self.stage.folder.clone()).chain(beside).collect();
        for folder in folders {
            match sweep(self.world(), &folder) {
                Ok(removed) => removed.iter().for_each(|path| {
                    tracing::info!("removed {}, left by a run that died", path.display());
                }),
                // A folder that is gone holds no leftovers.
                Err(error) => tracing::info!("{} could not be looked through: {error}", folder.display()),
            }
        }
    }
}

/// The user whose tokens these are: the bootstrap's own policy names it.
fn user_of(listed: &[Token]) -> Option<String> {
    let policies = listed.iter().flat_map(|token| &token.policies).map(translate::policy);
    policies.flat_map(|policy| policy.resources).find_map(|resource| match resource {
        Resource::User(id) => Some(id),
        _ => None,
    })
}

impl Intent {
    /// Whether it is the roll of a token of one of these names.
    fn is_roll_of(&self, names: &BTreeSet<String>) -> bool {
        matches!(self.work, Work::Roll { .. })
            && MarkedName::parse(&self.name).is_some_and(|marked| names.contains(&marked.name))
    }

    /// The folders of its env files.
    fn folders(&self) -> Vec<PathBuf> {
        let files = self.sinks.iter().filter_map(|sink| match sink {
            super::intent::SinkRecord::EnvFile { path, .. } => {
                PathBuf::from(path).parent().map(PathBuf::from)
            }
            super::intent::SinkRecord::Command { .. } => None,
        });
        files.collect()
    }
}

/// One open intent while it is settled.
struct Settling<'a> {
    custody: &'a Custody,
    root: &'a Root,
    trial: Trial,
    intent: &'a Intent,
    listed: &'a [Token],
}

impl Settling<'_> {
    async fn settle(&self) -> Result<SettledAs, CustodyError> {
        match &self.intent.work {
            Work::Prove => Ok(SettledAs::Swept),
            Work::Create => self.create().await,
            Work::Roll { id } => self.roll(id).await,
            Work::Retire { id, end } => self.retire(id, *end).await,
            Work::Delete { id, holders } => self.delete(id, holders).await,
            Work::Update { id } => Ok(self.update(id)),
            // Nobody but a run with the profile can run them; with the token their reason is gone.
            Work::Hook { id } => {
                let awaited = |token: &&Token| {
                    token.id == *id && token.name == self.intent.name && !self.has_successor(token)
                };
                let is_awaited = self.listed.iter().any(|token| awaited(&token));
                Ok(if is_awaited { SettledAs::HooksAwaited } else { SettledAs::HooksMoot })
            }
            // No secret was at stake: whoever plans next compares what is with what should be.
            Work::Deliver { .. } => Ok(SettledAs::Compared),
        }
    }

    /// The id of the token that was made, if it was.
    fn made(&self) -> Option<String> {
        self.listed.iter().find(|token| token.name == self.intent.name).map(|token| token.id.clone())
    }

    /// No secret was at stake here either; a token that did not get its name is nobody's as it was.
    fn update(&self, id: &str) -> SettledAs {
        let token = self.listed.iter().find(|token| token.id == id);
        match token.filter(|token| token.name != self.intent.name) {
            Some(token) => SettledAs::NotTakenOver { id: id.to_owned(), is: token.name.clone() },
            None => SettledAs::Compared,
        }
    }

    async fn create(&self) -> Result<SettledAs, CustodyError> {
        let Some(token) = self.listed.iter().find(|token| token.name == self.intent.name) else {
            let age = self.custody.world().now().signed_duration_since(self.intent.at);
            return Ok(if age < WATCH { SettledAs::Watched } else { SettledAs::NeverMade });
        };
        let stray = || async {
            self.custody.delete(&self.intent.owner(), &token.id).await?;
            Ok(SettledAs::StrayDeleted)
        };
        let subject = match self.subject() {
            Ok(subject) => subject,
            // The folder is gone, and what was in it. A sink that is only out of reach proves nothing.
            Err(CustodyError::Sink(SinkError::NoFolder { .. })) => {
                let world = self.custody.world();
                let rest = self.intent.without_lost_folders(world, self.root);
                if rest.sinks.is_empty() {
                    return stray().await;
                }
                rest.subject(world, self.root).map_err(CustodyError::Sink)?
            }
            Err(error) => return Err(error),
        };
        match self.held(&subject, token, NamedPairs::Count).await? {
            (HeldBy::Every, _) => {
                self.retire_predecessors().await?;
                Ok(SettledAs::Delivered)
            }
            (HeldBy::Some, Some(foreign)) => Err(CustodyError::Refused(foreign)),
            (HeldBy::Some, None) => self.deliver_anew(&subject, token).await,
            // A program may have what the files have no more, and its old secret may have its end already.
            (HeldBy::None, None) if self.intent.overlap.is_some() && subject.has_programs() => {
                self.deliver_anew(&subject, token).await
            }
            (HeldBy::None, _) => stray().await,
        }
    }

    /// Gives what was made a secret that every sink gets, and finishes the rotation that it was made for.
    async fn deliver_anew(&self, subject: &Subject, token: &Token) -> Result<SettledAs, CustodyError> {
        let settled = self.roll_again(subject, token).await?;
        self.retire_predecessors().await?;
        Ok(settled)
    }

    /// What to say of a token that hands have renamed since: it is nobody's business here any more.
    fn renamed(&self, id: &str) -> Option<SettledAs> {
        let token = self.listed.iter().find(|token| token.id == id)?;
        (token.name != self.intent.name)
            .then(|| SettledAs::Renamed { id: id.to_owned(), is: token.name.clone() })
    }

    /// Finishes a rotation whose successor is delivered.
    async fn retire_predecessors(&self) -> Result<(), CustodyError> {
        let Some(overlap) = self.intent.overlap else { return Ok(()) };
        let subject = Subject::without_sinks(self.intent.owner());
        let name = |name: &str| MarkedName::parse(name).map(|marked| marked.name);
        let is_ours = |token: &&Token| {
            self.intent.predecessors.contains(&token.id) && name(&token.name) == name(&self.intent.name)
        };
        let predecessors = self.listed.iter().filter(is_ours);
        let predecessors: Vec<&Token> = predecessors.collect();
        let overlap = TimeDelta::try_seconds(overlap).unwrap_or_default();
        self.custody.retire(&subject, &predecessors, overlap).await.map(|_| ())
    }

    async fn retire(&self, id: &str, end: DateTime<Utc>) -> Result<SettledAs, CustodyError> {
        if let Some(renamed) = self.renamed(id) {
            return Ok(renamed);
        }
        self.custody.end_at(&self.intent.owner(), id, end).await?;
        Ok(SettledAs::Retired)
    }

    async fn roll(&self, id: &str) -> Result<SettledAs, CustodyError> {
        let Some(token) = self.listed.iter().find(|token| token.id == id) else {
            return Ok(SettledAs::RollGone);
        };
        if let Some(renamed) = self.renamed(id) {
            return Ok(renamed);
        }
        if self.has_successor(token) {
            return Ok(SettledAs::RollGone);
        }
        // The id of S3 credentials is the same before and after, so it tells nothing here.
        let subject = self.subject()?;
        match self.held(&subject, token, NamedPairs::Ignore).await? {
            (HeldBy::Every, _) => Ok(SettledAs::RollHeld),
            (_, Some(foreign)) => Err(CustodyError::Refused(foreign)),
            (HeldBy::Some | HeldBy::None, None) => self.roll_again(&subject, token).await,
        }
    }

    /// Whether a newer generation is in force: then the sinks are its own, and nothing is rolled into them.
    fn has_successor(&self, token: &Token) -> bool {
        let Some(marked) = MarkedName::parse(&token.name) else { return false };
        let live: Vec<Live> = self.listed.iter().map(translate::live).collect();
        let generations = generations(&marked.name, &live);
        current(&generations, self.custody.now()).is_some_and(|current| current.id != token.id)
    }

    /// Finishes what was begun. What is open in the journal stays so until it is done.
    async fn roll_again(&self, subject: &Subject, token: &Token) -> Result<SettledAs, CustodyError> {
        let (done, _) = self.proven(subject)?.roll_announced(subject, token).await?;
        match done.failure {
            Some(failure) => Err(failure),
            None => Ok(SettledAs::RolledAgain),
        }
    }

    async fn delete(&self, id: &str, holders: &[usize]) -> Result<SettledAs, CustodyError> {
        if let Some(renamed) = self.renamed(id) {
            return Ok(renamed);
        }
        // Also where it is not listed: pages shift while they are read.
        self.custody.delete(&self.intent.owner(), id).await?;
        let mut cleared = Vec::new();
        for sink in holders.iter().filter_map(|position| self.intent.sinks.get(*position)) {
            let alone = Intent { sinks: vec![sink.clone()], ..self.intent.clone() };
            // A sink that is gone took its variables along.
            let Ok(subject) = alone.subject(self.custody.world(), self.root) else { continue };
            let Some(target) = subject.target(0) else { continue };
            // Somebody may have put another token there meanwhile.
            if self.is_dead(&target, id).await? {
                cleared.extend(
                    sinks::clear(self.custody.world(), &self.custody.stage, &target)
                        .map_err(CustodyError::Sink)?,
                );
            }
        }
        Ok(SettledAs::Deleted(cleared))
    }

    fn subject(&self) -> Result<Subject, CustodyError> {
        self.intent.subject(self.custody.world(), self.root).map_err(CustodyError::Sink)
    }

    /// The sinks of the intent are guarded and proven as those of a profile are.
    fn proven(&self, subject: &Subject) -> Result<Custody, CustodyError> {
        let located: Vec<&Located> = subject.located.iter().collect();
        let world = self.custody.world();
        let guarded = sinks::guard_all(world, self.root, &located, FixGitignore::Refuse)
            .map_err(CustodyError::Sinks)?;
        let stage = Stage::new(self.custody.stage.folder.clone(), &guarded);
        sinks::prove(world, &stage, &located).map_err(CustodyError::Sinks)?;
        Ok(self.custody.staged_at(stage))
    }
}
