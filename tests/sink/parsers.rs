//! What was written is read back by the parsers that programs use.

use std::path::PathBuf;
use std::process::Command;

use cfmint::sink::Document;

use super::skip;

/// Files as people write them, each with or without the variable, and each fit for every parser.
const FILES: [&str; 14] = [
    "",
    "TOKEN=old\n",
    "TOKEN=old",
    "B=1",
    "export TOKEN=\"old\"\nB=1\n",
    "TOKEN='old' # c\nB='x # y'\n",
    "TOKEN= # c\n",
    "TOKEN=\nB='1'\n",
    "# TOKEN=commented\n\nB=2\n",
    "TOKEN=first\nB=1\nTOKEN=last\n",
    "B='two\nTOKEN=inner\nlines'\n",
    "TOKEN='two\nlines'\nB=\"three\nfour\"\n",
    "B=\"a\\\"b\"\nTOKEN=old # it is c\n",
    "B=dir\\\\\nTOKEN=old\n",
];

const VALUES: [&str; 7] = [
    "fake_Token-0123456789abcdef",
    "0123456789abcdef0123456789abcdef",
    "https://a1.eu.r2.cloudflarestorage.com",
    "2027-01-15T08:00:00Z",
    "",
    "two words # and more",
    "say \"hi\" & `so`; * ~",
];

/// Sets the variable in every file to every value, and asks a parser for all of them at once.
#[track_caller]
fn read_back(parser: impl Fn(&[PathBuf]) -> Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let cases: Vec<_> = FILES.iter().flat_map(|text| VALUES.map(|value| (text, value))).collect();
    let write = |(index, (text, value)): (usize, &(&&str, &str))| {
        let mut document = Document::parse(text.as_bytes()).unwrap();
        document.set("TOKEN", value).unwrap();
        let path = folder.path().join(index.to_string());
        std::fs::write(&path, document.to_bytes()).unwrap();
        path
    };
    let read = parser(&cases.iter().enumerate().map(write).collect::<Vec<_>>());
    assert_eq!(read.len(), cases.len());
    for ((text, value), read) in cases.iter().zip(read) {
        assert_eq!(read, *value, "in {text:?}");
    }
}

/// What a program says about each file, with `;;` after each.
fn ask(argv: &[&str], paths: &[PathBuf]) -> Vec<String> {
    let output = Command::new(argv[0]).args(&argv[1..]).args(paths).env_remove("TOKEN").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.strip_suffix(";;").unwrap().split(";;").map(str::to_owned).collect()
}

/// Whether a parser is installed; says so if not.
fn is_there(argv: &[&str]) -> bool {
    let found = Command::new(argv[0]).args(&argv[1..]).output().is_ok_and(|output| output.status.success());
    if !found {
        skip(&format!("`{}` does not work here", argv.join(" ")));
    }
    found
}

#[test]
fn dotenvy_reads_what_was_written() {
    let read = |path: &PathBuf| {
        let variables = dotenvy::from_path_iter(path).unwrap().map(Result::unwrap);
        let values: Vec<_> = variables.filter(|(name, _)| name == "TOKEN").map(|(_, value)| value).collect();
        assert!(values.iter().all(|value| *value == values[0]), "whether the first counts or the last");
        values[0].clone()
    };
    read_back(|paths| paths.iter().map(read).collect());
}

#[test]
fn a_shell_reads_what_was_written() {
    let script = r#"for file do (set -a; . "$file" && printf '%s;;' "$(printenv TOKEN)") || exit; done"#;
    read_back(|paths| ask(&["sh", "-c", script, "sh"], paths));
}

#[test]
fn python_dotenv_reads_what_was_written() {
    if is_there(&["python3", "-c", "import dotenv"]) {
        let script = "import sys, dotenv
for file in sys.argv[1:]: sys.stdout.write(dotenv.dotenv_values(file)['TOKEN'] + ';;')";
        read_back(|paths| ask(&["python3", "-c", script], paths));
    }
}

/// Asks a function of Node's that takes the text of an env file.
fn ask_node(parse: &str) {
    if is_there(&["node", "-e", &format!("({parse})('A=1')")]) {
        let script = format!(
            "for (const file of process.argv.slice(1))
                process.stdout.write(({parse})(require('fs').readFileSync(file, 'utf8')).TOKEN + ';;')"
        );
        read_back(|paths| ask(&["node", "-e", &script], paths));
    }
}

#[test]
fn dotenv_of_node_reads_what_was_written() {
    ask_node("require('dotenv').parse");
}

#[test]
fn node_itself_reads_what_was_written() {
    ask_node("require('util').parseEnv");
}
