//! The line that makes git ignore one file, and its way into an ignore file that keeps every other byte.

use std::path::{Path, PathBuf};

use super::ask::IgnoreRule;
use crate::sink::SinkError;
use crate::sink::file::{LONGEST_FILE, refused, write_over};
use crate::sink::staging::temporary_name;
use crate::world::{EntryKind, World};

/// The mode of an ignore file that did not exist: it is meant to be read and committed.
const MODE: u32 = 0o644;

/// A line, and the ignore file it belongs in.
#[derive(Debug, Clone, Default)]
pub(super) struct IgnorePlace {
    /// The file to ignore, relative to the root of the work tree.
    path: String,
    pub(super) line: String,
    pub(super) gitignore: PathBuf,
}

/// Says which line in which ignore file makes git ignore a file: in the one at the root of the work tree, unless a
/// deeper one, which would prevail, takes the file back in.
pub(super) fn place_for(top: &Path, path: &str, reincluded_by: Option<&IgnoreRule>) -> IgnorePlace {
    let deeper = reincluded_by
        .filter(|rule| rule.source.is_relative() && rule.source.ends_with(".gitignore"))
        .and_then(|rule| rule.source.parent())
        .and_then(|folder| Some((folder, Path::new(path).strip_prefix(folder).ok()?.to_str()?)));
    let (folder, within) = deeper.unwrap_or((Path::new(""), path));
    IgnorePlace {
        path: path.to_owned(),
        line: line_for(within),
        gitignore: top.join(folder).join(".gitignore"),
    }
}

/// The pattern that matches this path and no other; the slash in front ties it to the ignore file's folder.
fn line_for(path: &str) -> String {
    let mut line = String::from("/");
    for c in path.chars() {
        match c {
            '*' | '?' | '[' | '\\' => line.extend(['\\', c]),
            // A line cannot hold a newline. The wildcard matches it, and hardly anything else that exists.
            _ if c.is_control() => line.push('?'),
            _ => line.push(c),
        }
    }
    // Git drops spaces at the end of a line, unless the last one is escaped.
    if line.ends_with(' ') {
        line.insert(line.len() - 1, '\\');
    }
    line
}

/// Lines to be added, by ignore file.
#[derive(Default)]
pub(super) struct Additions {
    places: Vec<IgnorePlace>,
}

impl Additions {
    pub(super) fn add(&mut self, place: IgnorePlace) {
        self.places.push(place);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// What was added for a file, if anything was.
    pub(super) fn find(&self, path: &str) -> Option<&IgnorePlace> {
        self.places.iter().find(|place| place.path == path)
    }

    /// Writes every ignore file once. If one cannot be written, none stays changed.
    pub(super) fn write(&self, world: &dyn World) -> Result<AdditionsUndo, SinkError> {
        let mut undo = AdditionsUndo::default();
        let mut gitignores: Vec<_> = self.places.iter().map(|place| &place.gitignore).collect();
        gitignores.sort();
        gitignores.dedup();
        for gitignore in gitignores {
            let lines = self.places.iter().filter(|place| place.gitignore == *gitignore);
            match append(world, gitignore, lines.map(|place| place.line.as_str())) {
                Ok(written) => undo.written.push(written),
                Err(problem) => {
                    undo.run(world);
                    return Err(problem);
                }
            }
        }
        Ok(undo)
    }
}

/// How the ignore files were before.
#[derive(Default)]
pub(super) struct AdditionsUndo {
    written: Vec<ChangedFile>,
}

struct ChangedFile {
    gitignore: PathBuf,
    /// Content and mode; `None` if there was no file.
    before: Option<(Vec<u8>, u32)>,
}

impl AdditionsUndo {
    /// Puts the ignore files back, and hands on why.
    pub(super) fn with(&self, world: &dyn World, problems: Vec<SinkError>) -> Vec<SinkError> {
        self.run(world);
        problems
    }

    /// A line too many in an ignore file does no harm, so a failure is left alone.
    fn run(&self, world: &dyn World) {
        for ChangedFile { gitignore, before } in &self.written {
            match before {
                Some((bytes, mode)) => put(world, gitignore, bytes, *mode).ok(),
                None => world.remove(gitignore).ok(),
            };
        }
    }
}

fn append<'a>(
    world: &dyn World,
    gitignore: &Path,
    lines: impl Iterator<Item = &'a str>,
) -> Result<ChangedFile, SinkError> {
    let entry = world.look(gitignore).map_err(refused("look at", gitignore))?;
    let before = match entry {
        None => None,
        Some(entry) if entry.kind == EntryKind::File && entry.links == 1 => {
            let bytes = world.read(gitignore, LONGEST_FILE).map_err(refused("read", gitignore))?;
            Some((bytes, entry.mode))
        }
        Some(_) => return Err(SinkError::GitignoreUnfit { path: gitignore.to_owned() }),
    };
    let old = before.as_ref().map_or(&[][..], |(bytes, _)| bytes);
    let mode = before.as_ref().map_or(MODE, |(_, mode)| *mode);
    put(world, gitignore, &with_lines(old, lines), mode)?;
    Ok(ChangedFile { gitignore: gitignore.to_owned(), before })
}

/// The content with lines at its end, which end as its first line does.
fn with_lines<'a>(old: &[u8], lines: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let windows = old.split(|byte| *byte == b'\n').next().is_some_and(|first| first.ends_with(b"\r"));
    let line_end: &[u8] = if windows { b"\r\n" } else { b"\n" };
    let mut new = old.to_vec();
    if !new.is_empty() && !new.ends_with(b"\n") {
        new.extend_from_slice(line_end);
    }
    for line in lines {
        new.extend_from_slice(line.as_bytes());
        new.extend_from_slice(line_end);
    }
    new
}

fn put(world: &dyn World, gitignore: &Path, bytes: &[u8], mode: u32) -> Result<(), SinkError> {
    let name =
        temporary_name(world, ".gitignore".as_ref()).map_err(refused("name a file beside", gitignore))?;
    let temporary = gitignore.with_file_name(name);
    write_over(world, temporary, gitignore, bytes, mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_matches_its_file_and_no_other() {
        for (path, line) in [
            (".env", "/.env"),
            ("deploy/.env.production", "/deploy/.env.production"),
            ("#a", "/#a"),
            ("!a", "/!a"),
            ("a[b]*?.env", r"/a\[b]\*\?.env"),
            (r"back\slash", r"/back\\slash"),
            ("trailing ", r"/trailing\ "),
            ("new\nline", "/new?line"),
            ("größe ü.env", "/größe ü.env"),
        ] {
            assert_eq!(line_for(path), line);
        }
    }

    #[test]
    fn an_ignore_file_keeps_its_bytes_and_its_line_ends() {
        for (old, new) in [
            ("", "/.env\n"),
            ("target\n", "target\n/.env\n"),
            ("target", "target\n/.env\n"),
            ("target\r\nnode_modules", "target\r\nnode_modules\r\n/.env\r\n"),
        ] {
            assert_eq!(with_lines(old.as_bytes(), ["/.env"].into_iter()), new.as_bytes());
        }
    }
}
