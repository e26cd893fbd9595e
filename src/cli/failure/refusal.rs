//! What planning refuses, with its code and what to do.

use super::code::Code;
use super::command_line::{About, CommandLine};
use super::hint::{Hint, Hints};
use crate::cli::output::describe;
use crate::plan::{MarkedName, Protected, Refused, SinkKind};

/// What to do about a list that is not whole.
pub(super) const LIST_CUT_OFF: &str =
    "delete tokens that nobody uses, or ask Cloudflare why its list is not whole";

/// The code of a refusal.
pub(in crate::cli) fn code_of(refused: &Refused) -> Code {
    match refused {
        Refused::Foreign { .. }
        | Refused::Adoptable { .. }
        | Refused::ForeignShutOut { .. }
        | Refused::MayBeYoung { .. } => Code::CustodyForeignToken,
        Refused::Unanswered { .. } => Code::CustodyCannotTell,
        Refused::Protected { .. } => Code::CustodyProtectedValue,
        Refused::AnotherRun { .. } => Code::CustodyAnotherRun,
        Refused::TooManyPending { .. } => Code::CustodyTooManyPending,
        Refused::ListCutOff { .. } => Code::CloudflareListCutOff,
        Refused::Unreadable { .. } => Code::CustodyUnreadableToken,
        Refused::ClocksApart { .. } => Code::CustodyClocksApart,
        Refused::NotHeld { .. } => Code::CustodyNotHeld,
        Refused::NothingToRoll => Code::CustodyNothingToRoll,
        Refused::NotTheOwners { .. } => Code::CustodyNoSuchToken,
        Refused::Dead { .. } => Code::CustodyDeadToken,
        Refused::HasGeneration { .. } => Code::CustodyHasToken,
    }
}

/// What to do about a refusal.
pub(super) fn hints(refused: &Refused, about: &About) -> Hints {
    let command = |name| CommandLine::new(name, about.clone());
    match refused {
        Refused::Foreign { .. } | Refused::ForeignShutOut { .. } => foreign(about).into(),
        Refused::Adoptable { id, name, .. } => {
            let adopt = match MarkedName::parse(name) {
                // It has an owner, unless that is this profile: nothing to paste without a thought.
                Some(_) => Hint::text(format!(
                    "or, if this profile had another name before, take its token over, with the secret it has: --adopt {id}"
                )),
                None => Hint::run(
                    "or take the token over, with the secret it has",
                    command("apply").option("--adopt", id),
                ),
            };
            [foreign(about), adopt].into()
        }
        Refused::Unanswered { .. } => overwrite("run the same command again, or overwrite it", about).into(),
        Refused::MayBeYoung { .. } => overwrite(
            "if that token is new, run the same command again in two minutes; otherwise switch it on or delete \
             it, or overwrite the value",
            about,
        )
        .into(),
        Refused::Protected { what: Protected::Real, kind: SinkKind::Program, .. } => {
            "give the profile another place, with other arguments in `command` and `read` or another path in `vault`, or \
             another sink"
                .into()
        }
        Refused::Protected { what: Protected::Real, .. } => {
            "remove the value from the file first, or give the profile another `env_file`".into()
        }
        Refused::Protected { .. } => {
            overwrite("move the value to where it belongs, or overwrite it", about).into()
        }
        Refused::AnotherRun { until, .. } => format!(
            "if no other run is active, run the same command again after {}",
            describe::time(*until)
        )
        .into(),
        Refused::TooManyPending { names } => {
            let first = names.iter().filter_map(|(_, end)| *end).min();
            let text = format!(
                "find out why runs do not finish (see their messages); the first of these ends {}, or end \
                 them all",
                describe::end(first)
            );
            Hint::run(text, command("revoke")).into()
        }
        Refused::ListCutOff { .. } => LIST_CUT_OFF.into(),
        Refused::Unreadable { .. } => {
            "look at that token in the dashboard; if nobody needs it, delete it there".into()
        }
        Refused::ClocksApart { .. } => {
            "set this machine's clock, or find out who answers in Cloudflare's place".into()
        }
        Refused::NotHeld { .. } => [
            Hint::run("make a successor and let the old one expire", command("rotate")),
            Hint::run("or give the token a new secret (the old one dies at once)", command("roll")),
            Hint::text("or, if you have its secret, put it there yourself"),
        ]
        .into(),
        Refused::NothingToRoll => Hint::run("make one", command("apply")).into(),
        Refused::NotTheOwners { .. } => {
            "look at the profile's `owner`; the address of the token's page in the dashboard ends with its id"
                .into()
        }
        Refused::Dead { .. } => Hint::run("make a new one", command("apply")).into(),
        Refused::HasGeneration { .. } => {
            Hint::run("give the profile another `name`, or end its own token first", command("revoke")).into()
        }
    }
}

/// What to do about a value that is somebody else's.
fn foreign(about: &About) -> Hint {
    overwrite("use another variable or file, or overwrite it", about)
}

fn overwrite(text: &str, about: &About) -> Hint {
    Hint::run(text, CommandLine::Overwrite(about.clone()))
}
