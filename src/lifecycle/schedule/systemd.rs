//! A service that runs once, and the timer that starts it.
//!
//! The bootstrap comes as a credential: it is readable by this service alone, and in no environment.

use super::quote::{exec, unit};
use super::template::fill;
use super::{Bootstrap, Printed, Schedule, ScheduleError, comments};

/// Where the bootstrap is kept, unless that was said.
const BOOTSTRAP: &str = "/etc/cfmint/bootstrap";

/// The option that names the credential, which systemd fills in.
const CREDENTIAL: &str = " --bootstrap-file ${CREDENTIALS_DIRECTORY}/bootstrap";

/// The share of the pace by which a run may be delayed at random.
const DELAY_SHARE: i32 = 24;

pub(super) fn print(schedule: &Schedule) -> Result<Vec<Printed>, ScheduleError> {
    let path = |kind: &str| format!("/etc/systemd/system/{}.{kind}", schedule.name);
    Ok(vec![
        Printed { path: path("service"), text: service(schedule, &path("service"))? },
        Printed { path: path("timer"), text: timer(schedule, &path("timer")) },
    ])
}

fn service(schedule: &Schedule, path: &str) -> Result<String, ScheduleError> {
    let name = &schedule.name;
    let mut lines = vec![path.to_owned(), String::new(), schedule.title()];
    if schedule.bootstrap == Bootstrap::Unsaid {
        lines.push(format!("To store the bootstrap:  install -D -m 600 /dev/stdin {BOOTSTRAP}"));
    }
    let environment = schedule.logs_in_to_vault.then(|| format!("/etc/cfmint/{name}.env"));
    if let Some(file) = &environment {
        lines.push(format!(
            "To say where Vault is and who logs in, VAULT_ADDR=… and so on:  install -D -m 600 /dev/stdin {file}"
        ));
    }
    let environment = environment.map(|file| format!("EnvironmentFile={file}\n")).unwrap_or_default();
    lines.extend([
        "To install it, save this part and the one below as the files that their first lines name, then:"
            .to_owned(),
        format!("  systemctl daemon-reload && systemctl enable --now {name}.timer"),
        format!("To try it at once:  systemctl start {name}.service; journalctl -u {name}.service"),
    ]);

    let mut arguments = schedule.arguments(&schedule.profiles, schedule.state.as_deref());
    let (credential, source) = match &schedule.bootstrap {
        Bootstrap::Unsaid => (Some(BOOTSTRAP), CREDENTIAL),
        Bootstrap::File(path) => (Some(path.as_str()), CREDENTIAL),
        Bootstrap::Command(_) | Bootstrap::Vault(_) | Bootstrap::Unneeded => {
            arguments.extend(schedule.bootstrap.options());
            (None, "")
        }
    };
    // Quotes do not help: systemd looks at the first word after it took them away.
    if schedule.program.starts_with(['@', '-', ':', '+', '!', '|']) || schedule.program.contains('$') {
        return Err(ScheduleError::Program(schedule.program.clone()));
    }
    let command: Vec<String> =
        [&schedule.program].into_iter().chain(&arguments).map(|word| exec(word)).collect();

    let user = match (&schedule.user, schedule.owner) {
        (Some(user), _) => format!("User={user}\n"),
        (None, Some(owner)) => format!(
            "# The owner of the folder: git tells nobody else what it ignores, not even root.\nUser={owner}\n"
        ),
        (None, None) => "# The owner of the env files; root if you do not say:\n# User=\n".to_owned(),
    };
    let credential = match credential {
        Some(path) => format!("LoadCredential=bootstrap:{}\n", line_of(path)?),
        None => String::new(),
    };
    let protection = if schedule.programs.is_empty() {
        "ProtectSystem=strict\nProtectHome=read-only\n".to_owned()
    } else {
        let programs = schedule.programs.join(", ");
        let why = comments(&[format!("Not stricter, since profiles run programs: {programs}")]);
        why + "ProtectSystem=full\n"
    };
    let folders: Result<Vec<String>, ScheduleError> = schedule
        .writable
        .iter()
        .map(|folder| Ok(format!("ReadWritePaths={}\n", writable(folder)?)))
        .collect();
    let values = [
        ("head", &*comments(&lines)),
        ("name", &**name),
        ("user", &*user),
        ("folder", &*line_of(&schedule.folder)?),
        ("environment", &*environment),
        ("credential", &*credential),
        ("command", &*(command.join(" ") + source)),
        ("limit", &*schedule.limit().to_string()),
        ("protection", &*protection),
        ("writable", &*folders?.concat()),
    ];
    Ok(fill(include_str!("templates/systemd.service"), &values))
}

/// A path that stands alone up to the end of its line, where a backslash would join the next one to it.
fn line_of(path: &str) -> Result<String, ScheduleError> {
    if path.ends_with(['\\', ' ']) { Err(ScheduleError::Path(path.to_owned())) } else { Ok(unit(path)) }
}

/// A folder that is written to; where it is missing, cfmint says so better than systemd. Within quotes nothing is
/// escaped here but specifiers.
fn writable(folder: &str) -> Result<String, ScheduleError> {
    match folder {
        folder if folder.contains(['"', '\\']) => Err(ScheduleError::Path(folder.to_owned())),
        folder if folder.contains([' ', '\'']) => Ok(format!("\"-{}\"", unit(folder))),
        folder => Ok(format!("-{}", unit(folder))),
    }
}

fn timer(schedule: &Schedule, path: &str) -> String {
    let values = [
        ("head", &*comments(&[path.to_owned()])),
        ("pace", schedule.pace.word()),
        ("calendar", &*schedule.times().calendar()),
        ("delay", &*(schedule.pace.length() / DELAY_SHARE).num_seconds().to_string()),
    ];
    fill(include_str!("templates/systemd.timer"), &values)
}
