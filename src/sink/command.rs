//! A secret -> the standard input of a program, such as `gh secret set NAME`.
//!
//! The program is started without a shell and reads the secret with nothing after it: programs of this kind read
//! to the end of their input, and some keep a newline as part of the value. The secret is never an argument or a
//! variable, which other processes could see.

use std::ffi::OsStr;
use std::iter;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Root, SinkError};
use crate::secret::{Secret, masked};
use crate::world::{Child, ChildOutput, EntryKind, World};

/// How long a program may take over a secret before it is killed.
pub const COMMAND_LIMIT: Duration = Duration::from_secs(120);

/// A program that takes a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandSink {
    argv: Vec<String>,
    folder: PathBuf,
    called: String,
}

impl CommandSink {
    /// Takes program and arguments. It runs in the root, like every path of a profile.
    #[must_use]
    pub fn new(root: &Root, argv: &[String]) -> Self {
        Self { argv: argv.to_vec(), folder: root.folder.clone(), called: called(argv) }
    }

    /// What a person calls it.
    #[must_use]
    pub fn program(&self) -> &str {
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

    /// Proves that the program exists and may be executed; runs nothing.
    pub fn prove(&self, world: &dyn World) -> Result<(), SinkError> {
        self.find(world).map(drop).ok_or_else(|| SinkError::NoProgram { program: self.name().to_owned() })
    }

    /// Hands the secret to the program and waits for it. `hidden` are the variables that it must not see.
    pub fn deliver(&self, world: &dyn World, input: &Secret, hidden: &[&str]) -> Result<(), SinkError> {
        let program = || self.program().to_owned();
        let Some(found) = self.find(world) else {
            return Err(SinkError::NoProgram { program: self.name().to_owned() });
        };
        let mut argv = self.argv.clone();
        // Only a name without a slash is looked up in PATH; which folder another relative name starts from when
        // the child gets a folder of its own differs between systems.
        if let (true, Some(first), Some(found)) =
            (self.name().contains('/'), argv.first_mut(), found.to_str())
        {
            found.clone_into(first);
        }
        let child = Child {
            argv: &argv,
            folder: &self.folder,
            input: input.expose().as_bytes(),
            variables: &[],
            hidden,
            output: ChildOutput::ToStandardError,
            time_limit: Some(COMMAND_LIMIT),
        };
        let finished = world
            .run(&child)
            .map_err(|source| SinkError::CommandNotStarted { program: program(), source })?;
        if finished.timed_out {
            return Err(SinkError::CommandTimedOut { program: program(), limit: COMMAND_LIMIT });
        }
        match finished.code {
            Some(0) => Ok(()),
            Some(code) => Err(SinkError::CommandFailed { program: program(), code }),
            None => Err(SinkError::CommandKilled { program: program() }),
        }
    }

    /// The executable that would run.
    fn find(&self, world: &dyn World) -> Option<PathBuf> {
        let program = self.name();
        if program.is_empty() {
            return None;
        }
        if program.contains('/') {
            return Some(self.folder.join(program)).filter(|path| is_executable(world, path));
        }
        let folders = world.variable("PATH")?;
        std::env::split_paths(&folders)
            .map(|folder| self.folder.join(folder).join(program))
            .find(|path| is_executable(world, path))
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
