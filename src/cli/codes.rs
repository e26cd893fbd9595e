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
    use super::*;
    use crate::cli::problem::{Problem, custody};
    use crate::cloudflare::wire::ApiError;
    use crate::cloudflare::{Endpoint, Error, Fault, Refusal, TokenOwner};
    use crate::custody::{CustodyError, HookError, JournalError, Undone};
    use crate::plan::Refused;

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

    /// Problems that take a failing network, disk or Cloudflare to meet.
    fn rare() -> Vec<(&'static str, Problem)> {
        let name = || "shop@k3x9w2ab".to_owned();
        let alive = Undone::Alive {
            owner: TokenOwner::Account("e0000000000000000000000000000001".to_owned()),
            id: "e0000000000000000000000000000099".to_owned(),
            cause: lost(),
        };
        let unreadable = Fault::Unreadable { status: 200, detail: "no JSON".to_owned(), ray: None };
        vec![
            ("bootstrap.malformed", (&failed(Fault::BadCredential)).into()),
            ("cloudflare.no-answer", (&lost()).into()),
            ("cloudflare.no-answer", (&failed(Fault::ServerError { status: 502, ray: None })).into()),
            ("cloudflare.rate-limit", (&failed(Fault::RateLimited)).into()),
            ("cloudflare.refused", (&refused(123_456)).into()),
            ("cloudflare.unreadable", (&failed(unreadable)).into()),
            ("custody.lost-answer", step(&CustodyError::Lost { name: name(), cause: lost() })),
            (
                "custody.dropped",
                step(&CustodyError::Dropped { name: name(), missing: Vec::new(), undone: Undone::Deleted }),
            ),
            (
                "custody.dropped",
                step(&CustodyError::Dropped { name: name(), missing: Vec::new(), undone: alive }),
            ),
            ("custody.not-taken", step(&CustodyError::NotTaken { name: name(), changes: Vec::new() })),
            (
                "custody.unverified",
                step(&CustodyError::Unverified { name: name(), reason: "it is not known".to_owned() }),
            ),
            (
                "custody.cannot-tell",
                step(&CustodyError::Refused(Refused::Unanswered {
                    sink: "TOKEN in .env".to_owned(),
                    reason: "no connection".to_owned(),
                })),
            ),
            ("custody.hook", step(&CustodyError::Hook(HookError::TimedOut { program: "sync".to_owned() }))),
            ("custody.unsettled", step(&CustodyError::Unsettled { name: name() })),
            ("journal.newer", (&JournalError::Newer { path: "journal".into(), found: 2 }).into()),
            ("journal.damaged", (&JournalError::Damaged { path: "journal".into(), line: 3 }).into()),
            (
                "journal.unusable",
                (&JournalError::Unusable {
                    path: "journal".into(),
                    error: std::io::ErrorKind::StorageFull.into(),
                })
                    .into(),
            ),
            ("custody.no-randomness", step(&CustodyError::NoRandomness(std::io::Error::other("no device")))),
        ]
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
    fn what_cannot_be_undone_is_given_as_a_command() {
        let dropped = rare().into_iter().filter(|(code, _)| *code == "custody.dropped");
        let hints: Vec<String> = dropped.map(|(_, problem)| problem.hint).collect();
        let command = "cfmint revoke --id e0000000000000000000000000000099 \
                       --account e0000000000000000000000000000001 --yes";
        assert!(hints.iter().any(|hint| hint.ends_with(command)), "{hints:?}");
    }
}
