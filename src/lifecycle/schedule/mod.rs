//! Profiles that must be rotated when they are due -> the text that lets a scheduler do it.
//!
//! Each format has a file, and the text of it a template. What comes out is text for a person to look at and to install; nothing here looks at
//! the machine, and no secret ever comes in.

use crate::text::{is_steering, whole_line};
mod cron;
mod github_actions;
mod kubernetes;
mod pace;
mod quote;
mod source;
mod systemd;
mod template;
#[cfg(test)]
mod tests;

pub use pace::Pace;
pub use source::Source;

use pace::Times;

/// What is to run, and where.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// What it is called: letters, digits and `-`.
    pub name: String,
    /// How often it runs.
    pub pace: Pace,
    /// Where cfmint is on this machine.
    pub program: String,
    /// Where a machine that is new at every run gets cfmint from.
    pub source: Source,
    /// The folder that paths start from, absolute.
    pub folder: String,
    /// The same, from the root of the repository; empty for the root itself.
    pub within: String,
    /// Who runs it on this machine, where that is known.
    pub user: Option<String>,
    /// The number of the user whose folder it is, if that is not the superuser.
    pub owner: Option<u32>,
    /// The arguments that name profiles.
    pub profiles: Vec<String>,
    /// The files that these arguments stand for.
    pub files: Vec<String>,
    /// The options that choose and resolve, and those of `rotate`.
    pub options: Vec<String>,
    /// Where the state folder is, if that was said.
    pub state: Option<String>,
    /// Where the bootstrap comes from.
    pub bootstrap: Bootstrap,
    /// The folders that are written to, absolute.
    pub writable: Vec<String>,
    /// The env files that the secrets go to.
    pub env_files: Vec<String>,
    /// The programs that profiles run: sinks and hooks.
    pub programs: Vec<String>,
    /// Whether a run logs in to Vault or OpenBao.
    pub logs_in_to_vault: bool,
}

/// Where the bootstrap comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bootstrap {
    /// From where the format keeps secrets.
    Unsaid,
    /// From a file.
    File(String),
    /// From a command.
    Command(String),
    /// From a key of a secret in Vault or OpenBao.
    Vault(String),
    /// The emulator needs none.
    Unneeded,
}

impl Bootstrap {
    /// The options that name a file, a command or a place in a store.
    fn options(&self) -> Vec<String> {
        match self {
            Self::File(path) => vec!["--bootstrap-file".to_owned(), path.clone()],
            Self::Command(text) => vec!["--bootstrap-command".to_owned(), text.clone()],
            Self::Vault(place) => vec!["--bootstrap-vault".to_owned(), place.clone()],
            Self::Unsaid | Self::Unneeded => Vec::new(),
        }
    }
}

/// The schedulers that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A service and a timer.
    Systemd,
    /// A line of a crontab.
    Cron,
    /// A workflow.
    GithubActions,
    /// A `CronJob`.
    Kubernetes,
}

/// A file to install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// Where it goes.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// Why a format cannot hold a schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// A line break or another control character, which no line of this format can carry.
    #[error("`{0}` holds a control character, which a schedule cannot carry")]
    Control(String),
    /// A path with a character that this format cannot quote.
    #[error("the path `{0}` holds a character that a unit cannot carry")]
    Path(String),
    /// A program whose name means something else where a unit names its program.
    #[error("a unit cannot start `{0}`: it may not begin with one of `@-:+!|`, and may hold no `$`")]
    Program(String),
}

impl Format {
    /// The fastest pace that the scheduler can be relied on for, where cfmint comes from there.
    #[must_use]
    pub fn fastest(self, source: &Source) -> Pace {
        match self {
            Self::Systemd | Self::Cron => Pace::TenMinutes,
            Self::Kubernetes => source.fastest_container(),
            // GitHub starts scheduled workflows late when there are many, and leaves some out.
            Self::GithubActions => Pace::Hour,
        }
    }

    /// What people call it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Cron => "cron",
            Self::GithubActions => "GitHub Actions",
            Self::Kubernetes => "Kubernetes",
        }
    }

    /// Whether each run has its own machine, which is gone after it.
    #[must_use]
    pub fn is_ephemeral(self) -> bool {
        matches!(self, Self::GithubActions | Self::Kubernetes)
    }
}

impl Schedule {
    /// The files that make a scheduler run it.
    pub fn print(&self, format: Format) -> Result<Vec<Printed>, ScheduleError> {
        let words = self.profiles.iter().chain(&self.files).chain(&self.options).chain(&self.state);
        let bootstrap = match &self.bootstrap {
            Bootstrap::File(text) | Bootstrap::Command(text) | Bootstrap::Vault(text) => Some(text),
            Bootstrap::Unsaid | Bootstrap::Unneeded => None,
        };
        let paths = self.writable.iter().chain([&self.program, &self.folder, &self.within]);
        let source = match &self.source {
            Source::Release(text) | Source::Image(text) => Some(text),
            Source::Crates => None,
        };
        if let Some(word) =
            words.chain(bootstrap).chain(source).chain(paths).find(|word| word.chars().any(is_control))
        {
            return Err(ScheduleError::Control(
                word.chars().filter(|character| !is_control(*character)).collect(),
            ));
        }
        match format {
            Format::Systemd => systemd::print(self),
            Format::Cron => Ok(vec![cron::print(self)]),
            Format::GithubActions => Ok(vec![github_actions::print(self)]),
            Format::Kubernetes => Ok(vec![kubernetes::print(self)]),
        }
    }

    fn times(&self) -> Times {
        Times::new(self.pace, &self.name)
    }

    /// What it does and when, in a line.
    fn title(&self) -> String {
        let profiles = self.profiles.join(", ");
        format!("Rotates what is due of the Cloudflare API tokens of {profiles}: {}.", self.pace.word())
    }

    /// The command without the program: what rotates these profiles, with the bootstrap from there.
    fn arguments(&self, profiles: &[String], state: Option<&str>) -> Vec<String> {
        let state = state.map(|folder| ["--state-dir".to_owned(), folder.to_owned()]);
        ["rotate".to_owned()]
            .into_iter()
            .chain(profiles.iter().cloned())
            .chain(self.options.iter().cloned())
            .chain(state.into_iter().flatten())
            .collect()
    }

    /// How long a run may take, in seconds: a hanging one must not keep the next from running for long.
    fn limit(&self) -> i64 {
        self.pace.length().num_seconds().min(30 * 60)
    }
}

/// Whether a character breaks a line or steers a terminal: no line of text can carry it as it is.
fn is_control(character: char) -> bool {
    is_steering(character) || matches!(character, '\n' | '\t' | '\u{fffe}' | '\u{ffff}')
}

/// Lines as comments. What a profile names stands in them, and each stays one line, whatever it holds: behind a
/// line break there would be a directive.
fn comments(lines: &[String]) -> String {
    let comment = |line: &String| format!("# {}", whole_line(line)).trim_end().to_owned() + "\n";
    lines.iter().map(comment).collect::<Vec<_>>().concat()
}
