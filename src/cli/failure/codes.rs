//! The codes of this room's problems, each a promise to people who search for it.

/// Every code of a problem that the command line itself names; other rooms list those of their own.
pub const CODES: &[&str] = &[
    // What was typed.
    "usage.account",
    "usage.adopt",
    "usage.api-url",
    "usage.arguments",
    "usage.environment",
    "usage.html",
    "usage.id",
    "usage.output",
    "usage.schedule",
    "usage.set",
    "usage.yes",
    // Profiles as files, and several of them in one run.
    "profile.inexpressible",
    "profile.same-name",
    "profile.same-variable",
    "profile.unreadable",
    // The bootstrap.
    "bootstrap.account-owned",
    "bootstrap.command",
    "bootstrap.global-key",
    "bootstrap.malformed",
    "bootstrap.missing",
    "bootstrap.unreadable",
    // Requests.
    "cloudflare.list-cut-off",
    "cloudflare.no-answer",
    "cloudflare.no-authorities",
    "cloudflare.no-connection",
    "cloudflare.proxy",
    "cloudflare.quota",
    "cloudflare.rate-limit",
    "cloudflare.refused",
    "cloudflare.unreadable",
    // Steps.
    "custody.another-run",
    "custody.bootstrap",
    "custody.cannot-tell",
    "custody.clocks-apart",
    "custody.conflict",
    "custody.dead-token",
    "custody.dropped",
    "custody.declined",
    "custody.foreign-token",
    "custody.has-token",
    "custody.hook",
    "custody.interrupted",
    "custody.lost-answer",
    "custody.no-randomness",
    "custody.no-such-token",
    "custody.not-held",
    "custody.not-taken",
    "custody.nothing-to-roll",
    "custody.protected-value",
    "custody.too-many",
    "custody.too-many-pending",
    "custody.uncommitted",
    "custody.undelivered",
    "custody.unreadable-token",
    "custody.unverified",
    // The machine.
    "emulator.port",
    "emulator.state",
    "sink.folder",
    "state.another-tree",
    "state.link",
    "state.locked",
    "state.note",
    "state.not-plain",
    "state.open-to-others",
    "state.other-owner",
    "state.tracked",
    "state.unusable",
];

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::cli::failure::problem::{Problem, custody};
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
        custody(error, "shop.yaml -e dev")
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
    fn rare_refusals() -> Vec<(&'static str, Problem)> {
        let names = (0..5).map(|_| (name(), Some(noon()))).collect();
        let day = chrono::TimeDelta::days(2);
        vec![
            (
                "custody.another-run",
                refusal(Refused::AnotherRun { name: name(), since: Some(noon()), until: noon() }),
            ),
            (
                "custody.cannot-tell",
                refusal(Refused::Unanswered { sink: sink(), reason: "no connection".to_owned() }),
            ),
            ("custody.clocks-apart", refusal(Refused::ClocksApart { server: noon(), machine: noon() - day })),
            (
                "custody.foreign-token",
                refusal(Refused::MayBeYoung { sink: sink(), name: "by hand".to_owned() }),
            ),
            ("custody.protected-value", protected(SinkKind::File, Protected::Real)),
            ("custody.protected-value", protected(SinkKind::Program, Protected::Real)),
            ("custody.protected-value", protected(SinkKind::File, Protected::Reference)),
            ("custody.too-many-pending", refusal(Refused::TooManyPending { names })),
            ("custody.unreadable-token", refusal(Refused::Unreadable { name: name() })),
            ("cloudflare.list-cut-off", refusal(Refused::ListCutOff { read: 500 })),
        ]
    }

    /// Problems that take a failing network, disk or Cloudflare to meet.
    fn rare() -> Vec<(&'static str, Problem)> {
        let undone = || Undone::EndsByItself { until: noon(), cause: lost() };
        let dropped = |undone| CustodyError::Dropped { name: name(), missing: Vec::new(), undone };
        let what = Meanwhile::Appeared { name: name() };
        let ends = Some(noon());
        let unreadable = Fault::Unreadable { status: 200, detail: "no JSON".to_owned(), ray: None };
        let note = || NoteError { path: "marks".into(), error: full() };
        let mut rare = vec![
            ("bootstrap.malformed", (&failed(Fault::BadCredential)).into()),
            ("cloudflare.list-cut-off", step(&CustodyError::ListCutOff { read: 500 })),
            ("cloudflare.no-answer", (&lost()).into()),
            ("cloudflare.no-answer", (&failed(Fault::ServerError { status: 502, ray: None })).into()),
            ("cloudflare.no-answer", (&failed(Fault::WithoutSecret)).into()),
            ("cloudflare.rate-limit", (&failed(Fault::RateLimited)).into()),
            ("cloudflare.refused", (&refused(123_456)).into()),
            ("cloudflare.unreadable", (&failed(unreadable)).into()),
            ("custody.conflict", step(&CustodyError::Conflict { name: "shop".to_owned(), what })),
            ("custody.dropped", step(&dropped(Undone::Deleted))),
            ("custody.dropped", step(&dropped(undone()))),
            ("custody.hook", step(&CustodyError::Hook(HookError::TimedOut { program: "sync".to_owned() }))),
            ("custody.lost-answer", step(&CustodyError::Lost { name: name(), until: noon(), cause: lost() })),
            ("custody.no-randomness", step(&CustodyError::NoRandomness(std::io::Error::other("no device")))),
            ("custody.not-taken", step(&CustodyError::NotTaken { name: name(), changes: Vec::new() })),
            ("custody.uncommitted", step(&CustodyError::Uncommitted { name: name(), ends, cause: lost() })),
            ("custody.undelivered", undelivered(Undelivered::Nowhere(Undone::Deleted))),
            ("custody.undelivered", undelivered(Undelivered::Nowhere(undone()))),
            ("custody.undelivered", undelivered(Undelivered::PutBack { ends })),
            ("custody.undelivered", undelivered(Undelivered::StaysPending { ends })),
            (
                "custody.undelivered",
                step(&CustodyError::RollUndelivered {
                    name: name(),
                    cause: undeliverable(),
                    stand_in: name(),
                }),
            ),
            (
                "custody.unverified",
                step(&CustodyError::Unverified { name: name(), reason: "it is not known".to_owned() }),
            ),
            ("state.note", (&note()).into()),
            ("state.note", step(&CustodyError::Note(note()))),
        ];
        rare.extend(rare_refusals());
        rare
    }

    #[test]
    fn what_is_rare_has_its_code_and_its_mend_too() {
        for (code, problem) in rare() {
            assert_eq!(problem.code, code);
            assert!(CODES.contains(&code), "{code} is not listed");
            assert!(!problem.hint.is_empty(), "{code} has no hint");
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
            assert!(problem.hint.contains("2027-01-15"), "{}", problem.hint);
        }
    }
}
