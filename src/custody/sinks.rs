//! The sinks of a run: located, guarded and proven before any request, read for whose secret they hold,
//! and written when there is one to deliver.

use std::path::Path;

use super::held::{Question, Trial};
use crate::plan::{Held, SinkView};
use crate::profile::{Profile, Sink, SinkValue};
use crate::secret::Secret;
use crate::sink::{
    CommandSink, Document, EnvFile, FixGitignore, Guarded, Replaced, Root, SinkError, Stage, Values, guard,
};
use crate::world::{BOOTSTRAP_VARIABLES, World};

/// A sink of a profile, its place known.
pub enum Located {
    /// Variables of an env file.
    EnvFile {
        /// The real file.
        file: EnvFile,
        /// Variable to value.
        variables: Vec<(String, SinkValue)>,
    },
    /// A program.
    Command {
        /// The program.
        command: CommandSink,
        /// What it reads.
        input: SinkValue,
    },
}

impl Located {
    /// What a person calls it.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::EnvFile { file, .. } => file.shown().to_owned(),
            Self::Command { command, .. } => command.program().to_owned(),
        }
    }

    /// The folder it is in, if it is a file.
    pub(super) fn folder(&self) -> Option<&Path> {
        match self {
            Self::EnvFile { file, .. } => Some(file.folder()),
            Self::Command { .. } => None,
        }
    }

    /// What it asks for.
    pub(super) fn values(&self) -> Vec<SinkValue> {
        match self {
            Self::EnvFile { variables, .. } => variables.iter().map(|(_, value)| *value).collect(),
            Self::Command { input, .. } => vec![*input],
        }
    }

    /// The variables it sets; none for a program.
    #[must_use]
    pub fn variables(&self) -> Vec<&str> {
        match self {
            Self::EnvFile { variables, .. } => variables.iter().map(|(name, _)| name.as_str()).collect(),
            Self::Command { .. } => Vec::new(),
        }
    }
}

/// Finds the real place of every sink of a profile.
pub(super) fn locate(
    world: &dyn World,
    root: &Root,
    profile: &Profile,
) -> Result<Vec<Located>, Vec<SinkError>> {
    let mut errors = Vec::new();
    let mut located = Vec::new();
    for sink in &profile.sinks {
        match sink {
            Sink::EnvFile { path, variables } => match EnvFile::locate(world, root, &path.value) {
                Ok(file) => located.push(Located::EnvFile {
                    file,
                    variables: variables.iter().map(|(name, value)| (name.value.clone(), *value)).collect(),
                }),
                Err(error) => errors.push(error),
            },
            Sink::Command { argv, input } => {
                located
                    .push(Located::Command { command: CommandSink::new(root, &argv.value), input: *input });
            }
        }
    }
    if errors.is_empty() { Ok(located) } else { Err(errors) }
}

/// Asks git about all env files of a run at once.
pub(super) fn guard_all(
    world: &dyn World,
    root: &Root,
    located: &[&Located],
    fix: FixGitignore,
) -> Result<Vec<Guarded>, Vec<SinkError>> {
    let files: Vec<&EnvFile> = located
        .iter()
        .filter_map(|sink| match sink {
            Located::EnvFile { file, .. } => Some(file),
            Located::Command { .. } => None,
        })
        .collect();
    guard(world, root, &files, fix)
}

/// Proves that every sink could be written now.
pub(super) fn prove(world: &dyn World, stage: &Stage, located: &[&Located]) -> Result<(), Vec<SinkError>> {
    let failures = located.iter().filter_map(|sink| {
        match sink {
            Located::EnvFile { file, .. } => file.prove(world, stage),
            Located::Command { command, .. } => command.prove(world),
        }
        .err()
    });
    let failures: Vec<SinkError> = failures.collect();
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}

/// A place of a sink where a secret stands, with what stands there.
pub struct SecretPlace {
    /// The sink, by position among the profile's.
    pub sink: usize,
    /// What a person calls it.
    pub shown: String,
    kind: PlaceKind,
}

enum PlaceKind {
    /// A variable with the token's value.
    Token(Option<Secret>),
    /// A pair of S3 credentials: the id names the token, the key is only a hash of its value.
    S3 { id: Option<Secret>, key: Option<Secret> },
    /// A program.
    Program,
}

/// Reads every secret that the sinks of a profile hold.
pub(super) fn read_places(world: &dyn World, located: &[Located]) -> Result<Vec<SecretPlace>, SinkError> {
    let mut places = Vec::new();
    for (sink, located) in located.iter().enumerate() {
        match located {
            Located::Command { command, .. } => {
                places.push(SecretPlace {
                    sink,
                    shown: command.program().to_owned(),
                    kind: PlaceKind::Program,
                });
            }
            Located::EnvFile { file, variables } => {
                let document = file.read(world)?;
                let named =
                    |value: SinkValue| variables.iter().find(|(_, of)| *of == value).map(|(name, _)| name);
                for (name, _) in variables.iter().filter(|(_, value)| *value == SinkValue::Token) {
                    let kind = PlaceKind::Token(document.value(name));
                    places.push(SecretPlace { sink, shown: format!("{name} in {}", file.shown()), kind });
                }
                if let (Some(key), None) = (named(SinkValue::R2SecretAccessKey), named(SinkValue::Token)) {
                    let id = named(SinkValue::R2AccessKeyId).and_then(|name| document.value(name));
                    let kind = PlaceKind::S3 { id, key: document.value(key) };
                    places.push(SecretPlace { sink, shown: format!("{key} in {}", file.shown()), kind });
                }
            }
        }
    }
    Ok(places)
}

impl SecretPlace {
    /// The question to ask of the secret itself.
    pub(super) fn question(&self, profile: usize, trial: Trial) -> Question {
        match &self.kind {
            PlaceKind::Token(value) => Question::new(profile, value.clone(), trial),
            PlaceKind::S3 { .. } => Question::about_pair(profile, trial),
            PlaceKind::Program => Question::new(profile, None, trial),
        }
    }

    /// The secret that stands here, if it is a token's value.
    pub(super) fn token(&self) -> Option<&Secret> {
        match &self.kind {
            PlaceKind::Token(value) => value.as_ref(),
            PlaceKind::S3 { .. } | PlaceKind::Program => None,
        }
    }

    /// Whether it is a program, which cannot be read back.
    pub(super) fn is_program(&self) -> bool {
        matches!(self.kind, PlaceKind::Program)
    }

    /// The token that S3 credentials name by their id.
    pub(super) fn named(&self) -> Option<String> {
        match &self.kind {
            PlaceKind::S3 { id: Some(id), key: Some(key) } if !key.is_blank() => {
                Some(id.expose().trim().to_owned())
            }
            _ => None,
        }
    }

    /// Whether the same secret stands here as there.
    pub(super) fn holds_the_same(&self, other: &Self) -> bool {
        let same = |one: &Option<Secret>, other: &Option<Secret>| {
            one.as_ref().map(Secret::expose) == other.as_ref().map(Secret::expose)
        };
        match (&self.kind, &other.kind) {
            (PlaceKind::Token(one), PlaceKind::Token(other)) => same(one, other),
            (PlaceKind::S3 { id, key }, PlaceKind::S3 { id: other_id, key: other_key }) => {
                same(id, other_id) && same(key, other_key)
            }
            (PlaceKind::Program, PlaceKind::Program) => true,
            _ => false,
        }
    }

    /// What planning sees, given the answer to the question and the ids of the owner's tokens.
    pub(super) fn view(&self, answer: &Held, known_ids: &[&str], stale: bool) -> SinkView {
        let held = match &self.kind {
            PlaceKind::Token(_) => answer.clone(),
            PlaceKind::Program => Held::Unreadable,
            PlaceKind::S3 { id, key } => held_pair(id.as_ref(), key.as_ref(), known_ids, answer),
        };
        SinkView { shown: self.shown.clone(), held, stale }
    }
}

/// Which token S3 credentials belong to, by the access key id. An id that is not listed is somebody's all the
/// same: another owner's tokens are not seen here.
fn held_pair(id: Option<&Secret>, key: Option<&Secret>, known_ids: &[&str], answer: &Held) -> Held {
    let text =
        |value: Option<&Secret>| value.map(|secret| secret.expose().trim().to_owned()).unwrap_or_default();
    let (id, key) = (text(id), zeroize::Zeroizing::new(text(key)));
    let is_key = key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_known = known_ids.contains(&id.as_str());
    match (is_known, is_key) {
        _ if key.is_empty() => Held::Nothing,
        (true, false) => Held::NoToken,
        (true, true) => Held::Token(id),
        (false, true) if *answer != Held::Precious && crate::profile::is_id(&id) => Held::Token(id),
        // Credentials of another S3 service, perhaps.
        (false, _) => Held::Precious,
    }
}

/// Whether a sink that holds the current secret has another variable that is not what it should be.
pub(super) fn is_stale(world: &dyn World, located: &Located, values: &Values<'_>) -> Result<bool, SinkError> {
    let Located::EnvFile { file, variables } = located else { return Ok(false) };
    let document = file.read(world)?;
    for (name, value) in variables {
        let should = values.of(*value)?;
        if document.value(name).is_none_or(|is| is.expose() != should.expose()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a delivery did to one sink.
pub struct Written {
    /// What a person calls the sink.
    pub shown: String,
    /// How the file was replaced; `None` for a program.
    pub replaced: Option<Replaced>,
}

/// A delivery that reached every sink.
pub(super) struct Delivery {
    /// What was done to each.
    pub(super) written: Vec<Written>,
    /// What stood there before, to be put back if the secret does not work.
    pub(super) previous: Vec<Previous>,
}

/// A delivery that did not reach every sink.
pub(super) struct Undelivered {
    /// Why.
    pub(super) error: SinkError,
    /// What stood in the files that were already written, to be put back.
    pub(super) previous: Vec<Previous>,
}

/// What a file held before a delivery.
pub(super) struct Previous {
    file: EnvFile,
    /// The variables that were written.
    variables: Vec<String>,
    before: Document,
    after: Document,
    /// Whether there was no file.
    absent: bool,
}

/// Delivers to these sinks, in order. Programs come last: what they were given cannot be taken back.
pub(super) fn deliver(
    world: &dyn World,
    stage: &Stage,
    located: &[&Located],
    values: &Values<'_>,
) -> Result<Delivery, Undelivered> {
    let mut written = Vec::new();
    let mut previous = Vec::new();
    let (files, programs): (Vec<&Located>, Vec<&Located>) =
        located.iter().partition(|sink| matches!(sink, Located::EnvFile { .. }));
    for sink in files.into_iter().chain(programs) {
        let outcome = match sink {
            Located::EnvFile { file, variables } => {
                write_file(world, stage, file, variables, values).map(|(replaced, held)| {
                    previous.push(held);
                    Some(replaced)
                })
            }
            Located::Command { command, input } => values
                .of(*input)
                .and_then(|input| command.deliver(world, &input, &BOOTSTRAP_VARIABLES))
                .map(|()| None),
        };
        match outcome {
            Ok(replaced) => written.push(Written { shown: sink.shown(), replaced }),
            Err(error) => return Err(Undelivered { error, previous }),
        }
    }
    Ok(Delivery { written, previous })
}

fn write_file(
    world: &dyn World,
    stage: &Stage,
    file: &EnvFile,
    variables: &[(String, SinkValue)],
    values: &Values<'_>,
) -> Result<(Replaced, Previous), SinkError> {
    let mut before = file.read(world)?;
    let mut after = before.clone();
    let replaced = file.replace(world, stage, &mut |document: &mut Document| {
        before = document.clone();
        for (name, value) in variables {
            document.set(name, values.of(*value)?.expose())?;
        }
        after = document.clone();
        Ok(())
    })?;
    let variables = variables.iter().map(|(name, _)| name.clone()).collect();
    let previous = Previous { file: file.clone(), variables, before, after, absent: replaced.created };
    Ok((replaced, previous))
}

/// Puts back what files held before a delivery that was undone: all of it, or, in a file that someone else wrote
/// to meanwhile, the variables.
pub(super) fn put_back(world: &dyn World, stage: &Stage, previous: &[Previous]) -> Result<(), SinkError> {
    // Backwards, so that a file written twice ends as it began.
    for Previous { file, variables, before, after, absent } in previous.iter().rev() {
        file.replace(world, stage, &mut |document: &mut Document| {
            if document.to_bytes() == after.to_bytes() {
                *document = before.clone();
                return Ok(());
            }
            for name in variables {
                match before.value(name) {
                    Some(value) => document.set(name, value.expose())?,
                    None => document.remove(name),
                }
            }
            Ok(())
        })?;
        if *absent {
            file.remove_if_empty(world)?;
        }
    }
    Ok(())
}
