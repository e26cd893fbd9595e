//! A program that a profile names: found, given a secret, or asked for one.
//!
//! It is started without a shell and reads the secret with nothing after it: programs of this kind read to the end of
//! their input, and some keep a newline as part of the value. The secret is never an argument or a variable, which other
//! processes could see. What a program that is asked prints is never shown.

use std::ffi::OsStr;
use std::iter;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::contract::{Limits, NotWritten};
use super::{Root, SinkError};
use crate::secret::{Secret, masked};
use crate::world::{BOOTSTRAP_VARIABLES, Child, ChildOutput, EntryKind, World};

/// How long a program may take to say what a sink holds.
pub(super) const READ_LIMIT: Duration = Duration::from_secs(30);

/// The most that a sink may say that it holds, in bytes.
const LONGEST_VALUE: usize = 64 * 1024;

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

    /// Gives it a text on its standard input and waits for it. What it prints is passed on, with stars over what the
    /// world hides.
    pub fn deliver(&self, world: &dyn World, input: &Secret, limits: &Limits<'_>) -> Result<(), NotWritten> {
        let program = || self.called.clone();
        let found = self.find(world).map_err(NotWritten::untouched)?;
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
    pub(super) fn ask(&self, world: &dyn World) -> Result<Option<Secret>, SinkError> {
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
