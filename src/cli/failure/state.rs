//! What is wrong with the state folder, and what to do.

use super::code::Code;
use super::command_line::CommandLine;
use super::hint::{Hint, Hints};
use super::library::AGAIN;
use super::problem::Problem;
use super::sink;
use crate::custody::{NoteError, STATE_FOLDER, StateError};
use crate::sink::shell_word;

impl From<&StateError> for Problem {
    fn from(error: &StateError) -> Self {
        Self::new(code(error), error.to_string(), hints(error))
    }
}

impl From<&NoteError> for Problem {
    fn from(error: &NoteError) -> Self {
        let hint = "make room or correct the permissions, or name another folder: --state-dir FOLDER";
        Self::new(Code::StateNote, error.to_string(), hint)
    }
}

fn code(error: &StateError) -> Code {
    match error {
        StateError::Unusable { .. } | StateError::NoFolder { .. } | StateError::Foreign { .. } => {
            Code::StateUnusable
        }
        StateError::Link { .. } => Code::StateLink,
        StateError::OtherOwner { .. } => Code::StateOtherOwner,
        StateError::OpenToOthers { .. } => Code::StateOpenToOthers,
        StateError::NotPlain { .. } => Code::StateNotPlain,
        StateError::Tracked { .. } => Code::StateTracked,
        StateError::Unasked { cause, .. } => Code::Sink(cause.code()),
        StateError::AnothersTree { .. } => Code::StateAnotherTree,
        StateError::Locked => Code::StateLocked,
        StateError::Interrupted => Code::CustodyInterrupted,
    }
}

fn hints(error: &StateError) -> Hints {
    match error {
        StateError::Unusable { .. } | StateError::NoFolder { .. } => {
            "name a folder that can be written: --state-dir FOLDER".into()
        }
        StateError::Link { path } => [
            Hint::text("name the folder that you mean: --state-dir FOLDER"),
            Hint::run(
                "or remove the link, and the next run makes a folder",
                CommandLine::on_path("rm", path),
            ),
        ]
        .into(),
        StateError::Foreign { path } => format!(
            "name a folder that does not exist yet: --state-dir {}",
            shell_word(&path.join(STATE_FOLDER))
        )
        .into(),
        StateError::OtherOwner { path, owner, user: 0 } => [
            as_user(*owner),
            Hint::run("or remove it, and the next run makes it again", CommandLine::on_path("rm -r", path)),
        ]
        .into(),
        StateError::OtherOwner { path, .. } => Hint::run(
            "remove it, and the next run makes it again as yours",
            CommandLine::on_path("sudo rm -r", path),
        )
        .into(),
        StateError::OpenToOthers { path, .. } => {
            Hint::run("see what is in it, then", CommandLine::on_path("chmod go-w", path)).into()
        }
        StateError::NotPlain { path, .. } => {
            Hint::run("see who made it, then remove it", CommandLine::on_path("rm -r", path)).into()
        }
        StateError::Tracked { system, untrack, .. } => sink::untrack(*system, untrack).into(),
        StateError::Unasked { cause, .. } => {
            let mut hints = sink::hints(cause).0;
            hints.push(Hint::text("or name a folder outside the work tree: --state-dir FOLDER"));
            hints.into()
        }
        StateError::AnothersTree { path, owner } => {
            let make = CommandLine::on_path("mkdir -m 700", path);
            [as_user(*owner), Hint::run("or, if root should work here, create it first", make)].into()
        }
        StateError::Locked => "wait for the other run, then run the same command again".into(),
        StateError::Interrupted => AGAIN.into(),
    }
}

fn as_user(owner: u32) -> Hint {
    Hint::text(format!("run the same command as that user: sudo -u '#{owner}' …"))
}
