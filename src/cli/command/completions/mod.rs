//! `cfmint completions`: prints what makes a shell complete cfmint's arguments. The text only asks `cfmint complete`.

use clap::{Args, ValueEnum};

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::session::context::Context;

/// Print what makes a shell complete commands, options, profiles and their environments
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    cfmint completions bash > ~/.local/share/bash-completion/completions/cfmint\n  \
    cfmint completions zsh > ~/.zfunc/_cfmint        (make the folder, and name it in $fpath)\n  \
    cfmint completions fish > ~/.config/fish/completions/cfmint.fish")]
pub(in crate::cli) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// A shell that can ask what completes a word.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shell {
    /// GNU bash
    Bash,
    /// Z shell
    Zsh,
    /// fish
    Fish,
}

impl RunCommand for CompletionsArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        context.screen.result(match self.shell {
            Shell::Bash => include_str!("bash.sh"),
            Shell::Zsh => include_str!("zsh.zsh"),
            Shell::Fish => include_str!("fish.fish"),
        });
        Ok(Outcome::Printed)
    }
}
