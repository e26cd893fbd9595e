//! Why a request failed and what it needs, as lines for people and as rows for a program.

use serde::Serialize;

use crate::catalogue::{Accepted, KnownGroup, Scope};
use crate::doctor::explain::Cause;
use crate::profile::Section;

/// Why a request failed, and what it needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct ExplanationRow {
    /// Where it stands in the log.
    pub(in crate::cli) line: Option<usize>,
    /// Cloudflare's codes.
    pub(in crate::cli) codes: Vec<i64>,
    /// The request's method.
    pub(in crate::cli) method: Option<String>,
    /// The request's path, a Terraform address, or the key of a permission.
    pub(in crate::cli) subject: Option<String>,
    /// Why it fails.
    pub(in crate::cli) causes: Vec<CauseRow>,
    /// The permissions that it takes: one is enough, and the first is the one to ask for.
    pub(in crate::cli) permissions: Vec<AcceptedRow>,
    /// Whether the phase of the rules says which of them is enough.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::cli) by_phase: bool,
    /// The documented path from whose permissions these are inferred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) inferred_from: Option<&'static str>,
}

/// Why something fails.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct CauseRow {
    /// What the message says in this case; empty where the code is enough.
    pub(in crate::cli) words: &'static str,
    /// What the path has in this case; empty where it is the same everywhere.
    pub(in crate::cli) place: &'static str,
    /// Why.
    pub(in crate::cli) message: &'static str,
    /// What to do; nothing where the permissions that are shown as well say it.
    pub(in crate::cli) hint: Option<&'static str>,
}

/// A permission, as a profile asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct AcceptedRow {
    /// The section of the profile; `None` where profiles have none for it.
    pub(in crate::cli) section: Option<&'static str>,
    /// The line in it.
    pub(in crate::cli) entry: String,
    /// The API's name of the group.
    pub(in crate::cli) name: String,
    /// Its id, where it is known.
    pub(in crate::cli) id: Option<String>,
}

/// How many permissions are shown to people; a program gets all.
const SHOWN: usize = 5;

impl ExplanationRow {
    /// Says which permissions are enough.
    pub(in crate::cli) fn set_accepted(&mut self, accepted: &Accepted<'_>) {
        self.by_phase = accepted.is_by_phase;
        self.inferred_from = accepted.inferred_from;
        self.permissions = accepted.known().map(accepted_row).collect();
    }

    /// Says why; the permissions are there by now.
    pub(in crate::cli) fn set_causes(&mut self, causes: impl IntoIterator<Item = &'static Cause>) {
        let has_permissions = !self.permissions.is_empty();
        let row = |cause: &'static Cause| CauseRow {
            words: cause.words,
            place: cause.place,
            message: cause.cause,
            hint: if has_permissions { cause.next_beside_permissions() } else { Some(cause.next) },
        };
        self.causes = causes.into_iter().map(row).collect();
    }
}

/// What a program reads of a permission that is enough.
pub(in crate::cli) fn accepted_row(group: &KnownGroup) -> AcceptedRow {
    AcceptedRow {
        section: group.scopes.first().and_then(Scope::section).map(Section::key),
        entry: group.line(),
        name: group.name.clone(),
        id: group.id.clone(),
    }
}

/// An explanation for people.
pub(in crate::cli) fn text(row: &ExplanationRow) -> String {
    let mut lines = Vec::new();
    let codes: Vec<String> = row.codes.iter().map(ToString::to_string).collect();
    let request =
        [row.method.clone(), row.subject.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let place = row.line.map(|line| format!("line {line}:"));
    let code = (!codes.is_empty()).then(|| format!("code {}", codes.join(", ")));
    let at = (!request.is_empty()).then_some(request);
    lines.push([place, code, at].into_iter().flatten().collect::<Vec<_>>().join(" "));
    for cause in &row.causes {
        let mut when = Vec::new();
        if !cause.words.is_empty() {
            when.push(format!("\"{}\"", cause.words));
        }
        if !cause.place.is_empty() {
            when.push(format!("at {}", cause.place));
        }
        if !when.is_empty() {
            lines.push(format!("  {}", when.join(" ")));
        }
        lines.push(format!("    cause: {}", cause.message));
        lines.extend(cause.hint.map(|hint| format!("    help:  {hint}")));
    }
    if !row.permissions.is_empty() {
        let which = if row.by_phase { "by the phase of the rules" } else { "the one to ask for first" };
        let inferred = row.inferred_from.map(|path| format!(", as inferred from {path}"));
        lines.push(format!("  takes one of these permissions, {which}{}:", inferred.unwrap_or_default()));
        // Which phase is meant nobody else knows, so that none of them may be left out.
        let shown = if row.by_phase { row.permissions.len() } else { SHOWN };
        for permission in row.permissions.iter().take(shown) {
            let section = permission.section.unwrap_or("(no section)");
            lines.push(format!("    {section}: {}", permission.entry));
        }
        if row.permissions.len() > shown {
            lines.push(format!("    and {} more (see --json)", row.permissions.len() - shown));
        }
    }
    lines.join("\n") + "\n"
}
