//! The commands as clap knows them -> the README's reference of them, in Markdown. A test keeps the two alike.

use std::fmt::Write as _;

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, Command};

/// Returns every command with its arguments and options, as the README shows them: first the options that many commands
/// have, then each command with its own.
pub(in crate::cli) fn reference_of(mut whole: Command) -> String {
    whole.build();
    let commands: Vec<&Command> = whole.get_subcommands().filter(|one| !one.is_hide_set()).collect();
    let commands: Vec<&Command> = commands.into_iter().filter(|one| one.get_name() != "help").collect();
    // What is written word by word in so many commands is explained once.
    let count = |row: &Row| commands.iter().filter(|one| rows(one).contains(row)).count();
    let mut shared: Vec<Row> = Vec::new();
    for row in commands.iter().flat_map(|one| rows(one)) {
        if row.is_option && !shared.contains(&row) && count(&row) >= MANY {
            shared.push(row);
        }
    }
    let mut text = "**Options that many commands have**\n\n".to_owned();
    table(&mut text, &shared);
    for command in commands {
        let usage = command.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage:").split_whitespace().collect::<Vec<_>>().join(" ");
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        // A text takes every line.
        write!(text, "\n**`{usage}`**\\\n{}.\n", cell(&about)).ok();
        let own: Vec<Row> = rows(command).into_iter().filter(|row| !shared.contains(row)).collect();
        if !own.is_empty() {
            text.push('\n');
            table(&mut text, &own);
        }
    }
    text
}

/// In how many commands an option stands that is explained once.
const MANY: usize = 5;

/// An argument or an option.
#[derive(PartialEq, Eq)]
struct Row {
    is_option: bool,
    typed: String,
    does: String,
}

/// What a person can type behind a command.
fn rows(command: &Command) -> Vec<Row> {
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set() && arg.get_id() != "help");
    let mut rows: Vec<Row> = shown.map(row).collect();
    rows.sort_by_key(|row| row.is_option);
    rows
}

fn row(arg: &Arg) -> Row {
    let values = arg.get_value_names().unwrap_or_default().join(" ");
    let takes = arg.get_action().takes_values();
    let names =
        [arg.get_short().map(|short| format!("-{short}")), arg.get_long().map(|long| format!("--{long}"))];
    let names: Vec<String> = names.into_iter().flatten().collect();
    let is_many = matches!(arg.get_action(), ArgAction::Append) && names.is_empty();
    let typed = match (names.is_empty(), takes) {
        (true, _) => format!("{values}{}", if is_many { "…" } else { "" }),
        (false, true) => format!("{} {values}", names.join(", ")),
        (false, false) => names.join(", "),
    };
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let possible = arg.get_possible_values();
    let words: Vec<&str> = possible.iter().map(PossibleValue::get_name).collect();
    let is_told = words.is_empty() || !takes || arg.is_hide_possible_values_set();
    let words = if is_told { String::new() } else { format!(": `{}`", words.join("`, `")) };
    let defaults = arg.get_default_values().iter().map(|value| value.to_string_lossy());
    let defaults = defaults.collect::<Vec<_>>().join(" ");
    let is_told = defaults.is_empty() || !takes || arg.is_hide_default_value_set();
    let defaults = if is_told { String::new() } else { format!(" [default: {defaults}]") };
    Row { is_option: !names.is_empty(), typed, does: format!("{help}{words}{defaults}") }
}

fn table(text: &mut String, rows: &[Row]) {
    text.push_str("| | |\n|---|---|\n");
    for Row { typed, does, .. } in rows {
        // As above.
        writeln!(text, "| `{}` | {} |", typed.replace('|', "\\|"), cell(does)).ok();
    }
}

/// A text in a cell.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|").replace('<', "&lt;")
}
