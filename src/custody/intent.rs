//! What the journal says of an effect before it happens: enough to settle it without the profile, which may
//! have moved or changed by then. Never a secret.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::sinks::{Located, read_places};
use super::subject::Subject;
use crate::cloudflare::TokenOwner;
use crate::plan::BucketHome;
use crate::profile::{Jurisdiction, SinkValue};
use crate::sink::{EnvFile, Program, Root, SinkError};
use crate::world::World;

/// An effect that is about to happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// When it was announced.
    pub at: DateTime<Utc>,
    /// The API it happens at.
    pub api: String,
    /// The profile's file, for people.
    pub profile: String,
    /// Its environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The account that owns the token; `None` for the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The user behind the bootstrap, as far as it is known: another user's run must not settle this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The token's whole name, with its mark.
    pub name: String,
    /// What is about to be done.
    pub work: Work,
    /// The ids of the generations that were alive before a rotation, which are retired once the successor is
    /// delivered. Empty where that waits for hooks: a hook that did not run must not cost a secret its life.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub predecessors: Vec<String>,
    /// How long those live on beside their successor, in seconds; `None` where this is no rotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<i64>,
    /// Whether the profile has hooks that follow the delivery.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hooks: bool,
    /// Where the secret goes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sinks: Vec<SinkRecord>,
    /// The account, zone and buckets whose ids sinks may ask for.
    #[serde(default)]
    pub facts: Facts,
}

/// What is about to be done to a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Empty files are put beside sinks and taken away, to prove that the sinks can be written. No token's yet.
    Prove,
    /// It is made, and its secret delivered.
    Create,
    /// It is replaced by a changed self.
    Update {
        /// Its id.
        id: String,
    },
    /// It gets a new secret, which is delivered.
    Roll {
        /// Its id.
        id: String,
    },
    /// It ends at this time, unless it ends earlier by itself.
    Retire {
        /// Its id.
        id: String,
        /// When it ends.
        end: DateTime<Utc>,
    },
    /// The hooks that follow a delivery of its secret are run.
    Hook {
        /// Its id.
        id: String,
    },
    /// Its secret is copied from one sink to others.
    Deliver {
        /// Its id.
        id: String,
    },
    /// It is deleted, and what died with it is taken out of the sinks that held it.
    Delete {
        /// Its id.
        id: String,
        /// Those sinks, by position.
        holders: Vec<usize>,
    },
}

impl Work {
    /// The token's id, where it is known beforehand.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Prove | Self::Create => None,
            Self::Update { id }
            | Self::Roll { id }
            | Self::Retire { id, .. }
            | Self::Hook { id }
            | Self::Deliver { id }
            | Self::Delete { id, .. } => Some(id),
        }
    }
}

/// A sink, so that it can be found again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SinkRecord {
    /// Variables of an env file.
    EnvFile {
        /// The real path.
        path: String,
        /// Variable to the profile's word for its value.
        variables: Vec<(String, String)>,
    },
    /// A program.
    Command {
        /// Program and arguments.
        argv: Vec<String>,
        /// The profile's word for what it reads.
        input: String,
    },
}

/// Ids that sinks may ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The one account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The one zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The account of the buckets, and the word for where their data may lie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buckets: Option<(String, String)>,
}

impl Intent {
    /// Announces some work on a token of this whole name.
    pub(super) fn new(subject: &Subject, at: DateTime<Utc>, api: &str, name: &str, work: Work) -> Self {
        let home = |home: &BucketHome| (home.account.clone(), home.jurisdiction.word().to_owned());
        Self {
            at,
            api: api.to_owned(),
            profile: subject.profile.clone(),
            environment: subject.environment.clone(),
            owner: match &subject.owner {
                TokenOwner::User => None,
                TokenOwner::Account(id) => Some(id.clone()),
            },
            user: subject.user.clone(),
            name: name.to_owned(),
            work,
            predecessors: Vec::new(),
            overlap: None,
            hooks: false,
            sinks: subject.located.iter().map(record).collect(),
            facts: Facts {
                account: subject.account.clone(),
                zone: subject.zone.clone(),
                buckets: subject.buckets.as_ref().map(home),
            },
        }
    }

    /// Announces the proof of sinks.
    pub(super) fn proof<'a>(
        at: DateTime<Utc>,
        api: &str,
        located: impl Iterator<Item = &'a Located> + Clone,
    ) -> Self {
        Self {
            at,
            api: api.to_owned(),
            profile: String::new(),
            environment: None,
            owner: None,
            user: None,
            name: located.clone().map(Located::shown).collect::<Vec<_>>().join(", "),
            work: Work::Prove,
            predecessors: Vec::new(),
            overlap: None,
            hooks: false,
            sinks: located.map(record).collect(),
            facts: Facts::default(),
        }
    }

    /// Whose token it is about.
    #[must_use]
    pub fn owner(&self) -> TokenOwner {
        self.owner.clone().map_or(TokenOwner::User, TokenOwner::Account)
    }

    /// The same without the files whose folder is gone; what was in them is gone too.
    pub(super) fn without_lost_folders(&self, world: &dyn World, root: &Root) -> Self {
        let is_there =
            |sink: &&SinkRecord| !matches!(locate(world, root, sink), Err(SinkError::NoFolder { .. }));
        Self { sinks: self.sinks.iter().filter(is_there).cloned().collect(), ..self.clone() }
    }

    /// Finds everything again that the work needs, and reads what stands in its sinks now.
    pub(super) fn subject(&self, world: &dyn World, root: &Root) -> Result<Subject, SinkError> {
        let home = |(account, word): &(String, String)| {
            let jurisdiction = Jurisdiction::ALL.into_iter().find(|known| known.word() == word)?;
            Some(BucketHome { account: account.clone(), jurisdiction })
        };
        let located: Vec<Located> =
            self.sinks.iter().map(|sink| locate(world, root, sink)).collect::<Result<_, _>>()?;
        Ok(Subject {
            profile: self.profile.clone(),
            environment: self.environment.clone(),
            owner: self.owner(),
            user: self.user.clone(),
            places: read_places(world, &located)?,
            located,
            account: self.facts.account.clone(),
            zone: self.facts.zone.clone(),
            buckets: self.facts.buckets.as_ref().and_then(home),
        })
    }
}

fn record(located: &Located) -> SinkRecord {
    match located {
        Located::EnvFile { file, variables } => SinkRecord::EnvFile {
            path: file.path().to_string_lossy().into_owned(),
            variables: variables
                .iter()
                .map(|(name, value)| (name.clone(), value.word().to_owned()))
                .collect(),
        },
        Located::Command { command, input } => {
            SinkRecord::Command { argv: command.argv().to_vec(), input: input.word().to_owned() }
        }
    }
}

fn locate(world: &dyn World, root: &Root, sink: &SinkRecord) -> Result<Located, SinkError> {
    let value = |word: &String| SinkValue::ALL.into_iter().find(|known| known.word() == word);
    Ok(match sink {
        SinkRecord::EnvFile { path, variables } => Located::EnvFile {
            file: EnvFile::locate(world, root, path.as_ref())?,
            variables: variables
                .iter()
                .filter_map(|(name, word)| Some((name.clone(), value(word)?)))
                .collect(),
        },
        SinkRecord::Command { argv, input } => Located::Command {
            command: Program::new(root, argv),
            input: value(input).unwrap_or(SinkValue::Token),
        },
    })
}
