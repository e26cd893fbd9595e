//! A profile and what was learned -> whether it would have been enough.

use std::path::Path;

use super::Learned;
use crate::cli::command::Outcome;
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::ProfileArguments;
use crate::cli::failure::problem::Problem;
use crate::cli::options::{ChoiceArgs, ProfileArgs};
use crate::cli::output::learned;
use crate::cli::output::learned::{ByPhaseRow, LearnedRows};
use crate::cli::output::rows::{Row, RowAction};
use crate::cli::session::context::Context;
use crate::cli::session::load::{Unchosen, load};
use crate::cli::session::permissions::permissions;
use crate::doctor::learn::Comparison;
use crate::profile::{Profile, Unset};

/// Reads the profile.
pub(super) fn profile(
    context: &mut Context<'_>,
    path: &Path,
    choice: &ChoiceArgs,
) -> Result<Profile, Failure> {
    let arguments = ProfileArgs { profiles: vec![path.to_owned()], choice: choice.clone() };
    let mut loaded = load(&**context.world, &arguments, Unchosen::RefuseOne, Unset::Note);
    permissions(&mut loaded);
    let mut profiles = loaded.accept(context)?.profiles.into_iter();
    match (profiles.next(), profiles.next()) {
        (Some(profile), None) => Ok(profile),
        _ => Err(Problem::new(
            Code::UsageArguments,
            format!("{} is not one profile for one environment", path.display()),
            "name one file, and with -e ENV one of its environments",
        )
        .into()),
    }
}

/// Compares, and says what came of it.
pub(super) fn compare(context: &mut Context<'_>, learned: &Learned, profile: &Profile) -> Outcome {
    let comparison = Comparison::of(&learned.recording, profile);
    let is_enough = comparison.is_enough();
    let rows = learned::compared(&comparison);
    if !context.json {
        let table = learned::table(&rows, context.screen.width());
        context.screen.result(&table);
    }
    let words = ProfileArguments::of(profile).words();
    learned::say_compared(context.screen, &words, &learned.what, &comparison);
    context.report.learned(LearnedRows {
        results: vec![Row { notes: learned.notes(), ..Row::of_profile(profile, RowAction::Compared) }],
        enough: Some(is_enough),
        permissions: rows,
        unknown: comparison.unknown,
        by_phase: comparison
            .by_phase
            .into_iter()
            .map(|(operation, lines)| ByPhaseRow { operation, lines })
            .collect(),
    });
    if is_enough { Outcome::Reported } else { Outcome::Findings }
}
