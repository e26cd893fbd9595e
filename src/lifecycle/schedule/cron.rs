//! A line of a crontab. cron mails what is printed, so only what went wrong is.

use super::quote::{cron as word, cron_program};
use super::template::fill;
use super::{Bootstrap, Printed, Schedule, comments};

/// Where the bootstrap is kept, unless that was said.
const BOOTSTRAP: &str = "\"$HOME\"/.config/cfmint/bootstrap";

pub(super) fn print(schedule: &Schedule) -> Printed {
    let arguments = schedule.arguments(&schedule.profiles, schedule.state.as_deref());
    let mut command = vec![cron_program(&schedule.program)];
    command.extend(arguments.iter().map(|text| word(text)));
    command.push("--quiet".to_owned());
    command.extend(schedule.bootstrap.options().iter().map(|text| word(text)));
    if schedule.bootstrap == Bootstrap::Unsaid {
        command.extend(["--bootstrap-file".to_owned(), BOOTSTRAP.to_owned()]);
    }
    let mut lines = vec![
        schedule.title(),
        "cron mails what goes wrong.".to_owned(),
        String::new(),
        "To install it, add the line below with:  crontab -e".to_owned(),
    ];
    if schedule.bootstrap == Bootstrap::Unsaid {
        lines.push("To store the bootstrap:  (umask 077; mkdir -p ~/.config/cfmint; cat > ~/.config/cfmint/bootstrap)".to_owned());
    }
    if schedule.logs_in_to_vault {
        lines.push(
            "cron has no environment of yours. Put lines above: VAULT_ADDR=…, and those that log in."
                .to_owned(),
        );
    }
    if !schedule.programs.is_empty() {
        lines.push(format!(
            "cron's PATH is short. Put a line PATH=… above, so that it finds: {}",
            schedule.programs.join(", ")
        ));
    }
    let values = [
        ("head", &*comments(&lines)),
        ("times", &*schedule.times().cron()),
        ("folder", &*word(&schedule.folder)),
        ("command", &*command.join(" ")),
    ];
    let text = fill(include_str!("templates/crontab"), &values);
    Printed { path: "crontab".to_owned(), text }
}
