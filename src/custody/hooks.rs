//! Hooks: programs of the profile that run after a secret was delivered or a predecessor retired.
//!
//! Each is an argv list, run in order, without a shell, in the folder cfmint was started in. A hook is told
//! which token it is about and where its secret is; it never gets a secret, nor the bootstrap's variables. Its output
//! comes through a pipe that ends with the hook: what a hook leaves running in the background must redirect its output.

use std::time::Duration;

use super::blocking::blocking;
use crate::survey::DeliveryContext;
use crate::world::{BOOTSTRAP_VARIABLES, Child, ChildOutput, World};

/// How long one hook may take.
pub const HOOK_LIMIT: Duration = Duration::from_secs(5 * 60);

/// Why a hook did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// It could not be started.
    #[error("the hook `{program}` could not be started: {error}")]
    NotStarted {
        /// The program.
        program: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// It ended with another exit code than 0, or by a signal.
    #[error("the hook `{program}` failed{}", code.map(|code| format!(" with exit code {code}")).unwrap_or_default())]
    Failed {
        /// The program.
        program: String,
        /// The exit code; `None` for a signal.
        code: Option<i32>,
    },
    /// It was killed after [`HOOK_LIMIT`].
    #[error("the hook `{program}` was killed: it ran longer than {} minutes", HOOK_LIMIT.as_secs() / 60)]
    TimedOut {
        /// The program.
        program: String,
    },
}

/// Runs the hooks of one moment; the first that fails ends it.
pub(super) fn run(
    world: &dyn World,
    hooks: &[Vec<String>],
    context: &DeliveryContext,
    token_id: &str,
) -> Result<(), HookError> {
    let env_file = context.sinks.iter().find_map(|seen| seen.sink.file());
    let variables = [
        ("CFMINT_PROFILE", context.profile.clone()),
        ("CFMINT_ENVIRONMENT", context.environment.clone().unwrap_or_default()),
        ("CFMINT_TOKEN_ID", token_id.to_owned()),
        (
            "CFMINT_ENV_FILE",
            env_file.map(|file| file.path().to_string_lossy().into_owned()).unwrap_or_default(),
        ),
    ];
    for argv in hooks {
        let program = || argv.first().cloned().unwrap_or_default();
        let child = Child {
            variables: &variables,
            hidden: &BOOTSTRAP_VARIABLES,
            output: ChildOutput::ToStandardError,
            time_limit: Some(HOOK_LIMIT),
            ..Child::new(argv, world.folder())
        };
        let finished = blocking(|| world.run(&child))
            .map_err(|error| HookError::NotStarted { program: program(), error })?;
        if finished.timed_out {
            return Err(HookError::TimedOut { program: program() });
        }
        if finished.code != Some(0) {
            return Err(HookError::Failed { program: program(), code: finished.code });
        }
    }
    Ok(())
}
