//! A secret -> keys of a secret in Vault or OpenBao, in a KV store of version 2.
//!
//! Other keys of it stay. Every write says which version it replaces, so that of two writers one is told that it came too
//! late. What is read is read from the store itself, and a token goes to no other server.

mod client;
mod error;
mod settings;

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use self::client::{Client, Stored, Written};
pub use self::error::VaultError;
pub use self::settings::VAULT_SECRETS;
use super::contract::{
    ContentEntry, Limits, NotWritten, ReadContent, Sink, SinkReading, SinkRecord, Undo, WriteReceipt, is_same,
};
use super::json_file::JsonContent;
use super::{SecretFile, SinkError, Staging, Values};
use crate::profile::SinkValue;
use crate::secret::Secret;
use crate::world::World;

/// How long a store may take to say what it holds.
const READ_LIMIT: Duration = Duration::from_secs(20);

/// How long it may take to be written: long enough for a cluster to choose another leader.
const WRITE_LIMIT: Duration = Duration::from_secs(60);

/// How often a change is made again because somebody else wrote meanwhile.
const TRIES: usize = 5;

/// Keys of a secret.
pub struct VaultSink {
    path: String,
    variables: Vec<(String, SinkValue)>,
    /// The token of a log-in, which is made once.
    token: Mutex<Option<Secret>>,
}

/// What a store holds under one key, for a bootstrap.
pub fn vault_value(world: &dyn World, path: &str, key: &str) -> Result<Option<Secret>, SinkError> {
    let client = Client::new(world, None, READ_LIMIT)?;
    let stored = client.read(path)?;
    Ok(content(path, &stored)?.values(key).map_err(unfit(path))?.pop())
}

impl VaultSink {
    /// Takes the path, such as `secret/data/shop/cloudflare`, and the keys with what each receives.
    #[must_use]
    pub fn new(path: String, variables: Vec<(String, SinkValue)>) -> Self {
        Self { path, variables, token: Mutex::default() }
    }

    fn client<'a>(&self, world: &'a dyn World, patience: Duration) -> Result<Client<'a>, SinkError> {
        let mut known = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        let client = Client::new(world, known.as_ref(), patience)?;
        *known = Some(client.token().clone());
        Ok(client)
    }

    fn entry_name(&self, key: &str) -> String {
        format!("{key} in {}", self.path)
    }

    fn texts(&self, values: &Values<'_>) -> Result<Vec<Secret>, SinkError> {
        self.variables.iter().map(|(_, value)| values.of(*value)).collect()
    }

    fn names(&self) -> Vec<String> {
        self.variables.iter().map(|(name, _)| name.clone()).collect()
    }

    /// What stands under each key.
    fn found(&self, stored: &Stored) -> Result<Vec<Vec<Secret>>, SinkError> {
        let content = content(&self.path, stored)?;
        self.variables.iter().map(|(name, _)| content.values(name).map_err(unfit(&self.path))).collect()
    }

    /// Whether all keys have these texts.
    fn holds(&self, client: &Client<'_>, texts: &[Secret]) -> bool {
        let found = client.read(&self.path).map_err(SinkError::from).and_then(|stored| self.found(&stored));
        let is_text = |(found, text): (&Vec<Secret>, &Secret)| is_same(found, std::slice::from_ref(text));
        found.is_ok_and(|found| found.iter().zip(texts).all(is_text))
    }

    /// Writes the keys over the version that stands there, and returns what stood there; `None` where somebody else wrote
    /// meanwhile, other keys perhaps.
    fn write_once(
        &self,
        client: &Client<'_>,
        texts: &[Secret],
        seen: &SinkReading,
    ) -> Result<Option<Vec<Vec<Secret>>>, NotWritten> {
        let stored = client.read(&self.path).map_err(|error| NotWritten::untouched(error.into()))?;
        let before = self.found(&stored).map_err(NotWritten::untouched)?;
        if let Some(position) = seen.first_foreign(&before, texts) {
            let shown =
                self.variables.get(position).map_or_else(String::new, |(name, _)| self.entry_name(name));
            return Err(NotWritten::untouched(SinkError::ChangedMeanwhile { shown }));
        }
        let mut content = content(&self.path, &stored).map_err(NotWritten::untouched)?;
        for ((name, _), text) in self.variables.iter().zip(texts) {
            content
                .set(name, text.expose())
                .map_err(|problem| NotWritten::untouched(unfit(&self.path)(problem)))?;
        }
        match client.write(&self.path, stored.version, &content.to_bytes()) {
            Ok(Written::Done) => Ok(Some(before)),
            // An answer that was lost may have been of the write that stands there now.
            Ok(Written::Overtaken) if client.has_lost() && self.holds(client, texts) => Ok(Some(before)),
            Ok(Written::Overtaken) if client.has_lost() => {
                let error = SinkError::ChangedMeanwhile { shown: self.path.clone() };
                Err(NotWritten::perhaps(error))
            }
            Ok(Written::Overtaken) => Ok(None),
            Err(error @ VaultError::NoVersions { .. }) => Err(NotWritten::perhaps(error.into())),
            Err(error) if client.has_lost() => Err(NotWritten::perhaps(error.into())),
            Err(error) => Err(NotWritten::untouched(error.into())),
        }
    }

    /// Changes the keys of what stands there, again where somebody else wrote meanwhile; returns whether anything was to
    /// be changed.
    fn edit(
        &self,
        world: &dyn World,
        staging: &Staging,
        change: &mut dyn FnMut(&mut JsonContent) -> Result<bool, SinkError>,
    ) -> Result<bool, SinkError> {
        let client = self.client(world, WRITE_LIMIT)?;
        staging.alone_with(Path::new(&self.path), || {
            for _ in 0..TRIES {
                let stored = client.read(&self.path)?;
                let mut content = content(&self.path, &stored)?;
                if !change(&mut content)? {
                    return Ok(false);
                }
                match client.write(&self.path, stored.version, &content.to_bytes())? {
                    Written::Done => return Ok(true),
                    Written::Overtaken => {}
                }
            }
            Err(SinkError::ChangedMeanwhile { shown: self.path.clone() })
        })
    }
}

/// The object that stands there.
fn content(path: &str, stored: &Stored) -> Result<JsonContent, SinkError> {
    JsonContent::parse(&stored.object).map_err(unfit(path))
}

fn unfit(path: &str) -> impl Fn(super::JsonProblem) -> SinkError {
    move |problem| super::ContentProblem::from(problem).of(path)
}

impl Sink for VaultSink {
    fn shown(&self) -> &str {
        &self.path
    }

    fn record(&self) -> SinkRecord {
        SinkRecord { kind: "vault", path: self.path.clone(), variables: self.names() }
    }

    fn values(&self) -> Vec<SinkValue> {
        self.variables.iter().map(|(_, value)| *value).collect()
    }

    fn file(&self) -> Option<&SecretFile> {
        None
    }

    fn claims(&self) -> Vec<(String, SinkValue)> {
        self.variables.iter().map(|(name, value)| (format!("vault {}\0{name}", self.path), *value)).collect()
    }

    fn is_opaque(&self) -> bool {
        false
    }

    fn time_limit(&self) -> Duration {
        WRITE_LIMIT
    }

    /// Reads what stands there, and asks whether it may be written: a version that nobody needs would stay.
    fn prove(&self, world: &dyn World, _: &Staging, values: &Values<'_>) -> Result<(), SinkError> {
        let texts = self.texts(values)?;
        let client = self.client(world, READ_LIMIT)?;
        let stored = client.read(&self.path)?;
        let mut content = content(&self.path, &stored)?;
        for ((name, _), text) in self.variables.iter().zip(&texts) {
            content.set(name, text.expose()).map_err(unfit(&self.path))?;
        }
        Ok(client.prove(&self.path, stored.version)?)
    }

    fn read(&self, world: &dyn World) -> Result<SinkReading, SinkError> {
        let stored = self.client(world, READ_LIMIT)?.read(&self.path)?;
        let entries = self.variables.iter().zip(self.found(&stored)?);
        let entries = entries.map(|((name, value), found)| ContentEntry {
            shown: self.entry_name(name),
            value: *value,
            found,
        });
        Ok(SinkReading::Content(ReadContent { entries: entries.collect(), is_loose: false }))
    }

    fn write(
        &self,
        world: &dyn World,
        staging: &Staging,
        values: &Values<'_>,
        seen: &SinkReading,
        limits: &Limits<'_>,
    ) -> Result<WriteReceipt, NotWritten> {
        let texts = self.texts(values).map_err(NotWritten::untouched)?;
        let client = self.client(world, limits.time).map_err(NotWritten::untouched)?;
        // Other keys of the secret may be another job's.
        let before = staging.alone_with(Path::new(&self.path), || {
            for _ in 0..TRIES {
                if let Some(before) = self.write_once(&client, &texts, seen)? {
                    return Ok(before);
                }
            }
            Err(NotWritten::untouched(SinkError::ChangedMeanwhile { shown: self.path.clone() }))
        })?;
        let undo = Undo::Readable { before, after: texts };
        Ok(WriteReceipt { shown: self.path.clone(), variables: self.names(), tightened: None, undo })
    }

    fn restore(&self, world: &dyn World, staging: &Staging, written: &WriteReceipt) -> Result<(), SinkError> {
        let Undo::Readable { before, after } = &written.undo else { return Ok(()) };
        self.edit(world, staging, &mut |content| {
            let mut is_ours = false;
            for (((name, _), before), after) in self.variables.iter().zip(before).zip(after) {
                let now = content.values(name).map_err(unfit(&self.path))?;
                // What somebody put there meanwhile is theirs.
                if !is_same(&now, std::slice::from_ref(after)) {
                    continue;
                }
                is_ours = true;
                match before.last() {
                    Some(value) => content.set(name, value.expose()),
                    None => content.remove(name),
                }
                .map_err(unfit(&self.path))?;
            }
            Ok(is_ours)
        })
        .map(drop)
    }

    fn clear(
        &self,
        world: &dyn World,
        staging: &Staging,
        seen: &SinkReading,
    ) -> Result<Vec<String>, SinkError> {
        let SinkReading::Content(seen) = seen else { return Ok(Vec::new()) };
        let mut gone = Vec::new();
        self.edit(world, staging, &mut |content| {
            gone.clear();
            for ((name, value), seen) in self.variables.iter().zip(&seen.entries) {
                let now = content.values(name).map_err(unfit(&self.path))?;
                if value.dies_with_token() && !now.is_empty() && is_same(&seen.found, &now) {
                    content.remove(name).map_err(unfit(&self.path))?;
                    gone.push(name.clone());
                }
            }
            Ok(!gone.is_empty())
        })?;
        Ok(gone)
    }
}
