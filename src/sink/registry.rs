//! The one place that knows every kind of sink: the sinks of a profile -> sinks that answer for themselves.

use std::path::Path;

use super::command::CommandSink;
use super::env_file::EnvFileSink;
use super::{Root, Sink, SinkError};
use crate::profile::{self, Profile};
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
    for sink in &profile.sinks {
        match sink {
            profile::SinkSpec::EnvFile { path, variables, mode } => {
                let variables = variables.iter().map(|(name, value)| (name.value.clone(), *value)).collect();
                let mode = mode.as_ref().map(|mode| mode.value);
                match EnvFileSink::locate(world, root, state_folder, &path.value, variables, mode) {
                    Ok(sink) => sinks.push(Box::new(sink)),
                    Err(error) => errors.push(error),
                }
            }
            profile::SinkSpec::Command { writers, input, read } => {
                let read = read.as_ref().map(|read| read.value.as_slice());
                sinks.push(Box::new(CommandSink::new(root, writers, input, read)));
            }
        }
    }
    (sinks, errors)
}
