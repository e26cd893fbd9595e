//! Writes the page to a file: over an older page, and over nothing else.

use std::io;
use std::path::{Path, PathBuf};

use crate::cli::failure::code::Code;
use crate::cli::failure::problem::Problem;
use crate::world::World;

/// How every page begins.
const SIGN: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
    <meta name=\"generator\" content=\"cfmint audit\">";

/// The longest older page that is looked into, in bytes.
const LONGEST: u64 = 64 * 1024 * 1024;

/// Writes the page in one step: a reader sees the old one or the new one.
pub(in crate::cli) fn write(world: &dyn World, path: &Path, page: &str) -> Result<(), Problem> {
    let shown = path.display();
    let full = world.folder().join(path);
    let failed = |error: io::Error| {
        Problem::new(
            Code::UsageHtml,
            format!("{shown} cannot be written: {error}"),
            "name a file in a folder that exists and can be written",
        )
    };
    if !may_replace(world, &full).map_err(failed)? {
        return Err(Problem::new(
            Code::UsageHtml,
            format!("{shown} is not a page of `audit`, so it is not overwritten"),
            "name another file",
        ));
    }
    replace(world, &full, page.as_bytes()).map_err(failed)
}

/// Whether there is nothing, or an older page.
fn may_replace(world: &dyn World, path: &Path) -> io::Result<bool> {
    if world.look(path)?.is_none() {
        return Ok(true);
    }
    match world.read(path, LONGEST) {
        Ok(bytes) => Ok(bytes.starts_with(SIGN.as_bytes())),
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Ok(false),
        Err(error) => Err(error),
    }
}

fn replace(world: &dyn World, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = beside(path)?;
    if world.look(&temporary)?.is_some() {
        world.remove(&temporary)?;
    }
    // It holds names and ids, and no secret.
    let mut file = world.create(&temporary, 0o644)?;
    let written = world.write(&mut file, bytes).and_then(|()| world.rename(&temporary, path));
    if written.is_err() {
        world.remove(&temporary).ok();
    }
    written
}

fn beside(path: &Path) -> io::Result<PathBuf> {
    let mut name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?.to_owned();
    name.push(".cfmint-new");
    Ok(path.with_file_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::html::PAGE;

    #[test]
    fn a_page_is_known_by_how_it_begins() {
        assert!(PAGE.starts_with(SIGN));
    }
}
