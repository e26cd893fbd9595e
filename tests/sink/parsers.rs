//! What was written is read back by the parsers that programs use, and what stood there before is what they read.

use std::path::{Path, PathBuf};
use std::process::Command;

use cfmint::sink::Document;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::skip;

/// Files as people write them, each with or without the variable, and each fit for every parser.
const FILES: [&str; 16] = [
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
    "B=it\nTOKEN='old'\nexport TOKEN=\"older\"\nC=\"it's\"\n",
    "TOKEN=old # it's\nB=x",
];

/// Files that only a shell reads.
const SCRIPTS: [&str; 7] = [
    "cat <<EOF >/dev/null\nit's B=1\nEOF\nTOKEN=old\n",
    "if [ -n \"$B\" ]; then\n  B=1 # it's\nfi\n",
    "f() {\n  B=${1:-x}\n}\nTOKEN=old\nf; export TOKEN\n",
    "TOKEN=\"$(printf old)\"\nB=$((1 << 2)); export B TOKEN\n",
    "B=1 C=2; true &&\n  D=3\n",
    "B=dir\\\n/x\nTOKEN='o'\"ld\"\n",
    "B=dir\\\n",
];

/// Files that Node's dotenv reads, as does wrangler with its `.dev.vars`.
const COLONS: [&str; 3] = ["TOKEN: old\n", "  export TOKEN:\t'old' # c\nB: 1\n", "B: 1\nTOKEN: \n"];

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
fn read_back(files: &[&str], parser: impl Fn(&[PathBuf]) -> Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let cases: Vec<_> = files.iter().flat_map(|text| VALUES.map(|value| (text, value))).collect();
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

/// What a program says about each file, with `@@` after each.
fn ask(argv: &[&str], paths: &[PathBuf]) -> Vec<String> {
    let output = Command::new(argv[0]).args(&argv[1..]).args(paths).env_remove("TOKEN").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.strip_suffix("@@").unwrap().split("@@").map(str::to_owned).collect()
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
    read_back(&FILES, |paths| paths.iter().map(read).collect());
}

#[test]
fn a_shell_reads_what_was_written() {
    let script = r#"for file do (set -a; . "$file" && printf '%s@@' "$(printenv TOKEN)") || exit; done"#;
    read_back(&[FILES.as_slice(), &SCRIPTS].concat(), |paths| ask(&["sh", "-c", script, "sh"], paths));
}

#[test]
fn python_dotenv_reads_what_was_written() {
    if is_there(&["python3", "-c", "import dotenv"]) {
        let script = "import sys, dotenv
for file in sys.argv[1:]: sys.stdout.write(dotenv.dotenv_values(file)['TOKEN'] + '@@')";
        read_back(&FILES, |paths| ask(&["python3", "-c", script], paths));
    }
}

/// Asks a function of Node's that takes the text of an env file.
fn ask_node(parse: &str, files: &[&str]) {
    if is_there(&["node", "-e", &format!("({parse})('A=1')")]) {
        let script = format!(
            "for (const file of process.argv.slice(1))
                process.stdout.write(({parse})(require('fs').readFileSync(file, 'utf8')).TOKEN + '@@')"
        );
        read_back(files, |paths| ask(&["node", "-e", &script], paths));
    }
}

#[test]
fn dotenv_of_node_reads_what_was_written() {
    ask_node("require('dotenv').parse", &[FILES.as_slice(), &COLONS].concat());
}

#[test]
fn node_itself_reads_what_was_written() {
    ask_node("require('util').parseEnv", &FILES);
}

/// Lines as they stand in files that are read by some programs and not by others. Any of them may open what another
/// one closes.
const LINES: &[&str] = &[
    "TOKEN=old",
    "TOKEN=old",
    "export TOKEN=\"old\" # it's",
    "  TOKEN='older'  ",
    "TOKEN='two\nTOKEN=inner'",
    "TOKEN=\"two\nlines\"",
    "TOKEN: old",
    "TOKEN = old",
    "TOKEN=",
    "TOKEN= # c",
    "TOKEN=<paste it>",
    "TOKEN=1 B=2",
    "TOKEN=1; export TOKEN",
    "TOKEN=1 && B=2",
    "TOKEN=1 | x",
    "TOKEN=1 x",
    "TOKEN=x#y",
    "TOKEN=x\\y",
    "TOKEN=x\"y z\"",
    "TOKEN=x\\",
    "TOKEN+=x",
    "TOKEN:x",
    "TOKEN:",
    "TOKEN",
    "unset TOKEN",
    "export TOKEN",
    "export B TOKEN",
    "declare -x TOKEN=1",
    ": ${TOKEN:=x}",
    "\u{a0}TOKEN=x",
    "TOKEN=x\u{a0}",
    "B=1",
    "B=",
    "B: 1",
    "B='x\nTOKEN=inner\ny'",
    "B=\"x\\\"\nTOKEN=inner\n\"",
    "B=x\\",
    "B=1 \\",
    "B=\"x\\\\\"",
    "B='x\\'",
    "B='x'y",
    "B=\"x\nTOKEN=inner\ny\"z",
    "B=it's",
    "B=\"",
    "'x'",
    "B=1 # TOKEN=2",
    "B=1;# TOKEN=2",
    "B=x#'",
    "B=a&TOKEN=2",
    "B=$(",
    ")",
    "cat <<EOF",
    "cat <<-'EOF' <<X",
    "EOF",
    "X",
    "if false; then",
    "fi",
    "f() {",
    "}",
    "false &&",
    "# it's",
    "# \u{2028}TOKEN=x",
    "",
];

/// How many files are tried, of those that can be read.
const TRIED: usize = 400;

/// What stood in a file, the file before, and the file in which the variable was set.
struct Tried {
    seen: Vec<String>,
    before: PathBuf,
    after: PathBuf,
}

/// Makes files of the lines, and sets the variable in each that is not refused.
fn tried(folder: &Path) -> Vec<Tried> {
    let lines = (proptest::collection::vec(proptest::sample::select(LINES), 1..7), any::<bool>());
    let mut runner = TestRunner::deterministic();
    let mut tried = Vec::new();
    while tried.len() < TRIED {
        let (lines, has_end) = lines.new_tree(&mut runner).unwrap().current();
        let text = lines.join("\n") + if has_end { "\n" } else { "" };
        let Ok(mut document) = Document::parse(text.as_bytes()) else { continue };
        let Ok(values) = document.values("TOKEN") else { continue };
        let seen = values.iter().map(|secret| secret.expose().to_owned()).collect();
        if document.set("TOKEN", "new").is_err() {
            continue;
        }
        let number = tried.len();
        let [before, after] = ["before", "after"].map(|name| folder.join(format!("{number}.{name}")));
        std::fs::write(&before, &text).unwrap();
        std::fs::write(&after, document.to_bytes()).unwrap();
        tried.push(Tried { seen, before, after });
    }
    tried
}

/// Asks a parser what it finds in each file, before and after: `TOKEN` and `B`, each with `=` before, or nothing.
/// It must find only values that were seen, the new one in the place of each, and the same `B` as before.
#[track_caller]
fn agree(folder: &Path, tried: &[Tried], parser: impl Fn(&[PathBuf]) -> Vec<String>) {
    let paths: Vec<_> = tried.iter().flat_map(|tried| [tried.before.clone(), tried.after.clone()]).collect();
    let found: Vec<_> = paths.chunks(200).flat_map(parser).collect();
    assert_eq!(found.len(), paths.len(), "in {}", folder.display());
    for (tried, found) in tried.iter().zip(found.chunks(2)) {
        let text = std::fs::read_to_string(&tried.before).unwrap();
        let [before, after] = [&found[0], &found[1]].map(|found| found.split_once(",,").unwrap());
        // python-dotenv takes a comment behind nothing for the value.
        let is_seen = |value: &str| value.starts_with('#') || tried.seen.iter().any(|seen| seen == value);
        let seen = before.0.strip_prefix('=').is_none_or(is_seen);
        assert!(seen, "{:?} was not seen in {text:?}", before.0);
        let is_new = after.0 == "=new" || (after.0.is_empty() && before.0.is_empty());
        assert!(is_new, "{:?} is read after {text:?} was changed", after.0);
        // Some stop at a placeholder, and read on once it is replaced.
        let reads_on = text.contains("<paste") && after.0 == "=new";
        assert!(before.1 == after.1 || reads_on, "{:?}, then {:?} in {text:?}", before.1, after.1);
    }
}

#[test]
fn dotenvy_finds_no_value_that_was_not_seen() {
    let folder = tempfile::tempdir().unwrap();
    // It stops at a line that it cannot read, and its first definition counts.
    let read = |path: &PathBuf| {
        let variables: Vec<_> = dotenvy::from_path_iter(path).unwrap().map_while(Result::ok).collect();
        let of = |name: &str| {
            let found = variables.iter().find(|(found, _)| found == name);
            found.map(|(_, value)| format!("={value}")).unwrap_or_default()
        };
        format!("{},,{}", of("TOKEN"), of("B"))
    };
    agree(folder.path(), &tried(folder.path()), |paths| paths.iter().map(read).collect());
}

#[test]
fn shells_find_no_value_that_was_not_seen() {
    // Commands of the files are not found; what is defined when a shell gives up is what counts.
    let script = r#"PATH=/nonexistent; cd "${1%/*}" || exit
for file do (
    trap 'printf "%s,,%s@@" "${TOKEN+=$TOKEN}" "${B+=$B}" >&3' EXIT
    . "$file" >/dev/null 2>&1 </dev/null
) done 3>&1 2>/dev/null
exit 0"#;
    for shell in ["sh", "bash"] {
        let folder = tempfile::tempdir().unwrap();
        if is_there(&[shell, "-c", ":"]) {
            agree(folder.path(), &tried(folder.path()), |paths| ask(&[shell, "-c", script, shell], paths));
        }
    }
}

#[test]
fn python_dotenv_finds_no_value_that_was_not_seen() {
    let folder = tempfile::tempdir().unwrap();
    let script = "import sys, dotenv, logging
logging.disable()
for file in sys.argv[1:]:
    found = dotenv.dotenv_values(file)
    show = lambda name: '' if found.get(name) is None else '=' + found[name]
    sys.stdout.write(show('TOKEN') + ',,' + show('B') + '@@')";
    if is_there(&["python3", "-c", "import dotenv"]) {
        agree(folder.path(), &tried(folder.path()), |paths| ask(&["python3", "-c", script], paths));
    }
}

#[test]
fn node_finds_no_value_that_was_not_seen() {
    for parse in ["require('dotenv').parse", "require('util').parseEnv"] {
        let folder = tempfile::tempdir().unwrap();
        let script = format!(
            "for (const file of process.argv.slice(1)) {{
                const found = ({parse})(require('fs').readFileSync(file, 'utf8'))
                const show = (name) => (found[name] === undefined ? '' : '=' + found[name])
                process.stdout.write(show('TOKEN') + ',,' + show('B') + '@@')
            }}"
        );
        if is_there(&["node", "-e", &format!("({parse})('A=1')")]) {
            agree(folder.path(), &tried(folder.path()), |paths| ask(&["node", "-e", &script], paths));
        }
    }
}
