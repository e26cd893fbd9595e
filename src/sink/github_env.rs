//! A secret -> a variable of the steps that follow in a job of GitHub Actions.
//!
//! GitHub reads the file that `GITHUB_ENV` names when the step ends. Before a secret is written there, the runner is told
//! to put stars over it in the log. Nobody can ask what a later step has, so this is opaque, and what is in the file cannot
//! be taken back: a value that was replaced stands in it beside the new one, which counts.
//!
//! Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use std::path::PathBuf;
use std::time::Duration;

use zeroize::Zeroizing;

use super::contract::{Limits, NotWritten, Sink, SinkReading, SinkRecord, Undo, WriteReceipt};
use super::{SecretFile, SinkError, Staging, Values};
use crate::profile::SinkValue;
use crate::secret::Secret;
use crate::world::{EntryKind, World};

/// The variable that names the file, which is what a person calls the sink.
const GITHUB_ENV: &str = "GITHUB_ENV";

/// The longest file that is looked at, in bytes.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Variables of the steps that follow.
pub struct GithubEnvSink {
    variables: Vec<(String, SinkValue)>,
}

impl GithubEnvSink {
    /// Takes the names of the variables, with what each receives.
    #[must_use]
    pub fn new(variables: Vec<(String, SinkValue)>) -> Self {
        Self { variables }
    }

    /// The file, where this is a job of GitHub Actions.
    fn file(world: &dyn World) -> Result<PathBuf, SinkError> {
        let outside = |why| SinkError::NoGithubActions { why };
        if world.variable("GITHUB_ACTIONS").as_deref() != Some("true") {
            return Err(outside("this is no job of GitHub Actions"));
        }
        let path = world.variable(GITHUB_ENV).map(PathBuf::from);
        let path =
            path.filter(|path| path.is_absolute()).ok_or_else(|| outside("GITHUB_ENV names no file"))?;
        match world.look(&path) {
            Ok(Some(entry)) if entry.kind == EntryKind::File => Ok(path),
            _ => Err(outside("GITHUB_ENV names no file")),
        }
    }

    fn texts(&self, values: &Values<'_>) -> Result<Vec<Secret>, SinkError> {
        self.variables.iter().map(|(_, value)| values.of(*value)).collect()
    }

    fn names(&self) -> Vec<String> {
        self.variables.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The lines that set the variables, each value between two lines that nobody can guess.
    fn lines(&self, world: &dyn World, texts: &[Secret]) -> std::io::Result<Zeroizing<Vec<u8>>> {
        let mut random = [0; 16];
        world.fill_random(&mut random)?;
        let delimiter = format!("cfmint_{:032x}", u128::from_be_bytes(random));
        let length = |(name, _): &(String, SinkValue)| name.len() + 2 * delimiter.len() + 5;
        let length = self.variables.iter().map(length).sum::<usize>();
        // A buffer that grew would leave copies of the secret behind.
        let secrets: usize = texts.iter().map(|text| text.expose().len()).sum();
        let mut lines = Zeroizing::new(Vec::with_capacity(1 + length + secrets));
        for ((name, _), text) in self.variables.iter().zip(texts) {
            for part in [name, "<<", &delimiter, "\n", text.expose(), "\n", &delimiter, "\n"] {
                lines.extend_from_slice(part.as_bytes());
            }
        }
        Ok(lines)
    }

    /// Tells the runner to put stars over every secret. The runner reads its commands from standard error as well as from
    /// standard output (`ScriptHandler.cs` in github.com/actions/runner), and standard output belongs to `--json`.
    fn mask(&self, world: &dyn World, texts: &[Secret]) -> std::io::Result<()> {
        for ((_, value), text) in self.variables.iter().zip(texts) {
            if value.is_secret() {
                world.hide(text.expose());
                let line = Zeroizing::new(format!("::add-mask::{}", escaped(text.expose()).as_str()));
                world.tell_runner(&line)?;
            }
        }
        Ok(())
    }
}

/// A text as a command's data. Source: `packages/core/src/command.ts` in github.com/actions/toolkit.
fn escaped(text: &str) -> Zeroizing<String> {
    let mut escaped = Zeroizing::new(String::with_capacity(3 * text.len()));
    for letter in text.chars() {
        match letter {
            '%' => escaped.push_str("%25"),
            '\r' => escaped.push_str("%0D"),
            '\n' => escaped.push_str("%0A"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn refused(doing: &'static str, path: PathBuf) -> impl FnOnce(std::io::Error) -> SinkError {
    move |source| SinkError::Refused { doing, path, source }
}

impl Sink for GithubEnvSink {
    fn shown(&self) -> &str {
        GITHUB_ENV
    }

    fn record(&self) -> SinkRecord {
        SinkRecord { kind: "github_env", path: GITHUB_ENV.to_owned(), variables: self.names() }
    }

    fn values(&self) -> Vec<SinkValue> {
        self.variables.iter().map(|(_, value)| *value).collect()
    }

    fn file(&self) -> Option<&SecretFile> {
        None
    }

    fn claims(&self) -> Vec<(String, SinkValue)> {
        self.variables.iter().map(|(name, value)| (format!("{GITHUB_ENV}\0{name}"), *value)).collect()
    }

    fn is_opaque(&self) -> bool {
        true
    }

    fn time_limit(&self) -> Duration {
        Duration::ZERO
    }

    fn prove(&self, world: &dyn World, _: &Staging, values: &Values<'_>) -> Result<(), SinkError> {
        self.texts(values)?;
        self.check(world)
    }

    fn check(&self, world: &dyn World) -> Result<(), SinkError> {
        let path = Self::file(world)?;
        world.open_existing(&path).map(drop).map_err(refused("open", path))
    }

    fn read(&self, _: &dyn World) -> Result<SinkReading, SinkError> {
        Ok(SinkReading::Opaque)
    }

    fn write(
        &self,
        world: &dyn World,
        _: &Staging,
        values: &Values<'_>,
        _: &SinkReading,
        _: &Limits<'_>,
    ) -> Result<WriteReceipt, NotWritten> {
        let path = Self::file(world).map_err(NotWritten::untouched)?;
        let texts = self.texts(values).map_err(NotWritten::untouched)?;
        let untouched = |doing| {
            let path = path.clone();
            move |source| NotWritten::untouched(refused(doing, path)(source))
        };
        let before = world.read(&path, LONGEST).map(Zeroizing::new).map_err(untouched("read"))?;
        let mut lines = self.lines(world, &texts).map_err(untouched("write"))?;
        if !before.is_empty() && !before.ends_with(b"\n") {
            // Another command forgot to end its line.
            lines.insert(0, b'\n');
        }
        self.mask(world, &texts).map_err(untouched("put stars over what is written to"))?;
        let mut file = world.open_append(&path, 0o600).map_err(untouched("open"))?;
        world
            .write(&mut file, &lines)
            .map_err(|source| NotWritten::perhaps(refused("write", path.clone())(source)))?;
        let undo = Undo::Opaque;
        Ok(WriteReceipt { shown: GITHUB_ENV.to_owned(), variables: self.names(), tightened: None, undo })
    }

    fn restore(&self, _: &dyn World, _: &Staging, _: &WriteReceipt) -> Result<(), SinkError> {
        Err(SinkError::NotRestorable { program: GITHUB_ENV.to_owned() })
    }

    fn clear(&self, _: &dyn World, _: &Staging, _: &SinkReading) -> Result<Vec<String>, SinkError> {
        Ok(Vec::new())
    }
}
