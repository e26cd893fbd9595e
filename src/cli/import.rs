//! `cfmint import`: a live token as a profile, to standard output or into a new file. Changes nothing at Cloudflare.

use std::path::Path;

use futures_util::future::join;

use super::args::ImportArgs;
use super::context::Context;
use super::owner::{is_not_bootstrap, owner};
use super::problem::{self, Problem};
use super::report::{Row, TokenRow};
use super::session::{self, Intent};
use super::words::Names;
use crate::cloudflare::TokenOwner;
use crate::custody::CustodyError;
use crate::lifecycle::{self, Imported, Origin, Role};
use crate::plan::Policy;
use crate::sink::shell_word;
use crate::survey::{TokenDetails, token_details};
use crate::text::one_line;
use crate::world::World;

pub(super) async fn run(context: &mut Context<'_>, arguments: &ImportArgs) -> u8 {
    match written(context, arguments).await {
        Ok(()) => context.report.exit_code(),
        Err(Stop::Told(code)) => code,
        Err(Stop::Problem(problem)) => {
            let code = problem.exit_code();
            context.report.problem(problem.with_flags(&context.flags));
            code
        }
    }
}

/// Why nothing was written.
enum Stop {
    /// It has been said; the exit code.
    Told(u8),
    Problem(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

async fn written(context: &mut Context<'_>, arguments: &ImportArgs) -> Result<(), Stop> {
    let id = problem::token_id(&arguments.id)?;
    // As everywhere, `-` is the standard stream.
    let output = arguments.output.as_deref().filter(|file| *file != Path::new("-"));
    if let Some(file) = output {
        is_free(&**context.world, file)?;
    }
    context.about(arguments.account.as_ref());
    let ground = session::ground(context, &arguments.connection, Intent::Read).await.map_err(Stop::Told)?;
    let client = &ground.connection.client;
    let owner = owner(client, arguments.account.as_deref()).await?;
    let (seen, other) = join(token_details(client, &owner, &id), is_not_bootstrap(client, &owner, &id)).await;
    let seen = seen.map_err(|error| {
        let gone = CustodyError::NoSuchToken { id: id.clone() };
        if error.is_gone() { problem::custody(&gone, "") } else { Problem::from(&error) }
    })?;
    let role = match other {
        Ok(()) => Role::Other,
        Err(CustodyError::Bootstrap { .. }) => Role::Bootstrap,
        Err(error) => return Err(problem::custody(&error, "").into()),
    };
    let file = output.map_or_else(|| "FILE".to_owned(), shell_word);
    let imported = profile_of(context, &owner, &seen, role, &file)?;
    let text = match output {
        Some(file) => {
            save(&**context.world, file, &imported.text)?;
            None
        }
        None if context.json => Some(imported.text.clone()),
        None => {
            context.screen.result(&imported.text);
            None
        }
    };
    say(context, &owner, &seen, &imported);
    if role == Role::Other && seen.live.is_alive(context.world.now()) {
        let flags = &context.flags;
        let command = format!("cfmint apply {file} --adopt {id}{flags}");
        context.screen.note(&format!("to take it over, its secret staying where it is used: {command}"));
    }
    let notes = [&imported.remarks, &imported.kept, &imported.lost].into_iter().flatten().cloned().collect();
    context.report.row(Row {
        profile: output.map(|file| file.display().to_string()),
        action: "imported",
        token: Some(TokenRow::new(&owner, &seen.live)),
        notes,
        text,
        ..Row::default()
    });
    Ok(())
}

fn profile_of(
    context: &Context<'_>,
    owner: &TokenOwner,
    seen: &TokenDetails,
    role: Role,
    file: &str,
) -> Result<Imported, Problem> {
    let names = Names { directory: &seen.directory, catalogue: Some(&seen.catalogue) };
    let origin = Origin {
        live: &seen.live,
        owner: match owner {
            TokenOwner::User => None,
            TokenOwner::Account(id) => Some(id),
        },
        conditions: &seen.conditions,
        directory: &seen.directory,
        catalogue: &seen.catalogue,
        role,
        flags: &context.flags,
        say: &|policy: &Policy| names.policy(policy),
    };
    lifecycle::import(&origin, file, context.world.now()).map_err(|error| {
        Problem::new(
            "profile.inexpressible",
            error.to_string(),
            "write a profile for what it is needed for: its token takes the place of this one",
        )
    })
}

/// Says what was written, and what it does not say.
fn say(context: &mut Context<'_>, owner: &TokenOwner, seen: &TokenDetails, imported: &Imported) {
    let names = Names { directory: &seen.directory, catalogue: None };
    let whose = names.owner(owner);
    let live = &seen.live;
    context.done("Imported", &format!("{} ({}) for {whose}", one_line(&live.name), live.id));
    for remark in &imported.remarks {
        context.screen.note(remark);
    }
    for kept in &imported.kept {
        context.screen.note(&format!("no profile says {kept}; cfmint keeps it when it updates the token"));
    }
    for lost in &imported.lost {
        context.screen.warn(&format!("no profile can say {lost}; taking the token over would end that"));
    }
}

fn is_free(world: &dyn World, file: &Path) -> Result<(), Problem> {
    match world.look(&world.folder().join(file)) {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(taken(file)),
        Err(error) => Err(unwritable(file, &error)),
    }
}

/// Writes a new file. It holds no secret.
fn save(world: &dyn World, file: &Path, text: &str) -> Result<(), Problem> {
    let path = world.folder().join(file);
    let mut open = world.create(&path, 0o644).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => taken(file),
        _ => unwritable(file, &error),
    })?;
    world.write(&mut open, text.as_bytes()).map_err(|error| unwritable(file, &error))
}

fn taken(file: &Path) -> Problem {
    Problem::new(
        "usage.output",
        format!("{} exists already, and is left as it is", file.display()),
        "name another file, or leave --output out and look at the profile first",
    )
}

fn unwritable(file: &Path, error: &std::io::Error) -> Problem {
    Problem {
        file: Some(file.display().to_string()),
        ..Problem::new(
            "usage.output",
            format!("{} cannot be written: {error}", file.display()),
            "name a file in a folder that exists and can be written",
        )
    }
}
