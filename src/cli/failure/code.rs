//! The codes of problems, each a promise to people who search for it.
//!
//! This is their one registry: a code that stands here has a case that provokes it, and no other code reaches a screen.

use serde::{Serialize, Serializer};

use super::exit::Exit;

macro_rules! codes {
    ($($variant:ident = $text:literal,)*) => {
        /// What kind of problem it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(in crate::cli) enum Code {
            $(#[doc = $text] $variant,)*
            /// A finding in a profile, which its own room names.
            Diagnostic(&'static str),
            /// A sink that cannot be read or written, as its own room names it.
            Sink(&'static str),
        }

        /// Every code that the command line itself names; other rooms list those of their own.
        pub const CODES: &[&str] = &[$($text),*];

        impl Code {
            /// The code as it is written.
            pub(in crate::cli) fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Diagnostic(text) | Self::Sink(text) => text,
                }
            }
        }
    };
}

codes! {
    // What was typed.
    UsageAccount = "usage.account",
    UsageAdopt = "usage.adopt",
    UsageApiUrl = "usage.api-url",
    UsageArguments = "usage.arguments",
    UsageEnvironment = "usage.environment",
    UsageHtml = "usage.html",
    UsageId = "usage.id",
    UsageOutput = "usage.output",
    UsageSchedule = "usage.schedule",
    UsageSet = "usage.set",
    UsageYes = "usage.yes",
    // Profiles as files, and several of them in one run.
    ProfileInexpressible = "profile.inexpressible",
    ProfileSameName = "profile.same-name",
    ProfileSameVariable = "profile.same-variable",
    ProfileUnreadable = "profile.unreadable",
    // The bootstrap.
    BootstrapAccountOwned = "bootstrap.account-owned",
    BootstrapCommand = "bootstrap.command",
    BootstrapGlobalKey = "bootstrap.global-key",
    BootstrapMalformed = "bootstrap.malformed",
    BootstrapMissing = "bootstrap.missing",
    BootstrapUnreadable = "bootstrap.unreadable",
    // Requests.
    CloudflareListCutOff = "cloudflare.list-cut-off",
    CloudflareNoAnswer = "cloudflare.no-answer",
    CloudflareNoAuthorities = "cloudflare.no-authorities",
    CloudflareNoConnection = "cloudflare.no-connection",
    CloudflareProxy = "cloudflare.proxy",
    CloudflareQuota = "cloudflare.quota",
    CloudflareRateLimit = "cloudflare.rate-limit",
    CloudflareRefused = "cloudflare.refused",
    CloudflareUnreadable = "cloudflare.unreadable",
    // Steps.
    CustodyAnotherRun = "custody.another-run",
    CustodyBootstrap = "custody.bootstrap",
    CustodyCannotTell = "custody.cannot-tell",
    CustodyClocksApart = "custody.clocks-apart",
    CustodyConflict = "custody.conflict",
    CustodyDeadToken = "custody.dead-token",
    CustodyDropped = "custody.dropped",
    CustodyDeclined = "custody.declined",
    CustodyForeignToken = "custody.foreign-token",
    CustodyHasToken = "custody.has-token",
    CustodyHook = "custody.hook",
    CustodyInterrupted = "custody.interrupted",
    CustodyLostAnswer = "custody.lost-answer",
    CustodyNoRandomness = "custody.no-randomness",
    CustodyNoSuchToken = "custody.no-such-token",
    CustodyNotHeld = "custody.not-held",
    CustodyNotTaken = "custody.not-taken",
    CustodyNothingToRoll = "custody.nothing-to-roll",
    CustodyProtectedValue = "custody.protected-value",
    CustodyTooMany = "custody.too-many",
    CustodyTooManyPending = "custody.too-many-pending",
    CustodyUncommitted = "custody.uncommitted",
    CustodyUndelivered = "custody.undelivered",
    CustodyUnreadableToken = "custody.unreadable-token",
    CustodyUnverified = "custody.unverified",
    // The machine.
    EmulatorPort = "emulator.port",
    EmulatorState = "emulator.state",
    SinkFolder = "sink.folder",
    StateAnotherTree = "state.another-tree",
    StateLink = "state.link",
    StateLocked = "state.locked",
    StateNote = "state.note",
    StateNotPlain = "state.not-plain",
    StateOpenToOthers = "state.open-to-others",
    StateOtherOwner = "state.other-owner",
    StateTracked = "state.tracked",
    StateUnusable = "state.unusable",
}

impl Code {
    /// How a command exits that this keeps from beginning.
    pub(in crate::cli) fn exit(self) -> Exit {
        match self {
            Self::Diagnostic(_)
            | Self::UsageAccount
            | Self::UsageAdopt
            | Self::UsageApiUrl
            | Self::UsageArguments
            | Self::UsageEnvironment
            | Self::UsageHtml
            | Self::UsageId
            | Self::UsageOutput
            | Self::UsageSchedule
            | Self::UsageSet
            | Self::UsageYes => Exit::Invalid,
            _ => Exit::Failed,
        }
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::cli::failure::command_line::{About, ProfileArguments};
    use crate::cli::failure::invocation::Invocation;
    use crate::cli::failure::problem::Problem;
    use crate::cli::failure::step as problem_of;
    use crate::cloudflare::wire::ApiError;
    use crate::cloudflare::{Endpoint, Error, Fault, Refusal, TokenOwner};
    use crate::custody::{CustodyError, HookError, Meanwhile, NoteError, Undelivered, Undone};
    use crate::plan::{Protected, Refused, SinkKind};
    use crate::sink::SinkError;

    fn failed(fault: Fault) -> Error {
        Error { endpoint: Endpoint::CreateToken(TokenOwner::User), fault }
    }

    fn lost() -> Error {
        failed(Fault::Lost("connection reset".to_owned()))
    }

    fn refused(code: i64) -> Error {
        let errors = vec![ApiError { code, message: "No".to_owned(), error_chain: Vec::new() }];
        failed(Fault::Refused(Refusal { status: 400, errors, ray: None }))
    }

    fn step(error: &CustodyError) -> Problem {
        {
            let (path, environment) = ("shop.yaml".to_owned(), Some("dev".to_owned()));
            problem_of(error, &About::Profile(ProfileArguments { path, environment }))
        }
    }

    fn refusal(refused: Refused) -> Problem {
        step(&CustodyError::Refused(refused))
    }

    fn protected(kind: SinkKind, what: Protected) -> Problem {
        refusal(Refused::Protected { sink: sink(), kind, what })
    }

    fn name() -> String {
        "shop+new@k3x9w2ab".to_owned()
    }

    fn sink() -> String {
        "TOKEN in .env".to_owned()
    }

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_014_400, 0).unwrap_or_default()
    }

    fn full() -> std::io::Error {
        std::io::ErrorKind::StorageFull.into()
    }

    fn undeliverable() -> SinkError {
        SinkError::Refused { doing: "write", path: ".env".into(), source: full() }
    }

    fn undelivered(left: Undelivered) -> Problem {
        step(&CustodyError::Undelivered { name: name(), cause: undeliverable(), left })
    }

    /// What planning refuses and takes another run, a wrong clock or an odd list to meet.
    fn rare_refusals() -> Vec<(Code, Problem)> {
        let names = (0..5).map(|_| (name(), Some(noon()))).collect();
        let day = chrono::TimeDelta::days(2);
        vec![
            (
                Code::CustodyAnotherRun,
                refusal(Refused::AnotherRun { name: name(), since: Some(noon()), until: noon() }),
            ),
            (
                Code::CustodyCannotTell,
                refusal(Refused::Unanswered { sink: sink(), reason: "no connection".to_owned() }),
            ),
            (
                Code::CustodyClocksApart,
                refusal(Refused::ClocksApart { server: noon(), machine: noon() - day }),
            ),
            (
                Code::CustodyForeignToken,
                refusal(Refused::MayBeYoung { sink: sink(), name: "by hand".to_owned() }),
            ),
            (Code::CustodyProtectedValue, protected(SinkKind::File, Protected::Real)),
            (Code::CustodyProtectedValue, protected(SinkKind::Program, Protected::Real)),
            (Code::CustodyProtectedValue, protected(SinkKind::File, Protected::Reference)),
            (Code::CustodyTooManyPending, refusal(Refused::TooManyPending { names })),
            (Code::CustodyUnreadableToken, refusal(Refused::Unreadable { name: name() })),
            (Code::CloudflareListCutOff, refusal(Refused::ListCutOff { read: 500 })),
        ]
    }

    /// Problems that take a failing network, disk or Cloudflare to meet.
    fn rare() -> Vec<(Code, Problem)> {
        let undone = || Undone::EndsByItself { until: noon(), cause: lost() };
        let dropped = |undone| CustodyError::Dropped { name: name(), missing: Vec::new(), undone };
        let what = Meanwhile::Appeared { name: name() };
        let ends = Some(noon());
        let unreadable = Fault::Unreadable { status: 200, detail: "no JSON".to_owned(), ray: None };
        let note = || NoteError { path: "marks".into(), error: full() };
        let mut rare = vec![
            (Code::BootstrapMalformed, (&failed(Fault::BadCredential)).into()),
            (Code::CloudflareListCutOff, step(&CustodyError::ListCutOff { read: 500 })),
            (Code::CloudflareNoAnswer, (&lost()).into()),
            (Code::CloudflareNoAnswer, (&failed(Fault::ServerError { status: 502, ray: None })).into()),
            (Code::CloudflareNoAnswer, (&failed(Fault::WithoutSecret)).into()),
            (Code::CloudflareRateLimit, (&failed(Fault::RateLimited)).into()),
            (Code::CloudflareRefused, (&refused(123_456)).into()),
            (Code::CloudflareUnreadable, (&failed(unreadable)).into()),
            (Code::CustodyConflict, step(&CustodyError::Conflict { name: "shop".to_owned(), what })),
            (Code::CustodyDropped, step(&dropped(Undone::Deleted))),
            (Code::CustodyDropped, step(&dropped(undone()))),
            (
                Code::CustodyHook,
                step(&CustodyError::Hook(HookError::TimedOut { program: "sync".to_owned() })),
            ),
            (
                Code::CustodyLostAnswer,
                step(&CustodyError::Lost { name: name(), until: noon(), cause: lost() }),
            ),
            (
                Code::CustodyNoRandomness,
                step(&CustodyError::NoRandomness(std::io::Error::other("no device"))),
            ),
            (Code::CustodyNotTaken, step(&CustodyError::NotTaken { name: name(), changes: Vec::new() })),
            (
                Code::CustodyUncommitted,
                step(&CustodyError::Uncommitted { name: name(), ends, cause: lost() }),
            ),
            (Code::CustodyUndelivered, undelivered(Undelivered::Nowhere(Undone::Deleted))),
            (Code::CustodyUndelivered, undelivered(Undelivered::Nowhere(undone()))),
            (Code::CustodyUndelivered, undelivered(Undelivered::PutBack { ends })),
            (Code::CustodyUndelivered, undelivered(Undelivered::StaysPending { ends })),
            (
                Code::CustodyUndelivered,
                step(&CustodyError::RollUndelivered {
                    name: name(),
                    cause: undeliverable(),
                    stand_in: name(),
                }),
            ),
            (
                Code::CustodyUnverified,
                step(&CustodyError::Unverified { name: name(), reason: "it is not known".to_owned() }),
            ),
            (Code::StateNote, (&note()).into()),
            (Code::StateNote, step(&CustodyError::Note(note()))),
        ];
        rare.extend(rare_refusals());
        rare
    }

    #[test]
    fn what_is_rare_has_its_code_and_its_hint_too() {
        for (code, problem) in rare() {
            assert_eq!(problem.code, code);
            assert!(!problem.hints.is_empty(), "{code:?} has no hint");
            assert!(!problem.message.contains('\n'), "{}", problem.message);
        }
    }

    #[test]
    fn a_token_that_could_not_be_deleted_and_one_that_a_sink_may_hold_say_when_they_end() {
        let problems = [
            step(&CustodyError::Dropped {
                name: name(),
                missing: Vec::new(),
                undone: Undone::EndsByItself { until: noon(), cause: lost() },
            }),
            undelivered(Undelivered::StaysPending { ends: Some(noon()) }),
            step(&CustodyError::Uncommitted { name: name(), ends: Some(noon()), cause: lost() }),
        ];
        for problem in problems {
            let hint = problem.hint(&Invocation::default());
            assert!(hint.contains("2027-01-15"), "{hint}");
        }
    }
}
