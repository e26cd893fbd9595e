//! Runs the commands of a Markdown file and compares what they print with what the file says.
//!
//! A fence `console` is a session: `$ ` begins a command, the lines below are its output, standard output and
//! standard error as they come, and `? N` right below the command is its exit code, 0 if absent. A fence such
//! as `yaml FILE` writes a file first. Commands run through `sh` in a git work tree of their own that holds
//! the shipped profiles; `~` stands for it, and `cargo run -- ` means `cfmint `.
//!
//! Marks, ids and secrets of the emulator differ from run to run. `pairing` tells whether the file and the run mean
//! the same ones at the same places. With `UPDATE_TRANSCRIPTS=1` the file is rewritten with what was printed.

#[path = "transcript/pairing.rs"]
pub(crate) mod pairing;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use pairing::Pairing;

/// Runs every session of a file; panics with a comparison where a command did something else.
pub(crate) fn run(path: &Path) {
    let text = std::fs::read_to_string(path).expect("the transcript can be read");
    let folder = work_tree();
    let mut written = String::new();
    let mut wrong = String::new();
    let mut fence: Option<Fence> = None;
    let mut pairing = Pairing::default();
    for line in text.lines() {
        match &mut fence {
            None => {
                writeln!(written, "{line}").expect("a string takes all");
                fence = Fence::open(line);
            }
            Some(open) if line.trim_end() == "```" => {
                open.close(folder.path(), &mut pairing, &mut written, &mut wrong);
                writeln!(written, "```").expect("a string takes all");
                fence = None;
            }
            Some(open) => open.lines.push(line.to_owned()),
        }
    }
    if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        std::fs::write(path, written).expect("the transcript can be written");
    } else {
        assert!(wrong.is_empty(), "{}\n{wrong}", path.display());
    }
}

/// What a file says that its commands print.
pub(crate) fn outputs(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("the transcript can be read");
    let mut outputs = Vec::new();
    let mut fence: Option<Fence> = None;
    for line in text.lines() {
        match &mut fence {
            None => fence = Fence::open(line),
            Some(open) if line.trim_end() == "```" => {
                if open.language == "console" {
                    outputs.extend(open.sessions().into_iter().map(|session| session.expected));
                }
                fence = None;
            }
            Some(open) => open.lines.push(line.to_owned()),
        }
    }
    outputs
}

struct Fence {
    language: String,
    file: Option<String>,
    lines: Vec<String>,
}

impl Fence {
    fn open(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix("```")?.split_whitespace();
        let language = words.next().unwrap_or_default().to_owned();
        Some(Self { language, file: words.next().map(str::to_owned), lines: Vec::new() })
    }

    fn close(&self, folder: &Path, pairing: &mut Pairing, written: &mut String, wrong: &mut String) {
        if let Some(file) = &self.file {
            let target = folder.join(file);
            std::fs::create_dir_all(target.parent().expect("a file is in a folder")).expect("folder");
            std::fs::write(target, self.lines.join("\n") + "\n").expect("the file can be written");
        }
        if self.language != "console" {
            for line in &self.lines {
                pairing.fix(line);
                writeln!(written, "{line}").expect("a string takes all");
            }
            return;
        }
        for Session { command, expected } in self.sessions() {
            pairing.fix(command);
            let actual = session(folder, command);
            // What differs in marks and times only stays as it was written.
            let kept = match pairing.compare(&expected, &actual) {
                Ok(()) => expected.trim_end().to_owned(),
                Err(actual) => {
                    writeln!(wrong, "$ {command}\n--- expected\n{expected}\n--- printed\n{actual}\n")
                        .expect("a string takes all");
                    actual
                }
            };
            let gap = if kept.is_empty() { "" } else { "\n" };
            writeln!(written, "$ {command}{gap}{kept}").expect("a string takes all");
        }
        *written = written.trim_end().to_owned() + "\n";
    }

    /// The commands of the fence, each with the lines below it.
    pub(crate) fn sessions(&self) -> Vec<Session<'_>> {
        let mut sessions = Vec::new();
        let mut lines = self.lines.iter().peekable();
        while let Some(line) = lines.next() {
            let command =
                line.strip_prefix("$ ").unwrap_or_else(|| panic!("no command comes before `{line}`"));
            let mut expected = Vec::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                expected.push(line.as_str());
            }
            sessions.push(Session { command, expected: expected.join("\n") });
        }
        sessions
    }
}

/// A command, and what the file says that it prints.
pub(crate) struct Session<'a> {
    command: &'a str,
    pub(crate) expected: String,
}

/// What a command prints, with its exit code in front if that is not 0, and `~` for the folder.
fn session(folder: &Path, command: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_cfmint")).parent().expect("the binary is in a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let script = format!("exec 2>&1; {}", command.replace("cargo run -- ", "cfmint "));
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder)
        .env_clear()
        .env("PATH", format!("{}:{path}", binary.display()))
        .env("HOME", folder)
        .output()
        .expect("sh runs");
    let text = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    let text = text.replace(&folder.display().to_string(), "~");
    match output.status.code() {
        Some(0) => text,
        code => format!("? {}\n{text}", code.unwrap_or(-1)),
    }
}

/// A git work tree with the shipped profiles, as a newcomer has it.
fn work_tree() -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("cfmint-transcript-").tempdir().expect("a folder");
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::copy(project.join(".gitignore"), folder.path().join(".gitignore")).expect("copies");
    std::fs::create_dir(folder.path().join("profiles")).expect("makes a folder");
    for entry in std::fs::read_dir(project.join("profiles")).expect("lists").flatten() {
        std::fs::copy(entry.path(), folder.path().join("profiles").join(entry.file_name())).expect("copies");
    }
    let status = Command::new("git").args(["init", "--quiet"]).current_dir(folder.path()).status();
    assert!(status.expect("git runs").success());
    folder
}
