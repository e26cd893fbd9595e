//! A new file for what a command writes, such as a profile. A file that exists is never changed.

use std::io;
use std::path::Path;

use crate::cli::failure::code::Code;
use crate::cli::failure::problem::Problem;
use crate::world::World;

/// The file that `--output` names; `None` where it is standard output: as everywhere, `-` is the standard stream.
pub(in crate::cli) fn named(output: Option<&Path>) -> Option<&Path> {
    output.filter(|file| *file != Path::new("-"))
}

/// Whether the file can be a new one, which is asked before any work.
pub(in crate::cli) fn is_free(world: &dyn World, file: &Path) -> Result<(), Problem> {
    match world.look(&world.folder().join(file)) {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(taken(file)),
        Err(error) => Err(unwritable(file, &error)),
    }
}

/// Writes the new file. It holds no secret.
pub(in crate::cli) fn save(world: &dyn World, file: &Path, text: &str) -> Result<(), Problem> {
    let path = world.folder().join(file);
    let mut open = world.create(&path, 0o644).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => taken(file),
        _ => unwritable(file, &error),
    })?;
    world.write(&mut open, text.as_bytes()).map_err(|error| unwritable(file, &error))
}

fn taken(file: &Path) -> Problem {
    Problem::new(
        Code::UsageOutput,
        format!("{} already exists, and cfmint did not change it", file.display()),
        "name another file, or omit --output to see the profile first",
    )
}

fn unwritable(file: &Path, error: &io::Error) -> Problem {
    let shown = file.display().to_string();
    let hint = "name a file in a folder that exists and can be written";
    Problem::new(Code::UsageOutput, format!("{shown} cannot be written: {error}"), hint).in_file(shown)
}
