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
                "{} tokens are pending: the runs that made them did not finish, or are still active; they \
                 end by themselves: {}",
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

    #[allow(clippy::too_many_lines, reason = "one arm for each note, of a sentence each")]
    fn note(self, note: &Note) -> String {
        match note {
            Note::Kept(Kept::Addresses(addresses)) => {
                format!(
                    "keeps the IP rule {addresses}, about which the profile says nothing; `ip: any` removes it"
                )
            }
            Note::Kept(Kept::Denied(1)) => "keeps the deny policy, which a profile cannot express".to_owned(),
            Note::Kept(Kept::Denied(count)) => format!(
                "keeps {count} deny policies, which a profile \
                cannot express"
            ),
            Note::Kept(Kept::Start(start)) => {
                format!(
                    "keeps the start {}, about which the profile says nothing; `not_before: now` removes it",
                    time(*start)
                )
            }
            Note::Pending { name, since, ends } => {
                let since = since.map(|at| format!(" since {}", time(at))).unwrap_or_default();
                format!(
                    "{} is pending{since}: the run that made it did not finish, or is still active; it \
                     ends by itself {}",
                    one_line(name),
                    end(*ends)
                )
            }
            Note::RollBecomesRotation => {
                "an earlier run did not finish, so a new token replaces this one, and the id changes"
                    .to_owned()
            }
            Note::OlderGeneration { name, expires_on } => {
                let end =
                    expires_on.map_or_else(|| "never ends".to_owned(), |end| format!("ends {}", time(end)));
                format!("{name}, the predecessor, is still alive; it {end}")
            }
            Note::Ended { name, expired_on: Some(end), .. } => {
                format!("the last one, {name}, expired {}", time(*end))
            }
            Note::Ended { name, status, .. } => {
                format!("the last one, {name}, no longer works: Cloudflare says `{status}`")
            }
            Note::InOverlap { ends } => format!(
                "it was already rotated, and gets no successor before {}; for a new secret now: {}",
                time(*ends),
                self.command("roll")
            ),
            Note::Namesake { id } => {
                let adopt = CommandLine::about("apply", self.profile).option("--adopt", id);
                format!(
                    "there is a token with the same name that cfmint did not make, and cfmint leaves it \
                     alone; to take it over instead of making a new one: {}",
                    self.line(&adopt)
                )
            }
            Note::StillUsed { name, at } => {
                format!("{name} was still in use {}: check that everything uses the new secret", time(*at))
            }
            Note::CannotTell { sink, why } => {
                format!("cfmint cannot tell whether {sink} holds the secret: {}", self.cannot_tell(why))
            }
            Note::DeadValue { sink } => {
                let is = self.tense.of("is", "was");
                format!("the old value of {sink} belongs to no live token; it {is} replaced")
            }
            Note::Left { sink } => {
                format!(
                    "{sink} keeps its value, because cfmint cannot tell whether it was this token's secret"
                )
            }
            Note::NotHeld { sink } => format!(
                "{sink} does not hold the token's secret, and cfmint cannot read it: put it there \
                 yourself, or make a successor: {}",
                self.command("rotate")
            ),
            Note::Spared(refused @ Refused::NotHeld { .. }) => {
                let refused = CustodyError::Refused(refused.clone());
                format!(
                    "{refused}; to make a successor and store its secret there: {}",
                    self.command("rotate")
                )
            }
            Note::Spared(refused) => {
                format!("{}; it is not changed", CustodyError::Refused(refused.clone()))
            }
            Note::Replaced { sink, id, name } => {
                let name = name.as_ref().map(|name| format!(" `{}`", one_line(name))).unwrap_or_default();
                let is = self.tense.of("is", "was");
                let revoke = self.line(&CommandLine::revoke(self.owner, id));
                format!("the live token{name} {is} replaced in {sink}, but stays alive; to end it: {revoke}")
            }
            Note::HoldsAnother { sink, id, name } => {
                let revoke = self.line(&CommandLine::revoke(self.owner, id));
                let name = one_line(name);
                format!("{sink} holds the live token `{name}`, which has another name; to end it: {revoke}")
            }
            Note::CutShort { from, to } => format!(
                "its life {} shortened: without this change, it would end {}, not {}",
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
            CannotTell::ShutOut => "its IP rule does not allow this machine".to_owned(),
            CannotTell::DeadOrShutOut => format!(
                "it is dead, or its IP rule does not allow this machine; Cloudflare may give the same \
                 answer for both; for a new secret: {}",
                self.command("roll")
            ),
            CannotTell::Propagating => "it is so new that not every server knows it yet".to_owned(),
            CannotTell::NotYetValid => "the token does not work yet".to_owned(),
            CannotTell::Program => "what it holds cannot be read back".to_owned(),
            CannotTell::Unanswered(reason) => reason.clone(),
        }
    }
}

/// What a person should know about a step that was carried out.
pub(in crate::cli) fn remark(remark: &Remark) -> String {
    match remark {
        Remark::ShutOut => {
            "the token's IP rule does not allow this machine, so the bootstrap confirmed it by its \
             id"
            .to_owned()
        }
        Remark::StartsLater { at } => {
            format!("begins to work {}; until then the bootstrap confirms it by its id", time(*at))
        }
        Remark::Holds { sink } => format!("{sink} could be read now, and holds the secret"),
        Remark::HooksRan => {
            "the hooks of an earlier delivery, which had not run or had failed, ran now".to_owned()
        }
        Remark::StrayDeleted { name } => {
            format!("an answer was lost; the token that the request made, {name}, was found and deleted")
        }
        Remark::MayComeLate { name, until } => format!(
            "an answer was lost; the requested token, {name}, may still appear, and would end by itself {}",
            time(*until)
        ),
        Remark::IdChanged { from, to } => {
            format!("the answer to the roll was lost, so another token replaces {from}: its id is {to}")
        }
        Remark::StandInLeft { name } => {
            format!("{name}, made only for the roll, could not be deleted; it ends by itself")
        }
        Remark::NotRetired { name, reason } => {
            format!("{name} could not be retired ({reason}); the next run tries again")
        }
        Remark::EndDiffers { name, ends } => {
            format!("Cloudflare says that {name} ends {}, which is not what cfmint asked for", end(*ends))
        }
        Remark::Retired { name, end } => format!("{name}, {}, ends {}", what_it_was(name), time(*end)),
        Remark::PredecessorDeleted { name } => format!("{name}, {}, is deleted", what_it_was(name)),
        Remark::CommandTokenDeleted { name } => {
            format!("{}, made for a command, is deleted", one_line(name))
        }
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
        Left::OfCommandDeleted => format!("{name}: the command that it was made for is over"),
        Left::EndsByItself => {
            let from = finished_from(live.issued_on, now);
            let from = from.map(|from| format!(" after {}", time(from))).unwrap_or_default();
            let recover = invocation.line(&CommandLine::new("recover", About::AnyProfile));
            format!(
                "{name} is pending{since} and {}, unless its run is still active; to finish it{from}: \
                 {recover}",
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
            "several tokens of this name are in force, and cfmint cannot tell which of them a sink holds"
                .to_owned()
        }
    }
}

/// Why a token is pruned.
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
        assert!(
            lines[0].contains("or are still active") && lines[0].contains("a+roll@q2x9w2ab"),
            "{lines:?}"
        );
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
