//! Arguments that cannot be understood: what clap says about them, and what was likely meant.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, ValueEnum as _};

use super::code::Code;
use super::exit::Exit;
use super::invocation::Invocation;
use super::problem::Problem;
use crate::cli::options::Color;
use crate::cli::output::report::Report;
use crate::cli::output::screen::Screen;
use crate::secret::secret_prefix;

/// What other programs call what a command of cfmint does.
const NEAR: [(&str, &str); 36] = [
    ("accounts", "resources"),
    ("add", "apply"),
    ("clean", "prune"),
    ("cleanup", "prune"),
    ("debug", "doctor"),
    ("delete", "revoke"),
    ("destroy", "revoke"),
    ("diagnose", "doctor"),
    ("diff", "plan"),
    ("export", "import"),
    ("gc", "prune"),
    ("generate", "init"),
    ("get", "list"),
    ("groups", "permissions"),
    ("lint", "check"),
    ("ls", "list"),
    ("make", "apply"),
    ("mint", "apply"),
    ("new", "init"),
    ("preview", "plan"),
    ("record", "learn"),
    ("refresh", "rotate"),
    ("remove", "revoke"),
    ("renew", "rotate"),
    ("rm", "revoke"),
    ("search", "permissions"),
    ("setup", "init"),
    ("show", "list"),
    ("status", "list"),
    ("sync", "apply"),
    ("up", "apply"),
    ("url", "link"),
    ("validate", "check"),
    ("verify", "doctor"),
    ("why", "explain"),
    ("zones", "resources"),
];

/// How other programs take a secret: where others can read it.
const SECRETS: [&str; 6] =
    ["--token", "--api-token", "--bootstrap", "--bootstrap-token", "--api-key", "--key"];

/// What to do instead.
const NO_SECRETS: &str = "a secret is never an argument, because others can read arguments: set \
                          CLOUDFLARE_BOOTSTRAP_TOKEN, or give --bootstrap-file PATH or --bootstrap-command COMMAND";

/// Options of one command that are given to another, and what to do instead.
const OPTIONS: [(&str, &str); 6] = [
    ("--account", "the profile says who owns its token: `owner: { account: NAME }`"),
    ("--all-envs", "this command takes every environment"),
    ("--dry-run", "this command changes nothing"),
    ("--due", "`rotate` and `plan` take --due"),
    ("--emulator", "this command asks no API"),
    (
        "--force",
        "to agree in advance, `revoke` and `prune` take --yes; to overwrite a value, `apply`, `roll` and `rotate` take --replace",
    ),
];

/// Refuses arguments of which one is a secret by its form, before anything repeats it.
pub(in crate::cli) fn refuse_secrets(
    known: &Command,
    typed: &[OsString],
    screen: &mut Screen,
) -> Option<Exit> {
    let name = command(known, typed).map_or_else(|| known.get_name(), Command::get_name);
    // What follows it is the program's that learn runs.
    let mut own = typed.iter().skip(1).take_while(|word| name != "learn" || *word != "--");
    let prefix = own.find_map(|word| prefix_in(&word.to_string_lossy()))?;
    let message = format!("an argument is a secret by its form ({prefix}…), and it is not used");
    let problem = Problem::new(Code::UsageArguments, message, NO_SECRETS);
    screen.error(problem.code.text(), &problem.message, &problem.hint(&Invocation::default()));
    if wants_json(typed) {
        let mut report = Report::new(name);
        report.problem(problem);
        screen.result(&report.document(&Invocation::default()));
    }
    Some(Exit::Invalid)
}

/// How a word begins that is a secret, or has one as an option's value.
fn prefix_in(word: &str) -> Option<&'static str> {
    word.split('=').find_map(|value| secret_prefix(value.trim_start()))
}

/// The command among what was typed.
fn command<'a>(known: &'a Command, typed: &[OsString]) -> Option<&'a Command> {
    typed.iter().skip(1).filter_map(|word| word.to_str()).find_map(|word| known.find_subcommand(word))
}

/// Says why a run does not begin, or the help that was asked for.
pub(in crate::cli) fn say(
    known: &Command,
    typed: &[OsString],
    error: clap::Error,
    screen: &mut Screen,
) -> Exit {
    if !error.use_stderr() {
        screen.help(&error.render().ansi().to_string());
        return Exit::Done;
    }
    let error = with_tip(error);
    let text = error.render();
    screen.rendered(text.ansi().to_string().trim_end());
    if wants_json(typed) {
        let mut report = report(known, typed, &error);
        screen.result(&report.document(&Invocation::default()));
    }
    Exit::Invalid
}

/// The same, with what was likely meant.
fn with_tip(mut error: clap::Error) -> clap::Error {
    let given = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.split('=').next().unwrap_or_default().to_owned()),
        _ => None,
    };
    let tip = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let typed = given(ContextKind::InvalidSubcommand).unwrap_or_default().to_lowercase();
            let near = NEAR.iter().find(|(other, _)| *other == typed);
            near.map(|(_, own)| format!("in cfmint, this command is called '{own}'"))
        }
        ErrorKind::UnknownArgument => {
            let typed = given(ContextKind::InvalidArg).unwrap_or_default();
            let instead = OPTIONS.iter().find(|(option, _)| *option == typed).map(|(_, instead)| *instead);
            let tip = if SECRETS.contains(&typed.as_str()) { Some(NO_SECRETS) } else { instead };
            // Nobody means an option as the name of a profile.
            error.remove(ContextKind::Suggested);
            tip.map(str::to_owned)
        }
        _ => None,
    };
    if let Some(tip) = tip {
        error.remove(ContextKind::SuggestedSubcommand);
        error.remove(ContextKind::SuggestedArg);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

/// Whether a program reads standard output, as far as arguments tell that cannot be understood.
fn wants_json(typed: &[OsString]) -> bool {
    typed.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--json")
}

/// The colours that were asked for, which count before anything is understood.
pub(in crate::cli) fn color(typed: &[OsString]) -> Color {
    let mut words = typed.iter().skip(1).take_while(|word| *word != "--").filter_map(|word| word.to_str());
    let mut color = Color::Auto;
    while let Some(word) = words.next() {
        let value = if word == "--color" { words.next() } else { word.strip_prefix("--color=") };
        color = value.and_then(|value| Color::from_str(value, false).ok()).unwrap_or(color);
    }
    color
}

/// The report of a run that does not begin.
fn report(known: &Command, typed: &[OsString], error: &clap::Error) -> Report {
    let command = command(known, typed);
    let name = command.map_or_else(|| known.get_name(), Command::get_name);
    let text = error.render().to_string();
    let help = command.map_or_else(|| "cfmint --help".to_owned(), |_| format!("cfmint {name} --help"));
    let is_bare = matches!(
        error.kind(),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand
    );
    let (message, hint) = if is_bare {
        ("no command is given".to_owned(), help)
    } else {
        let first = text.lines().take_while(|line| !line.is_empty()).map(str::trim);
        let first = first.collect::<Vec<_>>().join(" ");
        let tip = text.lines().find_map(|line| line.trim().strip_prefix("tip: "));
        (first.trim_start_matches("error: ").to_owned(), tip.map_or(help, str::to_owned))
    };
    let mut report = Report::new(name);
    report.problem(Problem::new(Code::UsageArguments, message, hint));
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_prefix_and_its_length() {
        for prefix in crate::secret::PREFIXES {
            let secret = format!("{prefix}FAKEfakeFAKEfakeFAKE");
            for word in
                [secret.clone(), format!(" {secret}"), format!("--variable={secret}"), format!("K={secret}")]
            {
                assert_eq!(prefix_in(&word), Some(prefix), "{word}");
            }
            let short = &secret[..secret.len() - 1];
            for word in
                [short, prefix, &format!("x{secret}"), &format!("{prefix}not a secret, but a sentence")]
            {
                assert_eq!(prefix_in(word), None, "{word}");
            }
        }
    }
}
