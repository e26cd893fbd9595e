//! `cfmint man`: the manual pages, made from what the commands say of themselves.

use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::problem::Problem;
use crate::cli::session::context::Context;
use crate::cli::session::new_file::save;
use crate::world::EntryKind;

/// How roff is told of an apostrophe that stays one.
const APOSTROPHE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// Print a manual page, or write all of them
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    cfmint man rotate | man -l -\n  \
    cfmint man --output ~/.local/share/man/man1")]
pub(in crate::cli) struct ManArgs {
    /// The command that the page is about [default: cfmint as a whole]
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
    /// Write a page for each command into this folder, which is made if it is missing; refuses if there are pages already
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    output: Option<PathBuf>,
}

impl RunCommand for ManArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        let mut whole = (context.grammar)().disable_help_subcommand(true).subcommand_help_heading("COMMANDS");
        whole.build();
        if let Some(folder) = &self.output {
            write_all(context, &whole, folder)?;
            return Ok(Outcome::Reported);
        }
        let about = match &self.command {
            None => &whole,
            Some(name) => whole.find_subcommand(name).ok_or_else(|| no_such(name))?,
        };
        let text = page(about);
        context.screen.result(&text);
        Ok(Outcome::Printed)
    }
}

fn write_all(context: &mut Context<'_>, whole: &Command, folder: &Path) -> Result<(), Problem> {
    let world = context.world;
    let path = world.folder().join(folder);
    if matches!(world.look(&path), Ok(None)) {
        world.create_folder(&path, 0o755).map_err(|error| {
            let text = format!("{} cannot be made: {error}", folder.display());
            Problem::new(Code::UsageOutput, text, "name a folder whose parent exists and can be written")
        })?;
    }
    let shown = whole.get_subcommands().filter(|command| !command.is_hide_set());
    let pages: Vec<&Command> = [whole].into_iter().chain(shown).collect();
    let file = |command: &Command| {
        let name = command.get_display_name().unwrap_or_else(|| command.get_name());
        folder.join(format!("{name}.1"))
    };
    let is_there = |file: &PathBuf| !matches!(world.look(&world.folder().join(file)), Ok(None));
    if let Some(there) = pages.iter().map(|page| file(page)).find(is_there) {
        let is_folder = matches!(world.look(&path), Ok(Some(entry)) if entry.kind == EntryKind::Folder);
        let text = if is_folder {
            format!("{} is there already, and cfmint changed nothing", there.display())
        } else {
            format!("{} is no folder", folder.display())
        };
        return Err(Problem::new(Code::UsageOutput, text, "name a new folder, or remove the old pages"));
    }
    for command in &pages {
        save(&**world, &file(command), &page(command))?;
    }
    context.done("Written", &format!("{}, and a page for each command", file(whole).display()));
    Ok(())
}

fn no_such(name: &str) -> Problem {
    let text = format!("`{}` is not a command", crate::text::one_line(name));
    Problem::new(Code::UsageMan, text, "cfmint --help lists the commands")
}

/// A page in roff. What follows the options keeps its lines, because examples stand in it.
fn page(command: &Command) -> String {
    let man = Man::new(command.clone());
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    // The third word is a date: a page has none, so that the same program always has the same pages.
    let mut text = format!(".TH {name} 1 \"\" \"cfmint {}\"\n", env!("CARGO_PKG_VERSION")).into_bytes();
    let mut notes = Roff::new();
    if let Some(help) = command.get_after_help() {
        notes.control("SH", ["NOTES"]).control("nf", []);
        for line in help.to_string().lines() {
            notes.text([roman(line)]);
        }
        notes.control("fi", []);
    }
    let has_commands = command.get_subcommands().any(|own| !own.is_hide_set());
    // A buffer in memory takes every byte.
    man.render_name_section(&mut text).ok();
    man.render_synopsis_section(&mut text).ok();
    man.render_description_section(&mut text).ok();
    man.render_options_section(&mut text).ok();
    if has_commands {
        man.render_subcommands_section(&mut text).ok();
    }
    notes.to_writer(&mut text).ok();
    // Each part begins with how it writes an apostrophe, which is said once.
    let text = String::from_utf8_lossy(&text).into_owned();
    let parts: Vec<&str> = text.split(APOSTROPHE).collect();
    format!("{APOSTROPHE}{}", parts.concat())
}
