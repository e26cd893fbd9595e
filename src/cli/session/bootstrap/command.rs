//! The bootstrap from a command, such as a password manager's: run through the shell, within a time limit.
//!
//! What it prints is the secret. Where it fails, what it said is shown with all of that, and all that looks like a
//! token, behind stars.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::cli::failure::code::Code;
use crate::cli::failure::problem::Problem;
use crate::secret::masked;
use crate::text::one_line;
use crate::world::{BOOTSTRAP_VARIABLES, Child, ProcessGroup, World};

/// How long a command may take; a person may have to touch a key or type a password.
const LIMIT: Duration = Duration::from_secs(60);

/// The shortest word of a command's output that is a secret rather than a part of other words.
const SHORTEST_PART: usize = 4;

/// Runs a command through the shell, since it is written like one: `op read "op://vault/my item"`.
pub(in crate::cli) fn from_command(world: &dyn World, command: &str) -> Result<String, Problem> {
    within(world, command, LIMIT)
}

fn within(world: &dyn World, command: &str, limit: Duration) -> Result<String, Problem> {
    let argv = ["sh".to_owned(), "-c".to_owned(), command.to_owned()];
    let child = Child {
        hidden: &BOOTSTRAP_VARIABLES,
        time_limit: Some(limit),
        // It may ask at the terminal.
        group: ProcessGroup::Shared,
        ..Child::new(&argv, world.folder())
    };
    let failed = |reason: String, hint: &str| Problem::new(Code::BootstrapCommand, reason, hint);
    let by_hand = "run the command by hand to see what is wrong";
    let finished = world
        .run(&child)
        .map_err(|error| failed(format!("the bootstrap command did not start: {error}"), by_hand))?;
    if finished.timed_out {
        let reason = format!("the bootstrap command did not end within {} s and was killed", limit.as_secs());
        return Err(failed(
            reason,
            "it must not wait for anything: unlock the store first, then run it by hand",
        ));
    }
    if finished.code != Some(0) {
        let how = finished
            .code
            .map_or_else(|| "was killed".to_owned(), |code| format!("failed with exit code {code}"));
        let said = said(&finished.errors, &finished.output);
        let said = if said.is_empty() { said } else { format!(": {said}") };
        return Err(failed(format!("the bootstrap command {how}{said}"), by_hand));
    }
    match std::str::from_utf8(&finished.output) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(failed("the bootstrap command printed no text".to_owned(), by_hand)),
    }
}

/// What a command said, on one line, without what it printed and without anything that looks like a token.
fn said(errors: &[u8], output: &[u8]) -> String {
    let printed = Zeroizing::new(String::from_utf8_lossy(output).into_owned());
    let mut secrets: Vec<&str> = printed
        .lines()
        .chain(printed.split_whitespace())
        .map(str::trim)
        .filter(|part| part.chars().count() >= SHORTEST_PART)
        .collect();
    // The longest first: a part of it would leave the rest to be seen.
    secrets.sort_by_key(|part| std::cmp::Reverse(part.len()));
    let said = String::from_utf8_lossy(errors);
    let said = secrets.iter().fold(said.into_owned(), |said, part| said.replace(part, "****"));
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    one_line(&without_keys(&masked(&lines.join("; "))))
}

/// Puts stars over long hexadecimal words: the global key has no other form.
fn without_keys(text: &str) -> String {
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    let shown = words.map(|word| {
        let digits = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let is_key = digits.len() >= 37 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_key { word.replace(digits, "****") } else { word.to_owned() }
    });
    shown.collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where it fails")]
mod tests {
    use super::*;
    use crate::world::Machine;

    #[test]
    fn what_a_command_printed_and_what_looks_like_a_token_is_behind_stars() {
        let token = "cfut_EMULATORfakefakefakefakefakefakefakefake12";
        for (errors, output, shown) in [
            ("locked\n", "", "locked"),
            ("no item\n\n  in the vault \n", "", "no item; in the vault"),
            ("wrote hunter2 to the log", "hunter2\n", "wrote **** to the log"),
            ("user=a pass=first-part", "first-part second-part\n", "user=a pass=****"),
            ("first-part second-part", "first-part second-part\n", "****"),
            ("a b c", "a\n", "a b c"),
            ("key 0123456789abcdef0123456789abcdef01234.", "", "key ****."),
        ] {
            assert_eq!(said(errors.as_bytes(), output.as_bytes()), shown);
        }
        let shown = said(format!("debug: {token}").as_bytes(), b"");
        assert!(shown.starts_with("debug: ***") && !shown.contains("EMULATOR"), "{shown}");
    }

    #[test]
    fn a_command_that_does_not_end_is_killed_with_all_its_children() {
        let world = Machine::new().unwrap();
        for (rest, ends) in [("sleep 2", false), ("echo hello", true)] {
            let folder = tempfile::tempdir().unwrap();
            let late = folder.path().join("late");
            let command = format!("(sleep 2; touch {}) & {rest}", late.display());
            let outcome = within(&world, &command, Duration::from_millis(50));
            assert!(world.look(&late).unwrap().is_none(), "a child of it lived on");
            let problem = outcome.err();
            assert!(ends || problem.is_some());
            if let Some(problem) = problem {
                assert_eq!(problem.code, Code::BootstrapCommand);
                assert!(problem.message.contains("did not end within"), "{}", problem.message);
            }
        }
    }
}
