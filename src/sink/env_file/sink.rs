//! Variables of an env file as a sink.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use super::{Document, DocumentError, EnvFile, ValueError};
use crate::profile::SinkValue;
use crate::secret::Secret;
use crate::sink::contract::{
    ContentEntry, Limits, NotWritten, ReadContent, Sink, SinkReading, SinkRecord, Undo, WriteReceipt, is_same,
};
use crate::sink::{Root, SinkError, Staging, Values};
use crate::world::World;

/// An env file, and the variables that a profile sets in it.
pub struct EnvFileSink {
    file: EnvFile,
    variables: Vec<(String, SinkValue)>,
}

impl EnvFileSink {
    /// Finds the real file; one in the state folder is no sink. The mode is 0600 where none is given.
    pub fn locate(
        world: &dyn World,
        root: &Root,
        state_folder: Option<&Path>,
        path: &Path,
        variables: Vec<(String, SinkValue)>,
        mode: Option<u32>,
    ) -> Result<Self, SinkError> {
        let file = EnvFile::locate(world, root, path)?;
        if let Some(folder) = state_folder {
            file.stay_out_of(world, folder)?;
        }
        let file = mode.into_iter().fold(file, EnvFile::with_mode);
        Ok(Self { file, variables })
    }

    fn entry_name(&self, variable: &str) -> String {
        format!("{variable} in {}", self.file.shown())
    }

    /// Every definition of a variable.
    fn definitions(&self, document: &Document, name: &str) -> Result<Vec<Secret>, SinkError> {
        document.values(name).map_err(|problem| self.unreadable(problem))
    }

    fn unreadable(&self, problem: DocumentError) -> SinkError {
        SinkError::Unreadable { shown: self.shown().to_owned(), problem }
    }

    fn set_all(&self, document: &mut Document, texts: &[(&str, Secret)]) -> Result<(), SinkError> {
        texts.iter().try_for_each(|(name, text)| match document.set(name, text.expose()) {
            Err(ValueError::Line(problem)) => Err(self.unreadable(problem)),
            other => Ok(other?),
        })
    }

    /// The texts that the variables should have.
    fn texts(&self, values: &Values<'_>) -> Result<Vec<(&str, Secret)>, SinkError> {
        let text = |(_, value): &(String, SinkValue)| values.of(*value);
        let texts = self.variables.iter().map(|variable| Ok((variable.0.as_str(), text(variable)?)));
        texts.collect()
    }

    /// What stood in a variable when the run looked.
    fn seen<'a>(&self, seen: &'a SinkReading, variable: &str) -> Option<&'a [Secret]> {
        let SinkReading::Content(content) = seen else { return None };
        let shown = self.entry_name(variable);
        content.entries.iter().find(|entry| entry.shown == shown).map(|entry| entry.found.as_slice())
    }

    /// Refuses a file in which somebody put another value since the run looked, unless it is the one that it is about
    /// to get: nobody asked who owns it.
    fn compare(
        &self,
        document: &Document,
        seen: &SinkReading,
        texts: &[(&str, Secret)],
    ) -> Result<(), SinkError> {
        for (name, text) in texts {
            let now = self.definitions(document, name)?;
            let is_as_seen = self.seen(seen, name).is_some_and(|seen| is_same(seen, &now));
            let is_set = !now.is_empty() && now.iter().all(|now| now.expose() == text.expose());
            if !is_as_seen && !is_set {
                return Err(SinkError::ChangedMeanwhile { shown: self.entry_name(name) });
            }
        }
        Ok(())
    }
}

impl Sink for EnvFileSink {
    fn shown(&self) -> &str {
        self.file.shown()
    }

    fn record(&self) -> SinkRecord {
        let variables = self.variables.iter().map(|(name, _)| name.clone()).collect();
        SinkRecord { kind: "env_file", path: self.shown().to_owned(), variables }
    }

    fn values(&self) -> Vec<SinkValue> {
        self.variables.iter().map(|(_, value)| *value).collect()
    }

    fn file(&self) -> Option<&EnvFile> {
        Some(&self.file)
    }

    fn claims(&self) -> Vec<(String, SinkValue)> {
        let path = self.file.path().as_os_str();
        // Two names that are not UTF-8 must not look the same.
        let path = path.to_str().map_or_else(|| path.as_bytes().escape_ascii().to_string(), str::to_owned);
        self.variables.iter().map(|(name, value)| (format!("{path}\0{name}"), *value)).collect()
    }

    fn is_opaque(&self) -> bool {
        false
    }

    fn time_limit(&self) -> Duration {
        Duration::ZERO
    }

    fn prove(&self, world: &dyn World, staging: &Staging, values: &Values<'_>) -> Result<(), SinkError> {
        let texts = self.texts(values)?;
        self.file.prove(world, staging, &mut |document| self.set_all(document, &texts))
    }

    fn read(&self, world: &dyn World) -> Result<SinkReading, SinkError> {
        let document = self.file.read(world)?;
        let entries = self.variables.iter().map(|(name, value)| {
            let found = self.definitions(&document, name)?;
            Ok(ContentEntry { shown: self.entry_name(name), value: *value, found })
        });
        let entries = entries.collect::<Result<_, SinkError>>()?;
        Ok(SinkReading::Content(ReadContent { entries, is_loose: self.file.is_loose(world)? }))
    }

    fn write(
        &self,
        world: &dyn World,
        staging: &Staging,
        values: &Values<'_>,
        seen: &SinkReading,
        _: &Limits<'_>,
    ) -> Result<WriteReceipt, NotWritten> {
        let texts = self.texts(values).map_err(NotWritten::untouched)?;
        let mut states = None;
        let replaced = self.file.rewrite(world, staging, &mut |document| {
            self.compare(document, seen, &texts)?;
            let before = document.clone();
            self.set_all(document, &texts)?;
            states = Some((before, document.clone()));
            Ok(())
        })?;
        let undo = match states {
            Some((before, after)) => Undo::File { before, after, created: replaced.created },
            None => Undo::Opaque,
        };
        let variables = self.variables.iter().map(|(name, _)| name.clone()).collect();
        Ok(WriteReceipt { shown: self.shown().to_owned(), variables, tightened: replaced.tightened, undo })
    }

    /// All of the file, or, where somebody else wrote to it meanwhile, the variables.
    fn restore(&self, world: &dyn World, staging: &Staging, written: &WriteReceipt) -> Result<(), SinkError> {
        let Undo::File { before, after, created } = &written.undo else { return Ok(()) };
        self.file.replace(world, staging, &mut |document| {
            if document.to_bytes() == after.to_bytes() {
                *document = before.clone();
                return Ok(());
            }
            for name in &written.variables {
                // What somebody put there meanwhile is theirs.
                if is_same(&self.definitions(document, name)?, &self.definitions(after, name)?) {
                    match before.value(name) {
                        Some(value) => document.set(name, value.expose())?,
                        None => document.remove(name).map_err(|problem| self.unreadable(problem))?,
                    }
                }
            }
            Ok(())
        })?;
        if *created { self.file.remove_if_empty(world) } else { Ok(()) }
    }

    fn clear(
        &self,
        world: &dyn World,
        staging: &Staging,
        seen: &SinkReading,
    ) -> Result<Vec<String>, SinkError> {
        let mut gone = Vec::new();
        let mortal: Vec<&str> = self
            .variables
            .iter()
            .filter(|(_, value)| value.dies_with_token())
            .map(|(name, _)| name.as_str())
            .collect();
        self.file.replace(world, staging, &mut |document| {
            gone.clear();
            for name in &mortal {
                let now = self.definitions(document, name)?;
                if !now.is_empty() && self.seen(seen, name).is_some_and(|seen| is_same(seen, &now)) {
                    document.remove(name).map_err(|problem| self.unreadable(problem))?;
                    gone.push((*name).to_owned());
                }
            }
            Ok(())
        })?;
        Ok(gone)
    }
}
