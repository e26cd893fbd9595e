//! A service that runs once, and the timer that starts it.
//!
//! The bootstrap comes as a credential: it is readable by this service alone, and in no environment.

use super::quote::{exec, unit};
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
        Bootstrap::Command(_) | Bootstrap::Unneeded => {
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

    let mut text = comments(&lines);
    let mut line = |setting: &str| {
        text.push_str(setting);
        text.push('\n');
    };
    line("[Unit]");
    line(&format!("Description=Rotate the Cloudflare API tokens that are due ({name})"));
    line("Wants=network-online.target");
    line("After=network-online.target");
    line("");
    line("[Service]");
    line("Type=oneshot");
    match (&schedule.user, schedule.owner) {
        (Some(user), _) => line(&format!("User={user}")),
        (None, Some(owner)) => {
            line("# Whose folder it is: git tells nobody else what it ignores, not even root.");
            line(&format!("User={owner}"));
        }
        (None, None) => line("# Whoever owns the env files; root unless you say so:\n# User="),
    }
    line(&format!("WorkingDirectory={}", line_of(&schedule.folder)?));
    if let Some(path) = credential {
        line(&format!("LoadCredential=bootstrap:{}", line_of(path)?));
    }
    line(&format!("ExecStart={}{source}", command.join(" ")));
    line(&format!("TimeoutStartSec={}", schedule.limit()));
    line(
        "# A run that is stopped first brings the secret at hand into safety, and lets the program finish that takes it.",
    );
    line("TimeoutStopSec=120");
    line("KillMode=mixed");
    line("UMask=0077");
    line("NoNewPrivileges=true");
    line("PrivateDevices=true");
    line("ProtectKernelModules=true");
    line("ProtectKernelTunables=true");
    line("ProtectControlGroups=true");
    line("RestrictSUIDSGID=true");
    line("LockPersonality=true");
    if schedule.programs.is_empty() {
        line("ProtectSystem=strict");
        line("ProtectHome=read-only");
    } else {
        let programs = schedule.programs.join(", ");
        line(comments(&[format!("Not stricter, since profiles run programs: {programs}")]).trim_end());
        line("ProtectSystem=full");
    }
    for folder in &schedule.writable {
        line(&format!("ReadWritePaths={}", writable(folder)?));
    }
    Ok(text)
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
    let delay = (schedule.pace.length() / DELAY_SHARE).num_seconds();
    format!(
        "{}[Unit]\n\
         Description=Rotate the Cloudflare API tokens that are due, {}\n\
         \n\
         [Timer]\n\
         OnCalendar={}\n\
         RandomizedDelaySec={delay}\n\
         Persistent=true\n\
         \n\
         [Install]\n\
         WantedBy=timers.target\n",
        comments(&[path.to_owned()]),
        schedule.pace.word(),
        schedule.times().calendar(),
    )
}
