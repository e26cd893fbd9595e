//! Every code of the program is listed, and every code that is listed is provoked by some case.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cfmint::{catalogue, cli, lifecycle, plan, profile, sink};
use regex_lite::Regex;

/// The codes of all rooms.
fn listed() -> BTreeSet<&'static str> {
    let rooms: [&[&str]; 5] =
        [profile::CODES, catalogue::CODES, &plan::Unresolved::CODES, sink::SinkError::CODES, cli::CODES];
    let findings = lifecycle::What::KINDS.iter().map(|rule| rule.code);
    rooms.into_iter().flatten().copied().chain(findings).collect()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in
        std::fs::read_dir(folder).expect("the folder can be listed").flatten().map(|entry| entry.path())
    {
        match path.extension().and_then(std::ffi::OsStr::to_str) {
            _ if path.is_dir() => files(&path, found),
            Some("rs" | "md" | "yaml" | "snap") => found.push(path),
            _ => {}
        }
    }
}

/// The sources below a folder: of each, what is program and what is test.
fn sources(folder: &str) -> Vec<(PathBuf, String, String)> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&project.join(folder), &mut found);
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).ok()?;
        let path = path.strip_prefix(project).ok()?.to_owned();
        let is_only_test = path.iter().any(|part| part == "tests" || part == "tests.rs");
        let (program, cases) = match text.split_once("#[cfg(test)]") {
            _ if is_only_test => (String::new(), text.as_str().to_owned()),
            Some((before, after)) => (before.to_owned(), after.to_owned()),
            None => (text.clone(), String::new()),
        };
        Some((path, program, cases))
    };
    found.into_iter().filter_map(read).collect()
}

#[test]
fn every_code_in_the_program_is_listed() {
    let code = Regex::new(
        r#""((?:audit|profile|sink|bootstrap|cloudflare|custody|state|usage|emulator)\.[a-z0-9]+(?:-[a-z0-9]+)*)""#,
    )
    .expect("the pattern is right");
    // File names look like codes.
    let is_file = |text: &str| ["emulator.json", "emulator.lock"].contains(&text);
    let listed = listed();
    let mut unlisted = Vec::new();
    for (path, program, _) in sources("src") {
        let found = code.captures_iter(&program).filter_map(|found| found.get(1));
        let unknown =
            found.map(|found| found.as_str()).filter(|text| !is_file(text) && !listed.contains(text));
        unlisted.extend(unknown.map(|text| format!("{text} in {}", path.display())));
    }
    assert!(unlisted.is_empty(), "not in the list of its room: {unlisted:#?}");
}

#[test]
fn every_listed_code_is_provoked_by_a_case() {
    let tests: String = ["src", "tests"]
        .into_iter()
        .flat_map(sources)
        .map(|(_, _, test)| test)
        .collect::<Vec<_>>()
        .join("\n");
    let is_provoked = |code: &&str| {
        tests.match_indices(code).any(|(start, _)| {
            // `sink.read-only` is not provoked by a case of `sink.read-only-folder`.
            !tests[start + code.len()..].starts_with(|next: char| next == '-' || next.is_ascii_alphanumeric())
        })
    };
    let idle: Vec<&str> = listed().into_iter().filter(|code| !is_provoked(code)).collect();
    assert!(idle.is_empty(), "no case provokes {idle:?}");
}

#[test]
fn every_command_in_a_hint_exists() {
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_cfmint")).arg("--help").output();
    let help = String::from_utf8(help.expect("cfmint runs").stdout).expect("help is text");
    let mention = Regex::new(r"(?:: |`|#   )cfmint ([a-z]+)").expect("the pattern is right");
    let mut missing = Vec::new();
    for (path, program, _) in sources("src").into_iter().chain(sources("profiles")) {
        for line in program.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for word in
                mention.captures_iter(line).filter_map(|found| found.get(1)).map(|found| found.as_str())
            {
                if !help.contains(&format!("\n  {word} ")) {
                    missing.push(format!("cfmint {word} in {}", path.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
