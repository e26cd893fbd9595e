//! A secret -> the standard input of a program, such as `gh secret set NAME`: as it is, or in a document of several values.
//!
//! A second program may say what the store holds now. Where a store tells new values from others, what it says decides
//! which of two programs is run.

use std::slice;
use std::time::Duration;

use super::contract::{
    ContentEntry, Limits, NotWritten, ReadContent, Sink, SinkReading, SinkRecord, Undo, WriteReceipt, is_same,
};
use super::document::Document;
use super::program::{Program, READ_LIMIT};
use super::{Root, SecretFile, SinkError, Staging, Values};
use crate::profile::{CommandInput, SinkValue, Writers};
use crate::secret::Secret;
use crate::world::World;

/// How long a program may take over a secret before it is killed, with all that it started.
pub const COMMAND_LIMIT: Duration = Duration::from_secs(120);

/// A program that takes values, and perhaps another that says which ones its store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandSink {
    writers: WritingPrograms,
    input: Input,
    read: Option<Program>,
}

/// The programs that take the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
enum WritingPrograms {
    /// One for everything.
    One(Program),
    /// One for a store that holds nothing, and one for a store that holds something.
    ByContent { create: Program, update: Program },
}

/// What they read.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Input {
    Value(SinkValue),
    Document(Document),
}

/// What the store holds now.
struct StoreContent {
    /// Whether it is nothing at all.
    is_empty: bool,
    /// What it holds of each value, in the order of the profile.
    found: Vec<Vec<Secret>>,
}

impl CommandSink {
    /// Takes the programs that are given something, what they are given, and the one that says what the store holds,
    /// where there is one.
    #[must_use]
    pub fn new(root: &Root, writers: &Writers, input: &CommandInput, read: Option<&[String]>) -> Self {
        let writers = match writers {
            Writers::One(argv) => WritingPrograms::One(Program::new(root, &argv.value)),
            Writers::ByContent { create, update } => WritingPrograms::ByContent {
                create: Program::new(root, &create.value),
                update: Program::new(root, &update.value),
            },
        };
        let input = match input {
            CommandInput::Value(value) => Input::Value(*value),
            CommandInput::Document { format, variables } => {
                Input::Document(Document::new(format.clone(), variables.clone()))
            }
        };
        Self { writers, input, read: read.map(|argv| Program::new(root, argv)) }
    }

    /// Each thing that it takes: what a person calls it, and what it is.
    fn entries(&self) -> Vec<(String, SinkValue)> {
        match &self.input {
            Input::Value(value) => vec![(self.shown().to_owned(), *value)],
            Input::Document(document) => {
                let entry =
                    |(name, value): &(String, SinkValue)| (format!("{name} in {}", self.shown()), *value);
                document.variables().iter().map(entry).collect()
            }
        }
    }

    /// What the store holds, where it can say so.
    fn held(&self, world: &dyn World) -> Result<Option<StoreContent>, SinkError> {
        let Some(reader) = &self.read else { return Ok(None) };
        let printed = reader.ask(world)?;
        let is_empty = printed.is_none();
        let found = match &self.input {
            Input::Value(_) => vec![printed.into_iter().collect()],
            Input::Document(document) => match printed.as_ref().filter(|printed| !printed.is_blank()) {
                None => document.variables().iter().map(|_| Vec::new()).collect(),
                Some(printed) => document
                    .read(printed)
                    .map_err(|why| SinkError::CommandUnread { program: reader.called().to_owned(), why })?,
            },
        };
        Ok(Some(StoreContent { is_empty, found }))
    }

    /// What the program reads, for these texts.
    fn written(&self, texts: &[Secret]) -> Result<Secret, SinkError> {
        match (&self.input, texts) {
            (Input::Document(document), texts) => document.write(texts),
            (Input::Value(_), [text]) => Ok(text.clone()),
            (Input::Value(value), _) => Err(SinkError::NoValue { value: value.word() }),
        }
    }

    /// The texts that the store should hold.
    fn texts(&self, values: &Values<'_>) -> Result<Vec<Secret>, SinkError> {
        self.entries().iter().map(|(_, value)| values.of(*value)).collect()
    }

    /// Gives these texts to a program, whose output shows none of the secrets among them.
    fn deliver(
        &self,
        world: &dyn World,
        program: &Program,
        texts: &[Secret],
        limits: &Limits<'_>,
    ) -> Result<(), NotWritten> {
        for ((_, value), text) in self.entries().iter().zip(texts) {
            if value.is_secret() {
                world.hide(text.expose());
            }
        }
        let input = self.written(texts).map_err(NotWritten::untouched)?;
        program.deliver(world, &input, limits)
    }

    fn variables(&self) -> Vec<String> {
        match &self.input {
            Input::Value(_) => Vec::new(),
            Input::Document(document) => document.variables().iter().map(|(name, _)| name.clone()).collect(),
        }
    }
}

impl WritingPrograms {
    fn all(&self) -> Vec<&Program> {
        match self {
            Self::One(program) => vec![program],
            Self::ByContent { create, update } => vec![create, update],
        }
    }

    /// The one that takes a value beside what the store holds.
    fn for_store(&self, is_empty: bool) -> &Program {
        match self {
            Self::One(program) => program,
            Self::ByContent { create, .. } if is_empty => create,
            Self::ByContent { update, .. } => update,
        }
    }
}

impl Sink for CommandSink {
    fn shown(&self) -> &str {
        self.writers.for_store(true).called()
    }

    fn record(&self) -> SinkRecord {
        SinkRecord { kind: "command", path: self.shown().to_owned(), variables: self.variables() }
    }

    fn values(&self) -> Vec<SinkValue> {
        self.entries().into_iter().map(|(_, value)| value).collect()
    }

    fn file(&self) -> Option<&SecretFile> {
        None
    }

    fn claims(&self) -> Vec<(String, SinkValue)> {
        Vec::new()
    }

    fn is_opaque(&self) -> bool {
        self.read.is_none()
    }

    fn prints(&self) -> bool {
        true
    }

    fn time_limit(&self) -> Duration {
        COMMAND_LIMIT + if self.is_opaque() { Duration::ZERO } else { READ_LIMIT }
    }

    fn prove(&self, world: &dyn World, _: &Staging, values: &Values<'_>) -> Result<(), SinkError> {
        self.written(&self.texts(values)?)?;
        self.check(world)
    }

    fn check(&self, world: &dyn World) -> Result<(), SinkError> {
        self.writers.all().into_iter().chain(&self.read).try_for_each(|program| program.prove(world))
    }

    fn read(&self, world: &dyn World) -> Result<SinkReading, SinkError> {
        let Some(content) = self.held(world)? else { return Ok(SinkReading::Opaque) };
        let entries = self.entries().into_iter().zip(content.found);
        let entries = entries.map(|((shown, value), found)| ContentEntry { shown, value, found }).collect();
        Ok(SinkReading::Content(ReadContent { entries, is_loose: false }))
    }

    fn write(
        &self,
        world: &dyn World,
        _: &Staging,
        values: &Values<'_>,
        seen: &SinkReading,
        limits: &Limits<'_>,
    ) -> Result<WriteReceipt, NotWritten> {
        let begun = world.uptime();
        let texts = self.texts(values).map_err(NotWritten::untouched)?;
        let (undo, is_empty) = match self.held(world).map_err(NotWritten::untouched)? {
            None => (Undo::Opaque, true),
            Some(StoreContent { is_empty, found }) => {
                if let Some(position) = seen.first_foreign(&found, &texts) {
                    let shown =
                        self.entries().into_iter().nth(position).map_or_else(String::new, |(shown, _)| shown);
                    return Err(NotWritten::untouched(SinkError::ChangedMeanwhile { shown }));
                }
                (Undo::Readable { before: found, after: texts.clone() }, is_empty)
            }
        };
        let left = limits.time.saturating_sub(world.uptime().saturating_sub(begun));
        if left.is_zero() {
            let (program, limit) = (self.shown().to_owned(), limits.time);
            return Err(NotWritten::untouched(SinkError::CommandTimedOut { program, limit }));
        }
        let program = self.writers.for_store(is_empty);
        self.deliver(world, program, &texts, &Limits { time: left, ..*limits })?;
        Ok(WriteReceipt {
            shown: self.shown().to_owned(),
            variables: self.variables(),
            tightened: None,
            undo,
        })
    }

    /// All values or none: a program takes them together.
    fn restore(&self, world: &dyn World, _: &Staging, written: &WriteReceipt) -> Result<(), SinkError> {
        let lasting = || SinkError::NotRestorable { program: self.shown().to_owned() };
        let Undo::Readable { before, after } = &written.undo else { return Err(lasting()) };
        let now = self.held(world)?.ok_or_else(lasting)?;
        let is_ours = now.found.len() == after.len()
            && now.found.iter().zip(after).all(|(now, after)| is_same(now, slice::from_ref(after)));
        if !is_ours {
            return Ok(());
        }
        let before: Option<Vec<Secret>> = before.iter().map(|found| found.last().cloned()).collect();
        let before = before.ok_or_else(lasting)?;
        let limits = Limits { time: COMMAND_LIMIT, lock: None };
        let program = self.writers.for_store(now.is_empty);
        self.deliver(world, program, &before, &limits).map_err(|not_written| not_written.error)
    }

    fn clear(&self, _: &dyn World, _: &Staging, _: &SinkReading) -> Result<Vec<String>, SinkError> {
        Ok(Vec::new())
    }
}
