//! What a person should know besides: notes on a plan, remarks on a step, what a run left.

use chrono::{DateTime, Utc};

use super::names::Tense;
use super::times::{elapsed, end, end_and_rest, span, time};
use crate::cli::failure::command_line::{About, CommandLine, ProfileArguments};
use crate::cli::failure::invocation::Invocation;
use crate::cloudflare::TokenOwner;
use crate::custody::{CustodyError, Left, Remark};
use crate::lifecycle::Reason;
use crate::plan::{CannotTell, Kept, Live, MarkedName, Note, RUN_WINDOW, Refused, Why};
use crate::text::one_line;

/// Whose notes they are, and how they are said.
#[derive(Clone, Copy)]
pub(in crate::cli) struct NoteStyle<'a> {
    /// The profile in its environment, for the commands in notes.
    pub(in crate::cli) profile: &'a ProfileArguments,
    /// Whose tokens the notes are about.
    pub(in crate::cli) owner: &'a TokenOwner,
    /// How cfmint was called.
    pub(in crate::cli) invocation: &'a Invocation,
    /// Whether it is still to be done.
    pub(in crate::cli) tense: Tense,
}

/// What a person should know about a plan. What several pending tokens have in common is said once.
pub(in crate::cli) fn notes<'a>(notes: impl Iterator<Item = &'a Note>, style: NoteStyle<'_>) -> Vec<String> {
    let (pending, others): (Vec<_>, Vec<_>) = notes.partition(|note| matches!(note, Note::Pending { .. }));
    let mut said: Vec<String> = others.into_iter().map(|other| style.note(other)).collect();
    match pending.as_slice() {
        [] => {}
        [one] => said.push(style.note(one)),
        several => {
            let ends: Vec<String> = several.iter().filter_map(|note| name_and_end(note)).collect();
            said.push(format!(
                "{} tokens are pending: the runs that made them did not finish, or are under way; they end by \
                 themselves: {}",
                several.len(),
                ends.join(", ")
            ));
        }
    }
    said
}

/// A pending token, where several are named.
fn name_and_end(note: &Note) -> Option<String> {
    let Note::Pending { name, ends, .. } = note else { return None };
    Some(format!("{} {}", one_line(name), end(*ends)))
}

impl NoteStyle<'_> {
    /// A command about the profile.
    fn command(self, name: &'static str) -> String {
        self.line(&CommandLine::about(name, self.profile))
    }

    fn line(self, command: &CommandLine) -> String {
        self.invocation.line(command)
    }

    fn note(self, note: &Note) -> String {
        match note {
            Note::Kept(Kept::Addresses(addresses)) => {
                format!(
                    "keeps the IP rule {addresses}, of which the profile says nothing; `ip: any` takes it away"
                )
            }
            Note::Kept(Kept::Denied(1)) => "keeps the deny policy, which no profile can say".to_owned(),
            Note::Kept(Kept::Denied(count)) => format!("keeps {count} deny policies, which no profile can say"),
            Note::Kept(Kept::Start(start)) => {
                format!(
                    "keeps the beginning {}, of which the profile says nothing; `not_before: now` takes it away",
                    time(*start)
                )
            }
            Note::Pending { name, since, ends } => {
                let since = since.map(|at| format!(" since {}", time(at))).unwrap_or_default();
                format!(
                    "{} is pending{since}: a run that made it did not finish, or is under way; it ends by itself {}",
                    one_line(name),
                    end(*ends)
                )
            }
            Note::RollBecomesRotation => {
                "an earlier run did not finish, so another token takes the place of this one, and its id changes"
                    .to_owned()
            }
            Note::OlderGeneration { name, expires_on } => {
                let end = expires_on.map_or_else(|| "never ends".to_owned(), |end| format!("ends {}", time(end)));
                format!("{name}, the predecessor, is still alive; it {end}")
            }
            Note::Ended { name, expired_on: Some(end), .. } => {
                format!("the last one, {name}, expired {}", time(*end))
            }
            Note::Ended { name, status, .. } => {
                format!("the last one, {name}, no longer works: Cloudflare says `{status}`")
            }
            Note::InOverlap { ends } => format!(
                "it was rotated already, and no successor is made before {}; for another secret now: {}",
                time(*ends),
                self.command("roll")
            ),
            Note::Namesake { id } => {
                let adopt = CommandLine::about("apply", self.profile).option("--adopt", id);
                format!(
                    "a token of the same name exists that cfmint did not make, and it is left alone; to take it over \
                     in place of a new one: {}",
                    self.line(&adopt)
                )
            }
            Note::StillUsed { name, at } => {
                format!(
                    "{name} was still in use {}: check that everything took the new secret",
                    time(*at)
                )
            }
            Note::CannotTell { sink, why } => {
                format!("whether {sink} holds the secret cannot be told: {}", self.cannot_tell(why))
            }
            Note::DeadValue { sink } => {
                let is = self.tense.of("is", "was");
                format!("the old value of {sink} is no live token's; it {is} replaced")
            }
            Note::Left { sink } => {
                format!("{sink} keeps its value: whether it was this token's cannot be told")
            }
            Note::NotHeld { sink } => format!(
                "{sink} does not hold its secret, which cfmint cannot read: put it there yourself, or make a \
                 successor: {}",
                self.command("rotate")
            ),
            Note::Spared(refused @ Refused::NotHeld { .. }) => {
                let refused = CustodyError::Refused(refused.clone());
                format!("{refused}; to make a successor that it holds: {}", self.command("rotate"))
            }
            Note::Spared(refused) => {
                format!("{}; it is left as it is", CustodyError::Refused(refused.clone()))
            }
            Note::Replaced { sink, id, name } => {
                let name = name.as_ref().map(|name| format!(" `{}`", one_line(name))).unwrap_or_default();
                let loses = self.tense.of("loses", "lost");
                let revoke = self.line(&CommandLine::revoke(self.owner, id));
                format!("the live token{name} {loses} its place in {sink}, and lives on; to end it: {revoke}")
            }
            Note::HoldsAnother { sink, id, name } => {
                let revoke = self.line(&CommandLine::revoke(self.owner, id));
                let name = one_line(name);
                format!("{sink} holds the live token `{name}`, which has another name; to end it: {revoke}")
            }
            Note::CutShort { from, to } => format!(
                "its life {} cut short: without this change, it would end {}, not {}",
                self.tense.of("is", "was"),
                time(*from),
                time(*to)
            ),
            Note::EndsSoon { expires_on } => format!("ends soon, {}", time(*expires_on)),
        }
    }

    fn cannot_tell(self, why: &CannotTell) -> String {
        match why {
            CannotTell::Disabled => "the token was disabled".to_owned(),
            CannotTell::ShutOut => "its IP rule shuts this machine out".to_owned(),
            CannotTell::DeadOrShutOut => format!(
                "it is dead, or its IP rule shuts this machine out, and Cloudflare may say the same of both; for a \
                 new secret: {}",
                self.command("roll")
            ),
            CannotTell::Propagating => "it is too young to be known everywhere".to_owned(),
            CannotTell::NotYetValid => "the token does not work yet".to_owned(),
            CannotTell::Program => "a program's copy cannot be read back".to_owned(),
            CannotTell::Unanswered(reason) => reason.clone(),
        }
    }
}

/// What a person should know about a step that was carried out.
pub(in crate::cli) fn remark(remark: &Remark) -> String {
    match remark {
        Remark::ShutOut => {
            "the token's IP rule shuts this machine out, so the bootstrap confirmed it by its id".to_owned()
        }
        Remark::StartsLater { at } => {
            format!("begins to work {}; until then the bootstrap confirms it by its id", time(*at))
        }
        Remark::Holds { sink } => format!("{sink} holds the secret, as it could say now"),
        Remark::HooksRan => {
            "the hooks of an earlier delivery, which had not run or had failed, have run".to_owned()
        }
        Remark::StrayDeleted { name } => {
            format!("an answer was lost; the token it had made, {name}, was found and deleted")
        }
        Remark::MayComeLate { name, until } => format!(
            "an answer was lost; the token that was asked for, {name}, may still be made, and would end by itself {}",
            time(*until)
        ),
        Remark::IdChanged { from, to } => format!(
            "the answer to the roll was lost, so another token takes the place of {from}: its id is {to}"
        ),
        Remark::StandInLeft { name } => {
            format!("{name}, made only for the roll, could not be deleted; it ends by itself")
        }
        Remark::NotRetired { name, reason } => {
            format!("{name} could not be retired ({reason}); the next run tries again")
        }
        Remark::EndDiffers { name, ends } => {
            format!("Cloudflare lets {name} end {}, which is not what was asked for", end(*ends))
        }
        Remark::Retired { name, end } => format!("{name}, {}, ends {}", what_it_was(name), time(*end)),
        Remark::PredecessorDeleted { name } => format!("{name}, {}, is deleted", what_it_was(name)),
        Remark::Cleared { sink, variables } => format!("removed {} from {sink}", variables.join(", ")),
    }
}

/// What a generation was that is ended beside the one in force.
fn what_it_was(name: &str) -> &'static str {
    match MarkedName::parse(name) {
        Some(marked) if marked.phase.is_pending() => "left by a run that did not finish",
        _ => "the predecessor",
    }
}

/// From when on a pending token is no longer taken for one of a run that is under way, where that is not yet so.
pub(in crate::cli) fn finished_from(
    issued_on: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let from = issued_on.unwrap_or(now) + RUN_WINDOW;
    (from > now).then_some(from)
}

/// What an interrupted run left, where no profile is at hand.
pub(in crate::cli) fn leftover(
    invocation: &Invocation,
    live: &Live,
    left: &Left,
    now: DateTime<Utc>,
) -> String {
    let name = one_line(&live.name);
    let since = live.issued_on.map(|at| format!(" since {}", time(at))).unwrap_or_default();
    match left {
        Left::Deleted => format!("{name}: it was made, and nobody can have its secret"),
        Left::EndsByItself => {
            let from = finished_from(live.issued_on, now);
            let from = from.map(|from| format!(" after {}", time(from))).unwrap_or_default();
            let recover = invocation.line(&CommandLine::new("recover", About::AnyProfile));
            format!(
                "{name} is pending{since} and {}, unless its run is still under way; to finish it{from}: {recover}",
                end_and_rest(live.expires_on, now)
            )
        }
        Left::HooksDue => {
            format!("{name} is in force and its hooks have not run; the next apply of its profile runs them")
        }
        Left::Alive(_) => format!("{name} could not be deleted and {}", end_and_rest(live.expires_on, now)),
    }
}

/// Why a fresh generation is made.
pub(in crate::cli) fn why(why: &Why) -> String {
    match why {
        Why::NoneInForce => "no live token has this name".to_owned(),
        Why::Asked => "a successor was asked for".to_owned(),
        Why::UnfinishedRun { name } => {
            format!("a run that made {} did not finish, and may have delivered it", one_line(name))
        }
        Why::NotHeld { sink } => format!("{sink} does not hold the secret"),
        Why::SeveralInForce => {
            "several tokens of this name are in force, and which of them a program holds cannot be told"
                .to_owned()
        }
    }
}

/// Why a token is to be pruned.
pub(in crate::cli) fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Unused(idle) => format!("unused for {}", elapsed(*idle)),
        Reason::NeverUsed(idle) => format!("never used in {}", elapsed(*idle)),
        Reason::Old(limit) => format!("older than {}", span(*limit)),
        Reason::Expired => "expired".to_owned(),
        Reason::Environment(environment) => format!("environment {environment}"),
        Reason::Unmarked(shape) => format!("not cfmint's, called {shape}"),
    }
}

/// Why a rotation is finished and not begun.
pub(in crate::cli) const UNFINISHED: &str = "an earlier run did not finish";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pending_tokens_are_noted_in_one_line() {
        let pending = |name: &str| Note::Pending { name: name.to_owned(), since: None, ends: None };
        let two = [pending("a+new@k3x9w2ab"), pending("a+roll@q2x9w2ab")];
        let style = NoteStyle {
            profile: &ProfileArguments::default(),
            owner: &TokenOwner::User,
            invocation: &Invocation::default(),
            tense: Tense::Ahead,
        };
        let lines = notes(two.iter(), style);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].starts_with("2 tokens are pending: "), "{lines:?}");
        assert!(lines[0].contains("or are under way") && lines[0].contains("a+roll@q2x9w2ab"), "{lines:?}");
    }

    #[test]
    fn a_pending_token_that_is_retired_is_no_predecessor() {
        let retired = |name: &str| remark(&Remark::PredecessorDeleted { name: name.to_owned() });
        assert_eq!(
            retired("a+roll@k3x9w2ab"),
            "a+roll@k3x9w2ab, left by a run that did not finish, is deleted"
        );
        assert_eq!(retired("a@k3x9w2ab"), "a@k3x9w2ab, the predecessor, is deleted");
    }
}
