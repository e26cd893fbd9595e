//! What to do where an owner can have no more tokens: which ones could go to make room, and how.

use chrono::{DateTime, Utc};

use super::command_line::{About, CommandLine};
use super::hint::Hint;
use crate::cli::output::describe;
use crate::cloudflare::TokenOwner;
use crate::lifecycle::{Spare, spare};
use crate::plan::{Live, Phase};
use crate::text::{count, one_line};

/// The most tokens that are named.
const MOST_NAMED: usize = 3;

/// Which tokens could go to make room.
pub(super) fn hints(owner: &TokenOwner, tokens: &[Live], now: DateTime<Utc>) -> Vec<Hint> {
    let spare = spare(tokens, now);
    let line = |spare: &Spare<'_>| {
        let (live, what) = match spare {
            Spare::Dead(live) => (live, "is dead".to_owned()),
            Spare::Superseded(live) => {
                let end = describe::end_and_rest(live.expires_on, now);
                (live, format!("is a predecessor, and works until it {end}"))
            }
        };
        Hint::run(format!("{} {what}", one_line(&live.name)), CommandLine::revoke(owner, &live.id))
    };
    let of_owner = |name| CommandLine::new(name, About::Owner).of(owner);
    let mut hints: Vec<Hint> = spare.iter().take(MOST_NAMED).map(line).collect();
    if spare.iter().any(|spare| matches!(spare, Spare::Dead(_))) {
        let prune = of_owner("prune").flag("--expired").flag("--yes");
        hints.push(Hint::run("or all that are expired", prune));
    }
    let is_pending = |live: &&Live| live.is_alive(now) && live.phase().is_some_and(Phase::is_pending);
    let pending = tokens.iter().filter(is_pending).count();
    if pending > 0 {
        let of_runs =
            format!("{} of runs that did not finish, or are under way", count(pending, "pending token"));
        hints.push(Hint::run(format!("{of_runs}; delete what nobody can use"), of_owner("recover")));
    }
    match spare.len() {
        0 if pending > 0 => {}
        0 => {
            let audit = of_owner("audit");
            hints.push(Hint::run(
                "no token of cfmint's that this bootstrap sees is dead; see what nothing uses",
                audit,
            ));
        }
        all if all > MOST_NAMED => {
            hints.push(Hint::text(format!("and {} more could be deleted", all - MOST_NAMED)));
        }
        _ => {}
    }
    if *owner == TokenOwner::User {
        let more = TokenOwner::Account(String::new()).quota();
        hints.push(Hint::text(format!(
            "or let an account own the token, which can have {more}: `owner: {{ account: NAME }}`"
        )));
    }
    hints
}
