//! Every code of the program is listed. That every listed code is provoked is shown by the tests of its room; those of the
//! command line look into the transcripts for it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cfmint::cli::CODES;
use cfmint::doctor::CheckCode;
use cfmint::lifecycle::What;
use cfmint::profile::DiagnosticCode;
use cfmint::sink::SinkCode;
use regex_lite::Regex;

use crate::{cases, transcript};

/// The codes of all rooms.
fn listed() -> BTreeSet<&'static str> {
    let of_profiles = DiagnosticCode::ALL.iter().map(|code| code.text());
    let of_tokens = What::KINDS.iter().map(|rule| rule.code);
    let of_sinks = SinkCode::ALL.iter().map(|code| code.text());
    let of_doctor = CheckCode::ALL.iter().map(|code| code.text());
    let all = of_profiles.chain(of_tokens).chain(of_sinks).chain(of_doctor);
    all.chain(CODES.iter().copied()).collect()
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
        r#""((?:audit|doctor|profile|sink|bootstrap|cloudflare|custody|output|state|usage|emulator)\.[a-z0-9]+(?:-[a-z0-9]+)*)""#,
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
fn every_code_that_a_session_prints_is_listed() {
    let code =
        Regex::new(r#"(?:error|warning|note)\[([^\]]+)\]|"code":"([^"]+)""#).expect("the pattern is right");
    let (mut printed, listed) = (BTreeSet::new(), listed());
    for case in std::fs::read_dir(cases()).expect("the cases can be listed").flatten() {
        for output in transcript::outputs(&case.path()) {
            let found = code.captures_iter(&output).filter_map(|found| found.get(1).or(found.get(2)));
            printed.extend(found.map(|found| found.as_str().to_owned()));
        }
    }
    assert!(printed.len() > 50, "only {printed:?}");
    let unlisted: Vec<_> = printed.iter().filter(|code| !listed.contains(code.as_str())).collect();
    assert!(unlisted.is_empty(), "not in the list of its room: {unlisted:?}");
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
                // "…: cfmint cannot tell" is a sentence, no command.
                if word != "cannot" && !help.contains(&format!("\n  {word} ")) {
                    missing.push(format!("cfmint {word} in {}", path.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_check_of_doctor_is_provoked() {
    let mut told: String = std::fs::read_dir(cases())
        .expect("the cases can be listed")
        .flatten()
        .flat_map(|case| transcript::outputs(&case.path()))
        .collect();
    for (path, _, cases) in sources("tests/flow") {
        if path.ends_with("doctor.rs") {
            told.push_str(&cases);
        }
    }
    let is_told = |code: &&CheckCode| told.contains(&format!("\"{}\"", code.text()));
    let missing: Vec<_> = CheckCode::ALL.iter().filter(|code| !is_told(code)).collect();
    assert!(missing.is_empty(), "nothing provokes {missing:?}");
}
