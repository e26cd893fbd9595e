//! Checks of a token and of cfmint itself, as lines for people and as rows for a program.
//!
//! What is well comes first and what must be done last, so that a screen ends with the cause and what to do about it. On a
//! terminal lines are wrapped between words; elsewhere each check is one line, and each piece of advice another.

use serde::Serialize;

use super::table::words;
use crate::cli::failure::hint::{Hint, Hints};
use crate::cli::failure::invocation::Invocation;
use crate::cli::failure::problem::Problem;
use crate::doctor::{CheckCode, CheckStatus};
use crate::text::one_line;

/// Something that `doctor` checked.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct CheckRow {
    /// A stable code.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(in crate::cli) code: CheckCode,
    /// How it ended: `ok`, `unknown`, `unneeded`, `missing`, `failed`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(in crate::cli) status: CheckStatus,
    /// The API's name of the permission group that it is about.
    pub(in crate::cli) permission: Option<String>,
    /// What was found, one line.
    pub(in crate::cli) message: String,
    /// What to do about it; may be empty.
    pub(in crate::cli) hint: String,
    /// The first command in the hint.
    pub(in crate::cli) command: Option<String>,
    /// The section of a profile.
    pub(in crate::cli) section: Option<&'static str>,
    /// What the permission holds on.
    pub(in crate::cli) resource: Option<String>,
    /// The line of a profile that asks for it.
    pub(in crate::cli) line: Option<String>,
    /// The place in the dashboard's form.
    pub(in crate::cli) dashboard: Option<String>,
    /// The id of the permission group.
    pub(in crate::cli) id: Option<String>,
    /// The page of the endpoint that refused.
    pub(in crate::cli) documentation: Option<String>,
}

/// Something that was checked.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Check {
    pub(in crate::cli) code: CheckCode,
    pub(in crate::cli) status: CheckStatus,
    /// What was found, one line.
    pub(in crate::cli) message: String,
    /// What to do about it.
    pub(in crate::cli) hints: Vec<Hint>,
    /// The permission that it is about.
    pub(in crate::cli) permission: Option<CheckedPermission>,
    /// The page of the endpoint that refused, as the refusal names it; it lists the permissions that are accepted.
    pub(in crate::cli) documentation: Option<String>,
}

/// A permission on a resource, in all the ways in which somebody may look for it.
#[derive(Debug, Clone)]
pub(in crate::cli) struct CheckedPermission {
    /// The section of a profile.
    pub(in crate::cli) section: &'static str,
    /// The line of a profile in it: `Workers Scripts: edit`.
    pub(in crate::cli) line: String,
    /// The API's name of the group.
    pub(in crate::cli) name: String,
    /// Its id.
    pub(in crate::cli) id: String,
    /// The place in the dashboard's form.
    pub(in crate::cli) dashboard: String,
    /// What it holds on.
    pub(in crate::cli) resource: String,
}

impl Check {
    /// A check that ended so.
    pub(in crate::cli) fn new(
        code: CheckCode,
        status: CheckStatus,
        message: impl Into<String>,
        hints: impl Into<Hints>,
    ) -> Self {
        Self {
            code,
            status,
            message: message.into(),
            hints: hints.into().0,
            permission: None,
            documentation: None,
        }
    }

    /// A check with nothing to do about it.
    pub(in crate::cli) fn ok(code: CheckCode, message: impl Into<String>) -> Self {
        Self::new(code, CheckStatus::Ok, message, Vec::new())
    }

    /// A check that found what must be changed.
    pub(in crate::cli) fn failed(
        code: CheckCode,
        message: impl Into<String>,
        hints: impl Into<Hints>,
    ) -> Self {
        Self::new(code, CheckStatus::Failed, message, hints)
    }

    /// A check that cannot tell.
    pub(in crate::cli) fn unknown(
        code: CheckCode,
        message: impl Into<String>,
        hints: impl Into<Hints>,
    ) -> Self {
        Self::new(code, CheckStatus::Unknown, message, hints)
    }

    /// A problem that another command would stop at.
    pub(in crate::cli) fn of_problem(code: CheckCode, problem: Problem) -> Self {
        Self::failed(code, problem.message, problem.hints)
    }

    /// What a program reads of it.
    pub(in crate::cli) fn row(&self, invocation: &Invocation) -> CheckRow {
        let permission = self.permission.clone();
        let part = |of: fn(CheckedPermission) -> String| permission.clone().map(of);
        CheckRow {
            code: self.code,
            status: self.status,
            permission: part(|permission| permission.name),
            message: self.message.clone(),
            hint: self.hints.iter().map(|hint| hint.line(invocation)).collect::<Vec<_>>().join("\n"),
            command: self.hints.iter().find_map(|hint| hint.command(invocation)),
            section: permission.as_ref().map(|permission| permission.section),
            resource: part(|permission| permission.resource),
            line: part(|permission| permission.line),
            dashboard: part(|permission| permission.dashboard),
            id: part(|permission| permission.id),
            documentation: self.documentation.clone(),
        }
    }
}

/// How wide the column of the status is.
const LEAD: usize = 10;

/// The checks below a title, and a conclusion at the end.
pub(in crate::cli) fn text(
    title: &str,
    checks: &[Check],
    conclusion: &[String],
    invocation: &Invocation,
    width: Option<u16>,
) -> String {
    let mut sorted: Vec<&Check> = checks.iter().collect();
    sorted.sort_by_key(|check| check.status);
    let mut text = format!("{}\n\n", one_line(title));
    for check in sorted {
        put(&mut text, &format!("{:<LEAD$}", check.status.word()), &check.message, width);
        for (index, hint) in check.hints.iter().enumerate() {
            let lead = if index == 0 { "help: " } else { "      " };
            put(&mut text, &format!("{:LEAD$}{lead}", ""), &hint.line(invocation), width);
        }
    }
    text.push('\n');
    for line in conclusion {
        put(&mut text, "", line, width);
    }
    text
}

/// Adds a text behind its lead; on a terminal in as many lines as it takes, elsewhere in one.
fn put(text: &mut String, lead: &str, message: &str, width: Option<u16>) {
    let message = one_line(message);
    let room = width.map_or(usize::MAX, |width| usize::from(width).saturating_sub(lead.len()));
    for (index, line) in words(&message, room).iter().enumerate() {
        let lead = if index == 0 { lead } else { &" ".repeat(lead.len()) };
        text.extend([lead, line, "\n"]);
    }
}

/// How the checks ended together, as the last line.
pub(in crate::cli) fn conclusion(checks: &[Check]) -> String {
    let count = |status| checks.iter().filter(|check| check.status == status).count();
    let parts = [CheckStatus::Failed, CheckStatus::Missing, CheckStatus::Unneeded, CheckStatus::Unknown];
    let parts: Vec<String> = parts
        .into_iter()
        .map(|status| (count(status), status.word()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if parts.is_empty() { "All is well.".to_owned() } else { format!("{}.", parts.join(", ")) }
}
