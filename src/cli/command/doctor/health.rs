//! Whether cfmint itself has what it needs: the bootstrap and its power, what is pending, the clock, the API's address.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::catalogue::Catalogue;
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::{About, CommandLine};
use crate::cli::failure::hint::Hint;
use crate::cli::output::checks::Check;
use crate::cli::output::describe::{self, Names};
use crate::cli::session::connect::Connection;
use crate::cli::session::open::skew;
use crate::cloudflare::{ApiBase, TokenOwner};
use crate::doctor::CheckCode;
use crate::plan::{Generations, Live, Mark, Status, Wanted};
use crate::survey::{Inspection, Trial};
use crate::text::one_line;
use crate::world::World;

/// Why there is no bootstrap to work with.
pub(super) fn no_bootstrap(failure: Failure) -> Vec<Check> {
    let check = |problem: crate::cli::failure::problem::Problem| match problem.code {
        Code::BootstrapMissing => Check::unknown(
            CheckCode::Bootstrap,
            "no bootstrap, so the token's own policies cannot be read",
            "set CLOUDFLARE_BOOTSTRAP_TOKEN, or give --bootstrap-file PATH",
        ),
        _ => Check::of_problem(CheckCode::Bootstrap, problem),
    };
    failure.problems.into_iter().map(check).collect()
}

/// Which API is asked, and whether the two clocks agree.
pub(super) fn connection(world: &dyn World, connection: &Connection) -> Vec<Check> {
    let client = &connection.client;
    let mut checks = Vec::new();
    if client.base().as_str() != ApiBase::cloudflare().as_str() {
        let what =
            if connection.trial == Trial::Yes { "the emulator" } else { "another API than Cloudflare's" };
        let message = format!("this run asks {what}, at {}", one_line(client.base().as_str()));
        checks.push(Check::ok(CheckCode::Api, message));
    }
    match skew(world.now(), client.server_time()) {
        Some(message) => checks.push(Check::failed(CheckCode::Clock, message, "set this machine's clock")),
        None if client.server_time().is_some() => {
            checks.push(Check::ok(CheckCode::Clock, "this machine's clock agrees with Cloudflare's"));
        }
        None => {}
    }
    checks
}

/// What the bootstrap may grant, and what it sees.
pub(super) fn power(
    owner: &TokenOwner,
    found: &Inspection,
    zones: &[String],
    wanted: Option<&Wanted>,
    catalogue: &Catalogue,
) -> Vec<Check> {
    let names = Names { directory: &found.directory, catalogue: Some(catalogue) };
    let mut checks = Vec::new();
    let groups = found.owned.groups.as_deref().unwrap_or_default();
    let whose = names.owner(owner);
    if groups.is_empty() {
        checks.push(Check::unknown(
            CheckCode::Power,
            format!("which permissions the bootstrap may grant for {whose} cannot be read"),
            Vec::new(),
        ));
    } else {
        let may = groups.iter().filter(|group| group.is_selectable != Some(false)).count();
        let message = format!("the bootstrap may grant {may} of {} permissions for {whose}", groups.len());
        checks.push(Check::ok(CheckCode::Power, message));
    }
    let asked: BTreeSet<&String> = wanted
        .into_iter()
        .flat_map(|wanted| &wanted.policies)
        .flat_map(|policy| policy.groups.keys())
        .collect();
    for group in groups.iter().filter(|group| group.is_selectable == Some(false) && asked.contains(&group.id))
    {
        checks.push(Check::failed(
            CheckCode::Power,
            format!("the bootstrap may not grant {}", one_line(&group.name)),
            "use a bootstrap whose owner has the role for it",
        ));
    }
    let accounts: Vec<String> =
        found.directory.accounts.iter().map(|account| one_line(&account.name)).collect();
    let list = |names: &[String], of: &str| match names {
        [] => format!("no {of}s"),
        [one] => format!("the {of} {one}"),
        many => format!("{} {of}s", many.len()),
    };
    checks.push(Check::ok(
        CheckCode::Power,
        format!("it sees {} and {}", list(&accounts, "account"), list(zones, "zone")),
    ));
    let others = found
        .owned
        .live
        .iter()
        .filter(|live| live.marked.is_none() && Some(&live.id) != found.bootstrap.as_ref());
    let (all, others) = (found.owned.live.len(), others.count());
    checks.push(match others {
        0 => Check::ok(
            CheckCode::Power,
            format!(
                "its list has {all} tokens, none of them made by others: it may be one that sees only its own"
            ),
        ),
        _ => {
            Check::ok(CheckCode::Power, format!("its list has {all} tokens, {others} of them made by others"))
        }
    });
    checks
}

/// What a new token of the profile would change about the place that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Successor<'a> {
    /// Its secret would be stored there.
    Here,
    /// It would, but for the value in this sink, which no command replaces unasked.
    Blocked(&'a str),
    /// Its secret would be stored in the profile's sinks, and this is none of them.
    Elsewhere,
    /// The value there is no token, which is said already.
    Unfit,
}

impl Successor<'_> {
    /// How its secret comes to the place.
    fn hints(self) -> Vec<Hint> {
        let rotate = CommandLine::new("rotate", About::SameProfiles);
        match self {
            Self::Here => vec![Hint::run("make a new one, and store it here", rotate)],
            Self::Blocked(sink) => {
                let text = format!("remove the value from {sink} first, then make a new one");
                vec![Hint::run(text, rotate)]
            }
            Self::Elsewhere | Self::Unfit => {
                vec![Hint::text("copy its secret from where the profile keeps it")]
            }
        }
    }
}

/// How the token stands among the generations of its profile, and what runs left unfinished.
pub(super) fn generations(
    wanted: &Wanted,
    tokens: &[Live],
    own: &BTreeSet<Mark>,
    id: Option<&str>,
    now: DateTime<Utc>,
    successor: &Successor<'_>,
) -> Vec<Check> {
    let generations = Generations::new(&wanted.name, tokens, own, now);
    let command = |name| CommandLine::new(name, About::SameProfiles);
    let held = id.and_then(|id| tokens.iter().find(|live| live.id == id));
    let check = match (held, generations.current()) {
        (Some(live), Some(current)) if live.id == current.id => {
            Check::ok(CheckCode::Generation, format!("it is the token in force, {}", one_line(&live.name)))
        }
        (Some(live), Some(current)) if live.is_generation_of(&wanted.name) => Check::failed(
            CheckCode::Generation,
            format!("it is {}, and {} is in force", one_line(&live.name), one_line(&current.name)),
            successor.hints(),
        ),
        (Some(live), _) if live.is_generation_of(&wanted.name) => Check::failed(
            CheckCode::Generation,
            format!("it is {}, which is not in force", one_line(&live.name)),
            Hint::run("make a new one", command("apply")),
        ),
        (Some(live), _) => {
            let message = format!("it is not the profile's own token, but {}", one_line(&live.name));
            let adopt = match live.marked {
                // It is another profile's, unless this one had another name: nothing to paste without a thought.
                Some(_) => Hint::text("if the profile was renamed since, take it over with --adopt"),
                None => Hint::run("to take it over", command("apply").option("--adopt", &live.id)),
            };
            Check::unknown(CheckCode::Generation, message, adopt)
        }
        (None, Some(current)) => Check::failed(
            CheckCode::Generation,
            format!("the token in force is {}; its secret is not here", one_line(&current.name)),
            successor.hints(),
        ),
        (None, None) => {
            let message = match generations.dead().last() {
                Some(dead) => format!("{} {}", one_line(&dead.name), ended(dead)),
                None => format!("no live token is called {}", one_line(&wanted.name)),
            };
            Check::failed(CheckCode::Generation, message, Hint::run("make one", command("apply")))
        }
    };
    // A value that is no token cannot be the secret in force: one cause, one failure.
    let is_said = held.is_none() && generations.current().is_some() && *successor == Successor::Unfit;
    let mut checks: Vec<Check> = if is_said { Vec::new() } else { vec![check] };
    let other_run = generations.of_another_run();
    for live in generations.pending() {
        let is_young = other_run.is_some_and(|other| other.id == live.id);
        let end = describe::end_and_rest(live.expires_on, now);
        checks.push(if is_young {
            let message = format!("another run may be making {}, which {end}", one_line(&live.name));
            Check::unknown(CheckCode::Pending, message, "look again when it is over")
        } else {
            let message = format!("a run did not finish: {} {end}", one_line(&live.name));
            Check::failed(CheckCode::Pending, message, Hint::run("finish it", command("recover")))
        });
    }
    checks
}

/// How a dead token came to its end.
fn ended(dead: &Live) -> String {
    match (&dead.status, dead.expires_on) {
        (Status::Other(word), _) => format!("is dead: Cloudflare calls it {}", one_line(word)),
        (_, Some(end)) => format!("expired {}", describe::time(end)),
        (_, None) => "has expired".to_owned(),
    }
}
