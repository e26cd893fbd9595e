//! What `init` says and does once the profile is written: the lines for git, and the way to the first token.

use std::collections::BTreeSet;
use std::path::Path;

use super::NewProfile;
use crate::catalogue::{Catalogue, Scope, TemplateForm, TemplatePermission, template_link};
use crate::cli::failure::command_line::{CommandLine, ProfileArguments};
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;
use crate::cli::options::{ChoiceArgs, ProfileArgs};
use crate::cli::session::context::Context;
use crate::cli::session::load::{Unchosen, load};
use crate::cli::session::loaded::Loaded;
use crate::cli::session::workspace::find_root;
use crate::emulator::world::{ACCOUNT_ID, ACCOUNT_NAME};
use crate::profile::{Accounts, Owner, Profile, Reference, Section, Spanned, Unset, Zones};
use crate::sink::{FixGitignore, SecretFile, SinkError, guard};
use crate::world::World;

/// Says what was written and what comes next; what is to be looked at is returned too.
pub(super) fn say(context: &mut Context<'_>, file: &Path, new: &NewProfile) -> Vec<String> {
    let profiles = ProfileArgs { profiles: vec![file.to_owned()], choice: ChoiceArgs::default() };
    let loaded = load(&**context.world, &profiles, Unchosen::Every, Unset::Note);
    context.done("Written", &file.display().to_string());
    let mut notes = [new.warnings.clone(), new.remarks.clone()].concat();
    match ignore(&**context.world, &loaded) {
        Ok(added) => {
            for line in added {
                context.done("Ignored", &line);
                notes.push(format!("git ignores {line}"));
            }
        }
        Err(problems) => {
            for problem in problems {
                let hints = problem.hint(&context.invocation).replace('\n', "; ");
                context.screen.warn(&format!("{}: {hints}", problem.message));
                notes.push(problem.message);
            }
        }
    }
    for remark in &new.remarks {
        context.screen.note(remark);
    }
    let Some(profile) = loaded.profiles.first() else { return notes };
    let arguments = ProfileArguments::of(profile);
    let next = |context: &mut Context<'_>, hint: &Hint| {
        let line = hint.line(&context.invocation);
        context.done("Next", &line);
    };
    let check = ProfileArguments { path: arguments.path.clone(), environment: None };
    next(context, &Hint::run("look at it", CommandLine::about("check", &check)));
    if fits_emulator(profile) {
        let trial = CommandLine::about("apply", &arguments).flag("--emulator");
        next(context, &Hint::run("try it without Cloudflare", trial));
    }
    let address = bootstrap(profile);
    context.done("Next", &format!("create the bootstrap, the token that makes the others: {address}"));
    let template = match profile.owner {
        Owner::User => "or from the template Create Additional Tokens, under My Profile > API Tokens",
        Owner::Account(_) => {
            "or by hand with Account API Tokens: Edit, under Manage Account > Account API Tokens"
        }
    };
    context.done("", template);
    context.done(
        "Next",
        "put it into CLOUDFLARE_BOOTSTRAP_TOKEN, or name a program: --bootstrap-command 'op read …'",
    );
    next(context, &Hint::run("make the token", CommandLine::about("apply", &arguments)));
    notes
}

/// Lets git ignore the env files of the profile, but not those that only a pattern names; the lines that were added.
fn ignore(world: &dyn World, loaded: &Loaded) -> Result<Vec<String>, Vec<Problem>> {
    let root = find_root(world).map_err(|problem| vec![problem])?;
    let is_example = |profile: &Profile| {
        loaded.shapes.iter().any(|shape| profile.environment.as_deref() == Some(&*shape.example))
    };
    let paths: BTreeSet<&Path> = loaded
        .profiles
        .iter()
        .filter(|profile| !is_example(profile))
        .flat_map(|profile| &profile.sinks)
        .filter_map(|sink| sink.file().map(|file| file.path.value.as_path()))
        .collect();
    let problems = |errors: &[SinkError]| errors.iter().map(Problem::from).collect::<Vec<_>>();
    let files: Vec<SecretFile> = paths
        .into_iter()
        .map(|path| SecretFile::locate(world, &root, path))
        .collect::<Result<_, _>>()
        .map_err(|error| problems(&[error]))?;
    let files: Vec<&SecretFile> = files.iter().collect();
    let guarded = guard(world, &root, &files, FixGitignore::Add).map_err(|errors| problems(&errors))?;
    let shown = |path: &Path| path.strip_prefix(&root.folder).unwrap_or(path).display().to_string();
    let added = guarded.into_iter().filter_map(|one| one.added);
    Ok(added.map(|added| format!("{} (a line in {})", added.line, shown(&added.gitignore))).collect())
}

/// Whether the emulator has the accounts and zones of a profile.
fn fits_emulator(profile: &Profile) -> bool {
    profile.all_rights().all(|rights| {
        let accounts = match &rights.resources.accounts {
            Accounts::Named(named) => named.as_slice(),
            Accounts::All => &[],
        };
        let zones = match &rights.resources.zones {
            Zones::Named(named) => named.as_slice(),
            Zones::OfAccounts | Zones::AllAccounts => &[],
        };
        let is_there = |known: &[&str], named: &Spanned<Reference>| known.contains(&named.value.text());
        accounts.iter().all(|one| is_there(&[ACCOUNT_NAME, ACCOUNT_ID], one))
            && zones.iter().all(|one| is_there(&["example.com", "example.net"], one))
    })
}

/// The form for the bootstrap of a profile: it makes tokens, and sees the names that the profile uses.
fn bootstrap(profile: &Profile) -> String {
    let (form, maker) = match profile.owner {
        Owner::User => {
            (TemplateForm::User { account: None, zone: None }, (Section::User, "API Tokens Write"))
        }
        Owner::Account(_) => (TemplateForm::Account, (Section::Account, "Account API Tokens Write")),
    };
    let is_name = |named: &Spanned<Reference>| matches!(named.value, Reference::Name(_));
    let rights = || profile.all_rights().map(|rights| &rights.resources);
    let has_accounts = rights().any(|resources| {
        matches!(&resources.accounts, Accounts::Named(named) if named.iter().any(is_name))
            || resources.buckets.iter().any(|bucket| is_name(&bucket.value.account))
    });
    let has_zones = rights()
        .any(|resources| matches!(&resources.zones, Zones::Named(named) if named.iter().any(is_name)));
    let accounts = has_accounts.then_some((Section::Account, "Account Settings Read"));
    let zones = has_zones.then_some((Section::Zone, "Zone Read"));
    let permissions: Vec<TemplatePermission> = [Some(maker), accounts, zones]
        .into_iter()
        .flatten()
        .filter_map(|(section, name)| {
            let scope = Scope::from(section);
            let mut known = Catalogue::embedded().groups();
            known.find(|group| group.name == name && group.scopes.contains(&scope))?.template_permission()
        })
        .collect();
    template_link(form, &permissions, "cfmint-bootstrap")
}
