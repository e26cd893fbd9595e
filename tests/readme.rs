//! The README's commands do what the README says.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test stops where it fails"
)]

#[path = "support/transcript.rs"]
#[allow(dead_code, reason = "what sessions print is looked through elsewhere")]
mod transcript;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use cfmint::doctor::explain::{Cause, causes};

/// What is written into the README from elsewhere: between which lines, and the text.
fn written() -> [(&'static str, &'static str, String); 2] {
    [
        (
            "<!-- Begin of the table of causes, written from src/doctor/explain/causes.tsv -->\n",
            "<!-- End of the table of causes -->\n",
            table(),
        ),
        (
            "<!-- Begin of the reference, written from what the commands say of themselves -->\n",
            "<!-- End of the reference -->\n",
            cfmint::cli::reference(),
        ),
    ]
}

fn readme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// One test, since both write the file anew where they are told to.
#[test]
fn the_readme_shows_what_the_program_prints_and_explains() {
    parts();
    transcript::run(&readme());
}

/// What the program says of itself and what the README says of it are one text.
fn parts() {
    for (begin, end, made) in written() {
        let text = std::fs::read_to_string(readme()).expect("the README can be read");
        let (before, rest) = text.split_once(begin).expect("the part begins");
        let (shown, after) = rest.split_once(end).expect("the part ends");
        if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
            std::fs::write(readme(), format!("{before}{begin}{made}{end}{after}"))
                .expect("it can be written");
        } else {
            assert_eq!(shown, made, "write it anew with UPDATE_TRANSCRIPTS=1");
        }
    }
}

/// A row for each cause; what several codes or messages have in common is one.
fn table() -> String {
    let mut rows: Vec<(&Cause, Vec<String>)> = Vec::new();
    for cause in causes() {
        let same = |(row, _): &&mut (&Cause, _)| row.cause == cause.cause && row.next == cause.next;
        match rows.iter_mut().find(same) {
            Some((_, said)) => said.push(said_by(cause)),
            None => rows.push((cause, vec![said_by(cause)])),
        }
    }
    let mut table = "| what you see | why | what to do |\n|---|---|---|\n".to_owned();
    for (cause, said) in rows {
        let cells = [said.join("; "), cause.cause.to_owned(), cause.next.to_owned()];
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        writeln!(table, "| {} |", cells.join(" | ")).expect("a text takes every line");
    }
    table
}

/// The codes, the words and the path that tell a cause.
fn said_by(cause: &Cause) -> String {
    let codes: Vec<String> = cause.codes.iter().map(i64::to_string).collect();
    let words =
        Some(cause.words).filter(|words| !words.is_empty()).map(|words| format!("\u{201c}{words}\u{201d}"));
    let place = Some(cause.place).filter(|place| !place.is_empty()).map(|place| format!("at `{place}`"));
    let code = Some(codes.join(" with ")).filter(|code| !code.is_empty());
    [code, words, place].into_iter().flatten().collect::<Vec<_>>().join(" ")
}
