//! The commands: one file each, with its arguments, its help and its run, and its line in the registry below.

use clap::Subcommand;

use super::failure::Failure;
use super::session::context::Context;

/// A command; its fields are its arguments.
pub(in crate::cli) trait RunCommand {
    /// Does what the command is for. What goes wrong for single tokens stands in the report; a failure ends it all.
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure>;
}

/// How a command ended that got to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Outcome {
    /// The report says how.
    Reported,
    /// As above; and there are differences or findings, for which the caller asked.
    Findings,
    /// All is printed already, and there is no report.
    Printed,
    /// The report says how; and a command that was run for the caller failed, with this exit code.
    CommandFailed(u8),
    /// All is printed already; and a command that was run for its own sake ended with this exit code, whichever it is.
    CommandEnded(u8),
}

macro_rules! commands {
    ($($name:ident($file:ident::$arguments:ident),)*) => {
        $(mod $file;)*

        /// What to do.
        #[derive(Debug, Subcommand)]
        pub(in crate::cli) enum Command {
            $($name($file::$arguments),)*
        }

        impl RunCommand for Command {
            async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
                match self {
                    $(Self::$name(command) => command.run(context).await,)*
                }
            }
        }
    };
}

commands! {
    Init(init::InitArgs),
    Check(check::CheckArgs),
    Plan(plan::PlanArgs),
    Apply(apply::ApplyArgs),
    Roll(roll::RollArgs),
    Rotate(rotate::RotateArgs),
    Revoke(revoke::RevokeArgs),
    Schedule(schedule::ScheduleArgs),
    Prune(prune::PruneArgs),
    List(list::ListArgs),
    Audit(audit::AuditArgs),
    Import(import::ImportArgs),
    Doctor(doctor::DoctorArgs),
    Link(link::LinkArgs),
    Resources(resources::ResourcesArgs),
    Explain(explain::ExplainArgs),
    Permissions(permissions::PermissionsArgs),
    Learn(learn::LearnArgs),
    Exec(exec::ExecArgs),
    Recover(recover::RecoverArgs),
    Emulator(emulator::EmulatorArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    Complete(complete::CompleteArgs),
}
