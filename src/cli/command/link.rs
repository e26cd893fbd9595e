//! `cfmint link`: the address that fills in the dashboard's form for a profile's token. Offline; makes nothing.

use clap::Args;

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::failure::command_line::{CommandLine, ProfileArguments};
use crate::cli::failure::hint::Hint;
use crate::cli::options::ProfileArgs;
use crate::cli::output::link;
use crate::cli::output::link::LinkRow;
use crate::cli::session::context::Context;
use crate::cli::session::load::{Unchosen, in_order, load};
use crate::cli::session::permissions::permissions;
use crate::lifecycle::{self, AccountForm};
use crate::profile::{Owner, Profile, Unset};

/// Print the dashboard link that fills in the form for the same token
#[derive(Debug, Args)]
#[command(
    after_help = "Offline. The address goes to standard output; what it cannot carry is said beside it. Whoever opens it \
    still looks at the form and creates the token.\n\n\
    Example: cfmint link shop.yaml -e production"
)]
pub(in crate::cli) struct LinkArgs {
    /// Link to the form of an account, whoever owns the profile's token
    #[arg(long)]
    account: bool,
    /// Which profiles.
    #[command(flatten)]
    profiles: ProfileArgs,
}

impl RunCommand for LinkArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        let mut loaded = load(&**context.world, &self.profiles, Unchosen::LeaveOut, Unset::Error);
        permissions(&mut loaded);
        in_order(&mut loaded.diagnostics, &self.profiles.profiles);
        let loaded = loaded.accept(context)?;
        let form = if self.account { AccountForm::Asked } else { AccountForm::AsOwned };
        let mut rows = Vec::new();
        for profile in &loaded.profiles {
            let link = lifecycle::link(profile, form);
            let is_for_account = self.account || profile.owner != Owner::User;
            let row = link::row(profile, &link, is_for_account);
            say(context, profile, &row);
            rows.push(row);
        }
        context.report.links(rows);
        Ok(Outcome::Reported)
    }
}

/// What is left to do first, then the address, which is opened last.
fn say(context: &mut Context<'_>, profile: &Profile, row: &LinkRow) {
    let arguments = ProfileArguments::of(profile);
    let whose = if row.owner == "user" { "your user" } else { "an account" };
    let count = match row.permissions.len() {
        1 => "1 permission".to_owned(),
        many => format!("{many} permissions"),
    };
    context.done("Filled in", &format!("{count} and the name {} for {whose}", row.name));
    for by_hand in &row.by_hand {
        context.done("By hand", by_hand);
    }
    let is_owners = (profile.owner == Owner::User) == (row.owner == "user");
    if is_owners {
        let adopt = CommandLine::about("apply", &arguments).option("--adopt", "ID");
        context.note(&Hint::run("to let cfmint manage the token that you created, by its id", adopt));
    } else {
        context.screen.note(
            "the profile is for a token of your user: this one would be another, which it does not manage",
        );
    }
    if !context.json {
        context.screen.result(&format!("{}\n", row.address));
    }
}
