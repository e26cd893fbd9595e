//! Values in a file as a sink, whatever the file's format.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{ContentProblem, FileContent, FileFormat, SecretFile};
use crate::profile::{FileSpec, SinkValue};
use crate::secret::Secret;
use crate::sink::contract::{
    ContentEntry, Limits, NotWritten, ReadContent, Sink, SinkReading, SinkRecord, Undo, WriteReceipt, is_same,
};
use crate::sink::env_file::EnvFormat;
use crate::sink::json_file::JsonFormat;
use crate::sink::{Root, SinkError, Staging, Values};
use crate::world::World;

/// A file, its format, and the variables that a profile sets in it.
pub struct FileSink {
    file: SecretFile,
    format: &'static dyn FileFormat,
    variables: Vec<(String, SinkValue)>,
}

impl FileSink {
    /// An env file; one in the state folder is no sink. The mode is 0600 where none is given.
    pub fn env_file(
        world: &dyn World,
        root: &Root,
        state_folder: Option<&Path>,
        spec: &FileSpec,
    ) -> Result<Self, SinkError> {
        Self::locate(world, root, state_folder, spec, &EnvFormat)
    }

    /// A JSON file, on the same terms.
    pub fn json_file(
        world: &dyn World,
        root: &Root,
        state_folder: Option<&Path>,
        spec: &FileSpec,
    ) -> Result<Self, SinkError> {
        Self::locate(world, root, state_folder, spec, &JsonFormat)
    }

    fn locate(
        world: &dyn World,
        root: &Root,
        state_folder: Option<&Path>,
        spec: &FileSpec,
        format: &'static dyn FileFormat,
    ) -> Result<Self, SinkError> {
        let file = SecretFile::locate(world, root, &spec.path.value)?;
        if let Some(folder) = state_folder {
            file.stay_out_of(world, folder)?;
        }
        let file = spec.mode.iter().fold(file, |file, mode| file.with_mode(mode.value));
        let variables = spec.variables.iter().map(|(name, value)| (name.value.clone(), *value)).collect();
        Ok(Self { file, format, variables })
    }

    fn entry_name(&self, variable: &str) -> String {
        format!("{variable} in {}", self.file.shown())
    }

    fn parse(&self, bytes: &[u8]) -> Result<Box<dyn FileContent>, SinkError> {
        self.format.parse(bytes).map_err(self.unfit())
    }

    /// Every definition of a variable.
    fn definitions(&self, content: &dyn FileContent, name: &str) -> Result<Vec<Secret>, SinkError> {
        content.values(name).map_err(self.unfit())
    }

    fn unfit(&self) -> impl Fn(ContentProblem) -> SinkError {
        |problem| problem.of(self.shown())
    }

    fn set_all(&self, content: &mut dyn FileContent, texts: &[(&str, Secret)]) -> Result<(), SinkError> {
        texts.iter().try_for_each(|(name, text)| content.set(name, text.expose()).map_err(self.unfit()))
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
        content: &dyn FileContent,
        seen: &SinkReading,
        texts: &[(&str, Secret)],
    ) -> Result<(), SinkError> {
        for (name, text) in texts {
            let now = self.definitions(content, name)?;
            let is_as_seen = self.seen(seen, name).is_some_and(|seen| is_same(seen, &now));
            let is_set = !now.is_empty() && now.iter().all(|now| now.expose() == text.expose());
            if !is_as_seen && !is_set {
                return Err(SinkError::ChangedMeanwhile { shown: self.entry_name(name) });
            }
        }
        Ok(())
    }
}

impl Sink for FileSink {
    fn shown(&self) -> &str {
        self.file.shown()
    }

    fn record(&self) -> SinkRecord {
        let variables = self.variables.iter().map(|(name, _)| name.clone()).collect();
        SinkRecord { kind: self.format.kind(), path: self.shown().to_owned(), variables }
    }

    fn values(&self) -> Vec<SinkValue> {
        self.variables.iter().map(|(_, value)| *value).collect()
    }

    fn file(&self) -> Option<&SecretFile> {
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
        self.file.prove(world, staging, &mut |bytes| {
            let mut content = self.parse(bytes)?;
            self.set_all(&mut *content, &texts)?;
            Ok(content.to_bytes())
        })
    }

    fn read(&self, world: &dyn World) -> Result<SinkReading, SinkError> {
        let content = self.parse(&self.file.read(world)?)?;
        let entries = self.variables.iter().map(|(name, value)| {
            let found = self.definitions(&*content, name)?;
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
        let replaced = self.file.rewrite(world, staging, &mut |bytes| {
            let mut content = self.parse(bytes)?;
            self.compare(&*content, seen, &texts)?;
            self.set_all(&mut *content, &texts)?;
            let after = content.to_bytes();
            states = Some((Zeroizing::new(bytes.to_vec()), after.clone()));
            Ok(after)
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
        self.file.replace(world, staging, &mut |bytes| {
            if bytes == after.as_slice() {
                return Ok(before.clone());
            }
            let (mut content, before, after) = (self.parse(bytes)?, self.parse(before)?, self.parse(after)?);
            for name in &written.variables {
                // What somebody put there meanwhile is theirs.
                if is_same(&self.definitions(&*content, name)?, &self.definitions(&*after, name)?) {
                    match before.values(name).ok().and_then(|mut values| values.pop()) {
                        Some(value) => content.set(name, value.expose()),
                        None => content.remove(name),
                    }
                    .map_err(self.unfit())?;
                }
            }
            Ok(content.to_bytes())
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
        self.file.replace(world, staging, &mut |bytes| {
            gone.clear();
            let mut content = self.parse(bytes)?;
            for name in &mortal {
                let now = self.definitions(&*content, name)?;
                if !now.is_empty() && self.seen(seen, name).is_some_and(|seen| is_same(seen, &now)) {
                    content.remove(name).map_err(self.unfit())?;
                    gone.push((*name).to_owned());
                }
            }
            Ok(content.to_bytes())
        })?;
        Ok(gone)
    }
}
