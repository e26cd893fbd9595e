//! The one place that knows every kind of sink: the sinks of a profile -> sinks that answer for themselves.

use std::path::Path;

use super::command::CommandSink;
use super::file::FileSink;
use super::github_env::GithubEnvSink;
use super::terminal::TerminalSink;
use super::vault::VaultSink;
use super::{Root, Sink, SinkError};
use crate::profile::{Profile, SinkSpec, SinkValue, Spanned};
use crate::world::World;

/// Finds the real place of each sink of a profile, and says of all that have none why; a file in the state folder is
/// no sink.
pub fn locate(
    world: &dyn World,
    root: &Root,
    state_folder: Option<&Path>,
    profile: &Profile,
) -> (Vec<Box<dyn Sink>>, Vec<SinkError>) {
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    let mut errors = Vec::new();
    for spec in &profile.sinks {
        let sink = match spec {
            SinkSpec::EnvFile(file) => boxed(FileSink::env_file(world, root, state_folder, file)),
            SinkSpec::JsonFile(file) => boxed(FileSink::json_file(world, root, state_folder, file)),
            SinkSpec::GithubEnv { variables } => boxed(Ok(GithubEnvSink::new(named(variables)))),
            SinkSpec::Vault { path, variables } => {
                boxed(Ok(VaultSink::new(path.value.clone(), named(variables))))
            }
            SinkSpec::Terminal { name } => boxed(Ok(TerminalSink::new(name.clone()))),
            SinkSpec::Command { writers, input, read } => {
                let read = read.as_ref().map(|read| read.value.as_slice());
                boxed(Ok(CommandSink::new(root, writers, input, read)))
            }
        };
        match sink {
            Ok(sink) => sinks.push(sink),
            Err(error) => errors.push(error),
        }
    }
    (sinks, errors)
}

fn named(variables: &[(Spanned<String>, SinkValue)]) -> Vec<(String, SinkValue)> {
    variables.iter().map(|(name, value)| (name.value.clone(), *value)).collect()
}

fn boxed<S: Sink + 'static>(sink: Result<S, SinkError>) -> Result<Box<dyn Sink>, SinkError> {
    sink.map(|sink| Box::new(sink) as Box<dyn Sink>)
}
