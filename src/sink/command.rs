//! A secret -> the standard input of a program, such as `gh secret set NAME`.
//!
//! The program is started without a shell and reads the secret with nothing after it: programs of this kind read
//! to the end of their input, and some keep a newline as part of the value. The secret is never an argument or a
//! variable, which other processes could see. A second program may say what the sink holds; what it prints is never
//! shown.

use std::ffi::OsStr;
use std::iter;
use std::path::{Path, PathBuf};
use std::slice;
use std::time::Duration;

use super::contract::{
    ContentEntry, Limits, NotWritten, ReadContent, Sink, SinkReading, SinkRecord, Undo, WriteReceipt, is_same,
};
use super::{EnvFile, Root, SinkError, Staging, Values};
use crate::profile::SinkValue;
use crate::secret::{Secret, masked};
use crate::world::{BOOTSTRAP_VARIABLES, Child, ChildOutput, EntryKind, World};

/// How long a program may take over a secret before it is killed, with all that it started.
pub const COMMAND_LIMIT: Duration = Duration::from_secs(120);

/// How long a program may take to say what a sink holds.
pub const READ_LIMIT: Duration = Duration::from_secs(30);

/// The most that a sink may say that it holds, in bytes.
const LONGEST_VALUE: usize = 64 * 1024;

/// A program that takes a value, and perhaps another that says which one it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandSink {
    program: Program,
    input: SinkValue,
    read: Option<Program>,
}

impl CommandSink {
    /// Takes the program that is given a value, and the one that says what the sink holds, where there is one.
    #[must_use]
    pub fn new(root: &Root, argv: &[String], input: SinkValue, read: Option<&[String]>) -> Self {
        let read = read.map(|argv| Program::new(root, argv));
        Self { program: Program::new(root, argv), input, read }
    }

    /// What the sink holds, where it can say so.
    fn held(&self, world: &dyn World) -> Result<Option<Vec<Secret>>, SinkError> {
        let Some(reader) = &self.read else { return Ok(None) };
        Ok(Some(reader.ask(world)?.into_iter().collect()))
    }
}

impl Sink for CommandSink {
    fn shown(&self) -> &str {
        self.program.called()
    }

    fn record(&self) -> SinkRecord {
        SinkRecord { kind: "command", path: self.shown().to_owned(), variables: Vec::new() }
    }

    fn values(&self) -> Vec<SinkValue> {
        vec![self.input]
    }

    fn file(&self) -> Option<&EnvFile> {
        None
    }

    fn claims(&self) -> Vec<(String, SinkValue)> {
        Vec::new()
    }

    fn is_opaque(&self) -> bool {
        self.read.is_none()
    }

    fn time_limit(&self) -> Duration {
        COMMAND_LIMIT + if self.is_opaque() { Duration::ZERO } else { READ_LIMIT }
    }

    fn prove(&self, world: &dyn World, _: &Staging, values: &Values<'_>) -> Result<(), SinkError> {
        values.of(self.input)?;
        self.check(world)
    }

    fn check(&self, world: &dyn World) -> Result<(), SinkError> {
        self.program.prove(world)?;
        self.read.as_ref().map_or(Ok(()), |reader| reader.prove(world))
    }

    fn read(&self, world: &dyn World) -> Result<SinkReading, SinkError> {
        Ok(match self.held(world)? {
            None => SinkReading::Opaque,
            Some(found) => {
                let entry = ContentEntry { shown: self.shown().to_owned(), value: self.input, found };
                SinkReading::Content(ReadContent { entries: vec![entry], is_loose: false })
            }
        })
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
        let after = values.of(self.input).map_err(NotWritten::untouched)?;
        let held = self.held(world).map_err(NotWritten::untouched)?;
        let undo = match held {
            None => Undo::Opaque,
            Some(now) => {
                let seen = match seen {
                    SinkReading::Content(ReadContent { entries, .. }) => entries.first(),
                    SinkReading::Opaque => None,
                };
                let is_as_seen = seen.is_some_and(|entry| is_same(&entry.found, &now));
                if !is_as_seen && !is_same(&now, slice::from_ref(&after)) {
                    let shown = self.shown().to_owned();
                    return Err(NotWritten::untouched(SinkError::ChangedMeanwhile { shown }));
                }
                Undo::Readable { before: now.into_iter().next(), after: after.clone() }
            }
        };
        let left = limits.time.saturating_sub(world.uptime().saturating_sub(begun));
        if left.is_zero() {
            let (program, limit) = (self.shown().to_owned(), limits.time);
            return Err(NotWritten::untouched(SinkError::CommandTimedOut { program, limit }));
        }
        self.program.deliver(world, &after, &Limits { time: left, ..*limits })?;
        Ok(WriteReceipt { shown: self.shown().to_owned(), variables: Vec::new(), tightened: None, undo })
    }

    fn restore(&self, world: &dyn World, _: &Staging, written: &WriteReceipt) -> Result<(), SinkError> {
        let lasting = || SinkError::NotRestorable { program: self.shown().to_owned() };
        let Undo::Readable { before, after } = &written.undo else { return Err(lasting()) };
        let now = self.held(world)?.ok_or_else(lasting)?;
        if !is_same(&now, slice::from_ref(after)) {
            return Ok(());
        }
        let before = before.as_ref().ok_or_else(lasting)?;
        let limits = Limits { time: COMMAND_LIMIT, lock: None };
        self.program.deliver(world, before, &limits).map_err(|not_written| not_written.error)
    }

    fn clear(&self, _: &dyn World, _: &Staging, _: &SinkReading) -> Result<Vec<String>, SinkError> {
        Ok(Vec::new())
    }
}

/// A program as a profile names it, with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    argv: Vec<String>,
    folder: PathBuf,
    called: String,
}

impl Program {
    /// Takes program and arguments. It runs in the root, like every path of a profile.
    #[must_use]
    pub fn new(root: &Root, argv: &[String]) -> Self {
        Self { argv: argv.to_vec(), folder: root.folder.clone(), called: called(argv) }
    }

    /// What a person calls it.
    #[must_use]
    pub fn called(&self) -> &str {
        &self.called
    }

    /// The program as the profile names it.
    fn name(&self) -> &str {
        self.argv.first().map_or("", String::as_str)
    }

    /// Program and arguments.
    #[must_use]
    pub fn argv(&self) -> &[String] {
        &self.argv
    }

    /// Proves that it exists and may be executed; runs nothing.
    pub fn prove(&self, world: &dyn World) -> Result<(), SinkError> {
        self.find(world).map(drop)
    }

    /// Gives it a value on its standard input and waits for it. What it prints is passed on, with stars over the
    /// value.
    pub fn deliver(&self, world: &dyn World, input: &Secret, limits: &Limits<'_>) -> Result<(), NotWritten> {
        let program = || self.called.clone();
        let found = self.find(world).map_err(NotWritten::untouched)?;
        world.hide(input.expose());
        let child = Child {
            program: self.executable(&found),
            input: input.expose().as_bytes(),
            hidden: &BOOTSTRAP_VARIABLES,
            output: ChildOutput::ToStandardError,
            time_limit: Some(limits.time),
            lock: limits.lock,
            ..Child::new(&self.argv, &self.folder)
        };
        let finished = world.run(&child).map_err(|source| {
            NotWritten::untouched(SinkError::CommandNotStarted { program: program(), source })
        })?;
        if finished.timed_out {
            let limit = limits.time;
            return Err(NotWritten::perhaps(SinkError::CommandTimedOut { program: program(), limit }));
        }
        match finished.code {
            Some(0) => Ok(()),
            Some(code) => Err(NotWritten::perhaps(SinkError::CommandFailed { program: program(), code })),
            None => Err(NotWritten::perhaps(SinkError::CommandKilled { program: program() })),
        }
    }

    /// Runs it for what it prints on standard output, without the newline at its end; `None` if that is nothing.
    /// Nothing of it is shown: it is a secret that nobody knows yet.
    fn ask(&self, world: &dyn World) -> Result<Option<Secret>, SinkError> {
        let unread = |why: String| SinkError::CommandUnread { program: self.called.clone(), why };
        let found = self.find(world)?;
        let child = Child {
            program: self.executable(&found),
            hidden: &BOOTSTRAP_VARIABLES,
            time_limit: Some(READ_LIMIT),
            ..Child::new(&self.argv, &self.folder)
        };
        let finished = world
            .run(&child)
            .map_err(|source| SinkError::CommandNotStarted { program: self.called.clone(), source })?;
        match finished.code {
            _ if finished.timed_out => {
                return Err(unread(format!("it did not end within {} s", READ_LIMIT.as_secs())));
            }
            Some(0) => {}
            Some(code) => return Err(unread(format!("it failed with exit code {code}"))),
            None => return Err(unread("it was killed".to_owned())),
        }
        let bytes = finished.output.as_slice();
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if bytes.len() > LONGEST_VALUE {
            return Err(unread(format!("it printed more than {LONGEST_VALUE} bytes")));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| unread("it printed no text".to_owned()))?;
        Ok((!text.is_empty()).then(|| Secret::new(text.to_owned())))
    }

    /// The path that is executed. Only a name without a slash is looked up in PATH; which folder another relative name
    /// starts from when the child gets its own folder differs between systems.
    fn executable<'a>(&self, found: &'a Path) -> Option<&'a Path> {
        self.name().contains('/').then_some(found)
    }

    /// The executable that would run.
    fn find(&self, world: &dyn World) -> Result<PathBuf, SinkError> {
        let name = self.name();
        let found = if name.is_empty() {
            None
        } else if name.contains('/') {
            Some(self.folder.join(name)).filter(|path| is_executable(world, path))
        } else {
            world.variable("PATH").and_then(|folders| {
                std::env::split_paths(&folders)
                    .map(|folder| self.folder.join(folder).join(name))
                    .find(|path| is_executable(world, path))
            })
        };
        found.ok_or_else(|| SinkError::NoProgram { program: name.to_owned() })
    }
}

/// The shells, whose name tells nothing about what they do.
const SHELLS: [&str; 7] = ["sh", "bash", "dash", "ash", "ksh", "zsh", "fish"];

/// What a person calls a program: its name, and for a shell the command that its script begins with. No more of the
/// arguments is shown: variables may have filled in what nobody should read.
#[must_use]
pub fn called(argv: &[String]) -> String {
    let Some((program, arguments)) = argv.split_first() else { return String::new() };
    let name = Path::new(program).file_name().and_then(OsStr::to_str);
    if arguments.is_empty() || !name.is_some_and(|name| SHELLS.contains(&name)) {
        return program.clone();
    }
    let is_flag = |word: &&String| word.starts_with('-') && word.len() <= 3;
    let flags = arguments.iter().take_while(is_flag).map(String::as_str);
    let script = arguments.iter().find(|word| !is_flag(word));
    let is_plain = |word: &&str| word.chars().all(|one| one.is_alphanumeric() || "._/-".contains(one));
    let first = script.and_then(|script| script.split_whitespace().next()).filter(is_plain).map(masked);
    let words = iter::once(program.as_str()).chain(flags).chain(first.as_deref());
    format!("{} …", words.collect::<Vec<_>>().join(" "))
}

fn is_executable(world: &dyn World, path: &Path) -> bool {
    let entry = world.real_path(path).and_then(|real| world.look(&real));
    matches!(entry, Ok(Some(entry)) if entry.kind == EntryKind::File && entry.mode & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_called_by_the_command_it_begins_with_and_shows_no_argument() {
        for (argv, is_called) in [
            (&["gh", "secret", "set", "CF"][..], "gh"),
            (&["sh", "-c", "cat > kept"], "sh -c cat …"),
            (&["/bin/bash", "-e", "deploy/put.sh", "FAKE-secret"], "/bin/bash -e deploy/put.sh …"),
            (&["sh", "-c", "VAULT_TOKEN=FAKE-secret vault kv put"], "sh -c …"),
            (&["sh", "-c", "curl -H 'Authorization: FAKE-secret'"], "sh -c curl …"),
            (&["sh"], "sh"),
        ] {
            let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(called(&argv), is_called);
        }
    }
}
