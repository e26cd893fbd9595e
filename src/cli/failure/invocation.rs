//! How cfmint was called, as far as another command has to be called the same way.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ArgMatches;

use super::command_line::{About, CommandLine};
use crate::sink::shell_word;

/// The options that the commands in hints take over.
#[derive(Debug, Clone, Default)]
pub(in crate::cli) struct Invocation {
    /// The whole command line, as it was typed.
    typed: Vec<OsString>,
    /// The command among it, where it writes sinks; else `apply`.
    writing: String,
    /// The profiles and how they are resolved, as words of a shell.
    profiles: Vec<String>,
    /// The environments that were chosen.
    environments: Vec<String>,
    /// What else resolves a profile: features and variables.
    resolving: Vec<String>,
    /// What leads to the same API and the same state folder.
    connection: Vec<String>,
}

impl Invocation {
    /// What was typed, the command's name, and what clap made of its own arguments.
    pub(in crate::cli) fn new(typed: &[OsString], name: &str, command: &ArgMatches) -> Self {
        let option = |name: &str, value: &str| format!("--{name} {}", shell_word(value.as_ref()));
        let texts = |id: &str| many::<String>(command, id);
        let environments =
            texts("environments").into_iter().map(|name| format!("-e {}", shell_word(name.as_ref())));
        let all = is_set(command, "all_envs").then(|| "--all-envs".to_owned());
        let features = texts("features").into_iter().map(|name| option("feature", &name));
        let variables = many::<(String, String)>(command, "variables");
        let variables = variables.into_iter().map(|(key, value)| option("set", &format!("{key}={value}")));
        let emulator = is_set(command, "emulator").then(|| "--emulator".to_owned());
        let url = texts("api_url").into_iter().map(|url| option("api-url", &url));
        let folder = many::<PathBuf>(command, "state_dir");
        let folder = folder.into_iter().map(|folder| format!("--state-dir {}", shell_word(&folder)));
        Self {
            typed: typed.to_vec(),
            writing: if has_option(command, "replace") && name != "plan" { name } else { "apply" }.to_owned(),
            profiles: many::<PathBuf>(command, "profiles").iter().map(|path| shell_word(path)).collect(),
            environments: environments.chain(all).collect(),
            resolving: features.chain(variables).collect(),
            connection: emulator.into_iter().chain(url).chain(folder).collect(),
        }
    }

    /// A command line, ready to be pasted.
    pub(in crate::cli) fn line(&self, command: &CommandLine) -> String {
        match command {
            CommandLine::Shell(line) => line.clone(),
            CommandLine::Again { option } => self.again_with(option),
            CommandLine::Overwrite(about) => self.about(&self.writing, about, &["--replace".to_owned()]),
            CommandLine::Cfmint { name, about, options } => self.about(name, about, options),
        }
    }

    /// A command of cfmint's.
    fn about(&self, name: &str, about: &About, options: &[String]) -> String {
        let mut words = vec!["cfmint".to_owned(), name.to_owned()];
        match about {
            About::Owner => {}
            About::AnyProfile => words.push("PROFILE".to_owned()),
            About::Profile(profile) => {
                words.push(profile.words());
                words.extend_from_slice(&self.resolving);
            }
            About::SameProfiles => {
                words.extend_from_slice(&self.profiles);
                words.extend_from_slice(&self.environments);
                words.extend_from_slice(&self.resolving);
            }
        }
        words.extend_from_slice(options);
        words.extend_from_slice(&self.connection);
        words.join(" ")
    }

    /// What leads another command to the same API and the same state folder, each word after a blank.
    pub(in crate::cli) fn connection(&self) -> String {
        self.connection.iter().fold(String::new(), |all, word| all + " " + word)
    }

    /// What was typed, with one more option.
    /// What was typed, with an option; one that takes a value takes the place of the same one.
    fn again_with(&self, option: &str) -> String {
        let mut words: Vec<String> =
            self.typed.iter().skip(1).map(|word| shell_word(word.as_ref())).collect();
        if let Some((name, _)) = option.split_once(' ') {
            let before = words.iter().position(|word| word == name);
            if let Some(at) = before.filter(|at| at + 1 < words.len()) {
                words.drain(at..at + 2);
            }
            words.retain(|word| !word.strip_prefix(name).is_some_and(|value| value.starts_with('=')));
        }
        // Behind a bare `--` it would be a profile.
        let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
        words.insert(end, option.to_owned());
        format!("cfmint {}", words.join(" "))
    }
}

/// The values of an argument that this command may not have.
fn many<T: Clone + Send + Sync + 'static>(command: &ArgMatches, id: &str) -> Vec<T> {
    let values = command.try_get_many::<T>(id).ok().flatten();
    values.map(|values| values.cloned().collect()).unwrap_or_default()
}

/// Whether a command has this option.
fn has_option(command: &ArgMatches, id: &str) -> bool {
    command.try_get_one::<bool>(id).is_ok()
}

fn is_set(command: &ArgMatches, id: &str) -> bool {
    matches!(command.try_get_one::<bool>(id), Ok(Some(true)))
}
