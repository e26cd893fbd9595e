//! What to do about what went wrong: commands to run, lines to write.

use chrono::{DateTime, Utc};

use crate::cli::output::describe;
use crate::cloudflare::{self, TokenOwner};
use crate::custody::{CustodyError, Undelivered, Undone};
use crate::lifecycle::{Spare, spare};
use crate::plan::{Live, MarkedName, Protected, Refused, SinkKind};

/// What to do where planning refused.
pub(in crate::cli) fn refusal(refused: &Refused, profile: &str) -> String {
    match refused {
        Refused::Foreign { .. } | Refused::ForeignShutOut { .. } => {
            "use another variable or file, or overwrite it: --replace".to_owned()
        }
        Refused::Adoptable { id, name, .. } => {
            // The token of another profile or environment is taken from it, unless they are one.
            let whose = match MarkedName::parse(name) {
                Some(_) => "or, if it is this profile's under its former name, take it over",
                None => "or take the token over",
            };
            format!(
                "use another variable or file, or overwrite it: --replace\n\
                 {whose}, with the secret it has: cfmint apply {profile} --adopt {id}"
            )
        }
        Refused::Unanswered { .. } => "run the same command again, or overwrite it: --replace".to_owned(),
        Refused::MayBeYoung { .. } => {
            "if that token is new, run the same command again in two minutes; else switch it on or delete it, or overwrite \
             the value: --replace"
                .to_owned()
        }
        Refused::Protected { what: Protected::Real, kind: SinkKind::Program, .. } => {
            "let the program use another place (see its arguments in `command` and `read`), or give the profile another \
             sink"
                .to_owned()
        }
        Refused::Protected { what: Protected::Real, .. } => {
            "take the value out of the file first, or give the profile another `env_file`".to_owned()
        }
        Refused::Protected { .. } => {
            "move the value to where it belongs, or overwrite it: --replace".to_owned()
        }
        Refused::AnotherRun { until, .. } => {
            format!("if no run is under way, run the same command again after {}", describe::time(*until))
        }
        Refused::TooManyPending { names } => {
            let first = names.iter().filter_map(|(_, end)| *end).min();
            format!(
                "find out why runs do not finish (see what they said); the first of these ends {}, or end them all: \
                 cfmint revoke {profile}",
                describe::end(first)
            )
        }
        Refused::ListCutOff { .. } => {
            "delete tokens that nobody uses, or ask Cloudflare why its list is not whole".to_owned()
        }
        Refused::Unreadable { .. } => {
            "look at that token in the dashboard; if nobody needs it, delete it there".to_owned()
        }
        Refused::ClocksApart { .. } => {
            "set this machine's clock, or find out who answers in Cloudflare's place".to_owned()
        }
        Refused::NotHeld { .. } => format!(
            "give the token a new secret (the old one dies at once): cfmint roll {profile}\n\
             or make a successor and let the old one run out: cfmint rotate {profile}\n\
             or, if you have its secret, put it there yourself"
        ),
        Refused::NothingToRoll => format!("make one: cfmint apply {profile}"),
        Refused::NotTheOwners { .. } => {
            "look at the profile's `owner`; the address of the token's page in the dashboard ends with its id"
                .to_owned()
        }
        Refused::Dead { .. } => format!("make a new one: cfmint apply {profile}"),
        Refused::HasGeneration { .. } => {
            format!("give the profile another `name`, or end its own token first: cfmint revoke {profile}")
        }
    }
}

/// The most tokens that a hint names.
const MOST_NAMED: usize = 3;

/// Which tokens could go to make room, and how.
pub(in crate::cli) fn quota(owner: &TokenOwner, tokens: &[Live], now: DateTime<Utc>) -> String {
    let spare = spare(tokens, now);
    let line = |spare: &Spare<'_>| {
        let (live, what) = match spare {
            Spare::Dead(live) => (live, "is dead".to_owned()),
            Spare::Superseded(live) => (
                live,
                format!(
                    "is a predecessor, and works until it {}",
                    describe::end_and_rest(live.expires_on, now)
                ),
            ),
        };
        format!("{} {what}: {}", cloudflare::printable(&live.name), revoke(owner, &live.id))
    };
    let mut lines: Vec<String> = spare.iter().take(MOST_NAMED).map(line).collect();
    let account = match owner {
        TokenOwner::User => String::new(),
        TokenOwner::Account(account) => format!(" --account {account}"),
    };
    if spare.iter().any(|spare| matches!(spare, Spare::Dead(_))) {
        lines.push(format!("or all that are expired: cfmint prune --expired{account} --yes"));
    }
    match spare.len() {
        0 => {
            lines.push(format!("no token of cfmint's is dead; see what nothing uses: cfmint audit{account}"));
        }
        all if all > MOST_NAMED => lines.push(format!("and {} more could go", all - MOST_NAMED)),
        _ => {}
    }
    if *owner == TokenOwner::User {
        let more = TokenOwner::Account(String::new()).quota();
        lines.push(format!(
            "or let an account own the token, which can have {more}: `owner: {{ account: NAME }}`"
        ));
    }
    lines.join("\n")
}

/// What to do about a hook that failed.
pub(in crate::cli) fn hook(error: &CustodyError, profile: &str) -> String {
    match error {
        CustodyError::RetiredHook(_) => {
            "mend the hook, and do by hand what it should have done: it is not run again".to_owned()
        }
        _ => format!(
            "mend the hook; this runs it again, and retires what waits for it: cfmint apply {profile}"
        ),
    }
}

/// What is to be known of a token that should not stay.
pub(in crate::cli) fn undone(undone: &Undone) -> Option<String> {
    match undone {
        Undone::Deleted => None,
        Undone::EndsByItself { until, .. } => Some(format!(
            "the token has an end that is near ({}), and nobody has its secret",
            describe::time(*until)
        )),
    }
}

/// What to do where the secret of a new token did not get where it should.
pub(in crate::cli) fn undelivered(left: &Undelivered, profile: &str) -> Option<String> {
    match left {
        Undelivered::Nowhere(undone) => self::undone(undone),
        Undelivered::PutBack { .. } => None,
        Undelivered::StaysPending { ends } => Some(format!(
            "before {}, when the secret that a sink may hold ends, make a fresh one: cfmint apply {profile}",
            describe::end(*ends)
        )),
    }
}

/// The command that ends a token.
pub(in crate::cli) fn revoke(owner: &TokenOwner, id: &str) -> String {
    match owner {
        TokenOwner::User => format!("cfmint revoke --id {id}"),
        TokenOwner::Account(account) => format!("cfmint revoke --id {id} --account {account}"),
    }
}
